from collections.abc import Mapping
from typing import Final

import pytest

from agentcore_policies.agent_runtime import AWS_HARNESS, NATIVE_HARNESS
from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rules.agent_tools import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts

MODE: Final = "networkConfiguration.networkMode"


def said(rule: str, kind: str, props: Mapping[str, object]) -> list[tuple[str, str]]:
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


def test_a_harness_in_production_is_in_a_vpc() -> None:
    def of_aws(mode: object) -> list[tuple[str, str]]:
        network = {"networkConfigurations": [{"networkMode": mode}]}
        given = {"environments": [{"agentcoreRuntimeEnvironments": [network]}]}
        return said("tool-network-mode", AWS_HARNESS, given)

    def of_native(mode: object) -> list[tuple[str, str]]:
        network = {"networkConfiguration": {"networkMode": mode}}
        given = {"environment": {"agentCoreRuntimeEnvironment": network}}
        return said("tool-network-mode", NATIVE_HARNESS, given)

    where = {
        of_aws: "environments.0.agentcoreRuntimeEnvironments.0.networkConfigurations.0.networkMode",
        of_native: "environment.agentCoreRuntimeEnvironment.networkConfiguration.networkMode",
    }
    for judge, path in where.items():
        assert judge("VPC") == []
        for mode in ("PUBLIC", "SANDBOX", None):
            assert judge(mode) == finding(path)
        assert judge(UNKNOWN) == not_checked(path)
    for kind in (AWS_HARNESS, NATIVE_HARNESS):
        ((verdict, _),) = said("tool-network-mode", kind, {})
        assert verdict == "finding", "what is not given is public"
