"""AgentCore types without behaviour of their own: kept as their schema says, no more.

Desired states are validated, identifiers and ARNs generated in the schema's formats, create-only
properties refused on update. What the service itself would check or do is not emulated.
"""

import copy
import re
import string
import uuid
from collections.abc import Iterator

from emulator.aws.agentcore.identifiers import arn, now, suffixed
from emulator.aws.agentcore.store import JsonObject, Store, Table
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, Work, not_found
from emulator.aws.cloudcontrol.schemas import ResourceType

_LOWER = string.ascii_lowercase + string.digits
# What ends a resource's way in its own list of statuses.
_SETTLED = ("READY", "ACTIVE")
_ARN_RESOURCE = re.compile(r"\[0-9\]\{12\}\)?:([a-z-]+)")


class SchemaOnlyHandler:
    """Creates, reads, updates, deletes and lists resources of one type."""

    def __init__(self, resource_type: ResourceType, store: Store) -> None:
        self._type = resource_type
        self._store = store

    def create(self, caller: Caller, desired: JsonObject) -> Work:
        """Keep the desired state with generated read-only properties."""
        with self._store.lock:
            properties = {**copy.deepcopy(desired), **generated(self._type, caller, desired)}
            identifier = "|".join(str(properties[n]) for n in self._type.primary_identifier)
            if identifier in self._table(caller):
                raise HandlerError(
                    "AlreadyExists",
                    f"Resource of type '{self._type.name}' with identifier '{identifier}' "
                    "already exists.",
                )
            self._table(caller)[identifier] = properties
        yield identifier

    def read(self, caller: Caller, identifier: str) -> JsonObject:
        """Return the resource."""
        properties = self._table(caller).get(identifier)
        if properties is None:
            raise not_found(self._type.name, identifier)
        return properties

    def update(self, caller: Caller, identifier: str, desired: JsonObject) -> Work:
        """Replace all but the generated properties."""
        with self._store.lock:
            properties = self.read(caller, identifier)
            kept = {
                name: properties[name]
                for name in (path.strip("/") for path in self._type.read_only)
                if name in properties
            }
            touched = {name: now() for name in kept if name in ("UpdatedAt", "LastUpdatedAt")}
            properties.clear()
            properties.update(copy.deepcopy(desired), **kept)
            properties.update(touched)
        yield identifier

    def delete(self, caller: Caller, identifier: str) -> Work:
        """Forget the resource."""
        with self._store.lock:
            self.read(caller, identifier)
            yield identifier
            self._table(caller).pop(identifier, None)

    def list(self, caller: Caller, model: JsonObject) -> list[tuple[str, JsonObject]]:
        """Return the resources that have all of the model's values."""
        return [
            (identifier, properties)
            for identifier, properties in list(self._table(caller).items())
            if all(properties.get(name) == value for name, value in model.items())
        ]

    def _table(self, caller: Caller) -> Table:
        return self._store.table(caller, self._type.name)


def generated(resource_type: ResourceType, caller: Caller, desired: JsonObject) -> JsonObject:
    """Return the top-level read-only properties that are known without the service.

    Each fits its schema; a property for which that cannot be done is left out.
    """
    name = _name(resource_type, desired)
    identifiers = _identifiers(name)
    result: JsonObject = {}
    for path in resource_type.read_only:
        key = path.strip("/")
        if "/" in key or key in desired:
            continue
        schema = resource_type.property_schema(key)
        for candidate in _candidates(key, schema, caller, identifiers):
            if _fits(candidate, schema):
                result[key] = candidate
                break
    for key in resource_type.primary_identifier:
        if key not in result and key not in desired:
            result[key] = identifiers[0]
    return result


def _name(resource_type: ResourceType, desired: JsonObject) -> str:
    short = resource_type.name.rsplit("::", 1)[1]
    found = next(
        (desired[key] for key in ("Name", f"{short}Name", "BundleName") if key in desired), short
    )
    return str(found)


def _identifiers(name: str) -> list[str]:
    """Forms of an id, of which the service uses one for each type."""
    plain = re.sub(r"[^a-zA-Z0-9]", "_", name)
    lower = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return [
        suffixed(name),
        suffixed(plain),
        suffixed(plain, _LOWER),
        suffixed(lower, _LOWER),
        suffixed("id", _LOWER)[3:],
        str(uuid.uuid4()),
    ]


def _candidates(
    key: str, schema: JsonObject, caller: Caller, identifiers: list[str]
) -> Iterator[object]:
    if schema.get("enum"):
        yield from (status for status in _SETTLED if status in schema["enum"])
        return
    if schema.get("type") == "number":
        return
    if key.startswith(("Created", "Updated", "LastUpdated")):
        yield now()
        return
    if key.endswith("Arn"):
        kind = _ARN_RESOURCE.search(str(schema.get("pattern", "")))
        for identifier in identifiers:
            yield arn(caller, f"{kind.group(1) if kind else key.lower()}/{identifier}")
    elif key.endswith(("Id", "Identifier")):
        yield from identifiers
    elif key.endswith("Version"):
        yield "1"


def _fits(value: object, schema: JsonObject) -> bool:
    text = str(value)
    return (
        schema.get("type", "string") == "string"
        and re.search(str(schema.get("pattern", "")), text) is not None
        and int(schema.get("minLength", 0)) <= len(text) <= int(schema.get("maxLength", 4096))
    )
