"""The pack as the engine calls it: requests on the wire, without an engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages

from agentcore_policies.pack import Analyzer
from agentcore_policies.rule import Rule

UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
URN = "urn:pulumi:{stack}::project::{type}::{name}"


def secret(value: Any) -> dict[str, Any]:
    """A secret as the engine sends it."""
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": value,
    }


def struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties on the wire."""
    return json_format.ParseDict(dict(props), struct_pb2.Struct())


class Pack:
    """The pack serving some rules for a stack."""

    def __init__(self, *rules: Rule, stack: str = "dev", preview: bool = True) -> None:
        self.analyzer = Analyzer(rules)
        self.stack = stack
        request = messages.AnalyzerStackConfigureRequest(stack=stack, dry_run=preview)
        self.analyzer.ConfigureStack(request, None)

    def info(self) -> messages.AnalyzerInfo:
        return self.analyzer.GetAnalyzerInfo(empty_pb2.Empty(), None)

    def configure(self, **config: Mapping[str, Any]) -> None:
        """Pass config as the engine does: every policy, with the defaults it was told."""
        request = messages.ConfigureAnalyzerRequest()
        for policy in self.info().policies:
            request.policyConfig[policy.name].enforcementLevel = policy.enforcementLevel
            properties = request.policyConfig[policy.name].properties
            for name, schema in json_format.MessageToDict(policy.configSchema.properties).items():
                if "default" in schema:
                    properties.update({name: schema["default"]})
        for key, given in config.items():
            properties = dict(given)
            level = properties.pop("enforcementLevel", None)
            policy = request.policyConfig[key.replace("_", "-")]
            if level is not None:
                policy.enforcementLevel = messages.EnforcementLevel.Value(level.upper())
            policy.properties.update(properties)
        self.analyzer.Configure(request, None)

    def judge(
        self, type_: str, props: Mapping[str, Any], name: str = "one"
    ) -> Sequence[messages.AnalyzeDiagnostic]:
        """What is said of one resource."""
        request = messages.AnalyzeRequest(
            type=type_,
            name=name,
            urn=URN.format(stack=self.stack, type=type_, name=name),
            properties=struct(props),
        )
        return self.analyzer.Analyze(request, None).diagnostics

    def judge_stack(
        self, *resources: messages.AnalyzerResource, left: Sequence[messages.AnalyzerResource] = ()
    ) -> Sequence[messages.AnalyzeDiagnostic]:
        """What is said of all resources together, those that the program makes and what is left."""
        for made in resources:
            request = messages.AnalyzeRequest(type=made.type, name=made.name, urn=made.urn)
            request.properties.CopyFrom(made.properties)
            self.analyzer.Analyze(request, None)
        component = messages.AnalyzerResource(
            type="pulumi:pulumi:Stack",
            name="project-dev",
            urn=URN.format(stack=self.stack, type="pulumi:pulumi:Stack", name="project-dev"),
        )
        stack = messages.AnalyzeStackRequest(resources=[component, *resources, *left])
        return self.analyzer.AnalyzeStack(stack, None).diagnostics

    def resource(
        self, type_: str, props: Mapping[str, Any], name: str = "one"
    ) -> messages.AnalyzerResource:
        """A resource of the stack, with the outputs it has."""
        return messages.AnalyzerResource(
            type=type_,
            name=name,
            urn=URN.format(stack=self.stack, type=type_, name=name),
            properties=struct(props),
            provider=messages.AnalyzerProviderResource(properties=struct({"region": "us-east-1"})),
        )


def levels(diagnostics: Sequence[messages.AnalyzeDiagnostic]) -> list[tuple[str, str]]:
    """Which policy speaks, and how sternly."""
    return [
        (said.policyName, messages.EnforcementLevel.Name(said.enforcementLevel).lower())
        for said in diagnostics
    ]
