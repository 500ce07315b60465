"""A policy document says the same in other words, and so do the rules of it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from agentcore_policies import catalogue
from agentcore_policies.pack_config import PackConfig
from agentcore_policies.rule import Finding
from tests.policies.edits import Put, edited, found
from tests.policies.graphs import recorded
from tests.policies.mutations import MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentcore_policies.model import Resource

_Statement = dict[str, Any]
_ELEMENTS: Final = ("Action", "NotAction", "Resource", "NotResource")
_CONFIG: Final = PackConfig.default(catalogue.rules())


def _each(change: Callable[[Any], Any]) -> Callable[[_Statement], _Statement]:
    """Changes every place of a statement where one text and a list of one are the same."""

    def apply(statement: _Statement) -> _Statement:
        given = {**statement}
        for element in _ELEMENTS:
            if element in given:
                given[element] = change(given[element])
        if isinstance(given.get("Principal"), dict):
            given["Principal"] = {kind: change(who) for kind, who in given["Principal"].items()}
        return _in_conditions(given, lambda block: {key: change(block[key]) for key in block})

    return apply


def _in_conditions(statement: _Statement, change: Callable[[Any], Any]) -> _Statement:
    if not isinstance(statement.get("Condition"), dict):
        return statement
    changed = {
        operator: change(block) if isinstance(block, dict) else block
        for operator, block in statement["Condition"].items()
    }
    return {**statement, "Condition": changed}


def _listed(value: Any) -> Any:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _single(value: Any) -> Any:
    given = cast("list[Any]", value) if isinstance(value, list) else [value]
    return given[0] if len(given) == 1 else given


def _swapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_swapped(each) for each in cast("list[Any]", value)]
    return value.swapcase() if isinstance(value, str) else value


def _in_other_letters(statement: _Statement) -> _Statement:
    """Actions and the keys of conditions, whose letter case IAM does not tell apart."""
    given = {**statement}
    for element in ("Action", "NotAction"):
        if element in given:
            given[element] = _swapped(given[element])
    return _in_conditions(given, lambda block: {key.swapcase(): block[key] for key in block})


def _everybody_of_aws(statement: _Statement) -> _Statement:
    is_everybody = statement.get("Principal") == "*"
    return {**statement, "Principal": {"AWS": "*"}} if is_everybody else statement


def _backwards(statement: _Statement) -> _Statement:
    return {name: statement[name] for name in reversed(statement)}


OTHER_WORDS: Final[dict[str, Callable[[_Statement], _Statement]]] = {
    "lists": _each(_listed),
    "single values": _each(_single),
    "other letters": _in_other_letters,
    "everybody of AWS": _everybody_of_aws,
    "backwards": _backwards,
}


@cache
def _documents() -> Sequence[tuple[Resource, str, _Statement]]:
    """What mutations make of documents, each once: the resource, the property, the document."""
    return tuple(_found())


def _found() -> Iterator[tuple[Resource, str, _Statement]]:
    seen: set[str] = set()
    for mutation in MUTATIONS:
        for edit in mutation.bad:
            if not isinstance(edit, Put) or not edit.path.lower().endswith("policy"):
                continue
            inputs = edited(recorded(mutation.graph), *mutation.bad).deployed.inputs
            one = found(inputs, edit.type, edit.ending)
            text = one.at(edit.path)
            if isinstance(text, str) and text not in seen and '"Statement"' in text:
                seen.add(text)
                yield from _read(one, edit.path, text)


def _read(one: Resource, path: str, text: str) -> Iterator[tuple[Resource, str, _Statement]]:
    keys: list[str] = []

    def pairs(given: list[tuple[str, Any]]) -> _Statement:
        keys.extend(key for key, _ in given if [each for each, _ in given].count(key) > 1)
        return dict(given)

    try:
        document = json.loads(text, object_pairs_hook=pairs)
    except ValueError:
        return
    if not keys:
        yield one, path, document


def _findings(one: Resource) -> set[str]:
    return {
        rule.id
        for rule in catalogue.rules()
        if rule.check and one.type in rule.types
        for said in rule.check(one, _CONFIG.context(rule, "prod"))
        if isinstance(said, Finding)
    }


@pytest.mark.parametrize("words", OTHER_WORDS)
def test_what_is_said_in_other_words_is_judged_alike(words: str) -> None:
    differing = {
        (one.name, text): (before, after)
        for one, path, document in _documents()
        if (text := _said_so(document, words))
        and (before := _findings(one))
        != (after := _findings(replace(one, props={**one.props, path: text})))
    }
    assert len(_documents()) > 50, "there is something to say otherwise"
    assert differing == {}


def _said_so(document: _Statement, words: str) -> str:
    statements = [OTHER_WORDS[words](each) for each in document["Statement"]]
    given = {**document, "Statement": statements[0] if len(statements) == 1 else statements}
    return json.dumps({name: given[name] for name in reversed(given)}, indent=2)
