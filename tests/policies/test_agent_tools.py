from collections.abc import Mapping
from typing import Final

import pytest

from agentcore_policies.agent_runtime import AWS_HARNESS, NATIVE_HARNESS
from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rules.agent_tools import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts

ISSUER: Final = "https://login.example.com/.well-known/openid-configuration"
JWT: Final = "authorizerConfiguration.customJwtAuthorizer"
MODE: Final = "networkConfiguration.networkMode"


def said(rule: str, kind: str, props: Mapping[str, object]) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, resource(kind, props)))


@pytest.mark.parametrize(
    "kind",
    ["aws:bedrock/agentcoreGateway:AgentcoreGateway", "aws-native:bedrockagentcore:Gateway"],
)
def test_a_gateway_authorizes_its_callers(kind: str) -> None:
    assert said("gateway-authorizer", kind, {"authorizerType": "AWS_IAM"}) == []
    # AUTHENTICATE_ONLY lets in whoever has any identity at all.
    for given in ("NONE", "AUTHENTICATE_ONLY", "aws_iam", None):
        found = said("gateway-authorizer", kind, {"authorizerType": given})
        assert found == finding("authorizerType")
    for hidden in (UNKNOWN, SECRET):
        found = said("gateway-authorizer", kind, {"authorizerType": hidden})
        assert found == not_checked("authorizerType")


@pytest.mark.parametrize(
    "kind",
    ["aws:bedrock/agentcoreGateway:AgentcoreGateway", "aws-native:bedrockagentcore:Gateway"],
)
def test_a_gateway_that_takes_tokens_knows_whose(kind: str) -> None:
    def jwt(**given: object) -> list[tuple[str, str]]:
        authorizer = {"customJwtAuthorizer": {"discoveryUrl": ISSUER, **given}}
        props = {"authorizerType": "CUSTOM_JWT", "authorizerConfiguration": authorizer}
        of_iam = said("gateway-authorizer", kind, {**props, "authorizerType": "AWS_IAM"})
        assert of_iam == [], "no token is taken"
        return said("gateway-authorizer", kind, props)

    for bound in ("allowedAudiences", "allowedAudience", "allowedClients", "allowedScopes"):
        assert jwt(**{bound: ["agents"]}) == []
    assert jwt() == finding(JWT), "every token of the issuer is taken"
    plain = ISSUER.replace("https", "http")
    assert jwt(discoveryUrl=plain, allowedClients=["a"]) == finding(f"{JWT}.discoveryUrl")
    assert jwt(allowedClients=UNKNOWN) == not_checked(JWT)
    bare = {"authorizerType": "CUSTOM_JWT"}
    assert said("gateway-authorizer", kind, bare) == finding(JWT), "nobody's tokens are known"


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
