"""Takes a stack down again, and the offline AWS with it when nothing is left on it."""

import os

from rich.console import Console

from commands.command_error import CommandError, StackBusyError
from commands.leftovers import leftovers
from commands.recover import recover_interrupted
from commands.workspace import Stack, Workspace
from teardown.teardown import Outcome, Teardown, Words
from teardown.teardown_error import TeardownError

# Everything is on this machine, and nobody counts the requests.
_POLL_SECONDS = 0.5


def down(
    workspace: Workspace, stack_name: str, confirm: str, console: Console, *, wait: bool = True
) -> None:
    """Destroy the stack, ask the offline AWS whether anything is left, then stop it.

    What production protects is named and stays until ``confirm`` is the stack's name. What of a
    network AgentCore holds for hours is waited for, unless ``wait`` is False.

    Raises:
        CommandError: protected resources without the word, a failed destroy, or leftovers. What is
            held and not waited for is the exit code 75 (EX_TEMPFAIL: try again later).
        KeyboardInterrupt: the wait was interrupted; run again, it goes on.
    """
    if workspace.instance.status() is None:
        workspace.stop()
        console.print("The offline AWS is not running: nothing is deployed.")
        return
    stack = workspace.stack(stack_name)
    try:
        # What an interrupted deployment made and nobody recorded has to go as well.
        with stack.changing() as ended_well:
            recover_interrupted(stack, console, ended_well=ended_well)
    except StackBusyError:
        raise
    except CommandError as error:
        console.print(str(error))
    try:
        teardown = _teardown(stack, console)
        teardown.check(confirm)
        # An interrupted wait is a good end: nothing is in doubt.
        with stack.changing():
            outcome = teardown.run(confirm=confirm, wait=wait)
    except TeardownError as error:
        raise CommandError(str(error)) from None
    if outcome is Outcome.INTERRUPTED:
        raise KeyboardInterrupt
    if outcome is Outcome.HELD:
        raise CommandError("", exit_code=os.EX_TEMPFAIL)
    account = stack.environment["AWS_ACCESS_KEY_ID"]
    left = leftovers(stack.session, stack.endpoint_url)
    if left:
        raise CommandError(
            f"account {account} still holds: {', '.join(left)}. They are not in the stack's state; "
            "delete them through the AWS API, or throw everything away: python -m emulator stop"
        )
    console.print(f"Account {account} of the offline AWS is empty.")
    others = workspace.deployed_stacks(stack)
    if others:
        console.print(f"The offline AWS keeps running: {', '.join(others)} is deployed on it.")
        return
    workspace.stop()
    console.print("The offline AWS is stopped.")


def _teardown(stack: Stack, console: Console) -> Teardown:
    again = f"make down STACK={stack.name}"
    return Teardown(
        stack=stack.name,
        cli=stack,
        clients=stack.client,
        console=console,
        words=Words(again=again, confirmed=f"{again} CONFIRM={stack.name}"),
        poll_seconds=_POLL_SECONDS,
    )
