"""The way from an agent to the internet: NAT gateway, its subnet, internet gateway, ACLs."""

from tests.reachability.crossings import (
    astray,
    barriers_to_clients,
    barriers_to_server,
    block_of,
    detours,
    hops_from,
)
from tests.reachability.network import Answer, Network, items
from tests.reachability.routes import Hop


def through_nat(network: Network, subnet: Answer, hop: Hop, port: int) -> list[str]:
    """What keeps the subnet from the port of the hop's addresses through a NAT gateway."""
    gateway = network.nat_gateway(hop.target) if hop.target else None
    if gateway is None or hop.is_blackhole:
        return [astray(network, subnet, hop, "to a NAT gateway")]
    identifier = gateway["NatGatewayId"]
    if gateway["State"] != "available":
        return [f"{identifier} is {gateway['State']}"]
    public = [one for one in items(gateway, "NatGatewayAddresses") if one.get("PublicIp")]
    if gateway.get("ConnectivityType") == "private" or not public:
        return [f"{identifier} has no public address"]
    there = network.subnet(gateway["SubnetId"])
    if there is None:
        return [f"{gateway['SubnetId']} of {identifier} does not exist"]
    findings = [
        astray(network, there, further, "to an attached internet gateway")
        for further in hops_from(network, there, hop.addresses)
        if not _leads_out(network, there, further)
    ]
    findings += detours(network, there, block_of(subnet))
    findings += barriers_to_clients(network, there, hop.addresses, port)
    if there["SubnetId"] != subnet["SubnetId"]:
        findings += barriers_to_clients(network, subnet, hop.addresses, port)
        findings += barriers_to_server(network, there, block_of(subnet), port)
    return findings


def _leads_out(network: Network, subnet: Answer, hop: Hop) -> bool:
    gateway = network.internet_gateway(hop.target) if hop.target else None
    return (
        gateway is not None
        and not hop.is_blackhole
        and any(
            one["VpcId"] == subnet["VpcId"]
            # EC2 says available of an internet gateway; the model of the API has attached.
            and one["State"] in ("available", "attached")
            for one in items(gateway, "Attachments")
        )
    )
