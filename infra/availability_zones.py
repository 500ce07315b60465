"""The availability zones, by id, in which AgentCore takes subnets, as data.

A zone's name (``us-east-1a``) is shuffled by account; its id (``use1-az4``) is the same for all.

Source: the AgentCore developer guide, "Configure Amazon Bedrock AgentCore Runtime and tools for
VPC" (agentcore-vpc.html), table of supported availability zones, read 2026-11-22. The table ages:
a zone that AWS adds later is let in by the stack config's ``additionalAvailabilityZoneIds`` until
it is listed here. Two regions of ``infra.regions`` have no row in it: us-west-1 and ap-south-2.
"""

import re
from collections.abc import Iterable
from typing import Final

# No region has more availability zones than six (us-east-1).
MAX_ZONE_NUMBER: Final = 8

_ZONE_ID: Final = re.compile(r"(?P<prefix>[a-z]+[0-9]+)-az(?P<number>[1-9][0-9]*)")


def _zones(prefix: str, *numbers: int) -> frozenset[str]:
    return frozenset(f"{prefix}-az{number}" for number in numbers)


SUPPORTED_ZONE_IDS: Final = {
    "ap-northeast-1": _zones("apne1", 1, 2, 4),
    "ap-northeast-2": _zones("apne2", 1, 2, 3),
    "ap-south-1": _zones("aps1", 1, 2, 3),
    "ap-southeast-1": _zones("apse1", 1, 2, 3),
    "ap-southeast-2": _zones("apse2", 1, 2, 3),
    "ap-southeast-5": _zones("apse5", 1, 2, 3),
    "ap-southeast-7": _zones("apse7", 1, 2, 3),
    "ca-central-1": _zones("cac1", 1, 2, 4),
    "eu-central-1": _zones("euc1", 1, 2, 3),
    "eu-north-1": _zones("eun1", 1, 2, 3),
    "eu-south-1": _zones("eus1", 1, 2, 3),
    "eu-south-2": _zones("eus2", 1, 2, 3),
    "eu-west-1": _zones("euw1", 1, 2, 3),
    "eu-west-2": _zones("euw2", 1, 2, 3),
    "eu-west-3": _zones("euw3", 1, 2, 3),
    "sa-east-1": _zones("sae1", 1, 2, 3),
    "us-east-1": _zones("use1", 1, 2, 4),
    "us-east-2": _zones("use2", 1, 2, 3),
    "us-gov-west-1": _zones("usgw1", 1, 2, 3),
    "us-west-2": _zones("usw2", 1, 2, 3),
}


def zone_id_prefix(region: str) -> str:
    """What the ids of a region's zones begin with: ``use1`` for us-east-1, ``apne2``, ``usgw1``."""
    words = region.replace("north", "n-").replace("south", "s-")
    first, *directions, number = filter(None, words.split("-"))
    return first + "".join(direction[0] for direction in directions) + number


def zone_number(zone_id: str) -> int:
    """The number in an availability zone's id: 4 for ``use1-az4``.

    Raises:
        ValueError: not an availability zone's id, such as a Local Zone's ``usw2-lax1-az1``.
    """
    match = _ZONE_ID.fullmatch(zone_id)
    if match is None:
        raise ValueError(f"{zone_id!r} is not the id of an availability zone, such as use1-az4")
    return int(match["number"])


def is_zone_of(region: str, zone_id: str) -> bool:
    """Whether this is the id of an availability zone of the region, by its form alone."""
    match = _ZONE_ID.fullmatch(zone_id)
    return match is not None and match["prefix"] == zone_id_prefix(region)


def supported_zone_ids(region: str, additional: Iterable[str] = ()) -> frozenset[str] | None:
    """The zones of a region in which AgentCore is known to take subnets.

    Args:
        region: such as us-east-1.
        additional: further zone ids, of any region; those of this region count.

    Returns:
        None where nothing is known, which leaves the decision to the service.
    """
    added = {zone_id for zone_id in additional if is_zone_of(region, zone_id)}
    return (SUPPORTED_ZONE_IDS.get(region, frozenset()) | added) or None
