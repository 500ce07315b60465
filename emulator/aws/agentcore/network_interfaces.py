"""The network interfaces through which runtimes reach their VPC.

There is one for each subnet and set of security groups that a runtime's version in use names; all
runtimes with the same ones share it. It follows changes, and goes with the last that needs it, or
stays for as long as a fault asks: the service's own takes up to 8 hours. The first one brings the
service-linked role that makes them.
Sources: AgentCore developer guide, "Configure Amazon Bedrock AgentCore Runtime and tools for VPC"
and "Service-linked roles". That an endpoint's version that is not the current one keeps its
interfaces is an assumption.
"""

from emulator.aws.agentcore.store import (
    ENDPOINT,
    NETWORK_INTERFACES,
    RUNTIME,
    RUNTIME_VERSIONS,
    JsonObject,
    Store,
)
from emulator.aws.caller import Caller
from emulator.aws.faults import Faults
from emulator.aws.moto_services import state

_ROLE = "AWSServiceRoleForBedrockAgentCoreNetwork"
_SERVICE = "network.bedrock-agentcore.amazonaws.com"
_POLICY = "aws-service-role/BedrockAgentCoreNetworkServiceRolePolicy"

SharedSet = tuple[str, frozenset[str]]


def shared_sets(resource: JsonObject) -> set[SharedSet]:
    """Return the subnets, each with the security groups, that a version in VPC mode names."""
    config: JsonObject = resource.get("NetworkConfiguration", {}).get("NetworkModeConfig") or {}
    groups = frozenset(config.get("SecurityGroups", ()))
    return {(subnet, groups) for subnet in config.get("Subnets", ())}


def follow_runtimes(store: Store, faults: Faults, caller: Caller) -> None:
    """Make the interfaces that the caller's runtimes need, and let go of the others."""
    wanted: set[SharedSet] = set()
    for version in _versions_in_use(store, caller):
        wanted |= shared_sets(version)
    known = store.table(caller, NETWORK_INTERFACES)
    keys = {"|".join((subnet, *sorted(groups))) for subnet, groups in wanted}
    if keys == known.keys():
        return
    state.make_service_linked_role(
        caller, _ROLE, _SERVICE, f"arn:{caller.partition}:iam::aws:policy/{_POLICY}"
    )
    state.share_interfaces(caller, wanted, faults.interface_hold(caller.account))
    known.clear()
    known.update({key: {} for key in keys})


def _versions_in_use(store: Store, caller: Caller) -> list[JsonObject]:
    versions = store.table(caller, RUNTIME_VERSIONS)
    used = {
        f"{endpoint['AgentRuntimeId']}:{endpoint[member]}"
        for endpoint in store.table(caller, ENDPOINT).values()
        for member in ("LiveVersion", "TargetVersion")
        if member in endpoint
    }
    runtimes = store.table(caller, RUNTIME).values()
    return [*runtimes, *(versions[key] for key in used if key in versions)]
