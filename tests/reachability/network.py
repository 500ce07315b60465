"""What EC2 says of the networks of one region, as boto3 answers it: the analyser's only source."""

from dataclasses import dataclass
from typing import Any, cast

Answer = dict[str, Any]


@dataclass(frozen=True)
class Network:
    """The answers, item by item and unchanged, each list named after the operation's own."""

    region: str
    vpcs: list[Answer]
    # DescribeVpcAttribute by VPC: EnableDnsSupport and EnableDnsHostnames, each with its Value.
    vpc_attributes: dict[str, Answer]
    dhcp_options: list[Answer]
    subnets: list[Answer]
    route_tables: list[Answer]
    internet_gateways: list[Answer]
    nat_gateways: list[Answer]
    security_groups: list[Answer]
    security_group_rules: list[Answer]
    network_acls: list[Answer]
    network_interfaces: list[Answer]
    vpc_endpoints: list[Answer]
    # DescribeVpcEndpointServices, of the services that have an endpoint here.
    endpoint_services: list[Answer]
    prefix_lists: list[Answer]
    # GetManagedPrefixListEntries by prefix list, of the lists that a route or a rule refers to.
    prefix_list_entries: dict[str, list[Answer]]

    def vpc(self, identifier: str) -> Answer | None:
        return _find(self.vpcs, "VpcId", identifier)

    def subnet(self, identifier: str) -> Answer | None:
        return _find(self.subnets, "SubnetId", identifier)

    def security_group(self, identifier: str) -> Answer | None:
        return _find(self.security_groups, "GroupId", identifier)

    def interface(self, identifier: str) -> Answer | None:
        return _find(self.network_interfaces, "NetworkInterfaceId", identifier)

    def nat_gateway(self, identifier: str) -> Answer | None:
        return _find(self.nat_gateways, "NatGatewayId", identifier)

    def internet_gateway(self, identifier: str) -> Answer | None:
        return _find(self.internet_gateways, "InternetGatewayId", identifier)


def items(answer: Answer, name: str) -> list[Answer]:
    """The list of this name in the answer; boto3 leaves an empty one out, or not."""
    return cast("list[Answer]", answer.get(name) or [])


def texts(answer: Answer, name: str) -> list[str]:
    """The list of identifiers of this name in the answer."""
    return cast("list[str]", answer.get(name) or [])


def part(answer: Answer, name: str) -> Answer:
    """The structure of this name in the answer, empty where there is none."""
    return cast("Answer", answer.get(name) or {})


def collect(ec2: Any) -> Network:
    """Ask EC2 for all of its region that the analysis looks at; `ec2` is a boto3 client."""

    def described(operation: str, name: str, **asked: Any) -> list[Answer]:
        return items(ec2.get_paginator(operation).paginate(**asked).build_full_result(), name)

    vpcs = described("describe_vpcs", "Vpcs")
    tables = described("describe_route_tables", "RouteTables")
    rules = described("describe_security_group_rules", "SecurityGroupRules")
    endpoints = described("describe_vpc_endpoints", "VpcEndpoints")
    services = sorted({endpoint["ServiceName"] for endpoint in endpoints})
    referred = {
        one["DestinationPrefixListId"]
        for table in tables
        for one in items(table, "Routes")
        if "DestinationPrefixListId" in one
    } | {rule["PrefixListId"] for rule in rules if "PrefixListId" in rule}
    return Network(
        region=ec2.meta.region_name,
        vpcs=vpcs,
        vpc_attributes={vpc["VpcId"]: _dns_attributes(ec2, vpc["VpcId"]) for vpc in vpcs},
        dhcp_options=described("describe_dhcp_options", "DhcpOptions"),
        subnets=described("describe_subnets", "Subnets"),
        route_tables=tables,
        internet_gateways=described("describe_internet_gateways", "InternetGateways"),
        nat_gateways=described("describe_nat_gateways", "NatGateways"),
        security_groups=described("describe_security_groups", "SecurityGroups"),
        security_group_rules=rules,
        network_acls=described("describe_network_acls", "NetworkAcls"),
        network_interfaces=described("describe_network_interfaces", "NetworkInterfaces"),
        vpc_endpoints=endpoints,
        endpoint_services=(
            described("describe_vpc_endpoint_services", "ServiceDetails", ServiceNames=services)
            if services
            else []
        ),
        prefix_lists=described("describe_managed_prefix_lists", "PrefixLists"),
        prefix_list_entries={
            identifier: described(
                "get_managed_prefix_list_entries", "Entries", PrefixListId=identifier
            )
            for identifier in sorted(referred)
        },
    )


def _dns_attributes(ec2: Any, vpc: str) -> Answer:
    return {
        **ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport"),
        **ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames"),
    }


def _find(answers: list[Answer], key: str, identifier: str) -> Answer | None:
    return next((answer for answer in answers if answer[key] == identifier), None)
