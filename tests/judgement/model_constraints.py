"""What a botocore model says of one value: its type, and the constraints AWS publishes with it.

botocore itself checks types, required members and minima of requests; enums, patterns and maxima
are in its models too, and are checked here. Independent of `emulator.aws.api_model`, which does
the same for the emulator: one must not be as wrong as the other.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape

ISO_8601: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "blob": (str, bytes),
    "timestamp": (int, float, str, datetime),
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
}


def is_document(shape: Shape) -> bool:
    """Whether any JSON value is allowed."""
    return bool(getattr(shape, "is_document_type", False))


def of_another_type(shape: Shape, value: object) -> bool:
    """Whether the value is of none of the types the shape is written as."""
    if isinstance(value, bool) and shape.type_name != "boolean":
        return True
    return not isinstance(value, _TYPES[shape.type_name])


def broken_constraints(shape: Shape, value: object) -> Iterator[str]:
    """What is wrong with the value by itself, not with what it holds."""
    if is_document(shape):
        return
    if of_another_type(shape, value):
        yield f"{_shown(value)} is no {shape.type_name}"
        return
    limits = shape.metadata
    size = value if isinstance(value, int | float) else len(cast("Any", value))
    if isinstance(shape, StringShape):
        yield from _broken_text(shape, str(value))
    elif shape.type_name == "blob" and isinstance(value, str):
        try:
            size = len(base64.b64decode(value, validate=True))
        except binascii.Error:
            yield f"{_shown(value)} is not base64"
    if shape.type_name == "timestamp":
        return
    if size > limits.get("max", size):
        yield f"{_shown(value)} is over the maximum of {limits['max']}"
    if size < limits.get("min", size):
        yield f"{_shown(value)} is under the minimum of {limits['min']}"


def parts(shape: Shape, value: object, path: str) -> Iterator[tuple[Shape, object, str]]:
    """The value itself and what its lists and maps hold, each with its path.

    Structures and documents are yielded, not entered: whose members may be there, and by which
    names, differs between requests and responses.
    """
    yield shape, value, path
    match shape, value:
        case ListShape(), list():
            for index, item in enumerate(cast("list[object]", value)):
                yield from parts(shape.member, item, f"{path}[{index}]")
        case MapShape(), dict():
            for key, item in cast("dict[str, object]", value).items():
                yield from parts(shape.key, key, f"{path}.{key}")
                yield from parts(shape.value, item, f"{path}.{key}")
        case _:
            return


def _broken_text(shape: StringShape, text: str) -> Iterator[str]:
    if shape.enum and text not in shape.enum:
        yield f"{text!r} is none of {', '.join(shape.enum)}"
    pattern = str(shape.metadata.get("pattern", ""))
    if pattern and not _compiled(pattern).fullmatch(text):
        yield f"{text!r} does not match {pattern}"


@lru_cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    """The models' patterns are Java's, of which `regex` knows the character classes."""
    return regex.compile(pattern)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 80 else f"{text[:80]}…"
