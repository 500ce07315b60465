"""The platforms an image in ECR is built for, and its size for one of them.

An index names the platforms of its images; a single image says its own in its configuration.
"""

import json
from typing import Any

from emulator.aws.agentcore.container_uri import ContainerUri
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Image


def platforms(place: ContainerUri, image: Image) -> set[str]:
    """Return platforms such as `linux/arm64`; empty when the image does not say."""
    entries = _entries(image)
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


def image_bytes(place: ContainerUri, image: Image, platform: str) -> int:
    """Return the size of the image for the platform, as its manifest gives it."""
    for entry in _entries(image) or ():
        if _platform(entry.get("platform", {})) == platform:
            found = state.image(place.account, place.region, place.repository, entry["digest"])
            return image_bytes(place, found, platform) if found else 0
    parts: list[dict[str, Any]] = [
        image.manifest.get("config", {}),
        *image.manifest.get("layers", []),
    ]
    return sum(int(part.get("size", 0)) for part in parts)


def _entries(image: Image) -> list[dict[str, Any]] | None:
    return image.manifest.get("manifests")


def _platform(described: dict[str, Any]) -> str:
    return f"{described.get('os')}/{described.get('architecture')}"
