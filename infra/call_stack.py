"""Keeps the call stack that is recorded with every resource short.

For each resource the SDK sends the engine the whole call stack, through the exec script down to
the interpreter's event loop, as absolute paths of the machine. The engine keeps it in the state: a
third of its bytes, and it writes the whole state anew at each step of a deployment. The innermost
frames, the component's and the composition's, are what a reader of the state wants.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

# Six frames of the SDK's constructors, which it cuts off itself, then four of the program's.
_FRAMES: Final = 10


@contextmanager
def short_call_stacks() -> Generator[None]:
    """Limit what `traceback.extract_stack` returns; the traceback of an error stays whole.

    The limit, `sys.tracebacklimit`, is the only one the SDK's call takes. It counts from the inside
    for a call stack but from the outside for an exception's traceback, so it must be gone before
    one is shown.
    """
    sys.tracebacklimit = _FRAMES
    try:
        yield
    finally:
        del sys.tracebacklimit
