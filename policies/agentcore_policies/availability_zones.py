"""The availability zones, by id, in which AgentCore takes subnets, as data.

A zone's name (``us-east-1a``) is shuffled by account; its id (``use1-az4``) is the same for all.

Source: the AgentCore developer guide, "Configure Amazon Bedrock AgentCore Runtime and tools for
VPC" (agentcore-vpc.html), table of supported availability zones, read 2026-11-22. The table ages:
the setting ``additionalZoneIds`` lets in what AWS adds later.
"""

import re
from typing import Final

_ZONE_ID: Final = re.compile(r"([a-z]+[0-9]+)-.+")

# By what the ids of a region's zones begin with.
SUPPORTED: Final = {
    "apne1": (1, 2, 4),
    "apne2": (1, 2, 3),
    "aps1": (1, 2, 3),
    "apse1": (1, 2, 3),
    "apse2": (1, 2, 3),
    "apse5": (1, 2, 3),
    "apse7": (1, 2, 3),
    "cac1": (1, 2, 4),
    "euc1": (1, 2, 3),
    "eun1": (1, 2, 3),
    "eus1": (1, 2, 3),
    "eus2": (1, 2, 3),
    "euw1": (1, 2, 3),
    "euw2": (1, 2, 3),
    "euw3": (1, 2, 3),
    "sae1": (1, 2, 3),
    "use1": (1, 2, 4),
    "use2": (1, 2, 3),
    "usgw1": (1, 2, 3),
    "usw2": (1, 2, 3),
}

# Regions that have the runtime and no row in the table: us-west-1 and ap-south-2. There the
# service decides.
WITHOUT_ROW: Final = frozenset({"usw1", "aps2"})


def supported_beside(zone_id: str) -> list[str] | None:
    """The supported zones of a zone's region; none of a region AgentCore is not known to be in.

    Returns:
        None where the table says nothing.
    """
    match = _ZONE_ID.fullmatch(zone_id)
    if match is None:
        return []
    prefix = match[1]
    if prefix in WITHOUT_ROW:
        return None
    return [f"{prefix}-az{number}" for number in SUPPORTED.get(prefix, ())]
