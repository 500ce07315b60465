"""The catalogue of resource types: CloudFormation's schemas as cfn-lint ships them.

cfn-lint maps region -> type name -> schema file. Only its data files are read; importing the
package itself costs seconds.
"""

import importlib.util
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jsonschema import Draft7Validator

from emulator.aws.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterable

JsonObject = dict[str, Any]

# The only service whose types are served in full: everything else of the program is moto's.
SERVED_PREFIX = "AWS::BedrockAgentCore::"


@dataclass(frozen=True)
class ResourceType:
    """One resource type's schema, with its property semantics at hand.

    Property paths are JSON pointers below the resource, `/AgentRuntimeArn`, where `*` stands for
    every item of a list.
    """

    name: str
    schema: JsonObject

    @cached_property
    def validator(self) -> Draft7Validator:
        """The validator of a desired state."""
        return Draft7Validator(self.schema)

    @cached_property
    def read_only(self) -> tuple[str, ...]:
        """Properties that the service generates."""
        return self._paths("readOnlyProperties")

    @cached_property
    def write_only(self) -> tuple[str, ...]:
        """Properties that are never read back."""
        return self._paths("writeOnlyProperties")

    @cached_property
    def create_only(self) -> tuple[str, ...]:
        """Properties that no update can change."""
        return self._paths("createOnlyProperties")

    @cached_property
    def primary_identifier(self) -> tuple[str, ...]:
        """Names of the properties that together identify a resource."""
        return tuple(path.strip("/") for path in self._paths("primaryIdentifier"))

    @cached_property
    def additional_identifiers(self) -> tuple[tuple[str, ...], ...]:
        """Further sets of properties that identify a resource."""
        declared = cast("list[list[str]]", self.schema.get("additionalIdentifiers", []))
        return tuple(
            tuple(path.removeprefix("/properties/") for path in paths) for paths in declared
        )

    @cached_property
    def list_requires(self) -> tuple[str, ...]:
        """Properties that a list request must give, such as the parent's id."""
        handler = cast("JsonObject", self.schema["handlers"]).get("list", {})
        return tuple(handler.get("handlerSchema", {}).get("required", ()))

    @cached_property
    def name_property(self) -> str | None:
        """The name that the caller chooses once and that is unique beside its siblings."""
        names = (path.strip("/") for path in self.create_only)
        return next((name for name in names if name.endswith("Name") and "/" not in name), None)

    @cached_property
    def arn_property(self) -> str | None:
        """The read-only property that holds the resource's own ARN."""
        short = self.name.rsplit("::", 1)[1]
        read_only = [path.strip("/") for path in self.read_only]
        identifiers = {
            *self.primary_identifier,
            *(name for names in self.additional_identifiers for name in names),
        }
        arns = [name for name in read_only if name.endswith("Arn") and "/" not in name]
        own = [name for name in arns if name in identifiers or name.endswith(f"{short}Arn")]
        return own[0] if own else None

    @cached_property
    def status_property(self) -> str | None:
        """The read-only property that says how far the service has come with the resource."""
        names = (path.strip("/") for path in self.read_only)
        return next((name for name in names if name.endswith("Status") and "/" not in name), None)

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The values that the status can have."""
        name = self.status_property
        return tuple(self.property_schema(name).get("enum", ())) if name else ()

    def visible(self, properties: JsonObject) -> JsonObject:
        """Return the properties that the schema has; a service keeps more of a resource."""
        known = self.schema["properties"]
        return {name: value for name, value in properties.items() if name in known}

    def supports(self, action: str) -> bool:
        """Whether the type has the handler: create, read, update, delete or list."""
        return action in self.schema["handlers"]

    def property_schema(self, name: str) -> JsonObject:
        """Return the top-level property's own schema, with its reference followed."""
        schema = cast("JsonObject", self.schema["properties"][name])
        while "$ref" in schema:
            node: JsonObject = self.schema
            for part in cast("str", schema["$ref"]).removeprefix("#/").split("/"):
                node = node[part]
            schema = node
        return schema

    def _paths(self, keyword: str) -> tuple[str, ...]:
        declared = cast("list[str]", self.schema.get(keyword, []))
        return tuple(path.removeprefix("/properties") for path in declared)


def served_types(region: str) -> list[str]:
    """Name every type that is served in the region, in alphabetical order."""
    return sorted(name for name in _files(region) if name.startswith(SERVED_PREFIX))


def resource_type(name: str, region: str, also: frozenset[str] = frozenset()) -> ResourceType:
    """Return the type as it is defined in the region; `also` are types of other services.

    Raises AwsError TypeNotFoundException for a type that is not served there.
    """
    served = name.startswith(SERVED_PREFIX) or name in also
    file = _files(region).get(name) if served else None
    if file is None:
        raise AwsError(
            "TypeNotFoundException",
            f"The type {name} cannot be found. The offline AWS serves {SERVED_PREFIX}* "
            f"through Cloud Control in {region}.",
        )
    return _load(file, name)


@lru_cache
def _files(region: str) -> dict[str, str]:
    path = _schema_folder() / "providers" / f"{region}.json"
    if not path.exists():
        raise AwsError("InvalidRequestException", f"The region {region} does not exist.")
    return cast("dict[str, str]", json.loads(path.read_text()))


@lru_cache
def _load(file: str, name: str) -> ResourceType:
    schema = json.loads((_schema_folder() / "resources" / f"{file}.json").read_text())
    _drop_foreign_patterns(schema)
    return ResourceType(name, schema)


@lru_cache
def _schema_folder() -> Path:
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cfn-lint, which ships the resource type schemas, is missing")
    return Path(spec.origin).parent / "data" / "schemas"


def _drop_foreign_patterns(node: object) -> None:
    """Leave out patterns in a dialect that Python's `re` lacks, such as `\\p{C}`."""
    children: Iterable[object] = ()
    if isinstance(node, list):
        children = cast("list[object]", node)
    elif isinstance(node, dict):
        schema = cast("JsonObject", node)
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and not _compiles(pattern):
            del schema["pattern"]
        children = schema.values()
    for child in children:
        _drop_foreign_patterns(child)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
