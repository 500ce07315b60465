"""Resource requests: progress events, client tokens, and the worker that moves them on.

A request is accepted IN_PROGRESS and worked on in the background, as the real handlers do. AWS
keeps requests for seven days; here the newest `KEPT` are kept, so that memory stays bounded.
"""

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, Work
from emulator.aws.errors import AwsError

_log = logging.getLogger("emulator")

KEPT = 2000
_WORKERS = 32
_UNFINISHED = ("PENDING", "IN_PROGRESS", "CANCEL_IN_PROGRESS")


@dataclass
class Request:
    """One mutation asked for, and how far it has come."""

    caller: Caller
    type_name: str
    operation: str
    fingerprint: str
    identifier: str | None = None
    client_token: str | None = None
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "IN_PROGRESS"
    message: str | None = None
    error_code: str | None = None
    event_time: float = field(default_factory=time.time)

    @property
    def unfinished(self) -> bool:
        """Whether there is still work to do."""
        return self.status in _UNFINISHED

    def move(self, status: str, *, code: str | None = None, message: str | None = None) -> None:
        """Record the next status, with the reason where it failed."""
        self.status, self.error_code, self.message = status, code, message
        self.event_time = time.time()

    def end(self, status: str, *, code: str | None = None, message: str | None = None) -> None:
        """Record how the work ended, unless it was no longer waited for."""
        if self.status != "CANCEL_COMPLETE":
            self.move(status, code=code, message=message)

    def event(self) -> dict[str, Any]:
        """Return Cloud Control's ProgressEvent; members without a value are left out."""
        members = {
            "TypeName": self.type_name,
            "Identifier": self.identifier,
            "RequestToken": self.token,
            "Operation": self.operation,
            "OperationStatus": self.status,
            "EventTime": self.event_time,
            "StatusMessage": self.message,
            "ErrorCode": self.error_code,
        }
        return {name: value for name, value in members.items() if value is not None}


class Requests:
    """All requests of all accounts. `pause` is how long, in seconds, each step of work takes."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self._lock = threading.Lock()
        self._requests: OrderedDict[str, Request] = OrderedDict()
        self._closing = threading.Event()
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="cloudcontrol")

    def close(self) -> None:
        """Stop working. What is under way stays as it is."""
        self._closing.set()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def submit(self, request: Request, start: Callable[[], Work]) -> Request:
        """Accept a request, or return the earlier one with the same client token.

        Raises AwsError ClientTokenConflictException when the token was used for another request,
        ConcurrentOperationException when the resource is already being worked on.
        """
        with self._lock:
            earlier = self._with_client_token(
                request.caller, request.client_token, request.fingerprint
            )
            if earlier is not None:
                return earlier
            self._refuse_concurrent(request)
            self._requests[request.token] = request
            self._forget_oldest()
        self._workers.submit(self._work, request, start)
        return request

    def earlier(self, caller: Caller, client_token: str | None, fingerprint: str) -> Request | None:
        """Return the request that was made with this client token, if there was one.

        Raises AwsError ClientTokenConflictException when that was another request.
        """
        with self._lock:
            return self._with_client_token(caller, client_token, fingerprint)

    def find(self, caller: Caller, token: str) -> Request:
        """Return the request. Raises AwsError RequestTokenNotFoundException."""
        request = self._requests.get(token)
        if request is None or not _same_place(request.caller, caller):
            raise AwsError(
                "RequestTokenNotFoundException", f"Request with token {token} was not found."
            )
        return request

    def of(self, caller: Caller) -> list[Request]:
        """Return the requests of the caller's account and region, newest first."""
        with self._lock:
            requests: Iterable[Request] = list(self._requests.values())
        return [found for found in requests if _same_place(found.caller, caller)][::-1]

    def cancel(self, request: Request) -> None:
        """Stop waiting for a request; the service goes on with what it has begun."""
        with self._lock:
            if not request.unfinished:
                raise AwsError(
                    "ConcurrentModificationException",
                    f"Request {request.token} is {request.status} and cannot be cancelled.",
                    500,
                )
            request.move("CANCEL_IN_PROGRESS")

    def _work(self, request: Request, start: Callable[[], Work]) -> None:
        try:
            for identifier in start():
                request.identifier = identifier
                self._closing.wait(self.pause)
                if self._closing.is_set():
                    return
                if request.status == "CANCEL_IN_PROGRESS":
                    request.move("CANCEL_COMPLETE")
        except HandlerError as error:
            request.end("FAILED", code=error.code, message=error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the request has to end
            _log.exception("%s of %s", request.operation, request.type_name)
            request.end("FAILED", code="InternalFailure", message=f"The offline AWS: {error!r}")
        else:
            request.end("SUCCESS")

    def _with_client_token(
        self, caller: Caller, client_token: str | None, fingerprint: str
    ) -> Request | None:
        if client_token is None:
            return None
        for earlier in self._requests.values():
            if earlier.client_token == client_token and _same_place(earlier.caller, caller):
                if earlier.fingerprint != fingerprint:
                    raise AwsError(
                        "ClientTokenConflictException",
                        f"Client token {client_token} was used for another request.",
                    )
                return earlier
        return None

    def _refuse_concurrent(self, request: Request) -> None:
        if request.identifier is None:
            return
        for other in self._requests.values():
            if (
                other.unfinished
                and other.identifier == request.identifier
                and other.type_name == request.type_name
                and _same_place(other.caller, request.caller)
            ):
                raise AwsError(
                    "ConcurrentOperationException",
                    f"Resource of type '{request.type_name}' with identifier "
                    f"'{request.identifier}' has a conflicting operation in progress: "
                    f"{other.operation}, request token {other.token}.",
                )

    def _forget_oldest(self) -> None:
        for token in list(self._requests)[: max(0, len(self._requests) - KEPT)]:
            if not self._requests[token].unfinished:
                del self._requests[token]


def _same_place(one: Caller, other: Caller) -> bool:
    return (one.account, one.region) == (other.account, other.region)
