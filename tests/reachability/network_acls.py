"""Which TCP traffic the network ACL of a subnet lets in or out.

Rules are tried from the lowest number on, the first that matches decides, and without one nothing
passes. ACLs are stateless: what answers needs a rule of its own. They see only what crosses the
border of the subnet. Source: VPC user guide, "Network ACL rules". IPv4 only.
"""

from dataclasses import dataclass

from tests.reachability.network import Answer, Network, items
from tests.reachability.ranges import EVERY_PORT, Ranges, addresses, ports

# What a client may take as its own port. Source: VPC user guide, "Ephemeral ports": the range that
# covers every kind of client, NAT gateways too.
EPHEMERAL_PORTS = ports(1024, 65535)

_ALL_PROTOCOLS = "-1"
_TCP = "6"
_LAST_RULE = 32767  # written * by the console: it cannot be changed and denies everything


@dataclass(frozen=True)
class Refusal:
    """A part of the traffic that does not pass, and the number of the rule that stops it."""

    rule: str
    addresses: Ranges
    ports: Ranges


def acl_of(network: Network, subnet: Answer) -> Answer | None:
    """The network ACL of the subnet; each has exactly one."""
    for acl in network.network_acls:
        for association in items(acl, "Associations"):
            if association["SubnetId"] == subnet["SubnetId"]:
                return acl
    return None


def refusal(acl: Answer, peers: Ranges, wanted: Ranges, *, egress: bool) -> Refusal | None:
    """The first part that does not pass, None when all passes.

    `peers` are the addresses beyond the subnet's border, `wanted` the TCP destination ports.
    """
    left = [(peers, wanted)]
    entries = [entry for entry in items(acl, "Entries") if bool(entry["Egress"]) is egress]
    for entry in sorted(entries, key=_number):
        blocks, range_of_ports = _matched(entry)
        undecided: list[tuple[Ranges, Ranges]] = []
        for from_or_to, at in left:
            hit = (from_or_to & blocks, at & range_of_ports)
            if all(hit) and entry["RuleAction"] != "allow":
                number = _number(entry)
                return Refusal("*" if number == _LAST_RULE else str(number), *hit)
            undecided += [(from_or_to - blocks, at), (hit[0], at - range_of_ports)]
        left = [part for part in undecided if all(part)]
    return Refusal("*", *left[0]) if left else None


def _matched(entry: Answer) -> tuple[Ranges, Ranges]:
    """The addresses and the TCP ports that the rule is for."""
    block, protocol = entry.get("CidrBlock"), str(entry["Protocol"])
    if not block or protocol not in (_ALL_PROTOCOLS, _TCP):
        return Ranges(), Ranges()
    if protocol == _ALL_PROTOCOLS:
        return addresses(block), EVERY_PORT
    span = entry["PortRange"]
    return addresses(block), ports(int(span["From"]), int(span["To"]))


def _number(entry: Answer) -> int:
    return int(entry["RuleNumber"])
