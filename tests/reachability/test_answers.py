"""What is analysed has the form of AWS's answers, written by hand as well as collected."""

import ast
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

import botocore.session
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from tests.emulator.aws.cloud import REGION, Cloud
from tests.reachability.agent import Agent, calls_of_every_agent
from tests.reachability.network import Network, collect
from tests.reachability.sample_network import sample_network
from tests.reachability.verdicts import reaches, reaches_internet, stays_inside
from tests.reachability.verdicts import unreachable_from_internet as unreachable

ZONES = {"a": "use1-az1", "b": "use1-az2"}
SERVICES = ("ecr.api", "ecr.dkr", "logs", "bedrock-agentcore")

OPERATIONS = {
    "vpcs": ("DescribeVpcs", "Vpcs"),
    "dhcp_options": ("DescribeDhcpOptions", "DhcpOptions"),
    "subnets": ("DescribeSubnets", "Subnets"),
    "route_tables": ("DescribeRouteTables", "RouteTables"),
    "internet_gateways": ("DescribeInternetGateways", "InternetGateways"),
    "nat_gateways": ("DescribeNatGateways", "NatGateways"),
    "security_groups": ("DescribeSecurityGroups", "SecurityGroups"),
    "security_group_rules": ("DescribeSecurityGroupRules", "SecurityGroupRules"),
    "network_acls": ("DescribeNetworkAcls", "NetworkAcls"),
    "network_interfaces": ("DescribeNetworkInterfaces", "NetworkInterfaces"),
    "vpc_endpoints": ("DescribeVpcEndpoints", "VpcEndpoints"),
    "endpoint_services": ("DescribeVpcEndpointServices", "ServiceDetails"),
    "prefix_lists": ("DescribeManagedPrefixLists", "PrefixLists"),
}


# What is written by hand --------------------------------------------------------------------------


def misshapen(service: str, operation: str, answer: dict[str, Any]) -> str:
    """What in the answer the model of the operation does not have."""
    model = _service_model(service).operation_model(operation)
    validator = cast("Any", ParamValidator())
    return validator.validate(answer, model.output_shape).generate_report()


@cache
def _service_model(service: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(service)


def test_the_network_written_by_hand_has_the_form_of_answers() -> None:
    network = sample_network()
    for kind, (operation, name) in OPERATIONS.items():
        assert misshapen("ec2", operation, {name: getattr(network, kind)}) == ""
    for entries in network.prefix_list_entries.values():
        assert misshapen("ec2", "GetManagedPrefixListEntries", {"Entries": entries}) == ""
    for attributes in network.vpc_attributes.values():
        assert misshapen("ec2", "DescribeVpcAttribute", attributes) == ""
    named = {*OPERATIONS, "region", "vpc_attributes", "prefix_list_entries"}
    assert named == set(Network.__annotations__), "nothing is left out"


def test_a_member_of_another_name_is_found() -> None:
    assert "NatGatewayID" in misshapen(
        "ec2", "DescribeNatGateways", {"NatGateways": [{"NatGatewayID": "nat-1"}]}
    )


def test_the_analyser_knows_nothing_of_the_program_and_of_the_offline_aws() -> None:
    ours = {"infra", "emulator", "engine", "images", "recovery", "commands", "contracts", "tests"}
    imported: set[str] = set()
    for path in Path(__file__).parent.glob("*.py"):
        if not path.name.startswith(("test_", "conftest")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    imported.add(node.module or "")
                elif isinstance(node, ast.Import):
                    imported.update(alias.name for alias in node.names)
    known = {name for name in imported if name.startswith("tests.reachability.")}
    assert known, "imports were read"
    assert {name for name in imported - known if name.partition(".")[0] in ours} == set()


# What is collected --------------------------------------------------------------------------------


class Deployed:
    """A network made by plain boto3, as the agents' one is, and a runtime in it."""

    def __init__(self, cloud: Cloud) -> None:
        self.ec2: Any = cloud.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.associations: dict[str, str] = {}
        self.subnets = {
            name: self.subnet(f"10.0.{number}.0/24", zone)
            for number, (name, zone) in enumerate(ZONES.items())
        }
        self.tables = {name: self.table(subnet) for name, subnet in self.subnets.items()}
        self.agents, self.endpoints = self.group("agents"), self.group("endpoints")
        lists = self.ec2.describe_managed_prefix_lists(
            Filters=[{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{REGION}.s3"]}]
        )["PrefixLists"]
        self.to_s3 = {"PrefixListIds": [{"PrefixListId": lists[0]["PrefixListId"]}]}
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.ec2.revoke_security_group_egress(GroupId=self.agents, IpPermissions=[everything])
        self.let_out(UserIdGroupPairs=[{"GroupId": self.endpoints}])
        self.let_out(**self.to_s3)
        self.ec2.authorize_security_group_ingress(
            GroupId=self.endpoints,
            IpPermissions=[https(UserIdGroupPairs=[{"GroupId": self.agents}])],
        )
        for service in SERVICES:
            self.endpoint(
                service,
                VpcEndpointType="Interface",
                SubnetIds=[*self.subnets.values()],
                SecurityGroupIds=[self.endpoints],
                PrivateDnsEnabled=True,
            )
        self.s3 = self.endpoint(
            "s3", VpcEndpointType="Gateway", RouteTableIds=[*self.tables.values()]
        )
        runtime = cloud.create(
            cloud.runtime(
                NetworkConfiguration={
                    "NetworkMode": "VPC",
                    "NetworkModeConfig": {
                        "Subnets": [*self.subnets.values()],
                        "SecurityGroups": [self.agents],
                    },
                }
            )
        )
        answer = cloud.agentcore.get_agent_runtime(agentRuntimeId=runtime)
        self.agent = Agent.of(cast("dict[str, Any]", answer))

    def subnet(self, cidr: str, zone_id: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZoneId=zone_id)
        return made["Subnet"]["SubnetId"]

    def table(self, subnet: str) -> str:
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        made = self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        self.associations[subnet] = made["AssociationId"]
        return table

    def group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
        return made["GroupId"]

    def endpoint(self, service: str, **options: Any) -> str:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", **options
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    def let_out(self, **peer: Any) -> None:
        self.ec2.authorize_security_group_egress(GroupId=self.agents, IpPermissions=[https(**peer)])

    def findings(self) -> list[str]:
        network = collect(self.ec2)
        return [
            *reaches(network, self.agent, *calls_of_every_agent(self.agent)),
            *unreachable(network, self.agent),
            *stays_inside(network, self.agent),
        ]


def https(**peer: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **peer}


@pytest.fixture(scope="module")
def deployed(cloud: Cloud) -> Deployed:
    return Deployed(cloud)


def without_rule_for_s3(deployed: Deployed) -> Callable[[], object]:
    deployed.ec2.revoke_security_group_egress(
        GroupId=deployed.agents, IpPermissions=[https(**deployed.to_s3)]
    )
    return lambda: deployed.let_out(**deployed.to_s3)


def subnet_on_the_main_table(deployed: Deployed) -> Callable[[], object]:
    place = {"RouteTableId": deployed.tables["b"], "SubnetId": deployed.subnets["b"]}
    association = deployed.associations[deployed.subnets["b"]]
    deployed.ec2.disassociate_route_table(AssociationId=association)
    return lambda: deployed.ec2.associate_route_table(**place)


def dns_support_off(deployed: Deployed) -> Callable[[], object]:
    def set_to(*, value: bool) -> None:
        deployed.ec2.modify_vpc_attribute(VpcId=deployed.vpc, EnableDnsSupport={"Value": value})

    set_to(value=False)
    return lambda: set_to(value=True)


def denied_by_acl(deployed: Deployed) -> Callable[[], object]:
    (acl,) = deployed.ec2.describe_network_acls(
        Filters=[{"Name": "vpc-id", "Values": [deployed.vpc]}]
    )["NetworkAcls"]
    rule = {"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 90, "Egress": False}
    deployed.ec2.create_network_acl_entry(
        **rule,
        Protocol="6",
        RuleAction="deny",
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 1024, "To": 65535},
    )
    return lambda: deployed.ec2.delete_network_acl_entry(**rule)


def ingress_to_agents(deployed: Deployed) -> Callable[[], object]:
    given = {
        "GroupId": deployed.agents,
        "IpPermissions": [https(IpRanges=[{"CidrIp": "192.0.2.0/24"}])],
    }
    deployed.ec2.authorize_security_group_ingress(**given)
    return lambda: deployed.ec2.revoke_security_group_ingress(**given)


def policy_without_layers(deployed: Deployed) -> Callable[[], object]:
    modify = deployed.ec2.modify_vpc_endpoint
    said = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [said]})
    modify(VpcEndpointId=deployed.s3, PolicyDocument=document)
    return lambda: modify(VpcEndpointId=deployed.s3, ResetPolicy=True)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (without_rule_for_s3, "no egress rule of sg-"),
        (subnet_on_the_main_table, "has no route for"),
        (dns_support_off, "DNS support of vpc-"),
        (denied_by_acl, "denies TCP 1024-65535 in from"),
        (ingress_to_agents, "admits TCP 443 from 192.0.2.0/24"),
        (policy_without_layers, "does not let a caller it does not know do s3:GetObject"),
    ],
)
def test_what_is_broken_by_an_api_call_is_found(
    deployed: Deployed, broken: Callable[[Deployed], Callable[[], object]], said: str
) -> None:
    mend = broken(deployed)
    found = deployed.findings()
    mend()
    assert found, "it is broken"
    assert [one for one in found if said not in one] == []


def test_in_a_network_made_by_api_calls_nothing_is_found(deployed: Deployed) -> None:
    assert deployed.findings() == [], "before it is broken, or after all is mended again"


def test_nat_is_proven_of_what_is_collected(deployed: Deployed) -> None:
    ec2 = deployed.ec2
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=deployed.vpc)
    public = deployed.subnet("10.0.128.0/28", ZONES["a"])
    anywhere = {"DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(RouteTableId=deployed.table(public), GatewayId=gateway, **anywhere)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]
    deployed.let_out(IpRanges=[{"CidrIp": "0.0.0.0/0"}])
    assert reaches_internet(collect(ec2), deployed.agent) != []
    for table in deployed.tables.values():
        ec2.create_route(RouteTableId=table, NatGatewayId=nat["NatGatewayId"], **anywhere)
    network = collect(ec2)
    assert reaches_internet(network, deployed.agent) == []
    assert reaches(network, deployed.agent, *calls_of_every_agent(deployed.agent)) == []
    assert unreachable(network, deployed.agent) == []
    assert stays_inside(network, deployed.agent) == [
        f"{deployed.tables[name]} of {deployed.subnets[name]} leads out to {nat['NatGatewayId']}"
        for name in ZONES
    ]
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    assert reaches_internet(collect(ec2), deployed.agent) != [], "there is no NAT any more"
