"""The wait until AgentCore lets go of a network, with one line that tells how far it is."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console

from teardown.held_network import Holding, count

LONGEST: Final = timedelta(hours=8)
"""How long AWS says that it may take."""

_LINE_SECONDS: Final = 600.0


def wait_until_released(
    held: Holding,
    look: Callable[[], Holding],
    *,
    since: datetime,
    again: str,
    console: Console,
    poll_seconds: float,
) -> Holding:
    """Wait, and answer what is held at the end: nothing, unless Ctrl-C ended the wait.

    On a terminal one line is kept up to date; elsewhere a line is written when the number of
    interfaces changes, and every 10 minutes.

    Args:
        held: what is held at the begin.
        look: asks AWS what is held.
        since: when the stack's agents were gone.
        again: the command that goes on after an interruption.
        console: where the line is shown.
        poll_seconds: pause between two looks.
    """
    try:
        if console.is_terminal:
            with console.status("") as status:
                while held.interfaces:
                    status.update(_line(held, since, again))
                    time.sleep(poll_seconds)
                    held = look()
        else:
            told, told_at = 0, 0.0
            while held.interfaces:
                due = time.monotonic() >= told_at + _LINE_SECONDS
                if len(held.interfaces) != told or due:
                    told, told_at = len(held.interfaces), time.monotonic()
                    console.print(_line(held, since, again))
                time.sleep(poll_seconds)
                held = look()
    except KeyboardInterrupt:
        pass
    return held


def _line(held: Holding, since: datetime, again: str) -> str:
    waited = datetime.now(UTC) - since
    longest = (
        f"it may take up to {_hours(LONGEST)}"
        if waited < LONGEST
        else f"longer than the {_hours(LONGEST)} that AWS names, which is a case for AWS Support"
    )
    return (
        f"AgentCore holds {count(held.interfaces)}, {_hours(waited)} after the stack's agents were "
        f"gone ({since.astimezone():%H:%M}): {longest}. Ctrl-C is safe, {again} goes on."
    )


def _hours(duration: timedelta) -> str:
    minutes, seconds = divmod(max(0, int(duration.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
