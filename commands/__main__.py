"""``python -m commands COMMAND``; see ``make help``."""

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError
from rich.console import Console

from commands.command_error import CommandError
from commands.down import down
from commands.env import env
from commands.policy import audit, policy
from commands.push import push_image
from commands.recover import recover, recover_interrupted
from commands.up import up
from commands.workspace import Workspace
from emulator.instance import foreign_variables, without_proxy


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m commands", description=__doc__)
    parser.add_argument(
        "command",
        choices=[
            "up",
            "down",
            "preview",
            "policy",
            "audit",
            "refresh",
            "recover",
            "push",
            "env",
            "deployer-permissions",
        ],
    )
    parser.add_argument("--stack", default="dev", help="dev, prod, ... (default: dev)")
    parser.add_argument("--confirm", default="", help="down: the stack's name, to delete all of it")
    parser.add_argument(
        "--wait",
        default="yes",
        choices=["yes", "no"],
        help="down: for what AgentCore holds of the network, up to 8 hours (default: yes)",
    )
    parser.add_argument("--dry-run", action="store_true", help="recover: tell, and change nothing")
    parser.add_argument("--agent", default="", help="push: which agent, where there are several")
    parser.add_argument("--layout", default="", help="push: OCI layout; default: the sample agent")
    parser.add_argument("--tag", default="", help="push: tag; default: one derived from the digest")
    parser.add_argument(
        "--policy-config", default="", help="policy, audit, up: JSON file with the pack's config"
    )
    parser.add_argument(
        "--plugins",
        default="attached",
        choices=["attached", "pulumi"],
        help="our providers, attached to the engine, or Pulumi's own plugins",
    )
    options = parser.parse_args(arguments)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    foreign = foreign_variables(os.environ)
    _leave_surroundings(foreign)
    workspace = Workspace(lambda line: console.print(line, style="dim"), plugins=options.plugins)
    try:
        _run(options, workspace, foreign, console)
    except CommandError as error:
        if str(error):
            console.print("error:", error, style="red")
        return error.exit_code
    except BotoCoreError as error:
        console.print(
            "error: the offline AWS does not answer:",
            error,
            "Run the same command again: it starts anew where it has ended.",
            style="red",
        )
        return 1
    except OSError as error:
        console.print(f"error: {error.filename}: {error.strerror}", style="red")
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted. Run the same command again: it goes on where this one ended.")
        return 130
    return 0


def _leave_surroundings(foreign: Sequence[str]) -> None:
    """Nothing of the user's AWS settings or proxies reaches a client of the offline AWS."""
    for name in foreign:
        del os.environ[name]
    os.environ.update(without_proxy(os.environ))


def _run(
    options: argparse.Namespace, workspace: Workspace, foreign: Sequence[str], console: Console
) -> None:
    policy_config = Path(options.policy_config) if options.policy_config else None
    match options.command:
        case "up":
            up(workspace, options.stack, console, policy_config)
        case "down":
            wait = options.wait == "yes"
            down(workspace, options.stack, options.confirm, console, wait=wait)
        case "preview":
            workspace.stack(options.stack).run("preview")
        case "policy":
            policy(workspace, options.stack, policy_config)
        case "audit":
            audit(workspace, options.stack, policy_config)
        case "refresh":
            stack = workspace.stack(options.stack)
            with stack.changing() as ended_well:
                recover_interrupted(stack, console, ended_well=ended_well)
                stack.run("refresh", "--yes", "--skip-preview")
        case "recover":
            recover(workspace, options.stack, console, dry_run=options.dry_run)
        case "push":
            agent = options.agent or _only_agent(workspace, options.stack)
            layout = Path(options.layout) if options.layout else None
            stack = workspace.stack(options.stack)
            pushed = push_image(workspace, stack, agent, layout, options.tag or None)
            print(pushed.reference)
        case "deployer-permissions":
            # Brings the program's models and Pulumi's SDK, which nobody else here needs.
            from commands.deployer_permissions import deployer_permissions  # noqa: PLC0415

            print(deployer_permissions(workspace.project, options.stack))
        case _:
            print(env(workspace, options.stack, foreign))


def _only_agent(workspace: Workspace, stack: str) -> str:
    agents = workspace.project.agents(stack)
    if len(agents) != 1:
        raise CommandError(f"which agent? AGENT={'|'.join(agents) or '... (none configured)'}")
    return agents[0]


if __name__ == "__main__":
    # As it ends the interpreter looks for garbage among all that is imported, in vain for 0.2 s.
    atexit.register(gc.freeze)
    sys.exit(main())
