"""CloudFormation's resource schemas, as cfn-lint ships them and pulumi-aws-native sees them.

cfn-lint is read as data, not imported: importing it takes seconds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from emulator.providers.aws_native.casing import sdk_name, type_token
from emulator.providers.aws_native.shape import (
    Member,
    Schema,
    Shape,
    to_cloud_formation,
    to_sdk,
)
from emulator.providers.errors import ProviderError, did_you_mean

if TYPE_CHECKING:
    from emulator.providers.values import Object


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
    def identifiers(self) -> tuple[str, ...]:
        """The arguments by which a function finds a resource: its primary identifier's parts."""
        paths: list[str] = self.schema["primaryIdentifier"]
        return tuple(sdk_name(path.removeprefix("/properties/")) for path in paths)

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
