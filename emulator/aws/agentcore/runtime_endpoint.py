"""AWS::BedrockAgentCore::RuntimeEndpoint as the service runs it.

An endpoint serves one version of a runtime: the one it names, or the runtime's current one at
its creation. It stays there until it is updated. DEFAULT belongs to the service.
Source: the AgentCore developer guide's "How it works" and botocore's model. That DEFAULT cannot
be created, updated or deleted by the caller is an assumption.
"""

from emulator.aws.agentcore.network_interfaces import follow_runtimes
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.runtime import DEFAULT_ENDPOINT
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import RUNTIME, RUNTIME_VERSIONS, JsonObject
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, not_found


class RuntimeEndpointHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists the endpoints of runtimes."""

    api_name = "AgentRuntimeEndpoint"

    def complete(self, caller: Caller, desired: JsonObject, current: JsonObject) -> JsonObject:
        """Point at a version: the one given, or the endpoint's, or the runtime's current one."""
        runtime = self._ready_runtime(caller, desired["AgentRuntimeId"])
        known = {**runtime, **current}["AgentRuntimeVersion"]
        desired.setdefault("AgentRuntimeVersion", known)
        return desired

    def generate(self, caller: Caller, desired: JsonObject) -> JsonObject:
        """Add the ARN below the runtime's."""
        runtime = self._ready_runtime(caller, desired["AgentRuntimeId"])
        runtime_arn: str = runtime["AgentRuntimeArn"]
        made = {
            **super().generate(caller, desired),
            "Id": desired["Name"],
            "AgentRuntimeArn": runtime_arn,
            "AgentRuntimeEndpointArn": f"{runtime_arn}/runtime-endpoint/{desired['Name']}",
            "TargetVersion": desired["AgentRuntimeVersion"],
        }
        del made["LiveVersion"]  # nothing is served before the endpoint is ready
        return made

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check that the version exists, and that the endpoint is the caller's."""
        if current:
            self.check_removal(caller, current)
        runtime, version = resource["AgentRuntimeId"], resource["AgentRuntimeVersion"]
        if f"{runtime}:{version}" not in self.store.table(caller, RUNTIME_VERSIONS):
            raise service_error("NotFound", f"Version {version} of agent {runtime} was not found")

    def changed(self, caller: Caller, resource: JsonObject) -> None:
        """Aim at the version."""
        del caller
        resource["TargetVersion"] = resource["AgentRuntimeVersion"]

    def moved(self, caller: Caller, resource: JsonObject) -> None:
        """Serve the version once the endpoint is ready."""
        if resource["Status"] == "READY":
            resource["LiveVersion"] = resource["TargetVersion"]
        follow_runtimes(self.store, self.faults, caller)

    def removed(self, caller: Caller, resource: JsonObject) -> None:
        """Let go of the network interfaces that its version needed."""
        del resource
        follow_runtimes(self.store, self.faults, caller)

    def check_removal(self, caller: Caller, resource: JsonObject) -> None:
        """Refuse to change or delete DEFAULT."""
        del caller
        if resource["Name"] == DEFAULT_ENDPOINT:
            raise validation_error(
                "The endpoint DEFAULT is managed by the service: it follows the runtime's "
                "current version and is deleted with the runtime."
            )

    def _ready_runtime(self, caller: Caller, identifier: str) -> JsonObject:
        runtime = self.store.table(caller, RUNTIME).get(identifier)
        if runtime is None:
            raise not_found(RUNTIME, identifier)
        if runtime["Status"] != "READY":
            raise HandlerError(
                "ResourceConflict",
                f"Agent {identifier} is in status {runtime['Status']}; wait until it is READY.",
            )
        return runtime
