"""One rule on resources written by hand: what it says, and of which."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentcore_policies.model import Options, Resource, Stack, Value
from agentcore_policies.rule import Context, Finding, NotChecked, Rule


def resource(
    kind: str,
    props: Mapping[str, Any],
    name: str = "one",
    *,
    dependencies: Mapping[str, Sequence[str]] | None = None,
    region: str | None = "us-east-1",
    options: Options | None = None,
) -> Resource:
    """A resource; its URN tells type and name."""
    provider: dict[str, Value] = {} if region is None else {"region": region}
    return Resource(
        type=kind,
        name=name,
        urn=urn(kind, name),
        props=props,
        provider=provider,
        dependencies=dependencies or {},
        options=options or Options(),
    )


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:prod::agents::{kind}::{name}"


def verdicts(
    rules: Sequence[Rule],
    rule_id: str,
    subject: Resource | Sequence[Resource],
    **settings: object,
) -> list[Finding | NotChecked]:
    """What a rule says of one resource, or of a stack of several."""
    (rule,) = (one for one in rules if one.id == rule_id)
    defaults = {name: setting.default for name, setting in rule.settings.items()}
    assert settings.keys() <= defaults.keys(), "the rule has such settings"
    context = Context(stack="prod", production=True, settings={**defaults, **settings})
    if isinstance(subject, Resource):
        assert rule.check, f"{rule_id} judges one resource"
        assert subject.type in rule.types, f"{rule_id} is asked about its own types"
        return list(rule.check(subject, context))
    assert rule.check_stack, f"{rule_id} judges the stack"
    return list(rule.check_stack(Stack(name="prod", resources=subject), context))


def told(found: Sequence[Finding | NotChecked]) -> list[tuple[str, str]]:
    """Kind and path of each verdict."""
    return [("finding" if isinstance(one, Finding) else "not checked", one.path) for one in found]


def finding(path: str) -> list[tuple[str, str]]:
    """Exactly one finding, there."""
    return [("finding", path)]


def not_checked(path: str) -> list[tuple[str, str]]:
    """Exactly one place that could not be looked at."""
    return [("not checked", path)]
