"""Points a shell at the offline AWS: ``eval "$(make -s env)"``."""

import shlex

from commands.workspace import Workspace
from emulator.instance import UNSET


def env(workspace: Workspace, stack_name: str) -> str:
    """Shell lines that point a plain ``pulumi -C .offline`` and a plain ``aws`` at it.

    Raises:
        CommandError: the stack is unknown, or the offline AWS does not start.
    """
    stack = workspace.stack(stack_name)
    lines = [f"unset {name}" for name in UNSET]
    lines += [f"export {name}={shlex.quote(v)}" for name, v in stack.environment.items()]
    return "\n".join(lines)
