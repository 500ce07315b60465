"""One offline AWS, the Pulumi state of what is deployed on it, and the CLI pointed at both."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

from commands.command_error import CommandError
from commands.staged_project import StagedProject
from emulator.instance import Instance, Running
from engine import install

CHECKOUT: Final = Path(__file__).resolve().parents[1]
# The message is out already; the code is make's to pass on.
_FAILED: Final = ""


@dataclass(frozen=True)
class Stack:
    """One stack of the workspace, ready to be worked on: the engine, the cloud and the state.

    Attributes:
        name: the stack's name.
        folder: the folder the CLI works in.
        environment: variables that point the CLI at the offline AWS and its state.
        pulumi: the CLI.
    """

    name: str
    folder: Path
    environment: Mapping[str, str]
    pulumi: Path

    def run(self, *arguments: str) -> None:
        """Run the CLI on this stack, its output going straight through.

        Raises:
            CommandError: it failed; it has said why itself.
        """
        code = self._wait(subprocess.Popen(self._command(*arguments), env=self._variables))
        if code:
            raise CommandError(_FAILED, exit_code=code)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; empty before the first deployment."""
        return cast("dict[str, Any]", self.ask("stack", "output", "--json"))

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, as ``pulumi stack export`` tells them."""
        exported = cast("dict[str, Any]", self.ask("stack", "export"))
        return exported["deployment"].get("resources") or []

    def ask(self, *arguments: str) -> object:
        """Run the CLI quietly and read the JSON it answers.

        Raises:
            CommandError: with what the CLI said.
        """
        done = subprocess.run(
            self._command(*arguments),
            env=self._variables,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CommandError(done.stderr.strip() or done.stdout.strip())
        return json.loads(done.stdout or "null")

    @property
    def _variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in Instance.UNSET_VARIABLES}
        return {**kept, **self.environment}

    def _command(self, *arguments: str) -> list[str]:
        return [str(self.pulumi), "-C", str(self.folder), *arguments, "--stack", self.name]

    @staticmethod
    def _wait(child: subprocess.Popen[bytes]) -> int:
        # Ctrl-C reaches the CLI too, which then ends cleanly: the create in flight finishes and is
        # recorded. Waiting for it is what keeps the state whole.
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue


class Workspace:
    """The offline AWS of a checkout. Everything of it lies in ``.offline/``."""

    def __init__(self, checkout: Path = CHECKOUT) -> None:
        self.checkout = checkout
        self.folder = checkout / ".offline"
        self.project = StagedProject(checkout, self.folder)
        self.instance = Instance(self.folder / "emulator")

    @cached_property
    def pulumi(self) -> Path:
        """The CLI; installed if this machine has none that is new enough."""
        return install.ensure()

    def stack(self, name: str) -> Stack:
        """Make everything ready for a stack: engine, offline AWS, project files, state.

        Raises:
            CommandError: no such stack, or one of these cannot be made ready.
        """
        if name not in self.project.stacks:
            raise CommandError(
                f"there is no stack {name}: Pulumi.{name}.yaml is missing. "
                f"Known stacks: {', '.join(self.project.stacks)}."
            )
        pulumi = self.pulumi
        state = self._state(self.instance.start())
        self.project.stage()
        account, region = self.project.account_and_region(name)
        stack = Stack(
            name=name,
            folder=self.folder,
            pulumi=pulumi,
            environment={
                **self.instance.environment(account, region),
                "PATH": os.pathsep.join([str(pulumi.parent), os.environ.get("PATH", "")]),
                "PULUMI_BACKEND_URL": state.as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
        )
        for missing in self.project.stacks:
            if not (state / f".pulumi/stacks/{self.project.name}/{missing}.json").exists():
                self._initialise(stack, missing)
        return stack

    def deployed_stacks(self, stack: Stack) -> list[str]:
        """The stacks that have resources in the state."""
        return [
            name
            for name in self.project.stacks
            if any(
                resource["type"] != "pulumi:pulumi:Stack"
                for resource in replace(stack, name=name).resources()
            )
        ]

    def stop(self) -> None:
        """Stop the offline AWS, and forget the state of what was deployed on it."""
        self.instance.stop()
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        self.project.forget()

    def _state(self, running: Running) -> Path:
        """The state of this run of the offline AWS; that of an earlier run describes nothing."""
        states = self.folder / "state"
        current = states / running.instance
        if not current.exists():
            shutil.rmtree(states, ignore_errors=True)
            self.project.forget()
            current.mkdir(parents=True)
        return current

    @staticmethod
    def _initialise(stack: Stack, name: str) -> None:
        done = subprocess.run(
            [str(stack.pulumi), "-C", str(stack.folder), "stack", "init", name, "--no-select"],
            env={**os.environ, **stack.environment},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CommandError(f"the stack {name} cannot be made: {done.stderr.strip()}")
