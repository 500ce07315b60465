"""What stands beside a runtime: gateways, harnesses, and tools that agents open sessions of."""

from collections.abc import Mapping, Sequence
from typing import Final

from agentcore_policies.agent_runtime import AWS_HARNESS, HARNESSES, NATIVE_HARNESS, is_hidden
from agentcore_policies.credentials import shown
from agentcore_policies.model import Resource
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule
from agentcore_policies.rules.runtime import judge_jwt

_GATEWAYS: Final = (
    "aws:bedrock/agentcoreGateway:AgentcoreGateway",
    "aws-native:bedrockagentcore:Gateway",
)
_BROWSERS: Final = (
    "aws:bedrock/agentcoreBrowser:AgentcoreBrowser",
    "aws-native:bedrockagentcore:BrowserCustom",
)
_CODE_INTERPRETERS: Final = (
    "aws:bedrock/agentcoreCodeInterpreter:AgentcoreCodeInterpreter",
    "aws-native:bedrockagentcore:CodeInterpreterCustom",
)
_JWT: Final = "CUSTOM_JWT"
_AUTHORIZERS: Final = ("AWS_IAM", _JWT)
# SANDBOX reaches S3 and nothing else (AgentCore developer guide, code-interpreter-resource-mode).
_NETWORK: Final = ("networkConfiguration",)
# What pulumi-aws has lists of one for.
_NETWORKS: Final[Mapping[str, tuple[str | int, ...]]] = {AWS_HARNESS: ("networkConfigurations", 0)}
_ENVIRONMENTS: Final[Mapping[str, tuple[str | int, ...]]] = {
    AWS_HARNESS: ("environments", 0, "agentcoreRuntimeEnvironments", 0),
    NATIVE_HARNESS: ("environment", "agentCoreRuntimeEnvironment"),
}
_MODES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys((*_BROWSERS, *HARNESSES), ("VPC",)),
    **dict.fromkeys(_CODE_INTERPRETERS, ("VPC", "SANDBOX")),
}


def _gateway_authorizer(gateway: Resource, _context: Context) -> Judged:
    path = "authorizerType"
    given = gateway.at(path)
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given not in _AUTHORIZERS:
        yield Finding(
            path=path,
            message=f"{shown(given)} is given: whoever finds the gateway may call its tools. Give "
            f"{' or '.join(_AUTHORIZERS)}.",
        )
    elif given == _JWT:
        yield from judge_jwt(gateway)


def _network_mode(tool: Resource, _context: Context) -> Judged:
    steps = (*_ENVIRONMENTS.get(tool.type, ()), *_NETWORKS.get(tool.type, _NETWORK), "networkMode")
    path = ".".join(map(str, steps))
    given = tool.at(*steps)
    allowed = _MODES[tool.type]
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given not in allowed:
        yield Finding(
            path=path,
            message=f"it is {shown(given)}; in production {' or '.join(allowed)} is allowed: "
            "otherwise sessions reach the internet past every control of yours.",
        )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="gateway-authorizer",
        description="A gateway knows who calls it, and whose tokens it takes.",
        severity="high",
        types=_GATEWAYS,
        remediation="Set authorizerType to AWS_IAM, or to CUSTOM_JWT with the issuer's discovery "
        "URL and audiences, clients, scopes or claims.",
        references=(
            Reference(framework="Security Hub", id="BedrockAgentCore.2"),
            Reference(framework="Well-Architected", id="SEC02-BP04"),
        ),
        check=_gateway_authorizer,
    ),
    Rule(
        id="tool-network-mode",
        description="Harnesses, browsers and code interpreters in production do not reach the "
        "internet directly.",
        severity="high",
        types=tuple(_MODES),
        production_only=True,
        remediation="Set networkMode to VPC; SANDBOX is enough for many a code interpreter.",
        references=(Reference(framework="Well-Architected", id="SEC05-BP01"),),
        check=_network_mode,
    ),
)
