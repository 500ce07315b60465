"""The AWS side put together, listening on one loopback port."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from emulator.aws.agentcore.control_plane import ControlPlane
from emulator.aws.agentcore.handlers import Handlers
from emulator.aws.agentcore.store import Store
from emulator.aws.cloudcontrol.iam_role import ROLE, Roles
from emulator.aws.cloudcontrol.requests import Requests
from emulator.aws.cloudcontrol.service import CloudControl
from emulator.aws.emulator_api import EmulatorApi, ProviderPorts
from emulator.aws.faults import Faults
from emulator.aws.front import Front
from emulator.aws.moto_services.application import application

_HOST = "127.0.0.1"

# How long, in seconds, each step of a mutation takes: long enough to be seen, short enough to wait.
PAUSE = 0.05
_POLL = 0.05  # how often, in seconds, the server looks whether it is to stop


IDLE = 5.0
"""Seconds after which a connection without a request is closed: each holds a thread."""


class _RequestHandler(WSGIRequestHandler):
    """Answers one request after another on a connection, as AWS does.

    werkzeug's own closes each connection after one answer, because it does not know what of the
    request is still unread. The front reads all of each.
    """

    protocol_version = "HTTP/1.1"
    # Head and body of an answer are sent apart: the body would wait until the head is acknowledged.
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Answer the next request, or close the connection when none comes."""
        coming = select.poll()
        coming.register(self.connection, select.POLLIN)
        if coming.poll(IDLE * 1000):
            super().handle_one_request()
        else:
            self.close_connection = True

    def run_wsgi(self) -> None:
        """Ask the front, and write its answer."""
        body, status, headers = run_wsgi_app(self.server.app, self.make_environ(), buffered=True)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"".join(body))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave the log to the front, which knows the operation."""


class _Server(ThreadedWSGIServer):
    """Ends the connections that clients keep, too, when it is closed."""

    def __init__(self, port: int, front: Front) -> None:
        super().__init__(_HOST, port, front, _RequestHandler)
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection in a thread of its own."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Take no more connections and no more requests; what is being answered still is."""
        super().server_close()
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)


class AwsServer:
    """The offline AWS over HTTP. `port` 0 takes a free one."""

    def __init__(
        self,
        instance: str,
        make_providers: Callable[[str], ProviderPorts],
        *,
        port: int = 0,
        pause: float = PAUSE,
    ) -> None:
        store, faults = Store(), Faults()
        self._requests = Requests(pause)
        self._emulator_api = EmulatorApi(instance, faults, lambda: make_providers(self.url))
        front = Front(
            CloudControl(Handlers(store, faults), {ROLE: Roles()}, self._requests, faults),
            ControlPlane(store),
            self._emulator_api,
            application(),
            faults,
        )
        self._server = _Server(port, front)
        front.endpoint = self.url
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """The endpoint URL of every AWS service."""
        return f"http://{_HOST}:{self.port}"

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving; the state is gone."""
        self._requests.close()
        self._server.shutdown()
        self._server.server_close()
        self._emulator_api.close()
        with contextlib.suppress(RuntimeError):
            self._thread.join(timeout=5)
