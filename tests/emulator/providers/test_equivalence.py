import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.aws.equivalence import (
    same_in_any_order,
    same_key,
    same_lifecycle_policy,
    same_policy,
)
from emulator.providers.values import UNKNOWN

NAMES = st.text("abc:*/", min_size=1, max_size=6)
STRINGS = st.lists(NAMES, min_size=1, max_size=3, unique=True)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        "Action": draw(STRINGS),
        "Resource": draw(STRINGS),
        "Condition": {"StringEquals": {"aws:PrincipalAccount": draw(STRINGS)}},
    }


@given(st.lists(statements(), min_size=1, max_size=3), st.randoms())
def test_order_and_single_strings_do_not_matter(listed: list[dict[str, Any]], random: Any) -> None:
    def shuffled(values: list[Any]) -> Any:
        if len(values) == 1 and random.random() < 0.5:
            return values[0]
        return random.sample(values, len(values))

    other = [
        {
            "Condition": {
                "StringEquals": {
                    key: shuffled(values)
                    for key, values in statement["Condition"]["StringEquals"].items()
                }
            },
            "Resource": shuffled(statement["Resource"]),
            "Action": shuffled(statement["Action"]),
            "Effect": statement["Effect"],
        }
        for statement in listed
    ]
    written = json.dumps({"Version": "2012-10-17", "Statement": listed})
    rewritten = json.dumps({"Statement": shuffled(other), "Version": "2012-10-17"}, indent=1)
    assert same_policy(written, rewritten)


@given(statements(), st.sampled_from(["Effect", "Action", "Resource", "Condition"]))
def test_a_statement_that_says_something_else_is_another_policy(
    statement: dict[str, Any], changed: str
) -> None:
    other: dict[str, Any] = {
        "Effect": "Allow" if statement["Effect"] == "Deny" else "Deny",
        "Action": [*statement["Action"], "another"],
        "Resource": [*statement["Resource"], "another"],
        "Condition": {},
    }
    before = json.dumps({"Statement": [statement]})
    after = json.dumps({"Statement": [{**statement, changed: other[changed]}]})
    assert not same_policy(before, after)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ({"AWS": "111111111111"}, {"AWS": ["arn:aws:iam::111111111111:root"]}, True),
        ({"AWS": "*"}, "*", True),
        ({"AWS": "111111111111"}, {"AWS": "222222222222"}, False),
        ({"Service": "a"}, {"AWS": "a"}, False),
    ],
)
def test_a_principal_has_several_spellings(left: object, right: object, *, same: bool) -> None:
    documents = [json.dumps({"Statement": [{"Principal": one}]}) for one in (left, right)]
    assert same_policy(*documents) is same


def test_a_policy_that_is_no_json_is_only_the_same_as_itself() -> None:
    assert same_policy("{", "{")
    assert not same_policy("{", "{}")


def test_lifecycle_rules_are_compared_by_priority_and_without_order_of_tags() -> None:
    def rule(priority: int, *prefixes: str) -> dict[str, Any]:
        return {"rulePriority": priority, "selection": {"tagPrefixList": list(prefixes)}}

    one = json.dumps({"rules": [rule(1, "a", "b"), rule(2)]})
    assert same_lifecycle_policy(one, json.dumps({"rules": [rule(2), rule(1, "b", "a")]}))
    assert not same_lifecycle_policy(one, json.dumps({"rules": [rule(2, "b", "a"), rule(1)]}))


def test_a_key_is_the_same_by_id_and_arn() -> None:
    assert same_key("arn:aws:kms:us-east-1:111111111111:key/a", "a")
    assert not same_key("arn:aws:kms:us-east-1:111111111111:key/a", "b")


ROUTES = st.lists(st.dictionaries(st.sampled_from(["cidrBlock", "gatewayId"]), NAMES), max_size=4)


@given(ROUTES, st.randoms())
def test_a_set_has_no_order_and_empty_fields_say_nothing(
    listed: list[dict[str, str]], random: Any
) -> None:
    told = [{"natGatewayId": "", **one} for one in listed]
    assert same_in_any_order(listed, random.sample(told, len(told)))
    assert not same_in_any_order(listed, [*listed, {"cidrBlock": "another"}])
    assert not same_in_any_order(listed, UNKNOWN)
