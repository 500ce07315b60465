"""Takes a stack down again, and the offline AWS with it when nothing is left on it."""

from typing import Any

from rich.console import Console

from commands.command_error import CommandError, StackBusyError
from commands.leftovers import empty_repositories, leftovers
from commands.recover import recover_interrupted
from commands.workspace import Stack, Workspace


def down(workspace: Workspace, stack_name: str, confirm: str, console: Console) -> None:
    """Destroy the stack, ask the offline AWS whether anything is left, then stop it.

    What production protects is named and stays until ``confirm`` is the stack's name.

    Raises:
        CommandError: protected resources without the word, a failed destroy, or leftovers.
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
    protected = [resource for resource in stack.resources() if resource.get("protect")]
    if protected:
        _release(stack, protected, confirm, console)
    with stack.changing():
        stack.run("destroy", "--yes", "--skip-preview")
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


def _release(stack: Stack, protected: list[dict[str, Any]], confirm: str, console: Console) -> None:
    names = [str(resource["urn"]).rpartition("::")[2] for resource in protected]
    kinds = [str(resource["type"]).rpartition(":")[2] for resource in protected]
    listed = ", ".join(f"{kind} {name}" for kind, name in zip(kinds, names, strict=True))
    if confirm != stack.name:
        raise CommandError(
            f"stack {stack.name} protects {listed}. Down deletes them, with every image in the "
            f"repositories. If that is meant: make down STACK={stack.name} CONFIRM={stack.name}"
        )
    console.print(f"Releasing {listed}.")
    stack.run("state", "unprotect", "--all", "--yes")
    empty_repositories(
        [
            str(resource["outputs"]["name"])
            for resource in protected
            if resource["type"] == "aws:ecr/repository:Repository"
        ],
        stack.session,
        stack.endpoint_url,
    )
