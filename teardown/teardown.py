"""Takes a stack down in the order that its network asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from recovery.stack_state import Record, StackState
from teardown.held_network import (
    Clients,
    Holding,
    count,
    held_by_service,
    kept_with,
    named,
    used_by_agents,
)
from teardown.teardown_error import TeardownError
from teardown.waiting import LONGEST, wait_until_released

_REPOSITORY: Final = "aws:ecr/repository:Repository"
_STACK: Final = "pulumi:pulumi:Stack"


class Pulumi(Protocol):
    """The CLI on one stack."""

    def export(self) -> dict[str, Any]:
        """The stack's state, as ``pulumi stack export`` tells it."""
        ...

    def run(self, *arguments: str) -> None:
        """Run the CLI, its output going straight through; raises when it fails."""
        ...


class Outcome(Enum):
    """How a teardown ended."""

    GONE = "nothing is left of the stack"
    HELD = "the part of the network that the service holds is left"
    INTERRUPTED = "the same, and the user ended the wait"


@dataclass(frozen=True)
class Words:
    """What a user types.

    Attributes:
        again: the command that goes on where an interrupted teardown ended.
        confirmed: the command that is meant when protected things go too.
    """

    again: str
    confirmed: str


@dataclass(frozen=True)
class Teardown:
    """Everything goes but what the service holds, then it is waited for, then the rest goes.

    Endpoints and NAT gateways, which cost money by the hour, go first, with the agents. It keeps no
    notes: what there is to do is read from the state and asked of EC2, so it can be run again after
    any end.

    Attributes:
        stack: the stack's name.
        cli: the Pulumi CLI on it.
        clients: AWS.
        console: where the user is told.
        words: the commands that are named to the user.
        poll_seconds: pause between two looks at what is held.
    """

    stack: str
    cli: Pulumi
    clients: Clients
    console: Console
    words: Words
    poll_seconds: float

    def check(self, confirm: str) -> None:
        """Change nothing.

        Raises:
            TeardownError: something is protected, and the word that releases it is missing.
        """
        self._require(confirm, StackState(self.cli.export()))

    def run(self, *, confirm: str, wait: bool) -> Outcome:
        """Take the stack down.

        Args:
            confirm: the stack's name, to delete what is protected too.
            wait: whether to wait for what is held.

        Raises:
            TeardownError: something is protected and not confirmed, or AWS cannot be asked.
        """
        state = StackState(self.cli.export())
        self._require(confirm, state)
        self._release(state)
        urns = {*held_by_service(state, self.clients).urns, *used_by_agents(state)}
        if urns:
            if _others(state, kept_with(state, urns)):
                excludes = (part for urn in sorted(urns) for part in ("--exclude", urn))
                self._destroy("--suppress-outputs", *excludes)
                state = StackState(self.cli.export())
            held = held_by_service(state, self.clients)
            if held.interfaces and wait:
                held = self._wait(held, state)
            if held.interfaces:
                self._tell(state, held)
                return Outcome.INTERRUPTED if wait else Outcome.HELD
        self._destroy()
        return Outcome.GONE

    def _destroy(self, *arguments: str) -> None:
        self.cli.run("destroy", "--yes", "--skip-preview", *arguments)

    def _wait(self, held: Holding, state: StackState) -> Holding:
        written = state.written
        if written is None:
            raise TeardownError("the state does not tell when it was written")
        return wait_until_released(
            held,
            lambda: held_by_service(state, self.clients),
            since=written,
            again=self.words.again,
            console=self.console,
            poll_seconds=self.poll_seconds,
        )

    def _tell(self, state: StackState, held: Holding) -> None:
        self.console.print(
            f"Gone: everything of stack {self.stack} but {named(kept_with(state, held.urns))}. "
            f"AgentCore holds them by {count(held.interfaces)} ({', '.join(held.interfaces)}), "
            f"which nobody else can delete, for up to {LONGEST.seconds // 3600} h after the last "
            f"agent. {self.words.again} goes on where this ended."
        )

    def _require(self, confirm: str, state: StackState) -> None:
        protected = _protected(state)
        if protected and confirm != self.stack:
            raise TeardownError(
                f"stack {self.stack} protects {', '.join(map(_name_of, protected))}. Down deletes "
                "them, with every image in the repositories. If that is meant: "
                f"{self.words.confirmed}"
            )

    def _release(self, state: StackState) -> None:
        protected = _protected(state)
        if not protected:
            return
        self.console.print(f"Releasing {', '.join(map(_name_of, protected))}.")
        self.cli.run("state", "unprotect", "--all", "--yes")
        try:
            for record in protected:
                if record["type"] == _REPOSITORY:
                    self._empty(record, state)
        except (ClientError, BotoCoreError) as error:
            raise TeardownError(f"the repositories cannot be emptied: {error}") from error

    def _empty(self, repository: Record, state: StackState) -> None:
        provider = state.provider_of(repository)
        ecr = self.clients("ecr", provider.region if provider else None)
        name = repository["outputs"]["name"]
        for page in ecr.get_paginator("list_images").paginate(repositoryName=name):
            if page["imageIds"]:
                ecr.batch_delete_image(repositoryName=name, imageIds=page["imageIds"])


def _protected(state: StackState) -> list[Record]:
    return [record for record in state.resources if record.get("protect")]


def _others(state: StackState, kept: Sequence[Record]) -> bool:
    """Whether the state holds anything besides."""
    urns = {record["urn"] for record in kept}
    return any(record["urn"] not in urns and record["type"] != _STACK for record in state.resources)


def _name_of(record: Record) -> str:
    *_, kind, name = str(record["urn"]).split("::", 3)
    return f"{kind.rpartition(':')[2]} {name}"
