"""Property values as plain JSON, and the way back to the protocol's values.

The SDK's `PropertyValue` cannot carry an unknown (its `Computed` neither compares nor marshals), so
an unknown travels as the protocol's own sentinel string, which is what the SDK's unmarshalling
leaves it as. Secrets are taken off on the way in and put back on the way out, at the places where
the inputs had them. Assets and resource references are refused: no resource here takes one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

from emulator.providers.errors import ProviderError

Json: TypeAlias = Any
Object: TypeAlias = dict[str, Json]
Wire: TypeAlias = Mapping[str, PropertyValue]


def is_unknown(value: Json) -> bool:
    """Whether the value itself is one the engine does not know yet."""
    return value == UNKNOWN


def has_unknown(value: Json) -> bool:
    """Whether anything in the value is unknown."""
    inside = as_list(value) or list((as_object(value) or {}).values())
    return is_unknown(value) or any(has_unknown(item) for item in inside)


def is_empty(value: Json) -> bool:
    """Whether the value says no more than leaving it out would; a zero may be a port."""
    return value is None or value is False or value in ("", [], {})


def as_object(value: Json) -> Object | None:
    """The value if it is an object."""
    return cast("Object", value) if isinstance(value, dict) else None


def as_list(value: Json) -> list[Json] | None:
    """The value if it is a list."""
    return cast("list[Json]", value) if isinstance(value, list) else None


def plain(properties: Wire) -> Object:
    """Properties without secret marks and nulls, whole numbers as `int`, as boto3 wants them.

    Raises:
        ProviderError: A value is an asset, an archive or a resource reference.
    """
    return {
        name: _plain(name, value) for name, value in properties.items() if value.value is not None
    }


def _plain(path: str, value: PropertyValue) -> Json:
    content = value.value
    if content is None or isinstance(content, bool | str):
        return content
    if isinstance(content, float):
        return int(content) if content.is_integer() else content
    if isinstance(content, Mapping):
        return {
            key: _plain(f"{path}.{key}", item)
            for key, item in content.items()
            if item.value is not None
        }
    if isinstance(content, Sequence):
        return [_plain(f"{path}[{index}]", item) for index, item in enumerate(content)]
    raise ProviderError(f"{path}: a {type(content).__name__} is not a value an AWS property takes")


def wire(values: Object, like: Wire | None = None) -> dict[str, PropertyValue]:
    """The protocol's values; what is secret in `like` is secret in the result.

    A list in which any item was secret becomes secret as a whole, because AWS may reorder it.
    """
    marks = like or {}
    return {
        name: _wire(value, marks.get(name)) for name, value in values.items() if value is not None
    }


def _wire(value: Json, like: PropertyValue | None) -> PropertyValue:
    secret = like is not None and like.is_secret
    if (items := as_object(value)) is not None:
        marks: Wire = like.value if like is not None and isinstance(like.value, Mapping) else {}
        return PropertyValue(
            {key: _wire(item, marks.get(key)) for key, item in items.items()}, is_secret=secret
        )
    if (listed := as_list(value)) is not None:
        secret = secret or (like is not None and like.contains_secret())
        return PropertyValue([_wire(item, None) for item in listed], is_secret=secret)
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    return PropertyValue(value, is_secret=secret)
