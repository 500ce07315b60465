"""``make up`` of a stack from nothing, and once more, on an offline AWS of its own."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from commands.workspace import CHECKOUT
from emulator.instance import Instance
from engine import install

_STEPS: Final = ("from nothing", "again")
_LEFT_OUT: Final = shutil.ignore_patterns(".git", ".offline", ".venv", "tests")


def make_up(scratch: Path, stack: str, runs: int, console: Console) -> dict[str, list[float]]:
    """Seconds of each, with the start of the offline AWS but without any installation.

    Each run has a copy of the checkout, so that it finds an empty AWS and touches no other one.
    """
    install.ensure(console.print)
    samples: dict[str, list[float]] = {step: [] for step in _STEPS}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("make up", total=runs * len(_STEPS))
        for run in range(runs):
            checkout = _copy(scratch / f"checkout-{run}")
            try:
                for step in _STEPS:
                    samples[step].append(_seconds(checkout, stack))
                    progress.advance(task)
            finally:
                Instance(checkout / ".offline" / "emulator").stop()
    return samples


def _copy(checkout: Path) -> Path:
    shutil.copytree(CHECKOUT, checkout, ignore=_LEFT_OUT)
    (checkout / ".venv").symlink_to(CHECKOUT / ".venv")
    return checkout


def _seconds(checkout: Path, stack: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "commands", "up", "--stack", stack],
        cwd=checkout,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"make up STACK={stack} failed: {done.stdout}\n{done.stderr}")
    return time.perf_counter() - started
