import secrets
from collections.abc import Iterator

import pytest

from emulator.aws.server import AwsServer
from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.conftest import FakeProviders


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """An account of the offline AWS in which a runtime can be created."""
    server = AwsServer("reachability", FakeProviders, pause=0)
    server.start()
    yield Cloud(server.url, f"{secrets.randbelow(10**12):012}").prepared()
    server.close()
