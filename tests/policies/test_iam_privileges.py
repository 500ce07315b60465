import pytest

from agentcore_policies.iam_actions import action
from agentcore_policies.iam_privileges import is_privileged


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
