"""IAM's wildcards: ``*`` is any text, also none; ``?`` is any one character; nothing else is."""

import fnmatch
import re
from functools import lru_cache
from string import digits
from typing import Final

_BEGINNING: Final = re.compile(r"[^*?]+")

SECTION: Final = "\x02"
"""In the second pattern of :func:`overlap`: any text without what parts an ARN, also none."""
DIGIT: Final = "\x03"
"""Likewise: any one digit."""
UNSPELLED: Final = "\x04"
"""Likewise: one character that a wildcard matches, and no letter that is spelled out."""


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the text, letter case included."""
    literal = _BEGINNING.match(pattern)
    if literal and not text.startswith(literal[0]):
        return False  # most ARNs differ before the first wildcard, and need no pattern compiled
    return bool(_form(pattern).match(text))


def has_wildcard(text: str) -> bool:
    """Whether it holds a wildcard."""
    return "*" in text or "?" in text


def is_all(pattern: str) -> bool:
    """Whether a pattern is wildcards only, so that it matches everything."""
    return "*" in pattern and set(pattern) <= {"*", "?"}


def overlap(one: str, other: str) -> bool:
    """Whether there is a text that both patterns match.

    A wildcard means colons and slashes too. What stands for no more than one section of an ARN is
    :data:`SECTION`.
    """
    reached = _behind_stars(other, {0})
    for char in one:
        if char == "*":
            reached = set(range(min(reached), len(other) + 1))
        else:
            reached = _behind_stars(other, _after(char, other, reached))
        if not reached:
            return False
    return len(other) in reached


def _after(char: str, pattern: str, places: set[int]) -> set[int]:
    found: set[int] = set()
    for place in places:
        theirs = pattern[place : place + 1]
        if theirs == "*" or (theirs == SECTION and char not in ":/"):
            found.add(place)
        elif "?" in (char, theirs) or char == theirs or (theirs == DIGIT and char in digits):
            found.add(place + 1)  # behind the end it leads nowhere
    return found


def _behind_stars(pattern: str, places: set[int]) -> set[int]:
    found = set(places)
    for place in places:
        behind = place
        while pattern[behind : behind + 1] in ("*", SECTION):
            behind += 1
            found.add(behind)
    return found


@lru_cache(maxsize=8192)
def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
