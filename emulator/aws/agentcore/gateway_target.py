"""AWS::BedrockAgentCore::GatewayTarget as the service runs it.

Source: botocore's CreateGatewayTarget, and the rights that the type's handlers need. Servers,
functions and documents that a target names are not looked at; runtimes and credential providers
are.
"""

from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import (
    API_KEY_CREDENTIAL_PROVIDER,
    GATEWAY,
    OAUTH2_CREDENTIAL_PROVIDER,
    RUNTIME,
    JsonObject,
)
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import not_found
from emulator.aws.cloudcontrol.properties import values_at

# The type of credentials, the member that configures it, and where the provider must exist.
_CREDENTIALS = {
    "OAUTH": ("OauthCredentialProvider", OAUTH2_CREDENTIAL_PROVIDER),
    "API_KEY": ("ApiKeyCredentialProvider", API_KEY_CREDENTIAL_PROVIDER),
}


class GatewayTargetHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists the targets of gateways."""

    api_name = "GatewayTarget"
    unique_property = "Name"

    def generate(self, caller: Caller, desired: JsonObject) -> JsonObject:
        """Add the gateway's ARN and what the target speaks."""
        identifier = desired["GatewayIdentifier"]
        gateway = self.store.table(caller, GATEWAY).get(identifier)
        if gateway is None:
            raise not_found(GATEWAY, identifier)
        if gateway["Status"] != "READY":
            raise service_error("ResourceConflict", f"The gateway is in status {gateway['Status']}")
        protocol = next(iter(desired["TargetConfiguration"])).upper()
        made = {**super().generate(caller, desired), "GatewayArn": gateway["GatewayArn"]}
        return {**made, "ProtocolType": protocol} if protocol in ("MCP", "HTTP") else made

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check the credentials, and the runtime that is the target."""
        del current
        for credentials in resource.get("CredentialProviderConfigurations", []):
            self._check_credentials(caller, credentials)
        runtimes = self.store.table(caller, RUNTIME).values()
        for wanted in values_at(resource, "/TargetConfiguration/Http/AgentcoreRuntime/Arn"):
            if all(runtime["AgentRuntimeArn"] != wanted for runtime in runtimes):
                raise validation_error(f"The agent runtime '{wanted}' does not exist")

    def _check_credentials(self, caller: Caller, credentials: JsonObject) -> None:
        kind: str = credentials["CredentialProviderType"]
        if kind not in _CREDENTIALS:
            return
        member, type_name = _CREDENTIALS[kind]
        provider = credentials.get("CredentialProvider", {}).get(member)
        if provider is None:
            raise validation_error(f"{member[0].lower()}{member[1:]} is required for {kind}")
        if provider["ProviderArn"] not in self.store.table(caller, type_name):
            raise validation_error(
                f"The credential provider '{provider['ProviderArn']}' does not exist"
            )
