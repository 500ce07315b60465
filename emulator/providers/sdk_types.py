"""Property names and types of a package, read from the SDK's own classes.

The SDK wheels hold no schema, so the generated input classes are the source: what the program can
write is what the provider knows. Values are checked for their shape only; what is allowed inside is
AWS's business.
"""

from __future__ import annotations

import collections.abc
import inspect
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pulumi
from pulumi import _types  # pyright: ignore[reportPrivateUsage]

from emulator.providers.errors import did_you_mean
from emulator.providers.values import Json, Object, is_unknown

Kind = Literal["string", "boolean", "integer", "number", "list", "map", "object", "document", "any"]


@dataclass(frozen=True)
class SdkType:
    """The type of a property: `item` of a list or map, `classes` an object can be of.

    A `document` is JSON text or an object that stands for it.
    """

    kind: Kind
    item: SdkType | None = None
    classes: tuple[type, ...] = ()


@dataclass(frozen=True)
class Failure:
    """What is wrong with one property."""

    path: str
    reason: str


SCALARS: dict[type, Kind] = {bool: "boolean", int: "integer", float: "number", str: "string"}


@cache
def properties(input_class: type) -> dict[str, SdkType]:
    """The properties of an input class by the names they have on the wire."""
    types: dict[str, Any] = _types.input_type_types(input_class)
    return {name: _sdk_type(annotation) for name, annotation in types.items()}


@cache
def output_names(output_class: type) -> frozenset[str]:
    """The names that the members of an output class have on the wire."""
    types: dict[str, Any] = _types.output_type_types(output_class)
    return frozenset(types)


@cache
def required(input_class: type) -> frozenset[str]:
    """The names of the properties the class cannot be made without."""
    names: dict[str, str] = _types.input_type_py_to_pulumi_names(input_class)
    signature = inspect.signature(input_class.__init__)
    return frozenset(
        names[parameter.name]
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty and parameter.name in names
    )


def _sdk_type(annotation: Any) -> SdkType:
    origin = typing.get_origin(annotation)
    if origin is typing.Union:
        result = _union(typing.get_args(annotation))
    elif origin is collections.abc.Sequence:
        result = SdkType("list", item=_sdk_type(typing.get_args(annotation)[0]))
    elif origin is collections.abc.Mapping:
        result = SdkType("map", item=_sdk_type(typing.get_args(annotation)[1]))
    elif annotation in SCALARS:
        result = SdkType(SCALARS[annotation])
    elif inspect.isclass(annotation) and issubclass(annotation, str):
        result = SdkType("string")
    elif _types.is_input_type(annotation):
        result = SdkType("object", classes=(annotation,))
    else:
        result = SdkType("any")
    return result


def _union(members: tuple[Any, ...]) -> SdkType:
    """What is left of a union without the forms an input can have: awaitable, output, absent."""
    values = [
        member
        for member in members
        if member is not type(None)
        and typing.get_origin(member) is not collections.abc.Awaitable
        and not _is_output(member)
    ]
    if str in values and len(values) > 1:
        return SdkType("document")
    found = [_sdk_type(member) for member in values]
    if all(member.kind == "object" for member in found):
        return SdkType("object", classes=tuple(one for member in found for one in member.classes))
    return found[0] if len(found) == 1 else SdkType("any")


def _is_output(member: Any) -> bool:
    return member is pulumi.Output or typing.get_origin(member) is pulumi.Output


def check(of: str, input_class: type, values: Object, prefix: str = "") -> list[Failure]:
    """What is wrong with the names and shapes of the values of an input class.

    Args:
        of: What has the properties, for the message.
        input_class: The SDK's input class.
        values: The values by wire names.
        prefix: The path of the values inside a resource, ending in a dot.
    """
    known = properties(input_class)
    failures = [
        Failure(
            f"{prefix}{name}",
            f'unknown property "{prefix}{name}" of {of}{did_you_mean(name, known)}',
        )
        for name in values
        if name not in known
    ]
    failures += [
        Failure(f"{prefix}{name}", f'missing required property "{prefix}{name}" of {of}')
        for name in sorted(required(input_class))
        if name not in values
    ]
    for name, value in values.items():
        if name in known:
            failures += _check_value(of, f"{prefix}{name}", known[name], value)
    return failures


def _check_value(of: str, path: str, sdk_type: SdkType, value: Json) -> list[Failure]:
    if is_unknown(value):
        return []
    wrong = [
        Failure(path, f'"{path}" of {of} must be a {sdk_type.kind}, not {type(value).__name__}')
    ]
    failures: list[Failure] = []
    match sdk_type.kind:
        case "object" if isinstance(value, dict):
            inside = typing.cast("Object", value)
            # An object that can be of several classes is right if it is right as one of them.
            failures = min(
                (check(of, one, inside, f"{path}.") for one in sdk_type.classes), key=len
            )
        case "list" if isinstance(value, list) and sdk_type.item is not None:
            for index, item in enumerate(typing.cast("list[Json]", value)):
                failures += _check_value(of, f"{path}[{index}]", sdk_type.item, item)
        case "map" if isinstance(value, dict) and sdk_type.item is not None:
            for key, item in typing.cast("Object", value).items():
                failures += _check_value(of, f"{path}.{key}", sdk_type.item, item)
        case "any":
            pass
        case "document":
            failures = [] if isinstance(value, str | dict) else wrong
        case _:
            failures = [] if _is_scalar(sdk_type.kind, value) else wrong
    return failures


def _is_scalar(kind: Kind, value: Json) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (kind == "number" and isinstance(value, float))
