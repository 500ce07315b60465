"""What the program finds when it looks at an account: its zones, services and prefix lists."""

from collections.abc import Callable
from typing import Any, Final

Answer = Callable[[dict[str, Any]], dict[str, Any]]

# An account's own names for the zones, as EC2 shuffles them; az3 is one AgentCore does not take.
ZONES: Final = {
    "use1-az2": "us-east-1a",
    "use1-az4": "us-east-1b",
    "use1-az3": "us-east-1c",
    "use1-az1": "us-east-1d",
}


def _zones(arguments: dict[str, Any]) -> dict[str, Any]:
    filters = {one["name"]: one["values"] for one in arguments["filters"]}
    assert filters["zone-type"] == ["availability-zone"], "a Local Zone would be found as well"
    return {"names": list(ZONES.values()), "zoneIds": list(ZONES), "id": "us-east-1"}


def _service(arguments: dict[str, Any]) -> dict[str, Any]:
    gateway = arguments["serviceType"] == "Gateway"
    assert gateway is arguments["serviceName"].endswith((".s3", ".dynamodb"))
    return {
        "serviceName": arguments["serviceName"],
        "availabilityZones": list(ZONES.values()),
        "vpcEndpointPolicySupported": True,
        "id": "1",
    }


def _prefix_list(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"id": "pl-63a5400a", "name": arguments["name"], "cidrBlocks": ["52.216.0.0/15"]}


OWN_NETWORK: Final[dict[str, Answer]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": _service,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
}
"""Answers for a stack that makes its network, by function."""
