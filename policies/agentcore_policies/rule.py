"""What a rule is: metadata, and a pure function from a resource or a stack to verdicts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agentcore_policies.model import Resource, Stack

Severity = Literal["low", "medium", "high", "critical"]
Level = Literal["advisory", "mandatory", "disabled"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something is wrong.

    Attributes:
        path: the property, such as ``networkConfiguration.networkMode``; empty for the whole.
        message: what is given, what is allowed and the way out; never a secret's value.
        urn: the resource, for a rule of the stack; empty for the resource that is judged.
    """

    path: str
    message: str
    urn: str = ""


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """A rule could not look: the value is not known before deployment."""

    path: str
    urn: str = ""


Verdicts: TypeAlias = Iterable[Finding | NotChecked]
Judged: TypeAlias = Iterator[Finding | NotChecked]
"""Verdicts as a rule that is a generator yields them."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What config tells the rules, besides levels and exemptions.

    Attributes:
        stack: the stack's name.
        production: whether the rules for production apply.
        settings: values of the rule that is run, by name, filled with its defaults.
    """

    stack: str
    production: bool
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value of a rule that config may change.

    Attributes:
        schema: JSON schema of the value.
        default: what it is otherwise.
        description: for the catalogue.
    """

    schema: Mapping[str, object]
    default: object
    description: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The same rule elsewhere: ``framework`` is ``Security Hub``, ``CKV``, ``AVD``, ``CIS``, ..."""

    framework: str
    id: str

    def __str__(self) -> str:
        """As it is quoted: an id that names its framework is enough."""
        return self.id if self.id.startswith(self.framework) else f"{self.framework} {self.id}"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the pack.

    Attributes:
        id: stable, kebab-case, such as ``runtime-vpc-mode``; config and exemptions name it.
        description: one sentence: what has to hold.
        severity: how bad a finding is.
        level: mandatory unless there is a reason; config changes it.
        production_only: whether it applies to production only.
        types: the type tokens it judges: every form of the concept.
        remediation: what to do about a finding.
        references: the same rule in other rule sets.
        settings: what config may change.
        check: judges one resource of the types; None for a rule of the stack.
        check_stack: judges all resources together.
    """

    id: str
    description: str
    severity: Severity
    types: Sequence[str]
    remediation: str
    level: Level = "mandatory"
    production_only: bool = False
    references: Sequence[Reference] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    check: Callable[[Resource, Context], Verdicts] | None = None
    check_stack: Callable[[Stack, Context], Verdicts] | None = None
