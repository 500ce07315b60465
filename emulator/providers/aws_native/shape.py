"""What a CloudFormation schema says about the names inside a value, and the renaming of values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from emulator.providers.aws_native.casing import sdk_name
from emulator.providers.values import Json, Object, as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, Any]
Kind = Literal["object", "map", "list", "json", "string", "integer", "number", "boolean"]
SCALARS: tuple[Kind, ...] = ("string", "integer", "number", "boolean")
COMBINATORS = ("oneOf", "anyOf", "allOf")


@dataclass(frozen=True)
class Member:
    """A property of an object: its CloudFormation name and its shape."""

    name: str
    shape: Shape


@dataclass(frozen=True, eq=False)
class Shape:
    """What a schema says about the names inside a value, lazily, because schemas may recurse."""

    definitions: dict[str, Schema]
    schema: Schema

    @cached_property
    def resolved(self) -> list[Schema]:
        """The schema and everything it is combined of, references followed."""
        found: list[Schema] = []
        waiting, seen = [self.schema], set[str]()
        while waiting:
            schema = waiting.pop(0)
            reference = schema.get("$ref")
            if reference is not None:
                if reference in seen:
                    continue
                seen.add(reference)
                waiting.append(self.definitions[reference.removeprefix("#/definitions/")])
            found.append(schema)
            for combinator in COMBINATORS:
                waiting += [part for part in schema.get(combinator, []) if isinstance(part, dict)]
        return found

    @cached_property
    def kind(self) -> Kind:
        """How a value is walked."""
        if self.map_value is not None:
            return "map"
        if self.members:
            return "object"
        if any("items" in schema for schema in self.resolved):
            return "list"
        types = {
            kind
            for schema in self.resolved
            if "type" in schema
            for kind in ([schema["type"]] if isinstance(schema["type"], str) else schema["type"])
        }
        only = next(iter(types)) if len(types) == 1 else ""
        return only if only in SCALARS else "json"

    @cached_property
    def members(self) -> dict[str, Member]:
        """The properties of an object by their SDK names."""
        return {
            sdk_name(name): Member(name, Shape(self.definitions, schema))
            for part in self.resolved
            for name, schema in cast("dict[str, Schema]", part.get("properties", {})).items()
        }

    @cached_property
    def required(self) -> frozenset[str]:
        """The SDK names of what an object must have, whichever of its alternatives it is."""
        return frozenset(
            sdk_name(name)
            for part in self.resolved
            if part.get("properties")
            for name in part.get("required", [])
            if not any(
                part in other.get("oneOf", []) + other.get("anyOf", []) for other in self.resolved
            )
        )

    @cached_property
    def map_value(self) -> Shape | None:
        """The values of a map with free keys."""
        for part in self.resolved:
            if isinstance(part.get("additionalProperties"), dict):
                return Shape(self.definitions, part["additionalProperties"])
            if not part.get("properties") and len(part.get("patternProperties", {})) == 1:
                return Shape(self.definitions, next(iter(part["patternProperties"].values())))
        return None

    @cached_property
    def item(self) -> Shape:
        """The items of a list."""
        for part in self.resolved:
            if isinstance(part.get("items"), dict):
                return Shape(self.definitions, part["items"])
        return Shape(self.definitions, {})

    @cached_property
    def unordered(self) -> bool:
        """Whether a list may come back in another order."""
        return any(part.get("insertionOrder") is False for part in self.resolved)


def to_cloud_formation(shape: Shape, value: Json) -> Json:
    """A value under CloudFormation's names; keys of maps and documents stay as they are."""
    names = {name: (member.name, member.shape) for name, member in shape.members.items()}
    return _renamed(shape, value, names, to_cloud_formation)


def to_sdk(shape: Shape, value: Json) -> Json:
    """A value under the SDK's names; keys of maps and documents stay as they are."""
    names = {member.name: (name, member.shape) for name, member in shape.members.items()}
    return _renamed(shape, value, names, to_sdk)


def _renamed(
    shape: Shape,
    value: Json,
    names: dict[str, tuple[str, Shape]],
    rename: Callable[[Shape, Json], Json],
) -> Json:
    if (items := as_list(value)) is not None and shape.kind == "list":
        return [rename(shape.item, item) for item in items]
    if (values := as_object(value)) is None or shape.kind == "json":
        return value
    if shape.map_value is not None:
        inner = shape.map_value
        return {key: rename(inner, item) for key, item in values.items()}
    result: Object = {}
    for name, item in values.items():
        new_name, inner = names.get(name, (name, None))
        result[new_name] = rename(inner, item) if inner is not None else item
    return result
