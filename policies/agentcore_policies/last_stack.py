"""Puts something together of a stack once for all rules that judge the same one in turn."""

from collections.abc import Callable
from typing import TypeVar

from agentcore_policies.model import Stack

Made = TypeVar("Made")


def for_last_stack(make: Callable[[Stack], Made]) -> Callable[[Stack], Made]:
    """Return ``make``, called anew only for another stack than the last."""
    last: list[tuple[Stack, Made]] = []

    def made(stack: Stack) -> Made:
        for judged, of_judged in last:
            if judged is stack:
                return of_judged
        of_stack = make(stack)
        last[:] = [(stack, of_stack)]
        return of_stack

    return made
