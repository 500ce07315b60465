"""AgentCore's HTTP contract: `POST /invocations` and `GET /ping`.

An invocation is answered as JSON, or as server-sent events when the caller accepts
`text/event-stream`. Every error is JSON: `{"error": {"code": ..., "message": ...}}`. WebSockets
(`/ws`) are not served.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from .invocation import Invocation, InvocationError
from .responder import ResponderError
from .worker_pool import PoolFullError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .responder import Responder
    from .worker_pool import WorkerPool

SESSION_HEADER = "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id"
BODY_LIMIT = 1024 * 1024
"""Bytes of a request body. AgentCore allows 100 MB; a prompt needs far less."""

_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_ROUTES = {"/invocations": "POST", "/ping": "GET"}
_log = logging.getLogger(__name__)


class AgentServer(ThreadingHTTPServer):
    """A thread for each connection, so that `/ping` answers while every worker is busy."""

    daemon_threads = True  # idle connections must not hold up the end of the process
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], responder: Responder, pool: WorkerPool) -> None:
        self.responder = responder
        self.pool = pool
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Log a connection that broke, without the traceback the base class prints."""
        _log.warning("connection lost", exc_info=True)


class _RequestError(Exception):
    def __init__(self, status: HTTPStatus, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds a connection may stay silent
    server: AgentServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def _serve(self) -> None:
        self._started = time.monotonic()
        self._path = urlsplit(self.path).path
        self._streaming = False
        try:
            self._check_route()
            if self._path == "/ping":
                self._answer(HTTPStatus.OK, asdict(self.server.pool.health))
            else:
                self._invoke()
        except _RequestError as error:
            self._refuse(error.status, str(error), error.headers)
        except OSError:
            raise  # the caller is gone: nobody to answer
        except Exception:  # noqa: BLE001  whatever it is, the caller gets an answer
            _log.error("unexpected error", exc_info=True, extra=self._fields())
            self._fail(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected error in the agent")

    def _check_route(self) -> None:
        allowed = _ROUTES.get(self._path)
        if allowed is None:
            known = ", ".join(f"{method} {path}" for path, method in _ROUTES.items())
            raise _RequestError(HTTPStatus.NOT_FOUND, f"there is no such path, only {known}")
        if self.command != allowed:
            msg = f"this path takes {allowed} only"
            raise _RequestError(HTTPStatus.METHOD_NOT_ALLOWED, msg, Allow=allowed)

    def _invoke(self) -> None:
        try:
            invocation = Invocation.parse(self._body())
        except InvocationError as error:
            raise _RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
        try:
            with self.server.pool.place():
                if "text/event-stream" in self.headers.get("Accept", ""):
                    self._stream(invocation)
                else:
                    responder = self.server.responder
                    answer = responder.answer(invocation.prompt)
                    self._answer(
                        HTTPStatus.OK,
                        {
                            "answer": answer,
                            "answered_by": responder.name,
                            "session_id": self.headers.get(SESSION_HEADER),
                        },
                    )
        except PoolFullError:
            msg = "every worker is busy; try again"
            raise _RequestError(
                HTTPStatus.SERVICE_UNAVAILABLE, msg, **{"Retry-After": "1"}
            ) from None
        except ResponderError as error:
            self._fail(HTTPStatus.BAD_GATEWAY, f"the model did not answer: {error}")

    def _stream(self, invocation: Invocation) -> None:
        """Send each piece as an event; the end of the connection is the end of the answer."""
        pieces = self.server.responder.stream(invocation.prompt)
        first = next(pieces, "")  # an error before the first piece still gets its own status
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Connection", "close")
        self.end_headers()
        self._streaming = True
        self._event({"text": first})
        for piece in pieces:
            self._event({"text": piece})
        self._event({"done": True, "answered_by": self.server.responder.name})

    def _event(self, data: Mapping[str, object]) -> None:
        self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").strip().lower() == "chunked":
            self.close_connection = True  # trailers stay unread
            return b"".join(self._chunks())
        length = self.headers.get("Content-Length", "")
        if not length:
            raise _RequestError(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        if not (length.isascii() and length.isdigit()):
            raise _RequestError(HTTPStatus.BAD_REQUEST, "Content-Length is not a number")
        return self._read(int(length[:12]), BODY_LIMIT)

    def _chunks(self) -> Iterator[bytes]:
        """The chunks of a body sent without its length (RFC 9112, 7.1)."""
        left = BODY_LIMIT
        while True:
            digits = self.rfile.readline(64).split(b";")[0].strip()
            if not _CHUNK_SIZE.fullmatch(digits):
                msg = "a chunk of the body has no size"
                raise _RequestError(HTTPStatus.BAD_REQUEST, msg)
            size = int(digits, 16)
            if size == 0:
                return
            yield self._read(size, left)
            left -= size
            self.rfile.readline(64)

    def _read(self, size: int, limit: int) -> bytes:
        if size > limit:
            msg = f"the body may have at most {BODY_LIMIT} bytes"
            raise _RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, msg)
        content = self.rfile.read(size)
        if len(content) < size:
            raise _RequestError(HTTPStatus.BAD_REQUEST, "the body is shorter than announced")
        return content

    def _answer(
        self,
        status: HTTPStatus,
        document: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _fail(self, status: HTTPStatus, message: str) -> None:
        """Tell the caller of a failure, as the last event when the answer has begun already."""
        if self._streaming:
            self._event(_error(status, message))
        else:
            self._refuse(status, message, {})

    def _refuse(self, status: HTTPStatus, message: str, headers: Mapping[str, str]) -> None:
        # Part of the body may be unread, and would be taken for the next request.
        self._answer(status, _error(status, message), {**headers, "Connection": "close"})

    def send_error(
        self,
        code: int,
        message: str | None = None,
        explain: str | None = None,  # noqa: ARG002
    ) -> None:
        """Answer what http.server itself refuses (a malformed request) as JSON too."""
        status = HTTPStatus(code)
        # Until the version is read it counts as HTTP/0.9, which has neither status nor headers.
        self.request_version = self.protocol_version
        self._refuse(status, message or status.phrase, {})

    def version_string(self) -> str:
        """Name the agent, not the versions of what it runs on."""
        return "assistant"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        status = code.value if isinstance(code, HTTPStatus) else code
        routine = (getattr(self, "_path", ""), status) == ("/ping", HTTPStatus.OK)
        level = logging.DEBUG if routine else logging.INFO
        _log.log(level, "request", extra={**self._fields(), "status": status})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: http.server would log the request line, with its query string."""

    def _fields(self) -> dict[str, object]:
        headers = cast("Mapping[str, str]", getattr(self, "headers", None) or {})
        started = getattr(self, "_started", None)
        return {
            "method": getattr(self, "command", None),
            "path": getattr(self, "_path", None),
            "session_id": headers.get(SESSION_HEADER),
            "seconds": round(time.monotonic() - started, 3) if started else None,
        }


def _error(status: HTTPStatus, message: str) -> dict[str, object]:
    return {"error": {"code": status.name.lower(), "message": message}}
