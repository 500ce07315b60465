"""The log of an instance, bounded: the newest lines are kept, up to twice `LIMIT`."""

import os
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

LIMIT = 4 * 1024 * 1024
"""Bytes, some 35,000 requests."""

_STDOUT_AND_STDERR = (1, 2)


class BoundedLog(RotatingFileHandler):
    """Writes to a file; one that is full becomes the earlier one, in the place of that before.

    What else the process writes there (a crash of the interpreter, say) follows: of the descriptors
    `followers`, those that are open on the same file.
    """

    def __init__(
        self,
        path: Path,
        limit: int = LIMIT,
        followers: Sequence[int] = _STDOUT_AND_STDERR,
    ) -> None:
        super().__init__(path, maxBytes=limit, backupCount=1, encoding="utf-8")
        self._followers = followers

    def doRollover(self) -> None:  # noqa: N802 - the standard library's name
        """Begin a new file."""
        full = Path(self.baseFilename).stat()
        following = [fd for fd in self._followers if os.path.samestat(os.fstat(fd), full)]
        super().doRollover()
        with Path(self.baseFilename).open("ab") as begun:
            for descriptor in following:
                os.dup2(begun.fileno(), descriptor)
