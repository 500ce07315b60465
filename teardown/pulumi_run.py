"""Runs the Pulumi CLI to its end, whatever the user presses meanwhile."""

import signal
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager


def run_through(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run it, its output going straight through; answer its exit code.

    Ctrl-C reaches the CLI too, which then ends cleanly: the create in flight finishes and is
    recorded. A second one ends it at once. Either way its end is waited for, which is what keeps
    the state whole.

    Raises:
        KeyboardInterrupt: after the end, when there was a Ctrl-C.
    """
    interrupts: list[int] = []
    with _on_interrupt(interrupts.append):
        code = subprocess.run(command, env=environment, check=False).returncode
    if interrupts:
        raise KeyboardInterrupt
    return code


@contextmanager
def _on_interrupt(take: Callable[[int], None]) -> Generator[None]:
    """Ctrl-C is told and interrupts nothing.

    Where it is ignored, as in a background job, it stays ignored, by the CLI too.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, _frame: take(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
