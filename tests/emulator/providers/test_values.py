from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue

from emulator.providers.errors import ProviderError
from emulator.providers.values import UNKNOWN, has_unknown, plain, wire

JSON: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=3), JSON, max_size=4)


def over_the_wire(values: dict[str, PropertyValue]) -> dict[str, PropertyValue]:
    return PropertyValue.unmarshal_map(PropertyValue.marshal_map(values))


@given(OBJECTS)
def test_values_survive_the_wire(values: dict[str, Any]) -> None:
    assert plain(over_the_wire(wire(values))) == values


def test_whole_numbers_are_integers_and_others_are_not() -> None:
    values = plain({"whole": PropertyValue(3600.0), "part": PropertyValue(0.5)})
    assert values == {"whole": 3600, "part": 0.5}
    assert isinstance(values["whole"], int), "boto3 refuses 3600.0"


def test_an_unknown_stays_unknown_over_the_wire() -> None:
    received = plain(over_the_wire(wire({"a": {"b": [UNKNOWN]}, "c": "known"})))
    assert has_unknown(received["a"])
    assert not has_unknown(received["c"])


def test_what_came_in_secret_goes_out_secret() -> None:
    secret = PropertyValue("s", is_secret=True)
    inputs = {
        "whole": secret,
        "part": PropertyValue({"key": secret, "other": PropertyValue("o")}),
        "listed": PropertyValue([PropertyValue("o"), secret]),
        "open": PropertyValue("o"),
    }
    outputs = over_the_wire(wire({**plain(inputs), "added": "a"}, inputs))
    assert outputs["whole"].is_secret
    part: Any = outputs["part"].value
    assert part["key"].is_secret
    assert not part["other"].is_secret
    assert outputs["listed"].is_secret, "AWS may reorder a list, so all of it is secret"
    assert not outputs["open"].is_secret
    assert not outputs["added"].is_secret
    assert plain(outputs) == {**plain(inputs), "added": "a"}, "the values are the same"


def test_an_asset_is_refused_by_its_path() -> None:
    with pytest.raises(ProviderError, match=r"code\.file: a StringAsset is not a value"):
        plain({"code": PropertyValue({"file": PropertyValue(pulumi.StringAsset("x"))})})
