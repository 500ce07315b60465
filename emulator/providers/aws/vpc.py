"""The tables of VPCs, their subnets and their internet gateways.

Defaults, replacing properties and waiting: terraform-provider-aws internal/service/ec2/vpc_.go,
vpc_subnet.go and vpc_internet_gateway.go.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from pulumi_aws.ec2 import internet_gateway, subnet, vpc

from emulator.providers.aws.ec2 import (
    GIVEN_TAGS,
    IN_THE_WAY,
    NO_IPAM,
    NO_IPV6,
    NO_OUTPOSTS,
    READ_TAGS,
    filtered,
    its_id,
    no_network_address,
    tagged,
)
from emulator.providers.aws.table import (
    MINUTE,
    Call,
    ConflictsWith,
    Fixed,
    Property,
    Read,
    ResourceType,
    Response,
    Step,
    Timeouts,
    Update,
    Wait,
    first,
    old,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object

VPC_GO = "internal/service/ec2/vpc_.go"
SUBNET_GO = "internal/service/ec2/vpc_subnet.go"

LARGEST_VPC, SMALLEST_VPC = 16, 28
"""Prefix lengths."""


def _unless_vpc(name: str, value: Json) -> str:
    """What terraform says against a block that is no VPC's (validation.IsCIDRNetwork)."""
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        return (
            f'expected "{name}" to contain a valid Value, got: {value} with err: invalid CIDR '
            f"address: {value}"
        )
    if str(network) != value:
        return (
            f'expected "{name}" to contain a valid network Value, expected {network}, got {value}'
        )
    if not LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        return (
            f'expected "{name}" to contain a network Value with between {LARGEST_VPC} and '
            f"{SMALLEST_VPC} significant bits, got: {network.prefixlen}"
        )
    return ""


def _unless_made_shared(old_value: Json, new_value: Json) -> bool:
    return (old_value, new_value) != ("dedicated", "default")


def _vpc_attribute(name: str) -> Call:
    return Call("describe_vpc_attribute", {"VpcId": "id", "Attribute": lambda _values: name})


def _value_of(name: str) -> Callable[[Response], Json]:
    return lambda response: response[name]["Value"]


def _modify_vpc(name: str, source: str) -> Call:
    return Call(
        "modify_vpc_attribute",
        {"VpcId": "id", name: lambda values: {"Value": bool(values[source])}},
    )


def _given(name: str) -> Callable[[Object], bool]:
    return lambda values: bool(values.get(name))


OF_VPC = filtered({"vpc-id": "id"})

VPC = ResourceType(
    token="aws:ec2/vpc:Vpc",  # noqa: S106 - a type token
    label="EC2 VPC",
    service="ec2",
    args_class=vpc.VpcArgs,
    state_class=vpc._VpcState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "cidrBlock": Property(
            replaces=f"{VPC_GO}: cidr_block is ForceNew", computed=True, refused=_unless_vpc
        ),
        "enableDnsHostnames": Property(computed=True),
        "enableDnsSupport": Property(default=True),
        "enableNetworkAddressUsageMetrics": Property(computed=True),
        "instanceTenancy": Property(
            replaces=f"{VPC_GO}: instance_tenancy is ForceNew but from dedicated to default",
            replaces_if=_unless_made_shared,
            default="default",
        ),
    },
    unsupported={
        "assignGeneratedIpv6CidrBlock": NO_IPV6,
        "ipv4IpamPoolId": NO_IPAM,
        "ipv4NetmaskLength": NO_IPAM,
        "ipv6CidrBlock": NO_IPV6,
        "ipv6CidrBlockNetworkBorderGroup": NO_IPV6,
        "ipv6IpamPoolId": NO_IPV6,
        "ipv6NetmaskLength": NO_IPV6,
    },
    create=Call(
        "create_vpc",
        {
            "CidrBlock": "cidrBlock",
            "InstanceTenancy": "instanceTenancy",
            "TagSpecifications": tagged("vpc"),
        },
    ),
    identify=lambda _values, response: response["Vpc"]["VpcId"],
    reads=(
        Read(
            Call("describe_vpcs", {"VpcIds": its_id}),
            {
                "cidrBlock": "CidrBlock",
                "dhcpOptionsId": "DhcpOptionsId",
                "instanceTenancy": "InstanceTenancy",
                "ownerId": "OwnerId",
                "tagsAll": READ_TAGS,
            },
            select=first("Vpcs"),
        ),
        Read(
            _vpc_attribute("enableDnsHostnames"),
            {"enableDnsHostnames": _value_of("EnableDnsHostnames")},
        ),
        Read(
            _vpc_attribute("enableDnsSupport"), {"enableDnsSupport": _value_of("EnableDnsSupport")}
        ),
        Read(
            _vpc_attribute("enableNetworkAddressUsageMetrics"),
            {
                "enableNetworkAddressUsageMetrics": _value_of("EnableNetworkAddressUsageMetrics"),
            },
        ),
        Read(
            Call(
                "describe_network_acls",
                {"Filters": filtered({"vpc-id": "id", "default": lambda _values: "true"})},
            ),
            {"defaultNetworkAclId": "NetworkAclId"},
            select=first("NetworkAcls"),
        ),
        Read(
            Call(
                "describe_route_tables",
                {"Filters": filtered({"vpc-id": "id", "association.main": lambda _values: "true"})},
            ),
            {"defaultRouteTableId": "RouteTableId", "mainRouteTableId": "RouteTableId"},
            select=first("RouteTables"),
        ),
        Read(
            Call(
                "describe_security_groups",
                {"Filters": filtered({"vpc-id": "id", "group-name": lambda _values: "default"})},
            ),
            {"defaultSecurityGroupId": "GroupId"},
            select=first("SecurityGroups"),
        ),
    ),
    arn="vpc/{id}",
    not_found=frozenset({"InvalidVpcID.NotFound"}),
    after_create=(
        Wait(
            "create",
            Call("describe_vpcs", {"VpcIds": its_id}),
            lambda response: response["Vpcs"][0]["State"],
            pending=frozenset({"pending"}),
            target=frozenset({"available"}),
        ),
    ),
    updates=(
        Update(
            frozenset({"enableDnsHostnames"}),
            (_modify_vpc("EnableDnsHostnames", "enableDnsHostnames"),),
            at_create=_given("enableDnsHostnames"),
        ),
        Update(
            frozenset({"enableDnsSupport"}),
            (_modify_vpc("EnableDnsSupport", "enableDnsSupport"),),
            at_create=lambda values: not values["enableDnsSupport"],
        ),
        Update(
            frozenset({"enableNetworkAddressUsageMetrics"}),
            (_modify_vpc("EnableNetworkAddressUsageMetrics", "enableNetworkAddressUsageMetrics"),),
            at_create=_given("enableNetworkAddressUsageMetrics"),
        ),
        Update(
            frozenset({"instanceTenancy"}),
            (Call("modify_vpc_tenancy", {"VpcId": "id", "InstanceTenancy": "instanceTenancy"}),),
        ),
    ),
    tags=GIVEN_TAGS,
    delete=(Call("delete_vpc", {"VpcId": "id"}, again=IN_THE_WAY),),
    timeouts=Timeouts(create=10 * MINUTE, delete=5 * MINUTE, custom=False),
    stable=frozenset(
        {
            "arn",
            "defaultNetworkAclId",
            "defaultRouteTableId",
            "defaultSecurityGroupId",
            "dhcpOptionsId",
            "mainRouteTableId",
            "ownerId",
        }
    ),
)


def _modify_subnet(name: str, source: str) -> tuple[Step, ...]:
    return (
        Call(
            "modify_subnet_attribute",
            {"SubnetId": "id", name: lambda values: {"Value": bool(values[source])}},
        ),
    )


def _on_launch(name: str) -> Callable[[Response], Json]:
    return lambda found: found.get("PrivateDnsNameOptionsOnLaunch", {}).get(name, False)


SUBNET = ResourceType(
    token="aws:ec2/subnet:Subnet",  # noqa: S106 - a type token
    label="EC2 Subnet",
    service="ec2",
    args_class=subnet.SubnetArgs,
    state_class=subnet._SubnetState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "vpcId": Property(replaces=f"{SUBNET_GO}: vpc_id is ForceNew"),
        "availabilityZone": Property(
            replaces=f"{SUBNET_GO}: availability_zone is ForceNew", computed=True
        ),
        "availabilityZoneId": Property(
            replaces=f"{SUBNET_GO}: availability_zone_id is ForceNew", computed=True
        ),
        "cidrBlock": Property(
            replaces=f"{SUBNET_GO}: cidr_block is ForceNew",
            computed=True,
            refused=no_network_address,
        ),
        "enableResourceNameDnsARecordOnLaunch": Property(default=False),
        "mapPublicIpOnLaunch": Property(default=False),
    },
    combinations=(
        ConflictsWith("availabilityZone", ("availabilityZoneId",)),
        ConflictsWith("availabilityZoneId", ("availabilityZone",)),
    ),
    fixed={
        "assignIpv6AddressOnCreation": Fixed(value=False, reason=NO_IPV6),
        "enableDns64": Fixed(value=False, reason=NO_IPV6),
        "enableResourceNameDnsAaaaRecordOnLaunch": Fixed(value=False, reason=NO_IPV6),
        "ipv6Native": Fixed(value=False, reason=NO_IPV6),
    },
    unsupported={
        "customerOwnedIpv4Pool": NO_OUTPOSTS,
        "enableLniAtDeviceIndex": NO_OUTPOSTS,
        "ipv4IpamPoolId": NO_IPAM,
        "ipv4NetmaskLength": NO_IPAM,
        "ipv6CidrBlock": NO_IPV6,
        "ipv6IpamPoolId": NO_IPV6,
        "ipv6NetmaskLength": NO_IPV6,
        "mapCustomerOwnedIpOnLaunch": NO_OUTPOSTS,
        "outpostArn": NO_OUTPOSTS,
        "privateDnsHostnameTypeOnLaunch": "its hosts are named after their addresses",
    },
    create=Call(
        "create_subnet",
        {
            "VpcId": "vpcId",
            "AvailabilityZone": "availabilityZone",
            "AvailabilityZoneId": "availabilityZoneId",
            "CidrBlock": "cidrBlock",
            "TagSpecifications": tagged("subnet"),
        },
    ),
    identify=lambda _values, response: response["Subnet"]["SubnetId"],
    reads=(
        Read(
            Call("describe_subnets", {"SubnetIds": its_id}),
            {
                "arn": "SubnetArn",
                "availabilityZone": "AvailabilityZone",
                "availabilityZoneId": "AvailabilityZoneId",
                "cidrBlock": "CidrBlock",
                "enableResourceNameDnsARecordOnLaunch": _on_launch("EnableResourceNameDnsARecord"),
                "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
                "ownerId": "OwnerId",
                "tagsAll": READ_TAGS,
                "vpcId": "VpcId",
            },
            select=first("Subnets"),
        ),
    ),
    not_found=frozenset({"InvalidSubnetID.NotFound"}),
    after_create=(
        Wait(
            "create",
            Call("describe_subnets", {"SubnetIds": its_id}),
            lambda response: response["Subnets"][0]["State"],
            pending=frozenset({"pending"}),
            target=frozenset({"available"}),
        ),
    ),
    # Each in a request of its own: EC2 takes one attribute at a time.
    updates=(
        Update(
            frozenset({"enableResourceNameDnsARecordOnLaunch"}),
            _modify_subnet(
                "EnableResourceNameDnsARecordOnLaunch", "enableResourceNameDnsARecordOnLaunch"
            ),
            at_create=_given("enableResourceNameDnsARecordOnLaunch"),
        ),
        Update(
            frozenset({"mapPublicIpOnLaunch"}),
            _modify_subnet("MapPublicIpOnLaunch", "mapPublicIpOnLaunch"),
            at_create=_given("mapPublicIpOnLaunch"),
        ),
    ),
    tags=GIVEN_TAGS,
    delete=(Call("delete_subnet", {"SubnetId": "id"}, again=IN_THE_WAY),),
    timeouts=Timeouts(create=10 * MINUTE, delete=20 * MINUTE),
    stable=frozenset({"arn", "ownerId"}),
)


def _attached(found: Response) -> Json:
    return next((one["VpcId"] for one in found.get("Attachments", [])), None)


def _moves(values: Object) -> bool:
    return bool(old("vpcId")(values))


INTERNET_GATEWAY = ResourceType(
    token="aws:ec2/internetGateway:InternetGateway",  # noqa: S106 - a type token
    label="EC2 Internet Gateway",
    service="ec2",
    args_class=internet_gateway.InternetGatewayArgs,
    state_class=internet_gateway._InternetGatewayState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={"vpcId": Property(computed=True)},
    create=Call("create_internet_gateway", {"TagSpecifications": tagged("internet-gateway")}),
    identify=lambda _values, response: response["InternetGateway"]["InternetGatewayId"],
    reads=(
        Read(
            Call("describe_internet_gateways", {"InternetGatewayIds": its_id}),
            {"vpcId": _attached, "ownerId": "OwnerId", "tagsAll": READ_TAGS},
            select=first("InternetGateways"),
        ),
    ),
    arn="internet-gateway/{id}",
    not_found=frozenset({"InvalidInternetGatewayID.NotFound"}),
    updates=(
        Update(
            frozenset({"vpcId"}),
            (
                Call(
                    "detach_internet_gateway",
                    {"InternetGatewayId": "id", "VpcId": old("vpcId")},
                    when=_moves,
                    again=IN_THE_WAY,
                    harmless=frozenset({"Gateway.NotAttached"}),
                ),
                Call(
                    "attach_internet_gateway",
                    {"InternetGatewayId": "id", "VpcId": "vpcId"},
                    when=_given("vpcId"),
                ),
            ),
            at_create=_given("vpcId"),
        ),
    ),
    tags=GIVEN_TAGS,
    delete=(
        Call(
            "detach_internet_gateway",
            {"InternetGatewayId": "id", "VpcId": "vpcId"},
            when=_given("vpcId"),
            again=IN_THE_WAY,
            harmless=frozenset({"Gateway.NotAttached"}),
        ),
        Call("delete_internet_gateway", {"InternetGatewayId": "id"}, again=IN_THE_WAY),
    ),
    stable=frozenset({"arn", "ownerId"}),
)
