"""``python -m commands up|down|preview|refresh|push|env --stack dev``; see ``make help``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from commands.command_error import CommandError
from commands.down import down
from commands.env import env
from commands.push import push_image
from commands.up import up
from commands.workspace import Workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m commands", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "preview", "refresh", "push", "env"])
    parser.add_argument("--stack", default="dev", help="dev, prod, ... (default: dev)")
    parser.add_argument("--confirm", default="", help="down: the stack's name, to delete all of it")
    parser.add_argument("--agent", default="", help="push: which agent, where there are several")
    parser.add_argument("--layout", default="", help="push: OCI layout; default: the sample agent")
    parser.add_argument("--tag", default="", help="push: tag; default: one derived from the digest")
    parser.add_argument(
        "--plugins",
        default="attached",
        choices=["attached", "pulumi"],
        help="our providers, attached to the engine, or Pulumi's own plugins",
    )
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        workspace = Workspace(
            lambda line: console.print(line, style="dim", soft_wrap=True, highlight=False),
            plugins=options.plugins,
        )
        _run(options, workspace, console)
    except CommandError as error:
        if str(error):
            console.print(f"[bold red]error:[/] {error}", soft_wrap=True, highlight=False)
        return error.exit_code
    except KeyboardInterrupt:
        console.print("Interrupted. Run the same command again: it goes on where this one ended.")
        return 130
    return 0


def _run(options: argparse.Namespace, workspace: Workspace, console: Console) -> None:
    match options.command:
        case "up":
            up(workspace, options.stack, console)
        case "down":
            down(workspace, options.stack, options.confirm, console)
        case "preview":
            workspace.stack(options.stack).run("preview")
        case "refresh":
            workspace.stack(options.stack).run("refresh", "--yes", "--skip-preview")
        case "push":
            agent = options.agent or _only_agent(workspace, options.stack)
            layout = Path(options.layout) if options.layout else None
            stack = workspace.stack(options.stack)
            pushed = push_image(workspace, stack, agent, layout, options.tag or None)
            print(pushed.reference)
        case _:
            print(env(workspace, options.stack))


def _only_agent(workspace: Workspace, stack: str) -> str:
    agents = workspace.project.agents(stack)
    if len(agents) != 1:
        raise CommandError(f"which agent? AGENT={'|'.join(agents) or '... (none configured)'}")
    return agents[0]


if __name__ == "__main__":
    sys.exit(main())
