"""A role is told to be shut out by an endpoint's policy only where that is sure."""

import json
from typing import Any

import pytest

from infra.endpoint_admission import is_shut_out
from infra.policy_evaluation import Request

ROLE = "arn:aws:iam::111111111111:role/agentcore-dev-assistant-us-east-1"
DIRECTORY = "arn:aws:bedrock-agentcore:us-east-1:111111111111:workload-identity-directory/default"
TOKEN = Request(action="bedrock-agentcore:GetWorkloadAccessToken", resource=DIRECTORY)


def _statement(principal: object, effect: str = "Allow", **told: object) -> dict[str, Any]:
    named = {} if principal is None else {"Principal": principal}
    return {"Effect": effect, **named, "Action": "*", "Resource": "*", **told}


EVERYBODY = _statement("*")
OTHER = "arn:aws:iam::111111111111:role/other"


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [_statement({"AWS": OTHER})],
        [_statement({"AWS": ["222222222222", OTHER]})],
        [_statement({"Service": "bedrock-agentcore.amazonaws.com"})],
        [_statement("*", Action="bedrock-agentcore:InvokeAgentRuntime")],
        [_statement("*", Resource=f"{DIRECTORY}/workload-identity/other")],
        [EVERYBODY, _statement({"AWS": ROLE}, "Deny")],
    ],
)
def test_a_role_without_a_statement_or_with_a_deny_is_shut_out(statements: list[Any]) -> None:
    assert is_shut_out(ROLE, TOKEN, json.dumps({"Statement": statements}))


@pytest.mark.parametrize(
    "statements",
    [
        [EVERYBODY],
        [_statement({"AWS": "*"})],
        [_statement({"AWS": [OTHER, ROLE]})],
        [_statement({"AWS": "111111111111"})],
        [_statement({"AWS": "arn:aws:iam::111111111111:root"})],
        [_statement("*", Action="bedrock-agentcore:GetWorkload*")],
        [_statement("*", Resource=DIRECTORY)],
        [_statement("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})],
        [_statement(None, NotPrincipal={"AWS": OTHER})],
        [EVERYBODY, _statement({"AWS": OTHER}, "Deny")],
        [EVERYBODY, _statement(None, "Deny", NotPrincipal={"AWS": ROLE})],
    ],
)
def test_a_role_that_is_let_through_or_may_be_is_not(statements: list[Any]) -> None:
    assert not is_shut_out(ROLE, TOKEN, json.dumps({"Statement": statements}))
