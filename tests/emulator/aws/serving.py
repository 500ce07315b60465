"""An offline AWS in the test's own process."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from emulator.aws.emulator_api import ProviderPorts
from emulator.aws.server import AwsServer


@contextmanager
def serving(make_providers: Callable[[str], ProviderPorts], pause: float = 0) -> Generator[str]:
    """Its URL. A mutation takes no time unless `pause`, in seconds, says how long a step lasts."""
    server = AwsServer("tests", make_providers, pause=pause)
    server.start()
    try:
        yield server.url
    finally:
        server.close()
