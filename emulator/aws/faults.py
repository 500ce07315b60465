"""Faults on request: what can go wrong at AWS, made to happen when a test or a user asks for it.

`emulator.aws.fault_document` has the documents. Of the faults that match a request, the one that
was asked for first strikes, and no other. What a fault holds goes on at once when the account's
faults are cleared.
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from emulator.aws.cloudcontrol.handler import HandlerError, Work
from emulator.aws.errors import AwsError
from emulator.aws.fault_document import (
    CLOUD_CONTROL,
    AnyRequestFault,
    Failed,
    FailedHalfway,
    LateRole,
    LingeringInterfaces,
    Lost,
    Slow,
    Throttled,
    read_fault,
)

_Answer = TypeVar("_Answer")


class AnswerLostError(Exception):
    """The connection is to be closed without an answer."""


@dataclass
class AskedFault:
    """A fault, how often it has struck, and how many requests it holds at this moment."""

    fault: AnyRequestFault
    struck: int = 0
    holding: int = 0
    _cleared: threading.Event = field(default_factory=threading.Event)

    def matches(self, service: str, operation: str, text: Callable[[], str]) -> bool:
        """Whether it waits for this request."""
        fault = self.fault
        return (
            self.struck < fault.times
            and (fault.service, fault.operation) == (service, operation)
            and _says(text, fault.resource)
        )

    def tell(self) -> dict[str, Any]:
        """Return the document it was asked for by, with the counts."""
        document = self.fault.model_dump(by_alias=True)
        return {**document, "struck": self.struck, "holding": self.holding}

    def clear(self) -> None:
        """Let go of what it holds."""
        self._cleared.set()

    def strike_call(self, call: Callable[[], _Answer], throttling: AwsError) -> _Answer:
        """Make the call of an API in the way the fault says.

        Raises AwsError as the call does or the fault wants it, and AnswerLostError.
        """
        match self.fault:
            case Throttled():
                raise throttling
            case Failed() as failed:
                self._hold(failed.seconds)
                raise AwsError(failed.error_code, failed.message, failed.status)
            case Lost(when=when, seconds=seconds):
                if when == "after":
                    with contextlib.suppress(AwsError):
                        call()
                self._hold(seconds)
                raise AnswerLostError
            case Slow(when="before", seconds=seconds):
                self._hold(seconds)
                return call()
            case Slow(seconds=seconds):
                try:
                    return call()
                finally:
                    self._hold(seconds)
            case FailedHalfway():
                return call()

    def strike_handler(self, start: Callable[[], Work]) -> Work:
        """Do the work of a handler in the way the fault says. Raises HandlerError."""
        match self.fault:
            case Throttled():
                raise HandlerError("Throttling", "Rate exceeded")
            case Failed(error_code=code, message=message):
                raise HandlerError(code, message)
            case Slow(when=when, seconds=seconds):
                identifier = None
                for identifier in start():
                    yield identifier
                    if when == "before":
                        yield from self._step_by_step(identifier, seconds)
                        seconds = 0
                if when == "after" and identifier is not None:
                    yield from self._step_by_step(identifier, seconds)
            case _:
                yield from start()

    def _hold(self, seconds: float) -> None:
        self.holding += 1
        self._cleared.wait(seconds)
        self.holding -= 1

    def _step_by_step(self, identifier: str, seconds: float) -> Work:
        """Hold a handler in steps, so that it can be cancelled as AWS lets it."""
        until = time.monotonic() + seconds
        self.holding += 1
        while time.monotonic() < until and not self._cleared.is_set():
            yield identifier
        self.holding -= 1


@dataclass
class InterfaceHold:
    """For how long network interfaces that nobody uses stay; what it holds goes when it ends."""

    fault: LingeringInterfaces

    def holds(self, released: float) -> bool:
        """Whether an interface of that time, by the monotonic clock, is still there."""
        return time.monotonic() - released < self.fault.seconds

    def end(self) -> None:
        """Let go of what it holds."""
        self.fault = self.fault.model_copy(update={"seconds": 0})


class Faults:
    """The faults asked for, by account. All methods can be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, list[AskedFault]] = {}
        self._late_roles: dict[str, LateRole] = {}
        self._interface_holds: dict[str, InterfaceHold] = {}
        # What the request says whose handler is at work in this thread.
        self._handled = threading.local()

    def ask(self, document: Mapping[str, Any]) -> None:
        """Take one fault. Raises AwsError ValidationException naming what is wrong with it."""
        fault = read_fault(document)
        with self._lock:
            if isinstance(fault, LateRole):
                self._late_roles[fault.account] = fault
            elif isinstance(fault, LingeringInterfaces):
                hold = self._interface_holds.setdefault(fault.account, InterfaceHold(fault))
                hold.fault = fault
            else:
                self._asked.setdefault(fault.account, []).append(AskedFault(fault))

    def tell(self, account: str) -> list[dict[str, Any]]:
        """Return the account's faults, those that wait and those that struck, in their order."""
        with self._lock:
            told = [asked.tell() for asked in self._asked.get(account, [])]
            hold = self._interface_holds.get(account)
            standing = (self._late_roles.get(account), hold.fault if hold else None)
        return [*told, *(one.model_dump(by_alias=True) for one in standing if one)]

    def clear(self, account: str) -> None:
        """Forget the account's faults, and let go of what they hold."""
        with self._lock:
            cleared = self._asked.pop(account, [])
            self._late_roles.pop(account, None)
            hold = self._interface_holds.pop(account, None)
        if hold:
            hold.end()
        for asked in cleared:
            asked.clear()

    def role_delay(self, account: str) -> float:
        """How old, in seconds, a role of the account must be before it can be used."""
        late = self._late_roles.get(account)
        return late.seconds if late else 0.0

    def interface_hold(self, account: str) -> Callable[[], bool]:
        """Return what tells whether network interfaces that are released now are still there."""
        hold, released = self._interface_holds.get(account), time.monotonic()
        return lambda: hold is not None and hold.holds(released)

    def take(
        self, account: str, service: str, operation: str, text: Callable[[], str]
    ) -> AskedFault | None:
        """Return the fault that strikes this call of an API; `text` is all that the call says."""
        return self._take(account, service, operation, text, halfway=False)

    def around(self, account: str, operation: str, text: str, start: Callable[[], Work]) -> Work:
        """Do the work of a handler, with the fault that strikes it; `text` is the request's."""
        self._handled.text = text
        asked = self._take(account, CLOUD_CONTROL, operation, lambda: text, halfway=False)
        yield from start() if asked is None else asked.strike_handler(start)

    def halfway(self, account: str, operation: str, type_name: str) -> str | None:
        """Return the reason for which the handler at work is to fail, its work being done."""
        text = f"{type_name} {getattr(self._handled, 'text', '')}"
        asked = self._take(account, CLOUD_CONTROL, operation, lambda: text, halfway=True)
        return asked.fault.message if asked and isinstance(asked.fault, FailedHalfway) else None

    def _take(
        self,
        account: str,
        service: str,
        operation: str,
        text: Callable[[], str],
        *,
        halfway: bool,
    ) -> AskedFault | None:
        with self._lock:
            for asked in self._asked.get(account, []):
                if isinstance(asked.fault, FailedHalfway) is halfway and asked.matches(
                    service, operation, text
                ):
                    asked.struck += 1
                    return asked
        return None


def _says(text: Callable[[], str], wanted: str) -> bool:
    """Whether it occurs as a word: of `x` and `xs`, `x` means the one."""
    return not wanted or re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text()) is not None
