"""Every IAM document is judged by cloudsplaining; what it finds is accepted one by one, or fails.

A finding is bound to the document, the statement and the action it is about. An acceptance that no
finding needs fails too, so that the list says what is there and nothing else.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple, cast

import pytest
from cloudsplaining.scan.assume_role_policy_document import (
    AssumeRolePolicyDocument,
)
from cloudsplaining.scan.policy_document import PolicyDocument

from infra.documents.deployer_permissions import Deployed, deployer_permissions
from infra.documents.execution_role import (
    Grants,
    KeyGrant,
    ObjectGrant,
    permissions_policy,
    trust_policy,
)
from infra.documents.flow_log_role import flow_log_permissions_policy, flow_log_trust_policy
from infra.naming import StackNames

ACCOUNT: Final = "222222222222"
NAMES: Final = StackNames(project="agentcore", stack="prod", account_id=ACCOUNT, region="us-east-1")
EVERY_GRANT: Final = Grants(
    repository_arn=NAMES.repository_arn("agentcore-prod/assistant"),
    models=["amazon.nova-lite-v1:0"],
    profiles={"us.amazon.nova-pro-v1:0": ["us-east-1", "us-west-2"], "global.a.b": []},
    secrets=["agent/token"],
    keys=[
        KeyGrant(arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k", services=["secretsmanager"]),
        KeyGrant(arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/w", services=["s3"], write=True),
    ],
    memories=["notes-0123456789"],
    gateways=["tools-0123456789"],
    code_interpreters=["aws.codeinterpreter.v1", "sums-0123456789"],
    browsers=["aws.browser.v1", "shop-0123456789"],
    objects=[ObjectGrant(bucket="papers", prefix="drafts/", write=True)],
)
BOUNDED: Final = Deployed(
    project_tag="agentcore",
    own_key=True,
    network=True,
    permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/bounds",
    brought_role_arns=[f"arn:aws:iam::{ACCOUNT}:role/team/agent"],
)
UNBOUNDED: Final = Deployed(project_tag="agentcore", own_key=True, network=True)


class Finding(NamedTuple):
    """What the judge says of one action of one statement."""

    document: str
    sid: str
    kind: str
    action: str


_CODE: Final = "escalation: AccessExistingBedrockCodeInterpreterSession"
_BOTH: Final = "escalation: PutRolePolicyThenUpdateAssumeRolePolicy"
_OWN_ROLES: Final = (
    "roles of the stack's own name only, and they are passed to AgentCore and flow logs only"
)
_AT_MOST: Final = f"{_OWN_ROLES}; the boundary keeps them from more than it allows"
ACCEPTED: Final[Mapping[Finding, str]] = {
    Finding("execution role", "GetRegistryToken", "credentials", "ecr:GetAuthorizationToken"): (
        "the token opens what PullImage grants and nothing else"
    ),
    Finding("execution role", "ReadSecrets", "exfiltration", "secretsmanager:GetSecretValue"): (
        "the secrets that the config names"
    ),
    Finding("execution role", "ReadObjects", "exfiltration", "s3:GetObject"): (
        "the prefixes that the config names"
    ),
    Finding(
        "execution role",
        "UseCodeInterpreters",
        _CODE,
        "bedrock-agentcore:StartCodeInterpreterSession",
    ): "the code interpreters that the config names",
    Finding(
        "execution role", "UseCodeInterpreters", _CODE, "bedrock-agentcore:InvokeCodeInterpreter"
    ): "the code interpreters that the config names",
    Finding(
        "bounded deploy", "MakeBoundedRoles", "escalation: PutRolePolicy", "iam:PutRolePolicy"
    ): _AT_MOST,
    Finding("bounded deploy", "MakeBoundedRoles", _BOTH, "iam:PutRolePolicy"): _AT_MOST,
    Finding(
        "bounded deploy",
        "ChangeRoles",
        "escalation: UpdateRolePolicyToAssumeIt",
        "iam:UpdateAssumeRolePolicy",
    ): _AT_MOST,
    Finding("bounded deploy", "ChangeRoles", _BOTH, "iam:UpdateAssumeRolePolicy"): _AT_MOST,
    Finding(
        "unbounded deploy", "MakeRoles", "escalation: PutRolePolicy", "iam:PutRolePolicy"
    ): _OWN_ROLES,
    Finding("unbounded deploy", "MakeRoles", _BOTH, "iam:PutRolePolicy"): _OWN_ROLES,
    Finding(
        "unbounded deploy",
        "ChangeRoles",
        "escalation: UpdateRolePolicyToAssumeIt",
        "iam:UpdateAssumeRolePolicy",
    ): _OWN_ROLES,
    Finding("unbounded deploy", "ChangeRoles", _BOTH, "iam:UpdateAssumeRolePolicy"): _OWN_ROLES,
}


@cache
def _documents() -> dict[str, str]:
    deployers = {"bounded": BOUNDED, "unbounded": UNBOUNDED}
    return {
        "execution role": permissions_policy(NAMES, "assistant", EVERY_GRANT),
        "flow log role": flow_log_permissions_policy(NAMES),
        **{
            f"{shape} {name}": text
            for shape, deployed in deployers.items()
            for name, text in deployer_permissions(NAMES, deployed).items()
        },
    }


def _judged(name: str, document: dict[str, Any]) -> set[Finding]:
    """Everything found, by statement; neither conditions nor ARNs make the judge look away."""
    found: set[Finding] = set()
    statements = cast("list[dict[str, Any]]", document["Statement"])
    for statement in statements:
        alone = {**document, "Statement": [statement]}
        unbounded = PolicyDocument(alone, flag_conditional_statements=True)
        at_all = PolicyDocument(
            alone, flag_conditional_statements=True, flag_resource_arn_statements=True
        )
        actions = {
            "unbounded change": unbounded.infrastructure_modification,
            "exfiltration": at_all.allows_data_exfiltration_actions,
            "credentials": at_all.credentials_exposure,
            "service wildcard": at_all.service_wildcard,
            "inverted": [str(entry) for entry in at_all.contains_statement_using_not_action],
        }
        found |= {
            Finding(name, str(statement["Sid"]), kind, action)
            for kind, names in actions.items()
            for action in names
        }
    whole = PolicyDocument(
        document, flag_conditional_statements=True, flag_resource_arn_statements=True
    )
    for escalation in whole.allows_privilege_escalation:
        for statement in statements:
            listed = statement["Action"]
            for action in [listed] if isinstance(listed, str) else cast("list[str]", listed):
                if action.lower() in escalation["actions"]:
                    kind = f"escalation: {escalation['type']}"
                    found.add(Finding(name, str(statement["Sid"]), kind, action))
    return found


@pytest.mark.parametrize("name", _documents())
def test_everything_the_judge_finds_is_accepted_and_every_acceptance_is_needed(name: str) -> None:
    found = _judged(name, json.loads(_documents()[name]))
    accepted = {finding for finding in ACCEPTED if finding.document == name}

    assert found - accepted == set(), "judge each: narrow the statement, or accept it with a reason"
    assert accepted - found == set(), "nothing needs this acceptance: take it out"


def test_an_acceptance_is_of_a_document_that_there_is() -> None:
    assert {finding.document for finding in ACCEPTED} <= set(_documents())


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ({"Action": "s3:PutObject", "Resource": "*"}, "unbounded change"),
        ({"Action": "bedrock-agentcore:DeleteMemory", "Resource": "*"}, "unbounded change"),
        ({"Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::a/*"}, "exfiltration"),
        ({"Action": "s3:*", "Resource": "arn:aws:s3:::a"}, "service wildcard"),
        ({"Action": "iam:PutRolePolicy", "Resource": "*"}, "escalation: PutRolePolicy"),
        (
            {
                "Action": "s3:PutObject",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            "unbounded change",
        ),
    ],
)
def test_the_judge_sees_what_is_wrong(statement: dict[str, Any], kind: str) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Wrong", "Effect": "Allow", **statement}],
    }

    assert kind in {finding.kind for finding in _judged("wrong", document)}


@pytest.mark.parametrize("document", [trust_policy(NAMES), flow_log_trust_policy(NAMES)])
def test_nobody_but_a_service_may_assume_a_role(document: str) -> None:
    judged = AssumeRolePolicyDocument(json.loads(document))

    assert not judged.role_assumable_by_any_principal
    assert not judged.role_assumable_by_cross_account_principals
    assert not judged.role_assumable_by_compute_services


def test_the_judge_sees_who_else_may_assume_a_role() -> None:
    trust = json.loads(trust_policy(NAMES))
    trust["Statement"][0]["Principal"] = {"AWS": "*"}
    del trust["Statement"][0]["Condition"]

    assert AssumeRolePolicyDocument(trust).role_assumable_by_any_principal
