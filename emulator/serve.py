"""The one background process of an instance: the AWS side, and the providers once asked for.

It holds a lock on `emulator.lock` for as long as it lives. The kernel lets go of it however the
process ends, so a left-over `emulator.json` never passes for a running instance, and of two
processes started at once one ends at once.
"""

import contextlib
import fcntl
import gc
import json
import logging
import os
import secrets
import signal
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from emulator.bounded_log import BoundedLog
from emulator.instance import LOCK_FILE, LOG_FILE, STATE_FILE

if TYPE_CHECKING:
    from emulator.aws.emulator_api import ProviderPorts

_LOOK_SECONDS = 0.5

_log = logging.getLogger("emulator")


def serve(directory: Path, pause: float | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Returns at once when the instance is running already.

    `pause` is how long, in seconds, each step of a mutation takes; None is the server's default.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _write_log(directory / LOG_FILE)
    with (directory / LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.info("This instance is running already; nothing to do.")
            return 0
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        state = directory / STATE_FILE
        state.unlink(missing_ok=True)
        _serve(state, pause)
        logging.shutdown()
        # The threads of requests under way, and gRPC's, would keep the interpreter for as long as
        # their calls last.
        os._exit(0)


def _serve(state: Path, pause: float | None) -> None:
    # Imports leave no garbage worth a look; the warm-up turns the collector on again.
    gc.disable()
    from emulator.aws.server import PAUSE, AwsServer  # noqa: PLC0415 - only who serves pays for moto
    from emulator.aws.warm_up import warm_up  # noqa: PLC0415

    # The handler runs in this very thread, also while it enters a wait: an Event could lock up
    # there, a SimpleQueue takes an entry at any time. One that comes just before the thread falls
    # asleep runs when the wait times out.
    stopping: SimpleQueue[None] = SimpleQueue()

    def stop(_number: int, _frame: object) -> None:
        stopping.put(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # What is deployed here ends with this process: the next one is another instance.
    instance = secrets.token_hex(6)
    server = AwsServer(instance, _providers, pause=PAUSE if pause is None else pause)
    server.start()
    _write(state, {"pid": os.getpid(), "port": server.port, "instance": instance})
    _log.info("The offline AWS listens on %s. It starts empty.", server.url)
    threading.Thread(target=warm_up, args=(server.url,), daemon=True).start()
    # A folder that was deleted (git clean, rm) leaves nobody who could stop this process.
    while _tells(state, instance):
        with contextlib.suppress(Empty):
            stopping.get(timeout=_LOOK_SECONDS)
            break
    _log.info("Stopping. What was deployed here is gone with it.")
    server.close()
    # In a folder that was deleted and used anew, the file speaks of another run.
    if _tells(state, instance):
        state.unlink()


def _providers(endpoint_url: str) -> "ProviderPorts":
    from emulator.providers.server import ProviderServers  # noqa: PLC0415 - seconds of imports

    return ProviderServers(endpoint_url)


def _tells(state: Path, instance: str) -> bool:
    """Whether the file still speaks of this run."""
    try:
        return json.loads(state.read_text())["instance"] == instance
    except (OSError, ValueError):
        return False


def _write(path: Path, content: dict[str, object]) -> None:
    """Write the file so that no reader sees half of it."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(path)


def _write_log(path: Path) -> None:
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        handlers=[BoundedLog(path)],
        level=logging.INFO,
        format="%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
