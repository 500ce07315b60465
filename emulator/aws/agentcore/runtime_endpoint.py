"""AWS::BedrockAgentCore::RuntimeEndpoint as the service runs it.

An endpoint serves one version of a runtime: the one it names, or the runtime's current one at
its creation. It stays there until it is updated. DEFAULT belongs to the service.
Source: the AgentCore developer guide's "How it works" and botocore's model. That DEFAULT cannot
be created, updated or deleted by the caller is an assumption.
"""

import copy

from emulator.aws.agentcore.identifiers import now
from emulator.aws.agentcore.runtime import DEFAULT_ENDPOINT
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

_LIMIT = 10  # "Endpoints per agent", service quotas, adjustable


class RuntimeEndpointHandler:
    """Creates, reads, updates, deletes and lists the endpoints of runtimes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, caller: Caller, desired: JsonObject) -> Work:
        """Point a new endpoint at a version."""
        with self._store.lock:
            runtime = self._ready_runtime(caller, desired["AgentRuntimeId"])
            name = desired["Name"]
            endpoint_arn = f"{runtime['AgentRuntimeArn']}/runtime-endpoint/{name}"
            endpoints = self._endpoints(caller)
            if endpoint_arn in endpoints:
                raise HandlerError(
                    "AlreadyExists", f"An endpoint with the name '{name}' already exists."
                )
            siblings = [
                endpoint
                for endpoint in endpoints.values()
                if endpoint["AgentRuntimeId"] == runtime["AgentRuntimeId"]
            ]
            if len(siblings) >= _LIMIT:
                raise HandlerError(
                    "ServiceLimitExceeded",
                    f"Agent {runtime['AgentRuntimeId']} has {_LIMIT} endpoints, the most allowed.",
                )
            version = self._version(caller, runtime, desired)
            time = now()
            endpoint: JsonObject = {
                **copy.deepcopy(desired),
                "Id": name,
                "AgentRuntimeArn": runtime["AgentRuntimeArn"],
                "AgentRuntimeEndpointArn": endpoint_arn,
                "AgentRuntimeVersion": version,
                "TargetVersion": version,
                "Status": "CREATING",
                "CreatedAt": time,
                "LastUpdatedAt": time,
            }
            endpoints[endpoint_arn] = endpoint
        yield endpoint_arn
        self._settle(endpoint)

    def read(self, caller: Caller, identifier: str) -> JsonObject:
        """Return the endpoint with this ARN."""
        with self._store.lock:
            return copy.deepcopy(self._endpoint(caller, identifier))

    def update(self, caller: Caller, identifier: str, desired: JsonObject) -> Work:
        """Move the endpoint to another version, or change its description or tags."""
        with self._store.lock:
            endpoint = self._endpoint(caller, identifier)
            self._refuse_default(endpoint)
            runtime = self._ready_runtime(caller, endpoint["AgentRuntimeId"])
            version = self._version(caller, runtime, {**endpoint, **desired})
            for key in ("Description", "Tags"):
                endpoint.pop(key, None)
            endpoint.update(copy.deepcopy(desired))
            endpoint.update(
                AgentRuntimeVersion=version,
                TargetVersion=version,
                Status="UPDATING",
                LastUpdatedAt=now(),
            )
        yield identifier
        self._settle(endpoint)

    def delete(self, caller: Caller, identifier: str) -> Work:
        """Remove the endpoint."""
        with self._store.lock:
            endpoint = self._endpoint(caller, identifier)
            self._refuse_default(endpoint)
            endpoint["Status"] = "DELETING"
        yield identifier
        with self._store.lock:
            self._endpoints(caller).pop(identifier, None)

    def list(self, caller: Caller, model: JsonObject) -> list[tuple[str, JsonObject]]:
        """Return the endpoints of the runtime that the model names, or of all."""
        runtime = model.get("AgentRuntimeId")
        with self._store.lock:
            return [
                (identifier, copy.deepcopy(endpoint))
                for identifier, endpoint in self._endpoints(caller).items()
                if runtime in (None, endpoint["AgentRuntimeId"])
            ]

    def _endpoint(self, caller: Caller, identifier: str) -> JsonObject:
        endpoint = self._endpoints(caller).get(identifier)
        if endpoint is None:
            raise not_found(ENDPOINT, identifier)
        return endpoint

    def _settle(self, endpoint: JsonObject) -> None:
        with self._store.lock:
            endpoint["Status"] = "READY"
            endpoint["LiveVersion"] = endpoint["TargetVersion"]

    def _ready_runtime(self, caller: Caller, identifier: str) -> JsonObject:
        runtime = self._store.table(caller, RUNTIME).get(identifier)
        if runtime is None:
            raise not_found(RUNTIME, identifier)
        if runtime["Status"] != "READY":
            raise HandlerError(
                "ResourceConflict",
                f"Agent {identifier} is in status {runtime['Status']}; wait until it is READY.",
            )
        return runtime

    def _version(self, caller: Caller, runtime: JsonObject, desired: JsonObject) -> str:
        current: str = runtime["AgentRuntimeVersion"]
        version: str = desired.get("AgentRuntimeVersion", current)
        key = f"{runtime['AgentRuntimeId']}:{version}"
        if key not in self._store.table(caller, RUNTIME_VERSIONS):
            raise HandlerError(
                "NotFound",
                f"Version {version} of agent {runtime['AgentRuntimeId']} was not found; its "
                f"current version is {current}.",
            )
        return version

    def _refuse_default(self, endpoint: JsonObject) -> None:
        if endpoint["Name"] == DEFAULT_ENDPOINT:
            raise HandlerError(
                "InvalidRequest",
                "The endpoint DEFAULT is managed by the service: it follows the runtime's "
                "current version and is deleted with the runtime.",
            )

    def _endpoints(self, caller: Caller) -> Table:
        return self._store.table(caller, ENDPOINT)
