"""IPv4 blocks as EC2 takes them, and which address of a subnet is free."""

import ipaddress
from collections.abc import Collection
from typing import Final

# The network itself, the router, DNS, and one kept for later; the last address is kept too.
# Source: VPC user guide, "Subnet CIDR blocks".
_FIRST_FREE: Final = 4


def canonical(block: str) -> str:
    """Return the block without host bits, as EC2 keeps it; what is no block stays as it is."""
    try:
        return str(ipaddress.IPv4Network(block, strict=False))
    except ValueError:
        return block


def free_address(block: str, taken: Collection[str]) -> str | None:
    """Return the subnet's first free address; None when it is full."""
    network = ipaddress.IPv4Network(block)
    for number in range(_FIRST_FREE, network.num_addresses - 1):
        address = str(network[number])
        if address not in taken:
            return address
    return None


def holds(block: str, address: str) -> bool:
    """Whether the address is one of the subnet's."""
    try:
        return ipaddress.IPv4Address(address) in ipaddress.IPv4Network(block)
    except ValueError:
        return False
