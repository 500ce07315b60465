import pytest

from agentcore_policies.iam_actions import action
from agentcore_policies.iam_privileges import TOGETHER, Escalation, is_privileged

# Whose principal is not the prefix of its actions.
PRINCIPALS = {"ecs": "ecs-tasks"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            [
                "bedrock-agentcore:GetResourceApiKey",
                "bedrock-agentcore:GetResourceOauth2Token",
                "bedrock-agentcore:GetResourcePaymentToken",
                "bedrock-agentcore:GetWorkloadAccessTokenForUserId",
                "bedrock-agentcore:InvokeAgentRuntimeForUser",
                "bedrock-agentcore:InvokeAgentRuntimeWithWebSocketStreamForUser",
                "bedrock-agentcore:InvokeAgentRuntimeCommand",
                "bedrock-agentcore:InvokeAgentRuntimeCommandShell",
                *("lambda:CreateFunction", "bedrock-agentcore:UpdateAgentRuntime"),
                *("kms:CreateGrant", "s3:PutBucketPolicy", "iam:CreateRole", "iam:TagRole"),
                *("sts:AssumeRole", "sso:CreateApplication", "identitystore:CreateUser"),
                "organizations:CreateAccount",
            ],
            True,
        ),
        (
            [
                "bedrock-agentcore:ConnectBrowserAutomationStream",
                "bedrock-agentcore:InvokeAgentRuntime",
                "bedrock-agentcore:InvokeCodeInterpreter",
                "bedrock-agentcore:InvokeHarness",
                "bedrock-agentcore:StartBrowserSession",
                "bedrock-agentcore:StartCodeInterpreterSession",
                *("bedrock-agentcore:InvokeGateway", "bedrock-agentcore:InvokeWebSearch"),
                *("lambda:InvokeFunction", "states:StartExecution", "s3:PutObject"),
                *("iam:GetRole", "iam:ListRoles", "sts:GetCallerIdentity", "sso:ListInstances"),
            ],
            False,
        ),
    ],
    ids=["privileged", "not"],
)
def test_what_is_granted_by_its_name_only(names: list[str], *, expected: bool) -> None:
    for name in names:
        known = action(name)
        assert known, name
        assert is_privileged(known) is expected, name


def test_a_role_is_passed_to_the_service_that_runs_it() -> None:
    for known in TOGETHER:
        first, *others = known.actions
        if first != "iam:PassRole":
            assert known.service == "", "no role is passed"
            continue
        prefix = others[0].partition(":")[0]
        assert known.service == f"{PRINCIPALS.get(prefix, prefix)}.amazonaws.com", others
        assert known.on == "", "whatever it is run on"


def test_an_escalation_is_on_anything_unless_it_says_so() -> None:
    alone = Escalation(actions=["iam:CreateAccessKey"], what="act as another user")
    assert (alone.service, alone.on) == ("", "")
