"""AWS::BedrockAgentCore::Runtime as the service runs it.

A runtime starts at version 1 with an endpoint DEFAULT. Each change of its configuration makes the
next version and moves DEFAULT; named endpoints stay on theirs. Deleting it deletes its endpoints,
as the type's delete handler, which needs DeleteAgentRuntimeEndpoint, does.
Sources: the AgentCore developer guide's "How it works"; botocore's bedrock-agentcore-control.

UpdateAgentRuntime takes no tags (botocore's model), so a change of tags alone makes no version.
That an update that changes nothing makes none either is an assumption.
"""

import copy

from emulator.aws.agentcore.identifiers import arn, now, suffixed
from emulator.aws.agentcore.role_validation import validate_role
from emulator.aws.agentcore.runtime_validation import validate_runtime
from emulator.aws.agentcore.store import (
    ENDPOINT,
    RUNTIME,
    RUNTIME_VERSIONS,
    JsonObject,
    Store,
    Table,
)
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, Work, not_found
from emulator.aws.faults import Faults

DEFAULT_ENDPOINT = "DEFAULT"

# What the service answers where the caller said nothing. Source of the times: developer guide,
# "Lifecycle settings". That PUBLIC is answered for a runtime without a network is an assumption.
_DEFAULT_LIFECYCLE = {"IdleRuntimeSessionTimeout": 900, "MaxLifetime": 28800}
_DEFAULT_NETWORK = {"NetworkMode": "PUBLIC"}

_BUSY = ("CREATING", "UPDATING", "DELETING")


class RuntimeHandler:
    """Creates, reads, updates, deletes and lists runtimes."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    def create(self, caller: Caller, desired: JsonObject) -> Work:
        """Make version 1 and the endpoint DEFAULT."""
        name = desired["AgentRuntimeName"]
        identifier = suffixed(name)
        runtime_arn = arn(caller, f"runtime/{identifier}")
        self._validate(caller, runtime_arn, desired, "CreateAgentRuntime")
        runtimes = self._runtimes(caller)
        with self._store.lock:
            if any(other["AgentRuntimeName"] == name for other in runtimes.values()):
                raise HandlerError(
                    "AlreadyExists",
                    f"An agent with the name '{name}' already exists in this account.",
                )
            time = now()
            runtime: JsonObject = {
                **_with_defaults(desired),
                "AgentRuntimeArn": runtime_arn,
                "AgentRuntimeId": identifier,
                "AgentRuntimeVersion": "1",
                "Status": "CREATING",
                "CreatedAt": time,
                "LastUpdatedAt": time,
                "WorkloadIdentityDetails": {
                    "WorkloadIdentityArn": arn(
                        caller,
                        f"workload-identity-directory/default/workload-identity/{identifier}",
                    )
                },
            }
            runtimes[identifier] = runtime
            self._keep_version(caller, runtime)
            self._put_default_endpoint(caller, runtime)
        yield identifier
        self._settle(caller, identifier)

    def read(self, caller: Caller, identifier: str) -> JsonObject:
        """Return the runtime at its current version."""
        with self._store.lock:
            return copy.deepcopy(self._runtime(caller, identifier))

    def update(self, caller: Caller, identifier: str, desired: JsonObject) -> Work:
        """Make the next version, when more than the tags changes, and move DEFAULT to it."""
        with self._store.lock:
            runtime = self._runtime(caller, identifier)
            self._refuse_busy(runtime)
            wanted = _with_defaults(desired)
            changed = {
                key
                for key in {*wanted, *runtime}
                if key not in _GENERATED and wanted.get(key) != runtime.get(key)
            }
            makes_version = bool(changed - {"Tags"})
            if not makes_version:
                runtime.pop("Tags", None)
                runtime.update({"Tags": wanted["Tags"]} if "Tags" in wanted else {})
        if not makes_version:
            yield identifier
            return
        self._validate(caller, runtime["AgentRuntimeArn"], desired, "UpdateAgentRuntime")
        with self._store.lock:
            generated = {key: runtime[key] for key in _GENERATED if key in runtime}
            runtime.clear()
            runtime.update(wanted, **generated)
            runtime["AgentRuntimeVersion"] = str(int(generated["AgentRuntimeVersion"]) + 1)
            runtime["Status"] = "UPDATING"
            runtime["LastUpdatedAt"] = now()
            self._keep_version(caller, runtime)
            self._put_default_endpoint(caller, runtime)
        yield identifier
        self._settle(caller, identifier)

    def delete(self, caller: Caller, identifier: str) -> Work:
        """Remove the runtime with its versions and endpoints."""
        with self._store.lock:
            runtime = self._runtime(caller, identifier)
            self._refuse_busy(runtime)
            runtime["Status"] = "DELETING"
        yield identifier
        with self._store.lock:
            self._runtimes(caller).pop(identifier, None)
            versions = self._store.table(caller, RUNTIME_VERSIONS)
            for key in [key for key in versions if key.startswith(f"{identifier}:")]:
                del versions[key]
            endpoints = self._store.table(caller, ENDPOINT)
            for key in [k for k, e in endpoints.items() if e["AgentRuntimeId"] == identifier]:
                del endpoints[key]

    def list(self, caller: Caller, model: JsonObject) -> list[tuple[str, JsonObject]]:
        """Return all runtimes; the list handler takes no filter."""
        del model
        with self._store.lock:
            return list(copy.deepcopy(self._runtimes(caller)).items())

    def _validate(
        self, caller: Caller, runtime_arn: str, desired: JsonObject, operation: str
    ) -> None:
        validate_runtime(caller, desired, operation)
        validate_role(
            caller,
            desired["RoleArn"],
            runtime_arn,
            desired["AgentRuntimeArtifact"],
            min_age=self._faults.role_delay(caller.account),
        )

    def _settle(self, caller: Caller, identifier: str) -> None:
        """End in READY, the runtime and its DEFAULT."""
        with self._store.lock:
            runtime = self._runtime(caller, identifier)
            runtime["Status"] = "READY"
            endpoint = self._store.table(caller, ENDPOINT)[default_endpoint_arn(runtime)]
            endpoint["Status"] = "READY"
            endpoint["LiveVersion"] = endpoint["TargetVersion"]

    def _put_default_endpoint(self, caller: Caller, runtime: JsonObject) -> None:
        endpoints = self._store.table(caller, ENDPOINT)
        endpoint_arn = default_endpoint_arn(runtime)
        version = runtime["AgentRuntimeVersion"]
        endpoint = endpoints.setdefault(
            endpoint_arn,
            {
                "Id": DEFAULT_ENDPOINT,
                "Name": DEFAULT_ENDPOINT,
                "AgentRuntimeId": runtime["AgentRuntimeId"],
                "AgentRuntimeArn": runtime["AgentRuntimeArn"],
                "AgentRuntimeEndpointArn": endpoint_arn,
                "CreatedAt": runtime["CreatedAt"],
            },
        )
        endpoint.update(
            AgentRuntimeVersion=version,
            TargetVersion=version,
            LastUpdatedAt=runtime["LastUpdatedAt"],
            Status=runtime["Status"],
        )

    def _keep_version(self, caller: Caller, runtime: JsonObject) -> None:
        key = f"{runtime['AgentRuntimeId']}:{runtime['AgentRuntimeVersion']}"
        version = {**copy.deepcopy(runtime), "Status": "READY"}
        self._store.table(caller, RUNTIME_VERSIONS)[key] = version

    def _refuse_busy(self, runtime: JsonObject) -> None:
        if runtime["Status"] in _BUSY:
            raise HandlerError(
                "ResourceConflict",
                f"Agent {runtime['AgentRuntimeId']} is in status {runtime['Status']}; wait until "
                "it has ended.",
            )

    def _runtime(self, caller: Caller, identifier: str) -> JsonObject:
        runtime = self._runtimes(caller).get(identifier)
        if runtime is None:
            raise not_found(RUNTIME, identifier)
        return runtime

    def _runtimes(self, caller: Caller) -> Table:
        return self._store.table(caller, RUNTIME)


_GENERATED = frozenset(
    {
        "AgentRuntimeArn",
        "AgentRuntimeId",
        "AgentRuntimeVersion",
        "Status",
        "CreatedAt",
        "LastUpdatedAt",
        "WorkloadIdentityDetails",
        "FailureReason",
    }
)


def default_endpoint_arn(runtime: JsonObject) -> str:
    """Return the ARN of the runtime's endpoint DEFAULT."""
    return f"{runtime['AgentRuntimeArn']}/runtime-endpoint/{DEFAULT_ENDPOINT}"


def _with_defaults(desired: JsonObject) -> JsonObject:
    properties = copy.deepcopy(desired)
    given = properties.get("LifecycleConfiguration", {})
    lifecycle = {**_DEFAULT_LIFECYCLE, **given}
    if "MaxLifetime" in given and "IdleRuntimeSessionTimeout" not in given:
        # "If only maxLifetime is given and it is at most 900, it is used for both."
        lifecycle["IdleRuntimeSessionTimeout"] = min(900, lifecycle["MaxLifetime"])
    properties["LifecycleConfiguration"] = lifecycle
    if "CapacityProviderConfiguration" not in properties:
        properties.setdefault("NetworkConfiguration", dict(_DEFAULT_NETWORK))
    return properties
