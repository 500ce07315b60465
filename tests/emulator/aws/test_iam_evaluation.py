import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.aws.iam_evaluation import Action, Decision, decide

PULL = "ecr:BatchGetImage"
REPOSITORY = "arn:aws:ecr:us-east-1:111111111111:repository/agents/assistant"


def decision(*statements: dict[str, Any], **asked: Any) -> Decision:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return decide([document], Action(PULL, REPOSITORY, **asked))


def allow(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": PULL, "Resource": REPOSITORY, **parts}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, Decision.ALLOW),
        ({"Action": "ecr:batchgetimage"}, Decision.ALLOW),
        ({"Action": ["s3:GetObject", "ecr:Batch*"]}, Decision.ALLOW),
        ({"Action": "ecr:BatchGetImag?"}, Decision.ALLOW),
        ({"Action": "ecr:BatchGetImages"}, Decision.SILENT),
        ({"Action": "ecr.BatchGetImage"}, Decision.SILENT),
        ({"Resource": "arn:aws:ecr:us-east-1:111111111111:repository/*"}, Decision.ALLOW),
        ({"Resource": "arn:aws:ecr:us-east-1:222222222222:repository/*"}, Decision.SILENT),
        ({"Resource": REPOSITORY.upper()}, Decision.SILENT),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}, Decision.ALLOW),
        ({"Condition": {"StringEquals": {"AWS:sourceaccount": ["2", "1"]}}}, Decision.ALLOW),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "2"}}}, Decision.SILENT),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "2"}}}, Decision.ALLOW),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": ["2", "1"]}}}, Decision.SILENT),
        ({"Condition": {"StringEquals": {"aws:Missing": "1"}}}, Decision.SILENT),
        ({"Condition": {"StringEqualsIfExists": {"aws:Missing": "1"}}}, Decision.ALLOW),
        ({"Condition": {"StringNotEquals": {"aws:Missing": "1"}}}, Decision.ALLOW),
        ({"Condition": {"Null": {"aws:Missing": "true"}}}, Decision.ALLOW),
        ({"Condition": {"Null": {"aws:SourceAccount": True}}}, Decision.SILENT),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:x:*:1:*"}}}, Decision.ALLOW),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:*"}}}, Decision.SILENT),
        ({"Condition": {"StringLike": {"aws:SourceArn": "arn:aws:*"}}}, Decision.ALLOW),
        ({"Condition": {"ArnNotLike": {"aws:SourceArn": "arn:aws:x:*:1:*"}}}, Decision.SILENT),
        ({"Condition": {"ForAllValues:StringEquals": {"aws:Missing": "1"}}}, Decision.ALLOW),
        ({"Condition": {"ForAnyValue:StringEquals": {"aws:Missing": "1"}}}, Decision.SILENT),
        ({"Condition": {"ForAnyValue:StringNotEquals": {"aws:Missing": "1"}}}, Decision.SILENT),
        ({"Condition": {"StringMatches": {"aws:SourceAccount": "1"}}}, Decision.SILENT),
        ({"Condition": {"NumericLessThan": {"aws:SourceAccount": "2"}}}, Decision.ALLOW),
        ({"Condition": {"NumericLessThan": {"aws:SourceAccount": "1"}}}, Decision.SILENT),
        ({"Condition": {"NumericLessThanEquals": {"aws:SourceAccount": 1}}}, Decision.ALLOW),
        ({"Condition": {"NumericEquals": {"aws:SourceAccount": "1.0"}}}, Decision.ALLOW),
        ({"Condition": {"NumericNotEquals": {"aws:SourceAccount": "1.0"}}}, Decision.SILENT),
        ({"Condition": {"NumericNotEquals": {"aws:SourceAccount": "one"}}}, Decision.SILENT),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "2027-01-01"}}}, Decision.ALLOW),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}}, Decision.SILENT),
        ({"Condition": {"DateGreaterThan": {"aws:CurrentTime": "1767225600"}}}, Decision.ALLOW),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, Decision.ALLOW),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}, Decision.SILENT),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, Decision.SILENT),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "nowhere"}}}, Decision.SILENT),
    ],
)
def test_an_allow_applies_only_where_it_says(parts: dict[str, Any], expected: Decision) -> None:
    context = {
        "aws:SourceAccount": "1",
        "aws:SourceArn": "arn:aws:x:us-east-1:1:runtime/a",
        "aws:CurrentTime": "2026-06-01T12:00:00Z",
        "aws:SourceIp": "192.0.2.7",
    }
    assert decision(allow(**parts), context=context) is expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, Decision.ALLOW),
        ({"Effect": "Allow", "NotAction": "ecr:*", "Resource": "*"}, Decision.SILENT),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}, Decision.ALLOW),
        ({"Effect": "Allow", "Action": "*", "NotResource": REPOSITORY}, Decision.SILENT),
    ],
)
def test_inverted_elements_are_inverted(statement: dict[str, Any], expected: Decision) -> None:
    assert decision(statement) is expected


def test_a_deny_wins_wherever_it_stands() -> None:
    deny = {"Effect": "Deny", "Action": "ecr:*", "Resource": "*"}
    assert decision(deny, allow()) is Decision.DENY
    assert decision(allow(), deny) is Decision.DENY
    assert decision(allow(), {**deny, "Action": "s3:*"}) is Decision.ALLOW


def test_a_single_statement_needs_no_list() -> None:
    assert decide([json.dumps({"Statement": allow()})], Action(PULL, REPOSITORY)) is Decision.ALLOW


@pytest.mark.parametrize("document", ["", "no policy", "[]", '"text"', "{}", '{"Statement": 1}'])
def test_what_is_no_policy_allows_nothing(document: str) -> None:
    assert decide([document], Action(PULL, REPOSITORY)) is Decision.SILENT


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"Service": "bedrock-agentcore.amazonaws.com"}, Decision.ALLOW),
        ({"Service": ["a.amazonaws.com", "bedrock-agentcore.amazonaws.com"]}, Decision.ALLOW),
        ("*", Decision.ALLOW),
        ({"AWS": "*"}, Decision.ALLOW),
        ({"Service": "lambda.amazonaws.com"}, Decision.SILENT),
        ({"AWS": "bedrock-agentcore.amazonaws.com"}, Decision.SILENT),
    ],
)
def test_a_principal_must_be_named(principal: object, expected: Decision) -> None:
    principals = frozenset({"Service:bedrock-agentcore.amazonaws.com"})
    assert decision(allow(Principal=principal), principals=principals) is expected


def test_an_account_id_names_the_accounts_root() -> None:
    principals = frozenset({"AWS:arn:aws:iam::111111111111:root"})
    statement = allow(Principal={"AWS": "111111111111"})
    assert decision(statement, principals=principals) is Decision.ALLOW


@given(st.text(min_size=1))
def test_a_name_matches_itself_and_every_prefix_with_a_star(name: str) -> None:
    literal = name.replace("*", "").replace("?", "") or "x"
    for pattern in (literal, f"{literal[: len(literal) // 2]}*", "*"):
        document = json.dumps(
            {"Statement": {"Effect": "Allow", "Action": PULL, "Resource": pattern}}
        )
        assert decide([document], Action(PULL, literal)) is Decision.ALLOW


@given(st.text(), st.text(min_size=1))
def test_a_longer_name_is_not_the_name(name: str, more: str) -> None:
    literal = name.replace("*", "").replace("?", "")
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": PULL, "Resource": literal}})
    assert decide([document], Action(PULL, literal + more)) is Decision.SILENT
