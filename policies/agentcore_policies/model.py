"""What a rule judges: resources as plain values, in which the unknown is a value of its own.

A rule never sees what the policy host passes: reading an unknown there raises, and the host turns
that into an advisory, whatever the rule's level. Here an unknown is :data:`UNKNOWN`, and a rule has
to say that it could not look (:class:`agentcore_policies.rule.NotChecked`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias


class Unknown:
    """A value that nobody knows before deployment; there is one, :data:`UNKNOWN`."""

    def __repr__(self) -> str:
        """Its name."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Secret:
    """A secret's value, which no rule reads; there is one, :data:`SECRET`."""

    def __repr__(self) -> str:
        """Its name."""
        return "SECRET"


SECRET: Final = Secret()

Value: TypeAlias = (
    "bool | int | float | str | Unknown | Secret | Sequence[Value] | Mapping[str, Value] | None"
)
"""A property's value: JSON, unknown, or a secret."""

Properties: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the program asks the engine to treat a resource.

    Attributes:
        protect: whether the engine refuses to delete it.
        delete_before_replace: whether the old one goes before a replacement comes; None where the
            program leaves it to the provider.
        ignore_changes: properties whose changes make no update.
        delete_seconds: how long the provider tries to delete it; 0 where it is its own time.
    """

    protect: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: Sequence[str] = ()
    delete_seconds: float = 0


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource, as the engine tells it.

    Attributes:
        type: type token, such as ``aws:iam/role:Role``.
        name: logical name.
        urn: its URN.
        props: checked inputs for a rule of one resource, outputs for a rule of the stack; names as
            on the wire (camelCase). What is absent has no key.
        provider: inputs of its provider, such as ``region``; empty where it is not told.
        options: how the engine treats it.
        parent: URN of its parent.
        dependencies: URNs it depends on, by property, where the host tells (rules of the stack).
    """

    type: str
    name: str
    urn: str
    props: Properties
    provider: Properties = field(default_factory=dict[str, Value])
    options: Options = field(default_factory=Options)
    parent: str | None = None
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def at(self, *path: str | int) -> Value:
        """The value under a path: None where it, or anything above it, is absent or null.

        UNKNOWN where it or anything above it is unknown.
        """
        return at(self.props, *path)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources of a stack, components left out."""

    name: str
    resources: Sequence[Resource]

    def of(self, *types: str) -> Iterator[Resource]:
        """Those of these types."""
        return (resource for resource in self.resources if resource.type in types)


def at(value: Value, *path: str | int) -> Value:
    """The value under a path in a value; see :meth:`Resource.at`."""
    for step in path:
        if isinstance(value, Unknown | Secret):
            return value
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif (
            isinstance(step, int)
            and isinstance(value, Sequence)
            and not isinstance(value, str)
            and step < len(value)
        ):
            value = value[step]
        else:
            return None
    return value


def is_known(value: Value) -> bool:
    """Whether nothing in the value is unknown or secret."""
    if isinstance(value, Unknown | Secret):
        return False
    if isinstance(value, Mapping):
        return all(map(is_known, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(is_known, value))
    return True
