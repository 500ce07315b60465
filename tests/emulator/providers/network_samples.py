"""The samples of EC2's networking: everything stands in one VPC, for an account has few."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from tests.emulator.providers.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.providers.clients import Clients
    from emulator.providers.values import Json, Object
    from tests.emulator.providers.engine_calls import EngineCalls

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ROUTE = "aws:ec2/route:Route"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_SECURITY_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

CIDR = "10.0.0.0/16"
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Network:
    """An account's VPC, a subnet for interfaces that stay, and free address ranges."""

    vpc: str
    subnet: str
    free: Iterator[str]


@cache
def network_of(clients: Clients, region: str) -> Network:
    """The VPC in which all samples of an account stand."""
    client = clients.get("ec2", region, 1)
    vpc = client.create_vpc(CidrBlock=CIDR)["Vpc"]["VpcId"]
    free = map(str, IPv4Network(CIDR).subnets(new_prefix=26))
    subnet = client.create_subnet(VpcId=vpc, CidrBlock=next(free))["Subnet"]["SubnetId"]
    return Network(vpc, subnet, free)


def ec2(aws: EngineCalls) -> Any:
    return aws.provider.clients.get("ec2", aws.configuration.region, 1)


def network(aws: EngineCalls) -> Network:
    return network_of(aws.provider.clients, aws.configuration.region)


def new_vpc(aws: EngineCalls) -> str:
    return aws.create(VPC, {"cidrBlock": "10.7.0.0/16"}).resource_id


def subnet(aws: EngineCalls) -> Object:
    return {"vpcId": network(aws).vpc, "cidrBlock": next(network(aws).free)}


def zone_id(aws: EngineCalls, letter: str) -> str:
    """Each account has names of its own for the zones."""
    name = f"{aws.configuration.region}{letter}"
    found = ec2(aws).describe_availability_zones(ZoneNames=[name])["AvailabilityZones"]
    return found[0]["ZoneId"]


def new_subnet(aws: EngineCalls) -> str:
    return aws.create(SUBNET, subnet(aws)).resource_id


def new_gateway(aws: EngineCalls) -> str:
    """The VPC's internet gateway; it can have one."""
    return aws.create(INTERNET_GATEWAY, {"vpcId": network(aws).vpc}).resource_id


def new_vpn_gateway(aws: EngineCalls) -> str:
    made = ec2(aws).create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2(aws).attach_vpn_gateway(VpnGatewayId=made, VpcId=network(aws).vpc)
    return made


def new_address(aws: EngineCalls) -> str:
    return aws.create(EIP, {"domain": "vpc"}).resource_id


def new_interface(aws: EngineCalls) -> str:
    made = ec2(aws).create_network_interface(SubnetId=network(aws).subnet)
    return made["NetworkInterface"]["NetworkInterfaceId"]


def nat_gateway(aws: EngineCalls) -> Object:
    return {"subnetId": new_subnet(aws), "allocationId": new_address(aws)}


def new_nat_gateway(aws: EngineCalls) -> str:
    return aws.create(NAT_GATEWAY, nat_gateway(aws)).resource_id


def new_route_table(aws: EngineCalls) -> str:
    return aws.create(ROUTE_TABLE, {"vpcId": network(aws).vpc}).resource_id


def new_group(aws: EngineCalls) -> str:
    return aws.create(SECURITY_GROUP, {"vpcId": network(aws).vpc}).resource_id


def s3_prefix_list(aws: EngineCalls) -> str:
    name = f"com.amazonaws.{aws.configuration.region}.s3"
    named = [{"Name": "prefix-list-name", "Values": [name]}]
    return ec2(aws).describe_managed_prefix_lists(Filters=named)["PrefixLists"][0]["PrefixListId"]


def inline(port: int, **source: Json) -> Object:
    return {"protocol": "tcp", "fromPort": port, "toPort": port, **source}


def rule(aws: EngineCalls) -> Object:
    return {
        "securityGroupId": new_group(aws),
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.0.0.0/8",
        "description": "before",
        "tags": {"Project": "a"},
    }


def rule_changes(aws: EngineCalls) -> Object:
    return {
        "securityGroupId": lambda: new_group(aws),
        "ipProtocol": "udp",
        "fromPort": 400,
        "toPort": 500,
        "cidrIpv4": "10.1.0.0/16",
        "prefixListId": lambda: s3_prefix_list(aws),
        "referencedSecurityGroupId": lambda: new_group(aws),
        "description": "after",
        "tags": {"Owner": "b"},
    }


RULE = Sample(
    rule,
    rule_changes,
    instead={"prefixListId": "cidrIpv4", "referencedSecurityGroupId": "cidrIpv4"},
)

NETWORK_SAMPLES: dict[str, Sample] = {
    VPC: Sample(
        lambda _aws: {"cidrBlock": "10.9.0.0/16", "tags": {"Project": "a"}},
        lambda _aws: {
            "cidrBlock": "10.8.0.0/16",
            "enableDnsHostnames": True,
            "enableDnsSupport": False,
            "enableNetworkAddressUsageMetrics": True,
            "instanceTenancy": "dedicated",
            "tags": {"Owner": "b"},
        },
    ),
    SUBNET: Sample(
        lambda aws: {
            **subnet(aws),
            "availabilityZone": f"{aws.configuration.region}a",
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "vpcId": "vpc-0123456789abcdef0",
            "availabilityZone": f"{aws.configuration.region}b",
            "availabilityZoneId": lambda: zone_id(aws, "b"),
            "cidrBlock": next(network(aws).free),
            "enableResourceNameDnsARecordOnLaunch": True,
            "mapPublicIpOnLaunch": True,
            "tags": {"Owner": "b"},
        },
        instead={"availabilityZoneId": "availabilityZone"},
    ),
    INTERNET_GATEWAY: Sample(
        lambda aws: {"vpcId": network(aws).vpc, "tags": {"Project": "a"}},
        lambda aws: {"vpcId": lambda: new_vpc(aws), "tags": {"Owner": "b"}},
    ),
    EIP: Sample(
        lambda _aws: {"domain": "vpc", "tags": {"Project": "a"}},
        lambda _aws: {"address": "203.0.113.7", "domain": "standard", "tags": {"Owner": "b"}},
    ),
    NAT_GATEWAY: Sample(
        lambda aws: {
            "connectivityType": "public" if new_gateway(aws) else "",
            **nat_gateway(aws),
            "tags": {"Project": "a"},
        },
        lambda _aws: {
            "allocationId": "eipalloc-0123456789abcdef0",
            "connectivityType": "private",
            "subnetId": "subnet-0123456789abcdef0",
            "tags": {"Owner": "b"},
        },
    ),
    ROUTE_TABLE: Sample(
        lambda aws: {
            "vpcId": network(aws).vpc,
            "routes": [
                {"cidrBlock": ANYWHERE, "gatewayId": new_gateway(aws)},
                {"cidrBlock": "192.0.2.0/24", "networkInterfaceId": new_interface(aws)},
                {"cidrBlock": "198.51.100.0/24", "networkInterfaceId": new_interface(aws)},
            ],
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "vpcId": "vpc-0123456789abcdef0",
            "routes": lambda: [
                {"cidrBlock": ANYWHERE, "gatewayId": new_vpn_gateway(aws)},
                {"cidrBlock": "203.0.113.0/24", "networkInterfaceId": new_interface(aws)},
            ],
            "tags": {"Owner": "b"},
        },
    ),
    ROUTE_TABLE_ASSOCIATION: Sample(
        lambda aws: {"subnetId": new_subnet(aws), "routeTableId": new_route_table(aws)},
        lambda aws: {
            "gatewayId": lambda: new_gateway(aws),
            "routeTableId": lambda: new_route_table(aws),
            "subnetId": lambda: new_subnet(aws),
        },
        instead={"gatewayId": "subnetId"},
    ),
    ROUTE: Sample(
        lambda aws: {
            "routeTableId": new_route_table(aws),
            "destinationCidrBlock": ANYWHERE,
            "gatewayId": new_gateway(aws),
        },
        lambda aws: {
            "routeTableId": lambda: new_route_table(aws),
            "destinationCidrBlock": "192.0.2.0/24",
            "destinationPrefixListId": lambda: s3_prefix_list(aws),
            "gatewayId": lambda: new_vpn_gateway(aws),
            "natGatewayId": lambda: new_nat_gateway(aws),
            "networkInterfaceId": lambda: new_interface(aws),
        },
        instead={
            "destinationPrefixListId": "destinationCidrBlock",
            "natGatewayId": "gatewayId",
            "networkInterfaceId": "gatewayId",
        },
    ),
    SECURITY_GROUP: Sample(
        lambda aws: {
            "vpcId": network(aws).vpc,
            "description": "before",
            "ingress": [
                inline(443, cidrBlocks=["10.0.0.0/8", "172.16.0.0/12"], description="clients"),
                inline(80, self=True),
            ],
            "egress": [inline(443, prefixListIds=[s3_prefix_list(aws)])],
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "vpcId": "vpc-0123456789abcdef0",
            "name": "another",
            "description": "after",
            "ingress": [inline(443, cidrBlocks=["172.16.0.0/12"], description="clients")],
            "egress": lambda: [inline(443, securityGroups=[new_group(aws)])],
            "revokeRulesOnDelete": True,
            "tags": {"Owner": "b"},
        },
    ),
    DEFAULT_SECURITY_GROUP: Sample(
        lambda aws: {
            "vpcId": network(aws).vpc,
            "ingress": [inline(443, cidrBlocks=["10.0.0.0/8"])],
            "egress": [],
            "tags": {"Project": "a"},
        },
        lambda _aws: {
            "vpcId": "vpc-0123456789abcdef0",
            "ingress": [],
            "egress": [inline(443, cidrBlocks=["10.0.0.0/8"], description="servers")],
            "revokeRulesOnDelete": True,
            "tags": {"Owner": "b"},
        },
    ),
    INGRESS_RULE: RULE,
    EGRESS_RULE: RULE,
}
