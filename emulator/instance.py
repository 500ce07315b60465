"""An instance of the offline AWS: one folder, one background process.

The folder holds `emulator.json` (pid, port, instance), `emulator.log` (before it `emulator.log.1`)
and the lock that the process holds as long as it lives. The AWS state is in that process' memory: a
stopped instance starts empty. Whoever deploys on it keeps Pulumi's state in the folder too.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

DEFAULT_DIRECTORY = Path(".offline/emulator")
STATE_FILE = "emulator.json"
LOCK_FILE = "emulator.lock"
LOG_FILE = "emulator.log"

_ATTACHING = ("PULUMI_DEBUG_PROVIDERS", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
_LOOPBACK = "127.0.0.1,localhost"

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05

Plugins = Literal["attached", "pulumi"]


class InstanceError(Exception):
    """The instance cannot do what was asked; the message says the way out."""


@dataclass(frozen=True)
class Running:
    """A process that answers."""

    pid: int
    port: int
    instance: str
    # Whether this call started it, and so its AWS is empty.
    started: bool = False

    @property
    def url(self) -> str:
        """The endpoint URL of every AWS service."""
        return f"http://127.0.0.1:{self.port}"


class Instance:
    """One instance, told by its folder.

    `pause` is how long, in seconds, each step of a mutation takes in a process that it starts.
    """

    def __init__(self, directory: Path = DEFAULT_DIRECTORY, pause: float | None = None) -> None:
        self.directory = directory.absolute()
        self._pause = pause

    @property
    def log(self) -> Path:
        """The process' log."""
        return self.directory / LOG_FILE

    @property
    def logged(self) -> str:
        """What the log holds, the earlier part first."""
        parts = (self.log.with_name(f"{LOG_FILE}.1"), self.log)
        return "".join(part.read_text("utf-8", "replace") for part in parts if part.exists())

    def start(self) -> Running:
        """Return the running process, starting one when there is none.

        Raises InstanceError when it does not answer in time, with the end of its log.
        """
        running = self.status()
        if running is not None:
            return running
        self.directory.mkdir(parents=True, exist_ok=True)
        child = None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            running = self.status()
            if running is not None:
                ours = child is not None and child.pid == running.pid
                return Running(running.pid, running.port, running.instance, started=ours)
            if child is not None and child.poll() not in (None, 0):
                break
            # One that was killed a moment ago may still hold the lock.
            if (child is None or child.poll() == 0) and not self._alive():
                child = self._spawn()
            time.sleep(_POLL_SECONDS)
        pid = self._pid()
        problem = (
            f"The offline AWS in {self.directory} did not start."
            if pid is None
            else f"The offline AWS in {self.directory} does not answer. End its process {pid}, and "
            f"with it all that is deployed: python -m emulator stop --instance {self.directory}"
        )
        tail = "\n".join(self.logged.splitlines()[-15:])
        raise InstanceError(f"{problem}\nThe end of {self.log}:\n{tail}")

    def stop(self) -> bool:
        """End the process and wait for its end. Returns False when there was none."""
        pid = self._pid()
        if pid is None:
            return False
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            deadline = time.monotonic() + _STOP_SECONDS
            while time.monotonic() < deadline:
                if not self._alive():
                    _reap(pid)
                    (self.directory / STATE_FILE).unlink(missing_ok=True)
                    return True
                time.sleep(_POLL_SECONDS)
        raise InstanceError(f"Process {pid} of the offline AWS does not end. Try: kill -9 {pid}")

    @contextlib.contextmanager
    def running(self) -> Generator[Running]:
        """Start it, and stop it at the end, whatever happens and whoever started it."""
        try:
            yield self.start()
        finally:
            self.stop()

    def status(self) -> Running | None:
        """Return the process that answers, or None."""
        if not self._alive():
            return None
        try:
            state: dict[str, Any] = json.loads((self.directory / STATE_FILE).read_text())
            running = Running(state["pid"], state["port"], state["instance"])
            self._ask(running, "GET", "health")
        except (OSError, ValueError, KeyError, InstanceError):
            return None
        return running

    def environment(
        self, account: str, region: str, plugins: Plugins = "attached"
    ) -> dict[str, str]:
        """Return the variables that point AWS clients, and the Pulumi engine, at this instance.

        With `plugins="pulumi"` Pulumi's own plugins are used, which read the AWS variables.
        Raises InstanceError when the instance is not running.
        """
        running = self._running()
        environment = {
            "AWS_ENDPOINT_URL": running.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "offline",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **without_proxy(os.environ),
        }
        if plugins == "attached":
            opened = self._ask(running, "POST", f"accounts/{account}")
            ports: dict[str, int] = opened["providers"]
            environment["PULUMI_DEBUG_PROVIDERS"] = ",".join(
                f"{name}:{port}" for name, port in ports.items()
            )
            # For a stack that has resources the engine fetches the plugins of their providers, also
            # of attached ones: hundreds of megabytes, or seconds of waiting where none can be had.
            environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
        return environment

    def ask(
        self, method: str, path: str, document: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Ask the process itself, under `/_emulator/`, see `emulator.aws.emulator_api`.

        Raises InstanceError when it is not running, or with the reason why it refuses.
        """
        return self._ask(self._running(), method, path, document)

    def _running(self) -> Running:
        running = self.status()
        if running is None:
            raise InstanceError(
                f"The offline AWS in {self.directory} is not running. Start it: "
                "python -m emulator start"
            )
        return running

    def _spawn(self) -> "subprocess.Popen[bytes]":
        """Start the process, detached: it outlives this one and its terminal."""
        foreign = foreign_variables(os.environ)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in foreign and not name.startswith(("MOTO_", "PULUMI_"))
        }
        kept.update(without_proxy(kept))
        command = [sys.executable, "-m", "emulator", "serve", "--instance", str(self.directory)]
        if self._pause is not None:
            command += ["--pause", str(self._pause)]
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                cwd=Path(__file__).parents[1],
                env=kept,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _alive(self) -> bool:
        """Whether a process holds the instance's lock."""
        try:
            with (self.directory / LOCK_FILE).open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _pid(self) -> int | None:
        if not self._alive():
            return None
        text = (self.directory / LOCK_FILE).read_text().strip()
        return int(text) if text.isdigit() else None

    def _ask(
        self,
        running: Running,
        method: str,
        path: str,
        document: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{running.url}/_emulator/{path}", json.dumps(document or {}).encode(), method=method
        )
        # No proxy of the shell's surroundings stands between this machine and itself.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                refusal: dict[str, str] = json.load(error)
            raise InstanceError(f"The offline AWS: {refusal['message']}") from error


def foreign_variables(names: Iterable[str]) -> list[str]:
    """Return those that would lead an AWS client, or the Pulumi engine, somewhere else.

    Every setting of the AWS SDKs counts: a profile, an endpoint of one service or a retry mode of
    the user's own reaches every client, some of them before any credentials are looked at.
    """
    return sorted(n for n in names if n.startswith("AWS_") or n in _ATTACHING)


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps a proxy of the surroundings from standing between machine and itself."""
    return {
        name: ",".join(filter(None, [environment.get(name, ""), _LOOPBACK]))
        for name in ("NO_PROXY", "no_proxy")
        if _LOOPBACK not in environment.get(name, "")
    }


def _reap(pid: int) -> None:
    """Take the exit status of a process that this one started, so that no zombie stays."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
