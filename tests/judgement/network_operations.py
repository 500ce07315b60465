"""Each operation of EC2 and of Logs that the providers call, once, in an order that works."""

import json
from typing import Any

from tests.emulator.aws.cloud import Cloud

ZONE = "us-east-1b"
S3 = "com.amazonaws.us-east-1.s3"
ANYWHERE = "0.0.0.0/0"
LOOKS = 3
"""Until what is deleted is gone."""
HTTPS: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
TAGS = [{"Key": "Owner", "Value": "a"}]


def of(name: str, *values: str) -> list[dict[str, Any]]:
    """A filter."""
    return [{"Name": name, "Values": list(values)}]


def call_networking(cloud: Cloud) -> None:
    """Make a network, change it, look at it and delete it."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", InstanceTenancy="dedicated")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=TAGS)
    ec2.delete_tags(Resources=[vpc], Tags=TAGS)
    ec2.modify_vpc_tenancy(VpcId=vpc, InstanceTenancy="default")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    ec2.describe_vpcs(VpcIds=[vpc])
    ec2.describe_availability_zones()
    ec2.describe_network_acls(Filters=of("vpc-id", vpc))
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=ZONE)["Subnet"]["SubnetId"]
        for block in ("10.0.0.0/24", "10.0.1.0/24")
    ]
    ec2.modify_subnet_attribute(SubnetId=subnets[0], MapPublicIpOnLaunch={"Value": True})
    ec2.describe_subnets(SubnetIds=subnets)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.describe_internet_gateways(InternetGatewayIds=[gateway])
    _route(ec2, vpc, subnets, gateway)
    _guard(ec2, vpc)
    _connect(ec2, vpc, subnets[0])
    _watch(cloud, vpc)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def _route(ec2: Any, vpc: str, subnets: list[str], gateway: str) -> None:
    tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    made = ec2.associate_route_table(RouteTableId=tables[0], SubnetId=subnets[0])
    moved = ec2.replace_route_table_association(
        AssociationId=made["AssociationId"], RouteTableId=tables[1]
    )
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    interface = ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]
    associated = ec2.associate_address(
        AllocationId=address, NetworkInterfaceId=interface["NetworkInterfaceId"]
    )
    ec2.disassociate_address(AssociationId=associated["AssociationId"])
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    nat = ec2.create_nat_gateway(SubnetId=subnets[1], AllocationId=address)["NatGateway"]
    route = {"RouteTableId": tables[1], "DestinationCidrBlock": ANYWHERE}
    ec2.create_route(**route, GatewayId=gateway)
    ec2.replace_route(**route, NatGatewayId=nat["NatGatewayId"])
    ec2.describe_route_tables(RouteTableIds=tables)
    ec2.delete_route(**route)
    ec2.disassociate_route_table(AssociationId=moved["NewAssociationId"])
    for table in tables:
        ec2.delete_route_table(RouteTableId=table)
    ec2.describe_addresses(AllocationIds=[address])
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    for _ in range(LOOKS):
        ec2.describe_nat_gateways(Filter=of("vpc-id", vpc))
    ec2.release_address(AllocationId=address)


def _guard(ec2: Any, vpc: str) -> None:
    group = ec2.create_security_group(VpcId=vpc, GroupName="g", Description="g")["GroupId"]
    rules = [{**HTTPS, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=rules)
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    changed = {**HTTPS, "CidrIpv4": "10.0.0.0/8"}
    ec2.modify_security_group_rules(
        GroupId=group,
        SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": changed}],
    )
    ec2.describe_security_group_rules(Filters=of("group-id", group))
    ec2.describe_security_groups(GroupIds=[group])
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rules)
    ec2.delete_security_group(GroupId=group)


def _connect(ec2: Any, vpc: str, subnet: str) -> None:
    ec2.describe_vpc_endpoint_services(ServiceNames=[S3])
    (listed,) = ec2.describe_prefix_lists(Filters=of("prefix-list-name", S3))["PrefixLists"]
    ec2.describe_managed_prefix_lists(PrefixListIds=[listed["PrefixListId"]])
    ec2.get_managed_prefix_list_entries(PrefixListId=listed["PrefixListId"])
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.logs",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
    ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])
    ec2.describe_network_interfaces(Filters=of("vpc-id", vpc))
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    for _ in range(LOOKS):
        ec2.describe_vpc_endpoints(Filters=of("vpc-id", vpc))


def _watch(cloud: Cloud, vpc: str) -> None:
    ec2, logs, place = cloud.client("ec2"), cloud.client("logs"), f"us-east-1:{cloud.account}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role: Any = cloud.iam.create_role(RoleName="flow", AssumeRolePolicyDocument=trust)
    logs.create_log_group(logGroupName="flow", tags={"Project": "a"})
    flow_log = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestination=f"arn:aws:logs:{place}:log-group:flow",
        DeliverLogsPermissionArn=role["Role"]["Arn"],
    )["FlowLogIds"]
    ec2.describe_flow_logs(FlowLogIds=flow_log)
    ec2.delete_flow_logs(FlowLogIds=flow_log)


def call_log_groups(cloud: Cloud) -> None:
    """Make a log group, change it, look at it and delete it."""
    logs, place = cloud.client("logs"), f"us-east-1:{cloud.account}"
    logs.create_log_group(logGroupName="agents")
    arn = f"arn:aws:logs:{place}:log-group:agents"
    logs.tag_resource(resourceArn=arn, tags={"Owner": "a"})
    logs.list_tags_for_resource(resourceArn=arn)
    logs.untag_resource(resourceArn=arn, tagKeys=["Owner"])
    logs.put_retention_policy(logGroupName="agents", retentionInDays=30)
    logs.delete_retention_policy(logGroupName="agents")
    owner = {"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "kms:*"}
    service = {
        "Effect": "Allow",
        "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
    }
    statements = [{**statement, "Resource": "*"} for statement in (owner, service)]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    key = cloud.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    logs.associate_kms_key(logGroupName="agents", kmsKeyId=key)
    logs.disassociate_kms_key(logGroupName="agents")
    logs.put_log_group_deletion_protection(
        logGroupIdentifier="agents", deletionProtectionEnabled=False
    )
    logs.describe_log_groups(logGroupNamePrefix="agents")
    logs.delete_log_group(logGroupName="agents")
