"""What EC2 refuses of routes, gateways, addresses and zones. Source: EC2 API reference."""

import json
from collections.abc import Callable
from typing import Any

from tests.emulator.aws.refusals import Refusal
from tests.emulator.aws.refusals.ec2 import OTHER_ZONE, ZONE, Attempt, Network, row

S3 = "com.amazonaws.us-east-1.s3"
ANYWHERE = "0.0.0.0/0"
NOBODY = "pl-00000000"


def table(network: Network, vpc: str = "") -> str:
    made = network.ec2.create_route_table(VpcId=vpc or network.vpc)
    return made["RouteTable"]["RouteTableId"]


def gateway(network: Network, vpc: str = "") -> str:
    """An internet gateway, attached to the VPC."""
    made = network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    network.ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=vpc or network.vpc)
    return made


def address(network: Network) -> str:
    return network.ec2.allocate_address(Domain="vpc")["AllocationId"]


def nat(network: Network, subnet: str = "", **options: Any) -> str:
    given = {"SubnetId": subnet or network.subnet, "ConnectivityType": "private", **options}
    return network.ec2.create_nat_gateway(**given)["NatGateway"]["NatGatewayId"]


def public_nat(network: Network) -> tuple[str, str]:
    """A NAT gateway with an internet gateway, and its address."""
    gateway(network)
    allocation = address(network)
    return nat(network, ConnectivityType="public", AllocationId=allocation), allocation


def subnet_of(network: Network, vpc: str) -> str:
    made = network.ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24", AvailabilityZoneId=ZONE)
    return made["Subnet"]["SubnetId"]


def route(network: Network, destination: str = ANYWHERE, **options: Any) -> object:
    given = {"RouteTableId": table(network), "DestinationCidrBlock": destination, **options}
    return network.ec2.create_route(**given)


def to_gateway(*, foreign: bool) -> Attempt:
    def attempt(network: Network) -> object:
        vpc = network.another_vpc() if foreign else network.vpc
        return route(network, GatewayId=gateway(network, vpc))

    return attempt


def to_nat(*, foreign: bool) -> Attempt:
    def attempt(network: Network) -> object:
        subnet = subnet_of(network, network.another_vpc()) if foreign else network.subnet
        return route(network, NatGatewayId=nat(network, subnet))

    return attempt


def to_deleted_nat(*, deleted: bool) -> Attempt:
    def attempt(network: Network) -> object:
        made = nat(network)
        if deleted:
            network.ec2.delete_nat_gateway(NatGatewayId=made)
        return route(network, NatGatewayId=made)

    return attempt


def second_route(destination: str) -> Attempt:
    def attempt(network: Network) -> object:
        made, leads = table(network), gateway(network)
        route(network, "192.168.0.0/16", RouteTableId=made, GatewayId=leads)
        return route(network, destination, RouteTableId=made, GatewayId=leads)

    return attempt


def s3_endpoint(network: Network, *tables: str) -> str:
    return network.endpoint(
        ServiceName=S3,
        VpcEndpointType="Gateway",
        RouteTableIds=list(tables),
        SubnetIds=[],
        SecurityGroupIds=[],
    )


def second_s3_endpoint(*, same_table: bool) -> Attempt:
    def attempt(network: Network) -> object:
        first = table(network)
        s3_endpoint(network, first)
        return s3_endpoint(network, first if same_table else table(network))

    return attempt


def prefixes_of_s3(network: Network) -> str:
    found = network.ec2.describe_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [S3]}]
    )["PrefixLists"]
    return found[0]["PrefixListId"]


def delete_route(*, own: bool) -> Attempt:
    """Delete a route that somebody, or EC2, has made."""

    def attempt(network: Network) -> object:
        made = table(network)
        route(network, RouteTableId=made, GatewayId=gateway(network))
        destination = ANYWHERE if own else "10.0.0.0/16"
        return network.ec2.delete_route(RouteTableId=made, DestinationCidrBlock=destination)

    return attempt


def delete_prefix_route(*, of_endpoint: bool) -> Attempt:
    def attempt(network: Network) -> object:
        made, prefixes = table(network), prefixes_of_s3(network)
        if of_endpoint:
            s3_endpoint(network, made)
        else:
            network.ec2.create_route(
                RouteTableId=made, DestinationPrefixListId=prefixes, GatewayId=gateway(network)
            )
        return network.ec2.delete_route(RouteTableId=made, DestinationPrefixListId=prefixes)

    return attempt


def associate(*, first: bool = False, foreign: bool = False) -> Attempt:
    """Give the network's subnet a route table, after another one or of another VPC."""

    def attempt(network: Network) -> object:
        if first:
            network.ec2.associate_route_table(RouteTableId=table(network), SubnetId=network.subnet)
        vpc = network.another_vpc() if foreign else network.vpc
        return network.ec2.associate_route_table(
            RouteTableId=table(network, vpc), SubnetId=network.subnet
        )

    return attempt


def main_table(network: Network) -> dict[str, Any]:
    return network.ec2.describe_route_tables(
        Filters=[
            {"Name": "vpc-id", "Values": [network.vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]
    )["RouteTables"][0]


def delete_table(*, main: bool = False, associated: bool = False) -> Attempt:
    def attempt(network: Network) -> object:
        made = main_table(network)["RouteTableId"] if main else table(network)
        if associated:
            network.ec2.associate_route_table(RouteTableId=made, SubnetId=network.subnet)
        return network.ec2.delete_route_table(RouteTableId=made)

    return attempt


def disassociate(*, main: bool) -> Attempt:
    def attempt(network: Network) -> object:
        found = main_table(network)["Associations"][0]["RouteTableAssociationId"]
        if not main:
            found = network.ec2.associate_route_table(
                RouteTableId=table(network), SubnetId=network.subnet
            )["AssociationId"]
        return network.ec2.disassociate_route_table(AssociationId=found)

    return attempt


def attach_second(*, elsewhere: bool) -> Attempt:
    def attempt(network: Network) -> object:
        gateway(network)
        return gateway(network, network.another_vpc() if elsewhere else "")

    return attempt


def detach(*, nat_deleted: bool) -> Attempt:
    def attempt(network: Network) -> object:
        leads, allocation = gateway(network), address(network)
        made = nat(network, ConnectivityType="public", AllocationId=allocation)
        if nat_deleted:
            network.ec2.delete_nat_gateway(NatGatewayId=made)
        return network.ec2.detach_internet_gateway(InternetGatewayId=leads, VpcId=network.vpc)

    return attempt


def release(*, nat_deleted: bool) -> Attempt:
    def attempt(network: Network) -> object:
        made, allocation = public_nat(network)
        if nat_deleted:
            network.ec2.delete_nat_gateway(NatGatewayId=made)
        return network.ec2.release_address(AllocationId=allocation)

    return attempt


def take_address(*, of_nat: bool) -> Attempt:
    def attempt(network: Network) -> object:
        if of_nat:
            allocation = public_nat(network)[1]
        else:
            allocation, interface = address(network), network.interface()
            network.ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface)
        found = network.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
        return network.ec2.disassociate_address(AssociationId=found["AssociationId"])

    return attempt


def delete_subnet_of_nat(*, deleted: bool) -> Attempt:
    def attempt(network: Network) -> object:
        made = nat(network)
        if deleted:
            network.ec2.delete_nat_gateway(NatGatewayId=made)
        return network.ec2.delete_subnet(SubnetId=network.subnet)

    return attempt


def delete_vpc_with(make: Callable[[Network], Callable[[], object]], *, undone: bool) -> Attempt:
    def attempt(network: Network) -> object:
        network.ec2.delete_security_group(GroupId=network.group)
        undo = make(network)
        if undone:
            undo()
        return network.ec2.delete_vpc(VpcId=network.vpc)

    return attempt


def a_route_table(network: Network) -> Callable[[], object]:
    network.ec2.delete_subnet(SubnetId=network.subnet)
    made = table(network)
    return lambda: network.ec2.delete_route_table(RouteTableId=made)


def a_subnet(network: Network) -> Callable[[], object]:
    return lambda: network.ec2.delete_subnet(SubnetId=network.subnet)


def interfaces(number: int) -> Attempt:
    """Make so many interfaces in a subnet of sixteen addresses, of which EC2 keeps five."""

    def attempt(network: Network) -> object:
        small = network.another_subnet(OTHER_ZONE, "10.0.1.0/28")
        return [network.interface(SubnetId=small) for _ in range(number)]

    return attempt


def interface_at(second: str) -> Attempt:
    def attempt(network: Network) -> object:
        network.interface(PrivateIpAddress="10.0.0.10")
        return network.interface(PrivateIpAddress=second)

    return attempt


def subnet_in(**zone: str) -> Attempt:
    return lambda network: network.ec2.create_subnet(
        VpcId=network.vpc, CidrBlock="10.0.1.0/24", **zone
    )


def zones(**options: Any) -> Attempt:
    return lambda network: network.ec2.describe_availability_zones(**options)


def rule_to(prefix_list: str) -> Attempt:
    """Let the group reach a prefix list; an empty one is that of S3."""

    def attempt(network: Network) -> object:
        listed = prefix_list or prefixes_of_s3(network)
        return network.ec2.authorize_security_group_egress(
            GroupId=network.group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "PrefixListIds": [{"PrefixListId": listed}],
                }
            ],
        )

    return attempt


def flow_log_trust(sources: str) -> Attempt:
    """Send flow logs with a role that trusts the service for these sources."""

    def attempt(network: Network) -> object:
        account = network.cloud.account
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {"aws:SourceArn": sources.format(account=account)},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
        network.cloud.iam.create_role(
            RoleName="flow",
            AssumeRolePolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [statement]}
            ),
        )
        return network.ec2.create_flow_logs(
            ResourceType="VPC",
            ResourceIds=[network.vpc],
            TrafficType="ALL",
            LogGroupName="flow",
            DeliverLogsPermissionArn=f"arn:aws:iam::{account}:role/flow",
        )

    return attempt


REFUSALS: list[Refusal] = [
    row(
        "CreateRoute",
        "an internet gateway of another VPC",
        "InvalidParameterValue",
        to_gateway(foreign=True),
        to_gateway(foreign=False),
        says="belong to different networks",
    ),
    row(
        "CreateRoute",
        "a NAT gateway of another VPC",
        "InvalidParameterValue",
        to_nat(foreign=True),
        to_nat(foreign=False),
        says="belong to different networks",
    ),
    row(
        "CreateRoute",
        "a NAT gateway that is deleted",
        "InvalidNatGatewayID.NotFound",
        to_deleted_nat(deleted=True),
        to_deleted_nat(deleted=False),
    ),
    row(
        "CreateRoute",
        "a destination that has a route, written otherwise",
        "RouteAlreadyExists",
        second_route("192.168.1.1/16"),
        second_route("192.168.1.1/24"),
    ),
    row(
        "CreateRoute",
        "the VPC's own block",
        "RouteAlreadyExists",
        second_route("10.0.0.0/16"),
        second_route("10.1.0.0/16"),
    ),
    row(
        "CreateRoute",
        "a prefix list that does not exist",
        "InvalidPrefixListID.NotFound",
        lambda network: network.ec2.create_route(
            RouteTableId=table(network), DestinationPrefixListId=NOBODY, GatewayId=gateway(network)
        ),
        lambda network: network.ec2.create_route(
            RouteTableId=table(network),
            DestinationPrefixListId=prefixes_of_s3(network),
            GatewayId=gateway(network),
        ),
    ),
    row(
        "DeleteRoute",
        "the local route",
        "InvalidParameterValue",
        delete_route(own=False),
        delete_route(own=True),
        says="cannot remove local route",
    ),
    row(
        "DeleteRoute",
        "the route of an endpoint",
        "InvalidParameterValue",
        delete_prefix_route(of_endpoint=True),
        delete_prefix_route(of_endpoint=False),
        says="cannot remove VPC endpoint route",
    ),
    row(
        "CreateVpcEndpoint",
        "a route table that leads to the service already",
        "RouteAlreadyExists",
        second_s3_endpoint(same_table=True),
        second_s3_endpoint(same_table=False),
        says="already has a route with destination-prefix-list-id pl-",
    ),
    row(
        "AssociateRouteTable",
        "a subnet that has another route table",
        "Resource.AlreadyAssociated",
        associate(first=True),
        associate(),
    ),
    row(
        "AssociateRouteTable",
        "a subnet of another VPC",
        "InvalidParameterValue",
        associate(foreign=True),
        associate(),
        says="belong to different networks",
    ),
    row(
        "DisassociateRouteTable",
        "the main association",
        "InvalidParameterValue",
        disassociate(main=True),
        disassociate(main=False),
        says="cannot disassociate the main route table",
    ),
    row(
        "DeleteRouteTable",
        "the main route table",
        "DependencyViolation",
        delete_table(main=True),
        delete_table(),
    ),
    row(
        "DeleteRouteTable",
        "a route table that a subnet has",
        "DependencyViolation",
        delete_table(associated=True),
        delete_table(),
    ),
    row(
        "AttachInternetGateway",
        "a VPC that has another one",
        "InvalidParameterValue",
        attach_second(elsewhere=False),
        attach_second(elsewhere=True),
        says="already has an internet gateway",
    ),
    row(
        "DetachInternetGateway",
        "a VPC with a public address",
        "DependencyViolation",
        detach(nat_deleted=False),
        detach(nat_deleted=True),
        says="mapped public address",
    ),
    row(
        "ReleaseAddress",
        "the address of a NAT gateway",
        "InvalidIPAddress.InUse",
        release(nat_deleted=False),
        release(nat_deleted=True),
    ),
    row(
        "DisassociateAddress",
        "the address of a NAT gateway",
        "AuthFailure",
        take_address(of_nat=True),
        take_address(of_nat=False),
    ),
    row(
        "CreateNatGateway",
        "no address for a public one",
        "MissingParameter",
        lambda network: nat(network, ConnectivityType="public"),
        lambda network: nat(network, ConnectivityType="private"),
    ),
    row(
        "DeleteNatGateway",
        "one that does not exist",
        "NatGatewayNotFound",
        lambda network: network.ec2.delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0"),
        lambda network: network.ec2.delete_nat_gateway(NatGatewayId=nat(network)),
    ),
    row(
        "DeleteSubnet",
        "a subnet with a NAT gateway",
        "DependencyViolation",
        delete_subnet_of_nat(deleted=False),
        delete_subnet_of_nat(deleted=True),
    ),
    *(
        row(
            "DeleteVpc",
            f"a VPC with {what}",
            "DependencyViolation",
            delete_vpc_with(make, undone=False),
            delete_vpc_with(make, undone=True),
        )
        for what, make in (("a route table", a_route_table), ("a subnet", a_subnet))
    ),
    row(
        "CreateNetworkInterface",
        "a subnet without a free address",
        "InsufficientFreeAddressesInSubnet",
        interfaces(12),
        interfaces(11),
    ),
    row(
        "CreateNetworkInterface",
        "an address that is taken",
        "InvalidIPAddress.InUse",
        interface_at("10.0.0.10"),
        interface_at("10.0.0.11"),
    ),
    row(
        "CreateSubnet",
        "a zone of another region",
        "InvalidParameterValue",
        subnet_in(AvailabilityZone="us-east-2a"),
        subnet_in(AvailabilityZone="us-east-1a"),
    ),
    row(
        "CreateSubnet",
        "a zone that the account has not opted in to",
        "InvalidParameterValue",
        subnet_in(AvailabilityZone="us-east-1-wl1-bos-wlz-1"),
        subnet_in(AvailabilityZone="us-east-1-bos-1a"),
    ),
    row(
        "DescribeAvailabilityZones",
        "a zone that does not exist",
        "InvalidParameterValue",
        zones(ZoneIds=["use1-az7"]),
        zones(ZoneIds=["use1-az6"]),
    ),
    row(
        "AuthorizeSecurityGroupEgress",
        "a prefix list that does not exist",
        "InvalidPrefixListID.NotFound",
        rule_to(NOBODY),
        rule_to(""),
    ),
    row(
        "GetManagedPrefixListEntries",
        "a prefix list that does not exist",
        "InvalidPrefixListID.NotFound",
        lambda network: network.ec2.get_managed_prefix_list_entries(PrefixListId=NOBODY),
        lambda network: network.ec2.get_managed_prefix_list_entries(
            PrefixListId=prefixes_of_s3(network)
        ),
    ),
    row(
        "CreateFlowLogs",
        "a role that trusts the service for another region",
        "InvalidParameter",
        flow_log_trust("arn:aws:ec2:eu-west-1:{account}:vpc-flow-log/*"),
        flow_log_trust("arn:aws:ec2:us-east-1:{account}:vpc-flow-log/*"),
        says="Unable to assume given IAM role",
    ),
]
