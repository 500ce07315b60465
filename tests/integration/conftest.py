"""One offline AWS for all engine tests of a worker; each test its own account, state and config."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.instance import Instance
from tests.integration.deployment import Deployment, make_checkout, random_account


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    offline_aws = Instance(tmp_path_factory.mktemp("emulator"))
    offline_aws.start()
    yield offline_aws
    offline_aws.stop()


@pytest.fixture
def deployment(tmp_path: Path, instance: Instance) -> Callable[[str, dict[str, Any]], Deployment]:
    """Makes a checkout of its own: the real program, its config, an account nobody else has."""
    checkout = make_checkout(tmp_path / "checkout")

    def deploy(stack: str, config: dict[str, Any]) -> Deployment:
        made = Deployment(checkout, stack, instance, random_account())
        made.configure(config)
        return made

    return deploy
