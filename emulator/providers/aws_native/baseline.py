"""What a program's inputs are compared with: AWS's own state, reduced to what the program owns.

The rules of pulumi-aws-native, provider/pkg/resources/path_classifier.go: read-only values are
dropped, write-only ones are taken from the inputs, and an optional value the program never gave is
left out, so that what AWS fills in is no difference. The keys of a map and the items of a list are
owned with it; the members of an item are not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.providers.values import Json, Object, as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.providers.aws_native.schemas import ResourceSchema
    from emulator.providers.aws_native.shape import Member, Shape


def owned(schema: ResourceSchema, outputs: Object, *inputs: Object) -> Object:
    """The state in the shape of inputs, with only what one of the inputs has or must have.

    Args:
        schema: The resource type.
        outputs: The state as AWS returned it.
        inputs: Old inputs first; write-only values are taken from them.
    """
    result = writable(schema, outputs)
    with_write_only(schema, result, inputs[0])
    _prune(schema.inputs, schema.required, result, inputs)
    return result


def writable(schema: ResourceSchema, outputs: Object) -> Object:
    """All of the state a program could have written: the inputs of an import."""
    return _writable(schema, schema.inputs, outputs, ())


def with_write_only(schema: ResourceSchema, result: Object, inputs: Object) -> None:
    """Put what AWS does not return back from the inputs, in list items by their position."""
    for path in schema.write_only:
        _restore(path, result, inputs)


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


def _writable(
    schema: ResourceSchema, members: dict[str, Member], outputs: Object, path: tuple[str, ...]
) -> Object:
    result: Object = {}
    for name, member in members.items():
        here = (*path, name)
        if name in outputs and here not in schema.read_only and here not in schema.write_only:
            result[name] = _writable_value(schema, member.shape, outputs[name], here)
    return result


def _writable_value(
    schema: ResourceSchema, shape: Shape, value: Json, path: tuple[str, ...]
) -> Json:
    if shape.kind == "object" and (inside := as_object(value)) is not None:
        return _writable(schema, shape.members, inside, path)
    if shape.kind == "list" and (items := as_list(value)) is not None:
        return [_writable_value(schema, shape.item, item, (*path, "*")) for item in items]
    return value


def _prune(
    members: dict[str, Member],
    required: frozenset[str],
    values: Object,
    inputs: Sequence[Object],
) -> None:
    """Take out of the values what no input has and no input must have."""
    for name in list(values):
        given = [item[name] for item in inputs if name in item]
        if not given and name not in required:
            del values[name]
            continue
        _prune_value(members[name].shape, values[name], given)
        if values[name] == {} and not given:
            del values[name]


def _prune_value(shape: Shape, value: Json, given: Sequence[Json]) -> None:
    if shape.kind == "object" and (inside := as_object(value)) is not None:
        owners = [found for item in given if (found := as_object(item)) is not None]
        _prune(shape.members, shape.required, inside, owners)
    if shape.kind == "list":
        for index, item in enumerate(as_list(value) or []):
            lists = [found for found in map(as_list, given) if found is not None]
            _prune_value(shape.item, item, [owner[index] for owner in lists if index < len(owner)])


def _restore(path: tuple[str, ...], target: Json, source: Json) -> None:
    """Copy what is under a path; `*` stands for each item of a list."""
    step, rest = path[0], path[1:]
    if step == "*":
        for to, origin in zip(as_list(target) or [], as_list(source) or [], strict=False):
            _restore(rest, to, origin)
        return
    to, origin = as_object(target), as_object(source)
    if to is None or origin is None or origin.get(step) is None:
        return
    if rest:
        _restore(rest, to.setdefault(step, [] if rest[0] == "*" else {}), origin[step])
    else:
        to[step] = origin[step]
