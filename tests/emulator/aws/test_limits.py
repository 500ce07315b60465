"""Quotas, in a store that is filled beforehand: a thousand creates would take their time."""

import json

import pytest

from emulator.aws.agentcore import limits
from emulator.aws.agentcore.handlers import Handlers
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.store import RUNTIME, RUNTIME_VERSIONS, Store
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, Work
from emulator.aws.cloudcontrol.schemas import resource_type
from emulator.aws.faults import Faults
from tests.emulator.aws.cloud import REGION, Cloud
from tests.emulator.aws.refusals.agentcore import CODE
from tests.emulator.aws.schema_values import minimal

CALLER = Caller("111111111111", REGION, "cloudcontrolapi")


def finished(work: Work) -> str:
    """Do all of the work; return the identifier."""
    return [*work][-1]


@pytest.mark.parametrize("type_name", limits.QUOTAS)
def test_one_more_than_the_quota_is_refused_and_a_place_made_free_is_taken(type_name: str) -> None:
    kind, store = resource_type(type_name, REGION), Store()
    handler = ResourceHandler(type_name, store, Faults())  # the quota is the same for all types
    desired = minimal(kind)
    parent = {name: desired[name] for name in kind.list_requires}
    table = store.table(CALLER, type_name)
    table.update({f"sibling{n}": {**parent} for n in range(limits.QUOTAS[type_name])})
    with pytest.raises(HandlerError, match="the most allowed") as refused:
        finished(handler.create(CALLER, desired))
    assert refused.value.code == "ServiceLimitExceeded"
    del table["sibling0"]
    assert finished(handler.create(CALLER, desired))


def test_another_parent_has_its_own_quota() -> None:
    type_name = next(name for name in limits.QUOTAS if name.endswith("RuntimeEndpoint"))
    store = Store()
    siblings = {f"sibling{n}": {"AgentRuntimeId": "other-0123456789"} for n in range(10)}
    store.table(CALLER, type_name).update(siblings)
    handler = ResourceHandler(type_name, store, Faults())
    assert finished(handler.create(CALLER, minimal(resource_type(type_name, REGION))))


@pytest.mark.parametrize(("size", "taken"), [(2560, True), (2561, False)])
def test_a_container_on_platform_v2_has_two_and_a_half_kilobytes_of_environment(
    ready: Cloud, size: int, *, taken: bool
) -> None:
    caller = Caller(ready.account, REGION, "cloudcontrolapi")
    handler = Handlers(Store(), Faults())(resource_type(RUNTIME, REGION))
    variables = {"A": "x" * 1999, "B": "x" * (size - 2001)}
    desired = ready.runtime(PlatformVersion="V2", EnvironmentVariables=variables)
    if taken:
        assert finished(handler.create(caller, desired))
    else:
        with pytest.raises(HandlerError, match="2561 bytes in total, allowed: 2560"):
            finished(handler.create(caller, desired))


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_platform_v2_is_there_in_its_regions_only(cloud: Cloud, region: str) -> None:
    caller = Caller(cloud.account, region, "cloudcontrolapi")
    handler = Handlers(Store(), Faults())(resource_type(RUNTIME, region))
    trust = json.loads(json.dumps(cloud.trust()).replace(REGION, region))
    role = cloud.role(trust=trust)
    desired = cloud.runtime(AgentRuntimeArtifact=CODE, RoleArn=role)
    assert finished(handler.create(caller, desired)), "V1 is everywhere"
    second = {**desired, "AgentRuntimeName": "second", "PlatformVersion": "V2"}
    if region in limits.PLATFORM_V2_REGIONS:
        assert finished(handler.create(caller, second))
    else:
        with pytest.raises(HandlerError, match="V2 is not available in eu-central-1"):
            finished(handler.create(caller, second))


def test_a_runtime_has_a_thousand_versions_at_most(cloud: Cloud) -> None:
    caller, store = Caller(cloud.account, REGION, "cloudcontrolapi"), Store()
    handler = Handlers(store, Faults())(resource_type(RUNTIME, REGION))
    desired = cloud.runtime(AgentRuntimeArtifact=CODE, RoleArn=cloud.role())
    identifier = finished(handler.create(caller, desired))
    versions = store.table(caller, RUNTIME_VERSIONS)
    versions.update({f"{identifier}:{1000 + n}": {} for n in range(998)})
    finished(handler.update(caller, identifier, {**desired, "Description": "Last"}))
    with pytest.raises(HandlerError, match="1000 versions, the most allowed") as refused:
        finished(handler.update(caller, identifier, {**desired, "Description": "More"}))
    assert refused.value.code == "ServiceLimitExceeded"
    assert handler.read(caller, identifier)["Description"] == "Last"
