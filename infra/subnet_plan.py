"""Where each availability zone's subnets lie in a VPC's CIDR. IPv4 only.

The VPC is cut into eight equal blocks, and a zone's block is given by the number in its id:
``use1-az4`` has the fourth. So a zone that is added or left out moves no other zone's subnets,
which service interfaces may hold and which AWS cannot resize.

How much it takes: AgentCore's interfaces are shared by all agents with the same subnets and
security groups, an interface endpoint takes one address in each zone, and AWS keeps five addresses
of every subnet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses
from typing import Final

from infra.availability_zones import MAX_ZONE_NUMBER, zone_number

# CreateVpc takes /16 to /28. Below /22 an agent subnet would have fewer than 59 usable addresses.
LARGEST_VPC: Final = 16
SMALLEST_VPC: Final = 22

# 2 ** 3 is MAX_ZONE_NUMBER.
_ZONE_BITS: Final = 3
# CreateSubnet: the smallest subnet is a /28. A NAT gateway needs one address.
_SMALLEST_SUBNET: Final = 28
_PUBLIC_BITS: Final = 5


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The part of one zone.

    Attributes:
        agent: for the agents and the interface endpoints: the first half of the zone's block.
        public: for a NAT gateway: the end of the second half.
        spare: what is left of the block, for subnets this program does not make.
    """

    agent: IPv4Network
    public: IPv4Network
    spare: tuple[IPv4Network, ...]


def plan_subnets(cidr: IPv4Network, zone_ids: Iterable[str]) -> dict[str, ZoneSubnets]:
    """The subnets of each zone, in the order of the zones' numbers.

    A zone's subnets depend on the CIDR and its own id only.

    Args:
        cidr: the VPC's, from /16 to /22.
        zone_ids: of one region.

    Raises:
        ValueError: a CIDR of another size, or a zone that no block belongs to.
    """
    if not LARGEST_VPC <= cidr.prefixlen <= SMALLEST_VPC:
        raise ValueError(f"{cidr} is not from /{LARGEST_VPC} to /{SMALLEST_VPC}")
    blocks = dict(enumerate(cidr.subnets(prefixlen_diff=_ZONE_BITS), start=1))
    zones = {zone_number(zone_id): zone_id for zone_id in zone_ids}
    unplaced = [zone_id for number, zone_id in zones.items() if number not in blocks]
    if unplaced:
        raise ValueError(f"{', '.join(unplaced)}: only zones 1 to {MAX_ZONE_NUMBER} have a block")
    return {zone_id: _subnets(blocks[number]) for number, zone_id in sorted(zones.items())}


def _subnets(block: IPv4Network) -> ZoneSubnets:
    agent, rest = block.subnets()
    public_prefix = min(block.prefixlen + _PUBLIC_BITS, _SMALLEST_SUBNET)
    *spare, public = rest.subnets(new_prefix=public_prefix)
    return ZoneSubnets(agent=agent, public=public, spare=tuple(collapse_addresses(spare)))
