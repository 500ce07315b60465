"""Recovers a stack on the offline AWS, with the code that does it on the real one."""

import json
from functools import partial
from typing import Any

from rich.console import Console

from commands.command_error import CommandError
from commands.workspace import Stack, Workspace
from recovery.lookups import IDENTITY_TAG, LOOKUPS
from recovery.pulumi_cli import PulumiCli
from recovery.recover import Aws, Outcome, Recovery
from recovery.recovery_error import ProgramError, RecoveryError

# Everything is on this machine: a request of a killed command arrives at once, or never.
_REQUEST_SECONDS = 2.0


def recover(workspace: Workspace, stack_name: str, console: Console, *, dry_run: bool) -> None:
    """Look at everything a deployment may have left behind, and settle it.

    Raises:
        CommandError: something cannot be decided, or the program does not get through a preview.
    """
    stack = workspace.stack(stack_name)
    if dry_run:
        outcome = recover_stack(stack, console, thorough=True, dry_run=True)
    else:
        with stack.changing():
            outcome = recover_stack(stack, console, thorough=True)
    if outcome.nothing:
        console.print(f"Nothing to recover on stack {stack_name}.")
    elif not dry_run:
        console.print(f"Stack {stack_name} is recovered: make up STACK={stack_name} goes on.")


def recover_interrupted(stack: Stack, console: Console, *, ended_well: bool) -> None:
    """Settle what a killed or failed command left behind; when none did, it takes no time.

    Args:
        stack: the stack.
        console: where it is told.
        ended_well: what is known of the last command that went through `Stack.changing`. Of others
            only what they left in the state is seen.

    Raises:
        CommandError: something cannot be decided, or the program does not get through a preview.
    """
    if ended_well and not stack.has_pending_operations:
        return
    console.print(
        f"The last command on stack {stack.name} did not end well; looking for what it left behind."
    )
    recover_stack(stack, console, thorough=not ended_well)


def recover_lost(stack: Stack, console: Console) -> bool:
    """Find what a deployment made that has just failed; whether there was anything.

    A program that was refused has made nothing, and has said why already.
    """
    try:
        return _recovery(stack, console).run(thorough=True).imported > 0
    except ProgramError:
        return False
    except RecoveryError as error:
        console.print(str(error))
        return False


def things_without_name(stack: Stack) -> set[str]:
    """Ids of what the state has and only a tag tells; read without the CLI."""
    content = stack.checkpoint.read_bytes()
    if IDENTITY_TAG.encode() not in content:
        return set()
    resources: list[dict[str, Any]] = json.loads(content)["checkpoint"]["latest"]["resources"]
    return {
        record["id"]
        for record in resources
        if record["type"] in LOOKUPS and not LOOKUPS[record["type"]].named
    }


def tell_surplus(stack: Stack, console: Console) -> None:
    """Name what a deployment made twice without noticing: a client repeats a lost request.

    Raises:
        CommandError: AWS cannot be asked.
    """
    try:
        _recovery(stack, console).tell_surplus()
    except RecoveryError as error:
        raise CommandError(str(error)) from None


def recover_stack(
    stack: Stack, console: Console, *, thorough: bool, dry_run: bool = False
) -> Outcome:
    """Recover the stack in its account of the offline AWS.

    Raises:
        CommandError: something cannot be decided, or the program does not get through a preview.
    """
    try:
        return _recovery(stack, console, dry_run=dry_run).run(thorough=thorough)
    except RecoveryError as error:
        raise CommandError(str(error)) from None


def _recovery(stack: Stack, console: Console, *, dry_run: bool = False) -> Recovery:
    return Recovery(
        PulumiCli(str(stack.pulumi), stack.folder, stack.name, stack.variables),
        Aws(stack.client, _REQUEST_SECONDS),
        partial(console.print, style="dim"),
        dry_run=dry_run,
    )
