"""What all rules of the pack say of a graph, with the pack's default config."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from agentcore_policies import catalogue
from agentcore_policies.model import Resource
from agentcore_policies.pack_config import PackConfig
from agentcore_policies.rule import Context, Finding, NotChecked, Rule
from tests.policies.graphs import Views


@dataclass(frozen=True)
class Verdict:
    """A finding, or that a rule could not look; the type and name of what it is about."""

    rule: str
    type: str
    name: str
    path: str
    message: str

    @property
    def is_finding(self) -> bool:
        return bool(self.message)


def verdicts(views: Views) -> list[Verdict]:
    """All that the rules say."""
    return [
        verdict
        for rule in catalogue.rules()
        if (context := context_of(rule, views.inputs.name))
        for verdict in _of_rule(rule, views, context)
    ]


@cache
def _config() -> PackConfig:
    return PackConfig.default(catalogue.rules())


@cache
def _contexts(stack: str) -> dict[str, Context]:
    return {rule.id: _config().context(rule, stack) for rule in catalogue.rules()}


def context_of(rule: Rule, stack: str) -> Context | None:
    """What the rule is told of the stack; None where it does not apply."""
    context = _contexts(stack)[rule.id]
    return None if rule.production_only and not context.production else context


def _of_rule(rule: Rule, views: Views, context: Context) -> Iterator[Verdict]:
    if rule.check_stack:
        named = {one.urn: one for one in views.outputs.resources}
        for verdict in rule.check_stack(views.outputs, context):
            yield _verdict(rule, named.get(verdict.urn), verdict)
    for resource in views.inputs.of(*rule.types):
        yield from _of_resource(rule, resource, context)


def _of_resource(rule: Rule, resource: Resource, context: Context) -> Sequence[Verdict]:
    """Graphs differ in few resources: what was said of one is said again of its like."""
    key = (rule.id, context.stack, _content(resource))
    if key not in _SAID:
        said = rule.check(resource, context) if rule.check else ()
        _SAID[key] = [_verdict(rule, resource, verdict) for verdict in said]
    return _SAID[key]


def _content(resource: Resource) -> str:
    """All of it, as one value to compare."""
    known = _CONTENTS.get(id(resource))
    if known is None:
        # With the resource, so that no other one gets its identity.
        known = _CONTENTS[id(resource)] = resource, repr(resource)
    return known[1]


_SAID: Final[dict[tuple[str, str, str], Sequence[Verdict]]] = {}
_CONTENTS: Final[dict[int, tuple[Resource, str]]] = {}


def _verdict(rule: Rule, resource: Resource | None, verdict: Finding | NotChecked) -> Verdict:
    return Verdict(
        rule=rule.id,
        type=resource.type if resource else "",
        name=resource.name if resource else "",
        path=verdict.path,
        message=verdict.message if isinstance(verdict, Finding) else "",
    )
