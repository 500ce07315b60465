"""Faults on request: what can go wrong at AWS, made to happen when a test or a user asks for it.

A fault is asked for per account by `POST /_emulator/faults`:

    {"account": ..., "operation": "CREATE", "typeName": ..., "errorCode": ..., "message": ...}
        the next such request (or the next `times`) fails with this handler error code
    {"account": ..., "operation": "CREATE", "typeName": ..., "delaySeconds": 3}
        the next such request takes that much longer
    {"account": ..., "roleDelaySeconds": 5}
        roles are not usable until they are that old, as IAM is eventually consistent
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.aws.caller import is_account
from emulator.aws.cloudcontrol.handler import HandlerError, Work
from emulator.aws.errors import AwsError

_OPERATIONS = ("CREATE", "UPDATE", "DELETE")


@dataclass
class Fault:
    """One fault that waits for its request."""

    operation: str
    type_name: str
    error_code: str | None
    message: str
    delay_seconds: float
    times: int


class Faults:
    """The faults asked for, by account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Fault]] = {}
        self._role_delays: dict[str, float] = {}

    def ask(self, document: Mapping[str, Any]) -> None:
        """Take one fault. Raises AwsError ValidationException naming what is wrong with it."""
        try:
            self._ask(dict(document))
        except (TypeError, ValueError) as error:
            raise _invalid(str(error)) from error

    def _ask(self, wanted: dict[str, Any]) -> None:
        account = str(wanted.pop("account", ""))
        if not is_account(account):
            raise _invalid(f"account is {account!r}, allowed: 12 digits")
        if "roleDelaySeconds" in wanted:
            seconds = float(wanted.pop("roleDelaySeconds"))
            _refuse_rest(wanted)
            self._role_delays[account] = seconds
            return
        fault = Fault(
            operation=str(wanted.pop("operation", "")),
            type_name=str(wanted.pop("typeName", "")),
            error_code=wanted.pop("errorCode", None),
            message=str(wanted.pop("message", "A fault that was asked for")),
            delay_seconds=float(wanted.pop("delaySeconds", 0)),
            times=int(wanted.pop("times", 1)),
        )
        _refuse_rest(wanted)
        if fault.operation not in _OPERATIONS:
            raise _invalid(f"operation is {fault.operation!r}, allowed: {', '.join(_OPERATIONS)}")
        if not fault.type_name:
            raise _invalid("typeName is missing")
        if fault.error_code is None and fault.delay_seconds <= 0:
            raise _invalid("give errorCode, or delaySeconds above 0, or roleDelaySeconds")
        with self._lock:
            self._waiting.setdefault(account, []).append(fault)

    def clear(self, account: str) -> None:
        """Forget the account's faults."""
        with self._lock:
            self._waiting.pop(account, None)
            self._role_delays.pop(account, None)

    def role_delay(self, account: str) -> float:
        """How old, in seconds, a role of the account must be before it can be used."""
        return self._role_delays.get(account, 0.0)

    def halfway(self, account: str, operation: str, type_name: str) -> str | None:
        """Why the work, all but done, is to end in failure; None when it is not."""
        del account, operation, type_name

    def around(
        self, account: str, operation: str, type_name: str, start: Callable[[], Work]
    ) -> Work:
        """Do the work, with the fault that waits for it, if there is one."""
        fault = self._take(account, operation, type_name)
        if fault is not None and fault.error_code is not None:
            raise HandlerError(fault.error_code, fault.message)
        slow = fault.delay_seconds if fault else 0.0
        for identifier in start():
            yield identifier
            until, slow = time.monotonic() + slow, 0.0
            while time.monotonic() < until:
                yield identifier

    def _take(self, account: str, operation: str, type_name: str) -> Fault | None:
        with self._lock:
            waiting = self._waiting.get(account, [])
            for fault in waiting:
                if (fault.operation, fault.type_name) == (operation, type_name):
                    fault.times -= 1
                    if fault.times <= 0:
                        waiting.remove(fault)
                    return fault
        return None


def _refuse_rest(wanted: Mapping[str, Any]) -> None:
    if wanted:
        raise _invalid(f"unknown: {', '.join(sorted(wanted))}")


def _invalid(reason: str) -> AwsError:
    return AwsError("ValidationException", f"This fault cannot be asked for: {reason}")
