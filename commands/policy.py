"""Judges a stack by the policy pack: what a deployment would make, and what is deployed."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import yaml

from commands.command_error import CommandError
from commands.workspace import CHECKOUT, Workspace
from engine.failure import EngineUnavailableError
from engine.process import output
from engine.versions import Version, parse

_PACK: Final = CHECKOUT / "policies"
# From this version on the CLI runs a pack's executable itself, without a language host in between,
# which takes part in every call: two calls for each resource.
_RUNS_EXECUTABLES: Final[Version] = (3, 255, 0)
_SECONDS: Final = 20.0
_STAGED: Final = CHECKOUT / ".offline" / "policies"


def policy(workspace: Workspace, stack_name: str, config: Path | None) -> None:
    """Preview the stack with the pack.

    Raises:
        CommandError: a mandatory rule is broken, or the pack's config is wrong; the CLI has said
            which.
    """
    require_pack_config(config)
    stack = workspace.stack(stack_name)
    stack.run("preview", *pack_arguments(stack.pulumi, config))


def audit(workspace: Workspace, stack_name: str, config: Path | None) -> None:
    """Judge what the state says is deployed; neither program nor cloud is asked.

    Raises:
        CommandError: as :func:`policy`.
    """
    require_pack_config(config)
    stack = workspace.stack(stack_name)
    stack.run("policy", "analyze", *pack_arguments(stack.pulumi, config))


def require_pack_config(config: Path | None) -> None:
    """Refuse a config file of the pack that is not there, or names what no rule is called.

    Raises:
        CommandError: it is refused; before anything is installed or started.
    """
    if config is None:
        return
    if not config.is_file():
        raise CommandError(f"there is no config of the policy pack at {config}.")
    checked = subprocess.run(
        [sys.executable, "-m", "agentcore_policies.check_config", str(config.resolve())],
        cwd=_PACK,
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode:
        raise CommandError(checked.stderr.strip().removeprefix("error: "))


def pack_arguments(pulumi: Path, config: Path | None, staged: Path = _STAGED) -> list[str]:
    """The arguments of this CLI for the pack and its config file.

    A CLI that runs folders only gets one that is staged.

    Raises:
        CommandError: the CLI does not run.
    """
    try:
        version = parse(output([str(pulumi), "version"], seconds=_SECONDS))
    except EngineUnavailableError as error:
        raise CommandError(str(error)) from None
    if version and version >= _RUNS_EXECUTABLES:
        pack = _PACK / "__main__.py"
    else:
        pack = staged
        _stage(staged)
    # The CLI works in another folder.
    file = ["--policy-pack-config", str(config.resolve())] if config else []
    return ["--policy-pack", str(pack), *file]


def _stage(folder: Path) -> None:
    """Make a folder of the pack that runs with the Python that runs this, and needs no install."""
    description = yaml.safe_load((_PACK / "PulumiPolicy.yaml").read_text("utf-8"))
    description["runtime"]["options"]["virtualenv"] = sys.prefix
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "PulumiPolicy.yaml").write_text(yaml.safe_dump(description), "utf-8")
    for name in ("__main__.py", "agentcore_policies"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(_PACK / name)
