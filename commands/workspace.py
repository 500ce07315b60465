"""One offline AWS, the Pulumi state of what is deployed on it, and the CLI pointed at both."""

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3

from commands.command_error import CommandError, StackBusyError
from commands.staged_project import StagedProject
from emulator.instance import Instance, InstanceError, Plugins, Running
from engine import install
from engine.failure import EngineUnavailableError
from teardown.pulumi_run import run_through

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

CHECKOUT: Final = Path(__file__).resolve().parents[1]
# A policy pack runs with the Python on PATH.
_BINARIES: Final = Path(sys.prefix) / "bin"
# The message is out already; the code is make's to pass on.
_FAILED: Final = ""
_ROOT: Final = "pulumi:pulumi:Stack"
_ENDING_SECONDS: Final = 0.5
# More than any system numbers its processes to.
_NOBODY: Final = 2**31 - 1


@dataclass(frozen=True)
class Stack:
    """One stack of the workspace, ready to be worked on: the engine, the cloud and the state.

    Attributes:
        name: the stack's name.
        project: the Pulumi project's.
        folder: the folder the CLI works in.
        cloud: variables that point AWS clients, and the engine, at the offline AWS.
        pulumi: the CLI.
        state: the folder its file backend keeps the state in.
    """

    name: str
    project: str
    folder: Path
    cloud: Mapping[str, str]
    pulumi: Path
    state: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point the CLI at the offline AWS and at its state."""
        path = os.environ.get("PATH", "")
        return {
            **self.cloud,
            "PATH": os.pathsep.join(map(str, [self.pulumi.parent, _BINARIES, path])),
            # No metadata files: one that a kill left half-written makes the state unreadable.
            "PULUMI_BACKEND_URL": f"{self.state.as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def run(self, *arguments: str) -> None:
        """Run the CLI on this stack, its output going straight through.

        Raises:
            CommandError: it failed; it has said why itself.
        """
        code = run_through(self.command(*arguments), self.variables)
        if code:
            raise CommandError(_FAILED, exit_code=code)

    def initialise(self) -> None:
        """Make the stack in the state; without selecting it in the user's own workspace."""
        self.read("stack", "init", "--no-select")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets encrypted; empty before the first deployment."""
        roots = [entry for entry in self.resources() if entry["type"] == _ROOT]
        return roots[0].get("outputs") or {} if roots else {}

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, read without the CLI, which costs a tenth of a second."""
        return self.export()["deployment"].get("resources") or []

    @property
    def checkpoint(self) -> Path:
        """The file in which Pulumi's file backend keeps the stack."""
        return self.state / ".pulumi" / "stacks" / self.project / f"{self.name}.json"

    @property
    def at_work(self) -> Path:
        """A file that names who is at work on the stack, from the begin until a good end.

        A deployment that lost an answer of AWS leaves no other trace. It is emptied, never removed:
        a lock on a file that is gone keeps nobody out.
        """
        return self.state / f"{self.name}.at-work"

    @property
    def ended_well(self) -> bool:
        """Whether the last command that changed the stack came to a good end."""
        return not self.at_work.exists() or self.at_work.stat().st_size == 0

    @contextmanager
    def changing(self) -> Generator[bool]:
        """Work on the stack, alone; tells whether the last who did came to a good end.

        Raises:
            StackBusyError: another command is at work on the stack.
        """
        with self.at_work.open("a") as file:
            try:
                # Whoever is killed lets go of it.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackBusyError(
                    f"another command is at work on stack {self.name}. Wait for its end, or end it."
                ) from None
            ended_well = self.ended_well
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield ended_well
            file.truncate(0)

    @property
    def has_pending_operations(self) -> bool:
        """Whether the state may hold operations that a killed CLI left; told without the CLI."""
        return b'"pending_operations"' in self.checkpoint.read_bytes()

    def export(self) -> dict[str, Any]:
        """The state as ``pulumi stack export`` tells it, read without the CLI."""
        checkpoint: dict[str, Any] = json.loads(self.checkpoint.read_bytes())["checkpoint"]
        return {"deployment": checkpoint.get("latest") or {}}

    def has_resources(self) -> bool:
        """Whether the state holds anything but the stack itself."""
        return any(entry["type"] != _ROOT for entry in self.resources())

    def read(self, *arguments: str) -> str:
        """Run the CLI quietly and return what it prints.

        Raises:
            CommandError: with what the CLI said.
        """
        done = subprocess.run(
            self.command(*arguments),
            env=self.variables,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CommandError((done.stderr.strip() or done.stdout.strip()).removeprefix("error: "))
        return done.stdout

    @property
    def session(self) -> boto3.Session:
        """The stack's account of the offline AWS."""
        return boto3.Session(
            aws_access_key_id=self.cloud["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.cloud["AWS_SECRET_ACCESS_KEY"],
            region_name=self.cloud["AWS_REGION"],
        )

    def client(self, service: str, region: str | None) -> Any:
        """A client of one of its services, by default in the stack's region."""
        session: Any = self.session
        return session.client(service, region_name=region, endpoint_url=self.endpoint_url)

    @property
    def endpoint_url(self) -> str:
        """Where every AWS service of it answers."""
        return self.cloud["AWS_ENDPOINT_URL"]

    @property
    def ecr(self) -> "ECRClient":
        """A client of the account's registry."""
        return self.session.client("ecr", endpoint_url=self.endpoint_url)  # pyright: ignore[reportUnknownMemberType]

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of the CLI."""
        return {**os.environ, **self.environment}

    def command(self, *arguments: str) -> list[str]:
        """The CLI's command line for this stack."""
        return [str(self.pulumi), "-C", str(self.folder), *arguments, "--stack", self.name]


class Workspace:
    """The offline AWS of a checkout. Everything of it lies in ``.offline/``."""

    def __init__(
        self,
        report: Callable[[str], None],
        checkout: Path = CHECKOUT,
        plugins: Plugins = "attached",
        instance: Instance | None = None,
    ) -> None:
        self.checkout = checkout
        self._report = report
        self._plugins: Plugins = plugins
        self.folder = checkout / ".offline"
        self.project = StagedProject(checkout, self.folder)
        self.instance = instance or Instance(self.folder / "emulator")

    @cached_property
    def pulumi(self) -> Path:
        """The CLI; installed if this machine has none that is new enough.

        Raises:
            CommandError: no way to one works on this machine.
        """
        try:
            return install.ensure(self._report)
        except EngineUnavailableError as error:
            raise CommandError(str(error)) from None

    def stack(self, name: str) -> Stack:
        """Make everything ready for a stack: engine, offline AWS, project files, state.

        Raises:
            CommandError: no such stack, or one of these cannot be made ready.
        """
        self.project.require(name)
        pulumi = self.pulumi
        self._report(
            "Providers: those of emulator/providers, attached to the engine."
            if self._plugins == "attached"
            else "Providers: Pulumi's own plugins, pointed at the offline AWS."
        )
        with self._alone():
            return self._ready(name, pulumi)

    def _ready(self, name: str, pulumi: Path) -> Stack:
        account, region = self.project.account_and_region(name)
        try:
            running = self.instance.start()
            cloud = self.instance.environment(account, region, self._plugins)
        except InstanceError as error:
            raise CommandError(str(error)) from None
        state = self._state(running)
        self.project.stage()
        stack = Stack(
            name=name,
            project=self.project.name,
            folder=self.folder,
            pulumi=pulumi,
            state=state,
            cloud=cloud,
        )
        if not stack.checkpoint.exists():
            stack.initialise()
        _require_whole(stack.checkpoint)
        self._release_lock(stack)
        return stack

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Of two commands started at once, one makes the cloud and the state, one finds them."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _release_lock(self, stack: Stack) -> None:
        """A CLI that was killed leaves its lock on the stack, and every later command fails on it.

        The one file is deleted: ``pulumi cancel`` takes away every lock, also one made since by a
        CLI that lives.

        Raises:
            StackBusyError: the process that holds the lock is alive.
        """
        locks = stack.state / ".pulumi" / "locks" / "organization" / self.project.name / stack.name
        for file in locks.glob("*.json"):
            holder = _holder(file)
            if holder is None or holder["hostname"] != socket.gethostname():
                continue
            if not _has_ended(int(holder["pid"])):
                raise StackBusyError(
                    f"another command is at work on stack {stack.name} (pid {holder['pid']}). "
                    "Wait for its end, or end it."
                )
            if file.exists():
                self._report(
                    f"Stack {stack.name} was locked by a process that is gone; releasing it."
                )
                file.unlink(missing_ok=True)

    def deployed_stacks(self, stack: Stack) -> list[str]:
        """The stacks that have resources in the state."""
        others = [replace(stack, name=name) for name in self.project.stacks]
        return [one.name for one in others if one.checkpoint.exists() and one.has_resources()]

    def stop(self) -> None:
        """Stop the offline AWS, and forget the state of what was deployed on it."""
        self.instance.stop()
        shutil.rmtree(self._states, ignore_errors=True)
        self.project.forget()

    @property
    def _states(self) -> Path:
        """In the folder of the instance whose cloud they describe: they come and go together."""
        return self.instance.directory / "state"

    def _state(self, running: Running) -> Path:
        """The state of this run of the offline AWS; that of an earlier run describes nothing.

        Checkouts that share an offline AWS have a state each.
        """
        run = self._states / running.instance
        current = run / hashlib.sha256(str(self.checkout).encode()).hexdigest()[:12]
        if not current.exists():
            self._report(
                f"The offline AWS starts empty on {running.url}; nothing is deployed on it."
            )
            if not run.exists():
                shutil.rmtree(self._states, ignore_errors=True)
            self.project.forget()
            current.mkdir(parents=True)
        return current


def _require_whole(checkpoint: Path) -> None:
    """A full disk leaves half a state, on which every command fails.

    Raises:
        CommandError: with the ways out.
    """
    try:
        json.loads(checkpoint.read_bytes())
    except ValueError:
        raise CommandError(
            f"the state {checkpoint} is damaged. Put its backup in its place, "
            f"{checkpoint.name}.bak beside it, and run make recover; or throw everything away: "
            "python -m emulator stop"
        ) from None


def _holder(lock: Path) -> dict[str, Any] | None:
    """Who made a lock; None when it has been released.

    A file that stays half-written for a moment was left by nobody that lives.
    """
    deadline = time.monotonic() + _ENDING_SECONDS
    while True:
        try:
            return json.loads(lock.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            if time.monotonic() > deadline:
                return {"hostname": socket.gethostname(), "pid": _NOBODY}
        time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    """Whether a process is gone; one that was killed a moment ago gets that moment."""
    deadline = time.monotonic() + _ENDING_SECONDS
    while _is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether it has ended and nobody took notice, as under a container's first process."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    # The name in parentheses may hold anything; the state follows it.
    return status.rpartition(")")[2].split()[0] in ("Z", "X")
