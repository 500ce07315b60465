"""Points a shell at the offline AWS: ``eval "$(make -s env)"``."""

import shlex
from collections.abc import Sequence

from commands.workspace import Workspace


def env(workspace: Workspace, stack_name: str, foreign: Sequence[str]) -> str:
    """Shell lines that point a plain ``pulumi -C .offline`` and a plain ``aws`` at it.

    Args:
        workspace: the offline AWS.
        stack_name: whose account and region.
        foreign: variables of the shell that would lead somewhere else.

    Raises:
        CommandError: the stack is unknown, or the offline AWS does not start.
    """
    stack = workspace.stack(stack_name)
    lines = [f"unset {name}" for name in foreign]
    lines += [f"export {name}={shlex.quote(v)}" for name, v in stack.environment.items()]
    return "\n".join(lines)
