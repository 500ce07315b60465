"""The grammar of policy documents: each fault is told, and its good twin is taken."""

import json
from typing import Any

import pytest

from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    checked_statements,
)

RESOURCE = Kind(principals=Presence.REQUIRED, resources=Presence.OPTIONAL)
VERSIONED = Kind(principals=Presence.REQUIRED, resources=Presence.OPTIONAL, needs_version=True)
GOOD = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


def document(statement: Any, **elements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **elements, "Statement": statement})


def condition(operator: str, value: Any) -> dict[str, Any]:
    return {**GOOD, "Condition": {operator: {"aws:Key": value}}}


def deny_others(named: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "NotPrincipal": named, "Action": "s3:*", "Resource": "*"}


PAIRS: list[tuple[str, str, str]] = [
    ("unknown element Conditions", document(GOOD, Conditions={}), document(GOOD, Id="one")),
    ("Id is not a text", document(GOOD, Id=1), document(GOOD, Id="1")),
    ("is not a JSON object", document(["Allow"]), document([GOOD])),
    ("Sid 1 is not", document({**GOOD, "Sid": 1}), document({**GOOD, "Sid": "any text"})),
    ("Action is empty", document({**GOOD, "Action": []}), document({**GOOD, "Action": ["*"]})),
    (
        "Resource is not a text",
        document({**GOOD, "Resource": [1]}),
        document({**GOOD, "Resource": ["1"]}),
    ),
    ("has no kind", document({**GOOD, "Principal": "me"}), document({**GOOD, "Principal": "*"})),
    (
        "AWS principals are not texts",
        document({**GOOD, "Principal": {"AWS": 111111111111}}),
        document({**GOOD, "Principal": {"AWS": "111111111111"}}),
    ),
    (
        "'Role' is no kind of principal",
        document(deny_others({"Role": "*"})),
        document(deny_others({"AWS": "*"})),
    ),
    (
        "Condition is not a JSON object",
        document({**GOOD, "Condition": []}),
        document({**GOOD, "Condition": {}}),
    ),
    (
        "condition Bool is not a JSON object",
        document({**GOOD, "Condition": {"Bool": "true"}}),
        document({**GOOD, "Condition": {"Bool": {}}}),
    ),
    (
        "value of the condition Bool is not a text",
        document(condition("Bool", [None])),
        document(condition("Bool", ["true", False])),
    ),
    (
        "NullIfExists is unknown",
        document(condition("NullIfExists", "true")),
        document(condition("ForAllValues:Null", "true")),
    ),
    (
        "ForSomeValues:StringLike is unknown",
        document(condition("ForSomeValues:StringLike", "a")),
        document(condition("ForAnyValue:StringLikeIfExists", "a")),
    ),
    (
        "stringEquals is unknown",
        document(condition("stringEquals", "a")),
        document(condition("StringEquals", "a")),
    ),
    (
        "'tomorrow' of DateLessThanIfExists is no date",
        document(condition("DateLessThanIfExists", "tomorrow")),
        document(condition("DateLessThanIfExists", "2026-01-02T03:04:05.678Z")),
    ),
]


@pytest.mark.parametrize(("says", "bad", "good"), PAIRS, ids=lambda text: text[:40])
def test_a_fault_is_told_and_its_good_twin_is_taken(says: str, bad: str, good: str) -> None:
    with pytest.raises(MalformedPolicyError, match=says):
        checked_statements(bad, RESOURCE)
    assert checked_statements(good, RESOURCE), "the twin has nothing wrong"


def test_only_some_kinds_need_a_version() -> None:
    text = json.dumps({"Statement": GOOD})
    with pytest.raises(MalformedPolicyError, match="Version must be one of"):
        checked_statements(text, VERSIONED)
    assert checked_statements(text, RESOURCE) == [GOOD]
    assert checked_statements(document(GOOD), VERSIONED) == [GOOD]
