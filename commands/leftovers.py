"""Asks the AWS API what an account still holds; the Pulumi state is not consulted."""

from collections.abc import Iterator
from typing import Any, Final, cast

import boto3

# What EC2 lists in pages, by the operation that lists it.
_NETWORK_PAGES: Final = {
    "describe_vpcs": "Vpcs",
    "describe_subnets": "Subnets",
    "describe_security_groups": "SecurityGroups",
    "describe_vpc_endpoints": "VpcEndpoints",
    "describe_nat_gateways": "NatGateways",
    "describe_internet_gateways": "InternetGateways",
    "describe_network_interfaces": "NetworkInterfaces",
    "describe_flow_logs": "FlowLogs",
}
# EC2 shows these for an hour after they are gone.
_GOING: Final = ("deleting", "deleted")


def leftovers(session: boto3.Session, endpoint_url: str) -> list[str]:
    """What the account still holds of the kinds this project makes.

    Service-linked roles and the default VPC with its parts stay in any account, and a key that is
    scheduled for deletion is on its way: none of them counts. Route tables and network ACLs cannot
    outlive their VPC.
    """
    return [
        *(f"runtime {name}" for name in _runtimes(session, endpoint_url)),
        *(f"repository {name}" for name in _repositories(session, endpoint_url)),
        *_identities(session, endpoint_url),
        *(f"key {key}" for key in _enabled_keys(session, endpoint_url)),
        *_network(session, endpoint_url),
        *(f"log group {name}" for name in _log_groups(session, endpoint_url)),
    ]


def _runtimes(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("bedrock-agentcore-control", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("list_agent_runtimes").paginate():
        yield from (runtime["agentRuntimeName"] for runtime in page["agentRuntimes"])


def _repositories(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("ecr", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("describe_repositories").paginate():
        yield from (entry.get("repositoryName", "") for entry in page["repositories"])


def _identities(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("iam", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if not role["Path"].startswith("/aws-service-role/"):
                yield f"role {role['RoleName']}"
    for page in client.get_paginator("list_policies").paginate(Scope="Local"):
        yield from (f"policy {policy.get('PolicyName')}" for policy in page["Policies"])


def _enabled_keys(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("kms", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            described = client.describe_key(KeyId=key.get("KeyId", ""))["KeyMetadata"]
            if described.get("KeyState") == "Enabled" and described.get("KeyManager") == "CUSTOMER":
                yield described["KeyId"]


def _network(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client: Any = cast("Any", session).client("ec2", endpoint_url=endpoint_url)
    every: dict[str, list[dict[str, Any]]] = {
        key: [one for page in client.get_paginator(operation).paginate() for one in page[key]]
        for operation, key in _NETWORK_PAGES.items()
    }
    default = {vpc["VpcId"] for vpc in every["Vpcs"] if vpc["IsDefault"]}
    yield from (f"VPC {vpc['VpcId']}" for vpc in every["Vpcs"] if vpc["VpcId"] not in default)
    yield from (f"subnet {one['SubnetId']}" for one in every["Subnets"] if not one["DefaultForAz"])
    for group in every["SecurityGroups"]:
        if group["GroupName"] != "default":
            yield f"security group {group['GroupId']} ({group['GroupName']})"
    for endpoint in every["VpcEndpoints"]:
        if endpoint["State"].lower() not in _GOING:
            yield f"VPC endpoint {endpoint['VpcEndpointId']} ({endpoint['ServiceName']})"
    for gateway in every["NatGateways"]:
        if gateway["State"] not in _GOING:
            yield f"NAT gateway {gateway['NatGatewayId']}"
    for gateway in every["InternetGateways"]:
        if not default.intersection(to["VpcId"] for to in gateway["Attachments"]):
            yield f"internet gateway {gateway['InternetGatewayId']}"
    for interface in every["NetworkInterfaces"]:
        yield f"network interface {interface['NetworkInterfaceId']} ({interface['InterfaceType']})"
    yield from (f"flow log {log['FlowLogId']}" for log in every["FlowLogs"])
    yield from (
        f"address {address['PublicIp']}" for address in client.describe_addresses()["Addresses"]
    )


def _log_groups(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client: Any = cast("Any", session).client("logs", endpoint_url=endpoint_url)
    for page in client.get_paginator("describe_log_groups").paginate():
        yield from (group["logGroupName"] for group in page["logGroups"])
