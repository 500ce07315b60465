"""The reads of `bedrock-agentcore-control`, answered from the store that Cloud Control writes.

Changes go through Cloud Control: the two APIs would otherwise need every check twice. Requests
are matched and answers written by botocore's model of the service.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from emulator.aws.agentcore.runtime import default_endpoint_arn
from emulator.aws.agentcore.store import (
    ENDPOINT,
    RUNTIME,
    RUNTIME_VERSIONS,
    JsonObject,
    Store,
)
from emulator.aws.api_model import api_members, operation_model, service_model
from emulator.aws.caller import Caller
from emulator.aws.errors import AwsError

_SERVICE = "bedrock-agentcore-control"
_PAGE = 100

Parameters = Mapping[str, Any]


class ControlPlane:
    """Get and list of runtimes, their versions and endpoints, and of tags."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reads: Mapping[str, Callable[[Caller, Parameters], JsonObject]] = {
            "GetAgentRuntime": self._get_runtime,
            "ListAgentRuntimes": self._list_runtimes,
            "ListAgentRuntimeVersions": self._list_versions,
            "GetAgentRuntimeEndpoint": self._get_endpoint,
            "ListAgentRuntimeEndpoints": self._list_endpoints,
            "ListTagsForResource": self._list_tags,
        }

    def call(
        self, caller: Caller, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> JsonObject:
        """Answer one request. Raises AwsError for what is not read here."""
        operation, labels = _match(method, path)
        read = self._reads.get(operation)
        if read is None:
            raise AwsError(
                "ValidationException",
                f"The offline AWS does not answer {operation} of {_SERVICE}: it answers "
                f"{', '.join(self._reads)}. Changes go through Cloud Control (CreateResource, "
                "UpdateResource, DeleteResource).",
            )
        given: JsonObject = json.loads(body or b"{}")
        parameters: JsonObject = {**given, **query, **labels}
        shape = operation_model(_SERVICE, operation).output_shape
        with self._store.lock:
            answer: JsonObject = copy.deepcopy(api_members(shape, read(caller, parameters)))
        return answer

    def _get_runtime(self, caller: Caller, parameters: Parameters) -> JsonObject:
        identifier = parameters["agentRuntimeId"]
        runtime = self._runtime(caller, identifier)
        version = parameters.get("version", parameters.get("agentRuntimeVersion"))
        if version in (None, runtime["AgentRuntimeVersion"]):
            return runtime
        versions = self._store.table(caller, RUNTIME_VERSIONS)
        return _found(versions.get(f"{identifier}:{version}"), f"version {version} of {identifier}")

    def _list_runtimes(self, caller: Caller, parameters: Parameters) -> JsonObject:
        runtimes = self._store.table(caller, RUNTIME)
        return _paged("AgentRuntimes", list(runtimes.values()), parameters)

    def _list_versions(self, caller: Caller, parameters: Parameters) -> JsonObject:
        identifier = parameters["agentRuntimeId"]
        self._runtime(caller, identifier)
        versions = self._store.table(caller, RUNTIME_VERSIONS)
        found = [v for key, v in versions.items() if key.startswith(f"{identifier}:")]
        return _paged("AgentRuntimes", found, parameters)

    def _get_endpoint(self, caller: Caller, parameters: Parameters) -> JsonObject:
        runtime = self._runtime(caller, parameters["agentRuntimeId"])
        name = parameters["endpointName"]
        endpoint_arn = f"{runtime['AgentRuntimeArn']}/runtime-endpoint/{name}"
        return _found(self._store.table(caller, ENDPOINT).get(endpoint_arn), f"endpoint {name}")

    def _list_endpoints(self, caller: Caller, parameters: Parameters) -> JsonObject:
        runtime = self._runtime(caller, parameters["agentRuntimeId"])
        prefix = default_endpoint_arn(runtime).rpartition("/")[0]
        endpoints = self._store.table(caller, ENDPOINT)
        found = [e for key, e in endpoints.items() if key.startswith(f"{prefix}/")]
        return _paged("RuntimeEndpoints", found, parameters)

    def _list_tags(self, caller: Caller, parameters: Parameters) -> JsonObject:
        wanted = parameters["resourceArn"]
        for table in (RUNTIME, ENDPOINT):
            for resource in list(self._store.table(caller, table).values()):
                if wanted in (
                    resource.get("AgentRuntimeEndpointArn"),
                    resource["AgentRuntimeArn"] if table == RUNTIME else None,
                ):
                    return {"Tags": resource.get("Tags", {})}
        raise _missing(wanted)

    def _runtime(self, caller: Caller, identifier: str) -> JsonObject:
        return _found(self._store.table(caller, RUNTIME).get(identifier), f"agent {identifier}")


def _paged(member: str, found: list[JsonObject], parameters: Parameters) -> JsonObject:
    size = int(parameters.get("maxResults") or _PAGE)
    start = int(parameters.get("nextToken") or 0)
    rest = start + size
    token = {"NextToken": str(rest)} if rest < len(found) else {}
    return {member: found[start:rest], **token}


def _found(resource: JsonObject | None, what: str) -> JsonObject:
    if resource is None:
        raise _missing(what)
    return resource


def _missing(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The {what} was not found.", 404)


def _match(method: str, path: str) -> tuple[str, dict[str, str]]:
    for name, wanted, pattern in _routes():
        if wanted == method and (found := pattern.fullmatch(path.rstrip("/"))):
            return name, {key: unquote(value) for key, value in found.groupdict().items()}
    raise AwsError(
        "ResourceNotFoundException",
        f"The offline AWS does not answer {method} {path}: it serves the reads of {_SERVICE}, "
        "not the data plane of AgentCore.",
        404,
    )


@lru_cache
def _routes() -> list[tuple[str, str, re.Pattern[str]]]:
    routes: list[tuple[str, str, re.Pattern[str]]] = []
    for name in service_model(_SERVICE).operation_names:
        http = operation_model(_SERVICE, name).http
        template = re.escape(str(http["requestUri"]).partition("?")[0].rstrip("/"))
        labels = re.sub(r"\\\{(\w+)(?:\\\+)?\\\}", r"(?P<\1>[^/]+)", template)
        if name in ("ListTagsForResource", "TagResource", "UntagResource"):
            labels = labels.replace("[^/]+", ".+")
        routes.append((name, str(http["method"]), re.compile(labels)))
    return routes
