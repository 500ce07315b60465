"""The AgentCore resources of every account and region: one table for each resource type.

A table maps a resource's primary identifier to its properties, in the resource type's own
PascalCase. A resource may have more properties than its schema; those are the service's own. The
state is in memory: a restart is a clean start.
"""

import threading
from collections import defaultdict
from typing import Any

from emulator.aws.caller import Caller

JsonObject = dict[str, Any]
Table = dict[str, JsonObject]

RUNTIME = "AWS::BedrockAgentCore::Runtime"
ENDPOINT = "AWS::BedrockAgentCore::RuntimeEndpoint"
WORKLOAD_IDENTITY = "AWS::BedrockAgentCore::WorkloadIdentity"
CAPACITY_PROVIDER = "AWS::BedrockAgentCore::CapacityProvider"
MEMORY = "AWS::BedrockAgentCore::Memory"
GATEWAY = "AWS::BedrockAgentCore::Gateway"
GATEWAY_TARGET = "AWS::BedrockAgentCore::GatewayTarget"
RESOURCE_POLICY = "AWS::BedrockAgentCore::ResourcePolicy"

API_KEY_CREDENTIAL_PROVIDER = "AWS::BedrockAgentCore::ApiKeyCredentialProvider"
OAUTH2_CREDENTIAL_PROVIDER = "AWS::BedrockAgentCore::OAuth2CredentialProvider"
POLICY_ENGINE = "AWS::BedrockAgentCore::PolicyEngine"

# What a runtime was at each version, by `<runtime id>:<version>`; not a resource type.
RUNTIME_VERSIONS = "versions of AWS::BedrockAgentCore::Runtime"
# The network interfaces in use, by `<subnet>|<security group>|...`; no more is kept of them.
NETWORK_INTERFACES = "network interfaces of AWS::BedrockAgentCore::Runtime"


class Store:
    """The tables. `lock` is held while a handler makes one step."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._tables: defaultdict[tuple[str, str, str], Table] = defaultdict(dict)

    def table(self, caller: Caller, type_name: str) -> Table:
        """Return the caller's table of the resource type."""
        return self._tables[caller.account, caller.region, type_name]
