"""Our own API under `/_emulator/`: health, accounts with their provider ports, faults.

    GET    /_emulator/health               instance, pid, start time, accounts
    POST   /_emulator/accounts/<account>   open the account; answers its provider ports
    POST   /_emulator/faults               ask for a fault, see `emulator.aws.fault_document`
    GET    /_emulator/faults/<account>     the account's faults, and how often each has struck
    DELETE /_emulator/faults/<account>     forget the account's faults

It is not signed. What exists in an account is asked through AWS's API, not here.
"""

import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from werkzeug.wrappers import Response

from emulator.aws.caller import is_account
from emulator.aws.errors import AwsError
from emulator.aws.faults import Faults

PREFIX = "/_emulator/"


class ProviderPorts(Protocol):
    """What opens the gRPC servers of an account, on which the Pulumi engine finds providers."""

    def open(self, account: str) -> dict[str, int]:
        """Return the ports by package name; the same ones each time."""
        ...

    def close(self) -> None:
        """Stop all servers."""
        ...


class EmulatorApi:
    """Answers `/_emulator/`. The providers are made when the first account is opened."""

    def __init__(
        self, instance: str, faults: Faults, make_providers: Callable[[], ProviderPorts]
    ) -> None:
        self._instance = instance
        self._faults = faults
        self._make_providers = make_providers
        self._providers: ProviderPorts | None = None
        self._accounts: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")

    def answer(self, method: str, path: str, body: bytes) -> Response:
        """Answer one request. Raises AwsError."""
        match [method, *path.removeprefix(PREFIX).strip("/").split("/")]:
            case ["GET", "health"]:
                answer: dict[str, Any] = self._health()
            case ["POST", "accounts", account]:
                answer = {"account": account, "providers": self.open(account)}
            case ["POST", "faults"]:
                self._faults.ask(_object(body))
                answer = {}
            case ["GET", "faults", account]:
                answer = {"account": account, "faults": self._faults.tell(account)}
            case ["DELETE", "faults", account]:
                self._faults.clear(account)
                answer = {}
            case _:
                raise AwsError("NotFound", f"The offline AWS has no {method} {path}", 404)
        return Response(json.dumps(answer), content_type="application/json")

    def open(self, account: str) -> dict[str, int]:
        """Return the account's provider ports, opening them the first time."""
        if not is_account(account):
            raise AwsError("ValidationException", f"account is {account!r}, allowed: 12 digits")
        with self._lock:
            if self._providers is None:
                self._providers = self._make_providers()
            self._accounts[account] = self._providers.open(account)
        return self._accounts[account]

    def close(self) -> None:
        """Stop the providers."""
        if self._providers is not None:
            self._providers.close()

    def _health(self) -> dict[str, Any]:
        return {
            "instance": self._instance,
            "pid": os.getpid(),
            "started": self._started,
            "accounts": sorted(self._accounts),
        }


def _object(body: bytes) -> dict[str, Any]:
    try:
        document: Any = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("ValidationException", f"The body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise AwsError("ValidationException", "The body is not a JSON object")
    return cast("dict[str, Any]", document)
