"""What the engine does with a provider, in the order it does it, without an engine or gRPC."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.providers.connections import CURRENT_CALL, Call
from emulator.providers.errors import ProviderError
from emulator.providers.provider import Resource, ResourceProvider, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi.provider.experimental.provider import DiffResponse

    from emulator.providers.configuration import Configuration
    from emulator.providers.sdk_types import Failure
    from emulator.providers.values import Object

COUNTER = itertools.count(1)
ROUNDS = 50
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:"


@dataclass
class Managed:
    """A resource in the engine's state."""

    resource: Resource
    resource_id: str
    inputs: Object
    outputs: Object


@dataclass
class EngineCalls:
    """Drives one provider over one connection, configured once."""

    provider: ResourceProvider
    configuration: Configuration
    connection: str = field(default_factory=lambda: f"connection {next(COUNTER)}")
    created: list[Managed] = field(default_factory=list[Managed])
    timeout: float = 2.0

    def __post_init__(self) -> None:
        self.connect()
        self.provider.connections.configure(self.configuration)

    def connect(self) -> None:
        CURRENT_CALL.set(Call(self.connection, timeout=self.timeout))

    def check(
        self, token: str, name: str, news: Object, olds: Object | None = None, seed: bytes = b""
    ) -> tuple[Object, Sequence[Failure]]:
        self.connect()
        return self.provider.check_resource(Resource(token, name), olds or {}, news, seed)

    def reasons(self, token: str, news: Object) -> str:
        """Everything the check says, as one text."""
        return "\n".join(failure.reason for failure in self.check(token, "thing", news)[1])

    def checked(self, token: str, name: str, news: Object, olds: Object | None = None) -> Object:
        inputs, failures = self.check(token, name, news, olds)
        assert not failures, [failure.reason for failure in failures]
        return inputs

    def create(self, token: str, news: Object, name: str | None = None) -> Managed:
        name = name or f"thing{next(COUNTER)}"
        inputs = self.checked(token, name, news)
        resource_id, outputs = self.provider.create_resource(Resource(token, name), inputs)
        managed = Managed(Resource(token, name), resource_id, inputs, outputs)
        self.created.append(managed)
        return managed

    def diff(self, managed: Managed, news: Object) -> DiffResponse:
        inputs = self.checked(managed.resource.token, managed.resource.name, news, managed.inputs)
        return self.provider.diff_resource(
            managed.resource, managed.inputs, managed.outputs, inputs
        )

    def update(self, managed: Managed, news: Object) -> Managed:
        inputs = self.checked(managed.resource.token, managed.resource.name, news, managed.inputs)
        outputs = self.provider.update_resource(
            managed.resource, managed.resource_id, managed.inputs, managed.outputs, inputs
        )
        return Managed(managed.resource, managed.resource_id, inputs, outputs)

    def read(self, managed: Managed) -> State | None:
        self.connect()
        return self.provider.read_resource(
            managed.resource, managed.resource_id, managed.inputs, managed.outputs
        )

    def refreshed(self, managed: Managed) -> Managed:
        state = self.read(managed)
        assert state is not None, "it should still be there"
        return Managed(managed.resource, state.resource_id, state.inputs, state.outputs)

    def imported(self, token: str, resource_id: str) -> Managed:
        self.connect()
        resource = Resource(token, "imported")
        state = self.provider.read_resource(resource, resource_id, {}, {})
        assert state is not None, f"{resource_id} should be found"
        return Managed(resource, state.resource_id, state.inputs, state.outputs)

    def delete(self, managed: Managed) -> None:
        self.connect()
        self.provider.delete_resource(managed.resource, managed.resource_id, managed.outputs)

    def delete_networks(self) -> None:
        """Delete what an account has few of, until nothing is in the way of anything."""
        left = [
            managed
            for managed in reversed(self.created)
            if managed.resource.token.startswith(("aws:ec2/", "aws:vpc/"))
        ]
        for _ in range(ROUNDS):
            left = [managed for managed in left if not self._is_deleted_at_once(managed)]
            if not left:
                return
            time.sleep(0.02)
        raise AssertionError(f"{left} cannot be deleted")

    def _is_deleted_at_once(self, managed: Managed) -> bool:
        state = self.read(managed)
        if state is None:
            return True
        CURRENT_CALL.get().cancelled.set()
        try:
            self.provider.delete_resource(managed.resource, state.resource_id, state.outputs)
        except ProviderError:
            # What AWS is about to delete is gone at the next look.
            return self.read(managed) is None
        return True
