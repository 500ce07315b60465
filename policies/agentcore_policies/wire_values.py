"""Values as the engine sends them, read into the model's.

The engine's signatures and unknowns are those of ``sdk/go/common/resource/properties.go`` and
``sdk/go/common/resource/plugin/rpc.go`` in pulumi/pulumi.
"""

import re
from typing import TYPE_CHECKING, Final

from agentcore_policies.model import SECRET, UNKNOWN, Properties, Value

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark
_ASSETS: Final = frozenset({"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"})
_UNKNOWN: Final = re.compile(
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7|3eeb2bf0-c639-47a8-9e75-3b44932eb421"
    "|04da6b54-80e4-46f7-96ec-b56ff0331ba9|6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
    "|030794c1-ac77-496b-92df-f27374a8bd58|e48ece36-62e2-4504-bad9-02848725956a"
    "|dd056dcd-154b-4c76-9bd3-c8f88648b5ff"
)


def properties_of(struct: "struct_pb2.Struct") -> Properties:
    """The properties of a resource: nothing of a secret, one :data:`UNKNOWN` for every unknown."""
    return {name: _value(field) for name, field in struct.fields.items()}


def _value(field: "struct_pb2.Value") -> Value:
    match field.WhichOneof("kind"):
        case "string_value":
            return text_of(field.string_value)
        case "struct_value":
            return _object(field.struct_value)
        case "list_value":
            return [_value(element) for element in field.list_value.values]
        case "number_value":
            return number_of(field.number_value)
        case "bool_value":
            return field.bool_value
        case _:
            return None


def text_of(text: str) -> Value:
    """A string; unknown also where an unknown was put into a longer one."""
    return UNKNOWN if len(text) >= 36 and _UNKNOWN.search(text) else text


def number_of(number: float) -> int | float:
    """A number; the protocol has no integers, and messages shall not say 60.0."""
    return int(number) if float(number).is_integer() else number


def _object(struct: "struct_pb2.Struct") -> Value:
    signature = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else ""
    if signature == _SECRET:
        return SECRET
    if signature and signature not in _ASSETS:
        return UNKNOWN
    return {name: _value(field) for name, field in struct.fields.items() if name != _SIGNATURE}
