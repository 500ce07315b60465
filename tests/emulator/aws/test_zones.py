"""Zones as EC2 shows them: names of each account's own, ids of all, and Local Zones between."""

from typing import Any

import pytest

from tests.emulator.aws.cloud import Cloud

IDS = {f"use1-az{number}" for number in range(1, 7)}
BOSTON = ("us-east-1-bos-1a", "use1-bos1-az1")


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2")


def zones(ec2: Any, *filters: tuple[str, str], **options: Any) -> dict[str, str]:
    """Ids by name."""
    found: list[dict[str, str]] = ec2.describe_availability_zones(
        Filters=[{"Name": name, "Values": [value]} for name, value in filters], **options
    )["AvailabilityZones"]
    return {zone["ZoneName"]: zone["ZoneId"] for zone in found}


def test_accounts_have_names_of_their_own_for_the_same_zones(aws_url: str) -> None:
    ordinary = ("zone-type", "availability-zone")
    accounts = [Cloud(aws_url, f"14141414000{number}").client("ec2") for number in range(5)]
    mappings = [zones(ec2, ordinary) for ec2 in accounts]
    for mapping in mappings:
        assert set(mapping.values()) == IDS
        assert list(mapping) == [f"us-east-1{letter}" for letter in "abcdef"]
    assert len({tuple(mapping.values()) for mapping in mappings}) > 3, "they are shuffled"
    assert [zones(ec2, ordinary) for ec2 in accounts] == mappings, "and stay as they are"


def test_a_local_zone_is_found_unless_a_filter_leaves_it_out(ec2: Any) -> None:
    every = zones(ec2)
    assert every[BOSTON[0]] == BOSTON[1], "the account has opted in to it"
    for name, value in (
        ("zone-type", "availability-zone"),
        ("opt-in-status", "opt-in-not-required"),
        ("group-name", "us-east-1-zg-1"),
    ):
        assert set(zones(ec2, (name, value)).values()) == IDS, name
    for name, value in (
        ("zone-type", "local-zone"),
        ("opt-in-status", "opted-in"),
        ("zone-id", BOSTON[1]),
        ("zone-name", BOSTON[0]),
    ):
        assert zones(ec2, (name, value)) == dict([BOSTON]), name
    assert zones(ec2, ("state", "available")) == every
    assert zones(ec2, ("state", "unavailable")) == {}


def test_zones_without_an_opt_in_are_shown_when_all_are_asked_for(ec2: Any) -> None:
    further = zones(ec2, AllAvailabilityZones=True).items() - zones(ec2).items()
    assert further == {("us-east-1-wl1-bos-wlz-1", "use1-wl1-bos-wlz1")}


@pytest.mark.parametrize("member", ["AvailabilityZone", "AvailabilityZoneId"])
def test_a_subnet_is_made_in_the_zone_that_the_account_knows_by_the_name(
    ec2: Any, member: str
) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number, (name, identifier) in enumerate(zones(ec2).items()):
        given = {"AvailabilityZone": name, "AvailabilityZoneId": identifier}[member]
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.9/24", **{member: given})
        subnet = made["Subnet"]
        assert (subnet["AvailabilityZone"], subnet["AvailabilityZoneId"]) == (name, identifier)
        assert subnet["CidrBlock"] == f"10.0.{number}.0/24", "without host bits"


def test_the_default_subnets_are_in_the_availability_zones(ec2: Any) -> None:
    found: list[dict[str, Any]] = ec2.describe_subnets(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}]
    )["Subnets"]
    assert {subnet["AvailabilityZoneId"] for subnet in found} == IDS
