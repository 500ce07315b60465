"""AWS's API models as botocore ships them: constraints of requests, shapes of answers.

Resource properties are PascalCase, members of the API camelCase; the model says which keys are
members and which are a map's own.
"""

import re
from collections.abc import Callable, Iterator
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
    found = list(_violations(shape, properties, "", _property_of)) if shape else []
    return [validation_errors(found)] if found else []


def request_violations(model: OperationModel, members: JsonObject) -> list[str]:
    """Say how a request's members break the operation's constraints, one text for each."""
    shape = model.input_shape
    return list(_violations(shape, members, "", str)) if shape else []


def validation_errors(found: list[str]) -> str:
    """Put violations into one message, as most AWS services do."""
    plural = "" if len(found) == 1 else "s"
    return f"{len(found)} validation error{plural} detected: {'; '.join(found)}"


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


def _violations(
    shape: Shape, value: object, path: str, key_of: Callable[[str], str]
) -> Iterator[str]:
    """Walk the value; `key_of` says under which key a member is found in it."""
    match shape:
        case StructureShape() if isinstance(value, dict):
            given = cast("JsonObject", value)
            for name, member in shape.members.items():
                if key_of(name) in given:
                    below = f"{path}.{_in_camel_case(name)}".strip(".")
                    yield from _violations(member, given[key_of(name)], below, key_of)
        case ListShape() if isinstance(value, list):
            items = cast("list[object]", value)
            yield from _size_violations(shape, len(items), items, path)
            for index, item in enumerate(items, 1):
                yield from _violations(shape.member, item, f"{path}.{index}.member", key_of)
        case MapShape() if isinstance(value, dict):
            entries = cast("JsonObject", value)
            yield from _size_violations(shape, len(entries), entries, path)
            for key, item in entries.items():
                yield from _violations(shape.key, key, f"{path}.key", key_of)
                yield from _violations(shape.value, item, f"{path}.{key}.member", key_of)
        case StringShape() if isinstance(value, str):
            yield from _size_violations(shape, len(value), value, path)
            yield from _text_violations(shape, value, path)
        case Shape() if isinstance(value, int) and not isinstance(value, bool):
            yield from _size_violations(shape, value, value, path, measure="value")
        case _:
            return


def _constraint(shape: Shape, value: object, path: str) -> str:
    shown = "" if shape.metadata.get("sensitive") else f"'{value}' "
    return f"Value {shown}at '{path}' failed to satisfy constraint: Member must"


def _size_violations(
    shape: Shape, size: int, value: object, path: str, *, measure: str = "length"
) -> Iterator[str]:
    limits = shape.metadata
    if size > limits.get("max", size):
        words = f"have {measure} less than or equal to {limits['max']}"
        yield f"{_constraint(shape, value, path)} {words}"
    if size < limits.get("min", size):
        words = f"have {measure} greater than or equal to {limits['min']}"
        yield f"{_constraint(shape, value, path)} {words}"


def _text_violations(shape: StringShape, value: str, path: str) -> Iterator[str]:
    pattern = _compiled(shape.metadata.get("pattern", ""))
    if pattern and not pattern.fullmatch(value):
        words = f"satisfy regular expression pattern: {pattern.pattern}"
        yield f"{_constraint(shape, value, path)} {words}"
    if shape.enum and value not in shape.enum:
        words = f"satisfy enum value set: [{', '.join(shape.enum)}]"
        yield f"{_constraint(shape, value, path)} {words}"


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern; None for none, and for one in a dialect that Python lacks."""
    try:
        return re.compile(pattern, re.ASCII) if pattern else None
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


def _in_camel_case(member: str) -> str:
    return member[0].lower() + member[1:]
