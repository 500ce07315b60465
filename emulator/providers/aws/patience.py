"""How long an operation goes on waiting for AWS, as terraform's AWS provider does it.

Its pauses grow up to ten seconds and more; here they are short, as all waiting is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 3.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class Patience:
    """Waits until a time is up, or nobody waits for the answer any more.

    Attributes:
        seconds: From now on.
        closing: Set when the offline AWS ends.
        cancelled: Set when the command that waits is cancelled or gone.
    """

    seconds: float
    closing: Event
    cancelled: Event
    _started: float = field(default_factory=time.monotonic)

    def turns(self) -> Iterator[None]:
        """A turn at once, and one after each pause, until the time is up.

        Raises:
            ProviderError: Nobody waits any more.
        """
        yield
        pause = FIRST_PAUSE
        while (left := self._started + self.seconds - time.monotonic()) > 0:
            # The other event is looked at between the pauses: nothing waits for two of them.
            if self.cancelled.is_set():
                raise ProviderError("context canceled")
            if self.closing.wait(min(pause, left)):
                raise ProviderError("the offline AWS was stopped while it was waited for")
            pause = min(pause * 1.5, LONGEST_PAUSE)
            yield

    def __str__(self) -> str:
        """The time as Go writes it: `1h0m0s`, `20m0s`, `1.5s`."""
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(int(minutes), 60)
        text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
        return f"{text}{seconds:g}s"
