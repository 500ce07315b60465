"""Values under paths, whether they are known, and what is taken where nothing is told."""

from typing import Any

import pytest

from agentcore_policies.model import SECRET, UNKNOWN, Options, Resource, Value, at, is_known


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"a": {"b": 1.0}}, ("a", "b"), 1.0),
        ({"a": [1.0, 2.0]}, ("a", 1), 2.0),
        ({"a": [1.0, 2.0]}, ("a", 2), None),
        ({"a": "text"}, ("a", 0), None),
        ({"a": "text"}, ("a", "b"), None),
        ({"a": ["text"]}, ("a", "0"), None),
        ({"a": UNKNOWN}, ("a", "b", 0), UNKNOWN),
        ({"a": SECRET}, ("a", 0), SECRET),
        ({"a": None}, ("a", "b"), None),
        ({}, ("a",), None),
    ],
    ids=str,
)
def test_a_value_is_found_by_names_and_places(value: Any, path: Any, found: Value) -> None:
    assert at(value, *path) == found
    assert Resource(type="t", name="n", urn="u", props=value).at(*path) == found


@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
def test_a_value_is_known_where_all_of_it_is(hidden: Value) -> None:
    known: list[Value] = [None, "", "text", 1.0, True, [], ["a", ["b"]], {"a": [{"b": None}]}]
    for value in known:
        assert is_known(value), value
    partly: list[Value] = [hidden, [hidden], ["a", ["b", hidden]], {"a": [{"b": hidden}]}]
    for value in partly:
        assert not is_known(value), value


def test_what_the_program_does_not_say_of_a_resource_is_the_engines_default() -> None:
    assert Options() == Options(
        protect=False, delete_before_replace=None, ignore_changes=(), delete_seconds=0
    )
    bare = Resource(type="t", name="n", urn="u", props={})
    assert bare.at("options") is None, "they are no property"
    assert (bare.options, bare.provider, bare.parent, bare.dependencies) == (
        Options(),
        {},
        None,
        {},
    )
