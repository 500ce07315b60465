from collections.abc import Iterator

import pytest

from tests.emulator.aws.cloud import Cloud, random_account
from tests.emulator.aws.serving import serving


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
    with serving(FakeProviders, pause=0.01) as url:
        yield url


@pytest.fixture
def cloud(aws_url: str) -> Cloud:
    """An account of its own, empty."""
    return Cloud(aws_url, random_account())


@pytest.fixture
def ready(cloud: Cloud) -> Cloud:
    """An account in which a runtime can be created."""
    return cloud.prepared()
