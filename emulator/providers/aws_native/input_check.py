"""Whether a program's inputs have the names and shapes a type's schema knows.

Value constraints (patterns, lengths, enumerations) are not checked here; Cloud Control does that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.providers.errors import did_you_mean
from emulator.providers.sdk_types import Failure
from emulator.providers.values import Json, Object, as_list, as_object, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.providers.aws_native.schemas import ResourceSchema
    from emulator.providers.aws_native.shape import Kind, Member, Shape


def check(schema: ResourceSchema, inputs: Object) -> list[Failure]:
    """Everything that is wrong with the inputs, each place by its path."""
    return _check_names(schema.token, schema.inputs, schema.required, inputs, "", schema.properties)


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
