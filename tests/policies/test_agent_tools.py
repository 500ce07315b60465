from typing import Final

import pytest

from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rules.agent_tools import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts

MODE: Final = "networkConfiguration.networkMode"


def said(rule: str, kind: str, props: dict[str, object]) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, resource(kind, props)))


@pytest.mark.parametrize(
    "kind",
    ["aws:bedrock/agentcoreGateway:AgentcoreGateway", "aws-native:bedrockagentcore:Gateway"],
)
def test_a_gateway_authorizes_its_callers(kind: str) -> None:
    for given in ("AWS_IAM", "CUSTOM_JWT"):
        assert said("gateway-authorizer", kind, {"authorizerType": given}) == []
    # AUTHENTICATE_ONLY lets in whoever has any identity at all.
    for given in ("NONE", "AUTHENTICATE_ONLY", "aws_iam", None):
        found = said("gateway-authorizer", kind, {"authorizerType": given})
        assert found == finding("authorizerType")
    for hidden in (UNKNOWN, SECRET):
        found = said("gateway-authorizer", kind, {"authorizerType": hidden})
        assert found == not_checked("authorizerType")


@pytest.mark.parametrize(
    ("kind", "sandboxed"),
    [
        ("aws:bedrock/agentcoreBrowser:AgentcoreBrowser", False),
        ("aws-native:bedrockagentcore:BrowserCustom", False),
        ("aws:bedrock/agentcoreCodeInterpreter:AgentcoreCodeInterpreter", True),
        ("aws-native:bedrockagentcore:CodeInterpreterCustom", True),
    ],
)
def test_a_tool_in_production_keeps_off_the_internet(kind: str, *, sandboxed: bool) -> None:
    def mode(value: object) -> list[tuple[str, str]]:
        return said("tool-network-mode", kind, {"networkConfiguration": {"networkMode": value}})

    assert mode("VPC") == []
    assert mode("SANDBOX") == ([] if sandboxed else finding(MODE))
    for given in ("PUBLIC", "vpc", None):
        assert mode(given) == finding(MODE)
    assert said("tool-network-mode", kind, {}) == finding(MODE), "it is not given"
    assert mode(UNKNOWN) == not_checked(MODE)
