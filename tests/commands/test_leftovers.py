from typing import Any

import boto3

from commands.leftovers import leftovers
from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.conftest import aws_url, cloud, ready

__all__ = ["aws_url", "cloud", "ready"]


def left(cloud: Cloud) -> set[str]:
    session = boto3.Session(
        aws_access_key_id=cloud.account,
        aws_secret_access_key="offline",
        region_name="us-east-1",
    )
    return {told.partition(" (")[0] for told in leftovers(session, cloud.url)}


def test_an_empty_account_holds_nothing(cloud: Cloud) -> None:
    assert left(cloud) == set(), "its default VPC does not count"


def test_every_part_of_a_network_is_named(cloud: Cloud) -> None:
    ec2: Any = cloud.client("ec2")
    subnet, group = cloud.network()
    (described,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    vpc = described["VpcId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway"
    )["VpcEndpoint"]["VpcEndpointId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address["AllocationId"])
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[group])
    cloud.client("logs").create_log_group(logGroupName="/aws/vpc/flow-logs/shop")

    found = left(cloud)
    assert found >= {
        f"VPC {vpc}",
        f"subnet {subnet}",
        f"security group {group}",
        f"VPC endpoint {endpoint}",
        f"internet gateway {gateway}",
        f"NAT gateway {nat['NatGateway']['NatGatewayId']}",
        f"network interface {interface['NetworkInterface']['NetworkInterfaceId']}",
        f"address {address['PublicIp']}",
        "log group /aws/vpc/flow-logs/shop",
    }
    others = {told for told in found if not told.startswith("network interface")}
    assert len(others) == 8, f"and nothing else: {found}"


def test_what_is_on_its_way_out_does_not_count(cloud: Cloud) -> None:
    ec2: Any = cloud.client("ec2")
    subnet, _ = cloud.network()
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address["AllocationId"])
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGateway"]["NatGatewayId"])
    assert not [told for told in left(cloud) if "NAT" in told], "EC2 shows it for an hour"
