"""`python -m assistant`: run the agent until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from . import log
from .responder import BedrockModel, Echo, ResponderError
from .server import AgentServer
from .settings import Settings, SettingsError
from .worker_pool import WorkerPool

_GRACE = 12.0  # seconds for running invocations; AgentCore's own grace is some 15

_ENDINGS = {signal.SIGTERM, signal.SIGINT}

_log = logging.getLogger(__name__)


def main() -> int:
    """Serve; answer the exit code. Running invocations end before it returns."""
    log.configure()
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        _log.critical("wrong settings", extra={"problems": str(error)})
        return 2
    pool = WorkerPool(settings.workers)
    try:
        responder = BedrockModel(settings.model_id) if settings.model_id else Echo()
        server = AgentServer((settings.host, settings.port), responder, pool)
    except ResponderError as error:
        _log.critical("no client for the model", extra={"reason": str(error)})
        return 1
    except OSError as error:
        fields = {"host": settings.host, "port": settings.port, "reason": error.strerror}
        _log.critical("cannot listen", extra=fields)
        return 1

    # Blocked in every thread and waited for here: a handler could come just before its thread
    # falls asleep, and would then not run until something else wakes it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    host, port = server.server_address[:2]
    _log.info(
        "listening",
        extra={
            "host": host,
            "port": port,
            "workers": settings.workers,
            "answered_by": responder.name,
        },
    )
    signal.sigwait(_ENDINGS)
    server.shutdown()
    finished = pool.wait_until_idle(_GRACE)
    server.server_close()
    _log.info("stopped", extra={"finished": finished})
    return 0


if __name__ == "__main__":
    sys.exit(main())
