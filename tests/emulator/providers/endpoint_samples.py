"""The samples of VPC endpoints, flow logs and the log groups that these are delivered to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tests.emulator.providers.network_samples import network, network_of
from tests.emulator.providers.sample import Sample

if TYPE_CHECKING:
    from emulator.providers.clients import Clients
    from emulator.providers.values import Json, Object
    from tests.emulator.providers.engine_calls import EngineCalls

VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def document(**statement: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def endpoint_policy(*actions: str) -> str:
    return document(Principal="*", Action=list(actions), Resource="*")


def service(aws: EngineCalls, name: str) -> str:
    return f"com.amazonaws.{aws.configuration.region}.{name}"


@dataclass(frozen=True)
class Parts:
    """What endpoints stand on and have, made once for an account, since many are tried."""

    subnets: tuple[str, str]
    groups: tuple[str, str, str]
    route_table: str


@cache
def parts_of(clients: Clients, region: str) -> Parts:
    """Two of each in the samples' VPC, which has the DNS attributes that private names need."""
    client = clients.get("ec2", region, 1)
    here = network_of(clients, region)
    client.modify_vpc_attribute(VpcId=here.vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        client.create_subnet(VpcId=here.vpc, CidrBlock=next(here.free))["Subnet"]["SubnetId"]
        for _ in range(2)
    ]
    groups = [
        client.create_security_group(VpcId=here.vpc, GroupName=name, Description=name)["GroupId"]
        for name in ("endpoint", "more", "other")
    ]
    table = client.create_route_table(VpcId=here.vpc)["RouteTable"]["RouteTableId"]
    return Parts((subnets[0], subnets[1]), (groups[0], groups[1], groups[2]), table)


def parts(aws: EngineCalls) -> Parts:
    return parts_of(aws.provider.clients, aws.configuration.region)


def interface_endpoint(aws: EngineCalls) -> Object:
    return {
        "vpcId": network(aws).vpc,
        "serviceName": service(aws, "logs"),
        "vpcEndpointType": "Interface",
        "subnetIds": [parts(aws).subnets[0]],
        "securityGroupIds": list(parts(aws).groups[:2]),
        "policy": endpoint_policy("logs:PutLogEvents"),
        "tags": {"Project": "a"},
    }


def gateway_endpoint(aws: EngineCalls, *tables: str) -> Object:
    return {
        "vpcId": network(aws).vpc,
        "serviceName": service(aws, "s3"),
        "routeTableIds": list(tables),
    }


@dataclass(frozen=True)
class Delivery:
    """Where flow logs are delivered to, and by whom; two of each. Made once, as `Parts`."""

    groups: tuple[str, str]
    roles: tuple[str, str]


@cache
def delivery_of(clients: Clients, region: str) -> Delivery:
    """The ARNs."""
    iam, logs = clients.get("iam", region, 1), clients.get("logs", region, 1)
    trust = document(Principal={"Service": "vpc-flow-logs.amazonaws.com"}, Action="sts:AssumeRole")
    names = (f"flow-{region}", f"flow-{region}-more")
    roles = [
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        for name in names
    ]
    delivers = document(Action=["logs:CreateLogStream", "logs:PutLogEvents"], Resource="*")
    for name in names:
        iam.put_role_policy(RoleName=name, PolicyName="delivers", PolicyDocument=delivers)
        logs.create_log_group(logGroupName=name)
    place = f"arn:aws:logs:{region}:{clients.account}:log-group:"
    return Delivery((f"{place}{names[0]}", f"{place}{names[1]}"), (roles[0], roles[1]))


def delivery(aws: EngineCalls) -> Delivery:
    return delivery_of(aws.provider.clients, aws.configuration.region)


@cache
def key_for_logs(clients: Clients, region: str) -> str:
    """The ARN of a key that CloudWatch Logs may use."""
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{clients.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{region}.amazonaws.com"},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return clients.get("kms", region, 1).create_key(Policy=policy)["KeyMetadata"]["Arn"]


ENDPOINT_SAMPLES: dict[str, Sample] = {
    VPC_ENDPOINT: Sample(
        interface_endpoint,
        lambda aws: {
            "dnsOptions": {"dnsRecordIpType": "dualstack"},
            "ipAddressType": "dualstack",
            "policy": endpoint_policy("logs:CreateLogStream"),
            "privateDnsEnabled": True,
            "routeTableIds": [parts(aws).route_table],
            "securityGroupIds": [parts(aws).groups[2]],
            "serviceName": service(aws, "ecr.api"),
            "subnetIds": [parts(aws).subnets[1]],
            "tags": {"Owner": "b"},
            "vpcEndpointType": "Gateway",
            "vpcId": "vpc-0123456789abcdef0",
        },
    ),
    FLOW_LOG: Sample(
        lambda aws: {
            "vpcId": network(aws).vpc,
            "iamRoleArn": delivery(aws).roles[0],
            "logDestination": delivery(aws).groups[0],
            "maxAggregationInterval": 60,
            "trafficType": "ALL",
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "eniId": "eni-0123456789abcdef0",
            "iamRoleArn": delivery(aws).roles[1],
            "logDestination": delivery(aws).groups[1],
            "logFormat": "${interface-id} ${action}",
            "maxAggregationInterval": 600,
            "subnetId": "subnet-0123456789abcdef0",
            "tags": {"Owner": "b"},
            "trafficType": "REJECT",
            "vpcId": "vpc-0123456789abcdef0",
        },
        instead={"eniId": "vpcId", "subnetId": "vpcId"},
    ),
    LOG_GROUP: Sample(
        lambda _aws: {
            "logGroupClass": "STANDARD",
            "retentionInDays": 30,
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "deletionProtectionEnabled": True,
            "kmsKeyId": key_for_logs(aws.provider.clients, aws.configuration.region),
            "logGroupClass": "INFREQUENT_ACCESS",
            "name": "/aws/another",
            "retentionInDays": 365,
            "skipDestroy": True,
            "tags": {"Owner": "b"},
        },
    ),
}
