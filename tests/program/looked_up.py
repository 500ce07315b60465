"""What the program finds when it looks at an account: its zones, services and prefix lists."""

from collections.abc import Callable
from dataclasses import dataclass, field
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


def _group(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"id": arguments["id"], "vpcId": "vpc-0123456789abcdef0"}


OWN_NETWORK: Final[dict[str, Answer]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": _service,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getSecurityGroup:getSecurityGroup": _group,
}
"""Answers for a stack that makes its network, by function."""


class NotFoundError(Exception):
    """A look-up that finds nothing; the provider says so in its own words."""


def not_found(what: str) -> NotFoundError:
    """What the provider says when there is no such thing."""
    return NotFoundError(f"no matching EC2 {what} found")


@dataclass
class Vpc:
    """A VPC that exists, as the provider's look-ups tell it; right for agents until changed."""

    id: str = "vpc-0123456789abcdef0"
    owner: str = "111111111111"
    dns_support: bool = True
    dns_hostnames: bool = True
    subnets: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "subnet-0000000000000000a": subnet("use1-az1", "rtb-0000000000000000a"),
            "subnet-0000000000000000b": subnet("use1-az2", "rtb-0000000000000000b"),
        }
    )
    gateways: dict[str, str] = field(default_factory=dict[str, str])
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def answers(self) -> dict[str, Answer]:
        """Answers for a stack that uses it, by function."""
        return {
            **OWN_NETWORK,
            "aws:ec2/getVpc:getVpc": self._vpc,
            "aws:ec2/getSubnet:getSubnet": self._subnet,
            "aws:ec2/getRouteTables:getRouteTables": self._tables,
            "aws:ec2/getRouteTable:getRouteTable": self._table,
            "aws:ec2/getVpcEndpoint:getVpcEndpoint": self._endpoint,
        }

    def _vpc(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["id"] != self.id:
            raise not_found("VPC")
        return {
            "id": self.id,
            "ownerId": self.owner,
            "enableDnsSupport": self.dns_support,
            "enableDnsHostnames": self.dns_hostnames,
        }

    def _subnet(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = self.subnets.get(arguments["id"])
        if found is None:
            raise not_found("Subnet")
        told = {key: value for key, value in found.items() if key != "table"}
        zone = ZONES[found["availabilityZoneId"]]
        return {
            "id": arguments["id"],
            "vpcId": self.id,
            "ownerId": self.owner,
            "availabilityZone": zone,
            **told,
        }

    def _tables(self, arguments: dict[str, Any]) -> dict[str, Any]:
        ((name, values),) = ((one["name"], one["values"]) for one in arguments["filters"])
        if name == "association.main":
            return {"ids": ["rtb-000000000000main0"], "id": "1"}
        table = self.subnets.get(values[0], {}).get("table")
        return {"ids": [table] if table else [], "id": "1"}

    def _table(self, arguments: dict[str, Any]) -> dict[str, Any]:
        table = arguments["routeTableId"]
        gateway = self.gateways.get(table, "")
        routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway}] if gateway else []
        return {"id": table, "routeTableId": table, "routes": routes}

    def _endpoint(self, arguments: dict[str, Any]) -> dict[str, Any]:
        given = {"state", "serviceName", "vpcEndpointType", "vpcId"} & arguments.keys()
        found = [
            {"id": endpoint_id, **endpoint}
            for endpoint_id, endpoint in self.endpoints.items()
            if arguments.get("id", endpoint_id) == endpoint_id
            and all(endpoint[key] == arguments[key] for key in given)
        ]
        if len(found) > 1:
            raise NotFoundError(
                "multiple EC2 VPC Endpoints matched; use additional constraints to reduce matches "
                "to a single EC2 VPC Endpoint"
            )
        if not found:
            raise not_found("VPC Endpoint")
        return found[0]


def subnet(zone_id: str, table: str | None, **told: Any) -> dict[str, Any]:
    """A private subnet with room; without a table of its own it uses the VPC's main one."""
    return {
        "availabilityZoneId": zone_id,
        "availableIpAddressCount": 200,
        "cidrBlock": "10.0.0.0/24",
        "mapPublicIpOnLaunch": False,
        "table": table,
        **told,
    }


def interface_endpoint(service: str, **told: Any) -> dict[str, Any]:
    """An interface endpoint of the VPC that serves both its subnets."""
    return {
        "serviceName": f"com.amazonaws.us-east-1.{service}",
        "vpcId": Vpc.id,
        "vpcEndpointType": "Interface",
        "state": "available",
        "privateDnsEnabled": True,
        "subnetIds": ["subnet-0000000000000000a", "subnet-0000000000000000b"],
        "securityGroupIds": ["sg-0000000000000000e"],
        "routeTableIds": [],
        "dnsEntries": [{"dnsName": f"{service}.reused.vpce.amazonaws.com"}],
        "tags": {},
        **told,
    }


def gateway_endpoint(*tables: str) -> dict[str, Any]:
    """A gateway endpoint of S3 in these route tables."""
    return {
        **interface_endpoint("s3"),
        "vpcEndpointType": "Gateway",
        "privateDnsEnabled": False,
        "subnetIds": [],
        "securityGroupIds": [],
        "routeTableIds": list(tables),
        "dnsEntries": [],
    }
