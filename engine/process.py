"""Runs one command and takes it down, with all it started, when it may run no longer."""

import contextlib
import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from engine.failure import EngineUnavailableError


def output(command: Sequence[str], *, seconds: float, cwd: Path | None = None) -> str:
    """Return what a short command writes to standard output.

    Raises EngineUnavailableError when it cannot be run, fails, or takes longer than `seconds`.
    """
    shown = " ".join(command)
    try:
        done = subprocess.run(  # noqa: S603 - found on the user's own PATH, or just built
            command,
            cwd=cwd,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineUnavailableError(f"`{shown}` said nothing for {seconds:.0f} s") from error
    except OSError as error:
        raise EngineUnavailableError(f"`{shown}` cannot be run ({error.strerror})") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise EngineUnavailableError(f"`{shown}` failed: {said}")
    return done.stdout.strip()


def follow(
    command: Sequence[str],
    *,
    cwd: Path,
    tick: Callable[[float, Sequence[str]], None] | None = None,
    seconds: float = math.inf,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, list[str]]:
    """Run a long command to its end; return its exit code and the lines it wrote.

    `tick` is called several times a second with the seconds that passed and the lines so far. The
    command has a process group of its own, which is killed when this call ends by an exception, as
    it does on Ctrl-C.

    Raises EngineUnavailableError when the command cannot be run or takes longer than `seconds`.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - Go, or Pulumi's own installer
            command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise EngineUnavailableError(f"`{command[0]}` cannot be run ({error.strerror})") from error
    started = time.monotonic()
    lines: list[str] = []
    with process:
        reader = threading.Thread(target=_collect, args=(process.stdout, lines), daemon=True)
        try:
            reader.start()
            while process.poll() is None:
                passed = time.monotonic() - started
                _refuse_late(passed, seconds)
                if tick is not None:
                    tick(passed, lines)
                time.sleep(0.05)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        reader.join()
    return process.returncode, lines


def _refuse_late(passed: float, seconds: float) -> None:
    if passed > seconds:
        raise EngineUnavailableError(f"it was not done after {seconds:.0f} s")


def _collect(stream: Iterable[str], lines: list[str]) -> None:
    # What an interrupted command writes is closed while it is read.
    with contextlib.suppress(ValueError):
        lines.extend(line.rstrip() for line in stream)
