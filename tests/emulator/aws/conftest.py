import secrets
from collections.abc import Iterator

import pytest

from emulator.aws.server import AwsServer
from tests.emulator.aws.cloud import Cloud


class FakeProviders:
    """Stands in for the Pulumi side, which has its own tests."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url

    def open(self, account: str) -> dict[str, int]:
        return {"aws": 1000 + int(account[-2:]), "aws-native": 2000 + int(account[-2:])}

    def close(self) -> None:
        """Nothing was opened."""


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    server = AwsServer("tests", FakeProviders, pause=0.01)
    server.start()
    yield server.url
    server.close()


@pytest.fixture
def cloud(aws_url: str) -> Cloud:
    """An account of its own, empty."""
    return Cloud(aws_url, f"{secrets.randbelow(10**12):012}")


@pytest.fixture
def ready(cloud: Cloud) -> Cloud:
    """An account in which a runtime can be created."""
    return cloud.prepared()
