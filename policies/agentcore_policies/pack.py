"""The rules as a policy pack, in the messages of the engine's protocol for one.

Not by ``pulumi_policy.PolicyPack``: it passes rules the plain values of secrets, gives all findings
of a policy one level, and reads a resource anew for each policy. :mod:`agentcore_policies.sdk` is
for packs that are served by it.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import plugin_pb2

from agentcore_policies.judgement import (
    Report,
    judge,
    not_checked,
    not_made,
    stack_in,
    subject_of,
)
from agentcore_policies.model import Options, Resource, Stack
from agentcore_policies.pack_config import (
    NOT_CHECKED,
    PRODUCTION,
    UNUSED_EXEMPTIONS,
    Exemption,
    Given,
    PackConfig,
    production_schema,
    read,
    schema,
)
from agentcore_policies.rule import Level, Rule, Severity
from agentcore_policies.wire_values import properties_of

_NAME: Final = "agentcore"
# The engine shows the version of PulumiPolicy.yaml instead.
_VERSION: Final = "1.0.0"
_COUNTED: Final = "What the rules could not check is known, counted and allowed."
_NEEDED: Final = "What is exempt from a rule breaks it still."
_CARRIER: Final = "Names the stacks that are production. It refuses nothing."
_LEFT_OUT: Final = "What is judged in production only is told where it is left out."
# Rules that could not look, on one line of the count.
_COUNTS_A_LINE: Final = 4

_LEVELS: Final[Mapping[Level, "messages.EnforcementLevel.ValueType"]] = {
    "advisory": messages.ADVISORY,
    "mandatory": messages.MANDATORY,
    "disabled": messages.DISABLED,
}
_SEVERITIES: Final[Mapping[Severity, "messages.PolicySeverity.ValueType"]] = {
    "low": messages.POLICY_SEVERITY_LOW,
    "medium": messages.POLICY_SEVERITY_MEDIUM,
    "high": messages.POLICY_SEVERITY_HIGH,
    "critical": messages.POLICY_SEVERITY_CRITICAL,
}


class Analyzer:
    """The pack as the engine calls it, one call after the other."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Judge by these rules; nothing is configured yet."""
        self._rules = rules
        self._config = PackConfig.default(rules)
        self._preview = False
        self._of_stack = [rule for rule in rules if rule.check_stack]
        self._by_type: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.check:
                for type_ in rule.types:
                    self._by_type.setdefault(type_, []).append(rule)
        # What the program makes; the stack may hold more: what it reads, and what is to be deleted
        # and left in place by --exclude or --target.
        self._made: set[str] = set()
        # By resource, because one that is judged again may be known by then.
        self._said: dict[str, list[tuple[str, Report]]] = {}

    def GetAnalyzerInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: object
    ) -> messages.AnalyzerInfo:
        """What the pack is and what config its policies take."""
        del request, context
        return messages.AnalyzerInfo(
            name=_NAME,
            version=_VERSION,
            displayName="Agents on Amazon Bedrock AgentCore",
            supportsConfig=True,
            policies=[
                *map(_policy, self._rules),
                _carrier(PRODUCTION, _CARRIER, production_schema()),
                _carrier(NOT_CHECKED, _COUNTED),
                _carrier(UNUSED_EXEMPTIONS, _NEEDED),
            ],
        )

    def GetPluginInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: object
    ) -> plugin_pb2.PluginInfo:
        """The version of the pack."""
        del request, context
        return plugin_pb2.PluginInfo(version=_VERSION)

    def Configure(  # noqa: N802
        self, request: messages.ConfigureAnalyzerRequest, context: object
    ) -> empty_pb2.Empty:
        """Take the config over.

        Raises:
            PackConfigError: it is wrong; the engine then ends before anything is judged.
        """
        del context
        given = {
            name: Given(
                level=messages.EnforcementLevel.Name(config.enforcementLevel).lower(),
                properties=properties_of(config.properties),
            )
            for name, config in request.policyConfig.items()
        }
        self._config = read(given, self._rules, datetime.now(UTC).date())
        return empty_pb2.Empty()

    def ConfigureStack(  # noqa: N802
        self, request: messages.AnalyzerStackConfigureRequest, context: object
    ) -> messages.AnalyzerStackConfigureResponse:
        """Learn whether this is a preview."""
        del context
        self._preview = request.dry_run
        return messages.AnalyzerStackConfigureResponse()

    def Analyze(  # noqa: N802
        self, request: messages.AnalyzeRequest, context: object
    ) -> messages.AnalyzeResponse:
        """Judge one resource's checked inputs."""
        del context
        self._made.add(request.urn)
        rules = self._by_type.get(request.type, ())
        if not rules:
            return messages.AnalyzeResponse()
        resource = _resource(request, request.options.parent)
        return self._response(rules, resource, stack_in(request.urn), request.urn)

    def AnalyzeStack(  # noqa: N802
        self, request: messages.AnalyzeStackRequest, context: object
    ) -> messages.AnalyzeResponse:
        """Judge all resources together, and tell what could not be judged."""
        del context
        # Components and providers have no provider.
        custom = [entry for entry in request.resources if entry.HasField("provider")]
        stack = Stack(
            name=stack_in(request.resources[0].urn) if request.resources else "",
            resources=[
                _resource(
                    entry,
                    entry.parent,
                    {
                        name: list(property_.urns)
                        for name, property_ in entry.propertyDependencies.items()
                    },
                )
                for entry in custom
            ],
        )
        response = self._response(self._of_stack, stack, stack.name, "")
        response.diagnostics.extend(self._count())
        response.diagnostics.extend(self._unused(stack.name))
        response.diagnostics.extend(self._left_out(stack))
        return response

    def _response(
        self, rules: Iterable[Rule], subject: Resource | Stack, stack: str, key: str
    ) -> messages.AnalyzeResponse:
        response = messages.AnalyzeResponse()
        self._said[key] = []
        unseen: dict[tuple[str, str], list[str]] = {}
        for rule in rules:
            for report in judge(rule, subject, stack, self._config, preview=self._preview):
                self._said[key].append((rule.id, report))
                if report.not_checked:
                    unseen.setdefault((report.urn, report.place), []).append(rule.id)
                else:
                    is_made = not report.urn or report.urn in self._made
                    told = report if is_made else not_made(report)
                    response.diagnostics.append(_diagnostic(rule, told))
        for (urn, place), ids in unseen.items():
            lines = [not_checked(dict.fromkeys(ids), place, preview=self._preview)]
            response.diagnostics.append(_of_pack(NOT_CHECKED, _COUNTED, "advisory", lines, urn))
        return response

    def _count(self) -> Iterator[messages.AnalyzeDiagnostic]:
        said = itertools.chain.from_iterable(self._said.values())
        total = Counter(rule for rule, report in said if report.not_checked)
        level = self._config.not_checked
        if not total or level == "disabled":
            return
        when = "at preview" if self._preview else "on what is deployed"
        lines = [f"[{NOT_CHECKED}] checks that were not possible {when}: {total.total()}"]
        counts = [f"{rule}: {count}" for rule, count in sorted(total.items())]
        lines += [
            f"  {', '.join(counts[start : start + _COUNTS_A_LINE])}"
            for start in range(0, len(counts), _COUNTS_A_LINE)
        ]
        yield _of_pack(NOT_CHECKED, _COUNTED, level, lines)

    def _unused(self, stack: str) -> Iterator[messages.AnalyzeDiagnostic]:
        level = self._config.unused_exemptions
        unused = [
            f"  {rule.id}: {each.resource}, until {each.expires.isoformat()}: {each.reason}"
            for rule in self._rules
            for each in self._config.exemptions_in(rule, stack)
            if not self._is_needed(rule, each, stack)
        ]
        if not unused or level == "disabled":
            return
        lines = [
            f"[{UNUSED_EXEMPTIONS}] exemptions that exempt nothing in this stack: {len(unused)}",
            *unused,
            "Way out: Delete them, or name the stack they are for in their stack.",
        ]
        yield _of_pack(UNUSED_EXEMPTIONS, _NEEDED, level, lines)

    def _left_out(self, stack: Stack) -> Iterator[messages.AnalyzeDiagnostic]:
        """What config, or its absence, keeps from being judged without a word of any rule."""
        disabled = [rule for rule in self._rules if self._config.is_disabled(rule, stack.name)]
        if len(disabled) == len(self._rules):
            lines = [f"[{NOT_CHECKED}] all {len(disabled)} rules are disabled: nothing is judged."]
            yield _of_pack(NOT_CHECKED, _COUNTED, "advisory", lines)
        if self._config.left_out == "disabled" or self._config.is_production(stack.name):
            return
        types = {resource.type for resource in stack.resources}
        left_out = [
            rule
            for rule in self._rules
            if rule.production_only and rule not in disabled and types.intersection(rule.types)
        ]
        if left_out:
            lines = [
                f"[{PRODUCTION}] {stack.name} is judged as not production: of the rules on what is "
                f"in it, {len(left_out)} are left out.",
                f"Way out: If it is production, name it in {PRODUCTION}.stacks of the config.",
            ]
            yield _of_pack(PRODUCTION, _LEFT_OUT, "advisory", lines)

    def _is_needed(self, rule: Rule, exemption: Exemption, stack: str) -> bool:
        """Whether it exempts something, or might, where the rule could not look."""
        return any(
            report.exemption is exemption
            or (
                (report.not_checked or report.failed)
                and exemption.covers(subject_of(report.urn, stack), stack)
            )
            for name, report in itertools.chain.from_iterable(self._said.values())
            if name == rule.id
        )


def _resource(
    told: "messages.AnalyzeRequest | messages.AnalyzerResource",
    parent: str,
    dependencies: Mapping[str, Sequence[str]] | None = None,
) -> Resource:
    return Resource(
        type=told.type,
        name=told.name,
        urn=told.urn,
        props=properties_of(told.properties),
        provider=properties_of(told.provider.properties) if told.HasField("provider") else {},
        options=_options(told.options),
        parent=parent or None,
        dependencies=dependencies or {},
    )


def _options(told: messages.AnalyzerResourceOptions) -> Options:
    return Options(
        protect=told.protect,
        delete_before_replace=told.deleteBeforeReplace if told.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(told.ignoreChanges),
        delete_seconds=told.customTimeouts.delete,
    )


def _diagnostic(rule: Rule, report: Report) -> messages.AnalyzeDiagnostic:
    return messages.AnalyzeDiagnostic(
        policyName=rule.id,
        policyPackName=_NAME,
        policyPackVersion=_VERSION,
        description=rule.description,
        message=report.message,
        enforcementLevel=_LEVELS[report.level],
        urn=report.urn,
        severity=_SEVERITIES[rule.severity],
    )


def _policy(rule: Rule) -> messages.PolicyInfo:
    info = messages.PolicyInfo(
        name=rule.id,
        description=rule.description,
        enforcementLevel=_LEVELS[rule.level],
        severity=_SEVERITIES[rule.severity],
        remediation_steps=rule.remediation,
        tags=[str(reference) for reference in rule.references],
        policy_type=messages.POLICY_TYPE_RESOURCE if rule.check else messages.POLICY_TYPE_STACK,
        configSchema=_schema(schema(rule)),
    )
    if rule.references:
        info.framework.name = rule.references[0].framework
        info.framework.reference = rule.references[0].id
    return info


def _carrier(
    name: str, description: str, schema: Mapping[str, Any] | None = None
) -> messages.PolicyInfo:
    """A policy that is no rule: it has a level, and maybe settings."""
    return messages.PolicyInfo(
        name=name,
        description=description,
        enforcementLevel=messages.ADVISORY,
        policy_type=messages.POLICY_TYPE_STACK,
        configSchema=_schema(schema) if schema else None,
    )


def _of_pack(
    name: str, description: str, level: Level, lines: Sequence[str], urn: str = ""
) -> messages.AnalyzeDiagnostic:
    return messages.AnalyzeDiagnostic(
        policyName=name,
        policyPackName=_NAME,
        policyPackVersion=_VERSION,
        description=description,
        message="\n".join(lines),
        enforcementLevel=_LEVELS[level],
        urn=urn,
        severity=messages.POLICY_SEVERITY_MEDIUM,
    )


def _schema(properties: Mapping[str, Any]) -> messages.PolicyConfigSchema:
    schema = messages.PolicyConfigSchema()
    json_format.Parse(json.dumps(properties), schema.properties)
    return schema
