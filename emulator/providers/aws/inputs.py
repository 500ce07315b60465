"""A resource's inputs: what pulumi-aws fills in at check, and what is refused there."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING

from emulator.providers import sdk_types
from emulator.providers.sdk_types import Failure
from emulator.providers.values import UNKNOWN, Json, Object, as_object, has_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.providers.aws.table import ResourceType
    from emulator.providers.provider import Resource

DEFAULTS = "__defaults"
"""Where pulumi-aws records which inputs it filled in: a name among them was made, not given."""

RANDOM_DIGITS = 7
EMPTY: tuple[Json, ...] = (None, "", False, [], {})


def check(
    resource_type: ResourceType,
    resource: Resource,
    olds: Object,
    news: Object,
    *,
    random_seed: bytes,
    region: str,
    default_tags: Mapping[str, str],
) -> tuple[Object, list[Failure]]:
    """The inputs with all that is filled in, and everything that is wrong with them.

    Filled in are the instance's region and default tags (pulumi-aws provider/region.go, tags.go),
    a name, and the defaults.
    """
    inputs = {name: _as_text(resource_type, name, value) for name, value in news.items()}
    # The engine checks its recorded inputs again on a refresh of the program.
    inputs = {name: inputs[name] for name in inputs if name not in {DEFAULTS, "tagsAll"}}
    failures = sdk_types.check(resource.token, resource_type.args_class, inputs)
    failures += [
        Failure(
            name,
            f'"{name}" of {resource.token} is not supported by the offline AWS: {way_out}',
        )
        for name, way_out in resource_type.unsupported.items()
        if name in inputs
    ]
    filled = [
        name
        for name, definition in resource_type.properties.items()
        if definition.default is not None and name not in inputs
    ]
    for name in filled:
        inputs[name] = resource_type.properties[name].default
    if resource_type.auto_name and resource_type.auto_name.property not in inputs:
        name = resource_type.auto_name.property
        filled.append(name)
        try:
            inputs[name] = _auto_name(resource_type, resource, olds, random_seed)
        except ValueError as error:
            failures.append(Failure(name, str(error)))
    if resource_type.regional:
        inputs.setdefault("region", region)
    if resource_type.tags:
        inputs["tagsAll"] = _all_tags(inputs.get("tags", {}), default_tags)
    inputs[DEFAULTS] = sorted(filled)
    return inputs, failures


def imported(resource_type: ResourceType, found: Object) -> Object:
    """The inputs that would have made what was found."""
    inputs: Object = {
        name: found[name]
        for name in ("region", *resource_type.properties)
        if name in found and found[name] not in EMPTY
    }
    inputs[DEFAULTS] = []
    return inputs


def _all_tags(tags: Json, default_tags: Mapping[str, str]) -> Json:
    if has_unknown(tags):
        return UNKNOWN
    return {**default_tags, **(as_object(tags) or {})}


def _as_text(resource_type: ResourceType, name: str, value: Json) -> Json:
    """A document given as an object, as the JSON text it stands for (TransformJSONDocument)."""
    known = sdk_types.properties(resource_type.args_class).get(name)
    if known is not None and known.kind == "document" and isinstance(value, dict):
        return UNKNOWN if has_unknown(value) else json.dumps(value)
    return value


def _auto_name(
    resource_type: ResourceType, resource: Resource, olds: Object, random_seed: bytes
) -> str:
    auto_name = resource_type.auto_name
    if auto_name is None:
        raise ValueError(f"{resource_type.token} has no automatic name")
    if auto_name.property in olds and auto_name.property in olds.get(DEFAULTS, []):
        return olds[auto_name.property]
    if len(resource.name) + 1 + RANDOM_DIGITS > auto_name.max_length:
        raise ValueError(
            f"name '{resource.name}-' plus {RANDOM_DIGITS} random chars is longer than maximum "
            f"length {auto_name.max_length}; give `{auto_name.property}`"
        )
    digits = (
        hashlib.sha256(random_seed).hexdigest() if random_seed else secrets.token_hex(RANDOM_DIGITS)
    )
    name = f"{resource.name}-{digits[:RANDOM_DIGITS]}"
    return name if name.startswith(auto_name.prefix) else auto_name.prefix + name
