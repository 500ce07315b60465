"""What a program's inputs are compared with: AWS's own state, reduced to what the program owns.

The rules of pulumi-aws-native, provider/pkg/resources/path_classifier.go: read-only values are
dropped, write-only ones are taken from the inputs, and an optional value the program never gave is
left out, so that what AWS fills in is no difference. Inside maps and lists everything is owned.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.providers.values import Json, Object, as_list, as_object

if TYPE_CHECKING:
    from emulator.providers.aws_native.schemas import ResourceSchema
    from emulator.providers.aws_native.shape import Member, Shape


def owned(schema: ResourceSchema, outputs: Object, *inputs: Object) -> Object:
    """The state in the shape of inputs, with only what one of the inputs has or must have.

    Args:
        schema: The resource type.
        outputs: The state as AWS returned it.
        inputs: Old inputs first; write-only values are taken from them.
    """
    result = _owned(schema, schema.inputs, schema.required, outputs, list(inputs), ())
    with_write_only(schema, result, inputs[0])
    return result


def writable(schema: ResourceSchema, outputs: Object) -> Object:
    """All of the state a program could have written: the inputs of an import."""
    return _writable(schema, schema.inputs, outputs, ())


def with_write_only(schema: ResourceSchema, result: Object, inputs: Object) -> None:
    """Put what AWS does not return back from the inputs; paths through lists are left alone."""
    for path in schema.write_only:
        source: Json = inputs
        for step in path:
            source = (as_object(source) or {}).get(step)
        if source is None:
            continue
        target = result
        for step in path[:-1]:
            target = target.setdefault(step, {})
        target[path[-1]] = source


def equivalent(shape: Shape, left: Json, right: Json) -> bool:
    """Whether two values are the same, lists the schema calls unordered in any order."""
    return _canonical(shape, left) == _canonical(shape, right)


def _canonical(shape: Shape, value: Json) -> Json:
    if (items := as_list(value)) is not None:
        walked = [_canonical(shape.item, item) for item in items]
        return sorted(walked, key=_sort_key) if shape.unordered else walked
    if (values := as_object(value)) is None:
        return value
    result: Object = {}
    for name, item in values.items():
        member = shape.members.get(name)
        inner = member.shape if member is not None else shape.map_value
        result[name] = _canonical(inner, item) if inner is not None else item
    return result


def _sort_key(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _owned(
    schema: ResourceSchema,
    members: dict[str, Member],
    required: frozenset[str],
    outputs: Object,
    inputs: list[Object],
    path: tuple[str, ...],
) -> Object:
    result: Object = {}
    for name, member in members.items():
        here = (*path, name)
        if name not in outputs or here in schema.read_only or here in schema.write_only:
            continue
        given = [item[name] for item in inputs if name in item]
        if not given and name not in required:
            continue
        value = outputs[name]
        if (inside := as_object(value)) is not None and member.shape.kind == "object":
            value = _owned(
                schema,
                member.shape.members,
                member.shape.required,
                inside,
                [found for item in given if (found := as_object(item)) is not None],
                here,
            )
        result[name] = value
    return result


def _writable(
    schema: ResourceSchema, members: dict[str, Member], outputs: Object, path: tuple[str, ...]
) -> Object:
    result: Object = {}
    for name, member in members.items():
        here = (*path, name)
        if name not in outputs or here in schema.read_only or here in schema.write_only:
            continue
        value = outputs[name]
        if (inside := as_object(value)) is not None and member.shape.kind == "object":
            value = _writable(schema, member.shape.members, inside, here)
        result[name] = value
    return result
