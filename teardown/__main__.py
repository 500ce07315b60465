"""``python -m teardown --stack dev``: a stack whose network AgentCore holds, taken down in order.

Works on the stack of this folder with the ambient environment, as `pulumi` itself would. With
``--excludes`` nothing is taken down: the arguments are printed by which a ``pulumi up`` leaves out
the deletes that the service does not allow yet.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from rich.console import Console

from recovery.pulumi_cli import PulumiCli
from recovery.recovery_error import RecoveryError
from recovery.stack_state import StackState
from teardown.held_deletes import held_deletes
from teardown.held_network import Client, named
from teardown.pulumi_run import run_through
from teardown.teardown import Outcome, Teardown, Words
from teardown.teardown_error import TeardownError

_POLL_SECONDS: Final = 30.0


@dataclass(frozen=True)
class _Pulumi:
    """A plain ``pulumi``, found on PATH."""

    folder: Path
    stack: str
    environment: Mapping[str, str]

    @property
    def quiet(self) -> PulumiCli:
        return PulumiCli("pulumi", self.folder, self.stack, self.environment)

    def export(self) -> dict[str, Any]:
        return self.quiet.export()

    def run(self, *arguments: str) -> None:
        command = ["pulumi", "-C", str(self.folder), *arguments, "--stack", self.stack]
        if run_through(command, self.environment):
            raise TeardownError(f"pulumi {arguments[0]} failed, for the reason it has told.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Take one stack down; answer the exit code: 75 (EX_TEMPFAIL) when something is held."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    cli = _Pulumi(options.cwd, options.stack, os.environ)
    try:
        if options.excludes:
            print(_excludes(cli, console))
            return 0
        outcome = _teardown(cli, console).run(confirm=options.confirm, wait=not options.no_wait)
    except (TeardownError, RecoveryError, OSError) as error:  # OSError: no pulumi on PATH
        console.print("error:", error, style="red")
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted. Run the same command again: it goes on where this one ended.")
        return 130
    return {Outcome.GONE: 0, Outcome.HELD: os.EX_TEMPFAIL, Outcome.INTERRUPTED: 130}[outcome]


def _teardown(cli: _Pulumi, console: Console) -> Teardown:
    again = f"python -m teardown --stack {cli.stack}"
    return Teardown(
        stack=cli.stack,
        cli=cli,
        clients=_client,
        console=console,
        words=Words(again=again, confirmed=f"{again} --confirm {cli.stack}"),
        poll_seconds=_POLL_SECONDS,
    )


def _excludes(cli: _Pulumi, console: Console) -> str:
    left = held_deletes(StackState(cli.export()), _client, cli.quiet.planned)
    if left.urns:
        console.print(f"AgentCore holds what this up would delete: {named(left.kept)}")
    else:
        console.print("Nothing that this up would delete is held.")
    return shlex.join(left.arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m teardown", description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--cwd", type=Path, default=Path(), help="folder of Pulumi.yaml (.)")
    parser.add_argument("--confirm", default="", help="the stack's name, to delete all of it")
    parser.add_argument(
        "--no-wait", action="store_true", help="delete what is not held, and leave the rest"
    )
    parser.add_argument(
        "--excludes", action="store_true", help="print what a pulumi up has to leave out"
    )
    return parser


def _client(service: str, region: str | None) -> Client:
    session: Any = boto3.Session()
    return session.client(service, region_name=region)


if __name__ == "__main__":
    sys.exit(main())
