"""Zones as EC2 shows them: names of each account's own, ids of all, and Local Zones between."""

from typing import Any

import pytest

from tests.emulator.aws.cloud import Cloud

IDS = {f"use1-az{number}" for number in range(1, 7)}
BOSTON = ("us-east-1-bos-1a", "use1-bos1-az1")


def zones(cloud: Cloud, *filters: tuple[str, str], **options: Any) -> dict[str, str]:
    """Ids by name."""
    found = cloud.client("ec2").describe_availability_zones(
        Filters=[{"Name": name, "Values": [value]} for name, value in filters], **options
    )["AvailabilityZones"]
    return {zone["ZoneName"]: zone["ZoneId"] for zone in found}


def test_accounts_have_names_of_their_own_for_the_same_zones(aws_url: str) -> None:
    ordinary = ("zone-type", "availability-zone")
    numbers = [f"14141414{number:04}" for number in range(12)]
    mappings = [zones(Cloud(aws_url, number), ordinary) for number in numbers]
    for mapping in mappings:
        assert set(mapping.values()) == IDS
        assert list(mapping) == [f"us-east-1{letter}" for letter in "abcdef"]
    assert len({tuple(mapping.values()) for mapping in mappings}) > 6, "they are shuffled"
    again = [zones(Cloud(aws_url, number), ordinary) for number in numbers]
    assert again == mappings, "and stay as they are"


def test_a_local_zone_is_found_unless_a_filter_leaves_it_out(cloud: Cloud) -> None:
    every = zones(cloud)
    assert every[BOSTON[0]] == BOSTON[1], "the account has opted in to it"
    for name, value in (
        ("zone-type", "availability-zone"),
        ("opt-in-status", "opt-in-not-required"),
        ("group-name", "us-east-1-zg-1"),
    ):
        assert set(zones(cloud, (name, value)).values()) == IDS, name
    for name, value in (
        ("zone-type", "local-zone"),
        ("opt-in-status", "opted-in"),
        ("zone-id", BOSTON[1]),
        ("zone-name", BOSTON[0]),
    ):
        assert zones(cloud, (name, value)) == dict([BOSTON]), name
    assert zones(cloud, ("state", "available")) == every
    assert zones(cloud, ("state", "unavailable")) == {}


def test_zones_without_an_opt_in_are_shown_when_all_are_asked_for(cloud: Cloud) -> None:
    further = zones(cloud, AllAvailabilityZones=True).items() - zones(cloud).items()
    assert further == {("us-east-1-wl1-bos-wlz-1", "use1-wl1-bos-wlz1")}


@pytest.mark.parametrize("member", ["AvailabilityZone", "AvailabilityZoneId"])
def test_a_subnet_is_made_in_the_zone_that_the_account_knows_by_the_name(
    cloud: Cloud, member: str
) -> None:
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number, (name, identifier) in enumerate(zones(cloud).items()):
        given = {"AvailabilityZone": name, "AvailabilityZoneId": identifier}[member]
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.9/24", **{member: given})
        subnet = made["Subnet"]
        assert (subnet["AvailabilityZone"], subnet["AvailabilityZoneId"]) == (name, identifier)
        assert subnet["CidrBlock"] == f"10.0.{number}.0/24", "without host bits"


def test_the_default_subnets_are_in_the_availability_zones(cloud: Cloud) -> None:
    found = cloud.client("ec2").describe_subnets(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}]
    )["Subnets"]
    assert {subnet["AvailabilityZoneId"] for subnet in found} == IDS
