"""Deploys a stack on the offline AWS, in the steps a user takes on the real one."""

from pathlib import Path
from typing import Any

from rich.console import Console

from commands.command_error import CommandError
from commands.network_change import NetworkChange
from commands.policy import pack_arguments, require_pack_config
from commands.push import push_image, unpin_lost_images
from commands.recover import recover_interrupted, recover_lost, tell_surplus, things_without_name
from commands.workspace import Stack, Workspace


def up(
    workspace: Workspace, stack_name: str, console: Console, policy_config: Path | None = None
) -> None:
    """Deploy until every agent's runtime is READY; run again, it changes nothing.

    What an earlier command left behind is settled first. An agent for which no image was pushed
    here gets the sample agent's: the foundation is deployed first, because the image is pushed into
    a repository that the stack makes. What the policy pack refuses is not deployed.

    Raises:
        CommandError: a step failed; what is deployed is recorded, and ``up`` can be run again.
    """
    require_pack_config(policy_config)
    stack = workspace.stack(stack_name)
    judged = pack_arguments(stack.pulumi, policy_config)
    with stack.changing() as ended_well:
        recover_interrupted(stack, console, ended_well=ended_well)
        before = things_without_name(stack)
        unpin_lost_images(workspace, stack)
        waiting = workspace.project.agents_without_image(stack_name)
        if waiting:
            console.rule(f"{stack_name}: repositories and roles", align="left")
            _deploy(workspace, stack, console, *judged, "--suppress-outputs")
            console.rule(f"{stack_name}: the sample agent's image", align="left")
            for agent in waiting:
                _push(workspace, stack, agent, console)
        console.rule(f"{stack_name}: runtimes", align="left")
        _deploy(workspace, stack, console, *judged)
        if things_without_name(stack) - before:
            tell_surplus(stack, console)
    _summary(stack, console)


def _deploy(workspace: Workspace, stack: Stack, console: Console, *arguments: str) -> None:
    """Deploy all but the deletes that AgentCore refuses for hours, and these once it does not."""
    change = NetworkChange(workspace, stack, console)
    left = change.held_deletes()
    if left.urns:
        _up(workspace, stack, console, *arguments, *left.arguments)
        if not change.is_released(left):
            return
    _up(workspace, stack, console, *arguments)
    change.settled()


def _up(workspace: Workspace, stack: Stack, console: Console, *arguments: str) -> None:
    """Deploy; once more, when the first failed only because answers of AWS were lost.

    Not without the preview: policies that judge the whole stack run at its end, and at the end of a
    deployment they would come too late.
    """
    try:
        stack.run("up", "--yes", *arguments)
    except CommandError as error:
        _require_running(workspace, stack)
        if not recover_lost(stack, console):
            raise error from None
        console.print("Answers of AWS were lost, and what it made is found again: going on.")
        stack.run("up", "--yes", *arguments)


def _push(workspace: Workspace, stack: Stack, agent: str, console: Console) -> None:
    try:
        pushed = push_image(workspace, stack, agent, None)
    except CommandError:
        _require_running(workspace, stack)
        raise
    console.print(f"{agent}: {pushed.reference}")


def _require_running(workspace: Workspace, stack: Stack) -> None:
    """Tell the end of the offline AWS rather than what failed for it."""
    if workspace.instance.status() is None:
        raise CommandError(
            f"the offline AWS ended while stack {stack.name} was deployed; its log is "
            f"{workspace.instance.log}. Run the same command again: it starts empty, and "
            "everything is deployed anew."
        ) from None


def _summary(stack: Stack, console: Console) -> None:
    agents: dict[str, Any] = stack.outputs().get("agents", {})
    for name, agent in agents.items():
        runtime = agent.get("runtime")
        if runtime:
            console.print(
                f"{name}: {runtime['status']} version {runtime['version']} "
                f"{runtime['invocationUrl']}",
                style="bold",
            )
