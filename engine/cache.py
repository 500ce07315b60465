"""Where installed engines are kept between clones, and how one gets there whole or not at all."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

from engine.failure import EngineUnavailableError

Progress = Callable[[str], None]

_UNFINISHED = ".unfinished"


def folder() -> Path:
    """Name the folder of all engines: `agentcore-pulumi/engine` in the user's cache folder.

    Raises EngineUnavailableError when the user has none.
    """
    # The XDG base directory specification: a relative path is invalid and has to be ignored.
    configured = os.environ.get("XDG_CACHE_HOME", "")
    try:
        cache = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    except RuntimeError as error:
        raise EngineUnavailableError(f"no cache folder: {error}; set XDG_CACHE_HOME") from error
    return cache / "agentcore-pulumi" / "engine"


def key(*parts: str | bytes) -> str:
    """Name the engine made from these parts; any other part or order gives another name."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def is_whole(engine: Path, binaries: tuple[str, ...]) -> bool:
    """Tell whether every binary of an installed engine is there and can be executed."""
    return all(os.access(engine / name, os.X_OK) for name in binaries)


def install(
    engine: Path, binaries: tuple[str, ...], fill: Callable[[Path], None], progress: Progress
) -> None:
    """Have `fill` make an engine in an empty folder, which becomes `engine` when it is whole.

    One process at a time fills this cache; a second one waits and finds the first one's work. A
    process that is killed leaves no lock (the kernel drops it); its unfinished folder is removed by
    the next one.

    Raises EngineUnavailableError when the cache cannot be written, and what `fill` raises.
    """
    try:
        engine.parent.mkdir(parents=True, exist_ok=True)
        with _locked(engine.parent, progress):
            if is_whole(engine, binaries):
                return
            for leftover in engine.parent.glob(f"*{_UNFINISHED}"):
                shutil.rmtree(leftover, ignore_errors=True)
            unfinished = engine.with_name(engine.name + _UNFINISHED)
            unfinished.mkdir()
            try:
                fill(unfinished)
                shutil.rmtree(engine, ignore_errors=True)
                unfinished.rename(engine)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise EngineUnavailableError(
            f"the cache {engine.parent} cannot be written ({error}); set XDG_CACHE_HOME to another "
            "folder"
        ) from error


@contextlib.contextmanager
def _locked(cache: Path, progress: Progress) -> Generator[None]:
    with (cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is installing an engine; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
