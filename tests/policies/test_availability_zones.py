"""The zones that AgentCore takes subnets in, and what is said of any other."""

from typing import Final

import pytest

from agentcore_policies.availability_zones import SUPPORTED, WITHOUT_ROW, supported_beside

# The AgentCore developer guide, "Configure Amazon Bedrock AgentCore Runtime and tools for VPC"
# (agentcore-vpc.html), table of supported availability zones, written down by region 2026-11-22.
OF_REGION: Final = {
    "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "ap-northeast-2": ("apne2-az1", "apne2-az2", "apne2-az3"),
    "ap-south-1": ("aps1-az1", "aps1-az2", "aps1-az3"),
    "ap-southeast-1": ("apse1-az1", "apse1-az2", "apse1-az3"),
    "ap-southeast-2": ("apse2-az1", "apse2-az2", "apse2-az3"),
    "ap-southeast-5": ("apse5-az1", "apse5-az2", "apse5-az3"),
    "ap-southeast-7": ("apse7-az1", "apse7-az2", "apse7-az3"),
    "ca-central-1": ("cac1-az1", "cac1-az2", "cac1-az4"),
    "eu-central-1": ("euc1-az1", "euc1-az2", "euc1-az3"),
    "eu-north-1": ("eun1-az1", "eun1-az2", "eun1-az3"),
    "eu-south-1": ("eus1-az1", "eus1-az2", "eus1-az3"),
    "eu-south-2": ("eus2-az1", "eus2-az2", "eus2-az3"),
    "eu-west-1": ("euw1-az1", "euw1-az2", "euw1-az3"),
    "eu-west-2": ("euw2-az1", "euw2-az2", "euw2-az3"),
    "eu-west-3": ("euw3-az1", "euw3-az2", "euw3-az3"),
    "sa-east-1": ("sae1-az1", "sae1-az2", "sae1-az3"),
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4"),
    "us-east-2": ("use2-az1", "use2-az2", "use2-az3"),
    "us-gov-west-1": ("usgw1-az1", "usgw1-az2", "usgw1-az3"),
    "us-west-2": ("usw2-az1", "usw2-az2", "usw2-az3"),
}


def test_the_table_holds_the_zones_of_the_services_own_and_no_others() -> None:
    held = {f"{prefix}-az{number}" for prefix in SUPPORTED for number in SUPPORTED[prefix]}
    assert held == {zone for zones in OF_REGION.values() for zone in zones}


@pytest.mark.parametrize(("region", "zones"), OF_REGION.items())
def test_beside_any_zone_of_a_region_are_those_it_supports(
    region: str, zones: tuple[str, ...]
) -> None:
    prefix, _, _ = zones[0].partition("-")
    for zone in (*zones, f"{prefix}-az9"):
        assert supported_beside(zone) == list(zones), region


def test_of_a_region_without_a_row_nothing_is_said() -> None:
    for zone in ("usw1-az1", "usw1-az3", "aps2-az1"):
        assert supported_beside(zone) is None
    assert not WITHOUT_ROW & SUPPORTED.keys(), "a row says which"


@pytest.mark.parametrize("zone", ["afs1-az1", "usw3-az1", "aps3-az1", "nonsense", "us-east-1a", ""])
def test_where_the_service_is_not_no_zone_is_supported(zone: str) -> None:
    assert supported_beside(zone) == []
