"""AgentCore runtimes, harnesses and endpoints, in the forms of both providers."""

from collections.abc import Iterator, Sequence
from typing import Final

from agentcore_policies.model import Resource, Secret, Unknown, Value

AWS_RUNTIME: Final = "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime"
NATIVE_RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
RUNTIMES: Final = (AWS_RUNTIME, NATIVE_RUNTIME)

AWS_ENDPOINT: Final = "aws:bedrock/agentcoreAgentRuntimeEndpoint:AgentcoreAgentRuntimeEndpoint"
NATIVE_ENDPOINT: Final = "aws-native:bedrockagentcore:RuntimeEndpoint"
ENDPOINTS: Final = (AWS_ENDPOINT, NATIVE_ENDPOINT)

AWS_HARNESS: Final = "aws:bedrock/agentcoreHarness:AgentcoreHarness"
NATIVE_HARNESS: Final = "aws-native:bedrockagentcore:Harness"
HARNESSES: Final = (AWS_HARNESS, NATIVE_HARNESS)
"""Agents that the service wraps a runtime of its own around."""

MODE: Final = "networkConfiguration.networkMode"
SUBNETS: Final = "networkConfiguration.networkModeConfig.subnets"
SECURITY_GROUPS: Final = "networkConfiguration.networkModeConfig.securityGroups"


def role_path(agent: Resource) -> str:
    """What a runtime or a harness calls the role it runs as."""
    return "executionRoleArn" if agent.type in HARNESSES else "roleArn"


def at_path(resource: Resource, path: str) -> Value:
    """The value under a path as messages write it, such as ``networkConfiguration.networkMode``."""
    return resource.at(*path.split("."))


def is_hidden(value: Value) -> bool:
    """Whether the value itself is unknown or secret."""
    return isinstance(value, Unknown | Secret)


def switch(value: Value) -> Value:
    """A switch; as text, which pulumi-aws takes as well, it is the switch it means."""
    return (
        {"true": True, "false": False}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )


def elements(value: Value) -> Sequence[Value]:
    """The elements of a list; a single value is a list of one, nothing is an empty list."""
    if value is None or value == "":
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    return (value,)


def is_custom_capacity(runtime: Resource) -> bool:
    """Whether sessions run on a capacity provider, which brings the network of its own."""
    return runtime.at("capacityProviderConfiguration") not in (None, {})


def in_vpc(runtimes: Iterator[Resource]) -> Iterator[Resource]:
    """Those that are in VPC mode, as far as it is known."""
    return (runtime for runtime in runtimes if at_path(runtime, MODE) == "VPC")
