"""The rules as policies of ``pulumi_policy``, for a pack of one's own beside other policies.

What that host cannot do, :mod:`agentcore_policies.pack` does: a finding's own level, and secrets.
Here whatever refuses nothing (not checked, exempt) is told in one advisory a policy, and a secret
is what the host makes of it: its plain value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyCustomTimeouts,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as SdkSeverity
from pulumi_policy.proxy import UnknownValueError
from pulumi_policy.secret import Secret

from agentcore_policies.judgement import Report, judge, stack_in
from agentcore_policies.model import SECRET, UNKNOWN, Options, Properties, Resource, Stack, Value
from agentcore_policies.pack_config import Given, PackConfig, PackConfigError, read, schema
from agentcore_policies.rule import Rule
from agentcore_policies.wire_values import number_of, text_of

_Tell = Callable[[str, str | None], None]
_PROVIDERS: Final = "pulumi:providers:"


class _AdvisoryError(UnknownValueError):
    """The host's one way to an advisory of a mandatory policy."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self)
        self.message = message


def policies(rules: Iterable[Rule], production_stacks: Sequence[str] = ()) -> list[Policy]:
    """The rules as policies.

    ``production_stacks`` are names or patterns of stacks; without them a stack's name tells by its
    words, as in :class:`agentcore_policies.pack_config.PackConfig`.
    """
    return [(_of_resource if rule.check else _of_stack)(rule, production_stacks) for rule in rules]


def resource_of(args: ResourceValidationArgs) -> Resource:
    """What a rule judges, from behind the host's unknown-checking proxies."""
    return Resource(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        props=_properties(args.props),
        provider=_properties(args.provider.props) if args.provider else {},
        options=_options(args.opts),
        parent=args.opts.parent,
    )


def stack_of(args: StackValidationArgs) -> Stack:
    """All resources that are no components; an unknown of one of them hides nothing of others."""
    custom = [entry for entry in args.resources if entry.provider is not None]
    return Stack(
        name=stack_in(args.resources[0].urn) if args.resources else "",
        resources=[
            Resource(
                type=entry.resource_type,
                name=entry.name,
                urn=entry.urn,
                props=_properties(entry.props),
                provider=_properties(entry.provider.props) if entry.provider else {},
                options=_options(entry.opts),
                parent=entry.parent.urn if entry.parent else None,
                dependencies={
                    name: [dependency.urn for dependency in dependencies]
                    for name, dependencies in entry.property_dependencies.items()
                },
            )
            for entry in custom
        ],
    )


def _options(told: PolicyResourceOptions) -> Options:
    timeouts = cast("PolicyCustomTimeouts | None", told.custom_timeouts)
    return Options(
        protect=told.protect,
        delete_before_replace=told.delete_before_replace,
        ignore_changes=tuple(told.ignore_changes),
        delete_seconds=timeouts.delete_seconds if timeouts else 0,
    )


def _properties(props: Mapping[str, Any]) -> Properties:
    return {name: _value(lambda name=name: props[name]) for name in props}


def _value(look: Callable[[], Any]) -> Value:
    try:
        found = look()
    except UnknownValueError:
        return UNKNOWN
    if isinstance(found, str):
        return text_of(found)
    if isinstance(found, Mapping):
        return _properties(cast("Mapping[str, Any]", found))
    if isinstance(found, Sequence):
        elements = cast("Sequence[Any]", found)
        return [_value(lambda i=i: elements[i]) for i in range(len(elements))]
    return _scalar(found)


def _scalar(found: object) -> Value:
    if isinstance(found, Secret):
        return SECRET
    if isinstance(found, bool) or found is None:
        return found
    if isinstance(found, int | float):
        return number_of(found)
    # An asset or archive, which no rule reads.
    return {}


def _of_resource(rule: Rule, production_stacks: Sequence[str]) -> Policy:
    def validate(args: ResourceValidationArgs, tell: _Tell) -> None:
        if args.resource_type in rule.types:
            resource = resource_of(args)
            config = args.get_config()
            _judge(rule, resource, stack_in(args.urn), config, production_stacks, tell)

    return ResourceValidationPolicy(validate=validate, **_metadata(rule))


def _of_stack(rule: Rule, production_stacks: Sequence[str]) -> Policy:
    def validate(args: StackValidationArgs, tell: _Tell) -> None:
        stack = stack_of(args)
        _judge(rule, stack, stack.name, args.get_config(), production_stacks, tell)

    return StackValidationPolicy(validate=validate, **_metadata(rule))


def _judge(
    rule: Rule,
    subject: Resource | Stack,
    stack: str,
    properties: Mapping[str, Any],
    production_stacks: Sequence[str],
    tell: _Tell,
) -> None:
    try:
        given = {rule.id: Given(level=rule.level, properties=_properties(properties))}
        read_config = read(given, [rule], datetime.now(UTC).date())
    except PackConfigError as error:
        tell(str(error), None)
        return
    config = PackConfig(rules=read_config.rules, production_stacks=production_stacks)
    advisories: list[Report] = []
    for report in judge(rule, subject, stack, config, preview=pulumi.runtime.is_dry_run()):
        if report.level == rule.level:
            tell(report.message, report.urn or None)
        else:
            advisories.append(report)
    if advisories:
        raise _AdvisoryError("\n".join(report.message for report in advisories))


def _metadata(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.id,
        "description": rule.description,
        "enforcement_level": EnforcementLevel(rule.level),
        "config_schema": PolicyConfigSchema(cast("dict[str, Any]", schema(rule))),
        "severity": SdkSeverity(rule.severity),
        "tags": [str(reference) for reference in rule.references],
        "remediation_steps": rule.remediation,
    }
