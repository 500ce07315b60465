"""The platforms an image in ECR is built for, read from its index or its configuration."""

import json
from typing import Any

from emulator.aws.agentcore.container_uri import ContainerUri
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Image


def platforms(place: ContainerUri, image: Image) -> set[str]:
    """Return platforms such as `linux/arm64`; empty when the image does not say.

    An index names them; a single image says it in its configuration blob.
    """
    entries: list[dict[str, Any]] | None = image.manifest.get("manifests")
    if entries is not None:
        return {_platform(entry["platform"]) for entry in entries if "platform" in entry}
    config: dict[str, Any] = image.manifest.get("config", {})
    blob = state.blob(place.account, place.region, str(config.get("digest")))
    if blob is None:
        return set()
    try:
        return {_platform(json.loads(blob))}
    except ValueError:
        return set()


def _platform(described: dict[str, Any]) -> str:
    return f"{described.get('os')}/{described.get('architecture')}"
