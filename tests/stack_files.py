"""The committed stack files, as Pulumi hands them to a program."""

import copy
import json
from pathlib import Path
from typing import Any, cast

import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
PROJECT = "agentcore"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def committed(stack: str) -> dict[str, Any]:
    """The config of a committed stack file: plain values by full key."""
    document = yaml.safe_load((CHECKOUT / f"Pulumi.{stack}.yaml").read_text("utf-8"))
    return cast("dict[str, Any]", document["config"])


def with_images(config: dict[str, Any], image: str = DIGEST) -> dict[str, Any]:
    """The same config with an image for every agent, as after a push."""
    config = copy.deepcopy(config)
    for agent in config[f"{PROJECT}:agents"].values():
        agent.setdefault("image", image)
    return config


def handed_over(config: dict[str, Any]) -> dict[str, str]:
    """Scalars as text, everything else as JSON: what a program finds in PULUMI_CONFIG."""
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()
    }
