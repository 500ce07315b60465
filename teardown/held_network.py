"""What AgentCore holds of a stack's network.

The service keeps the network interfaces of agents in VPC mode for up to 8 hours after the last
agent with the same subnets and security groups is gone (AgentCore developer guide, VPC mode).
Nobody else can detach or delete them. Until then EC2 refuses to delete these subnets and groups,
and with them the VPC: DependencyViolation, which Pulumi's provider meets with many minutes of
retries before it fails.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from recovery.lookups import RUNTIME
from recovery.stack_state import Record, StackState
from teardown.teardown_error import TeardownError

VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"

# As users' listings show them: hashicorp/terraform-provider-aws#47399.
_INTERFACE_TYPE: Final = "agentic_ai"
_INTERFACE_TAG: Final = ("AmazonBedrockAgentCoreManaged", "true")
# What an interface is looked for by, in the words of DescribeNetworkInterfaces.
_FILTERS: Final = {SUBNET: "subnet-id", GROUP: "group-id"}

Client: TypeAlias = Any
"""A boto3 client."""
Clients: TypeAlias = Callable[[str, str | None], Client]
"""Makes a boto3 client of a service in a region; None is the ambient one."""


@dataclass(frozen=True)
class Holding:
    """What is held, and by what.

    Attributes:
        interfaces: ids of the service's interfaces.
        urns: the subnets and security groups of the state in which and with which they are.
    """

    interfaces: tuple[str, ...] = ()
    urns: tuple[str, ...] = ()


def held_by_service(
    state: StackState, clients: Clients, among: Collection[str] | None = None
) -> Holding:
    """Ask EC2 which subnets and groups of the state the service has interfaces in.

    Interfaces of agents that run count as those of agents that are gone: AWS tells no difference.

    Args:
        state: the stack's state.
        clients: AWS.
        among: URNs of the subnets and groups that are asked for; None is all of them.

    Raises:
        TeardownError: AWS cannot be asked.
    """
    interfaces: set[str] = set()
    held: set[str] = set()
    try:
        for region, parts in _by_region(state, among).items():
            for found in _service_interfaces(clients("ec2", region), parts):
                interfaces.add(found["NetworkInterfaceId"])
                held.add(found["SubnetId"])
                held.update(group["GroupId"] for group in found["Groups"])
    except (ClientError, BotoCoreError) as error:
        raise TeardownError(f"AWS cannot be asked: {error}") from error
    return Holding(tuple(sorted(interfaces)), _urns(state, held))


def used_by_agents(state: StackState) -> tuple[str, ...]:
    """URNs of the subnets and groups in which and with which runtimes of the state are.

    They will be held once these runtimes are gone, also where EC2 shows no interface yet.
    """
    used: set[str] = set()
    for record in state.resources:
        if record["type"] == RUNTIME:
            inputs: Mapping[str, Any] = record.get("inputs") or {}
            network: Mapping[str, Any] = inputs.get("networkConfiguration") or {}
            mode: Mapping[str, list[str]] = network.get("networkModeConfig") or {}
            used.update([*mode.get("subnets", []), *mode.get("securityGroups", [])])
    return _urns(state, used)


def has_network(state: StackState) -> bool:
    """Whether the state holds anything that the service may hold."""
    return any(_parts(state))


def kept_with(state: StackState, urns: Collection[str]) -> list[Record]:
    """These resources and all they stand on, which the engine keeps with them."""
    kept: set[str] = set()
    waiting = list(urns)
    while waiting:
        urn = waiting.pop()
        record = state.of(urn)
        if urn in kept or record is None:
            continue
        kept.add(urn)
        waiting += _stands_on(record)
    return [record for record in state.resources if record["urn"] in kept]


def named(records: Sequence[Record]) -> str:
    """What of a network AWS has, by its ids."""
    kinds = (VPC, SUBNET, GROUP)
    found = [record for record in records if record["type"] in kinds]
    found.sort(key=lambda record: kinds.index(record["type"]))
    return ", ".join(str(record["id"]) for record in found)


def count(interfaces: Sequence[str]) -> str:
    """Their number in words."""
    return f"{len(interfaces)} network interface{'' if len(interfaces) == 1 else 's'}"


def _parts(state: StackState) -> Iterator[Record]:
    return (record for record in state.resources if record["type"] in _FILTERS)


def _by_region(state: StackState, among: Collection[str] | None) -> dict[str | None, list[Record]]:
    found: defaultdict[str | None, list[Record]] = defaultdict(list)
    for record in _parts(state):
        if among is not None and record["urn"] not in among:
            continue
        provider = state.provider_of(record)
        found[provider.region if provider else None].append(record)
    return found


def _service_interfaces(ec2: Client, parts: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Those in one of the subnets or with one of the groups, some of them twice."""
    for kind, name in _FILTERS.items():
        ids = sorted({str(record["id"]) for record in parts if record["type"] == kind})
        if not ids:
            continue
        asked = [{"Name": name, "Values": ids}]
        for page in ec2.get_paginator("describe_network_interfaces").paginate(Filters=asked):
            yield from filter(_is_of_service, page["NetworkInterfaces"])


def _is_of_service(interface: dict[str, Any]) -> bool:
    tags = {(tag["Key"], tag["Value"]) for tag in interface.get("TagSet", ())}
    return interface.get("InterfaceType") == _INTERFACE_TYPE or _INTERFACE_TAG in tags


def _urns(state: StackState, ids: Collection[str]) -> tuple[str, ...]:
    return tuple(record["urn"] for record in _parts(state) if record["id"] in ids)


def _stands_on(record: Record) -> list[str]:
    by_property: dict[str, list[str] | None] = record.get("propertyDependencies") or {}
    return [
        *filter(None, [record.get("parent"), str(record.get("provider", "")).rpartition("::")[0]]),
        *(record.get("dependencies") or []),
        *(urn for urns in by_property.values() for urn in urns or []),
    ]
