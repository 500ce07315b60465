"""The provider protocol on gRPC, where the SDK's servicer leaves something out.

Added here: `Handshake` and `Attach`, which the engine calls on a provider it did not start; the
caller's connection and the old inputs for the provider; one clear message for a failure instead of
a traceback; the partial state of a resource that was created but failed afterwards.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import DiffRequest
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2, status_pb2

from emulator.providers.connections import CURRENT_CALL, Call
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.values import wire

if TYPE_CHECKING:
    from emulator.providers.provider import ResourceProvider

log = logging.getLogger(__name__)


class Servicer(ProviderServicer):
    """Serves one provider to any number of connections."""

    def __init__(self, version: str, provider: ResourceProvider) -> None:
        super().__init__([], version, provider, engine_address="")
        self._name = provider.package
        self._connections = provider.connections

    async def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Agree on secrets; nothing else that can be agreed on is used."""
        return proto.ProviderHandshakeResponse(accept_secrets=True)

    async def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Accept the engine; nothing is asked of it, so its address is not kept."""
        return empty_pb2.Empty()

    async def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("CheckConfig", request, context)

    async def Configure(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Configure", request, context)

    async def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Whether the configuration changed; the SDK answers with a bool the engine misreads."""
        response = await self._provider.diff_config(
            DiffRequest(
                request.urn,
                request.id,
                PropertyValue.unmarshal_map(request.olds),
                PropertyValue.unmarshal_map(request.news),
                list(request.ignoreChanges),
            )
        )
        some, none = proto.DiffResponse.DIFF_SOME, proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=some if response.changes else none, diffs=response.diffs)

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Check", request, context)

    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Diff", request, context)

    async def Create(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Create", request, context)

    async def Read(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Read", request, context)

    async def Update(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Update", request, context)

    async def Delete(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Delete", request, context)

    async def Invoke(self, request: Any, context: Any) -> Any:  # noqa: D102, N802
        return await self._answer("Invoke", request, context)

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Let what waits for AWS give up; what was asked of AWS goes on there."""
        self._connections.cancel(context.peer())
        return empty_pb2.Empty()

    async def _answer(
        self,
        method: str,
        request: Any,
        context: Any,
    ) -> Any:
        old_inputs = getattr(request, "old_inputs", None)
        call = Call(
            context.peer(),
            PropertyValue.unmarshal_map(old_inputs) if old_inputs is not None else {},
            getattr(request, "timeout", 0.0),
        )
        CURRENT_CALL.set(call)
        self._connections.began(call)

        def end(_context: object) -> None:
            """Called when the engine that asked is gone, too."""
            self._connections.ended(call)

        context.add_done_callback(end)
        try:
            return await getattr(super(), method)(request, context)
        except Exception as wrapped:  # noqa: BLE001 - the boundary: every failure becomes a message
            # The SDK wraps a failure in another that has the traceback in its text.
            await self._fail(context, wrapped.__context__ or wrapped)

    async def _fail(self, context: Any, error: BaseException) -> NoReturn:
        metadata = ()
        if isinstance(error, InitializationFailedError):
            metadata = (("grpc-status-details-bin", _partial_state(error)),)
        elif not isinstance(error, ProviderError):
            log.error("unexpected failure of the %s provider", self._name, exc_info=error)
            error = ProviderError(
                f"the offline AWS's {self._name} provider failed unexpectedly: "
                f"{type(error).__name__}: {error} (its log has the details)"
            )
        await context.abort(grpc.StatusCode.UNKNOWN, str(error), metadata)
        raise error


def _partial_state(error: InitializationFailedError) -> bytes:
    """The detail by which the engine knows that the resource exists nevertheless."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=PropertyValue.marshal_map(wire(error.outputs, error.secrets)),
        reasons=[str(error)],
        inputs=PropertyValue.marshal_map(wire(error.inputs, error.secrets)),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    container: Any = status.details.add()
    container.Pack(detail)
    return status.SerializeToString()
