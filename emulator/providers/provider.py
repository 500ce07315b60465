"""What both providers share: the protocol's requests as plain values, off the event loop.

A provider implements the plain methods below. They are called in a thread each, so that they may
block and still run in parallel; `CURRENT_CALL` is set in them.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from botocore.exceptions import ClientError, EndpointConnectionError
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    ConfigureResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    InvokeRequest,
    InvokeResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from emulator.providers import configuration
from emulator.providers.connections import CURRENT_CALL, Connections
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.values import Object, Wire, plain, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.providers.clients import Clients
    from emulator.providers.configuration import Configuration
    from emulator.providers.sdk_types import Failure

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Resource:
    """The type token and the logical name of a resource, out of its URN."""

    token: str
    name: str

    @classmethod
    def of(cls, urn: str) -> Resource:
        """Parse `urn:pulumi:stack::project::parent$type::name`; the name may contain `::`."""
        _, _, qualified_type, name = urn.split("::", 3)
        return cls(qualified_type.rpartition("$")[2], name)


@dataclass(frozen=True)
class State:
    """A resource as it is: its id, the inputs that would make it, and all its properties."""

    resource_id: str
    inputs: Object
    outputs: Object


class ResourceProvider(Provider):
    """A provider for one account of the offline AWS.

    Attributes:
        package: The package's name.
        args_class: The SDK's class of provider arguments.
        account_not_allowed: How the real provider refuses an account, with `{account}` in it.
    """

    package: str
    args_class: type
    account_not_allowed: str

    def __init__(self, clients: Clients) -> None:
        super().__init__()
        self.clients = clients
        self.connections = Connections()

    @abstractmethod
    def check_resource(
        self, resource: Resource, olds: Object, news: Object, random_seed: bytes
    ) -> tuple[Object, Sequence[Failure]]:
        """The inputs with all that the real provider fills in, and what is wrong with them."""

    @abstractmethod
    def diff_resource(
        self, resource: Resource, old_inputs: Object, old_outputs: Object, news: Object
    ) -> DiffResponse:
        """How the checked inputs differ from the resource as it was last seen."""

    @abstractmethod
    def create_resource(self, resource: Resource, inputs: Object) -> tuple[str, Object]:
        """Create it; its id and outputs."""

    @abstractmethod
    def preview_resource(self, resource: Resource, inputs: Object, olds: Object | None) -> Object:
        """The outputs as far as they are known before a create, or an update of `olds`."""

    @abstractmethod
    def read_resource(
        self, resource: Resource, resource_id: str, inputs: Object, outputs: Object
    ) -> State | None:
        """The resource as AWS has it, or None when it is gone. Inputs are empty on an import."""

    @abstractmethod
    def update_resource(
        self,
        resource: Resource,
        resource_id: str,
        old_inputs: Object,
        old_outputs: Object,
        news: Object,
    ) -> Object:
        """Change what changed; the outputs afterwards."""

    @abstractmethod
    def delete_resource(self, resource: Resource, resource_id: str, outputs: Object) -> None:
        """Delete it; a resource that is gone already is no error."""

    @abstractmethod
    def call_function(self, token: str, arguments: Object) -> Object:
        """Answer an invoke."""

    def configuration(self) -> Configuration:
        """The configuration of the instance that is calling."""
        return self.connections.current()

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Refuse what the configuration must not hold, all of it at once."""
        failures = configuration.check(self.package, self.args_class, plain(request.new_inputs))
        return CheckResponse(
            inputs=request.new_inputs,
            failures=_without_values(failures),
        )

    async def diff_config(self, request: DiffRequest) -> DiffResponse:
        """A changed configuration updates the provider; its resources find out for themselves."""
        old, new = plain(request.old_state), plain(request.new_inputs)
        changed = [name for name in {*old, *new} if old.get(name) != new.get(name)]
        return DiffResponse(changes=bool(changed), diffs=sorted(changed))

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        """Keep the configuration for the current connection, after checking the account."""
        settings = await self._run(
            configuration.configure,
            self.package,
            self.args_class,
            plain(request.args),
            self.clients,
            self.account_not_allowed,
        )
        self.connections.configure(settings)
        return ConfigureResponse(
            accept_secrets=True,
            supports_preview=True,
            accept_resources=False,
            accept_outputs=False,
        )

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Fill in and check a resource's inputs."""
        inputs, failures = await self._run(
            self.check_resource,
            Resource.of(request.urn),
            plain(request.old_inputs),
            plain(request.new_inputs),
            request.random_seed,
        )
        return CheckResponse(
            inputs=wire(inputs, _marks(request.new_inputs)),
            failures=_without_values(failures),
        )

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare a resource with its new inputs."""
        return await self._run(
            self.diff_resource,
            Resource.of(request.urn),
            plain(CURRENT_CALL.get().old_inputs),
            plain(request.old_state),
            plain(request.new_inputs),
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Create a resource, or say what is known before."""
        resource, inputs = Resource.of(request.urn), plain(request.properties)
        marks = _marks(request.properties)
        if request.preview:
            outputs = await self._run(self.preview_resource, resource, inputs, None)
            return CreateResponse(properties=wire(outputs, marks))
        try:
            resource_id, outputs = await self._run(self.create_resource, resource, inputs)
        except InitializationFailedError as error:
            error.secrets = marks
            raise
        return CreateResponse(resource_id, wire(outputs, marks))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Read a resource, for a refresh or an import."""
        state = await self._run(
            self.read_resource,
            Resource.of(request.urn),
            request.resource_id,
            plain(request.inputs),
            plain(request.properties),
        )
        if state is None:
            return ReadResponse("")
        marks = _marks({**request.properties, **request.inputs})
        return ReadResponse(
            state.resource_id, wire(state.outputs, marks), wire(state.inputs, marks)
        )

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Update a resource, or say what is known before."""
        resource, news = Resource.of(request.urn), plain(request.news)
        marks, olds = _marks(request.news), plain(request.olds)
        if request.preview:
            outputs = await self._run(self.preview_resource, resource, news, olds)
            return UpdateResponse(wire(outputs, marks))
        try:
            outputs = await self._run(
                self.update_resource,
                resource,
                request.resource_id,
                plain(CURRENT_CALL.get().old_inputs),
                olds,
                news,
            )
        except InitializationFailedError as error:
            error.secrets = marks
            raise
        return UpdateResponse(wire(outputs, marks))

    async def delete(self, request: DeleteRequest) -> None:
        """Delete a resource."""
        await self._run(
            self.delete_resource,
            Resource.of(request.urn),
            request.resource_id,
            plain(request.properties),
        )

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Answer an invoke."""
        return InvokeResponse(
            wire(await self._run(self.call_function, request.tok, plain(request.args)))
        )

    async def cancel(self) -> None:
        """Nothing: what is under way at AWS ends by itself, and the engine waits for it."""

    async def _run(self, function: Callable[P, R], *arguments: P.args, **options: P.kwargs) -> R:
        try:
            return await asyncio.to_thread(function, *arguments, **options)
        except EndpointConnectionError as error:
            raise self.clients.unreachable(error) from error
        except ClientError as error:
            raise ProviderError(str(error)) from error


def _without_values(failures: Sequence[Failure]) -> list[CheckFailure]:
    """Failures by their reasons alone, which name the property.

    For one that names it beside the reason, the engine prints the property's value, secret or not.
    """
    return [CheckFailure("", failure.reason) for failure in failures]


def _marks(properties: Wire) -> Wire:
    """Where secrets are; a secret tag is one among all tags too."""
    return {**properties, "tagsAll": properties["tags"]} if "tags" in properties else properties
