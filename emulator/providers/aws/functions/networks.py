"""The functions that look up a VPC and what is in it.

Sources: terraform-provider-aws internal/service/ec2, the files vpc_*_data_source.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.ec2 import (
    GetNetworkInterfacesResult,
    GetRouteTableResult,
    GetRouteTablesResult,
    GetSecurityGroupResult,
    GetSubnetResult,
    GetSubnetsResult,
    GetVpcResult,
)

from emulator.providers.aws.functions.table import (
    Function,
    each,
    filters,
    listed,
    members,
    the_first,
    the_one,
)
from emulator.providers.aws.table import Call, Read, Response, tag_map
from emulator.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object

TAGS = tag_map("Key", "Value", "Tags")


def _state_of_block(member: str) -> Callable[[Response], Json]:
    def read(response: Response) -> Json:
        names = {"associationId": "AssociationId"}
        if member == "CidrBlock":
            names |= {"cidrBlock": "CidrBlock"}
        else:
            names |= {
                "ipv6CidrBlock": "Ipv6CidrBlock",
                "ipv6Pool": "Ipv6Pool",
                "networkBorderGroup": "NetworkBorderGroup",
                "ipSource": "IpSource",
                "ipv6AddressAttribute": "Ipv6AddressAttribute",
            }
        blocks: list[Response] = response.get(f"{member}AssociationSet") or []
        return [
            {
                **{new: block[name] for new, name in names.items() if name in block},
                "state": block[f"{member}State"]["State"],
            }
            for block in blocks
        ]

    return read


def _first_ipv6(member: str) -> Callable[[Response], Json]:
    def read(response: Response) -> Json:
        blocks: list[Response] = response.get("Ipv6CidrBlockAssociationSet") or []
        return blocks[0].get(member) if blocks else None

    return read


def _attribute(name: str, member: str) -> Read:
    return Read(
        Call("describe_vpc_attribute", {"VpcId": "id", "Attribute": lambda _values: name}),
        {name: lambda response: response[member]["Value"]},
    )


VPC = Function(
    token="aws:ec2/getVpc:getVpc",  # noqa: S106 - a function's token
    label="EC2 VPC",
    result_class=GetVpcResult,
    arguments=frozenset(
        {
            "cidrBlock",
            "default",
            "dhcpOptionsId",
            "filters",
            "id",
            "region",
            "state",
            "tags",
        }
    ),
    reads=(
        Read(
            Call(
                "describe_vpcs",
                {
                    "VpcIds": listed("id"),
                    "Filters": filters(
                        {
                            "cidrBlock": "cidr",
                            "default": "is-default",
                            "dhcpOptionsId": "dhcp-options-id",
                            "state": "state",
                        }
                    ),
                },
            ),
            {
                "id": "VpcId",
                "cidrBlock": "CidrBlock",
                "cidrBlockAssociations": _state_of_block("CidrBlock"),
                "default": "IsDefault",
                "dhcpOptionsId": "DhcpOptionsId",
                "instanceTenancy": "InstanceTenancy",
                "ipv6AssociationId": _first_ipv6("AssociationId"),
                "ipv6CidrBlock": _first_ipv6("Ipv6CidrBlock"),
                "ipv6CidrBlockAssociations": _state_of_block("Ipv6CidrBlock"),
                "ownerId": "OwnerId",
                "state": "State",
                "tags": TAGS,
            },
            select=the_one("Vpcs", "EC2 VPC"),
        ),
        _attribute("enableDnsHostnames", "EnableDnsHostnames"),
        _attribute("enableDnsSupport", "EnableDnsSupport"),
        _attribute("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"),
        Read(
            Call(
                "describe_route_tables",
                {
                    "Filters": lambda values: [
                        {"Name": "association.main", "Values": ["true"]},
                        {"Name": "vpc-id", "Values": [values["id"]]},
                    ]
                },
            ),
            {"mainRouteTableId": "RouteTableId"},
            select=the_first("RouteTables"),
        ),
    ),
    arn="vpc/{id}",
    not_found=frozenset({"InvalidVpcID.NotFound"}),
)


def _associated_ipv6(member: str) -> Callable[[Response], Json]:
    def read(response: Response) -> Json:
        blocks: list[Response] = response.get("Ipv6CidrBlockAssociationSet") or []
        for block in blocks:
            if block["Ipv6CidrBlockState"]["State"] == "associated":
                return block[member]
        return None

    return read


def _on_launch(member: str) -> Callable[[Response], Json]:
    return lambda response: response.get("PrivateDnsNameOptionsOnLaunch", {}).get(member)


SUBNET = Function(
    token="aws:ec2/getSubnet:getSubnet",  # noqa: S106 - a function's token
    label="EC2 Subnet",
    result_class=GetSubnetResult,
    arguments=frozenset(
        {
            "availabilityZone",
            "availabilityZoneId",
            "cidrBlock",
            "defaultForAz",
            "filters",
            "id",
            "region",
            "state",
            "tags",
            "vpcId",
        }
    ),
    reads=(
        Read(
            Call(
                "describe_subnets",
                {
                    "SubnetIds": listed("id"),
                    "Filters": filters(
                        {
                            "availabilityZone": "availability-zone",
                            "availabilityZoneId": "availability-zone-id",
                            "cidrBlock": "cidr-block",
                            "defaultForAz": "default-for-az",
                            "state": "state",
                            "vpcId": "vpc-id",
                        }
                    ),
                },
            ),
            {
                "id": "SubnetId",
                "arn": "SubnetArn",
                "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
                "availabilityZone": "AvailabilityZone",
                "availabilityZoneId": "AvailabilityZoneId",
                "availableIpAddressCount": "AvailableIpAddressCount",
                "cidrBlock": "CidrBlock",
                "customerOwnedIpv4Pool": "CustomerOwnedIpv4Pool",
                "defaultForAz": "DefaultForAz",
                "enableDns64": "EnableDns64",
                "enableLniAtDeviceIndex": "EnableLniAtDeviceIndex",
                "enableResourceNameDnsARecordOnLaunch": _on_launch("EnableResourceNameDnsARecord"),
                "enableResourceNameDnsAaaaRecordOnLaunch": _on_launch(
                    "EnableResourceNameDnsAAAARecord"
                ),
                "ipv6CidrBlock": _associated_ipv6("Ipv6CidrBlock"),
                "ipv6CidrBlockAssociationId": _associated_ipv6("AssociationId"),
                "ipv6Native": "Ipv6Native",
                "mapCustomerOwnedIpOnLaunch": "MapCustomerOwnedIpOnLaunch",
                "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
                "outpostArn": "OutpostArn",
                "ownerId": "OwnerId",
                "privateDnsHostnameTypeOnLaunch": _on_launch("HostnameType"),
                "state": "State",
                "tags": TAGS,
                "vpcId": "VpcId",
            },
            select=the_one("Subnets", "EC2 Subnet"),
        ),
    ),
    not_found=frozenset({"InvalidSubnetID.NotFound"}),
)

SUBNETS = Function(
    token="aws:ec2/getSubnets:getSubnets",  # noqa: S106 - a function's token
    label="EC2 Subnets",
    result_class=GetSubnetsResult,
    arguments=frozenset({"filters", "region", "tags"}),
    reads=(
        Read(
            Call("describe_subnets", {"Filters": filters()}), {"ids": each("Subnets", "SubnetId")}
        ),
    ),
    adds=lambda values: {"id": values["region"]},
)

ROUTE_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "instanceId": "InstanceId",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "odbNetworkArn": "OdbNetworkArn",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
ROUTE_DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
}
ONE_OF = frozenset({"filters", "routeTableId", "subnetId", "tags", "vpcId"})


def _routes(table: Response) -> Json:
    """The routes somebody made: not the local ones, propagated ones or those of endpoints."""
    found: list[Object] = []
    for route in table["Routes"]:
        gateway = str(route.get("GatewayId", ""))
        of_an_endpoint = gateway.startswith("vpce-")
        if (
            gateway == "local"
            or route.get("Origin") == "EnableVgwRoutePropagation"
            or (of_an_endpoint and "DestinationPrefixListId" in route)
        ):
            continue
        names = {**ROUTE_DESTINATIONS, **ROUTE_TARGETS}
        names["vpcEndpointId" if of_an_endpoint else "gatewayId"] = "GatewayId"
        found.append({new: route[name] for new, name in names.items() if name in route})
    return found


def _narrowed(values: Object) -> Json:
    if not any(values.get(name) for name in ONE_OF):
        raise ProviderError(
            "one of route_table_id, vpc_id, subnet_id, gateway_id, filters, or tags must be "
            "assigned"
        )
    return filters(
        {"routeTableId": "route-table-id", "subnetId": "association.subnet-id", "vpcId": "vpc-id"}
    )(values)


ROUTE_TABLE = Function(
    token="aws:ec2/getRouteTable:getRouteTable",  # noqa: S106 - a function's token
    label="EC2 VPC Route Table",
    result_class=GetRouteTableResult,
    arguments=ONE_OF | {"region"},
    reads=(
        Read(
            Call("describe_route_tables", {"Filters": _narrowed}),
            {
                "id": "RouteTableId",
                "associations": members(
                    "Associations",
                    {
                        "gatewayId": "GatewayId",
                        "main": "Main",
                        "routeTableAssociationId": "RouteTableAssociationId",
                        "routeTableId": "RouteTableId",
                        "subnetId": "SubnetId",
                    },
                ),
                "ownerId": "OwnerId",
                "routeTableId": "RouteTableId",
                "routes": _routes,
                "tags": TAGS,
                "vpcId": "VpcId",
            },
            select=the_one("RouteTables", "Route Table"),
        ),
    ),
    arn="route-table/{id}",
    missing="query returned no results. Please change your search criteria and try again",
)

ROUTE_TABLES = Function(
    token="aws:ec2/getRouteTables:getRouteTables",  # noqa: S106 - a function's token
    label="EC2 Route Tables",
    result_class=GetRouteTablesResult,
    arguments=frozenset({"filters", "region", "tags", "vpcId"}),
    reads=(
        Read(
            Call("describe_route_tables", {"Filters": filters({"vpcId": "vpc-id"})}),
            {"ids": each("RouteTables", "RouteTableId")},
        ),
    ),
    adds=lambda values: {"id": values["region"]},
)

NETWORK_INTERFACES = Function(
    token="aws:ec2/getNetworkInterfaces:getNetworkInterfaces",  # noqa: S106 - a function's token
    label="EC2 Network Interfaces",
    result_class=GetNetworkInterfacesResult,
    arguments=frozenset({"filters", "region", "tags"}),
    reads=(
        Read(
            Call("describe_network_interfaces", {"Filters": filters()}),
            {"ids": each("NetworkInterfaces", "NetworkInterfaceId")},
        ),
    ),
    adds=lambda values: {"id": values["region"]},
)

SECURITY_GROUP = Function(
    token="aws:ec2/getSecurityGroup:getSecurityGroup",  # noqa: S106 - a function's token
    label="EC2 Security Group",
    result_class=GetSecurityGroupResult,
    arguments=frozenset({"filters", "id", "name", "region", "tags", "vpcId"}),
    reads=(
        Read(
            Call(
                "describe_security_groups",
                {
                    "GroupIds": listed("id"),
                    "Filters": filters({"name": "group-name", "vpcId": "vpc-id"}),
                },
            ),
            {
                "id": "GroupId",
                "description": "Description",
                "name": "GroupName",
                "ownerId": "OwnerId",
                "tags": TAGS,
                "vpcId": "VpcId",
            },
            select=the_one("SecurityGroups", "EC2 Security Group"),
        ),
    ),
    arn="security-group/{id}",
    not_found=frozenset({"InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"}),
)
