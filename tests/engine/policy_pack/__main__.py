"""A policy pack of one rule, served with nothing but Pulumi's SDK."""
# ruff: noqa: INP001, N802 - a folder the CLI runs, and methods of a gRPC service

import os
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Refuses every stack, telling what it knows of it."""

    def GetAnalyzerInfo(
        self,
        request: empty_pb2.Empty,
        context: grpc.ServicerContext,
    ) -> messages.AnalyzerInfo:
        del request, context
        rule = messages.PolicyInfo(name="known", enforcementLevel=messages.MANDATORY)
        return messages.AnalyzerInfo(name="pack", version="1.2.3", policies=[rule])

    def GetPluginInfo(
        self,
        request: empty_pb2.Empty,
        context: grpc.ServicerContext,
    ) -> plugin_pb2.PluginInfo:
        del request, context
        return plugin_pb2.PluginInfo(version="1.2.3")

    def Configure(
        self,
        request: messages.ConfigureAnalyzerRequest,
        context: grpc.ServicerContext,
    ) -> empty_pb2.Empty:
        del request, context
        return empty_pb2.Empty()

    def Analyze(
        self,
        request: messages.AnalyzeRequest,
        context: grpc.ServicerContext,
    ) -> messages.AnalyzeResponse:
        del context
        known = [os.environ[name] for name in ("PULUMI_STACK", "PULUMI_CONFIG", "PULUMI_DRY_RUN")]
        finding = messages.AnalyzeDiagnostic(
            policyName="known",
            policyPackName="pack",
            policyPackVersion="1.2.3",
            message=f"judged {' '.join(known)} in {os.getcwd()}",  # noqa: PTH109
            enforcementLevel=messages.MANDATORY,
            urn=request.urn,
        )
        return messages.AnalyzeResponse(diagnostics=[finding])

    def AnalyzeStack(
        self,
        request: messages.AnalyzeStackRequest,
        context: grpc.ServicerContext,
    ) -> messages.AnalyzeResponse:
        del request, context
        return messages.AnalyzeResponse()

    def Remediate(
        self,
        request: messages.AnalyzeRequest,
        context: grpc.ServicerContext,
    ) -> messages.RemediateResponse:
        del request, context
        return messages.RemediateResponse()


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
print("said by the pack", file=sys.stderr, flush=True)
threading.Event().wait()
