"""A subnet plan stays inside the VPC, overlaps nowhere, and never moves what it has placed."""

from ipaddress import IPv4Network, collapse_addresses
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.availability_zones import SUPPORTED_ZONE_IDS
from infra.subnet_plan import ZoneSubnets, plan_subnets

# Addresses AWS keeps of every subnet: VPC user guide, "Subnet sizing".
KEPT_BY_AWS = 5
_CIDRS = st.integers(16, 22).flatmap(
    lambda prefix: st.integers(0, 2**prefix - 1).map(
        lambda network: IPv4Network((network << (32 - prefix), prefix))
    )
)
_ZONES = st.sets(st.integers(1, 8).map(lambda number: f"use1-az{number}"), min_size=1)
BOTH = ["use1-az1", "use1-az4"]


def _subnets_of(plan: dict[str, ZoneSubnets]) -> list[IPv4Network]:
    return [subnet for zone in plan.values() for subnet in (zone.agent, zone.public, *zone.spare)]


@given(_CIDRS, _ZONES)
def test_every_subnet_lies_in_the_vpc_and_overlaps_no_other(
    cidr: IPv4Network, zones: set[str]
) -> None:
    subnets = _subnets_of(plan_subnets(cidr, zones))

    assert all(subnet.subnet_of(cidr) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(_CIDRS, _ZONES, st.sampled_from([f"use1-az{number}" for number in range(1, 9)]))
def test_adding_a_zone_changes_no_existing_subnet(
    cidr: IPv4Network, zones: set[str], added: str
) -> None:
    before = plan_subnets(cidr, zones)
    after = plan_subnets(cidr, zones | {added})

    assert {zone: after[zone] for zone in before} == before
    assert set(after) == zones | {added}


@given(_CIDRS, st.permutations([f"use1-az{number}" for number in range(1, 9)]))
def test_the_order_in_which_zones_are_given_does_not_matter(
    cidr: IPv4Network, zones: list[str]
) -> None:
    plan = plan_subnets(cidr, zones)

    assert list(plan) == sorted(zones)
    assert plan == plan_subnets(cidr, sorted(zones))


@given(_CIDRS, _ZONES)
def test_every_subnet_is_as_large_as_aws_and_its_use_need(
    cidr: IPv4Network, zones: set[str]
) -> None:
    for zone in plan_subnets(cidr, zones).values():
        assert 16 <= zone.agent.prefixlen <= 28, "CreateSubnet takes /16 to /28"
        assert 24 <= zone.public.prefixlen <= 28, "a NAT gateway needs one address, not a block"
        assert zone.agent.num_addresses - KEPT_BY_AWS >= 59, "endpoints, interfaces, and growth"


@given(_CIDRS)
def test_eight_zones_use_up_the_vpc_and_what_is_spare_is_told(cidr: IPv4Network) -> None:
    plan = plan_subnets(cidr, [f"use1-az{number}" for number in range(1, 9)])

    assert list(collapse_addresses(_subnets_of(plan))) == [cidr], "nothing is lost"
    for zone in plan.values():
        spare = sum(network.num_addresses for network in zone.spare)
        assert spare >= zone.agent.num_addresses * 3 / 4, "room to grow"


@pytest.mark.parametrize("region", sorted(SUPPORTED_ZONE_IDS))
def test_every_supported_zone_has_its_place(region: str) -> None:
    zones = SUPPORTED_ZONE_IDS[region]

    assert set(plan_subnets(IPv4Network("10.0.0.0/16"), zones)) == zones


def test_the_plan_of_a_usual_network() -> None:
    assert plan_subnets(IPv4Network("10.20.0.0/16"), BOTH) == {
        "use1-az1": ZoneSubnets(
            agent=IPv4Network("10.20.0.0/20"),
            public=IPv4Network("10.20.31.0/24"),
            spare=tuple(
                IPv4Network(network)
                for network in ("10.20.16.0/21", "10.20.24.0/22", "10.20.28.0/23", "10.20.30.0/24")
            ),
        ),
        "use1-az4": ZoneSubnets(
            agent=IPv4Network("10.20.96.0/20"),
            public=IPv4Network("10.20.127.0/24"),
            spare=tuple(
                IPv4Network(network)
                for network in (
                    "10.20.112.0/21",
                    "10.20.120.0/22",
                    "10.20.124.0/23",
                    "10.20.126.0/24",
                )
            ),
        ),
    }, "a change of the plan would replace the subnets of deployed networks"


@pytest.mark.parametrize(
    ("refused", "taken"), [("10.0.0.0/15", "10.0.0.0/16"), ("10.0.0.0/23", "10.0.0.0/22")]
)
def test_a_vpc_of_another_size_is_refused(refused: str, taken: str) -> None:
    with pytest.raises(ValueError, match="from /16 to /22"):
        plan_subnets(IPv4Network(refused), BOTH)
    assert plan_subnets(IPv4Network(taken), BOTH)


def test_a_zone_without_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="use1-az9: only zones 1 to 8"):
        plan_subnets(IPv4Network("10.0.0.0/16"), ["use1-az8", "use1-az9"])
    with pytest.raises(ValueError, match="not the id of an availability zone"):
        plan_subnets(IPv4Network("10.0.0.0/16"), ["us-east-1a"])
    assert plan_subnets(IPv4Network("10.0.0.0/16"), ["use1-az8"])
