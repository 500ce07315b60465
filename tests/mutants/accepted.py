"""Mutants that no test can kill, each with the reason: they say the same as the original."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.mutants.mutants import Key


@dataclass(frozen=True)
class Accepted:
    """A mutant that changes no verdict; one that does not exist, or is killed, fails the run.

    Attributes:
        module: such as ``rules.keys``.
        function: the function or method it is in; empty for the module's own code.
        was: the lines that are changed, on one line.
        becomes: the same after the change.
        why: what makes both the same.
    """

    module: str
    function: str
    was: str
    becomes: str
    why: str

    @property
    def key(self) -> Key:
        """As :attr:`tests.mutants.mutants.Mutant.key`."""
        return self.module, self.function, self.was, self.becomes


_NUMBERS: Final = (
    "if not (problems or wrong_count) and _is_number(metric.period) and _is_number(periods):"
)

ACCEPTED: Final[Sequence[Accepted]] = (
    *(
        Accepted(
            module="rules.alarms",
            function="_evaluation",
            was=_NUMBERS,
            becomes=becomes,
            why="what is no number is a problem already; the types do not tell",
        )
        for becomes in (
            "if not (problems or wrong_count) and _is_number(metric.period):",
            "if not (problems or wrong_count) and _is_number(periods):",
        )
    ),
    *(
        Accepted(
            module=module,
            function=function,
            was=f'return {reader}({value}, path, "trust")',
            becomes=f'return {reader}({value}, path, "XXtrustXX")',
            why="whatever is no identity's policy is read as one that says who is let in",
        )
        for module, function, reader, value in (
            ("iam_policies", "trust_document", "read", "role.at(path)"),
            ("resource_policy", "document_of", "iam_document.read", "value"),
        )
    ),
    Accepted(
        module="rules.logs",
        function="_retention",
        was="elif isinstance(days, int | float) and days < least:",
        becomes="elif days < least:",
        why="what is among the allowed days is a number; the types do not tell",
    ),
    Accepted(
        module="rules.registry",
        function="_expired_releases",
        was="if isinstance(tag, str)",
        becomes="if True",
        why="an unknown tag ends the function two lines later, and any other is a problem already",
    ),
    Accepted(
        module="rules.security_groups",
        function="_peer_groups",
        was='return network.links.of_values(rule.resource, GROUPS, rule.path.partition("[")[0], ids)',
        becomes=(
            'return network.links.of_values(rule.resource, GROUPS, rule.path.rpartition("[")[0], ids)'
        ),
        why="the path of a rule within a group has one bracket",
    ),
)
