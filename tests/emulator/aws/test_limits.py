"""Quotas, in a store that is filled beforehand: a thousand creates would take their time."""

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


def test_a_runtime_has_a_thousand_versions_at_most(ready: Cloud) -> None:
    caller, store = Caller(ready.account, REGION, "cloudcontrolapi"), Store()
    handler = Handlers(store, Faults())(resource_type(RUNTIME, REGION))
    identifier = finished(handler.create(caller, ready.runtime()))
    versions = store.table(caller, RUNTIME_VERSIONS)
    versions.update({f"{identifier}:{1000 + n}": {} for n in range(998)})
    finished(handler.update(caller, identifier, ready.runtime(Description="Last")))
    with pytest.raises(HandlerError, match="1000 versions, the most allowed") as refused:
        finished(handler.update(caller, identifier, ready.runtime(Description="One more")))
    assert refused.value.code == "ServiceLimitExceeded"
    assert handler.read(caller, identifier)["Description"] == "Last"
