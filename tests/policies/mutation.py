"""One thing that is wrong with a graph, beside a twin one step away that is right.

A mutation is written in the program's own form; the other forms (:mod:`tests.policies.forms`) carry
it over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.policies.edits import Edit, Given, Put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentcore_policies.model import Value

BASE: Final = "prod, several agents"
"""Production with endpoints only: agents called by JWT, with named endpoints, without an image."""

TAGS: Final[Mapping[str, Value]] = {
    "Project": "agentcore",
    "Environment": "prod",
    "Owner": "platform-team@example.com",
    "CostCenter": "CC-1000",
}
"""What every resource of production is tagged with."""


@dataclass(frozen=True)
class Mutation:
    """One thing that is wrong.

    Attributes:
        rule: the one that finds it, and no other does.
        name: what is wrong, in a few words.
        bad: makes it so.
        good: as much of a change, and nothing is wrong.
        graph: the recorded graph that is changed.
        alone: why other mutations of the graph are not tried together with it: what they are about
            is gone, or out of sight.
    """

    rule: str
    name: str
    bad: Sequence[Edit]
    good: Sequence[Edit]
    graph: str = BASE
    alone: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"


def values(
    rule: str,
    kind: str,
    path: str,
    bad: Mapping[str, Given],
    good: Given,
    ending: str = "",
    **more: Any,
) -> tuple[Mutation, ...]:
    """One property with several wrong values, and a right one."""
    twin = (Put(kind, path, good, ending),)
    return tuple(
        Mutation(rule, name, (Put(kind, path, value, ending),), twin, **more)
        for name, value in bad.items()
    )
