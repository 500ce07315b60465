"""One offline AWS for all engine tests of a worker; each test its own account, state and config."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.instance import Instance
from tests.integration.deployment import Deployment
from tests.stack_files import CHECKOUT

_LINKED = ("__main__.py", "infra", "contracts", "examples", ".venv")


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    offline_aws = Instance(tmp_path_factory.mktemp("emulator"))
    offline_aws.start()
    yield offline_aws
    offline_aws.stop()


@pytest.fixture
def deployment(tmp_path: Path, instance: Instance) -> Callable[[str, dict[str, Any]], Deployment]:
    """Makes a checkout of its own: the real program, its config, an account nobody else has."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in _LINKED:
        (checkout / name).symlink_to(CHECKOUT / name)
    shutil.copy(CHECKOUT / "Pulumi.yaml", checkout)

    def deploy(stack: str, config: dict[str, Any]) -> Deployment:
        account = f"{random.randrange(10**11, 10**12)}"  # noqa: S311
        made = Deployment(checkout, stack, instance, account)
        made.configure(config)
        return made

    return deploy
