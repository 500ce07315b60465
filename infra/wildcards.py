"""Patterns of IAM compared with patterns: ``*`` is any text, ``?`` any one character.

A permission may be needed on more than one ARN, such as on log groups whose names end at random,
so what is needed is a pattern as well as what is granted.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_WILDCARDS: Final = frozenset("*?")
# Any one of the characters that neither pattern spells out; all of them are alike.
_ANOTHER: Final = ""


# Agents ask for the same actions, of documents alike.
@lru_cache(maxsize=4096)
def covers(pattern: str, wanted: str) -> bool:
    """Whether the pattern matches every text that ``wanted`` matches."""
    pattern, wanted = _without_common_beginning(pattern, wanted)
    if not {pattern[:1], wanted[:1]} & _WILDCARDS:
        return pattern == wanted
    alphabet = {char for char in pattern + wanted if char not in _WILDCARDS} | {_ANOTHER}
    # A place in what is wanted, and every place of the pattern that the same text leads to.
    waiting: list[tuple[int, frozenset[int]]] = [(0, frozenset(_with_empty_steps(pattern, {0})))]
    seen = set(waiting)
    while waiting:
        at, reached = waiting.pop()
        for here in _with_empty_steps(wanted, {at}):
            if here == len(wanted) and len(pattern) not in reached:
                return False
            char = wanted[here : here + 1]
            for symbol in alphabet if char in _WILDCARDS else {char}:
                for after in _steps(wanted, here, symbol):
                    there = {place for each in reached for place in _steps(pattern, each, symbol)}
                    state = (after, frozenset(_with_empty_steps(pattern, there)))
                    if state not in seen:
                        seen.add(state)
                        waiting.append(state)
    return True


def overlap(one: str, other: str) -> bool:
    """Whether there is a text that both patterns match."""
    one, other = _without_common_beginning(one, other)
    if not {one[:1], other[:1]} & _WILDCARDS:
        return one == other
    seen, waiting = {(0, 0)}, [(0, 0)]
    while waiting:
        at, there = waiting.pop()
        if (at, there) == (len(one), len(other)):
            return True
        for state in _steps_of_both(one, at, other, there):
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return False


def _without_common_beginning(one: str, other: str) -> tuple[str, str]:
    """Both without the literal characters they share, most of two ARNs."""
    shared = 0
    for char, theirs in zip(one, other, strict=False):
        if char != theirs or char in _WILDCARDS:
            break
        shared += 1
    return one[shared:], other[shared:]


def _steps_of_both(one: str, at: int, other: str, there: int) -> Iterator[tuple[int, int]]:
    if one[at : at + 1] == "*":
        yield at + 1, there
    if other[there : there + 1] == "*":
        yield at, there + 1
    if at < len(one) and there < len(other):
        mine, theirs = one[at], other[there]
        if mine == theirs or mine in _WILDCARDS or theirs in _WILDCARDS:
            yield at + (mine != "*"), there + (theirs != "*")


def _with_empty_steps(pattern: str, places: set[int]) -> set[int]:
    """The places, and those behind stars, which may stand for nothing."""
    reached = set(places)
    for place in places:
        behind = place
        while pattern[behind : behind + 1] == "*":
            behind += 1
            reached.add(behind)
    return reached


def _steps(pattern: str, place: int, symbol: str) -> Iterator[int]:
    """Where a character leads to from a place."""
    char = pattern[place : place + 1]
    if char == "*":
        yield place
    elif char and char in ("?", symbol):
        yield place + 1
