"""Reading and cutting resource properties by the schemas' paths (`/A/B`, `/Items/*/C`)."""

import copy
from collections.abc import Iterable
from typing import Any, cast

JsonObject = dict[str, Any]


def without(properties: JsonObject, paths: Iterable[str]) -> JsonObject:
    """Copy the properties, leaving out what the paths name."""
    result = copy.deepcopy(properties)
    for path in paths:
        _remove(result, path.strip("/").split("/"))
    return result


def values_at(properties: object, path: str) -> list[object]:
    """Return every value that the path names; an empty list where it names none."""
    found = [properties]
    for part in path.strip("/").split("/"):
        found = [child for node in found for child in _step(node, part)]
    return found


def _step(node: object, part: str) -> list[object]:
    if part == "*" and isinstance(node, list):
        return cast("list[object]", node)
    if isinstance(node, dict):
        children = cast("JsonObject", node)
        return [children[part]] if part in children else []
    return []


def _remove(node: object, parts: list[str]) -> None:
    *parents, last = parts
    for holder in values_at(node, "/".join(parents)) if parents else [node]:
        if isinstance(holder, dict):
            cast("JsonObject", holder).pop(last, None)
