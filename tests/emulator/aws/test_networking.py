"""EC2 keeps what moto forgets; what it refuses is among the refusals."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.emulator.aws.cloud import Cloud

AGENTCORE = "com.amazonaws.us-east-1.bedrock-agentcore"
ZONE, OTHER_ZONE = "use1-az1", "use1-az2"


class Vpc:
    """A VPC with a subnet and a security group."""

    def __init__(self, cloud: Cloud) -> None:
        self.ec2: Any = cloud.client("ec2")
        self.id = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.id, EnableDnsHostnames={"Value": True})
        self.subnet = self.make_subnet(ZONE, "10.0.0.0/24")
        self.group = self.make_group("agents")

    def make_subnet(self, zone: str, cidr: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.id, CidrBlock=cidr, AvailabilityZoneId=zone)
        return made["Subnet"]["SubnetId"]

    def make_group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.id)
        return made["GroupId"]

    def rules(self, *, egress: bool = False) -> list[dict[str, Any]]:
        found = self.ec2.describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [self.group]}]
        )["SecurityGroupRules"]
        return [rule for rule in found if rule["IsEgress"] is egress]

    def endpoint(self, **options: Any) -> dict[str, Any]:
        given = {"VpcEndpointType": "Interface", "ServiceName": AGENTCORE, **options}
        return self.ec2.create_vpc_endpoint(
            VpcId=self.id, SubnetIds=[self.subnet], SecurityGroupIds=[self.group], **given
        )["VpcEndpoint"]

    def interfaces(self, endpoint: str) -> list[dict[str, Any]]:
        found = self.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
        return self.ec2.describe_network_interfaces(
            NetworkInterfaceIds=found["NetworkInterfaceIds"]
        )["NetworkInterfaces"]


@pytest.fixture
def vpc(cloud: Cloud) -> Vpc:
    return Vpc(cloud)


def source_of(vpc: Vpc, kind: str) -> dict[str, Any]:
    match kind:
        case "UserIdGroupPairs":
            return {"GroupId": vpc.make_group("callers")}
        case "PrefixListIds":
            lists = vpc.ec2.describe_managed_prefix_lists()["PrefixLists"]
            return {"PrefixListId": lists[0]["PrefixListId"]}
        case "Ipv6Ranges":
            return {"CidrIpv6": "::/0"}
        case _:
            return {"CidrIp": "10.0.0.0/16"}


@pytest.mark.parametrize("kind", ["IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"])
def test_a_rule_keeps_its_description_and_takes_another_one(vpc: Vpc, kind: str) -> None:
    source = source_of(vpc, kind)
    ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    vpc.ec2.authorize_security_group_ingress(
        GroupId=vpc.group, IpPermissions=[{**ports, kind: [{**source, "Description": "callers"}]}]
    )
    (rule,) = vpc.rules()
    assert rule["Description"] == "callers"
    member = {"GroupId": "ReferencedGroupId", "CidrIp": "CidrIpv4"}
    wanted = {member.get(name, name): value for name, value in source.items()}
    vpc.ec2.modify_security_group_rules(
        GroupId=vpc.group,
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
                "SecurityGroupRule": {**ports, **wanted, "ToPort": 444, "Description": "all"},
            }
        ],
    )
    (changed,) = vpc.rules()
    assert changed == {**rule, "Description": "all", "ToPort": 444}
    vpc.ec2.revoke_security_group_ingress(
        GroupId=vpc.group, IpPermissions=[{**ports, "ToPort": 444, kind: [source]}]
    )
    assert not vpc.rules(), "a rule is revoked without telling its description"


def test_private_dns_can_be_turned_on_and_off(vpc: Vpc) -> None:
    endpoint = vpc.endpoint(PrivateDnsEnabled=False)["VpcEndpointId"]

    def private_dns() -> bool:
        found = vpc.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
        return found[0]["PrivateDnsEnabled"]

    for enabled in (True, False):
        vpc.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=enabled)
        assert private_dns() is enabled


def test_an_endpoint_stands_on_interfaces_that_follow_it(vpc: Vpc) -> None:
    endpoint = vpc.endpoint()["VpcEndpointId"]
    second = vpc.make_subnet(OTHER_ZONE, "10.0.1.0/24")
    others = vpc.make_group("others")
    vpc.ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint,
        AddSubnetIds=[second],
        RemoveSubnetIds=[vpc.subnet],
        AddSecurityGroupIds=[others],
        RemoveSecurityGroupIds=[vpc.group],
    )
    (interface,) = vpc.interfaces(endpoint)
    assert (interface["SubnetId"], interface["InterfaceType"]) == (second, "vpc_endpoint")
    assert [group["GroupId"] for group in interface["Groups"]] == [others]
    assert interface["PrivateIpAddress"].startswith("10.0.1.")
    vpc.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert not vpc.ec2.describe_network_interfaces(
        Filters=[{"Name": "vpc-id", "Values": [vpc.id]}]
    )["NetworkInterfaces"]


def test_agentcores_endpoint_services_are_offered_where_agentcore_is(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    names = [AGENTCORE, f"{AGENTCORE}-control", f"{AGENTCORE}.gateway"]
    found = ec2.describe_vpc_endpoint_services(ServiceNames=names)["ServiceDetails"]
    assert {service["ServiceName"]: service["PrivateDnsName"] for service in found} == {
        AGENTCORE: "bedrock-agentcore.us-east-1.amazonaws.com",
        f"{AGENTCORE}-control": "bedrock-agentcore-control.us-east-1.amazonaws.com",
        f"{AGENTCORE}.gateway": "*.gateway.bedrock-agentcore.us-east-1.amazonaws.com",
    }
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    ids = {zone["ZoneName"]: zone["ZoneId"] for zone in zones}
    for service in found:
        assert service["VpcEndpointPolicySupported"]
        offered = {ids[zone] for zone in service["AvailabilityZones"]}
        assert offered == {"use1-az1", "use1-az2", "use1-az4"}


def test_zones_say_that_they_need_no_opt_in(cloud: Cloud) -> None:
    zones = cloud.client("ec2").describe_availability_zones(
        Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]
    )["AvailabilityZones"]
    assert {zone["OptInStatus"] for zone in zones} == {"opt-in-not-required"}


def test_a_subnet_gives_no_public_addresses(vpc: Vpc) -> None:
    made = vpc.ec2.create_subnet(
        VpcId=vpc.id, CidrBlock="10.0.9.0/24", AvailabilityZoneId="use1-az1"
    )["Subnet"]
    assert (made["MapPublicIpOnLaunch"], made["DefaultForAz"]) == (False, False)
    found = vpc.ec2.describe_subnets(SubnetIds=[made["SubnetId"]])["Subnets"]
    assert json.dumps(found[0], default=str) == json.dumps(made, default=str)


def test_a_client_token_that_comes_again_makes_nothing_more(vpc: Vpc) -> None:
    first = vpc.endpoint(ClientToken="first", PrivateDnsEnabled=False)
    assert vpc.endpoint(ClientToken="first", PrivateDnsEnabled=False) == first
    another = vpc.endpoint(ClientToken="second", PrivateDnsEnabled=False)
    assert another["VpcEndpointId"] != first["VpcEndpointId"]
    gateways = [
        vpc.ec2.create_nat_gateway(
            SubnetId=vpc.subnet, ConnectivityType="private", ClientToken="first"
        )["NatGateway"]["NatGatewayId"]
        for _ in range(2)
    ]
    assert gateways[0] == gateways[1], "each operation has tokens of its own"


def test_an_endpoint_keeps_its_kind_of_addresses_and_gets_ec2s_policy_back(vpc: Vpc) -> None:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
        }
    )
    made = vpc.endpoint(PolicyDocument=policy)
    assert (made["IpAddressType"], made["DnsOptions"]) == ("ipv4", {"DnsRecordIpType": "ipv4"})
    assert (made["ServiceRegion"], made["RequesterManaged"]) == ("us-east-1", False)
    identifier = made["VpcEndpointId"]
    vpc.ec2.modify_vpc_endpoint(
        VpcEndpointId=identifier,
        IpAddressType="dualstack",
        DnsOptions={"DnsRecordIpType": "dualstack"},
        ResetPolicy=True,
    )
    (found,) = vpc.ec2.describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"]
    assert found["IpAddressType"] == "dualstack"
    assert found["DnsOptions"] == {"DnsRecordIpType": "dualstack"}
    (statement,) = json.loads(found["PolicyDocument"])["Statement"]
    assert statement["Effect"] == "Allow"


def test_prefix_lists_tell_their_blocks(vpc: Vpc) -> None:
    (listed,) = vpc.ec2.describe_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}]
    )["PrefixLists"]
    entries = vpc.ec2.get_managed_prefix_list_entries(PrefixListId=listed["PrefixListId"])
    assert listed["Cidrs"] == [entry["Cidr"] for entry in entries["Entries"]]


def test_a_deleted_vpc_leaves_nothing_of_what_ec2_made_in_it(vpc: Vpc) -> None:
    vpc.ec2.delete_subnet(SubnetId=vpc.subnet)
    vpc.ec2.delete_security_group(GroupId=vpc.group)
    vpc.ec2.delete_vpc(VpcId=vpc.id)
    of_vpc = [{"Name": "vpc-id", "Values": [vpc.id]}]
    assert not vpc.ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
    assert not vpc.ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]
    assert not vpc.ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]


def test_endpoints_made_at_the_same_time_have_addresses_of_their_own(vpc: Vpc) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = [threads.submit(vpc.endpoint, PrivateDnsEnabled=False) for _ in range(12)]
        assert all(one.result() for one in made)
    interfaces = vpc.ec2.describe_network_interfaces(
        Filters=[{"Name": "vpc-id", "Values": [vpc.id]}]
    )["NetworkInterfaces"]
    assert sorted(one["PrivateIpAddress"] for one in interfaces) == sorted(
        f"10.0.0.{number}" for number in range(4, 16)
    )
