"""Judges a stack by the policy pack: what a deployment would make, and what is deployed."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from commands.command_error import CommandError
from commands.workspace import CHECKOUT, Workspace

_PACK: Final = CHECKOUT / "policies"


def policy(workspace: Workspace, stack_name: str, config: Path | None) -> None:
    """Preview the stack with the pack.

    Raises:
        CommandError: a mandatory rule is broken, or the pack's config is wrong; the CLI has said
            which.
    """
    judged = pack_arguments(config)
    workspace.stack(stack_name).run("preview", *judged)


def audit(workspace: Workspace, stack_name: str, config: Path | None) -> None:
    """Judge what the state says is deployed; neither program nor cloud is asked.

    Raises:
        CommandError: as :func:`policy`.
    """
    judged = pack_arguments(config)
    workspace.stack(stack_name).run("policy", "analyze", *judged)


def pack_arguments(config: Path | None) -> list[str]:
    """The CLI's arguments for the pack and its config file.

    Raises:
        CommandError: there is no such file, or it names rules that the pack does not have.
    """
    arguments = ["--policy-pack", str(_PACK)]
    if config is None:
        return arguments
    if not config.is_file():
        raise CommandError(f"there is no config of the policy pack at {config}.")
    # The CLI works in another folder.
    file = str(config.resolve())
    checked = subprocess.run(
        [sys.executable, "-m", "agentcore_policies.check_config", file],
        cwd=_PACK,
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode:
        raise CommandError(checked.stderr.strip().removeprefix("error: "))
    return [*arguments, "--policy-pack-config", file]
