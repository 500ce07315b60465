"""Zones are told apart by id, and a region that the table lacks is not guessed at."""

import pytest

from infra.availability_zones import (
    MAX_ZONE_NUMBER,
    SUPPORTED_ZONE_IDS,
    is_zone_of,
    supported_zone_ids,
    zone_id_prefix,
    zone_number,
)
from infra.regions import RUNTIME_REGIONS


@pytest.mark.parametrize("region", sorted(SUPPORTED_ZONE_IDS))
def test_every_row_is_of_a_region_with_agentcore_and_names_zones_of_that_region(
    region: str,
) -> None:
    zones = SUPPORTED_ZONE_IDS[region]

    assert region in RUNTIME_REGIONS
    assert all(is_zone_of(region, zone) for zone in zones)
    assert len(zones) >= 2, "a network spans two zones"
    assert all(1 <= zone_number(zone) <= MAX_ZONE_NUMBER for zone in zones)


@pytest.mark.parametrize(
    ("region", "prefix"),
    [
        ("us-east-1", "use1"),
        ("us-gov-west-1", "usgw1"),
        ("ap-northeast-3", "apne3"),
        ("ap-southeast-2", "apse2"),
        ("ca-west-1", "caw1"),
        ("cn-northwest-1", "cnnw1"),
        ("eu-north-1", "eun1"),
        ("me-central-1", "mec1"),
        ("mx-central-1", "mxc1"),
    ],
)
def test_zone_ids_begin_with_the_region_abbreviated(region: str, prefix: str) -> None:
    assert zone_id_prefix(region) == prefix


@pytest.mark.parametrize(
    "zone_id",
    ["us-east-1a", "usw2-lax1-az1", "use1-wl1-bos-wlz1", "use1-az", "use1-az0", "use1-az04", ""],
)
def test_what_is_no_availability_zones_id_has_no_number_and_no_region(zone_id: str) -> None:
    with pytest.raises(ValueError, match="not the id of an availability zone"):
        zone_number(zone_id)
    assert not is_zone_of("us-east-1", zone_id)
    assert zone_number("use1-az4") == 4
    assert is_zone_of("us-east-1", "use1-az4")


def test_a_zone_of_another_region_does_not_belong() -> None:
    assert not is_zone_of("us-east-1", "use2-az1")
    assert not is_zone_of("us-east-1", "use11-az1")


def test_further_zones_count_in_their_own_region_only() -> None:
    assert supported_zone_ids("us-east-1") == {"use1-az1", "use1-az2", "use1-az4"}
    assert supported_zone_ids("us-east-1", ["use1-az6", "usw2-az4"]) == {
        "use1-az1",
        "use1-az2",
        "use1-az4",
        "use1-az6",
    }


def test_a_region_without_a_row_is_known_by_the_further_zones_alone() -> None:
    assert supported_zone_ids("us-west-1") is None, "no row: the service decides"
    assert supported_zone_ids("us-west-1", ["use1-az6"]) is None
    assert supported_zone_ids("us-west-1", ["usw1-az1"]) == {"usw1-az1"}
