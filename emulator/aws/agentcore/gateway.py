"""AWS::BedrockAgentCore::Gateway as the service runs it.

Sources: botocore's CreateGateway and UpdateGateway; the AgentCore developer guide's "Gateway" for
ids and URLs. That a gateway which is not bound to MCP has a URL without a path, and the refusal
of a deletion and its words ("has targets associated with it"), were seen at AWS by others
(agentcore-samples pull request 1954).
"""

from emulator.aws.agentcore.encryption_key import validate_key
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import GATEWAY_TARGET, POLICY_ENGINE, JsonObject
from emulator.aws.agentcore.workload_identity import (
    identity_details,
    link_identity,
    unlink_identity,
)
from emulator.aws.caller import Caller


class GatewayHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists gateways."""

    api_name = "Gateway"
    unique_property = "Name"

    def generate(self, caller: Caller, desired: JsonObject) -> JsonObject:
        """Add id, ARN, URL and the workload identity."""
        made = super().generate(caller, desired)
        identifier = made["GatewayIdentifier"]
        path = "/mcp" if desired.get("ProtocolType") == "MCP" else ""
        host = f"{identifier}.gateway.bedrock-agentcore.{caller.region}.amazonaws.com"
        return {
            **made,
            "GatewayUrl": f"https://{host}{path}",
            "WorkloadIdentityDetails": identity_details(caller, identifier),
        }

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check the name that stays, the role, the key, the authorizer and the policy engine."""
        if current and resource["Name"] != current["Name"]:
            raise validation_error(
                f"The name must be the same as when the gateway was created: {current['Name']}"
            )
        self.assumed(caller, resource["RoleArn"], resource)
        validate_key(caller, resource.get("KmsKeyArn"))
        if resource["AuthorizerType"] == "CUSTOM_JWT" and "AuthorizerConfiguration" not in resource:
            raise validation_error(
                "authorizerConfiguration is required when authorizerType is CUSTOM_JWT"
            )
        engine = resource.get("PolicyEngineConfiguration", {}).get("Arn")
        if engine is not None and engine not in self.store.table(caller, POLICY_ENGINE):
            raise validation_error(f"The policy engine '{engine}' does not exist")

    def added(self, caller: Caller, resource: JsonObject) -> None:
        """Make the workload identity."""
        link_identity(self.store, caller, resource["GatewayIdentifier"])

    def check_removal(self, caller: Caller, resource: JsonObject) -> None:
        """Refuse while there are targets."""
        identifier = resource["GatewayIdentifier"]
        targets = self.store.table(caller, GATEWAY_TARGET).values()
        if any(target["GatewayIdentifier"] == identifier for target in targets):
            raise validation_error(
                f"Gateway {identifier} has targets associated with it. Delete all targets before "
                "deleting the gateway."
            )

    def removed(self, caller: Caller, resource: JsonObject) -> None:
        """Remove the workload identity."""
        unlink_identity(self.store, caller, resource["GatewayIdentifier"])
