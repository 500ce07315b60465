"""`make mutants`: changes the rules in every small way; exit code 1 where no test notices one.

A mutant may be accepted as equal (:mod:`tests.mutants.accepted`). An acceptance of one that is
killed, or that does not exist, fails too.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from rich.console import Console
from rich.table import Table

from tests.mutants.accepted import ACCEPTED
from tests.mutants.modules import sources
from tests.mutants.mutants import Key, Mutant, mutants_of
from tests.mutants.trials import TESTS, Outcome, Trials

_STEP: Final = 1000
_NOTICED: Final = (Outcome.KILLED, Outcome.ENDLESS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="modules whose name holds this text")
    parser.add_argument("--quick", action="store_true", help="without the tests on whole graphs")
    options = parser.parse_args(arguments)
    console = Console(width=150, soft_wrap=True, markup=False, highlight=False)
    started = time.monotonic()
    known = sources()
    mutants = [one for one in mutants_of(known) if options.only in one.key[0]]
    outcomes: dict[Mutant, Outcome] = {}

    def told(mutant: Mutant, outcome: Outcome) -> None:
        outcomes[mutant] = outcome
        if len(outcomes) % _STEP == 0:
            seconds = time.monotonic() - started
            console.print(f"{len(outcomes)} of {len(mutants)} mutants after {seconds:.0f} s")

    code = pytest.main(TESTS, plugins=[Trials(known, mutants, told, quick=options.quick)])
    if code or len(outcomes) != len(mutants):
        console.print("The trials did not come to their end.")
        return 1
    outcomes = {one: how for one, how in outcomes.items() if how is not Outcome.NOT_A_PROGRAM}
    accepted = {one.key for one in ACCEPTED if options.only in one.module}
    survivors = [one for one, how in outcomes.items() if how not in _NOTICED]
    unaccepted = [one for one in survivors if one.key not in accepted]
    unneeded = sorted(accepted - {one.key for one in survivors})
    console.print(_table(outcomes, accepted))
    for mutant in unaccepted:
        console.print(f"SURVIVED {mutant}")
    for module, function, was, becomes in unneeded:
        console.print(
            f"ACCEPTED, BUT KILLED OR GONE {module}: {function}\n    - {was}\n    + {becomes}"
        )
    tried = len(outcomes) - len(survivors) + len(unaccepted)
    score = (tried - len(unaccepted)) / tried if tried else 1
    console.print(
        f"{len(outcomes)} mutants, {len(survivors) - len(unaccepted)} of them equal to the "
        f"original: {tried - len(unaccepted)} of {tried} killed, a score of {score:.2%}, in "
        f"{time.monotonic() - started:.0f} s, {_processor_seconds():.0f} s of processor time."
    )
    return 1 if unaccepted or unneeded else 0


def _table(outcomes: Mapping[Mutant, Outcome], accepted: set[Key]) -> Table:
    counted: dict[str, Counter[str]] = {}
    for mutant, outcome in outcomes.items():
        if outcome in _NOTICED:
            how = "killed"
        else:
            how = "accepted" if mutant.key in accepted else "survived"
        counted.setdefault(mutant.key[0], Counter())[how] += 1
    columns = ("killed", "accepted", "survived")
    table = Table("module", "mutants", *columns)
    for module, counts in (
        *sorted(counted.items()),
        ("all", sum(counted.values(), Counter[str]())),
    ):
        table.add_row(module, str(counts.total()), *(str(counts[one]) for one in columns))
    return table


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.exit(main())
