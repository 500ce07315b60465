"""Every type of the schemas through its whole life, with values made from its own schema.

Where the service itself checks more than the schema says, `NEEDED` makes what it asks for.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from emulator.aws.agentcore.handlers import BEHAVING
from emulator.aws.cloudcontrol.schemas import (
    SERVED_PREFIX,
    ResourceType,
    resource_type,
    served_types,
)
from tests.emulator.aws.cloud import REGION, Cloud, RequestFailedError, code_of
from tests.emulator.aws.conftest import FakeProviders
from tests.emulator.aws.schema_values import JsonObject, minimal, value, violations_of
from tests.emulator.aws.serving import serving

TYPES = [name.removeprefix(SERVED_PREFIX) for name in served_types(REGION)]

GUIDE = Path(__file__).parents[3] / "docs" / "offline-aws.md"

# What makes two resources of the type the same is only their generated id.
WITHOUT_NAME = ("GatewayRule",)


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    """An offline AWS that takes no time for its work: what is shown is not how it passes."""
    with serving(FakeProviders) as url:
        yield url


def of_runtime(cloud: Cloud) -> JsonObject:
    return cloud.prepared().runtime()


def of_endpoint(cloud: Cloud) -> JsonObject:
    runtime = cloud.create(of_runtime(cloud))
    cloud.update(runtime, [{"op": "add", "path": "/Description", "value": "Second"}])
    return {"AgentRuntimeId": runtime, "Name": "live"}


def of_capacity_provider(cloud: Cloud) -> JsonObject:
    subnet, group = cloud.network()
    return {
        "PermissionsConfiguration": {"CapacityProviderOperatorRoleArn": cloud.role("operator")},
        "ComputeConfiguration": cloud.compute([subnet], [group]),
    }


def of_gateway(cloud: Cloud) -> JsonObject:
    return {"RoleArn": cloud.role("gateway"), "AuthorizerType": "AWS_IAM"}


def of_target(cloud: Cloud) -> JsonObject:
    return {"GatewayIdentifier": gateway(cloud), "Name": "tools"}


def of_policy(cloud: Cloud) -> JsonObject:
    arn = cloud.read(gateway(cloud), f"{SERVED_PREFIX}Gateway")["GatewayArn"]
    return {"ResourceArn": arn, "Policy": policy("Allow")}


def gateway(cloud: Cloud) -> str:
    return cloud.create({"Name": "tools", **of_gateway(cloud)}, f"{SERVED_PREFIX}Gateway")


def policy(effect: str) -> str:
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": "bedrock-agentcore:InvokeGateway",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NEEDED: dict[str, Callable[[Cloud], JsonObject]] = {
    "Runtime": of_runtime,
    "RuntimeEndpoint": of_endpoint,
    "CapacityProvider": of_capacity_provider,
    "Gateway": of_gateway,
    "GatewayTarget": of_target,
    "ResourcePolicy": of_policy,
    "GatewayRateLimit": lambda _: {"RateLimitId": "limit"},
}

# Values that the service takes where the schema's smallest would be refused; None for what it
# does not let change alone.
CHANGED: dict[str, Callable[[Cloud], JsonObject]] = {
    "Runtime": lambda cloud: {
        "AgentRuntimeArtifact": cloud.image(f"@{cloud.push(tag='v2')}"),
        "CapacityProviderConfiguration": None,
        "FilesystemConfigurations": [{"SessionStorage": {"MountPath": "/mnt/data"}}],
        "NetworkConfiguration": None,
        "PlatformVersion": "V2",
        "RoleArn": cloud.role("other"),
    },
    "RuntimeEndpoint": lambda _: {"AgentRuntimeVersion": "1"},
    "Gateway": lambda cloud: {
        "AuthorizerType": "NONE",
        "KmsKeyArn": cloud.key(),
        "Name": None,
        "PolicyEngineConfiguration": {
            "Arn": cloud.create({"Name": "engine"}, f"{SERVED_PREFIX}PolicyEngine"),
            "Mode": "ENFORCE",
        },
        "RoleArn": cloud.role("other"),
    },
    "Memory": lambda cloud: {
        "MemoryExecutionRoleArn": cloud.role("memory"),
        "MemoryStrategies": [{"SemanticMemoryStrategy": {"Name": "facts"}}],
    },
    "ResourcePolicy": lambda _: {"Policy": policy("Deny")},
}


def kind_of(name: str) -> ResourceType:
    return resource_type(SERVED_PREFIX + name, REGION)


def desired_of(cloud: Cloud, name: str) -> JsonObject:
    return {**minimal(kind_of(name)), **NEEDED.get(name, lambda _: {})(cloud)}


def names(paths: tuple[str, ...]) -> list[str]:
    return [path.strip("/") for path in paths if "/" not in path.strip("/")]


def changes_of(cloud: Cloud, name: str, current: JsonObject) -> JsonObject:
    """Return another value for each property that can be updated."""
    kind = kind_of(name)
    fixed = {*names(kind.read_only), *names(kind.create_only), *kind.list_requires}
    given = CHANGED.get(name, lambda _: {})(cloud)
    changes = {
        member: given[member]
        if member in given
        else value(kind, member, current.get(member), [], {})
        for member in kind.schema["properties"]
        if member not in fixed
    }
    return {member: changed for member, changed in changes.items() if changed is not None}


def holds(actual: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there; the service may add to it."""
    if isinstance(wanted, dict):
        members = cast("JsonObject", wanted)
        return all(key in actual and holds(actual[key], members[key]) for key in members)
    if isinstance(wanted, list):
        items = cast("list[Any]", wanted)
        return len(actual) == len(items) and all(map(holds, actual, items))
    return actual == wanted


def patch(changes: JsonObject) -> list[JsonObject]:
    return [{"op": "add", "path": f"/{name}", "value": new} for name, new in changes.items()]


def test_every_type_of_the_schemas_is_served() -> None:
    assert len(TYPES) == 27
    assert BEHAVING.keys() <= {*served_types(REGION)}, "a type that behaves is one of them"


def test_the_guide_names_the_types_that_are_kept_by_their_schema_alone() -> None:
    section = GUIDE.read_text().partition("## Schema-only types")[2].partition("\n## ")[0]
    listed = {word.strip(".,\n") for word in section.split()} & {*TYPES}
    assert listed == {name for name in TYPES if SERVED_PREFIX + name not in BEHAVING}


@pytest.mark.parametrize("name", TYPES)
def test_a_resource_lives_through_all_operations(cloud: Cloud, name: str) -> None:
    type_name, kind = SERVED_PREFIX + name, kind_of(name)
    desired = desired_of(cloud, name)
    identifier = created_once(cloud, type_name, desired)
    properties = cloud.read(identifier, type_name)
    unseen = names(kind.write_only)
    assert holds(properties, {k: v for k, v in desired.items() if k not in unseen})
    assert not violations_of(kind, properties), "what the service adds fits the schema"
    assert properties.get(kind.status_property or "") in ("READY", "ACTIVE", None)
    assert identifier == "|".join(str(properties[part]) for part in kind.primary_identifier)

    model = json.dumps({parent: desired[parent] for parent in kind.list_requires})
    listed = cloud.control.list_resources(TypeName=type_name, ResourceModel=model)
    assert identifier in [each.get("Identifier") for each in listed["ResourceDescriptions"]]

    if name not in WITHOUT_NAME:
        with pytest.raises(RequestFailedError) as second:
            cloud.create(desired, type_name)
        assert second.value.code == "AlreadyExists"
    refuses_what_is_fixed(cloud, kind, identifier, desired)
    assert cloud.read(identifier, type_name) == properties, "as before"

    changes = changes_of(cloud, name, properties)
    cloud.update(identifier, patch(changes), type_name)
    updated = cloud.read(identifier, type_name)
    for member, new in changes.items():
        assert member in unseen or holds(updated[member], new), f"{member} is changed"
    assert not violations_of(kind, updated)

    cloud.delete(identifier, type_name)
    with pytest.raises(ClientError) as missing:
        cloud.read(identifier, type_name)
    assert code_of(missing.value) == "ResourceNotFoundException"
    with pytest.raises(RequestFailedError) as gone:
        cloud.delete(identifier, type_name)
    assert gone.value.code == "NotFound"


def created_once(cloud: Cloud, type_name: str, desired: JsonObject) -> str:
    """Create the resource by two requests with one client token; return its identifier."""
    state = json.dumps(desired)
    events = [
        cloud.control.create_resource(TypeName=type_name, DesiredState=state, ClientToken="once")
        for _ in range(2)
    ]
    tokens = {event["ProgressEvent"].get("RequestToken", "") for event in events}
    assert len(tokens) == 1, "the same token and request give the same answer"
    identifier = cloud.finished(tokens.pop())
    with pytest.raises(ClientError) as conflict:
        cloud.control.delete_resource(TypeName=type_name, Identifier=identifier, ClientToken="once")
    assert code_of(conflict.value) == "ClientTokenConflictException"
    return identifier


def refuses_what_is_fixed(
    cloud: Cloud, kind: ResourceType, identifier: str, desired: JsonObject
) -> None:
    current = cloud.read(identifier, kind.name)
    fixed = names(kind.create_only)
    if fixed:
        others = {member: value(kind, member, current.get(member)) for member in fixed}
        with pytest.raises(ClientError) as refused:
            cloud.update(identifier, patch(others), kind.name)
        assert code_of(refused.value) == "NotUpdatableException"
        assert all(f"/properties/{member}" in str(refused.value) for member in fixed)
    made = names(kind.read_only)
    if made:
        with pytest.raises(ClientError) as refused:
            cloud.create({**desired, **dict.fromkeys(made, "mine")}, kind.name)
        assert code_of(refused.value) == "ValidationException"
        assert all(f"read-only property [{member}]" in str(refused.value) for member in made)
