"""A desired state against its type's schema, in the words Cloud Control uses.

Cloud Control answers all violations in one ValidationException, "Model validation failed
(#/Path: reason)", one a line.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from jsonschema import ValidationError

from emulator.aws.cloudcontrol.properties import values_at
from emulator.aws.cloudcontrol.schemas import JsonObject, ResourceType
from emulator.aws.errors import AwsError

_JSON_TYPES = {
    "object": "JSONObject",
    "array": "JSONArray",
    "string": "String",
    "integer": "Integer",
    "number": "Number",
    "boolean": "Boolean",
    "null": "Null",
}


def check_desired_state(resource_type: ResourceType, desired: JsonObject) -> None:
    """Raise one AwsError ValidationException that names every violation with its path."""
    violations = [
        *(
            f"#: read-only property [{path}] cannot be set"
            for path in resource_type.read_only
            if values_at(desired, path)
        ),
        *schema_violations(resource_type, desired),
    ]
    if violations:
        raise AwsError("ValidationException", f"Model validation failed ({_lines(violations)})")


def schema_violations(resource_type: ResourceType, desired: JsonObject) -> list[str]:
    """Every way in which the desired state breaks the schema, each with its path."""
    errors = cast("Iterator[ValidationError]", resource_type.validator.iter_errors(desired))  # pyright: ignore[reportUnknownMemberType]
    found = sorted(errors, key=lambda error: [str(part) for part in error.absolute_path])
    return [line for error in found for line in _describe(error)]


def _lines(violations: list[str]) -> str:
    return "\n".join(dict.fromkeys(violations))


def _describe(error: ValidationError) -> Iterator[str]:
    where = "#" + "".join(f"/{part}" for part in error.absolute_path)
    value: Any = error.instance
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            for name in cast("list[str]", rule):
                if name not in value:
                    yield f"{where}: required key [{name}] not found"
        case "additionalProperties":
            for name in _extraneous(error):
                yield f"{where}: extraneous key [{name}] is not permitted"
        case "type":
            yield f"{where}: expected type: {_type_name(rule)}, found: {_found(value)}"
        case "enum":
            yield f"{where}: {value} is not a valid enum value, allowed: {json.dumps(rule)}"
        case "pattern":
            yield f"{where}: string [{value}] does not match pattern {rule}"
        case "minLength" | "maxLength":
            yield f"{where}: expected {error.validator}: {rule}, actual: {len(value)}"
        case "minItems" | "maxItems":
            bound = "minimum" if error.validator == "minItems" else "maximum"
            yield f"{where}: expected {bound} item count: {rule}, found: {len(value)}"
        case "minimum" | "maximum":
            relation = "greater" if error.validator == "minimum" else "less"
            yield f"{where}: {value} is not {relation} or equal to {rule}"
        case "oneOf" | "anyOf":
            yield (
                f"{where}: does not match exactly one of the allowed forms"
                if (error.validator == "oneOf")
                else f"{where}: matches none of the allowed forms"
            )
        case _:
            yield f"{where}: {error.message}"


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
    match value:
        case bool():
            return "Boolean"
        case dict():
            return "JSONObject"
        case list():
            return "JSONArray"
        case str():
            return "String"
        case int():
            return "Integer"
        case float():
            return "Number"
        case _:
            return "Null"
