"""Where a subnet sends what is bound for an address.

Sources: VPC user guide, "Subnet route tables" and "How route priority works"; Site-to-Site VPN user
guide, "Route tables and route priority". IPv4 only.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from tests.reachability.network import Answer, Network, items
from tests.reachability.ranges import EVERY_ADDRESS, Ranges, addresses

LOCAL = "local"
_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "OdbNetworkArn",
)
_STATIC, _BY_PREFIX_LIST, _PROPAGATED = range(3)


@dataclass(frozen=True)
class Hop:
    """Where some addresses are sent. Without a target there is no route to them."""

    addresses: Ranges
    target: str | None
    is_blackhole: bool = False


def table_of(network: Network, subnet: Answer) -> Answer | None:
    """The route table that counts for the subnet: its own, else the main table of its VPC."""
    tables = [table for table in network.route_tables if table["VpcId"] == subnet["VpcId"]]
    associations = [
        (table, association) for table in tables for association in items(table, "Associations")
    ]
    for table, association in associations:
        if association.get("SubnetId") == subnet["SubnetId"]:
            return table
    return next((table for table, association in associations if association.get("Main")), None)


def hops(network: Network, table: Answer, destination: Ranges) -> list[Hop]:
    """Where the table sends the addresses: each by the most specific route that has it.

    Of routes to the same block a static one wins over one by a prefix list, and that over one that
    was propagated. Propagated routes never reach into the VPC, however specific they are.
    """
    left = destination
    found: dict[tuple[str | None, bool], Ranges] = {}
    for route, block, _ in sorted(_blocks(network, table), key=_priority):
        key = (target_of(route), route.get("State") == "blackhole")
        found[key] = found.get(key, Ranges()) | (left & block)
        left -= block
    found[None, False] = left
    return [Hop(bound, *key) for key, bound in found.items() if bound]


def target_of(route: Answer) -> str:
    """What the route leads to."""
    return next((str(route[name]) for name in _TARGETS if route.get(name)), "an unknown target")


def _blocks(network: Network, table: Answer) -> Iterator[tuple[Answer, Ranges, tuple[int, int]]]:
    """Every route with each block it is for, and what it yields to: (-length of prefix, kind)."""
    routes = items(table, "Routes")
    inside = Ranges()
    for route in routes:
        if route.get("GatewayId") == LOCAL and "DestinationCidrBlock" in route:
            inside |= addresses(route["DestinationCidrBlock"])
    for route in routes:
        kind = _STATIC
        if "DestinationPrefixListId" in route:
            kind = _BY_PREFIX_LIST
            entries = network.prefix_list_entries.get(route["DestinationPrefixListId"], [])
            blocks = [str(entry["Cidr"]) for entry in entries]
        else:
            blocks = [str(route[name]) for name in ("DestinationCidrBlock",) if route.get(name)]
        reach = EVERY_ADDRESS
        if route.get("Origin") == "EnableVgwRoutePropagation":
            kind = _PROPAGATED
            reach -= inside
        for block in blocks:
            if ":" not in block:
                length = ipaddress.IPv4Network(block, strict=False).prefixlen
                yield route, addresses(block) & reach, (-length, kind)


def _priority(found: tuple[Answer, Ranges, tuple[int, int]]) -> tuple[int, int]:
    return found[2]
