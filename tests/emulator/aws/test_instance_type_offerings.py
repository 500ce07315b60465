from typing import Any

import pytest
from moto.utilities.utils import load_resource

from tests.emulator.aws.cloud import REGION, Cloud

_FOLDER = "ec2/resources/instance_type_offerings"
_TYPE = "m7g.large"


@pytest.mark.parametrize("location_type", ["region", "availability-zone", "availability-zone-id"])
def test_a_type_is_offered_where_moto_knows_it_to_be(cloud: Cloud, location_type: str) -> None:
    found = cloud.client("ec2").describe_instance_type_offerings(
        LocationType=location_type, Filters=[{"Name": "instance-type", "Values": [_TYPE]}]
    )["InstanceTypeOfferings"]
    known: list[dict[str, Any]] = load_resource(f"{_FOLDER}/{location_type}/{REGION}.json")
    places = sorted(one["Location"] for one in known if one["InstanceType"] == _TYPE)
    assert places, "moto's list has the type"
    assert sorted(one["Location"] for one in found) == places, "every place of this region"
    assert {one["LocationType"] for one in found} == {location_type}, "as it was asked for"
