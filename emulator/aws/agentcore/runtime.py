"""AWS::BedrockAgentCore::Runtime as the service runs it.

A runtime starts at version 1 with an endpoint DEFAULT and a workload identity of its own. Each
change of its configuration makes the next version and moves DEFAULT; named endpoints stay on
theirs. Deleting it deletes its endpoints, as the type's delete handler, which needs
DeleteAgentRuntimeEndpoint, does, and its workload identity. In VPC mode it has network interfaces.
Sources: the AgentCore developer guide's "How it works"; botocore's bedrock-agentcore-control.

UpdateAgentRuntime takes no tags (botocore's model), so a change of tags alone makes no version.
That an update that changes nothing makes none either is an assumption.
"""

import copy

from emulator.aws.agentcore import limits
from emulator.aws.agentcore.identifiers import arn, suffixed
from emulator.aws.agentcore.image_validation import validate_image
from emulator.aws.agentcore.network_interfaces import follow_runtimes
from emulator.aws.agentcore.resource_handler import ResourceHandler, remove_policy
from emulator.aws.agentcore.runtime_validation import instance_lifetime, validate_runtime
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import (
    CAPACITY_PROVIDER,
    ENDPOINT,
    RUNTIME_VERSIONS,
    JsonObject,
    Store,
)
from emulator.aws.agentcore.workload_identity import (
    identity_details,
    link_identity,
    unlink_identity,
)
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError

DEFAULT_ENDPOINT = "DEFAULT"

# What the service answers where the caller said nothing. Source of the times: developer guide,
# "Lifecycle settings". That PUBLIC is answered for a runtime without a network is an assumption,
# and so is that the default lifetime ends with that of a capacity provider's instances.
_IDLE_SECONDS = 900
_LIFETIME_SECONDS = 28_800
_DEFAULT_NETWORK = {"NetworkMode": "PUBLIC"}

_ARCHITECTURES = {"LINUX_ARM64": "arm64", "LINUX_X86_64": "amd64"}


class RuntimeHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists runtimes."""

    api_name = "AgentRuntime"

    def complete(self, caller: Caller, desired: JsonObject, current: JsonObject) -> JsonObject:
        """Add the defaults; a platform version that is not given stays."""
        provider = self._provider(caller, desired)
        lifetime = _LIFETIME_SECONDS
        if provider is not None:
            lifetime = min(lifetime, instance_lifetime(provider))
        given: JsonObject = desired.get("LifecycleConfiguration", {})
        lifecycle = {"MaxLifetime": lifetime, **given}
        # "If only maxLifetime is given and it is at most 900, it is used for both."
        lifecycle.setdefault(
            "IdleRuntimeSessionTimeout", min(_IDLE_SECONDS, lifecycle["MaxLifetime"])
        )
        desired["LifecycleConfiguration"] = lifecycle
        if provider is None:
            desired.setdefault("NetworkConfiguration", dict(_DEFAULT_NETWORK))
        if "PlatformVersion" in current:
            desired.setdefault("PlatformVersion", current["PlatformVersion"])
        return desired

    def generate(self, caller: Caller, desired: JsonObject) -> JsonObject:
        """Add id, ARN, version 1 and the workload identity."""
        identifier = suffixed(desired["AgentRuntimeName"])
        return {
            **super().generate(caller, desired),
            "AgentRuntimeId": identifier,
            "AgentRuntimeArn": arn(caller, f"runtime/{identifier}"),
            "AgentRuntimeVersion": "1",
            "WorkloadIdentityDetails": identity_details(caller, identifier),
        }

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check the configuration, the role and the image."""
        del current
        provider = self._provider(caller, resource)
        validate_runtime(caller, resource, provider)
        role = self.assumed(caller, resource["RoleArn"], resource)
        architecture = _architecture(provider)
        validate_image(caller, role, resource["AgentRuntimeArtifact"], architecture)

    def added(self, caller: Caller, resource: JsonObject) -> None:
        """Make the workload identity and the endpoint DEFAULT."""
        link_identity(self.store, caller, resource["AgentRuntimeId"])
        endpoint_arn = default_endpoint_arn(resource)
        self.store.table(caller, ENDPOINT)[endpoint_arn] = {
            "Id": DEFAULT_ENDPOINT,
            "Name": DEFAULT_ENDPOINT,
            "AgentRuntimeId": resource["AgentRuntimeId"],
            "AgentRuntimeArn": resource["AgentRuntimeArn"],
            "AgentRuntimeEndpointArn": endpoint_arn,
            "CreatedAt": resource["CreatedAt"],
        }

    def changed(self, caller: Caller, resource: JsonObject) -> None:
        """Count the next version. Raises HandlerError ServiceLimitExceeded."""
        if len(versions_of(self.store, caller, resource)) >= limits.VERSIONS_OF_A_RUNTIME:
            raise HandlerError(
                "ServiceLimitExceeded",
                f"Agent {resource['AgentRuntimeId']} has {limits.VERSIONS_OF_A_RUNTIME} versions, "
                "the most allowed.",
            )
        resource["AgentRuntimeVersion"] = str(int(resource["AgentRuntimeVersion"]) + 1)

    def moved(self, caller: Caller, resource: JsonObject) -> None:
        """Keep the version as it is, and let DEFAULT follow."""
        version = resource["AgentRuntimeVersion"]
        key = f"{resource['AgentRuntimeId']}:{version}"
        self.store.table(caller, RUNTIME_VERSIONS)[key] = copy.deepcopy(resource)
        endpoint = self.store.table(caller, ENDPOINT)[default_endpoint_arn(resource)]
        endpoint.update(
            AgentRuntimeVersion=version,
            TargetVersion=version,
            LastUpdatedAt=resource["LastUpdatedAt"],
            Status=resource["Status"],
        )
        if resource["Status"] == "READY":
            endpoint["LiveVersion"] = version
        follow_runtimes(self.store, self.faults, caller)

    def removed(self, caller: Caller, resource: JsonObject) -> None:
        """Remove the versions, the endpoints and the workload identity."""
        identifier = resource["AgentRuntimeId"]
        versions = self.store.table(caller, RUNTIME_VERSIONS)
        for version in versions_of(self.store, caller, resource):
            del versions[f"{identifier}:{version['AgentRuntimeVersion']}"]
        endpoints = self.store.table(caller, ENDPOINT)
        for key in [key for key, e in endpoints.items() if e["AgentRuntimeId"] == identifier]:
            del endpoints[key]
            remove_policy(self.store, caller, key)
        unlink_identity(self.store, caller, identifier)
        follow_runtimes(self.store, self.faults, caller)

    def _provider(self, caller: Caller, runtime: JsonObject) -> JsonObject | None:
        """Return the capacity provider that the runtime names, if it names one."""
        if "CapacityProviderConfiguration" not in runtime:
            return None
        wanted: str = runtime["CapacityProviderConfiguration"]["CapacityProviderArn"]
        provider = self.store.table(caller, CAPACITY_PROVIDER).get(wanted)
        if provider is None:
            raise validation_error(f"The capacity provider '{wanted}' does not exist")
        if provider["Status"] != "READY":
            raise service_error(
                "ResourceConflict", f"The capacity provider is in status {provider['Status']}"
            )
        return provider


def default_endpoint_arn(runtime: JsonObject) -> str:
    """Return the ARN of the runtime's endpoint DEFAULT."""
    return f"{runtime['AgentRuntimeArn']}/runtime-endpoint/{DEFAULT_ENDPOINT}"


def versions_of(store: Store, caller: Caller, runtime: JsonObject) -> list[JsonObject]:
    """Return what the runtime was at each version, oldest first."""
    prefix = f"{runtime['AgentRuntimeId']}:"
    versions = store.table(caller, RUNTIME_VERSIONS)
    return [version for key, version in versions.items() if key.startswith(prefix)]


def _architecture(provider: JsonObject | None) -> str:
    """Return what images are built for: microVMs are arm64, instances as their system is."""
    if provider is None:
        return "arm64"
    source = provider["ComputeConfiguration"]["Ec2Configuration"]["LaunchTemplateSource"]
    return _ARCHITECTURES[source["LaunchParameters"]["OperatingSystem"]]
