"""Renders a document contract: JSON with ``${placeholders}`` and a few ``x-`` keys of our own.

* ``"${name}"`` inside a text is replaced by a text; a text that is nothing but one placeholder may
  also become a list.
* ``"x-when": "flag"`` keeps a statement only when the flag is set. The value of a key is kept so
  when it is written as ``{"x-when": "flag", "x-value": ...}``.
* ``"x-each": "name"`` repeats a statement for each entry of that list; an entry is a mapping of
  further values, to which ``number`` is added, from 1.
* ``"x-reason"``, ``"x-source"`` are for readers (why a star, whose rule) and are left out.

IAM policy variables (``${aws:username}``) cannot be written in a contract: they would be taken for
placeholders and refused.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Final, cast

_CONTRACTS: Final = Path(__file__).resolve().parents[2] / "contracts"

_WAY_OUT: Final = (
    "Name fewer models, profiles, secrets and other resources, or split the agent in two."
)

Value = str | Sequence[str]
Entries = Mapping[str, Sequence[Mapping[str, Value]]]


class ContractError(Exception):
    """A contract and the values given to it do not fit; the message names the placeholder."""


class DocumentTooLongError(Exception):
    """A rendered document is over the service's limit."""


@cache
def _contract(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((_CONTRACTS / name).read_text("utf-8")))


@dataclass(frozen=True, kw_only=True)
class _Given:
    values: Mapping[str, Value]
    flags: Collection[str]
    entries: Entries


def render(
    name: str,
    values: Mapping[str, Value],
    *,
    flags: Collection[str] = (),
    entries: Entries | None = None,
    limit: int,
    way_out: str = _WAY_OUT,
) -> str:
    """The contract with its values: compact JSON, the same text for the same input.

    Args:
        name: file in ``contracts/``.
        values: a text or a list of texts for every placeholder that is used.
        flags: which ``x-when`` statements to keep.
        entries: what each ``x-each`` statement is repeated for.
        limit: the service's limit in characters, white space not counted.
        way_out: what to do when it is exceeded.

    Raises:
        ContractError: a placeholder without a value, or with a value of the wrong kind; a list of
            entries that is not given.
        DocumentTooLongError: over the limit.
    """
    given = _Given(values=values, flags=flags, entries=entries or {})
    document = json.dumps(_rendered(_contract(name), given), separators=(",", ":"))
    if len(document) > limit:
        raise DocumentTooLongError(
            f"{name} renders to {len(document)} characters, at most {limit} are allowed. {way_out}"
        )
    return document


def _rendered(node: object, given: _Given) -> object:
    if isinstance(node, dict):
        mapping = cast("dict[str, object]", node)
        if "x-value" in mapping:
            return _rendered(mapping["x-value"], given)
        return {
            key: _rendered(value, given)
            for key, value in mapping.items()
            if not key.startswith("x-") and _is_kept(value, given)
        }
    if isinstance(node, list):
        return [
            _rendered(item, each)
            for item in cast("list[object]", node)
            for each in _repetitions(item, given)
        ]
    return _text(node, given.values) if isinstance(node, str) else node


def _repetitions(item: object, given: _Given) -> list[_Given]:
    """What an item of a list is rendered with: once each, so not at all for none."""
    if not _is_kept(item, given):
        return []
    keys = _keys(item)
    if "x-each" not in keys:
        return [given]
    if keys["x-each"] not in given.entries:
        raise ContractError(f"no entries for {keys['x-each']}")
    return [
        replace(given, values={**given.values, **entry, "number": str(number)})
        for number, entry in enumerate(given.entries[keys["x-each"]], start=1)
    ]


def _is_kept(node: object, given: _Given) -> bool:
    flag = _keys(node).get("x-when")
    return flag is None or flag in given.flags


def _keys(node: object) -> Mapping[str, str]:
    return cast("dict[str, str]", node) if isinstance(node, dict) else {}


def _text(text: str, values: Mapping[str, Value]) -> str | list[str]:
    template = Template(text)
    if not template.is_valid():
        raise ContractError(f"{text!r} holds a $ that begins no placeholder")
    names = template.get_identifiers()
    missing = [name for name in names if name not in values]
    if missing:
        raise ContractError(f"no value for ${{{missing[0]}}} in {text!r}")
    if len(names) == 1 and text == f"${{{names[0]}}}":
        value = values[names[0]]
        return value if isinstance(value, str) else list(value)
    lists = [name for name in names if not isinstance(values[name], str)]
    if lists:
        raise ContractError(f"${{{lists[0]}}} is a list and stands inside the text {text!r}")
    return template.substitute(cast("Mapping[str, str]", values))
