"""The fixed cost is what the counts say, to the cent, and tells whose prices it took."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fixed_cost import monthly_fixed_cost
from infra.regions import RUNTIME_REGIONS

_COUNTS = st.integers(0, 20)


def test_a_usual_production_network() -> None:
    cost = monthly_fixed_cost("us-east-1", interface_endpoints=10, zones=3, nat_gateways=3, keys=1)

    assert [(line.item, line.count, line.total) for line in cost.lines] == [
        ("endpoint interfaces", 30, Decimal("219.0")),
        ("NAT gateways", 3, Decimal("98.55")),
        ("public IPv4 addresses", 3, Decimal("10.95")),
        ("KMS keys", 1, Decimal(1)),
    ]
    assert cost.total == Decimal("329.50")
    assert str(cost) == (
        "329.50 USD a month at the list prices of us-east-1, before any use (endpoint interfaces: "
        "30 x 7.30 = 219.00; NAT gateways: 3 x 32.85 = 98.55; public IPv4 addresses: 3 x 3.65 = "
        "10.95; KMS keys: 1 x 1.00 = 1.00)"
    )


def test_nothing_costs_nothing_and_has_no_line() -> None:
    cost = monthly_fixed_cost("us-east-1", interface_endpoints=0, zones=2, nat_gateways=0, keys=0)

    assert (cost.lines, cost.total) == ((), 0)
    assert str(cost) == "0.00 USD a month at the list prices of us-east-1, before any use"


@given(st.sampled_from(sorted(RUNTIME_REGIONS)), _COUNTS, st.integers(1, 6), _COUNTS, _COUNTS)
def test_the_output_is_plain_json_and_adds_up(
    region: str, endpoints: int, zones: int, gateways: int, keys: int
) -> None:
    cost = monthly_fixed_cost(
        region, interface_endpoints=endpoints, zones=zones, nat_gateways=gateways, keys=keys
    )
    output = json.loads(json.dumps(cost.output()))

    assert output["total"] == pytest.approx(sum(line["total"] for line in output["lines"]))
    for line in output["lines"]:
        assert line["total"] == pytest.approx(line["count"] * line["each"])
        assert line["count"] > 0
        assert line["each"] > 0


@given(_COUNTS, st.integers(1, 5), _COUNTS)
def test_a_zone_more_never_costs_less(endpoints: int, zones: int, keys: int) -> None:
    def total(count: int) -> Decimal:
        return monthly_fixed_cost(
            "us-east-1", interface_endpoints=endpoints, zones=count, nat_gateways=0, keys=keys
        ).total

    assert total(zones + 1) - total(zones) == endpoints * Decimal("7.3")


def test_a_region_without_a_price_says_whose_was_taken() -> None:
    def priced_in(region: str) -> str:
        return monthly_fixed_cost(
            region, interface_endpoints=1, zones=2, nat_gateways=0, keys=0
        ).priced_in

    assert priced_in("eu-west-1") == "eu-west-1"
    assert priced_in("ap-southeast-7") == "us-east-1"
