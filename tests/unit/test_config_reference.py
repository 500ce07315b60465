"""The reference of the config names every key there is, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from infra.config import StackConfig
from tests.stack_files import CHECKOUT

_REFERENCE = Path(CHECKOUT, "docs", "configuration.md").read_text("utf-8")


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _keys(model: type[BaseModel]) -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        keys.add(field.alias or name)
        for inner in _models(field.annotation):
            keys |= _keys(inner)
    return keys


def test_every_key_of_the_config_is_in_the_reference() -> None:
    told = set(re.findall(r"`([A-Za-z0-9]+)`", _REFERENCE))

    undocumented = _keys(StackConfig) - told

    assert not undocumented, "nobody finds a key that is told nowhere"


def test_every_row_of_the_reference_is_a_key_of_the_config() -> None:
    rows = set(re.findall(r"^\| `([A-Za-z0-9]+)` \|", _REFERENCE, re.MULTILINE))

    assert rows, "the tables are read"
    assert rows <= _keys(StackConfig), "a key that is gone would be refused as unknown"
