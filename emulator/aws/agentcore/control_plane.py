"""The reads of `bedrock-agentcore-control`, answered from the store that Cloud Control writes.

Changes go through Cloud Control: the two APIs would otherwise need every check twice. Requests
are matched and answers written by botocore's model of the service.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, cast
from urllib.parse import unquote

from emulator.aws.agentcore.capacity_provider import versions_on
from emulator.aws.agentcore.identifiers import arn
from emulator.aws.agentcore.memory_strategies import api_strategies
from emulator.aws.agentcore.runtime import versions_of
from emulator.aws.agentcore.store import (
    CAPACITY_PROVIDER,
    ENDPOINT,
    GATEWAY,
    GATEWAY_TARGET,
    MEMORY,
    RESOURCE_POLICY,
    RUNTIME,
    WORKLOAD_IDENTITY,
    JsonObject,
    Store,
)
from emulator.aws.agentcore.tags import tag_map
from emulator.aws.api_model import (
    api_members,
    operation_model,
    request_violations,
    service_model,
    validation_errors,
)
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.schemas import resource_type, served_types
from emulator.aws.errors import AwsError

_SERVICE = "bedrock-agentcore-control"
_PAGE = 100

Parameters = Mapping[str, Any]

# What the API's model requires of an answer where the caller gave none. That a target without
# credentials answers the gateway's role is an assumption.
_ALWAYS: Mapping[str, JsonObject] = {
    GATEWAY_TARGET: {
        "CredentialProviderConfigurations": [{"CredentialProviderType": "GATEWAY_IAM_ROLE"}]
    }
}

# Where a resource type and the API name one property differently.
_API_NAMES = {
    CAPACITY_PROVIDER: {"Arn": "CapacityProviderArn", "FailureReason": "StatusReason"},
    GATEWAY: {"GatewayIdentifier": "GatewayId"},
    MEMORY: {"MemoryArn": "Arn", "MemoryId": "Id"},
}


@dataclass(frozen=True)
class _Get:
    """A read of the resource whose properties have the values of the request's parameters."""

    type_name: str
    matches: Mapping[str, str]
    member: str | None = None  # the member of the answer that holds the resource


@dataclass(frozen=True)
class _List:
    """A list of the resources of a type, of one parent where the type has parents."""

    type_name: str
    member: str
    parent: _Get | None = None


_RUNTIME = _Get(RUNTIME, {"AgentRuntimeId": "agentRuntimeId"})
_GATEWAY = _Get(GATEWAY, {"GatewayIdentifier": "gatewayIdentifier"})

_GETS = {
    "GetAgentRuntimeEndpoint": _Get(
        ENDPOINT, {"AgentRuntimeId": "agentRuntimeId", "Name": "endpointName"}
    ),
    "GetCapacityProvider": _Get(CAPACITY_PROVIDER, {"CapacityProviderId": "capacityProviderId"}),
    "GetGateway": _GATEWAY,
    "GetGatewayTarget": _Get(
        GATEWAY_TARGET, {"GatewayIdentifier": "gatewayIdentifier", "TargetId": "targetId"}
    ),
    "GetMemory": _Get(MEMORY, {"MemoryId": "memoryId"}, member="Memory"),
    "GetResourcePolicy": _Get(RESOURCE_POLICY, {"ResourceArn": "resourceArn"}),
    "GetWorkloadIdentity": _Get(WORKLOAD_IDENTITY, {"Name": "name"}),
}
_LISTS = {
    "ListAgentRuntimes": _List(RUNTIME, "AgentRuntimes"),
    "ListAgentRuntimeEndpoints": _List(ENDPOINT, "RuntimeEndpoints", _RUNTIME),
    "ListCapacityProviders": _List(CAPACITY_PROVIDER, "CapacityProviders"),
    "ListGateways": _List(GATEWAY, "Items"),
    "ListGatewayTargets": _List(GATEWAY_TARGET, "Items", _GATEWAY),
    "ListMemories": _List(MEMORY, "Memories"),
    "ListWorkloadIdentities": _List(WORKLOAD_IDENTITY, "WorkloadIdentities"),
}


class ControlPlane:
    """Get and list of the resources with the service's behaviour, and of tags."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reads: Mapping[str, Callable[[Caller, Parameters], JsonObject]] = {
            "GetAgentRuntime": self._get_runtime,
            "ListAgentRuntimeVersions": self._list_versions,
            "ListAgentRuntimeVersionsByCapacityProvider": self._list_versions_on_provider,
            "ListTagsForResource": self._list_tags,
            **{operation: partial(self._get, read) for operation, read in _GETS.items()},
            **{operation: partial(self._list, read) for operation, read in _LISTS.items()},
        }

    def call(
        self, caller: Caller, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> JsonObject:
        """Answer one request. Raises AwsError for what is not read here."""
        operation, labels = _match(method, path)
        read = self._reads.get(operation)
        if read is None:
            raise _invalid(
                f"The offline AWS does not answer {operation} of {_SERVICE}: it answers "
                f"{', '.join(sorted(self._reads))}. Changes go through Cloud Control "
                "(CreateResource, UpdateResource, DeleteResource)."
            )
        parameters = _typed(operation, {**_members(body), **query, **labels})
        shape = operation_model(_SERVICE, operation).output_shape
        with self._store.lock:
            answer: JsonObject = copy.deepcopy(api_members(shape, read(caller, parameters)))
        return answer

    def _get(self, read: _Get, caller: Caller, parameters: Parameters) -> JsonObject:
        shown = _shown(read.type_name, self._find(read, caller, parameters))
        return {read.member: shown} if read.member else shown

    def _list(self, read: _List, caller: Caller, parameters: Parameters) -> JsonObject:
        found = list(self._store.table(caller, read.type_name).values())
        if read.parent is not None:
            self._find(read.parent, caller, parameters)
            found = [each for each in found if _is(read.parent, each, parameters)]
        return _paged(read.member, [_shown(read.type_name, each) for each in found], parameters)

    def _get_runtime(self, caller: Caller, parameters: Parameters) -> JsonObject:
        runtime = self._find(_RUNTIME, caller, parameters)
        version = parameters.get("version", parameters.get("agentRuntimeVersion"))
        if version in (None, runtime["AgentRuntimeVersion"]):
            return runtime
        for known in versions_of(self._store, caller, runtime):
            if known["AgentRuntimeVersion"] == version:
                return known
        raise _missing(f"version {version} of {runtime['AgentRuntimeId']}")

    def _list_versions(self, caller: Caller, parameters: Parameters) -> JsonObject:
        runtime = self._find(_RUNTIME, caller, parameters)
        return _paged("AgentRuntimes", versions_of(self._store, caller, runtime), parameters)

    def _list_versions_on_provider(self, caller: Caller, parameters: Parameters) -> JsonObject:
        provider_arn = arn(caller, f"capacity-provider/{parameters['capacityProviderId']}")
        found = versions_on(self._store, caller, provider_arn)
        return _paged("AgentRuntimes", found, parameters)

    def _list_tags(self, caller: Caller, parameters: Parameters) -> JsonObject:
        wanted = parameters["resourceArn"]
        for type_name in served_types(caller.region):
            arn_property = resource_type(type_name, caller.region).arn_property or ""
            for resource in self._store.table(caller, type_name).values():
                if resource.get(arn_property) == wanted:
                    return {"Tags": tag_map(resource)}
        raise _missing(wanted)

    def _find(self, read: _Get, caller: Caller, parameters: Parameters) -> JsonObject:
        for resource in self._store.table(caller, read.type_name).values():
            if _is(read, resource, parameters):
                return resource
        wanted = ", ".join(str(parameters[name]) for name in read.matches.values())
        raise _missing(f"{read.type_name.rsplit('::', 1)[1]} {wanted}")


def _is(read: _Get, resource: JsonObject, parameters: Parameters) -> bool:
    return all(resource.get(key) == parameters[name] for key, name in read.matches.items())


def _shown(type_name: str, resource: JsonObject) -> JsonObject:
    """Return the resource with the API's names."""
    names = _API_NAMES.get(type_name, {})
    renamed = {names.get(name, name): value for name, value in resource.items()}
    shown = {**_ALWAYS.get(type_name, {}), **renamed}
    return {**shown, "Strategies": api_strategies(resource)} if type_name == MEMORY else shown


def _typed(operation: str, given: JsonObject) -> JsonObject:
    """Return the parameters in their types. Raises AwsError ValidationException."""
    model = operation_model(_SERVICE, operation)
    members = model.input_shape.members if model.input_shape else {}
    integers = [name for name, member in members.items() if member.type_name == "integer"]
    try:
        numbers = {name: int(given[name]) for name in integers if name in given}
    except ValueError as error:
        raise _invalid(f"A parameter is not a number: {error}", "CannotParse") from error
    parameters = {**given, **numbers}
    broken = request_violations(model, parameters)
    if broken:
        raise _invalid(validation_errors(broken))
    return parameters


def _paged(member: str, found: list[JsonObject], parameters: Parameters) -> JsonObject:
    start = parameters.get("nextToken", "0")
    if not start.isdecimal():
        raise _invalid("The nextToken is not valid")
    rest = int(start) + parameters.get("maxResults", _PAGE)
    token = {"NextToken": str(rest)} if rest < len(found) else {}
    return {member: found[int(start) : rest], **token}


def _members(body: bytes) -> JsonObject:
    try:
        members = json.loads(body or b"{}")
    except ValueError as error:
        raise _invalid(f"The request is not JSON: {error}", "CannotParse") from error
    if not isinstance(members, dict):
        raise _invalid("The request is not a JSON object", "CannotParse")
    return cast("JsonObject", members)


def _invalid(message: str, reason: str = "FieldValidationFailed") -> AwsError:
    return AwsError("ValidationException", message, reason=reason)


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
        labels = labels.replace("(?P<resourceArn>[^/]+)", "(?P<resourceArn>.+)")
        routes.append((name, str(http["method"]), re.compile(labels)))
    return routes
