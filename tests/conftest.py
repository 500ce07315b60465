"""What all tests share: their order, few examples for properties, one offline AWS for a worker."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from commands.workspace import Stack
from emulator.instance import Instance
from tests.emulator.aws.cloud import random_account
from tests.integration.begun_stacks import copying
from tests.integration.deployment import Deploy, Deployment, make_checkout

# Where containers forbid to keep bytecode, each of the many processes that the tests start would
# compile the SDKs that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The CLI lives for a second: what it would collect of its memory costs a third of a small command.
os.environ.setdefault("GOGC", "400")

settings.register_profile(
    "suite",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", parent=settings.get_profile("suite"), max_examples=2000)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, the quickstart before all, or one worker ends long after the other.

    What counts all objects of the process follows: after other tests there are many times as many.
    """
    items.sort(
        key=lambda item: (
            "test_quickstart" not in item.nodeid,
            "emulator/test_memory.py" not in item.nodeid,
            item.get_closest_marker("engine") is None,
        )
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported by its end stays to the last: garbage is looked for among the rest only.

    The SDKs and the tests are some million objects. Without them a full collection is cheap, and
    soon follows the one before, so that clients which a test leaves behind close their connections.
    The little garbage among them stays too: to look for it takes longer than all it is worth.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Look for garbage among what is young; pytest's five looks at all take seconds of a worker.

    They are for exceptions of finalizers. What has grown old was looked at while the tests ran.
    """
    gc.collect(1)
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of the tests' own: the CLI keeps a log of each command, and looks through them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_HOME", str(tmp_path_factory.mktemp("pulumi-home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def begun_stacks() -> Iterator[None]:
    """Of the stacks that the tests begin in their own process the CLI makes the first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stack, "initialise", copying(Stack.initialise))
        yield


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The offline AWS as a process of its own; tests that share it take accounts of their own."""
    offline_aws = Instance(tmp_path_factory.mktemp("emulator"))
    with offline_aws.running():
        yield offline_aws


@pytest.fixture
def deployment(tmp_path: Path, instance: Instance) -> Deploy:
    """Makes a checkout of its own: the real program, its config, an account nobody else has."""
    checkout = make_checkout(tmp_path / "checkout")

    def deploy(stack: str, config: dict[str, Any]) -> Deployment:
        made = Deployment(checkout, stack, instance, random_account())
        made.configure(config)
        return made

    return deploy
