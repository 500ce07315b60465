"""The Pulumi program."""

import gc

# Nearly everything a program makes lives until it ends. Looking for garbage among it costs half of
# the program's processor time at 100 agents, grows with their square, and frees next to nothing.
gc.disable()

from infra.stack import deploy  # noqa: E402 - imports are spared the search as well

deploy()
