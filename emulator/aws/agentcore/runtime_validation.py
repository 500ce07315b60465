"""The service's checks of a runtime's own configuration, beyond its schema and the API's model.

Sources, unless one is named: the AgentCore developer guide's "How it works", "Lifecycle settings"
and "File systems". That the network is left out and the lifetime bounded with a capacity provider
is quoted from AWS by third parties only.
"""

from emulator.aws.agentcore import limits
from emulator.aws.agentcore.network_validation import validate_network, validate_room
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.caller import Caller

_PLATFORMS = ("V1", "V2")
# File systems of a session in a microVM; the API's names are quoted in the messages.
_MICROVM_FILESYSTEMS = {
    "SessionStorage": "sessionStorage",
    "EfsAccessPoint": "efsAccessPoint",
    "S3FilesAccessPoint": "s3FilesAccessPoint",
}
_NETWORK_FILESYSTEMS = ("EfsAccessPoint", "S3FilesAccessPoint")


def validate_runtime(caller: Caller, runtime: JsonObject, provider: JsonObject | None) -> None:
    """Raise the service's ValidationException for the first thing that is wrong.

    `provider` is the capacity provider that the runtime names; without one it runs on microVMs.
    """
    _validate_artifact(runtime)
    _validate_platform(caller, runtime)
    _validate_environment(runtime)
    _validate_lifecycle(runtime, provider)
    _validate_filesystems(runtime, provider)
    if provider is None:
        _validate_network(caller, runtime["NetworkConfiguration"])
    elif "NetworkConfiguration" in runtime:
        raise validation_error(
            "networkConfiguration must be omitted when capacityProviderConfiguration is specified: "
            "the capacity provider's VPC configuration is used"
        )


def _validate_artifact(runtime: JsonObject) -> None:
    if len(runtime["AgentRuntimeArtifact"]) != 1:
        raise validation_error(
            "agentRuntimeArtifact must have exactly one of containerConfiguration and "
            "codeConfiguration"
        )


def _validate_platform(caller: Caller, runtime: JsonObject) -> None:
    platform = runtime.get("PlatformVersion", "V1")
    if platform not in _PLATFORMS:
        raise validation_error(f"platformVersion is {platform}, allowed: {', '.join(_PLATFORMS)}")
    if platform == "V2" and caller.region not in limits.PLATFORM_V2_REGIONS:
        raise validation_error(
            f"platformVersion V2 is not available in {caller.region}. Available in: "
            f"{', '.join(limits.PLATFORM_V2_REGIONS)}"
        )


def _validate_environment(runtime: JsonObject) -> None:
    variables: dict[str, str] = runtime.get("EnvironmentVariables", {})
    size = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    allowed = limits.ENVIRONMENT_BYTES_V1
    if runtime.get("PlatformVersion") == "V2":
        code = "CodeConfiguration" in runtime["AgentRuntimeArtifact"]
        allowed = (
            limits.ENVIRONMENT_BYTES_V2_CODE if code else limits.ENVIRONMENT_BYTES_V2_CONTAINER
        )
    if size > allowed:
        raise validation_error(
            f"The environment variables have {size} bytes in total, allowed: {allowed}"
        )


def _validate_lifecycle(runtime: JsonObject, provider: JsonObject | None) -> None:
    lifecycle: dict[str, int] = runtime["LifecycleConfiguration"]
    idle, longest = lifecycle["IdleRuntimeSessionTimeout"], lifecycle["MaxLifetime"]
    if idle > longest:
        raise validation_error(
            f"idleRuntimeSessionTimeout ({idle}) must be less than or equal to maxLifetime "
            f"({longest})"
        )
    if provider is None and longest > limits.MICROVM_LIFETIME_SECONDS:
        raise validation_error(
            f"maxLifetime ({longest}) must be at most {limits.MICROVM_LIFETIME_SECONDS} without a "
            "capacity provider"
        )
    if provider is not None and longest > instance_lifetime(provider):
        raise validation_error(
            f"maxLifetime ({longest}) must be less than or equal to the maxLifetime "
            f"({instance_lifetime(provider)}) of the capacity provider"
        )


def instance_lifetime(provider: JsonObject) -> int:
    """Return how long, in seconds, an instance of the capacity provider may live.

    Source of the default: botocore's InstanceLifecycleConfiguration.
    """
    ec2: JsonObject = provider["ComputeConfiguration"]["Ec2Configuration"]
    return int(ec2.get("LifecycleConfiguration", {}).get("MaxLifetime", 28_800))


def _validate_filesystems(runtime: JsonObject, provider: JsonObject | None) -> None:
    mounts: list[JsonObject] = runtime.get("FilesystemConfigurations", [])
    for mount in mounts:
        if len(mount) != 1:
            raise validation_error("A file system configuration must have exactly one member")
        kind = next(iter(mount))
        if provider is not None and kind in _MICROVM_FILESYSTEMS:
            raise validation_error(
                f"{_MICROVM_FILESYSTEMS[kind]} is not supported with a capacity provider"
            )
        if kind == "CapacityProviderVolume":
            _validate_volume(mount[kind]["VolumeName"], provider)
        in_vpc = runtime.get("NetworkConfiguration", {}).get("NetworkMode") == "VPC"
        if kind in _NETWORK_FILESYSTEMS and not in_vpc:
            raise validation_error(f"{_MICROVM_FILESYSTEMS[kind]} requires VPC mode")


def _validate_volume(name: str, provider: JsonObject | None) -> None:
    if provider is None:
        raise validation_error("capacityProviderVolume requires a capacity provider")
    volumes = provider["ComputeConfiguration"]["Ec2Configuration"].get("Volumes", [])
    names = [volume["EbsConfiguration"]["Name"] for volume in volumes]
    if name not in names:
        raise validation_error(
            f"The volume '{name}' is not among the capacity provider's: [{', '.join(names)}]"
        )


def _validate_network(caller: Caller, network: JsonObject) -> None:
    config: JsonObject | None = network.get("NetworkModeConfig")
    if network.get("NetworkMode") != "VPC":
        if config is not None:
            raise validation_error("NetworkModeConfig is only allowed for VPC mode")
        return
    if config is None:
        raise validation_error("NetworkModeConfig is required for VPC mode")
    validate_network(caller, config)
    validate_room(caller, config)
