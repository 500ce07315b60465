"""What all rules of the pack say of a graph, with the pack's default config."""

from collections.abc import Sequence
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
    stack = views.inputs.name
    of_resources = [verdict for one in views.inputs.resources for verdict in _of(one, stack)]
    named = {one.urn: one for one in views.outputs.resources}
    return of_resources + [
        _verdict(rule, named.get(verdict.urn), verdict)
        for rule, context in _applying(stack)
        if rule.check_stack
        for verdict in rule.check_stack(views.outputs, context)
    ]


@cache
def _applying(stack: str) -> Sequence[tuple[Rule, Context]]:
    """The rules that hold for a stack, with what they are told of it."""
    config = PackConfig.default(catalogue.rules())
    told = [(rule, config.context(rule, stack)) for rule in catalogue.rules()]
    return [one for one in told if one[1].production or not one[0].production_only]


@cache
def _judging(kind: str, stack: str) -> Sequence[tuple[Rule, Context]]:
    """The rules that hold for a type, each on its own."""
    return [one for one in _applying(stack) if one[0].check and kind in one[0].types]


def _of(resource: Resource, stack: str) -> Sequence[Verdict]:
    """Graphs differ in few resources: what was said of one is said again of its like."""
    key = (stack, _content(resource))
    if key not in _SAID:
        _SAID[key] = [
            _verdict(rule, resource, verdict)
            for rule, context in _judging(resource.type, stack)
            for verdict in (rule.check(resource, context) if rule.check else ())
        ]
    return _SAID[key]


def _content(resource: Resource) -> str:
    """All of it, as one value to compare."""
    known = _CONTENTS.get(id(resource))
    if known is None:
        # With the resource, so that no other one gets its identity.
        known = _CONTENTS[id(resource)] = resource, repr(resource)
    return known[1]


_SAID: Final[dict[tuple[str, str], Sequence[Verdict]]] = {}
_CONTENTS: Final[dict[int, tuple[Resource, str]]] = {}


def _verdict(rule: Rule, resource: Resource | None, verdict: Finding | NotChecked) -> Verdict:
    return Verdict(
        rule=rule.id,
        type=resource.type if resource else "",
        name=resource.name if resource else "",
        path=verdict.path,
        message=verdict.message if isinstance(verdict, Finding) else "",
    )
