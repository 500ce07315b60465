"""CloudFormation's resource schemas, as cfn-lint ships them and pulumi-aws-native sees them.

cfn-lint is read as data, not imported: importing it takes seconds. Value constraints (patterns,
lengths, enumerations) are not checked here; Cloud Control does that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from emulator.providers.aws_native.casing import sdk_name, type_token
from emulator.providers.errors import ProviderError, did_you_mean
from emulator.providers.sdk_types import Failure
from emulator.providers.values import Json, Object, as_list, as_object, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Schema = dict[str, Any]
Kind = Literal["object", "map", "list", "json", "string", "integer", "number", "boolean"]
SCALARS: tuple[Kind, ...] = ("string", "integer", "number", "boolean")
COMBINATORS = ("oneOf", "anyOf", "allOf")


def _data(path: str) -> Any:
    located = distribution("cfn-lint").locate_file(f"cfnlint/data/schemas/{path}")
    return json.loads(Path(str(located)).read_text(encoding="utf-8"))


@cache
def _types_in(region: str) -> dict[str, tuple[str, str]]:
    """Type tokens of a region, each with its CloudFormation type and its schema's file."""
    try:
        files: dict[str, str] = _data(f"providers/{region}.json")
    except FileNotFoundError:
        raise ProviderError(f'"{region}" is not a region CloudFormation has schemas for') from None
    return {
        type_token(name): (name, file)
        for name, file in files.items()
        if name.startswith("AWS::") and name.count("::") == 2
    }


@cache
def _load(name: str, file: str) -> ResourceSchema:
    return ResourceSchema(name, _data(f"resources/{file}.json"))


def resource_schema(token: str, region: str) -> ResourceSchema:
    """The schema behind a type token.

    Raises:
        ProviderError: There is no such type, or not in this region.
    """
    types = _types_in(region)
    if token not in types:
        raise ProviderError(
            f'resource type "{token}" is not a CloudFormation type in {region}'
            f"{did_you_mean(token, types)}"
        )
    return _load(*types[token])


def agent_core_tokens(region: str) -> list[str]:
    """The tokens of the AgentCore types of a region."""
    return [
        token for token in _types_in(region) if token.startswith("aws-native:bedrockagentcore:")
    ]


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


@dataclass(frozen=True, eq=False)
class ResourceSchema:
    """A resource type's schema."""

    name: str
    schema: Schema = field(repr=False)

    @cached_property
    def token(self) -> str:
        """The Pulumi type token."""
        return type_token(self.name)

    @cached_property
    def type_name(self) -> str:
        """The last part of the type's name."""
        return self.name.rpartition("::")[2]

    @cached_property
    def shape(self) -> Shape:
        """The shape of all properties."""
        return Shape(self.schema.get("definitions", {}), self.schema)

    @cached_property
    def properties(self) -> dict[str, Member]:
        """All properties by their SDK names; `id` is taken, so a property `Id` is `awsId`."""
        return {
            "awsId" if name == "id" else name: Member(
                member.name, Shape(self.shape.definitions, member.shape.schema)
            )
            for name, member in self.shape.members.items()
            if member.name in self.schema["properties"]
        }

    @cached_property
    def inputs(self) -> dict[str, Member]:
        """The properties a program may give."""
        create_only = {path[0] for path in self.create_only if len(path) == 1}
        return {
            name: member
            for name, member in self.properties.items()
            if (name,) not in self.read_only or name in create_only
        }

    @cached_property
    def required(self) -> frozenset[str]:
        """The inputs a program must give; what gets an automatic name is not among them."""
        names = {
            name
            for name, member in self.inputs.items()
            if member.name in self.schema.get("required", [])
        }
        return frozenset(names - {self.auto_named})

    @cached_property
    def read_only(self) -> frozenset[tuple[str, ...]]:
        """The paths AWS decides."""
        return self._paths("readOnlyProperties")

    @cached_property
    def create_only(self) -> frozenset[tuple[str, ...]]:
        """The paths that only a new resource can have otherwise."""
        return self._paths("createOnlyProperties")

    @cached_property
    def write_only(self) -> frozenset[tuple[str, ...]]:
        """The paths AWS does not return."""
        return self._paths("writeOnlyProperties")

    def _paths(self, field_name: str) -> frozenset[tuple[str, ...]]:
        paths: list[str] = self.schema.get(field_name, [])
        return frozenset(
            tuple(
                "awsId" if index == 0 and step == "Id" else step if step == "*" else sdk_name(step)
                for index, step in enumerate(path.removeprefix("/properties/").split("/"))
            )
            for path in paths
        )

    @cached_property
    def tags_property(self) -> str | None:
        """The property that holds the resource's tags."""
        tagging = self.schema.get("tagging", {})
        if isinstance(tagging, dict):
            path = cast("Schema", tagging).get("tagProperty", "/properties/Tags")
        else:
            path = "/properties/Tags"
        name = sdk_name(str(path).removeprefix("/properties/"))
        return name if name in self.properties else None

    @cached_property
    def auto_named(self) -> str | None:
        """The property pulumi-aws-native names by itself (provider/pkg/autonaming/spec.go)."""
        texts = {
            name.casefold(): name
            for name, member in self.inputs.items()
            if member.shape.kind == "string" and not any("enum" in s for s in member.shape.resolved)
        }
        kind = self.type_name.casefold()
        for candidate in ("name", f"{kind}name"):
            if candidate in texts:
                return texts[candidate]
        ending = [
            name
            for folded, name in texts.items()
            if folded.endswith("name") and kind.endswith(folded.removesuffix("name"))
        ]
        return ending[0] if len(ending) == 1 else None

    def to_cloud_formation(self, values: Object) -> Object:
        """Properties under CloudFormation's names."""
        return {
            self.properties[name].name: to_cloud_formation(self.properties[name].shape, value)
            for name, value in values.items()
            if name in self.properties
        }

    def to_sdk(self, values: Object) -> Object:
        """Properties under the SDK's names; unknown ones are recased by the rules."""
        names = {member.name: name for name, member in self.properties.items()}
        return {
            names.get(name, sdk_name(name)): to_sdk(self.properties[names[name]].shape, value)
            if name in names
            else value
            for name, value in values.items()
        }

    def check(self, inputs: Object) -> list[Failure]:
        """What is wrong with the names and shapes of a program's inputs."""
        return _check_names(self.token, self.inputs, self.required, inputs, "", self.properties)


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


def _check_names(
    of: str,
    members: dict[str, Member],
    required: Iterable[str],
    values: Object,
    prefix: str,
    all_members: dict[str, Member],
) -> list[Failure]:
    failures: list[Failure] = []
    for name, value in values.items():
        path = f"{prefix}{name}"
        if name in members:
            failures += _check_value(of, members[name].shape, value, path)
        elif name in all_members:
            failures.append(
                Failure(path, f'"{path}" of {of} is decided by AWS and cannot be given')
            )
        else:
            reason = f'unknown property "{path}" of {of}{did_you_mean(name, members)}'
            failures.append(Failure(path, reason))
    failures += [
        Failure(f"{prefix}{name}", f'missing required property "{prefix}{name}" of {of}')
        for name in sorted(required)
        if name not in values
    ]
    return failures


def _check_value(of: str, shape: Shape, value: Json, path: str) -> list[Failure]:
    if is_unknown(value) or shape.kind == "json":
        return []
    if (items := as_list(value)) is not None and shape.kind == "list":
        return [
            failure
            for index, item in enumerate(items)
            for failure in _check_value(of, shape.item, item, f"{path}[{index}]")
        ]
    if (values := as_object(value)) is not None and shape.map_value is not None:
        inner = shape.map_value
        return [
            failure
            for key, item in values.items()
            for failure in _check_value(of, inner, item, f"{path}.{key}")
        ]
    if values is not None and shape.kind == "object":
        return _check_names(of, shape.members, shape.required, values, f"{path}.", shape.members)
    if _fits(shape.kind, value):
        return []
    return [Failure(path, f'"{path}" of {of} must be a {shape.kind}, not {type(value).__name__}')]


def _fits(kind: Kind, value: Json) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return False
