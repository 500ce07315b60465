import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reachability.endpoint_policy import Decision, Request, decide, unknown_keys

ROLE = "arn:aws:iam::111111111111:role/assistant"
OTHER = "arn:aws:iam::111111111111:role/other"
KEY = "arn:aws:kms:us-east-1:111111111111:key/1"
ALLOWED, REFUSED, UNKNOWN = Decision.ALLOWED, Decision.REFUSED, Decision.UNKNOWN

CONTEXT = {
    "aws:PrincipalAccount": "111111111111",
    "aws:PrincipalArn": ROLE,
    "aws:SecureTransport": "true",
}
REQUEST = Request(ROLE, "kms:Decrypt", KEY, CONTEXT)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**parts: Any) -> dict[str, Any]:
    said = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": KEY}
    return {**said, **parts}


def without(name: str, **parts: Any) -> dict[str, Any]:
    return {key: value for key, value in allow(**parts).items() if key != name}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow(), ALLOWED),
        (allow(Action=["logs:*", "KMS:decr*"]), ALLOWED),
        (allow(Action="kms:Decryp?"), ALLOWED),
        (allow(Action="*"), ALLOWED),
        (allow(Action="kms.Decrypt"), REFUSED),
        (allow(Action="kms:Encrypt"), REFUSED),
        (without("Action", NotAction="logs:*"), ALLOWED),
        (without("Action", NotAction=["kms:*"]), REFUSED),
        (without("Action"), REFUSED),
        (allow(Resource="arn:aws:kms:*:111111111111:key/*"), ALLOWED),
        (allow(Resource=KEY.upper()), REFUSED),
        (allow(Resource="arn:aws:kms:us-east-1:222222222222:key/*"), REFUSED),
        (allow(Resource="arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/*"), UNKNOWN),
        (without("Resource", NotResource="arn:aws:kms:*:222222222222:*"), ALLOWED),
        (without("Resource", NotResource=KEY), REFUSED),
        (without("Principal"), REFUSED),
        (allow(Principal={"AWS": "*"}), ALLOWED),
        (allow(Principal={"AWS": [OTHER, ROLE]}), ALLOWED),
        (allow(Principal={"AWS": "111111111111"}), ALLOWED),
        (allow(Principal={"AWS": "arn:aws:iam::111111111111:root"}), ALLOWED),
        (allow(Principal={"AWS": "arn:aws:iam::222222222222:root"}), REFUSED),
        (allow(Principal={"AWS": "222222222222"}), REFUSED),
        (allow(Principal={"AWS": OTHER}), REFUSED),
        (allow(Principal={"Service": "*"}), REFUSED),
        (allow(Principal={"AWS": "AROAEXAMPLE"}), UNKNOWN),
        (
            allow(Principal={"AWS": "arn:aws:sts::111111111111:assumed-role/assistant/session"}),
            UNKNOWN,
        ),
        (allow(Principal={"AWS": "arn:aws:sts::222222222222:assumed-role/a/b"}), REFUSED),
        (allow(Principal={"Service": "kms.amazonaws.com"}), REFUSED),
        (without("Principal", NotPrincipal={"AWS": OTHER}), UNKNOWN),
    ],
)
def test_a_statement_is_for_whom_and_what_it_names(
    statement: dict[str, Any], expected: Decision
) -> None:
    assert decide(document(statement), REQUEST) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": ["222222222222", "111111111111"]}}, ALLOWED),
        ({"StringEquals": {"AWS:principalaccount": "111111111111"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalAccount": "222222222222"}}, REFUSED),
        ({"StringNotEquals": {"aws:PrincipalAccount": "222222222222"}}, ALLOWED),
        ({"StringNotEquals": {"aws:PrincipalAccount": ["2", "111111111111"]}}, REFUSED),
        ({"StringEqualsIfExists": {"aws:PrincipalAccount": "111111111111"}}, ALLOWED),
        ({"StringEqualsIgnoreCase": {"aws:PrincipalArn": ROLE.upper()}}, ALLOWED),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:*role/assist*"}}, ALLOWED),
        ({"StringNotLike": {"aws:PrincipalArn": "arn:aws:*role/assist*"}}, REFUSED),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}, ALLOWED),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}}, REFUSED),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam"}}, REFUSED),
        ({"ArnNotEquals": {"aws:PrincipalArn": ROLE}}, REFUSED),
        ({"ForAnyValue:StringLike": {"aws:PrincipalArn": "*"}}, ALLOWED),
        ({"Bool": {"aws:SecureTransport": True}}, ALLOWED),
        ({"Bool": {"aws:SecureTransport": "false"}}, REFUSED),
        ({"Null": {"aws:PrincipalArn": False}}, ALLOWED),
        ({"Null": {"aws:PrincipalArn": "true"}}, REFUSED),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, UNKNOWN),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, UNKNOWN),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, UNKNOWN),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, UNKNOWN),
        ({"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}}, UNKNOWN),
        ({"IpAddress": {"aws:PrincipalAccount": "10.0.0.0/8"}}, UNKNOWN),
        ({"NotIpAddress": {"aws:PrincipalAccount": "10.0.0.0/8"}}, UNKNOWN),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-1", "aws:PrincipalAccount": "2"}},
            REFUSED,
        ),
        (
            {"Bool": {"aws:SecureTransport": "true"}, "Null": {"aws:PrincipalOrgID": "true"}},
            UNKNOWN,
        ),
    ],
)
def test_a_condition_holds_by_what_is_known(condition: dict[str, Any], expected: Decision) -> None:
    assert decide(document(allow(Condition=condition)), REQUEST) is expected


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        ({}, REFUSED),
        ({"Action": "logs:*"}, ALLOWED),
        ({"Principal": {"AWS": OTHER}}, ALLOWED),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}}, ALLOWED),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}, UNKNOWN),
        ({"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "1"}}}, UNKNOWN),
    ],
)
def test_a_deny_wins_and_one_that_might_apply_leaves_it_open(
    deny: dict[str, Any], expected: Decision
) -> None:
    statement = {**allow(**deny), "Effect": "Deny"}
    assert decide(document(allow(), statement), REQUEST) is expected
    assert decide(document(statement, allow()), REQUEST) is expected
    assert decide(document(statement), REQUEST) is REFUSED, "nothing allows it"


def test_an_unknown_caller_is_only_let_in_by_what_lets_everybody_in() -> None:
    request = Request(None, "kms:Decrypt", KEY)
    assert decide(document(allow()), request) is ALLOWED
    assert decide(document(allow(Principal={"AWS": ROLE})), request) is UNKNOWN
    assert decide(document(allow(Principal={"Service": "a.amazonaws.com"})), request) is UNKNOWN


def test_the_policy_of_a_gateway_endpoint_takes_principals_by_condition_only() -> None:
    """An account there is its root user alone, and a role's ARN becomes an id of its own."""

    def decided(**parts: Any) -> Decision:
        return decide(document(allow(**parts)), REQUEST, is_gateway=True)

    assert decided(Principal={"AWS": "111111111111"}) is REFUSED
    assert decided(Principal={"AWS": "arn:aws:iam::111111111111:root"}) is REFUSED
    assert decided(Principal={"AWS": ROLE}) is UNKNOWN
    assert decided(Principal={"AWS": OTHER}) is REFUSED
    assert decided(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}) is ALLOWED


def test_an_endpoint_without_a_policy_has_the_default_one() -> None:
    assert decide(None, REQUEST) is ALLOWED
    assert unknown_keys(None, REQUEST) == []
    assert decide(document(), REQUEST) is REFUSED, "one without statements allows nothing"


def test_a_single_statement_needs_no_list() -> None:
    assert decide(json.dumps({"Statement": allow()}), REQUEST) is ALLOWED


def test_the_keys_that_are_not_known_are_named() -> None:
    asked = {"aws:PrincipalOrgID": "o-1", "AWS:PrincipalAccount": "1", "aws:Foo": "x"}
    found = unknown_keys(document(allow(Condition={"StringEquals": asked})), REQUEST)
    assert found == ["aws:Foo", "aws:PrincipalOrgID"]


OPERATORS = ("StringEquals", "StringNotEquals", "StringLikeIfExists", "ArnNotLike", "IpAddress")
KEYS = (*CONTEXT, "aws:PrincipalOrgID")
CONDITIONS = [
    {},
    *({"Null": {key: value}} for key in KEYS for value in ("true", "false")),
    *(
        {operator: {key: value}}
        for operator, key in product(OPERATORS, KEYS)
        for value in ("111111111111", ROLE, "*")
    ),
]
STATEMENTS = [
    {**allow(Principal=principal, Condition=condition), "Effect": effect}
    for principal in ("*", {"AWS": "111111111111"}, {"AWS": ROLE}, {"AWS": OTHER})
    for condition in CONDITIONS
    for effect in ("Allow", "Deny")
]
statements = st.lists(st.sampled_from(STATEMENTS), max_size=4)


@given(statements, st.sets(st.sampled_from(sorted(CONTEXT))), st.booleans())
def test_to_know_less_never_turns_an_answer_round(
    drawn: list[dict[str, Any]],
    forgotten: set[str],
    named: bool,  # noqa: FBT001 - drawn
) -> None:
    policy = document(*drawn)
    known = {key: value for key, value in CONTEXT.items() if key not in forgotten}
    less = Request(ROLE if named else None, REQUEST.action, REQUEST.resource, known)
    assert decide(policy, less) in (UNKNOWN, decide(policy, REQUEST))
