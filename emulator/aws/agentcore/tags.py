"""The rules that hold for the tags of every AgentCore resource, and their two forms.

Some resource types have a map, others a list of Key and Value; the API has always a map.
"""

from collections import Counter
from typing import cast

from emulator.aws.agentcore.limits import TAGS_OF_A_RESOURCE
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject

_RESERVED = "aws:"  # tag keys that begin so are AWS's own, in every service


def check_tags(desired: JsonObject) -> None:
    """Raise the service's ValidationException for tags that it does not take."""
    keys = [key for key, _ in _pairs(desired.get("Tags", {}))]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise validation_error(f"Duplicate tag keys found: {', '.join(twice)}")
    if len(keys) > TAGS_OF_A_RESOURCE:
        raise validation_error(f"There are {len(keys)} tags, allowed: {TAGS_OF_A_RESOURCE}")
    reserved = [key for key in keys if key.lower().startswith(_RESERVED)]
    if reserved:
        raise validation_error(
            f"aws: prefixed tag key names are not allowed for external use: {', '.join(reserved)}"
        )


def tag_map(resource: JsonObject) -> dict[str, str]:
    """Return the resource's tags as the API answers them."""
    return dict(_pairs(resource.get("Tags", {})))


def _pairs(tags: object) -> list[tuple[str, str]]:
    if isinstance(tags, dict):
        return list(cast("dict[str, str]", tags).items())
    return [(tag["Key"], tag["Value"]) for tag in cast("list[dict[str, str]]", tags)]
