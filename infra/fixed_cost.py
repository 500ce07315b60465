"""What a stack costs in a month while nobody calls its agents, at list price.

Counted is what the stack makes and AWS bills by time: interface endpoints, NAT gateways with their
public addresses, and the key. Not counted is use: sessions, tokens, data, logs and images; nor
taxes, discounts, and endpoints that were made elsewhere and are reused.

Source: AWS's pages "AWS PrivateLink pricing", "Amazon VPC pricing" (NAT gateways, public IPv4
addresses) and "AWS Key Management Service pricing", through public notes of 2025-10 to 2026-10 that
quote them, read 2026-11-23. Prices age, and most regions have others than us-east-1: a region
without a row is counted at us-east-1's prices, and the answer says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

# The hours AWS's own calculator gives a month.
HOURS: Final = 730


@dataclass(frozen=True, kw_only=True)
class _Prices:
    """USD an hour, where prices differ by region."""

    interface_endpoint: Decimal
    nat_gateway: Decimal


_REFERENCE: Final = "us-east-1"
_UNITED_STATES: Final = _Prices(interface_endpoint=Decimal("0.01"), nat_gateway=Decimal("0.045"))
_PRICES: Final = {
    "eu-west-1": _Prices(interface_endpoint=Decimal("0.011"), nat_gateway=Decimal("0.048")),
    "us-east-1": _UNITED_STATES,
    "us-east-2": _UNITED_STATES,
    "us-west-2": _UNITED_STATES,
}
# The same in every region: an address by the hour, a key by the month.
_PUBLIC_ADDRESS: Final = Decimal("0.005")
_KEY: Final = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """So many of one thing, each at so many USD a month."""

    item: str
    count: int
    each: Decimal

    @property
    def total(self) -> Decimal:
        """All of them together."""
        return self.count * self.each


@dataclass(frozen=True, kw_only=True)
class FixedCost:
    """The fixed cost of a stack; USD a month.

    Attributes:
        lines: what there is any of.
        priced_in: the region whose prices were taken; the stack's own where they are known.
    """

    lines: Sequence[CostLine]
    priced_in: str

    @property
    def total(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.total for line in self.lines), Decimal(0))

    def output(self) -> dict[str, Any]:
        """As a stack output: plain JSON, amounts in USD."""
        return {
            "total": float(self.total),
            "pricedIn": self.priced_in,
            "lines": [
                {
                    "item": line.item,
                    "count": line.count,
                    "each": float(line.each),
                    "total": float(line.total),
                }
                for line in self.lines
            ],
        }

    def __str__(self) -> str:
        parts = "; ".join(
            f"{line.item}: {line.count} x {line.each:.2f} = {line.total:.2f}" for line in self.lines
        )
        return (
            f"{self.total:.2f} USD a month at the list prices of {self.priced_in}, before any use"
            + (f" ({parts})" if parts else "")
        )


def monthly_fixed_cost(
    region: str, *, interface_endpoints: int, zones: int, nat_gateways: int, keys: int
) -> FixedCost:
    """Add up what the stack makes.

    Args:
        region: the stack's.
        interface_endpoints: those the stack makes; gateway endpoints cost nothing.
        zones: in how many zones each of them stands, for each is billed by itself.
        nat_gateways: each has a public address of its own.
        keys: customer-managed keys.
    """
    priced_in = region if region in _PRICES else _REFERENCE
    prices = _PRICES[priced_in]
    lines = (
        CostLine(
            item="endpoint interfaces",
            count=interface_endpoints * zones,
            each=HOURS * prices.interface_endpoint,
        ),
        CostLine(item="NAT gateways", count=nat_gateways, each=HOURS * prices.nat_gateway),
        CostLine(item="public IPv4 addresses", count=nat_gateways, each=HOURS * _PUBLIC_ADDRESS),
        CostLine(item="KMS keys", count=keys, each=_KEY),
    )
    return FixedCost(lines=tuple(line for line in lines if line.count), priced_in=priced_in)
