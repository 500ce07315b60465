"""A desired state against its type's schema, in the words Cloud Control uses.

Cloud Control answers all violations in one ValidationException, "Model validation failed
(#/Path: reason)", one a line.
"""

import json
import re
from typing import TYPE_CHECKING, Any, cast

from jsonschema import ValidationError

from emulator.aws.cloudcontrol.properties import values_at, without
from emulator.aws.cloudcontrol.schemas import JsonObject, ResourceType
from emulator.aws.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_JSON_TYPES = {
    "object": "JSONObject",
    "array": "JSONArray",
    "string": "String",
    "integer": "Integer",
    "number": "Number",
    "boolean": "Boolean",
    "null": "Null",
}
_PYTHON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "Boolean"),  # before int, which it is a kind of
    (dict, "JSONObject"),
    (list, "JSONArray"),
    (str, "String"),
    (int, "Integer"),
    (float, "Number"),
    (object, "Null"),
)
_BOUNDS = {"minItems": "minimum", "maxItems": "maximum"}


def check_desired_state(resource_type: ResourceType, desired: JsonObject) -> None:
    """Raise one AwsError ValidationException that names every violation with its path."""
    read_only = [path for path in resource_type.read_only if values_at(desired, path)]
    violations = [
        *(f"#: read-only property [{path.strip('/')}] cannot be set" for path in read_only),
        *schema_violations(resource_type, without(desired, read_only)),
    ]
    if violations:
        lines = "\n".join(dict.fromkeys(violations))
        raise AwsError("ValidationException", f"Model validation failed ({lines})")


def schema_violations(resource_type: ResourceType, desired: JsonObject) -> list[str]:
    """Return every way in which the desired state breaks the schema, each with its path."""
    errors = cast("Iterator[ValidationError]", resource_type.validator.iter_errors(desired))  # pyright: ignore[reportUnknownMemberType]
    found = sorted(errors, key=lambda error: [str(part) for part in error.absolute_path])
    return [
        f"#{''.join(f'/{part}' for part in error.absolute_path)}: {reason}"
        for error in found
        for reason in _reasons(error)
    ]


def _reasons(error: ValidationError) -> list[str]:
    value: Any = error.instance
    rule: Any = error.validator_value
    keyword = str(error.validator)
    if keyword == "required":
        return [f"required key [{name}] not found" for name in rule if name not in value]
    if keyword == "additionalProperties":
        return [f"extraneous key [{name}] is not permitted" for name in _extraneous(error)]
    if keyword == "type":
        return [f"expected type: {_type_name(rule)}, found: {_found(value)}"]
    if keyword in ("minLength", "maxLength"):
        return [f"expected {keyword}: {rule}, actual: {len(value)}"]
    if keyword in _BOUNDS:
        return [f"expected {_BOUNDS[keyword]} item count: {rule}, found: {len(value)}"]
    texts = {
        "enum": f"{value} is not a valid enum value, allowed: {json.dumps(rule)}",
        "pattern": f"string [{value}] does not match pattern {rule}",
        "minimum": f"{value} is not greater or equal to {rule}",
        "maximum": f"{value} is not less or equal to {rule}",
        "oneOf": "does not match exactly one of the allowed forms",
        "anyOf": "matches none of the allowed forms",
    }
    return [texts.get(keyword, error.message)]


def _extraneous(error: ValidationError) -> list[str]:
    schema = cast("JsonObject", error.schema)
    known = cast("JsonObject", schema.get("properties", {}))
    patterns = list(cast("JsonObject", schema.get("patternProperties", {})))
    return [
        name
        for name in cast("JsonObject", error.instance)
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    ]


def _type_name(rule: object) -> str:
    names = cast("list[str]", rule) if isinstance(rule, list) else [str(rule)]
    return " or ".join(_JSON_TYPES.get(name, name) for name in names)


def _found(value: object) -> str:
    return next(name for kind, name in _PYTHON_TYPES if isinstance(value, kind))
