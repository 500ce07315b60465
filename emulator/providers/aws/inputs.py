"""A resource's inputs: what pulumi-aws fills in at check, and what is refused there."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import TYPE_CHECKING

from emulator.providers import sdk_types
from emulator.providers.aws.table import ConflictsWith, ExactlyOneOf, RequiredWith
from emulator.providers.sdk_types import Failure
from emulator.providers.values import (
    UNKNOWN,
    Json,
    Object,
    as_object,
    has_unknown,
    is_empty,
    is_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.providers.aws.table import Combination, ResourceType
    from emulator.providers.provider import Resource

DEFAULTS = "__defaults"
"""Where pulumi-aws records which inputs it filled in: a name among them was made, not given."""

RANDOM_DIGITS = 7


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
    refused = {name: why for name, why in resource_type.unsupported.items() if name in inputs}
    refused |= {
        name: one.reason
        for name, one in resource_type.fixed.items()
        if inputs.get(name, one.value) != one.value
    }
    failures += [
        Failure(name, f'"{name}" of {resource.token} is not supported by the offline AWS: {why}')
        for name, why in refused.items()
    ]
    failures += _refused(resource_type, resource.name, inputs)
    defaults = {
        **{name: definition.default for name, definition in resource_type.properties.items()},
        **{name: one.value for name, one in resource_type.fixed.items()},
    }
    filled = [name for name, value in defaults.items() if value is not None and name not in inputs]
    for name in filled:
        inputs[name] = defaults[name]
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
        if name in found and not is_empty(found[name])
    }
    inputs[DEFAULTS] = []
    return inputs


def _refused(resource_type: ResourceType, name: str, inputs: Object) -> list[Failure]:
    """What terraform's schema refuses, worded as its bridge to Pulumi words it."""
    found: list[tuple[str, str]] = []
    for combination in resource_type.combinations:
        found += _wrong_together(combination, inputs)
    for property_name, definition in resource_type.properties.items():
        value = inputs.get(property_name)
        if value is not None and not has_unknown(value):
            said = definition.refused(_in_terraform(property_name), value)
            found += [(property_name, said)] if said else []
    return [
        Failure(path, f"{said}. Examine values at '{name}.{path}'." if path else said)
        for path, said in found
    ]


def _wrong_together(combination: Combination, inputs: Object) -> list[tuple[str, str]]:
    """The properties that must not be given as they are, each with the message."""
    given = {name for name, value in inputs.items() if not is_unknown(value)}
    unknown = {name for name, value in inputs.items() if is_unknown(value)}
    match combination:
        case ExactlyOneOf():
            return _not_exactly_one(combination, given, unknown)
        case ConflictsWith(name, others):
            return [
                (
                    name,
                    "Conflicting configuration arguments. "
                    f'"{_in_terraform(name)}": conflicts with {_in_terraform(other)}',
                )
                for other in others
                if {name, other} <= given
            ]
        case RequiredWith(name, others):
            every = ",".join(sorted(_in_terraform(one) for one in (name, *others)))
            missing = set(others) - given - unknown
            said = (
                f'Missing required argument. "{_in_terraform(name)}": all of `{every}` must be '
                "specified"
            )
            return [(name, said)] if name in given and missing else []


def _not_exactly_one(
    combination: ExactlyOneOf, given: set[str], unknown: set[str]
) -> list[tuple[str, str]]:
    names = combination.properties
    specified = sorted(_in_terraform(name) for name in names if name in given)
    if len(specified) == 1 or (not specified and unknown.intersection(names)):
        return []
    if combination.framework:
        title = "Invalid Attribute Combination" if specified else "Missing Attribute Configuration"
        every = ",".join(map(_in_terraform, names))
        return [("", f"{title}. Exactly one of these attributes must be configured: [{every}]")]
    every = ",".join(sorted(map(_in_terraform, names)))
    said = (
        f"only one of `{every}` can be specified, but `{','.join(specified)}` were specified."
        if specified
        else f"one of `{every}` must be specified"
    )
    return [
        (name, f'Invalid combination of arguments. "{_in_terraform(name)}": {said}')
        for name in sorted(names)
    ]


def _in_terraform(name: str) -> str:
    """A property's name in terraform, which its messages have: `subnet_id` for `subnetId`."""
    return re.sub("[A-Z]", lambda capital: f"_{capital.group().lower()}", name)


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
