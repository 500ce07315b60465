"""Resources and values that no rule can read: what would be refused may stand in them.

What commands and dynamic providers do is not judged: they are programs, not resources.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import is_hidden
from agentcore_policies.credentials import names_secret, shown
from agentcore_policies.iam_wildcards import matches
from agentcore_policies.model import Resource, Secret, Value
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting
from agentcore_policies.rules import (
    agent_tools,
    alarms,
    escalation,
    execution_role,
    keys,
    logs,
    permissions,
    registry,
    resource_policies,
    runtime,
    security_groups,
    subnets,
    tagging,
    trust,
    vpc_endpoints,
    vpc_mode,
)

# The type that a resource makes, in CloudFormation's name, by the property that tells it.
_BY_TYPE_NAME: Final[Mapping[str, str]] = {
    "aws:cloudcontrol/resource:Resource": "typeName",
    "aws-native:index:ExtensionResource": "type",
}
# Those that make whatever a template says.
_OF_TEMPLATES: Final = (
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackSet:StackSet",
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
    "aws-native:cloudformation:Stack",
    "aws-native:cloudformation:StackSet",
    "aws-native:servicecatalog:CloudFormationProvisionedProduct",
)
# What is secret by nature, and judges nobody: beside names such as apiKey and clientSecret.
_SECRET_BY_NATURE: Final = ("environmentVariables", "keyMaterialBase64")


def _opaque(resource: Resource, context: Context) -> Judged:
    path = _BY_TYPE_NAME.get(resource.type)
    if path is None:
        yield Finding(
            path="",
            message="what a template makes is judged by no rule of this pack. Declare its "
            "resources in the program.",
        )
        return
    name = resource.at(path)
    if is_hidden(name):
        yield NotChecked(path=path)
        return
    allowed = cast("Sequence[str]", context.settings["typeNames"])
    if not any(matches(each, str(name)) for each in allowed):
        yield Finding(
            path=path,
            message=f"{shown(name)} is made of properties that no rule of this pack reads. Declare "
            "it as a resource of its own type, or allow the type in typeNames.",
        )


def _hidden_by_secret(resource: Resource, context: Context) -> Judged:
    allowed = frozenset(cast("Sequence[str]", context.settings["properties"]))
    for path in _secrets(resource.props, "", allowed):
        yield Finding(
            path=path,
            message="it is a Pulumi secret, so that no rule reads it, whatever it holds. Give it "
            "as a plain value (pulumi.Output.unsecret), and keep secret only what is; a property "
            "that may be secret is named in the setting properties.",
        )


def _secrets(value: Value, path: str, allowed: frozenset[str]) -> Iterator[str]:
    if isinstance(value, Secret):
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in allowed and not names_secret(key):
                yield from _secrets(inner, f"{path}.{key}" if path else key, allowed)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from _secrets(inner, f"{path}[{index}]", allowed)


_JUDGED_TYPES: Final = sorted(
    {
        kind
        for rules in (
            *(alarms.RULES, escalation.RULES, execution_role.RULES, keys.RULES, logs.RULES),
            *(permissions.RULES, registry.RULES, resource_policies.RULES, runtime.RULES),
            *(security_groups.RULES, agent_tools.RULES, subnets.RULES, tagging.RULES, trust.RULES),
            *(vpc_endpoints.RULES, vpc_mode.RULES),
        )
        for rule in rules
        for kind in rule.types
    }
)

RULES: Final[Sequence[Rule]] = (
    Rule(
        id="opaque-resource",
        description="What this pack judges is declared in resources that it can read.",
        severity="high",
        types=(*_BY_TYPE_NAME, *_OF_TEMPLATES),
        remediation="Declare the resources in the program, by their own types.",
        settings={
            "typeNames": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=[],
                description="CloudFormation types, or patterns of them, that may be made through "
                "Cloud Control without being judged, such as AWS::Budgets::*.",
            )
        },
        check=_opaque,
    ),
    Rule(
        id="hidden-by-secret",
        description="No value that rules have to judge is marked as a secret.",
        severity="high",
        types=_JUDGED_TYPES,
        remediation="Give the value as it is; nothing but credentials is a secret.",
        references=(Reference(framework="Well-Architected", id="SEC01-BP06"),),
        settings={
            "properties": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=list(_SECRET_BY_NATURE),
                description="Properties that may be secret, besides those whose name says that "
                "they hold a credential.",
            )
        },
        check=_hidden_by_secret,
    ),
)
