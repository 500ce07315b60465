"""Which TCP traffic security groups admit.

The rules of all groups of an interface count together; nothing is admitted without one. Groups
are stateful: what answers is admitted. Sources: VPC user guide, "Security group rules" and
"Security group referencing"; rules are those of DescribeSecurityGroupRules. IPv4 only.
"""

from collections.abc import Collection
from dataclasses import dataclass

from tests.reachability.network import Answer, Network, part
from tests.reachability.ranges import EVERY_PORT, Ranges, addresses, ports

_ALL_PROTOCOLS = "-1"
_TCP = ("tcp", "6")


@dataclass(frozen=True)
class Peer:
    """The other side: addresses, and the groups of the interfaces that have them."""

    addresses: Ranges
    groups: frozenset[str] = frozenset()


def rules_of(network: Network, groups: Collection[str], *, egress: bool) -> list[Answer]:
    """The rules of the groups in one direction."""
    return [
        rule
        for rule in network.security_group_rules
        if rule["GroupId"] in groups and bool(rule["IsEgress"]) is egress
    ]


def left_out(
    network: Network, groups: Collection[str], peer: Peer, port: int, *, egress: bool
) -> Ranges:
    """The peer's addresses to which (or, for ingress, from which) no rule admits the port."""
    left = peer.addresses
    for rule in rules_of(network, groups, egress=egress):
        if ports(port, port) & tcp_ports(rule):
            left -= _matched(network, rule, peer)
    return left


def tcp_ports(rule: Answer) -> Ranges:
    """The TCP ports that the rule is for."""
    protocol = str(rule.get("IpProtocol"))
    if protocol == _ALL_PROTOCOLS:
        return EVERY_PORT
    if protocol not in _TCP:
        return Ranges()
    return ports(int(rule["FromPort"]), int(rule["ToPort"]))


def referred_group(rule: Answer) -> str | None:
    """The group whose interfaces the rule is for, None where it is for addresses."""
    return part(rule, "ReferencedGroupInfo").get("GroupId")


def _matched(network: Network, rule: Answer, peer: Peer) -> Ranges:
    referred = referred_group(rule)
    if referred:
        return peer.addresses if referred in peer.groups else Ranges()
    if rule.get("CidrIpv4"):
        return addresses(rule["CidrIpv4"])
    if rule.get("PrefixListId"):
        entries = network.prefix_list_entries.get(rule["PrefixListId"], [])
        return addresses(*(entry["Cidr"] for entry in entries if ":" not in entry["Cidr"]))
    return Ranges()


def written(rule: Answer) -> str:
    """The rule in words, as far as it says what passes: protocol, ports, peer."""
    protocol = str(rule.get("IpProtocol"))
    first, last = rule.get("FromPort", -1), rule.get("ToPort", -1)
    what = "everything" if protocol == _ALL_PROTOCOLS else protocol.upper()
    if protocol != _ALL_PROTOCOLS and first != -1:
        what += f" {first}" if first == last else f" {first}-{last}"
    peer = (
        referred_group(rule)
        or rule.get("CidrIpv4")
        or rule.get("CidrIpv6")
        or rule.get("PrefixListId")
    )
    return f"{what} {'to' if rule['IsEgress'] else 'from'} {peer}"
