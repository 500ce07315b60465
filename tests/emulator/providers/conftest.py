from collections.abc import Iterator

import pytest

from emulator.providers import clients as provider_clients
from emulator.providers.aws import patience
from emulator.providers.aws.provider import AwsProvider
from emulator.providers.aws_native.provider import AwsNativeProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.server import ProviderServers
from tests.emulator.aws.cloud import Cloud, random_account
from tests.emulator.aws.serving import serving
from tests.emulator.providers.engine_calls import EngineCalls
from tests.judgement.response_judge import JudgedSession

REGION = "us-east-1"


@pytest.fixture(scope="session", autouse=True)
def judged() -> Iterator[None]:
    """All that the providers are answered here is judged by the services' own models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider_clients, "Session", JudgedSession)
        yield


@pytest.fixture(scope="session", autouse=True)
def hurried() -> Iterator[None]:
    """What is waited for is looked at again soon: AWS takes no time here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "FIRST_PAUSE", 0.005)
        yield


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    with serving(ProviderServers, pause=0.005) as url:
        yield url


@pytest.fixture(scope="session")
def servers(aws_url: str) -> Iterator[ProviderServers]:
    servers = ProviderServers(aws_url)
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def clients(aws_url: str) -> Clients:
    """One account for all tests that do not mind each other's resources."""
    return Clients(aws_url, random_account())


@pytest.fixture(scope="session")
def aws_provider(clients: Clients) -> AwsProvider:
    return AwsProvider(clients)


@pytest.fixture
def aws(aws_provider: AwsProvider) -> Iterator[EngineCalls]:
    calls = EngineCalls(aws_provider, Configuration(REGION, aws_provider.clients.account))
    yield calls
    calls.delete_networks()


@pytest.fixture(scope="session")
def cloud(clients: Clients) -> Cloud:
    """The same account, prepared so that a runtime can be created in it."""
    return Cloud(clients.endpoint_url, clients.account).prepared()


@pytest.fixture(scope="session")
def native_provider(clients: Clients) -> AwsNativeProvider:
    return AwsNativeProvider(clients)


@pytest.fixture
def native(native_provider: AwsNativeProvider) -> EngineCalls:
    return EngineCalls(native_provider, Configuration(REGION, native_provider.clients.account))
