"""Serves the pack to the Pulumi engine, over the engine's protocol for policy packs."""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import analyzer_pb2 as messages

from agentcore_policies.pack import Analyzer
from agentcore_policies.pack_config import PackConfigError
from agentcore_policies.rule import Rule

# The engine's own limit for a message: the resources of a stack come in one.
_MESSAGE_BYTES: Final = 400 * 1024 * 1024
_PARENT_POLL_SECONDS: Final = 0.25

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


def serve(rules: Sequence[Rule], parent: int | None = None) -> None:
    """Answer the engine until it, or this process, ends; the first line of output is the port.

    The engine is the process of the id ``parent``, which says so when it was read earlier: an
    engine that is killed meanwhile is nobody's parent by now. Without it, whose child this is now.

    It does not return. To be interrupted ends the process at once: the engine does that when it
    needs the pack no more, and nothing here is left to be done.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Nothing of what is loaded by now is garbage, and judging a stack makes next to none: looking
    # for it costs a fifth of what judging costs.
    gc.freeze()
    gc.disable()
    asyncio.run(_serve(Analyzer(rules), os.getppid() if parent is None else parent))


async def _serve(analyzer: Analyzer, parent: int) -> None:
    # The engine waits for each answer before it asks on: threads would only cost their changes.
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)])
    calls: dict[str, _Handler] = {
        "GetAnalyzerInfo": _call(analyzer.GetAnalyzerInfo, empty_pb2.Empty),
        "GetPluginInfo": _call(analyzer.GetPluginInfo, empty_pb2.Empty),
        "Configure": _call(analyzer.Configure, messages.ConfigureAnalyzerRequest),
        "ConfigureStack": _call(analyzer.ConfigureStack, messages.AnalyzerStackConfigureRequest),
        "Remediate": grpc.unary_unary_rpc_method_handler(_remediate),
        "Analyze": _call(analyzer.Analyze, messages.AnalyzeRequest),
        "AnalyzeStack": _call(analyzer.AnalyzeStack, messages.AnalyzeStackRequest),
    }
    service = grpc.method_handlers_generic_handler("pulumirpc.Analyzer", calls)
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    # Nobody ends a process whose CLI was killed, and nothing tells it.
    while os.getppid() == parent:  # noqa: ASYNC110
        await asyncio.sleep(_PARENT_POLL_SECONDS)
    # gRPC's own end may wait for its threads, and nobody is left to be answered.
    os._exit(0)


def _call(answer: Callable[[Any, Any], Message], request_type: type[Message]) -> _Handler:
    async def call(request: Message, context: Any) -> bytes:
        try:
            return answer(request, context).SerializeToString()
        except PackConfigError as error:
            return await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    return grpc.unary_unary_rpc_method_handler(call, request_deserializer=request_type.FromString)


async def _remediate(request: bytes, context: Any) -> bytes:
    """Change nothing: a rule judges what the program says, which is not even read here."""
    del request, context
    return b""
