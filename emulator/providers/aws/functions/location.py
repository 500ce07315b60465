"""The functions that tell a program where it is: account, partition, region and its zones.

Sources: terraform-provider-aws internal/service/meta and sts (caller identity), and
internal/service/ec2/ec2_availability_zones_data_source.go.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader
from pulumi_aws.get_availability_zones import GetAvailabilityZonesResult
from pulumi_aws.get_caller_identity import GetCallerIdentityResult
from pulumi_aws.get_partition import GetPartitionResult
from pulumi_aws.get_region import GetRegionResult

from emulator.providers.aws.functions.table import Function, each, filters
from emulator.providers.aws.table import Call, Read, Response
from emulator.providers.errors import ProviderError

if TYPE_CHECKING:
    from emulator.providers.values import Json, Object

REVERSE_DNS = {
    "amazonaws.com": "com.amazonaws",
    "amazonaws.com.cn": "cn.com.amazonaws",
}
"""The reverse DNS prefix of a partition's services, where it is not simply `com.amazonaws`."""


@cache
def _partitions() -> list[dict[str, Any]]:
    endpoints: Any = Loader().load_data("endpoints")
    return endpoints["partitions"]


def _partition_of(region: str) -> dict[str, Any]:
    for partition in _partitions():
        if region in partition["regions"]:
            return partition
    raise ProviderError(f'"{region}" is not an AWS region')


CALLER_IDENTITY = Function(
    token="aws:index/getCallerIdentity:getCallerIdentity",  # noqa: S106 - a function's token
    label="STS Caller Identity",
    result_class=GetCallerIdentityResult,
    service="sts",
    reads=(
        Read(
            Call("get_caller_identity", {}),
            {"accountId": "Account", "arn": "Arn", "id": "Account", "userId": "UserId"},
        ),
    ),
)


def _partition(values: Object) -> Object:
    partition = _partition_of(values["region"])
    suffix = partition["dnsSuffix"]
    return {
        "dnsSuffix": suffix,
        "id": partition["partition"],
        "partition": partition["partition"],
        "reverseDnsPrefix": REVERSE_DNS.get(suffix, ".".join(reversed(suffix.split(".")))),
    }


PARTITION = Function(
    token="aws:index/getPartition:getPartition",  # noqa: S106 - a function's token
    label="Partition",
    result_class=GetPartitionResult,
    adds=_partition,
)


def _region(values: Object) -> Object:
    region = values.get("name") or values["region"]
    partition = _partition_of(region)
    return {
        "description": partition["regions"][region]["description"],
        "endpoint": f"ec2.{region}.{partition['dnsSuffix']}",
        "id": region,
        "name": region,
        "region": region,
    }


REGION = Function(
    token="aws:index/getRegion:getRegion",  # noqa: S106 - a function's token
    label="Region",
    result_class=GetRegionResult,
    arguments=frozenset({"name", "region"}),
    adds=_region,
)


def _zones(response: Response, values: Object) -> Response:
    """The zones by name, without those that the arguments leave out."""
    left_out = {*values.get("excludeNames", []), *values.get("excludeZoneIds", [])}
    zones: list[Response] = [
        zone
        for zone in response["AvailabilityZones"]
        if left_out.isdisjoint({zone["ZoneName"], zone["ZoneId"]})
    ]
    return {"zones": sorted(zones, key=lambda zone: zone["ZoneName"])}


def _group_names(response: Response) -> Json:
    return sorted({zone["GroupName"] for zone in response["zones"]})


AVAILABILITY_ZONES = Function(
    token="aws:index/getAvailabilityZones:getAvailabilityZones",  # noqa: S106 - a function's token
    label="Availability Zones",
    result_class=GetAvailabilityZonesResult,
    arguments=frozenset(
        {
            "allAvailabilityZones",
            "excludeNames",
            "excludeZoneIds",
            "filters",
            "region",
            "state",
        }
    ),
    reads=(
        Read(
            Call(
                "describe_availability_zones",
                {
                    "AllAvailabilityZones": "allAvailabilityZones",
                    "Filters": filters({"state": "state"}),
                },
            ),
            {
                "groupNames": _group_names,
                "names": each("zones", "ZoneName"),
                "zoneIds": each("zones", "ZoneId"),
            },
            select=_zones,
        ),
    ),
    adds=lambda values: {"id": values["region"]},
)
