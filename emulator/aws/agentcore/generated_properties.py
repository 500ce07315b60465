"""Read-only properties in the formats of a resource type's schema: ids, ARNs, times."""

import re
import string
import time
import uuid
from collections.abc import Iterator

from emulator.aws.agentcore.identifiers import arn, now, suffixed
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.schemas import ResourceType

_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_TIMES = ("Created", "Updated", "LastUpdated", "ConnectorCreated", "ConnectorLastUpdated")
_UPDATE_TIMES = tuple(name for name in _TIMES if "Updated" in name)
# The resource part of an ARN's pattern, and a part of it that is not a pattern.
_ARN_RESOURCE = re.compile(r"\[0-9\]\{12\}\)?:(?P<resource>.+)\$$")
_LITERAL = re.compile(r"[a-z0-9-]+")


def generated(kind: ResourceType, caller: Caller, desired: JsonObject) -> JsonObject:
    """Return the top-level properties that the service would make: read-only ones and ids.

    Each fits its schema; a property for which that cannot be done is left out, and so is the
    status, which moves. The id in an ARN is the resource's own id.
    """
    identifiers = _identifiers(_name(kind, desired))
    result: JsonObject = {}
    keys = {path.strip("/") for path in kind.read_only} | {*kind.primary_identifier}
    wanted = {key for key in keys if "/" not in key and key not in desired}
    wanted.discard(kind.status_property or "")
    for key in sorted(wanted, key=lambda key: (key == kind.arn_property, key)):
        schema = kind.property_schema(key)
        own = [str(result[key]) for key in result if key.endswith(("Id", "Identifier"))]
        for candidate in _candidates(key, schema, caller, desired, [*own, *identifiers]):
            if _fits(candidate, schema):
                result[key] = candidate
                break
    return result


def update_times(kind: ResourceType) -> JsonObject:
    """Return the properties that say when the resource was changed, with the time."""
    names = [path.strip("/") for path in kind.read_only]
    return {
        name: _time(kind.property_schema(name))
        for name in names
        if "/" not in name and name.startswith(_UPDATE_TIMES)
    }


def _name(kind: ResourceType, desired: JsonObject) -> str:
    short = kind.name.rsplit("::", 1)[1]
    return str(desired.get(kind.name_property or "Name", desired.get("Name", short)))


def _identifiers(name: str) -> list[str]:
    """Forms of an id, of which the service uses one for each type."""
    plain = re.sub(r"[^a-zA-Z0-9]", "_", name)
    lower = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return [
        suffixed(name),
        suffixed(plain),
        suffixed(plain, _LOWER),
        suffixed(lower, _LOWER),
        suffixed("id", _UPPER)[3:],
        suffixed("id", _LOWER)[3:],
        str(uuid.uuid4()),
    ]


def _candidates(
    key: str, schema: JsonObject, caller: Caller, desired: JsonObject, identifiers: list[str]
) -> Iterator[object]:
    if key.startswith(_TIMES):
        yield _time(schema)
    elif key.endswith("Arn"):
        parents = [str(value) for name, value in desired.items() if name.endswith("Id")]
        for identifier in identifiers:
            for parent in (*parents, "default"):
                yield arn(caller, _arn_resource(key, schema, parent, identifier))
    elif key.endswith(("Id", "Identifier")):
        yield from identifiers
    elif key.endswith("Version"):
        yield "1"


def _time(schema: JsonObject) -> object:
    """Return the time in the schema's type: a text in ISO 8601 or seconds since 1970."""
    return time.time() if schema.get("type") == "number" else now()


def _arn_resource(key: str, schema: JsonObject, parent: str, identifier: str) -> str:
    """Fill in the pattern's resource part: `memory/<id>`, `token-vault/default/kind/<id>`."""
    found = _ARN_RESOURCE.search(str(schema.get("pattern", "")))
    if found is None:
        return f"{key.removesuffix('Arn').lower() or 'resource'}/{identifier}"
    *parts, _ = found["resource"].replace("\\/", "/").split("/")
    filled = [part if _LITERAL.fullmatch(part) else parent for part in parts]
    return "/".join([*filled, identifier])


def _fits(value: object, schema: JsonObject) -> bool:
    if schema.get("type") == "number":
        return isinstance(value, float)
    text = str(value)
    return (
        schema.get("type", "string") == "string"
        and re.search(str(schema.get("pattern", "")), text) is not None
        and int(schema.get("minLength", 0)) <= len(text) <= int(schema.get("maxLength", 4096))
    )
