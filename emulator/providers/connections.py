"""Which configuration a call runs under.

One attached server serves every stack and every provider instance of its account, and check, diff
and create do not say which instance they belong to. The engine opens one gRPC connection for each
instance and configures the instance over it, so the connection is what tells them apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.provider.experimental.property_value import PropertyValue

    from emulator.providers.configuration import Configuration


@dataclass(frozen=True)
class Call:
    """What the SDK's requests leave out, or give to some methods only.

    Attributes:
        connection: The one the call came over.
        old_inputs: The inputs last recorded.
        timeout: How long the call may wait, in seconds (customTimeouts); 0: as the provider thinks.
        cancelled: Set when nobody waits for its answer any more.
    """

    connection: str
    old_inputs: Mapping[str, PropertyValue] = field(default_factory=dict[str, "PropertyValue"])
    timeout: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)


CURRENT_CALL: ContextVar[Call] = ContextVar("current_call")


class Connections:
    """The configurations of the latest connections.

    Bounded, because connections come and go with every command and gRPC does not tell when one
    closes; the limit is far above what runs at a time.
    """

    LIMIT = 1024

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._configurations: OrderedDict[str, Configuration] = OrderedDict()
        self._running: list[Call] = []

    def began(self, call: Call) -> None:
        """Remember a call while it runs."""
        with self._lock:
            self._running.append(call)

    def ended(self, call: Call) -> None:
        """Forget it; whatever still waits on its behalf gives up."""
        call.cancelled.set()
        with self._lock:
            self._running = [one for one in self._running if one is not call]

    def cancel(self, connection: str) -> None:
        """Let the calls of a connection give up waiting."""
        with self._lock:
            for call in self._running:
                if call.connection == connection:
                    call.cancelled.set()

    def configure(self, configuration: Configuration) -> None:
        """Keep the configuration for the current connection."""
        with self._lock:
            connection = CURRENT_CALL.get().connection
            self._configurations[connection] = configuration
            self._configurations.move_to_end(connection)
            while len(self._configurations) > self.LIMIT:
                self._configurations.popitem(last=False)

    def current(self) -> Configuration:
        """The configuration of the current connection.

        Raises:
            ProviderError: Nothing was configured over this connection.
        """
        connection = CURRENT_CALL.get().connection
        with self._lock:
            configuration = self._configurations.get(connection)
            if configuration is None:
                raise ProviderError(
                    "this provider instance was never configured over its connection; "
                    "run the command again"
                )
            self._configurations.move_to_end(connection)
            return configuration
