"""What a provider tells the engine when it cannot do what was asked."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.providers.values import Object, Wire


class ProviderError(Exception):
    """An operation failed; the message is what the user reads."""


class InitializationFailedError(ProviderError):
    """The resource exists although its creation or update failed.

    The engine records it under its id as partially created, so that it is not lost: the next `up`
    repairs it and `destroy` deletes it. What is secret in `secrets` is recorded as secret.
    """

    def __init__(self, reason: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.inputs = inputs
        self.outputs = outputs
        self.secrets: Wire = {}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` with the nearest known name, or nothing when none is near."""
    folded = {candidate.casefold().replace("_", ""): candidate for candidate in known}
    near = difflib.get_close_matches(name.casefold().replace("_", ""), folded, n=1, cutoff=0.6)
    return f'; did you mean "{folded[near[0]]}"?' if near else ""
