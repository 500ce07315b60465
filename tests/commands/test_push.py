import pytest

from commands.push import unpin_lost_images
from tests.integration.deployment import Deploy
from tests.stack_files import DIGEST, PROJECT, committed

pytestmark = pytest.mark.engine


def test_an_image_whose_repository_is_gone_is_unpinned(deployment: Deploy) -> None:
    """Then the next `make up` pushes one again, also after a plain `pulumi destroy`."""
    dev = deployment("dev", committed("dev"))
    key = f"{PROJECT}:agents.assistant.image"
    dev.stack.read("config", "set", "--path", key, DIGEST)
    project = dev.workspace.project
    assert project.pinned_image("dev", "assistant") == DIGEST
    unpin_lost_images(dev.workspace, dev.stack)
    assert project.agents_without_image("dev") == ["assistant"], "and is named for a push"

    elsewhere = f"{dev.account}.dkr.ecr.us-east-1.amazonaws.com/elsewhere@{DIGEST}"
    dev.stack.read("config", "set", "--path", key, elsewhere)
    unpin_lost_images(dev.workspace, dev.stack)
    assert project.pinned_image("dev", "assistant") == elsewhere, "that one the stack did not push"
