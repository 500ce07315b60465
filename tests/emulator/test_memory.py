"""What is deleted leaves the emulator's memory: what it holds does not grow with deployments."""

import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from emulator.providers.server import ProviderServers
from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.serving import serving
from tests.emulator.deployment import Deployment
from tests.program.program_run import run_program
from tests.stack_files import committed, with_images

_ACCOUNT = "111111111111"
_TAG = "1.0.0"
_ROUNDS = 2
_DEPLOYMENTS = 2  # in each round
# By class, how many of a deployment's objects make a leak. A record that is kept holds several
# containers; other threads of the process make one now and then.
_COUNTED = {"emulator.": 1, "moto.": 1, "builtins.dict": 2, "builtins.list": 2}
# Kept after a deployment, and bounded elsewhere: resource requests, and the configurations of
# connections. See `requests.KEPT` and `Connections.LIMIT`.
_BOUNDED = {
    "emulator.aws.caller.Caller",
    "emulator.aws.cloudcontrol.requests.Request",
    "emulator.providers.configuration.Configuration",
}


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    with serving(ProviderServers) as url:
        yield url


def _objects() -> "Counter[str]":
    """How many objects of the emulator, of moto, and plain containers there are, by class."""
    gc.collect()
    found: Counter[str] = Counter()
    for kind, number in Counter(map(type, gc.get_objects())).items():
        found[f"{kind.__module__}.{kind.__qualname__}"] += number
    return Counter({name: n for name, n in found.items() if name.startswith(tuple(_COUNTED))})


def _leak(name: str) -> int:
    """From how many more objects on, after a round, a class counts as grown."""
    return next(n for kind, n in _COUNTED.items() if name.startswith(kind)) * _DEPLOYMENTS


def test_deployments_leave_nothing_behind(aws_url: str) -> None:
    resources = run_program("dev", with_images(committed("dev"), _TAG)).resources
    servers, cloud = ProviderServers(aws_url), Cloud(aws_url, _ACCOUNT)
    ports = servers.open(_ACCOUNT)

    def push(name: str) -> None:
        cloud.push(repository=name, tag=_TAG)

    def deploy(*, destroy: bool) -> None:
        with Deployment(ports, _ACCOUNT, _ACCOUNT, push) as deployment:
            deployment.up(resources)
            if destroy:
                deployment.destroy()

    try:
        deploy(destroy=True)
        rounds: list[Counter[str]] = []
        for _ in range(_ROUNDS):
            before = _objects()
            for _ in range(_DEPLOYMENTS):
                deploy(destroy=True)
            rounds.append(_objects() - before)
        grown = {name for name in rounds[0] if all(r[name] >= _leak(name) for r in rounds)}
        assert grown - _BOUNDED == set(), "one or more of each deployment stay"
        before = _objects()
        deploy(destroy=False)
        assert _objects() - before, "what is not deleted is there: the count sees it"
    finally:
        servers.close()
