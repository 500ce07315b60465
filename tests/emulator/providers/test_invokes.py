"""The functions of the `aws` provider: names against the SDK's, answers against the services'."""

import importlib
import inspect
import json
import re
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from emulator.providers import sdk_types
from emulator.providers.aws.functions.table import Function
from emulator.providers.aws.invokes import FUNCTIONS
from emulator.providers.aws.provider import AwsProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.errors import ProviderError
from emulator.providers.values import Json, Object
from tests.emulator.providers.conftest import REGION, random_account
from tests.emulator.providers.engine_calls import EngineCalls

IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"
PARTITION = "aws:index/getPartition:getPartition"
GET_REGION = "aws:index/getRegion:getRegion"
ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
VPC = "aws:ec2/getVpc:getVpc"
SUBNET = "aws:ec2/getSubnet:getSubnet"
SUBNETS = "aws:ec2/getSubnets:getSubnets"
ROUTE_TABLE = "aws:ec2/getRouteTable:getRouteTable"
ROUTE_TABLES = "aws:ec2/getRouteTables:getRouteTables"
NETWORK_INTERFACES = "aws:ec2/getNetworkInterfaces:getNetworkInterfaces"
SECURITY_GROUP = "aws:ec2/getSecurityGroup:getSecurityGroup"
ENDPOINT = "aws:ec2/getVpcEndpoint:getVpcEndpoint"
ENDPOINT_SERVICE = "aws:ec2/getVpcEndpointService:getVpcEndpointService"
PREFIX_LIST = "aws:ec2/getPrefixList:getPrefixList"
MANAGED_PREFIX_LIST = "aws:ec2/getManagedPrefixList:getManagedPrefixList"
ROLE = "aws:iam/getRole:getRole"
POLICY = "aws:iam/getPolicy:getPolicy"
ATTACHMENTS = "aws:iam/getRolePolicyAttachments:getRolePolicyAttachments"
ROLE_POLICIES = "aws:iam/getRolePolicies:getRolePolicies"

TOKENS = sorted(FUNCTIONS)
REFUSED_ARGUMENTS = {
    IDENTITY: {"id"},
    PARTITION: {"id"},
    GET_REGION: {"endpoint", "id"},
    SUBNET: {"ipv6CidrBlock"},
    ROUTE_TABLE: {"gatewayId"},
    ENDPOINT: {"serviceRegion"},
    ENDPOINT_SERVICE: {"serviceRegions"},
    ROLE: {"tags"},
    POLICY: {"tags"},
}
"""Arguments of the real function that are refused by name."""

DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            }
        ],
    }
)


def sdk_module(token: str) -> ModuleType:
    """The SDK's module of a function."""
    package, name = token.removeprefix("aws:").split(":")[0].split("/")
    snake = re.sub("([A-Z])", r"_\1", name).lower()
    folder = "pulumi_aws" if package == "index" else f"pulumi_aws.{package}"
    return importlib.import_module(f"{folder}.{snake}")


@cache
def sdk_arguments(token: str) -> frozenset[str]:
    return frozenset(re.findall(r"__args__\['(\w+)'\]", inspect.getsource(sdk_module(token))))


@dataclass(frozen=True)
class Network:
    """What the functions look up."""

    aws: EngineCalls
    vpc: str
    subnet: str
    group: str
    route_table: str
    gateway_endpoint: str
    interface_endpoint: str
    role: str
    policy: str

    def call(self, token: str, **arguments: Json) -> Object:
        self.aws.connect()
        return self.aws.provider.call_function(token, arguments)

    def client(self, service: str) -> Any:
        return self.aws.provider.clients.get(service, REGION, 1)


def tags(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Project", "Value": "assistant"}]}]


@pytest.fixture(scope="module")
def network(aws_url: str) -> Network:
    clients = Clients(aws_url, random_account())
    aws = EngineCalls(AwsProvider(clients), Configuration(REGION, clients.account))
    ec2, iam = clients.get("ec2", REGION, 1), clients.get("iam", REGION, 1)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags("vpc"))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(
        VpcId=vpc,
        CidrBlock="10.0.0.0/24",
        AvailabilityZone="us-east-1b",
        TagSpecifications=tags("subnet"),
    )["Subnet"]["SubnetId"]
    group = ec2.create_security_group(
        VpcId=vpc,
        GroupName="agents",
        Description="of agents",
        TagSpecifications=tags("security-group"),
    )["GroupId"]
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tags("route-table"))["RouteTable"][
        "RouteTableId"
    ]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    made = [
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{REGION}.{service}",
            VpcEndpointType=kind,
            TagSpecifications=tags("vpc-endpoint"),
            **more,
        )["VpcEndpoint"]["VpcEndpointId"]
        for service, kind, more in (
            ("s3", "Gateway", {"RouteTableIds": [table]}),
            (
                "logs",
                "Interface",
                {"SubnetIds": [subnet], "SecurityGroupIds": [group], "PrivateDnsEnabled": True},
            ),
        )
    ]
    iam.create_role(RoleName="agent", AssumeRolePolicyDocument=TRUST, Description="of agents")
    policy = iam.create_policy(PolicyName="reads", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="agent", PolicyArn=policy)
    iam.put_role_policy(RoleName="agent", PolicyName="inline", PolicyDocument=DOCUMENT)
    return Network(aws, vpc, subnet, group, table, made[0], made[1], "agent", policy)


class TestTheSdk:
    @pytest.mark.parametrize("token", TOKENS)
    def test_the_token_is_the_one_the_sdk_calls(self, token: str) -> None:
        assert f"invoke('{token}'" in inspect.getsource(sdk_module(token))

    @pytest.mark.parametrize("token", TOKENS)
    def test_every_argument_of_the_real_function_is_taken_or_refused(self, token: str) -> None:
        refused = REFUSED_ARGUMENTS.get(token, set[str]())
        assert FUNCTIONS[token].arguments == sdk_arguments(token) - refused
        assert refused <= sdk_arguments(token), "only real arguments are worth listing"

    @pytest.mark.parametrize("token", TOKENS)
    def test_every_result_of_the_real_function_has_a_source(self, token: str) -> None:
        function = FUNCTIONS[token]
        results = sdk_types.output_names(function.result_class)
        read = {name for one in function.reads for name in one.values}
        given = function.arguments | sdk_arguments(token)
        made = {"arn"} if function.arn else set[str]()
        assert results <= read | given | made | _added(function), (
            "a program that reads it would get nothing"
        )

    @pytest.mark.parametrize("token", TOKENS)
    def test_an_argument_it_does_not_take_is_refused_by_name(
        self, network: Network, token: str
    ) -> None:
        for name in {"unheardOf", *REFUSED_ARGUMENTS.get(token, ())}:
            with pytest.raises(ProviderError, match=f'argument "{name}" of {token}'):
                network.call(token, **{name: "x"})


def _added(function: Function) -> set[str]:
    return set(function.adds({"region": REGION}))


class TestLocation:
    def test_the_caller_is_the_account_of_the_port(self, aws: EngineCalls) -> None:
        answer = aws.provider.call_function(IDENTITY, {})
        assert answer["accountId"] == answer["id"] == aws.configuration.account
        assert set(answer) == {"accountId", "arn", "id", "userId"}, "the SDK's result has these"

    @pytest.mark.parametrize(
        ("region", "expected"),
        [
            ("us-east-1", ("aws", "amazonaws.com", "com.amazonaws")),
            ("us-gov-west-1", ("aws-us-gov", "amazonaws.com", "com.amazonaws")),
            ("cn-north-1", ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws")),
        ],
    )
    def test_the_partition_is_that_of_the_region(
        self, aws_provider: AwsProvider, region: str, expected: tuple[str, str, str]
    ) -> None:
        aws = EngineCalls(aws_provider, Configuration(region, aws_provider.clients.account))
        answer = aws.provider.call_function(PARTITION, {})
        assert (answer["partition"], answer["dnsSuffix"], answer["reverseDnsPrefix"]) == expected

    def test_the_region_is_the_instances_or_the_one_asked_for(self, aws: EngineCalls) -> None:
        assert aws.provider.call_function(GET_REGION, {}) == {
            "description": "US East (N. Virginia)",
            "endpoint": "ec2.us-east-1.amazonaws.com",
            "id": "us-east-1",
            "name": "us-east-1",
            "region": "us-east-1",
        }
        for name in ("region", "name"):
            answer = aws.provider.call_function(GET_REGION, {name: "eu-west-1"})
            assert answer["name"] == "eu-west-1"
        with pytest.raises(ProviderError, match='"mars-1" is not an AWS region'):
            aws.provider.call_function(GET_REGION, {"region": "mars-1"})

    def test_zones_are_named_and_numbered_in_the_same_order(self, network: Network) -> None:
        described = network.client("ec2").describe_availability_zones()["AvailabilityZones"]
        ids = {zone["ZoneName"]: zone["ZoneId"] for zone in described}
        answer = network.call(ZONES)
        assert answer["names"] == sorted(ids), "by name, as terraform sorts them"
        assert answer["zoneIds"] == [ids[name] for name in answer["names"]]
        assert answer["groupNames"] == sorted({zone["GroupName"] for zone in described})
        assert answer["id"] == answer["region"] == REGION

    def test_zones_are_narrowed_by_filters_state_and_exclusions(self, network: Network) -> None:
        every = network.call(ZONES)
        ordinary = [
            {"name": "zone-type", "values": ["availability-zone"]},
            {"name": "opt-in-status", "values": ["opt-in-not-required"]},
        ]
        answer = network.call(ZONES, filters=ordinary, state="available")
        assert answer["names"], "a region has zones"
        assert all(re.fullmatch("us-east-1[a-z]", name) for name in answer["names"])
        assert answer["filters"] == ordinary, "what was asked is part of the answer"
        assert network.call(ZONES, state="impaired")["names"] == []
        local = [{"name": "zone-type", "values": ["local-zone"]}]
        others = network.call(ZONES, filters=local, allAvailabilityZones=True)["names"]
        assert set(others).isdisjoint(answer["names"])
        fewer = network.call(
            ZONES, excludeNames=[every["names"][0]], excludeZoneIds=[every["zoneIds"][2]]
        )
        left = [index for index in range(len(every["names"])) if index not in {0, 2}]
        assert fewer["names"] == [every["names"][index] for index in left]
        assert fewer["zoneIds"] == [every["zoneIds"][index] for index in left]

    def test_zones_of_another_region_can_be_asked_for(self, network: Network) -> None:
        answer = network.call(ZONES, region="eu-west-1")
        assert answer["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
        assert answer["id"] == "eu-west-1"


class TestNetworks:
    def test_a_vpc_is_found_with_its_attributes(self, network: Network) -> None:
        answer = network.call(VPC, id=network.vpc)
        account = network.aws.configuration.account
        assert answer["arn"] == f"arn:aws:ec2:{REGION}:{account}:vpc/{network.vpc}"
        assert (answer["enableDnsSupport"], answer["enableDnsHostnames"]) == (True, True)
        assert (answer["cidrBlock"], answer["tags"]) == ("10.0.0.0/16", {"Project": "assistant"})
        assert [one["cidrBlock"] for one in answer["cidrBlockAssociations"]] == ["10.0.0.0/16"]
        assert answer["mainRouteTableId"].startswith("rtb-")
        assert answer["mainRouteTableId"] != network.route_table

    @pytest.mark.parametrize(
        "arguments",
        [
            {"cidrBlock": "10.0.0.0/16"},
            {"tags": {"Project": "assistant"}},
            {"filters": [{"name": "cidr", "values": ["10.0.0.0/16"]}]},
            {"cidrBlock": "10.0.0.0/16", "default": False},
        ],
    )
    def test_a_vpc_is_found_by_what_it_is(self, network: Network, arguments: Object) -> None:
        assert network.call(VPC, **arguments)["id"] == network.vpc

    def test_the_default_vpc_is_found(self, network: Network) -> None:
        answer = network.call(VPC, default=True)
        assert answer["default"] is True
        assert answer["id"] != network.vpc

    def test_a_subnet_is_found_with_its_zone(self, network: Network) -> None:
        answer = network.call(SUBNET, id=network.subnet)
        described = network.client("ec2").describe_subnets(SubnetIds=[network.subnet])["Subnets"][0]
        assert answer["availabilityZone"] == "us-east-1b"
        assert answer["availabilityZoneId"] == described["AvailabilityZoneId"]
        assert answer["vpcId"] == network.vpc
        assert answer["availableIpAddressCount"] == described["AvailableIpAddressCount"]
        assert answer["mapPublicIpOnLaunch"] is False
        assert answer["arn"] == described["SubnetArn"]

    @pytest.mark.parametrize(
        "narrowing",
        [
            {"availabilityZone": "us-east-1b"},
            {"cidrBlock": "10.0.0.0/24"},
            {"state": "available"},
            {"tags": {"Project": "assistant"}},
        ],
    )
    def test_a_subnet_is_found_by_what_it_is(self, network: Network, narrowing: Object) -> None:
        assert network.call(SUBNET, vpcId=network.vpc, **narrowing)["id"] == network.subnet

    def test_a_subnet_is_found_by_the_id_of_its_zone(self, network: Network) -> None:
        zone = network.call(SUBNET, id=network.subnet)["availabilityZoneId"]
        answer = network.call(SUBNET, vpcId=network.vpc, availabilityZoneId=zone)
        assert answer["id"] == network.subnet

    def test_things_of_a_vpc_are_listed(self, network: Network) -> None:
        in_vpc = [{"name": "vpc-id", "values": [network.vpc]}]
        assert network.call(SUBNETS, filters=in_vpc)["ids"] == [network.subnet]
        tables = network.call(ROUTE_TABLES, vpcId=network.vpc)
        main = network.call(VPC, id=network.vpc)["mainRouteTableId"]
        assert set(tables["ids"]) == {network.route_table, main}
        assert tables["id"] == REGION
        endpoint = network.call(ENDPOINT, id=network.interface_endpoint)
        interfaces = network.call(NETWORK_INTERFACES, filters=in_vpc)["ids"]
        assert interfaces == endpoint["networkInterfaceIds"]
        nowhere = [{"name": "vpc-id", "values": ["vpc-0123456789abcdef0"]}]
        assert network.call(SUBNETS, filters=nowhere)["ids"] == [], "nothing is no error here"

    def test_a_route_table_tells_its_routes_but_those_of_endpoints(self, network: Network) -> None:
        answer = network.call(ROUTE_TABLE, subnetId=network.subnet)
        assert answer["id"] == answer["routeTableId"] == network.route_table
        (route,) = answer["routes"]
        assert route["cidrBlock"] == "0.0.0.0/0"
        assert route["gatewayId"].startswith("igw-")
        (association,) = answer["associations"]
        assert (association["subnetId"], association["main"]) == (network.subnet, False)

    def test_a_route_table_needs_something_to_be_found_by(self, network: Network) -> None:
        with pytest.raises(ProviderError, match="one of route_table_id, vpc_id, subnet_id"):
            network.call(ROUTE_TABLE)
        assert network.call(ROUTE_TABLE, routeTableId=network.route_table)["vpcId"] == network.vpc

    def test_a_security_group_is_found_by_id_and_by_name(self, network: Network) -> None:
        by_id = network.call(SECURITY_GROUP, id=network.group)
        by_name = network.call(SECURITY_GROUP, name="agents", vpcId=network.vpc)
        assert {**by_id, "name": "agents"} == by_name
        assert by_id["description"] == "of agents"
        assert by_id["arn"].endswith(f":security-group/{network.group}")


class TestEndpoints:
    def test_an_interface_endpoint_is_found_with_all_it_has(self, network: Network) -> None:
        answer = network.call(
            ENDPOINT, vpcId=network.vpc, serviceName=f"com.amazonaws.{REGION}.logs"
        )
        assert answer["id"] == network.interface_endpoint
        assert (answer["vpcEndpointType"], answer["state"]) == ("Interface", "available")
        assert answer["privateDnsEnabled"] is True
        assert answer["subnetIds"] == [network.subnet]
        assert answer["securityGroupIds"] == [network.group]
        assert answer["routeTableIds"] == answer["cidrBlocks"] == []
        assert all(set(entry) == {"dnsName", "hostedZoneId"} for entry in answer["dnsEntries"])
        assert json.loads(answer["policy"])["Statement"], "EC2's own policy, when none was given"

    def test_a_gateway_endpoint_has_a_prefix_list(self, network: Network) -> None:
        answer = network.call(ENDPOINT, id=network.gateway_endpoint)
        assert answer["routeTableIds"] == [network.route_table]
        lists = network.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
        named = {one["PrefixListName"]: one["PrefixListId"] for one in lists}
        assert answer["prefixListId"] == named[f"com.amazonaws.{REGION}.s3"]
        by_type = network.call(ENDPOINT, vpcId=network.vpc, vpcEndpointType="Gateway")
        assert by_type["id"] == network.gateway_endpoint

    def test_a_service_tells_its_zones(self, network: Network) -> None:
        name = f"com.amazonaws.{REGION}.bedrock-agentcore"
        answer = network.call(ENDPOINT_SERVICE, serviceName=name, serviceType="Interface")
        assert answer["serviceType"] == "Interface"
        assert set(answer["availabilityZones"]) < set(network.call(ZONES)["names"])
        assert answer["privateDnsNames"] == [answer["privateDnsName"]]
        assert answer["vpcEndpointPolicySupported"] is True
        assert answer["region"] == answer["serviceRegion"] == REGION
        account = network.aws.configuration.account
        service = answer["serviceId"]
        assert answer["arn"] == f"arn:aws:ec2:{REGION}:{account}:vpc-endpoint-service/{service}"
        short = network.call(ENDPOINT_SERVICE, service="bedrock-agentcore", serviceType="Interface")
        assert short == {**answer, "service": "bedrock-agentcore"}

    def test_a_service_of_both_kinds_needs_its_kind(self, network: Network) -> None:
        with pytest.raises(ProviderError, match="multiple EC2 VPC Endpoint Services matched; use"):
            network.call(ENDPOINT_SERVICE, service="s3")
        answer = network.call(ENDPOINT_SERVICE, service="s3", serviceType="Gateway")
        assert answer["serviceType"] == "Gateway"

    def test_a_prefix_list_is_found_by_its_name(self, network: Network) -> None:
        name = f"com.amazonaws.{REGION}.s3"
        plain, managed = (
            network.call(PREFIX_LIST, name=name),
            network.call(MANAGED_PREFIX_LIST, name=name),
        )
        assert plain["id"] == managed["id"]
        assert (managed["name"], managed["addressFamily"]) == (name, "IPv4")
        assert managed["entries"], "the service's addresses"
        assert all("cidr" in entry for entry in managed["entries"])
        assert network.call(PREFIX_LIST, prefixListId=plain["id"])["name"] == name


class TestRoles:
    def test_a_role_is_found_with_its_trust(self, network: Network) -> None:
        answer = network.call(ROLE, name=network.role)
        assert json.loads(answer["assumeRolePolicy"]) == json.loads(TRUST)
        assert (answer["description"], answer["permissionsBoundary"]) == ("of agents", "")
        assert answer["id"] == answer["name"] == network.role
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer["createDate"])

    @pytest.mark.parametrize("by", ["arn", "name"])
    def test_a_policy_is_found_with_its_document(self, network: Network, by: str) -> None:
        wanted = {"arn": network.policy, "name": "reads"}
        answer = network.call(POLICY, **{by: wanted[by]})
        assert answer["id"] == answer["arn"] == network.policy
        assert json.loads(answer["policy"]) == json.loads(DOCUMENT)
        assert answer["attachmentCount"] == 1

    def test_a_policy_is_found_by_its_path(self, network: Network) -> None:
        iam = network.client("iam")
        arn = iam.create_policy(PolicyName="boxed", Path="/box/", PolicyDocument=DOCUMENT)
        assert network.call(POLICY, pathPrefix="/box/")["arn"] == arn["Policy"]["Arn"]

    def test_the_policies_of_a_role_are_listed(self, network: Network) -> None:
        answer = network.call(ATTACHMENTS, roleName=network.role)
        assert answer["attachedPolicies"] == [{"policyArn": network.policy, "policyName": "reads"}]
        assert network.call(ROLE_POLICIES, roleName=network.role)["policyNames"] == ["inline"]


@pytest.mark.parametrize(
    ("token", "arguments", "message"),
    [
        (VPC, {"id": "vpc-0123456789abcdef0"}, "no matching EC2 VPC found"),
        (VPC, {"cidrBlock": "10.9.0.0/16"}, "no matching EC2 VPC found"),
        (SUBNET, {"id": "subnet-0123456789abcdef0"}, "no matching EC2 Subnet found"),
        (
            ROUTE_TABLE,
            {"routeTableId": "rtb-0123456789abcdef0"},
            "query returned no results. Please change your search criteria and try again",
        ),
        (SECURITY_GROUP, {"id": "sg-0123456789abcdef0"}, "no matching EC2 Security Group found"),
        (ENDPOINT, {"id": "vpce-0123456789abcdef0"}, "no matching EC2 VPC Endpoint found"),
        (
            ENDPOINT,
            {"serviceName": f"com.amazonaws.{REGION}.kms"},
            "no matching EC2 VPC Endpoint found",
        ),
        (
            ENDPOINT_SERVICE,
            {"service": "kms", "serviceType": "Gateway"},
            "no matching EC2 VPC Endpoint Service found",
        ),
        (
            ENDPOINT_SERVICE,
            {"service": "unheard-of"},
            "reading EC2 VPC Endpoint Services: couldn't find resource",
        ),
        (PREFIX_LIST, {"name": "com.amazonaws.mars"}, "no matching EC2 Prefix List found"),
        (
            MANAGED_PREFIX_LIST,
            {"name": "com.amazonaws.mars"},
            "no matching EC2 Managed Prefix List found",
        ),
        (ROLE, {"name": "nobody"}, "reading IAM Role (nobody): couldn't find resource"),
        (POLICY, {"name": "nothing"}, "no matching IAM Policy found"),
        (
            POLICY,
            {"arn": "arn:aws:iam::111111111111:policy/nothing"},
            "reading IAM Policy (arn:aws:iam::111111111111:policy/nothing): couldn't find resource",
        ),
    ],
)
def test_what_is_not_there_is_said_in_terraforms_words(
    network: Network, token: str, arguments: Object, message: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        network.call(token, **arguments)
    assert str(caught.value) == message


def test_several_that_match_are_refused(network: Network) -> None:
    with pytest.raises(ProviderError) as caught:
        network.call(ENDPOINT, vpcId=network.vpc)
    assert str(caught.value) == (
        "multiple EC2 VPC Endpoints matched; use additional constraints to reduce matches to a "
        "single EC2 VPC Endpoint"
    )


def test_arguments_that_exclude_each_other_are_refused(network: Network) -> None:
    with pytest.raises(ProviderError, match='"arn": conflicts with name'):
        network.call(POLICY, arn=network.policy, name="reads")
    with pytest.raises(ProviderError, match='"service": conflicts with serviceName'):
        network.call(ENDPOINT_SERVICE, service="s3", serviceName=f"com.amazonaws.{REGION}.s3")


@pytest.mark.parametrize(
    ("token", "name"), [(ROLE, "name"), (ATTACHMENTS, "roleName"), (ROLE_POLICIES, "roleName")]
)
def test_a_missing_argument_is_named(network: Network, token: str, name: str) -> None:
    with pytest.raises(ProviderError, match=f'missing required argument "{name}" of {token}'):
        network.call(token)


def test_a_refusal_of_the_service_is_passed_on(network: Network) -> None:
    with pytest.raises(ProviderError, match=r"reading IAM Role Policies: .*NoSuchEntity"):
        network.call(ROLE_POLICIES, roleName="nobody")


def test_another_function_is_refused_by_name(network: Network) -> None:
    with pytest.raises(ProviderError, match='function "aws:ec2/getAmi:getAmi" is not supported'):
        network.call("aws:ec2/getAmi:getAmi")
