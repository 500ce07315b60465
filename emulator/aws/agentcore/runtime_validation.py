"""The service's checks of a runtime's own configuration, beyond its schema."""

from emulator.aws.agentcore.availability_zones import SUPPORTED_ZONE_IDS
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.api_model import violations
from emulator.aws.caller import Caller
from emulator.aws.moto_services import state

# Developer guide, "How it works": all names and values together, on platform version V1.
_ENVIRONMENT_BYTES = 4096


def validate_runtime(caller: Caller, desired: JsonObject, operation: str) -> None:
    """Raise the service's ValidationException for the first thing that is wrong.

    `operation` is the API operation whose constraints hold: Create- or UpdateAgentRuntime.
    """
    broken = violations("bedrock-agentcore-control", operation, desired)
    if broken:
        raise validation_error("; ".join(broken))
    _validate_artifact(desired)
    _validate_environment(desired)
    _validate_lifecycle(desired)
    _validate_network(caller, desired)


def _validate_artifact(desired: JsonObject) -> None:
    if len(desired["AgentRuntimeArtifact"]) != 1:
        raise validation_error(
            "agentRuntimeArtifact must have exactly one of containerConfiguration and "
            "codeConfiguration"
        )


def _validate_environment(desired: JsonObject) -> None:
    variables: dict[str, str] = desired.get("EnvironmentVariables", {})
    size = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    if size > _ENVIRONMENT_BYTES and desired.get("PlatformVersion", "V1") == "V1":
        raise validation_error(
            f"The environment variables have {size} bytes in total, allowed: {_ENVIRONMENT_BYTES}"
        )


def _validate_lifecycle(desired: JsonObject) -> None:
    lifecycle: dict[str, int] = desired.get("LifecycleConfiguration", {})
    idle = lifecycle.get("IdleRuntimeSessionTimeout", 0)
    longest = lifecycle.get("MaxLifetime", 28800)
    if idle > longest:
        raise validation_error(
            f"idleRuntimeSessionTimeout ({idle}) must be less than or equal to maxLifetime "
            f"({longest})"
        )
    ceiling = 28800  # "Lifecycle settings": microVMs; the schema's 14 days are for Instances
    if max(idle, longest) > ceiling and "CapacityProviderConfiguration" not in desired:
        raise validation_error(
            f"maxLifetime ({longest}) must be at most {ceiling} without a capacity provider"
        )


def _validate_network(caller: Caller, desired: JsonObject) -> None:
    network: JsonObject = desired.get("NetworkConfiguration", {})
    config: JsonObject | None = network.get("NetworkModeConfig")
    if network.get("NetworkMode") != "VPC":
        if config is not None:
            raise validation_error("NetworkModeConfig is only allowed for VPC mode")
        return
    if config is None:
        raise validation_error("NetworkModeConfig is required for VPC mode")
    vpcs = {_subnet_vpc(caller, identifier) for identifier in config["Subnets"]}
    if len(vpcs) > 1:
        raise validation_error(f"The subnets must be in one VPC, found: {', '.join(sorted(vpcs))}")
    for identifier in config["SecurityGroups"]:
        vpc = state.security_group_vpc(caller, identifier)
        if vpc is None:
            raise validation_error(f"The security group '{identifier}' does not exist")
        if vpc not in vpcs:
            raise validation_error(
                f"The security group '{identifier}' is in {vpc}, the subnets are in "
                f"{', '.join(vpcs)}"
            )


def _subnet_vpc(caller: Caller, identifier: str) -> str:
    subnet = state.subnet(caller, identifier)
    if subnet is None:
        raise validation_error(f"The subnet ID '{identifier}' does not exist")
    supported = SUPPORTED_ZONE_IDS.get(caller.region)
    if supported is not None and subnet.zone_id not in supported:
        raise validation_error(
            f"The subnet '{identifier}' is in the unsupported availability zone {subnet.zone_id}. "
            f"Supported availability zones: [{', '.join(supported)}]"
        )
    return subnet.vpc
