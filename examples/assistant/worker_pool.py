"""The places for invocations, and the health that follows from how many are taken."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Generator


class PoolFullError(Exception):
    """No place became free in time."""


@dataclass(frozen=True)
class Health:
    """The answer to `/ping`; `time_of_last_update` is the Unix second the status began."""

    status: Literal["Healthy", "HealthyBusy"]
    time_of_last_update: int


class WorkerPool:
    """Bounds how many invocations run at once; the threads themselves are the server's.

    AgentCore ends a session that is idle, and takes `HealthyBusy` as a sign that it is not.
    """

    def __init__(self, size: int, patience: float = 10.0) -> None:
        """Hold `size` places; an invocation waits at most `patience` seconds for one."""
        self._patience = patience
        self._places = threading.BoundedSemaphore(size)
        self._changed = threading.Condition()
        self._running = 0
        self._since = int(time.time())

    @property
    def health(self) -> Health:
        """The status now."""
        with self._changed:
            return Health("HealthyBusy" if self._running else "Healthy", self._since)

    @contextmanager
    def place(self) -> Generator[None]:
        """Hold one place. Raises `PoolFullError`."""
        if not self._places.acquire(timeout=self._patience):
            raise PoolFullError
        try:
            self._count(1)
            yield
        finally:
            self._count(-1)
            self._places.release()

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for running invocations to end; whether they did."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout)

    def _count(self, change: int) -> None:
        with self._changed:
            was_busy = bool(self._running)
            self._running += change
            if bool(self._running) != was_busy:
                self._since = int(time.time())
            self._changed.notify_all()
