"""What Cloud Control itself refuses at once, before any service is asked."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.emulator.aws.cloud import ENDPOINT, RUNTIME, Cloud
from tests.emulator.aws.refusals import Refusal
from tests.emulator.aws.refusals.agentcore import IDENTITY, PREFIX, code_runtime

JsonObject = dict[str, Any]

ENGINE = f"{PREFIX}PolicyEngine"


def schema(name: str, bad: JsonObject, says: str, good: JsonObject) -> Refusal:
    """Return the refusal of a runtime's desired state."""

    def create_with(changes: JsonObject) -> Callable[[Cloud], object]:
        def create(cloud: Cloud) -> object:
            desired = {**code_runtime(cloud), **changes}
            return cloud.create({key: value for key, value in desired.items() if value is not None})

        return create

    return Refusal(
        name=f"a desired state with {name}",
        operation="cloudcontrol:CreateResource",
        code="ValidationException",
        says=says,
        bad=create_with(bad),
        good=create_with(good),
    )


def update(name: str, code: str, bad: JsonObject, says: str, good: JsonObject) -> Refusal:
    """Return the refusal of a patch of a policy engine."""

    def patch_with(operation: JsonObject) -> Callable[[Cloud], None]:
        def patch(cloud: Cloud) -> None:
            cloud.update(engine(cloud), [operation], ENGINE)

        return patch

    return Refusal(
        name=f"a patch that {name}",
        operation="cloudcontrol:UpdateResource",
        code=code,
        says=says,
        bad=patch_with(bad),
        good=patch_with(good),
    )


def engine(cloud: Cloud) -> str:
    return cloud.create({"Name": "engine", "Description": "First"}, ENGINE)


def create(type_name: str, state: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.control.create_resource(TypeName=type_name, DesiredState=state)


def read(name: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.read(cloud.create({"Name": "mine"}, IDENTITY) and name, IDENTITY)


def create_twice(names: Sequence[str], token: str) -> Callable[[Cloud], object]:
    """Return two creates with one client token."""

    def both(cloud: Cloud) -> None:
        for name in names:
            cloud.control.create_resource(
                TypeName=IDENTITY, DesiredState=json.dumps({"Name": name}), ClientToken=token
            )

    return both


def list_with(type_name: str, **options: Any) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.control.list_resources(TypeName=type_name, **options)


def status(cloud: Cloud, token: str | None = None) -> object:
    event = cloud.control.create_resource(
        TypeName=IDENTITY, DesiredState=json.dumps({"Name": "mine"})
    )["ProgressEvent"]
    return cloud.control.get_resource_request_status(
        RequestToken=token or event.get("RequestToken", "")
    )


DESCRIBED = {"op": "replace", "path": "/Description", "value": "Second"}

REFUSALS = [
    schema(
        "a required key left out",
        {"AgentRuntimeName": None},
        r"#: required key \[AgentRuntimeName\] not found",
        {},
    ),
    schema(
        "an extraneous key",
        {"Nmae": "x"},
        r"#: extraneous key \[Nmae\] is not permitted",
        {"Description": "x"},
    ),
    schema(
        "a read-only property",
        {"Status": "READY"},
        r"read-only property \[Status\] cannot be set",
        {},
    ),
    schema(
        "a text too short",
        {"Description": ""},
        "#/Description: expected minLength: 1",
        {"Description": "x"},
    ),
    schema(
        "a text too long",
        {"Description": "x" * 1201},
        "expected maxLength: 1200",
        {"Description": "x" * 1200},
    ),
    schema(
        "an enum value that there is not",
        {"NetworkConfiguration": {"NetworkMode": "vpc"}},
        "#/NetworkConfiguration/NetworkMode: vpc is not a valid enum value",
        {"NetworkConfiguration": {"NetworkMode": "PUBLIC"}},
    ),
    schema(
        "a list for a map",
        {"Tags": [{"Key": "a", "Value": "b"}]},
        "#/Tags: expected type: JSONObject, found: JSONArray",
        {"Tags": {"a": "b"}},
    ),
    schema(
        "a number too small",
        {"LifecycleConfiguration": {"MaxLifetime": 59}},
        "#/LifecycleConfiguration/MaxLifetime: 59 is not greater or equal to 60",
        {"LifecycleConfiguration": {"MaxLifetime": 60}},
    ),
    schema(
        "a key that breaks the map's pattern",
        {"EnvironmentVariables": {"MY-KEY": "x"}},
        r"#/EnvironmentVariables: extraneous key \[MY-KEY\]",
        {"EnvironmentVariables": {"MY_KEY": "x"}},
    ),
    update(
        "changes a create-only property",
        "NotUpdatableException",
        {"op": "replace", "path": "/Name", "value": "other"},
        r"createOnlyProperties \[/properties/Name\] cannot be updated",
        {"op": "replace", "path": "/Name", "value": "engine"},
    ),
    update(
        "changes a read-only property",
        "ValidationException",
        {"op": "replace", "path": "/Status", "value": "DELETING"},
        r"readOnlyProperties \[/properties/Status\] cannot be updated",
        {"op": "replace", "path": "/Status", "value": "ACTIVE"},
    ),
    update(
        "tests for another value",
        "InvalidRequestException",
        {"op": "test", "path": "/Description", "value": "Second"},
        "Invalid patch update",
        {"op": "test", "path": "/Description", "value": "First"},
    ),
    update(
        "removes what is not there",
        "InvalidRequestException",
        {"op": "remove", "path": "/Tags"},
        "Invalid patch update",
        {"op": "remove", "path": "/Description"},
    ),
    update(
        "adds an extraneous key",
        "ValidationException",
        {"op": "add", "path": "/Nmae", "value": "x"},
        r"extraneous key \[Nmae\]",
        DESCRIBED,
    ),
    Refusal(
        name="a patch of what is not there",
        operation="cloudcontrol:UpdateResource",
        code="ResourceNotFoundException",
        bad=lambda cloud: cloud.update("nobody", [DESCRIBED], ENGINE),
        good=lambda cloud: cloud.update(
            cloud.create({"Name": "engine", "Description": "First"}, ENGINE), [DESCRIBED], ENGINE
        ),
    ),
    *(
        Refusal(
            name=f"a type that is not served, {type_name}",
            operation="cloudcontrol:CreateResource",
            code="TypeNotFoundException",
            says=type_name,
            bad=create(type_name, "{}"),
            good=create(IDENTITY, '{"Name": "mine"}'),
        )
        for type_name in ("AWS::S3::Bucket", f"{PREFIX}Nothing")
    ),
    Refusal(
        name="a type name that is none",
        operation="cloudcontrol:CreateResource",
        code="ValidationException",
        says="'WorkloadIdentity' at 'typeName' failed to satisfy constraint",
        bad=create("WorkloadIdentity", '{"Name": "mine"}'),
        good=create(IDENTITY, '{"Name": "mine"}'),
    ),
    Refusal(
        name="a desired state that is no JSON",
        operation="cloudcontrol:CreateResource",
        code="InvalidRequestException",
        says="DesiredState is not JSON",
        bad=create(IDENTITY, '{"Name": mine}'),
        good=create(IDENTITY, '{"Name": "mine"}'),
    ),
    Refusal(
        name="a client token of another request",
        operation="cloudcontrol:CreateResource",
        code="ClientTokenConflictException",
        bad=create_twice(["mine", "other"], "once"),
        good=create_twice(["mine", "mine"], "once"),
    ),
    Refusal(
        name="a client token with a space in it",
        operation="cloudcontrol:CreateResource",
        code="ValidationException",
        says="at 'clientToken' failed to satisfy constraint",
        bad=create_twice(["mine"], "once more"),
        good=create_twice(["mine"], "once-more"),
    ),
    Refusal(
        name="what is not there",
        operation="cloudcontrol:GetResource",
        code="ResourceNotFoundException",
        says="with identifier 'nobody' was not found",
        bad=read("nobody"),
        good=read("mine"),
    ),
    Refusal(
        name="endpoints of no runtime",
        operation="cloudcontrol:ListResources",
        code="InvalidRequestException",
        says=r"Required property: \[AgentRuntimeId\]",
        bad=list_with(ENDPOINT),
        good=list_with(ENDPOINT, ResourceModel='{"AgentRuntimeId": "any-0123456789"}'),
    ),
    Refusal(
        name="pages of more than a hundred",
        operation="cloudcontrol:ListResources",
        code="ValidationException",
        says="Member must have value less than or equal to 100",
        bad=list_with(RUNTIME, MaxResults=101),
        good=list_with(RUNTIME, MaxResults=100),
    ),
    Refusal(
        name="a request token that there is not",
        operation="cloudcontrol:GetResourceRequestStatus",
        code="RequestTokenNotFoundException",
        bad=lambda cloud: status(cloud, "nothing"),
        good=status,
    ),
]
