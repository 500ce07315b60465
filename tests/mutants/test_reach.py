"""Which tests a change matters to: of what is run at load those that run what was made by it."""

from textwrap import dedent
from typing import Final

import pytest

from tests.mutants.mutants import Mutant, mutants_of
from tests.mutants.reach import LOADING, Reach

MODULE: Final = "agentcore_policies.rules.one"
SOURCE: Final = dedent(
    """
    def _judging(limit: int = 7):
        factor = 3

        def judge(given: int):
            return given < limit * factor

        return judge


    def _both():
        return _judging(11)


    SMALL = _both()


    def asked(given: int):
        return SMALL(given)


    def other(given: int):
        return given < 13


    class Asked:
        def __init__(self, least: int = 17):
            self.least = least

        def other(self):
            return 19
    """
)
LINES: Final = {text.strip(): number for number, text in enumerate(SOURCE.splitlines(), start=1)}


def line(text: str) -> int:
    (number,) = (number for known, number in LINES.items() if text in known)
    return number


def units(number: int) -> set[str]:
    """Whom the change of a number in the source matters to."""
    at_load = ("limit: int = 7", "factor = 3", "def judge", "return judge", "_judging(11)")
    at_load = (
        *at_load,
        "SMALL = _both()",
        "def asked",
        "def other(given",
        "least: int",
        "_both():",
    )
    lines: dict[int, set[str]] = {line(text): {LOADING} for text in at_load}
    for text, unit in (
        ("given < limit", "asking"),
        ("return SMALL(given)", "asking"),
        ("given < 13", "other"),
        ("self.least", "making"),
        ("return 19", "method"),
    ):
        lines[line(text)] = {unit}
    reach = Reach({MODULE: lines}, frozenset(), {MODULE: SOURCE})
    mutant: Mutant
    (mutant,) = (
        one
        for one in mutants_of({MODULE: SOURCE})
        if one.source[one.begin : one.end] == str(number)
    )
    return reach.units(mutant) - {LOADING}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        *((3, {"asking"}), (7, {"asking"}), (11, {"asking"})),
        *((13, {"other"}), (17, {"making"}), (19, {"method"})),
    ],
)
def test_a_change_is_tried_by_those_that_can_notice_it(number: int, expected: set[str]) -> None:
    assert units(number) == expected
