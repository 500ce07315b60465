"""Changes to a graph: of a property, of which resources there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

from agentcore_policies.model import UNKNOWN, Options, Resource, Stack, Value
from tests.policies.graphs import Graph, Views


@dataclass(frozen=True)
class Ref:
    """What another resource is told by: its id, or another property it has once deployed."""

    type: str
    ending: str = ""
    property: str = "id"


Given: TypeAlias = "Value | Ref | tuple[Ref, ...] | Callable[[Value], Value]"
"""A value, references, or how the value there is becomes another; None takes it away."""


@dataclass(frozen=True)
class Put:
    """Another value of a property, of the first resource of a type whose name ends so."""

    type: str
    path: str
    value: Given
    ending: str = ""

    def resources(self, stack: Stack) -> Sequence[Resource]:
        one = found(stack, self.type, self.ending)
        name, *steps = self.path.split(".")
        value, urns = _resolved(stack, self.value, one, self.path)
        props = {**one.props, name: _put(one.props.get(name), steps, value)}
        dependencies = dict(one.dependencies)
        kept = dependencies.pop(name, ()) if steps else ()
        dependencies.pop(name, None)
        if kept or urns:
            dependencies[name] = (*kept, *urns)
        if props[name] is None:
            del props[name]
        changed = replace(one, props=props, dependencies=dependencies)
        return [changed if other is one else other for other in stack.resources]

    @property
    def touched(self) -> tuple[str, str]:
        return self.type, self.ending


@dataclass(frozen=True)
class Treat:
    """Other options of the first resource of a type whose name ends so."""

    type: str
    options: Options
    ending: str = ""

    def resources(self, stack: Stack) -> Sequence[Resource]:
        one = found(stack, self.type, self.ending)
        changed = replace(one, options=self.options)
        return [changed if other is one else other for other in stack.resources]

    @property
    def touched(self) -> tuple[str, str]:
        return self.type, self.ending


@dataclass(frozen=True)
class Without:
    """No resource of a type whose name ends so."""

    type: str
    ending: str = ""

    def resources(self, stack: Stack) -> Sequence[Resource]:
        one = found(stack, self.type, self.ending)
        return [
            other
            for other in stack.resources
            if other.type != self.type or not other.name.endswith(self.ending or one.name)
        ]

    @property
    def touched(self) -> tuple[str, str]:
        return self.type, self.ending


@dataclass(frozen=True)
class Add:
    """One resource more, beside another one whose provider it shares."""

    type: str
    name: str
    props: Mapping[str, Given] = field(default_factory=dict[str, "Given"])

    def resources(self, stack: Stack) -> Sequence[Resource]:
        beside = next(one for one in stack.resources if one.type.partition(":")[0] == "aws")
        begin = beside.urn.rpartition("::")[0].rpartition("$")[0]
        added = Resource(
            type=self.type,
            name=self.name,
            urn=f"{begin}${self.type}::{self.name}",
            props={},
            provider=beside.provider,
            parent=beside.parent,
        )
        props: dict[str, Value] = {}
        dependencies: dict[str, Sequence[str]] = {}
        for name, given in self.props.items():
            props[name], urns = _resolved(stack, given, added, name)
            if urns:
                dependencies[name] = urns
        return [*stack.resources, replace(added, props=props, dependencies=dependencies)]

    @property
    def touched(self) -> tuple[str, str]:
        return self.type, self.name


Edit: TypeAlias = Put | Treat | Without | Add


def edited(graph: Graph, *edits: Edit) -> Graph:
    """The graph with all these changes."""
    return Graph(_views(graph.preview, edits), _views(graph.deployed, edits))


def _views(views: Views, edits: Sequence[Edit]) -> Views:
    inputs, outputs = views.inputs, views.outputs
    for edit in edits:
        inputs = replace(inputs, resources=tuple(edit.resources(inputs)))
        outputs = replace(outputs, resources=tuple(edit.resources(outputs)))
    return Views(inputs, outputs)


def found(stack: Stack, kind: str, ending: str = "") -> Resource:
    """The first resource of a type whose name ends so."""
    for one in stack.of(kind):
        if one.name.endswith(ending):
            return one
    raise LookupError(f"{stack.name} has no {kind} named ...{ending}")


def _resolved(
    stack: Stack, given: Given, one: Resource, path: str
) -> tuple[Value, tuple[str, ...]]:
    """The value, and what it depends on."""
    if isinstance(given, Ref):
        meant = found(stack, given.type, given.ending)
        value = meant.at(given.property)
        return UNKNOWN if value is None else value, (meant.urn,)
    if isinstance(given, tuple):
        refs = cast("tuple[Ref, ...]", given)
        resolved = [_resolved(stack, ref, one, path) for ref in refs]
        return [value for value, _ in resolved], tuple(urn for _, urns in resolved for urn in urns)
    if callable(given):
        return given(_at(one, path)), ()
    return given, ()


def _at(one: Resource, path: str) -> Value:
    return one.at(*(int(step) if step.isdigit() else step for step in path.split(".")))


def _put(inside: Value, steps: Sequence[str], value: Value) -> Value:
    """The value with another one at a path of keys and indices; None takes the last step away."""
    if not steps:
        return value
    step, *rest = steps
    if isinstance(inside, Sequence) and not isinstance(inside, str):
        index = int(step)
        changed = _put(inside[index] if index < len(inside) else None, rest, value)
        return [*inside[:index], *([] if changed is None else [changed]), *inside[index + 1 :]]
    block = dict(inside) if isinstance(inside, Mapping) else {}
    block[step] = _put(block.get(step), rest, value)
    return {key: item for key, item in block.items() if item is not None}
