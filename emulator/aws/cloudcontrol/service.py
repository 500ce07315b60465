"""Cloud Control's operations: JSON in, JSON out.

Source of the shapes and of the exceptions' names: botocore's model cloudcontrol/2021-09-30.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import jsonpatch
import jsonpointer

from emulator.aws.api_model import violations
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import Handler, HandlerError, Reader, Work
from emulator.aws.cloudcontrol.properties import values_at, without
from emulator.aws.cloudcontrol.requests import Request, Requests
from emulator.aws.cloudcontrol.schemas import JsonObject, ResourceType, resource_type
from emulator.aws.cloudcontrol.validation import check_desired_state
from emulator.aws.errors import AwsError
from emulator.aws.faults import Faults

# What a handler error is called when it is answered at once instead of in a progress event.
_EXCEPTIONS = {
    "NotFound": "ResourceNotFoundException",
    "AccessDenied": "HandlerFailureException",
    "InternalFailure": "HandlerInternalFailureException",
    "GeneralServiceException": "GeneralServiceException",
}
_Item = TypeVar("_Item")
_PAGE = 20  # ListResources and ListResourceRequests without MaxResults


class CloudControl:
    """The API `CloudApiService` over a set of handlers, one for each resource type.

    The types of `readers` can be read and nothing else.
    """

    def __init__(
        self,
        handler_of: Callable[[ResourceType], Handler],
        readers: Mapping[str, Reader],
        requests: Requests,
        faults: Faults,
    ) -> None:
        self._handler_of = handler_of
        self._readers = readers
        self._requests = requests
        self._faults = faults
        self._operations: Mapping[str, Callable[[Caller, JsonObject], JsonObject]] = {
            "CreateResource": self._create,
            "GetResource": self._get,
            "UpdateResource": self._update,
            "DeleteResource": self._delete,
            "ListResources": self._list,
            "GetResourceRequestStatus": self._status,
            "ListResourceRequests": self._list_requests,
            "CancelResourceRequest": self._cancel,
        }

    def call(self, caller: Caller, operation: str, body: bytes) -> JsonObject:
        """Run one operation. Raises AwsError with the service's exception names."""
        run = self._operations.get(operation)
        if run is None:
            raise AwsError("UnknownOperationException", f"Unknown operation {operation}")
        request = _json_object(body.decode(), "SerializationException", "The request")
        broken = violations("cloudcontrol", operation, request)
        if broken:
            raise AwsError("ValidationException", "; ".join(broken))
        earlier = self._requests.earlier(
            caller, request.get("ClientToken"), _fingerprint(operation, request)
        )
        if earlier is not None:
            return {"ProgressEvent": earlier.event()}
        try:
            return run(caller, request)
        except HandlerError as error:
            raise _as_exception(error) from error

    def _create(self, caller: Caller, request: JsonObject) -> JsonObject:
        kind = self._type(caller, request, "create")
        desired = _json_object(
            _required(request, "DesiredState"), "InvalidRequestException", "DesiredState"
        )
        check_desired_state(kind, desired)
        handler = self._handler_of(kind)
        return self._submit(
            caller, request, kind, "CREATE", lambda: handler.create(caller, desired)
        )

    def _get(self, caller: Caller, request: JsonObject) -> JsonObject:
        kind = self._type(caller, request, "read")
        identifier, properties = self._find(caller, kind, request)
        return {
            "TypeName": kind.name,
            "ResourceDescription": _description(kind, identifier, properties),
        }

    def _update(self, caller: Caller, request: JsonObject) -> JsonObject:
        kind = self._type(caller, request, "update")
        patch = _required(request, "PatchDocument")
        identifier, properties = self._find(caller, kind, request)
        current = without(properties, kind.write_only)
        patched = _apply(patch, current)
        _refuse_changes(kind, current, patched)
        desired = without(patched, kind.read_only)
        check_desired_state(kind, desired)
        handler = self._handler_of(kind)
        return self._submit(
            caller,
            request,
            kind,
            "UPDATE",
            lambda: handler.update(caller, identifier, desired),
            identifier,
        )

    def _delete(self, caller: Caller, request: JsonObject) -> JsonObject:
        kind = self._type(caller, request, "delete")
        handler = self._handler_of(kind)
        try:
            identifier, _ = self._find(caller, kind, request)
        except HandlerError:
            identifier = _required(request, "Identifier")
        return self._submit(
            caller, request, kind, "DELETE", lambda: handler.delete(caller, identifier), identifier
        )

    def _list(self, caller: Caller, request: JsonObject) -> JsonObject:
        kind = self._type(caller, request, "list")
        model = _json_object(
            request.get("ResourceModel", "{}"), "InvalidRequestException", "ResourceModel"
        )
        missing = [name for name in kind.list_requires if name not in model]
        if missing:
            raise AwsError(
                "InvalidRequestException",
                f"Missing or invalid ResourceModel property in {kind.name} list handler request "
                f"input. Required property: [{', '.join(missing)}]",
            )
        found = sorted(self._handler_of(kind).list(caller, model), key=lambda item: item[0])
        page, token = _page(found, request)
        descriptions = [_description(kind, *item) for item in page]
        return {"TypeName": kind.name, "ResourceDescriptions": descriptions, **token}

    def _status(self, caller: Caller, request: JsonObject) -> JsonObject:
        found = self._requests.find(caller, _required(request, "RequestToken"))
        return {"ProgressEvent": found.event()}

    def _list_requests(self, caller: Caller, request: JsonObject) -> JsonObject:
        wanted = cast("JsonObject", request.get("ResourceRequestStatusFilter") or {})
        operations = cast("list[str]", wanted.get("Operations") or [])
        statuses = cast("list[str]", wanted.get("OperationStatuses") or [])
        found = [
            entry.event()
            for entry in self._requests.of(caller)
            if (not operations or entry.operation in operations)
            and (not statuses or entry.status in statuses)
        ]
        page, token = _page(found, request)
        return {"ResourceRequestStatusSummaries": page, **token}

    def _cancel(self, caller: Caller, request: JsonObject) -> JsonObject:
        found = self._requests.find(caller, _required(request, "RequestToken"))
        self._requests.cancel(found)
        return {"ProgressEvent": found.event()}

    def _type(self, caller: Caller, request: JsonObject, action: str) -> ResourceType:
        name = _required(request, "TypeName")
        kind = resource_type(name, caller.region, also=frozenset(self._readers))
        if not kind.supports(action) or (name in self._readers and action != "read"):
            raise AwsError(
                "UnsupportedActionException",
                f"Resource type {kind.name} does not support {action.upper()} action.",
            )
        return kind

    def _find(
        self, caller: Caller, kind: ResourceType, request: JsonObject
    ) -> tuple[str, JsonObject]:
        given = _required(request, "Identifier")
        identifier = _primary(kind, given)
        if kind.name in self._readers:
            return identifier, self._readers[kind.name].read(caller, identifier)
        handler = self._handler_of(kind)
        try:
            return identifier, handler.read(caller, identifier)
        except HandlerError:
            for names in kind.additional_identifiers:
                for found, properties in handler.list(caller, {}):
                    if "|".join(str(properties.get(name)) for name in names) == given:
                        return found, properties
            raise

    def _submit(
        self,
        caller: Caller,
        request: JsonObject,
        kind: ResourceType,
        operation: str,
        start: Callable[[], Work],
        identifier: str | None = None,
    ) -> JsonObject:
        said = " ".join(str(value) for value in request.values())
        accepted = self._requests.submit(
            Request(
                caller,
                kind.name,
                operation,
                _fingerprint(f"{operation.capitalize()}Resource", request),
                identifier,
                request.get("ClientToken"),
            ),
            lambda: self._faults.around(caller.account, operation, said, start),
        )
        return {"ProgressEvent": accepted.event()}


def _fingerprint(operation: str, request: JsonObject) -> str:
    """Tell two requests with one client token apart; the token itself does not count."""
    content = {name: value for name, value in request.items() if name != "ClientToken"}
    return hashlib.sha256(json.dumps([operation, content], sort_keys=True).encode()).hexdigest()


def _as_exception(error: HandlerError) -> AwsError:
    return AwsError(_EXCEPTIONS.get(error.code, f"{error.code}Exception"), error.message)


def _required(request: JsonObject, member: str) -> str:
    value = request.get(member)
    if not isinstance(value, str) or not value:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value at '{member[0].lower()}{member[1:]}' failed to "
            "satisfy constraint: Member must not be null",
        )
    return value


def _json_object(text: str, code: str, what: str) -> JsonObject:
    try:
        value: Any = json.loads(text or "{}")
    except ValueError as error:
        raise AwsError(code, f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise AwsError(code, f"{what} is not a JSON object.")
    return cast("JsonObject", value)


def _primary(kind: ResourceType, given: str) -> str:
    """Return the identifier in its short form; Cloud Control also takes a JSON object."""
    if not given.startswith("{"):
        return given
    parts = _json_object(given, "InvalidRequestException", "Identifier")
    missing = [name for name in kind.primary_identifier if name not in parts]
    if missing:
        raise AwsError(
            "InvalidRequestException",
            f"Identifier {given} is not valid for {kind.name}: {', '.join(missing)} not found.",
        )
    return "|".join(str(parts[name]) for name in kind.primary_identifier)


def _apply(patch: str, current: JsonObject) -> JsonObject:
    try:
        return cast("JsonObject", jsonpatch.JsonPatch.from_string(patch).apply(current))
    except (
        jsonpatch.JsonPatchException,
        jsonpointer.JsonPointerException,
        ValueError,
        TypeError,
    ) as error:
        raise AwsError("InvalidRequestException", f"Invalid patch update: {error}") from error


def _refuse_changes(kind: ResourceType, current: JsonObject, patched: JsonObject) -> None:
    for keyword, paths, code in (
        ("readOnlyProperties", kind.read_only, "ValidationException"),
        ("createOnlyProperties", kind.create_only, "NotUpdatableException"),
    ):
        changed = [path for path in paths if _is_changed(path, current, patched)]
        if changed:
            listed = ", ".join(f"/properties{path}" for path in changed)
            raise AwsError(code, f"Invalid patch update: {keyword} [{listed}] cannot be updated")


def _is_changed(path: str, current: JsonObject, patched: JsonObject) -> bool:
    """Whether the patch touched what the path names.

    Of the entries of a list, which come and go with what the service made of them, only new
    values count.
    """
    before, after = values_at(current, path), values_at(patched, path)
    if "*" in path:
        return any(value not in before for value in after)
    return before != after


def _description(kind: ResourceType, identifier: str, properties: JsonObject) -> JsonObject:
    visible = without(properties, kind.write_only)
    return {"Identifier": identifier, "Properties": json.dumps(visible)}


def _page(items: list[_Item], request: JsonObject) -> tuple[list[_Item], JsonObject]:
    size = int(request.get("MaxResults", _PAGE))
    start = _position(request.get("NextToken"))
    rest = start + size
    token = {"NextToken": base64.b64encode(str(rest).encode()).decode()}
    return items[start:rest], token if rest < len(items) else {}


def _position(token: object) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(str(token), validate=True))
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidRequestException", "Invalid NextToken.") from error
