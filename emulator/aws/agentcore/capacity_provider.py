"""AWS::BedrockAgentCore::CapacityProvider as the service runs it.

It is offered in nine regions, which is what the schemas say too. Source of the rules: botocore's
CreateCapacityProvider and DeleteCapacityProvider. In which availability zones instances may run
is not documented and not checked.
"""

from emulator.aws.agentcore.encryption_key import validate_key
from emulator.aws.agentcore.network_validation import validate_network
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.runtime_validation import instance_lifetime
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import RUNTIME_VERSIONS, JsonObject, Store
from emulator.aws.caller import Caller

_IDLE_SECONDS = 900  # the default of idleInstanceTimeout, botocore


class CapacityProviderHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists capacity providers."""

    api_name = "CapacityProvider"

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check the operator role, the network, the keys and the times of a new provider."""
        if current:
            return  # only description and tags can change
        permissions: JsonObject = resource["PermissionsConfiguration"]
        self.assumed(caller, permissions["CapacityProviderOperatorRoleArn"], resource)
        ec2: JsonObject = resource["ComputeConfiguration"]["Ec2Configuration"]
        validate_network(caller, ec2["VpcConfiguration"], any_zone=True)
        volumes = [volume["EbsConfiguration"] for volume in ec2.get("Volumes", [])]
        for volume in (*volumes, ec2.get("RootVolume", {})):
            validate_key(caller, volume.get("KmsKeyId"))
        _validate_lifecycle(resource, ec2.get("LifecycleConfiguration", {}))

    def check_removal(self, caller: Caller, resource: JsonObject) -> None:
        """Refuse while a version of a runtime refers to the provider."""
        users = versions_on(self.store, caller, resource["Arn"])
        if users:
            named = ", ".join(
                f"{user['AgentRuntimeId']} version {user['AgentRuntimeVersion']}" for user in users
            )
            raise service_error(
                "ResourceConflict",
                f"Capacity provider {resource['CapacityProviderId']} is referenced by {named}",
            )


def versions_on(store: Store, caller: Caller, provider_arn: str) -> list[JsonObject]:
    """Return the versions of runtimes that refer to the capacity provider."""
    return [
        version
        for version in store.table(caller, RUNTIME_VERSIONS).values()
        if version.get("CapacityProviderConfiguration", {}).get("CapacityProviderArn")
        == provider_arn
    ]


def _validate_lifecycle(provider: JsonObject, lifecycle: dict[str, int]) -> None:
    longest = instance_lifetime(provider)
    idle = lifecycle.get("IdleInstanceTimeout", min(_IDLE_SECONDS, longest))
    if idle > longest:
        raise validation_error(
            f"idleInstanceTimeout ({idle}) must be less than or equal to maxLifetime ({longest})"
        )
