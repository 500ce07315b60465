"""The second way to an engine: Pulumi's own installer, into this project's cache.

The installer is the script Pulumi documents for Linux and macOS. It is asked for the version
`go.mod` pins, so that both ways lead to the same engine, and told to leave the user's shell profile
alone.
"""

import platform
import queue
import threading
import urllib.error
import urllib.request
from http import client
from pathlib import Path

from engine import cache, process, versions
from engine.failure import EngineUnavailableError

INSTALLER = "https://get.pulumi.com/install.sh"
BINARIES = ("bin/pulumi", "bin/pulumi-language-python", "bin/pulumi-language-python-exec")

_SECONDS_TO_REACH = 5.0
_SECONDS_TO_INSTALL = 180.0


class OfficialInstaller:
    """An engine of the pinned version that Pulumi's installer puts into the cache."""

    title = "Pulumi's installer"
    announcement = f"not installed yet; asking {INSTALLER}"

    def __init__(self) -> None:
        self._version = versions.show(versions.pinned_pulumi())
        parts = ("official", self._version, platform.system(), platform.machine())
        self._engine = cache.folder() / cache.key(*parts)

    @property
    def pulumi(self) -> Path:
        """The path of the engine's `pulumi`, whether it is there yet or not."""
        return self._engine / BINARIES[0]

    @property
    def is_installed(self) -> bool:
        """Whether the whole engine is there."""
        return cache.is_whole(self._engine, BINARIES)

    def install(self, progress: cache.Progress) -> None:
        """Run the installer, unless the engine is there.

        Raises EngineUnavailableError when the installer cannot be reached within a few seconds,
        fails, or leaves no engine that runs.
        """
        cache.install(self._engine, BINARIES, self._fill, progress)

    def _fill(self, empty: Path) -> None:
        script = empty / "install.sh"
        script.write_bytes(_download(INSTALLER))
        wanted = ["--no-edit-path", "--install-root", str(empty), "--version", self._version]
        code, lines = process.follow(
            ["sh", str(script), *wanted], cwd=empty, seconds=_SECONDS_TO_INSTALL
        )
        script.unlink()
        if code != 0:
            raise EngineUnavailableError(
                f"it failed: {lines[-1] if lines else f'exit code {code}'}"
            )
        if not cache.is_whole(empty, BINARIES):
            raise EngineUnavailableError(f"it did not leave {', '.join(BINARIES)}")
        process.output([str(empty / BINARIES[0]), "version"], seconds=20)


def _download(url: str) -> bytes:
    # The look-up of a name has no time limit of its own in Python, hence the thread.
    answers: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def fetch() -> None:
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS_TO_REACH) as response:  # noqa: S310
                answers.put(response.read())
        except (OSError, client.HTTPException) as error:
            answers.put(error)

    threading.Thread(target=fetch, daemon=True).start()
    silent = EngineUnavailableError(f"{url} is silent for {_SECONDS_TO_REACH:.0f} s")
    try:
        answer = answers.get(timeout=_SECONDS_TO_REACH)
    except queue.Empty:
        raise silent from None
    if isinstance(answer, bytes):
        return answer
    reason = answer.reason if isinstance(answer, urllib.error.URLError) else answer
    if isinstance(reason, TimeoutError):
        raise silent
    raise EngineUnavailableError(f"{url} cannot be reached ({reason})")
