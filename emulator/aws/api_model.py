"""AWS's API models as botocore ships them: constraints of requests, shapes of answers.

Resource properties are PascalCase, members of the API camelCase; the model says which keys are
members and which are a map's own.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import botocore.session
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)

JsonObject = dict[str, Any]


@lru_cache
def service_model(service: str) -> ServiceModel:
    """Return the service's model."""
    return botocore.session.Session().get_service_model(service)


@lru_cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return the operation's model."""
    return service_model(service).operation_model(operation)


def violations(service: str, operation: str, properties: JsonObject) -> list[str]:
    """Say how the properties break the operation's constraints, in the words AWS uses.

    Patterns match the whole value here, as the service matches them; the resource type schemas'
    patterns are searched for.
    """
    shape = operation_model(service, operation).input_shape
    found = list(_violations(shape, properties, "")) if shape else []
    if not found:
        return []
    plural = "" if len(found) == 1 else "s"
    return [f"{len(found)} validation error{plural} detected: {'; '.join(found)}"]


def api_members(shape: Shape | None, properties: object) -> Any:
    """Write properties as members of the shape, leaving out what the shape does not have."""
    match shape:
        case StructureShape() if isinstance(properties, dict):
            given = cast("JsonObject", properties)
            return {
                name: api_members(member, given[key])
                for name, member in shape.members.items()
                if (key := _property_of(name)) in given
            }
        case StructureShape():
            # The one structure that CloudFormation writes as a plain text.
            return {next(iter(shape.members)): properties}
        case ListShape():
            return [api_members(shape.member, item) for item in cast("list[object]", properties)]
        case Shape(type_name="timestamp"):
            return _timestamp(shape, properties)
        case _:
            return properties


def _violations(shape: Shape, value: object, path: str) -> Iterator[str]:
    match shape:
        case StructureShape() if isinstance(value, dict):
            given = cast("JsonObject", value)
            for name, member in shape.members.items():
                if _property_of(name) in given:
                    yield from _violations(
                        member, given[_property_of(name)], f"{path}.{name}".strip(".")
                    )
        case ListShape() if isinstance(value, list):
            yield from _size_violations(shape, len(cast("list[object]", value)), path, "length")
            for index, item in enumerate(cast("list[object]", value), 1):
                yield from _violations(shape.member, item, f"{path}.{index}.member")
        case MapShape() if isinstance(value, dict):
            for key, item in cast("JsonObject", value).items():
                yield from _violations(shape.key, key, f"{path}.key")
                yield from _violations(shape.value, item, f"{path}.{key}.member")
        case StringShape() if isinstance(value, str):
            yield from _size_violations(shape, len(value), path, "length", value)
            yield from _text_violations(shape, value, path)
        case Shape(type_name="integer" | "long") if isinstance(value, int):
            yield from _size_violations(shape, value, path, "value", value)
        case _:
            return


def _failed(shape: Shape, path: str, value: object) -> str:
    shown = "" if value is None or shape.metadata.get("sensitive") else f"'{value}' "
    return f"Value {shown}at '{path}' failed to satisfy constraint: Member must"


def _size_violations(
    shape: Shape, size: int, path: str, what: str, value: object = None
) -> Iterator[str]:
    limits = shape.metadata
    if size > limits.get("max", size):
        yield (f"{_failed(shape, path, value)} have {what} less than or equal to {limits['max']}")
    if size < limits.get("min", size):
        yield (
            f"{_failed(shape, path, value)} have {what} greater than or equal to {limits['min']}"
        )


def _text_violations(shape: StringShape, value: str, path: str) -> Iterator[str]:
    limits = shape.metadata
    prefix = _failed(shape, path, value)
    pattern = _compiled(limits.get("pattern", ""))
    if pattern and not pattern.fullmatch(value):
        yield f"{prefix} satisfy regular expression pattern: {pattern.pattern}"
    if shape.enum and value not in shape.enum:
        yield f"{prefix} satisfy enum value set: [{', '.join(shape.enum)}]"


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern; None for none, and for one in a dialect that Python lacks."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None


def _timestamp(shape: Shape, value: object) -> object:
    """Write a time, kept as a text in ISO 8601 or in seconds, as the shape's protocol has it.

    REST-JSON's default for a body is seconds since 1970.
    """
    if isinstance(value, str) and shape.serialization.get("timestampFormat") != "iso8601":
        return datetime.fromisoformat(value).timestamp()
    return value


def _property_of(member: str) -> str:
    return member[0].upper() + member[1:]
