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
# The resource part of an ARN's pattern, and a part of it that is not a pattern.
_ARN_RESOURCE = re.compile(r"\[0-9\]\{12\}\)?:(?P<resource>.+)\$$")
_LITERAL = re.compile(r"[a-z0-9-]+")


class SchemaOnlyHandler:
    """Creates, reads, updates, deletes and lists resources of one type."""

    def __init__(self, resource_type: ResourceType, store: Store) -> None:
        self._type = resource_type
        self._store = store

    def create(self, caller: Caller, desired: JsonObject) -> Work:
        """Keep the desired state with generated read-only properties."""
        missing = [name for name in self._type.list_requires if name not in desired]
        if missing:
            raise HandlerError("InvalidRequest", f"required key [{missing[0]}] not found")
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
        with self._store.lock:
            return copy.deepcopy(self._resource(caller, identifier))

    def update(self, caller: Caller, identifier: str, desired: JsonObject) -> Work:
        """Replace all but the generated properties."""
        with self._store.lock:
            properties = self._resource(caller, identifier)
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
            self._resource(caller, identifier)
        yield identifier
        with self._store.lock:
            self._table(caller).pop(identifier, None)

    def list(self, caller: Caller, model: JsonObject) -> list[tuple[str, JsonObject]]:
        """Return the resources that have all of the model's values."""
        with self._store.lock:
            return [
                (identifier, copy.deepcopy(properties))
                for identifier, properties in self._table(caller).items()
                if all(properties.get(name) == value for name, value in model.items())
            ]

    def _resource(self, caller: Caller, identifier: str) -> JsonObject:
        properties = self._table(caller).get(identifier)
        if properties is None:
            raise not_found(self._type.name, identifier)
        return properties

    def _table(self, caller: Caller) -> Table:
        return self._store.table(caller, self._type.name)


def generated(resource_type: ResourceType, caller: Caller, desired: JsonObject) -> JsonObject:
    """Return the top-level properties that the service would make: read-only ones and ids.

    Each fits its schema; a property for which that cannot be done is left out.
    """
    name = _name(resource_type, desired)
    identifiers = _identifiers(name)
    result: JsonObject = {}
    keys = {path.strip("/") for path in resource_type.read_only}
    for key in sorted({*keys, *resource_type.primary_identifier}):
        if "/" in key or key in desired:
            continue
        schema = resource_type.property_schema(key)
        for candidate in _candidates(key, schema, caller, desired, identifiers):
            if _fits(candidate, schema):
                result[key] = candidate
                break
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
    key: str, schema: JsonObject, caller: Caller, desired: JsonObject, identifiers: list[str]
) -> Iterator[object]:
    if schema.get("enum"):
        yield from (status for status in _SETTLED if status in schema["enum"])
    elif schema.get("type") == "number":
        return
    elif key.startswith(("Created", "Updated", "LastUpdated")):
        yield now()
    elif key.endswith("Arn"):
        parents = [str(value) for name, value in desired.items() if name.endswith("Id")]
        for identifier in identifiers:
            for parent in (*parents, "default"):
                yield arn(caller, _arn_resource(key, schema, parent, identifier))
    elif key.endswith(("Id", "Identifier")):
        yield from identifiers
    elif key.endswith("Version"):
        yield "1"


def _arn_resource(key: str, schema: JsonObject, parent: str, identifier: str) -> str:
    """Fill in the pattern's resource part: `memory/<id>`, `token-vault/default/kind/<id>`."""
    found = _ARN_RESOURCE.search(str(schema.get("pattern", "")))
    if found is None:
        return f"{key.removesuffix('Arn').lower() or 'resource'}/{identifier}"
    *parts, _ = found["resource"].replace("\\/", "/").split("/")
    filled = [part if _LITERAL.fullmatch(part) else parent for part in parts]
    return "/".join([*filled, identifier])


def _fits(value: object, schema: JsonObject) -> bool:
    text = str(value)
    return (
        schema.get("type", "string") == "string"
        and re.search(str(schema.get("pattern", "")), text) is not None
        and int(schema.get("minLength", 0)) <= len(text) <= int(schema.get("maxLength", 4096))
    )
