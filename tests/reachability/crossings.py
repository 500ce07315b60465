"""What routes and network ACLs do to a connection between a subnet and something beyond it."""

from collections.abc import Iterator

from tests.reachability.network import Answer, Network
from tests.reachability.network_acls import EPHEMERAL_PORTS, acl_of, refusal
from tests.reachability.ranges import (
    Ranges,
    addresses,
    ports,
    written_addresses,
    written_ports,
)
from tests.reachability.routes import LOCAL, Hop, hops, table_of


def block_of(*subnets: Answer) -> Ranges:
    """The addresses of the subnets."""
    return addresses(*(subnet["CidrBlock"] for subnet in subnets))


def hops_from(network: Network, subnet: Answer, destination: Ranges) -> list[Hop]:
    """Where the subnet sends what is bound for the addresses."""
    table = table_of(network, subnet)
    return hops(network, table, destination) if table else [Hop(destination, None)]


def astray(network: Network, subnet: Answer, hop: Hop, wanted: str) -> str:
    """Say that the subnet sends the hop's addresses where they are not to go."""
    bound = written_addresses(hop.addresses)
    if hop.target is None:
        return f"{table_name(network, subnet)} has no route for {bound} {wanted}"
    if hop.is_blackhole:
        return f"{table_name(network, subnet)} sends {bound} into a blackhole: {hop.target}"
    return f"{table_name(network, subnet)} sends {bound} to {hop.target}, not {wanted}"


def table_name(network: Network, subnet: Answer) -> str:
    """The route table that counts for the subnet, by its id."""
    table = table_of(network, subnet)
    name = table["RouteTableId"] if table else "the missing table"
    return f"{name} of {subnet['SubnetId']}"


def detours(network: Network, subnet: Answer, destination: Ranges) -> list[str]:
    """Where the subnet sends addresses of its VPC anywhere but straight there."""
    return [
        astray(network, subnet, hop, "inside the VPC")
        for hop in hops_from(network, subnet, destination)
        if hop.target != LOCAL
    ]


def barriers_between(
    network: Network, client: Answer, server: Answer, target: Ranges, port: int
) -> list[str]:
    """What keeps clients of one subnet from the target in another, and its answers from them."""
    found = [*detours(network, client, target), *detours(network, server, block_of(client))]
    if client["SubnetId"] == server["SubnetId"]:
        return found  # no ACL sees what stays in a subnet
    return [
        *found,
        *barriers_to_clients(network, client, target, port),
        *barriers_to_server(network, server, block_of(client), port),
    ]


def barriers_to_clients(
    network: Network, subnet: Answer, servers: Ranges, port: int
) -> Iterator[str]:
    """What the subnet's ACL stops of connections from inside to the servers' port."""
    yield from _stopped(network, subnet, servers, ports(port, port), egress=True)
    yield from _stopped(network, subnet, servers, EPHEMERAL_PORTS, egress=False)


def barriers_to_server(
    network: Network, subnet: Answer, clients: Ranges, port: int
) -> Iterator[str]:
    """What the subnet's ACL stops of connections from the clients to the port inside."""
    yield from _stopped(network, subnet, clients, ports(port, port), egress=False)
    yield from _stopped(network, subnet, clients, EPHEMERAL_PORTS, egress=True)


def _stopped(
    network: Network, subnet: Answer, peers: Ranges, wanted: Ranges, *, egress: bool
) -> Iterator[str]:
    acl = acl_of(network, subnet)
    if acl is None:
        yield f"{subnet['SubnetId']} has no network ACL"
        return
    found = refusal(acl, peers, wanted, egress=egress)
    if found:
        yield (
            f"rule {found.rule} of {acl['NetworkAclId']} at {subnet['SubnetId']} denies TCP "
            f"{written_ports(found.ports)} {'out to' if egress else 'in from'} "
            f"{written_addresses(found.addresses)}"
        )
