"""What is deployed in the campaign: the committed dev stack, and what its config can add to it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.stack_files import PROJECT, committed

# Where an image lies that is not the stack's own.
FOREIGN_REPOSITORY: Final = "elsewhere/assistant"


@dataclass(frozen=True)
class Job:
    """A deployment that is disturbed.

    Attributes:
        name: what it is called in the campaign's table.
        config: makes the stack's config.
        foreign_image: whether the agent's image lies in a repository beside the stack, so that one
            update deploys all; otherwise `up` deploys, pushes the sample's image, deploys again.
    """

    name: str
    config: Callable[[], dict[str, Any]]
    foreign_image: bool


def _extended() -> dict[str, Any]:
    config = copy.deepcopy(committed("dev"))
    config[f"{PROJECT}:registry"] = {"encryption": "KMS"}
    config[f"{PROJECT}:agents"]["assistant"]["endpoints"] = {"live": 1}
    return config


DEV = Job("dev", lambda: committed("dev"), foreign_image=False)
EXTENDED = Job("dev with its own key and a named endpoint", _extended, foreign_image=True)
