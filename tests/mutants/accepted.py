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


ACCEPTED: Final[Sequence[Accepted]] = ()
