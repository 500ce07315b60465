"""Keeps an up clear of what AgentCore holds of a network that the up would delete."""

import hashlib
import json
from pathlib import Path

from rich.console import Console

from commands.command_error import CommandError
from commands.workspace import Stack, Workspace
from recovery.pulumi_cli import PulumiCli
from recovery.stack_state import StackState
from teardown.held_deletes import HeldDeletes, held_deletes
from teardown.held_network import count, has_network, held_by_service, named
from teardown.teardown_error import TeardownError


class NetworkChange:
    """What an up of a stack may do to its network.

    Whether it deletes anything of it is only told by a preview, which costs a run of the program.
    The network depends on the config besides the agents and on the program; while both are what
    they were when the last up left nothing behind, nobody is asked.
    """

    def __init__(self, workspace: Workspace, stack: Stack, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._deployed = stack.state / f"{stack.name}.network"
        self._fingerprint = _fingerprint(workspace, stack)

    def held_deletes(self) -> HeldDeletes:
        """What the up has to leave out.

        Raises:
            CommandError: the offline AWS cannot be asked.
        """
        if self._deployed.exists() and self._deployed.read_text("utf-8") == self._fingerprint:
            return HeldDeletes()
        # An up that fails half-way leaves neither the old network nor the new one.
        self._deployed.unlink(missing_ok=True)
        state = StackState(self._stack.export())
        if not has_network(state):
            return HeldDeletes()
        stack = self._stack
        cli = PulumiCli(str(stack.pulumi), stack.folder, stack.name, stack.variables)
        try:
            return held_deletes(state, stack.client, cli.planned)
        except TeardownError as error:
            raise CommandError(str(error)) from None

    def settled(self) -> None:
        """The up has left nothing out: until something changes, nobody needs to be asked."""
        self._deployed.write_text(self._fingerprint, "utf-8")

    def is_released(self, left: HeldDeletes) -> bool:
        """Whether what an up has left out can go by now; tells what stays.

        Raises:
            CommandError: the offline AWS cannot be asked.
        """
        try:
            state = StackState(self._stack.export())
            held = held_by_service(state, self._stack.client, left.urns)
        except TeardownError as error:
            raise CommandError(str(error)) from None
        if not held.interfaces:
            return True
        name = self._stack.name
        self._console.print(
            f"The old network ({named(left.kept)}) stays until AgentCore lets go of "
            f"{count(held.interfaces)}, up to 8 h after the last agent left it. "
            f"make up STACK={name} then removes it."
        )
        for record in left.protected:
            self._console.print(
                f'{record["id"]} is protected: before that, eval "$(make -s env STACK={name})" and '
                f"pulumi -C {self._stack.folder.name} state unprotect -s {name} '{record['urn']}'"
            )
        return False


def _fingerprint(workspace: Workspace, stack: Stack) -> str:
    """Tells one program and config of a network from others."""
    config = workspace.project.staged_config(stack.name)
    config.pop(f"{stack.project}:agents", None)
    found = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    for source in _sources(workspace.checkout):
        found.update(source.read_bytes())
    return found.hexdigest()


def _sources(checkout: Path) -> list[Path]:
    return [checkout / "__main__.py", *sorted((checkout / "infra").rglob("*.py"))]
