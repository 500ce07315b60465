"""The types that are kept as their schemas say, without behaviour of their own."""

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws.agentcore.generated_properties import generated
from emulator.aws.agentcore.store import ENDPOINT, RUNTIME
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.schemas import resource_type, served_types
from tests.emulator.aws.cloud import Cloud, RequestFailedError, code_of

PREFIX = "AWS::BedrockAgentCore::"
SCHEMA_ONLY = [name for name in served_types("us-east-1") if name not in (RUNTIME, ENDPOINT)]
CALLER = Caller("111111111111", "us-east-1", "cloudcontrolapi")

# One accepted desired state, a change of it, and a create-only property.
LIVES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "WorkloadIdentity": (
        {"Name": "identity", "Tags": [{"Key": "a", "Value": "b"}]},
        {"op": "add", "path": "/AllowedResourceOauth2ReturnUrls", "value": ["https://a.example"]},
        "Name",
    ),
    "Memory": (
        {"Name": "memory", "EventExpiryDuration": 30},
        {"op": "replace", "path": "/EventExpiryDuration", "value": 60},
        "Name",
    ),
    "PolicyEngine": (
        {"Name": "engine"},
        {"op": "add", "path": "/Description", "value": "Rules"},
        "Name",
    ),
}


def test_every_type_of_the_schemas_is_served() -> None:
    assert len(SCHEMA_ONLY) == 25
    assert all(name.startswith(PREFIX) for name in SCHEMA_ONLY)


@pytest.mark.parametrize("name", SCHEMA_ONLY)
def test_generated_properties_fit_their_schema_and_identify(name: str) -> None:
    kind = resource_type(name, "us-east-1")
    properties = generated(kind, CALLER, {"Name": "thing", "PolicyEngineId": "e-0123456789"})
    for key, value in properties.items():
        schema = kind.property_schema(key)
        assert re.search(schema.get("pattern", ""), str(value)), f"{key}: {value}"
    given: list[str] = [*kind.schema["required"], *kind.list_requires]
    assert {*kind.primary_identifier} <= {*properties, *given}, "it can be identified"


@pytest.mark.parametrize("name", LIVES)
def test_a_resource_lives_through_all_operations(cloud: Cloud, name: str) -> None:
    desired, change, create_only = LIVES[name]
    identifier = cloud.create(desired, PREFIX + name)
    properties = cloud.read(identifier, PREFIX + name)
    assert {key: properties[key] for key in desired} == desired
    cloud.update(identifier, [change], PREFIX + name)
    assert cloud.read(identifier, PREFIX + name)[change["path"].strip("/")] == change["value"]
    patch = {"op": "replace", "path": f"/{create_only}", "value": "other"}
    with pytest.raises(ClientError) as refused:
        cloud.update(identifier, [patch], PREFIX + name)
    assert code_of(refused.value) == "NotUpdatableException"
    cloud.delete(identifier, PREFIX + name)
    with pytest.raises(ClientError) as missing:
        cloud.read(identifier, PREFIX + name)
    assert code_of(missing.value) == "ResourceNotFoundException"


def test_a_name_that_identifies_is_taken_once(cloud: Cloud) -> None:
    cloud.create({"Name": "identity"}, f"{PREFIX}WorkloadIdentity")
    with pytest.raises(RequestFailedError) as refused:
        cloud.create({"Name": "identity"}, f"{PREFIX}WorkloadIdentity")
    assert refused.value.code == "AlreadyExists"
    cloud.create({"Name": "identity2"}, f"{PREFIX}WorkloadIdentity")


def test_write_only_properties_are_not_read_back(cloud: Cloud) -> None:
    desired = {"Name": "key", "ApiKey": "not to be shown"}
    identifier = cloud.create(desired, f"{PREFIX}ApiKeyCredentialProvider")
    listed = cloud.control.list_resources(TypeName=f"{PREFIX}ApiKeyCredentialProvider")
    read = cloud.read(identifier, f"{PREFIX}ApiKeyCredentialProvider")
    assert read["Name"] == "key"
    assert "not to be shown" not in json.dumps([read, listed["ResourceDescriptions"]])
