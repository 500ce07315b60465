"""The AWS side put together, listening on one loopback port."""

import contextlib
import threading
from collections.abc import Callable

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

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


class _RequestHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave the log to the front, which knows the operation."""


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
        self._server: BaseWSGIServer = make_server(
            _HOST, port, front, threaded=True, request_handler=_RequestHandler
        )
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
