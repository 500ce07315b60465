"""Puts an image into an agent's repository and pins it in the stack's config."""

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from rich.console import Console

from commands.command_error import CommandError
from commands.workspace import Stack, Workspace
from images import oci_layout, progress
from images.oci_layout import ImageSpec, Layout, LayoutError
from images.push import PushedImage, PushError, push
from infra.image_reference import ImageReferenceError, parse_image

if TYPE_CHECKING:
    from mypy_boto3_ecr.type_defs import ImageIdentifierTypeDef

_SAMPLE: Final = Path("examples/assistant")


def push_image(
    workspace: Workspace, stack: Stack, agent: str, layout: Path | None, tag: str | None = None
) -> PushedImage:
    """Push an OCI layout, or the sample agent's, and pin its digest in the staged config.

    Raises:
        CommandError: the agent has no repository yet, or the push failed.
    """
    urls = _repository_urls(stack)
    if agent not in urls:
        known = f"Agents that have one: {', '.join(urls)}." if urls else "Run make up first."
        raise CommandError(f"agent {agent} of stack {stack.name} has no repository. {known}")
    url = urls[agent]
    try:
        if tag:
            parse_image(tag)
        if layout is not None:
            pushed = _push(oci_layout.read(layout), url, stack, tag)
        else:
            with tempfile.TemporaryDirectory() as scratch:
                sample = build_sample(workspace.checkout, Path(scratch) / "layout")
                pushed = _push(sample, url, stack, tag)
    except (LayoutError, PushError, ImageReferenceError) as error:
        raise CommandError(str(error)) from None
    if workspace.project.pinned_image(stack.name, agent) != pushed.digest:
        stack.read("config", "set", "--path", _key(workspace, agent), pushed.digest)
    return pushed


def unpin_lost_images(workspace: Workspace, stack: Stack) -> None:
    """Unpin what was pushed into a repository that is gone, as after a plain ``pulumi destroy``."""
    pinned = {
        agent: image
        for agent in workspace.project.agents(stack.name)
        if (image := workspace.project.pinned_image(stack.name, agent)) and "/" not in image
    }
    urls = _repository_urls(stack) if pinned else {}
    for agent, image in pinned.items():
        if agent not in urls or not _is_there(stack, urls[agent], image):
            stack.read("config", "rm", "--path", _key(workspace, agent))


def _key(workspace: Workspace, agent: str) -> str:
    return f"{workspace.project.name}:agents.{agent}.image"


def _repository_urls(stack: Stack) -> dict[str, str]:
    """By agent; from the state, because a failed deployment leaves the outputs as they were."""
    return {
        str(resource["urn"]).rpartition("::")[2]: str(resource["outputs"]["repositoryUrl"])
        for resource in stack.resources()
        if resource["type"] == "aws:ecr/repository:Repository"
    }


def _is_there(stack: Stack, url: str, image: str) -> bool:
    identifier: ImageIdentifierTypeDef = (
        {"imageDigest": image} if image.startswith("sha256:") else {"imageTag": image}
    )
    client = stack.ecr
    try:
        found = client.batch_get_image(repositoryName=url.partition("/")[2], imageIds=[identifier])
    except client.exceptions.RepositoryNotFoundException:
        return False
    return bool(found["images"])


def build_sample(checkout: Path, output: Path) -> Layout:
    """The sample agent as an OCI layout: its files, without a base image."""
    spec = ImageSpec(
        command=("python", "-m", "assistant"),
        path=PurePosixPath("/app/assistant"),
        working_directory=PurePosixPath("/app"),
    )
    return oci_layout.build(checkout / _SAMPLE, output, spec)


def _push(layout: Layout, url: str, stack: Stack, tag: str | None) -> PushedImage:
    with progress.shown_on(Console(stderr=True)) as report:
        return push(layout, url, tag=tag, client=stack.ecr, progress=report)
