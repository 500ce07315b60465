"""The progress of a push on a terminal: one line for each layer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.console import Console
    from rich.progress import TaskID

    from images.push import BlobProgress


@contextmanager
def shown_on(console: Console) -> Generator[Callable[[BlobProgress], None]]:
    """Yield what `push` reports to; it shows nothing when `console` is not a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:

        def show(blob: BlobProgress) -> None:
            if blob.digest not in tasks:
                name = blob.digest.removeprefix("sha256:")[:12]
                note = "already there" if blob.already_there else "uploading"
                tasks[blob.digest] = display.add_task(f"{name} {note}", total=blob.size)
            done = blob.size if blob.already_there else blob.sent
            display.update(tasks[blob.digest], completed=done)

        yield show
