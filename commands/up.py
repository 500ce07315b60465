"""Deploys a stack on the offline AWS, in the steps a user takes on the real one."""

from typing import Any

from rich.console import Console

from commands.push import push_image, unpin_lost_images
from commands.workspace import Stack, Workspace


def up(workspace: Workspace, stack_name: str, console: Console) -> None:
    """Deploy until every agent's runtime is READY; run again, it changes nothing.

    An agent for which no image was pushed here gets the sample agent's: the foundation is deployed
    first, because the image is pushed into a repository that the stack makes.

    Raises:
        CommandError: a step failed; what is deployed is recorded, and ``up`` can be run again.
    """
    stack = workspace.stack(stack_name)
    unpin_lost_images(workspace, stack)
    waiting = workspace.project.agents_without_image(stack_name)
    if waiting:
        console.rule(f"{stack_name}: repositories and roles", align="left")
        stack.run("up", "--yes", "--skip-preview", "--suppress-outputs")
        console.rule(f"{stack_name}: the sample agent's image", align="left")
        for agent in waiting:
            console.print(f"{agent}: {push_image(workspace, stack, agent, None).reference}")
    console.rule(f"{stack_name}: runtimes", align="left")
    stack.run("up", "--yes", "--skip-preview")
    _summary(stack, console)


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
