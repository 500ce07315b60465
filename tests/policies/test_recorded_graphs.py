"""The program passes the pack: every shape a deployment can have, previewed and deployed."""

from fnmatch import fnmatchcase
from typing import Final

import pytest

from tests.policies.graphs import NAMES, recorded
from tests.policies.verdicts import Verdict, verdicts

UNCHECKED: Final[dict[tuple[str, str, str], str]] = {}
"""Why a rule cannot look at the first preview: by rule, type and path."""


def _is_allowed(verdict: Verdict, allowed: tuple[str, str, str]) -> bool:
    rule, kind, path = allowed
    return (verdict.rule, verdict.type) == (rule, kind) and fnmatchcase(verdict.path, path)


@pytest.mark.parametrize("name", NAMES)
def test_the_program_passes_every_rule_at_its_first_preview(name: str) -> None:
    found = [one for one in verdicts(recorded(name).preview) if one.is_finding]
    assert found == [], "the program does what the pack asks"


@pytest.mark.parametrize("name", NAMES)
def test_the_program_passes_every_rule_once_it_is_deployed(name: str) -> None:
    assert verdicts(recorded(name).deployed) == [], "nothing is wrong, and all of it is known"


@pytest.mark.parametrize("name", NAMES)
def test_what_could_be_known_at_preview_is_looked_at(name: str) -> None:
    unchecked = [one for one in verdicts(recorded(name).preview) if not one.is_finding]
    surprising = [
        one for one in unchecked if not any(_is_allowed(one, allowed) for allowed in UNCHECKED)
    ]
    assert surprising == [], "the program knows these values, or a rule could do without"


def test_every_allowance_is_for_something_that_happens() -> None:
    unchecked = [one for name in NAMES for one in verdicts(recorded(name).preview)]
    unused = [
        allowed for allowed in UNCHECKED if not any(_is_allowed(one, allowed) for one in unchecked)
    ]
    assert unused == [], "the rule looks there, so nothing needs an excuse"
