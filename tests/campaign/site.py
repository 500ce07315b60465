"""A checkout with an account of its own, deployed by what `make up` runs."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from commands.command_error import CommandError
from commands.up import up
from commands.workspace import Stack, Workspace
from emulator.instance import Instance
from tests.campaign.jobs import Job
from tests.campaign.steps import LoggedRequest, creations, logged_requests
from tests.emulator.aws.cloud import random_account
from tests.integration.deployment import Deployment, make_checkout

STACK: Final = "dev"
_POLL_SECONDS: Final = 0.02
_PATIENCE_SECONDS: Final = 120.0
# A server that has imported all this and nothing else forks the processes: a thread of the test
# runner holds no lock there.
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.campaign.site"])


class NotDisturbedError(Exception):
    """What was to be disturbed did not come to the point at which it was to be."""


@dataclass(frozen=True)
class _RecordedStack(Stack):
    """A stack whose updates are recorded by the engine."""

    events: Path

    @property
    def variables(self) -> dict[str, str]:
        return {**super().variables, "PULUMI_DEBUG_COMMANDS": "true"}

    def command(self, *arguments: str) -> list[str]:
        recorded: list[str] = []
        if arguments[0] == "up":
            file = self.events / f"{len(list(self.events.iterdir())):03}.json"
            recorded = ["--event-log", str(file)]
        return [*super().command(*arguments), *recorded]


class _RecordedWorkspace(Workspace):
    def stack(self, name: str) -> Stack:
        stack = super().stack(name)
        values = {each.name: getattr(stack, each.name) for each in fields(stack)}
        return _RecordedStack(**values, events=self.checkout.parent / "events")


class Site:
    """One deployment, from nothing to its end."""

    def __init__(self, folder: Path, instance: Instance, job: Job) -> None:
        self.instance = instance
        self.events = folder / "events"
        self.events.mkdir(parents=True)
        self.output = folder / "output.txt"
        self.account = random_account()
        checkout = make_checkout(folder / "checkout")
        self.deployment = Deployment(checkout, STACK, instance, self.account)
        self.deployment.configure(job.config())
        if job.foreign_image:
            self.deployment.configure(self.deployment.with_foreign_image(job.config()))
        self._prepared = len(logged_requests(instance.logged, self.account))

    def start_up(self) -> BaseProcess:
        """Begin what `make up` runs, as the leader of a process group that can be killed whole."""
        process = _PROCESSES.Process(
            target=_up, args=(self.deployment.checkout, self.instance.directory, self.output)
        )
        process.start()
        return process

    def up(self) -> int:
        """Run it to its end; returns the exit code."""
        process = self.start_up()
        process.join(_PATIENCE_SECONDS)
        if process.exitcode is None:
            _kill(process)
            raise NotDisturbedError(f"up has not ended after {_PATIENCE_SECONDS} s")
        return process.exitcode

    def up_killed(self, reached: Callable[[], bool]) -> None:
        """Run it until something is so, then kill all of it at once.

        Raises NotDisturbedError when it ends by itself.
        """
        process = self.start_up()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not reached():
            if not process.is_alive() or time.monotonic() > deadline:
                _kill(process)
                raise NotDisturbedError("up did not come to where it was to be killed")
            time.sleep(_POLL_SECONDS)
        _kill(process)
        if process.exitcode != -signal.SIGKILL:
            raise NotDisturbedError("up had ended before it was killed")

    def made(self, urns: tuple[str, ...]) -> bool:
        """Whether the engine has told that these resources are created."""
        told = {event.urn for event in creations(self.events) if event.kind == "resOutputsEvent"}
        return told.issuperset(urns)

    def ask_fault(self, **fault: object) -> None:
        """Make something go wrong in the account."""
        self.instance.ask("POST", "faults", {"account": self.account, **fault})

    def faults(self) -> list[dict[str, Any]]:
        """The faults asked for, with what became of them."""
        return self.instance.ask("GET", f"faults/{self.account}")["faults"]

    def clear_faults(self) -> None:
        """Let go of all that faults hold, and have no more."""
        self.instance.ask("DELETE", f"faults/{self.account}")

    def requests(self) -> list[LoggedRequest]:
        """What the account has asked of AWS since it was prepared."""
        return logged_requests(self.instance.logged, self.account)[self._prepared :]


def _kill(process: BaseProcess) -> None:
    pid = process.pid
    if process.is_alive() and pid is not None:
        os.killpg(pid, signal.SIGKILL)
    process.join()


def _up(checkout: Path, instance: Path, output: Path) -> None:
    os.setsid()
    with output.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    console = Console(file=sys.stderr, soft_wrap=True, markup=False, highlight=False)
    workspace = _RecordedWorkspace(console.print, checkout=checkout, instance=Instance(instance))
    try:
        up(workspace, STACK, console)
    except CommandError as error:
        console.print(f"error: {error}")
        sys.exit(error.exit_code)
