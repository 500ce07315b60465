"""The Pulumi program."""

import atexit
import gc

# Nearly everything a program makes lives until it ends. Looking for garbage among it costs half of
# the program's processor time at 100 agents, grows with their square, and frees next to nothing.
gc.disable()
# So does the interpreter's end, which looks once more, at a quarter of a small program's time.
atexit.register(gc.freeze)

import asyncio  # noqa: E402 - imports are spared the search as well
from typing import Any  # noqa: E402

import pulumi  # noqa: E402
from pulumi.runtime import settings  # noqa: E402

from infra.stack import deploy  # noqa: E402


async def _wait_at_once() -> None:
    """Wait until all that the program made of outputs is done.

    The SDK would wait for the first of them, then for the first of the rest, and so on: up to half
    of the program's processor time at 100 agents, and it grows with their square.
    """
    of_sdk: Any = settings.SETTINGS
    while True:
        with of_sdk.lock:
            pending: list[asyncio.Task[Any]] = [t for t in of_sdk.outputs if not t.done()]
        if not pending:
            return
        await asyncio.wait(pending)


deploy()
pulumi.run(_wait_at_once)
