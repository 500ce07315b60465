"""NAT gateways: their states, addresses and what becomes of routes to them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import Cloud, code_of
from tests.emulator.aws.test_networking import Vpc


class PublicSubnet(Vpc):
    """A VPC with an internet gateway, and an address for a NAT gateway."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.id)
        self.allocation = self.ec2.allocate_address(Domain="vpc")["AllocationId"]

    def create(self) -> dict[str, Any]:
        return self.ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=self.allocation)[
            "NatGateway"
        ]

    def described(self, identifier: str) -> dict[str, Any]:
        return self.ec2.describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"][0]

    def address(self) -> dict[str, Any]:
        return self.ec2.describe_addresses(AllocationIds=[self.allocation])["Addresses"][0]


@pytest.fixture
def public(cloud: Cloud) -> PublicSubnet:
    return PublicSubnet(cloud)


def test_a_gateway_is_pending_then_available_and_has_the_address(public: PublicSubnet) -> None:
    made = public.create()
    assert made["State"] == "pending"
    found = public.described(made["NatGatewayId"])
    assert found["State"] == "available"
    (own,) = found["NatGatewayAddresses"]
    assert (own["AllocationId"], own["IsPrimary"]) == (public.allocation, True)
    assert own["PrivateIp"] == "10.0.0.4", "of its subnet"
    address = public.address()
    assert address["NetworkInterfaceId"] == own["NetworkInterfaceId"]
    assert address["PublicIp"] == own["PublicIp"]


def test_a_deleted_gateway_is_told_for_a_while_and_its_routes_lead_nowhere(
    public: PublicSubnet,
) -> None:
    identifier = public.create()["NatGatewayId"]
    table = public.ec2.create_route_table(VpcId=public.id)["RouteTable"]["RouteTableId"]
    public.ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=identifier
    )

    def state_of_route() -> str:
        found = public.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
        return next(one["State"] for one in found["Routes"] if "NatGatewayId" in one)

    assert state_of_route() == "active"
    public.ec2.delete_nat_gateway(NatGatewayId=identifier)
    assert "AssociationId" not in public.address(), "the address is free at once"
    assert [public.described(identifier)["State"] for _ in range(2)] == ["deleting", "deleted"]
    assert state_of_route() == "blackhole"
    with pytest.raises(ClientError) as refused:
        public.described(identifier)
    assert code_of(refused.value) == "NatGatewayNotFound"


def test_a_route_to_a_detached_internet_gateway_leads_nowhere(public: PublicSubnet) -> None:
    table = public.ec2.create_route_table(VpcId=public.id)["RouteTable"]["RouteTableId"]
    public.ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=public.gateway
    )
    public.ec2.detach_internet_gateway(InternetGatewayId=public.gateway, VpcId=public.id)
    routes = public.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert [one["State"] for one in routes] == ["active", "blackhole"]


@pytest.mark.parametrize("reason", ["Gateway.NotAttached", "Resource.AlreadyAssociated"])
def test_what_a_gateway_lacks_is_told_by_its_state(public: PublicSubnet, reason: str) -> None:
    if reason == "Gateway.NotAttached":
        public.ec2.detach_internet_gateway(InternetGatewayId=public.gateway, VpcId=public.id)
    else:
        public.create()
    failed = public.described(public.create()["NatGatewayId"])
    assert (failed["State"], failed["FailureCode"]) == ("failed", reason)
    interfaces = public.ec2.describe_network_interfaces(
        Filters=[{"Name": "subnet-id", "Values": [public.subnet]}]
    )["NetworkInterfaces"]
    expected = [] if reason == "Gateway.NotAttached" else ["nat_gateway"]
    assert [one["InterfaceType"] for one in interfaces] == expected
    public.ec2.delete_nat_gateway(NatGatewayId=failed["NatGatewayId"])
    assert ("AssociationId" in public.address()) is bool(expected), "that of the other one stays"


def test_a_deleted_subnet_takes_its_associations_with_it(public: PublicSubnet) -> None:
    table = public.ec2.create_route_table(VpcId=public.id)["RouteTable"]["RouteTableId"]
    public.ec2.associate_route_table(RouteTableId=table, SubnetId=public.subnet)
    public.ec2.delete_subnet(SubnetId=public.subnet)
    public.ec2.delete_route_table(RouteTableId=table)
    of_vpc = [{"Name": "vpc-id", "Values": [public.id]}]
    (acl,) = public.ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]
    assert not acl["Associations"]
