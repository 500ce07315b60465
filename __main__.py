"""The Pulumi program."""

import atexit
import gc

# Nearly everything a program makes lives until it ends. Looking for garbage among it costs half of
# the program's processor time at 100 agents, grows with their square, and frees next to nothing.
gc.disable()
# So does the interpreter's end, which looks once more, at a quarter of a small program's time.
atexit.register(gc.freeze)

from infra.stack import deploy  # noqa: E402 - imports are spared the search as well

deploy()
