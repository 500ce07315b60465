"""Sets of whole numbers kept as ranges: IPv4 addresses, ports."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_LARGEST_ADDRESS = 2**32 - 1
_LARGEST_PORT = 2**16 - 1
_NAMED = 3  # of the blocks of a set, where it is written out


@dataclass(frozen=True)
class Ranges:
    """A set of numbers: disjoint ranges in order, each with its first and last number."""

    parts: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, parts: Iterable[tuple[int, int]]) -> "Ranges":
        """Join ranges in any order; one that ends before it begins is empty."""
        joined: list[tuple[int, int]] = []
        for first, last in sorted(part for part in parts if part[0] <= part[1]):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        return cls(tuple(joined))

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __or__(self, other: "Ranges") -> "Ranges":
        return Ranges.of((*self.parts, *other.parts))

    def __and__(self, other: "Ranges") -> "Ranges":
        return Ranges.of(
            (max(first, start), min(last, end))
            for first, last in self.parts
            for start, end in other.parts
        )

    def __sub__(self, other: "Ranges") -> "Ranges":
        left = list(self.parts)
        for start, end in other.parts:
            left = [
                piece
                for first, last in left
                for piece in ((first, min(last, start - 1)), (max(first, end + 1), last))
                if piece[0] <= piece[1]
            ]
        return Ranges.of(left)


@cache
def addresses(*blocks: str) -> Ranges:
    """The IPv4 addresses of CIDR blocks or single addresses; host bits are ignored."""
    networks = (ipaddress.IPv4Network(block, strict=False) for block in blocks)
    return Ranges.of((int(one.network_address), int(one.broadcast_address)) for one in networks)


def ports(first: int, last: int) -> Ranges:
    """The ports from the first to the last."""
    return Ranges(((first, last),))


def written_addresses(found: Ranges) -> str:
    """The set as CIDR blocks, the first few of them; a block of one address as the address."""
    blocks = [
        str(block).removesuffix("/32")
        for first, last in found.parts
        for block in ipaddress.summarize_address_range(
            ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
        )
    ]
    more = len(blocks) - _NAMED
    return ", ".join(blocks[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def written_ports(found: Ranges) -> str:
    """The set as ports and ranges of ports."""
    return ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in found.parts
    )


EVERY_ADDRESS = Ranges(((0, _LARGEST_ADDRESS),))
EVERY_PORT = Ranges(((0, _LARGEST_PORT),))
