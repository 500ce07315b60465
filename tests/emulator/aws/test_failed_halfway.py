"""Resources whose work fails when it is all but done: they are there, and say why."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.agentcore.handlers import Handlers
from emulator.aws.agentcore.store import (
    CAPACITY_PROVIDER,
    ENDPOINT,
    GATEWAY,
    MEMORY,
    RUNTIME,
    Store,
)
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, Work
from emulator.aws.cloudcontrol.schemas import resource_type
from emulator.aws.faults import Faults
from tests.emulator.aws.cloud import REGION, Cloud
from tests.emulator.aws.refusals.agentcore import CODE

JsonObject = dict[str, Any]
REASON = "The instance type is not available"


class Unlucky(Faults):
    """Faults that fail the next work, whatever it is."""

    waiting = False

    def halfway(self, account: str, operation: str, type_name: str) -> str | None:
        del account, operation, type_name
        waited, self.waiting = self.waiting, False
        return REASON if waited else None


class Place:
    """The handlers over a store of their own, with the role that a runtime of code needs."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.role = cloud.role()
        self.caller = Caller(cloud.account, REGION, "cloudcontrolapi")
        self.faults = Unlucky()
        self.handlers = Handlers(Store(), self.faults)

    def create(self, type_name: str, desired: JsonObject) -> str:
        return finished(self.of(type_name).create(self.caller, desired))

    def of(self, type_name: str) -> Any:
        return self.handlers(resource_type(type_name, REGION))


def finished(work: Work) -> str:
    return [*work][-1]


def runtime(place: Place, **changes: Any) -> JsonObject:
    return place.cloud.runtime(AgentRuntimeArtifact=CODE, RoleArn=place.role, **changes)


def memory(_: Place) -> JsonObject:
    return {"Name": "memory", "EventExpiryDuration": 7}


def endpoint(place: Place) -> JsonObject:
    return {"AgentRuntimeId": place.create(RUNTIME, runtime(place)), "Name": "live"}


def gateway(place: Place) -> JsonObject:
    return {"Name": "tools", "RoleArn": place.cloud.role("gateway"), "AuthorizerType": "NONE"}


def provider(place: Place) -> JsonObject:
    subnet, group = place.cloud.network()
    operator = {"CapacityProviderOperatorRoleArn": place.cloud.role("operator")}
    return {
        "Name": "instances",
        "PermissionsConfiguration": operator,
        "ComputeConfiguration": place.cloud.compute([subnet], [group]),
    }


@pytest.mark.parametrize(
    ("type_name", "desired_of", "failed", "settled"),
    [
        (RUNTIME, runtime, ("CREATE_FAILED", "UPDATE_FAILED"), "READY"),
        (ENDPOINT, endpoint, ("CREATE_FAILED", "UPDATE_FAILED"), "READY"),
        (GATEWAY, gateway, ("FAILED", "UPDATE_UNSUCCESSFUL"), "READY"),
        (MEMORY, memory, ("FAILED", "FAILED"), "ACTIVE"),
        (CAPACITY_PROVIDER, provider, ("CREATE_FAILED", "UPDATE_FAILED"), "READY"),
    ],
)
def test_it_stays_with_its_status_and_reason_until_it_is_deleted_or_updated(
    cloud: Cloud,
    type_name: str,
    desired_of: Callable[[Place], JsonObject],
    failed: tuple[str, str],
    settled: str,
) -> None:
    place = Place(cloud)
    handler, desired = place.of(type_name), desired_of(place)

    place.faults.waiting = True
    with pytest.raises(HandlerError, match=REASON) as refused:
        finished(handler.create(place.caller, desired))
    assert refused.value.code == "NotStabilized"
    (identifier,) = [
        found for found, _ in handler.list(place.caller, {}) if found in refused.value.message
    ]
    stored = handler.resource(place.caller, identifier)
    assert stored["Status"] == failed[0]
    assert REASON in (stored.get("FailureReason"), *stored.get("StatusReasons", ()))
    with pytest.raises(HandlerError, match="already exists"):
        finished(handler.create(place.caller, desired))

    finished(handler.delete(place.caller, identifier))
    identifier = finished(handler.create(place.caller, desired))
    assert handler.read(place.caller, identifier)["Status"] == settled, "its name was free"

    place.faults.waiting = True
    with pytest.raises(HandlerError, match=REASON):
        finished(handler.update(place.caller, identifier, {**desired, "Description": "Second"}))
    assert handler.resource(place.caller, identifier)["Status"] == failed[1]
    finished(handler.update(place.caller, identifier, {**desired, "Description": "Third"}))
    healed = handler.resource(place.caller, identifier)
    assert healed["Status"] == settled
    assert not {"FailureReason", "StatusReasons"} & healed.keys(), "the reason is past"


def test_the_endpoint_default_follows_its_runtime_and_serves_what_it_served(cloud: Cloud) -> None:
    place = Place(cloud)
    identifier = place.create(RUNTIME, runtime(place))
    place.faults.waiting = True
    with pytest.raises(HandlerError, match="UPDATE_FAILED"):
        finished(
            place.of(RUNTIME).update(place.caller, identifier, runtime(place, Description="2nd"))
        )
    ((_, default),) = place.of(ENDPOINT).list(place.caller, {"AgentRuntimeId": identifier})
    assert default["Status"] == "UPDATE_FAILED"
    assert (default["LiveVersion"], default["TargetVersion"]) == ("1", "2")
