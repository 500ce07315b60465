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
    """What the SDK's requests leave out: the connection, and the inputs last recorded."""

    connection: str
    old_inputs: Mapping[str, PropertyValue] = field(default_factory=dict[str, "PropertyValue"])


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
