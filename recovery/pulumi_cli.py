"""The Pulumi CLI, working on one stack."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recovery.recovery_error import ProgramError, RecoveryError

_LOCKED = "the stack is currently locked"


@dataclass(frozen=True)
class PulumiCli:
    """A plain ``pulumi`` and where it works.

    Attributes:
        pulumi: the command, or a path to it.
        folder: the folder of ``Pulumi.yaml``.
        stack: the stack's name.
        environment: the whole environment of the command: backend, credentials, plugins.
    """

    pulumi: str
    folder: Path
    stack: str
    environment: Mapping[str, str]

    def export(self) -> dict[str, Any]:
        """The stack's state, secrets still encrypted.

        Raises:
            RecoveryError: with what the CLI said.
        """
        return json.loads(self._run("stack", "export"))

    def replace_state(self, exported: Mapping[str, Any]) -> None:
        """Put an edited export in the state's place. The CLI drops every pending operation.

        Raises:
            RecoveryError: with what the CLI said; the state is unchanged.
        """
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(exported, file)
            file.flush()
            self._run("stack", "import", "--file", file.name)

    def refresh(self, urns: Sequence[str]) -> None:
        """Read these resources anew; what is gone leaves the state.

        Pending operations end with it, but for creates, which stay.

        Raises:
            RecoveryError: with what the CLI said.
        """
        targets = [argument for urn in urns for argument in ("--target", urn)]
        self._run(
            "refresh",
            "--yes",
            "--skip-preview",
            "--skip-pending-creates",
            "--suppress-progress",
            *targets,
        )

    def preview(self) -> dict[str, Any]:
        """What an ``up`` would do, step by step.

        Raises:
            ProgramError: the program does not get through; with its own messages.
        """
        done = self._start("preview", "--json")
        if done.returncode:
            raise ProgramError(_preview_failure(done.stdout) or self._said(done))
        return json.loads(done.stdout)

    def planned(self) -> list[dict[str, Any]]:
        """The steps of an ``up``, as far as a preview gets; none where the program fails.

        A preview fails, and tells all the same, when something protected would be deleted.
        """
        try:
            document: dict[str, Any] = json.loads(self._start("preview", "--json").stdout)
        except ValueError:
            return []
        return document.get("steps") or []

    def last_deployed(self) -> datetime | None:
        """When an ``up`` last ended with success; None when none did.

        Raises:
            RecoveryError: with what the CLI said.
        """
        # Without a page size it tells the last ten only, which may all be refreshes and failures.
        said = self._run("stack", "history", "--json", "--page-size", "0")
        history: list[dict[str, str]] = json.loads(said)
        ends = [
            entry["endTime"]
            for entry in history
            if (entry["kind"], entry["result"]) == ("update", "succeeded")
        ]
        return max(map(datetime.fromisoformat, ends), default=None)

    def cancel(self) -> None:
        """Release the stack's lock, whoever holds it.

        Raises:
            RecoveryError: with what the CLI said.
        """
        done = self._start("cancel", "--yes")
        if done.returncode:
            raise RecoveryError(self._said(done))

    def _run(self, *arguments: str) -> str:
        done = self._start(*arguments)
        if done.returncode:
            raise RecoveryError(self._said(done))
        return done.stdout

    def _start(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [self.pulumi, "--non-interactive", "--color", "never", "-C", str(self.folder)]
        try:
            return subprocess.run(
                [*command, *arguments, "--stack", self.stack],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise RecoveryError(
                f"there is no {self.pulumi} on PATH. Install the Pulumi CLI, or name it on PATH."
            ) from None

    def _said(self, done: "subprocess.CompletedProcess[str]") -> str:
        said = (done.stderr.strip() or done.stdout.strip()).removeprefix("error: ")
        if _LOCKED in said:
            said += (
                "\nIf no other command is at work on the stack: "
                f"python -m recovery --stack {self.stack} --cancel-lock"
            )
        return said


def _preview_failure(output: str) -> str:
    """The errors among a failed preview's diagnostics."""
    try:
        document: dict[str, Any] = json.loads(output)
    except ValueError:
        return ""
    messages = [
        str(entry["message"]).strip()
        for entry in document.get("diagnostics", [])
        if entry.get("severity") == "error"
    ]
    return "\n".join(dict.fromkeys(messages))
