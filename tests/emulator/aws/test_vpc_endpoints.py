"""VPC endpoints: the services they are for, their names, routes and states."""

from typing import Any

import pytest

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.test_networking import Vpc

SERVICES = "com.amazonaws.us-east-1"
NAMES = {
    "bedrock-runtime": "bedrock-runtime.us-east-1.amazonaws.com",
    "ecr.api": "api.ecr.us-east-1.amazonaws.com",
    "ecr.dkr": "*.dkr.ecr.us-east-1.amazonaws.com",
    **{
        service: f"{service}.us-east-1.amazonaws.com"
        for service in ("kms", "logs", "monitoring", "secretsmanager", "ssm", "sts", "xray")
    },
}


@pytest.fixture
def vpc(cloud: Cloud) -> Vpc:
    return Vpc(cloud)


def services(ec2: Any, *names: str, **filters: str) -> list[dict[str, Any]]:
    return ec2.describe_vpc_endpoint_services(
        ServiceNames=[f"{SERVICES}.{name}" for name in names],
        Filters=[
            {"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()
        ],
    )["ServiceDetails"]


def table(vpc: Vpc) -> str:
    return vpc.ec2.create_route_table(VpcId=vpc.id)["RouteTable"]["RouteTableId"]


def endpoint_routes(vpc: Vpc, table_id: str) -> list[tuple[str, str]]:
    """Prefix lists and gateways."""
    found = vpc.ec2.describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]["Routes"]
    return [
        (route["DestinationPrefixListId"], route["GatewayId"])
        for route in found
        if "DestinationPrefixListId" in route
    ]


def s3_endpoint(vpc: Vpc, *tables: str) -> str:
    made = vpc.ec2.create_vpc_endpoint(
        VpcId=vpc.id, ServiceName=f"{SERVICES}.s3", RouteTableIds=list(tables)
    )
    return made["VpcEndpoint"]["VpcEndpointId"]


def test_services_of_agents_have_private_names_and_take_policies(cloud: Cloud) -> None:
    found = {
        one["ServiceName"].removeprefix(f"{SERVICES}."): one
        for one in services(cloud.client("ec2"), *NAMES)
    }
    assert {name: one["PrivateDnsName"] for name, one in found.items()} == NAMES
    for name, one in found.items():
        assert [kind["ServiceType"] for kind in one["ServiceType"]] == ["Interface"], name
        assert one["VpcEndpointPolicySupported"], name
        assert [names["PrivateDnsName"] for names in one["PrivateDnsNames"]] == [NAMES[name]]


@pytest.mark.parametrize("name", ["s3", "dynamodb"])
def test_what_is_reached_by_a_gateway_or_an_interface_is_told_by_a_filter(
    cloud: Cloud, name: str
) -> None:
    ec2 = cloud.client("ec2")
    assert len(services(ec2, name)) == 2
    (gateway,) = services(ec2, name, service_type="Gateway")
    (interface,) = services(ec2, service_name=f"{SERVICES}.{name}", service_type="Interface")
    assert "PrivateDnsName" not in gateway, "a gateway works by routes"
    assert gateway["ServiceType"] == [{"ServiceType": "Gateway"}]
    assert interface["ServiceType"] == [{"ServiceType": "Interface"}]


def test_a_service_is_offered_in_zones_by_the_accounts_own_names(aws_url: str) -> None:
    for number in range(3):
        ec2 = Cloud(aws_url, f"15151515{number:04}").client("ec2")
        ids = {
            zone["ZoneName"]: zone["ZoneId"]
            for zone in ec2.describe_availability_zones()["AvailabilityZones"]
        }
        agents, models = services(ec2, "bedrock-agentcore", "bedrock-runtime")
        assert {ids[name] for name in agents["AvailabilityZones"]} == {
            *("use1-az1", "use1-az2", "use1-az4")
        }
        assert "use1-az3" not in {ids[name] for name in models["AvailabilityZones"]}
        assert len(models["AvailabilityZones"]) == 5


def test_a_gateway_endpoint_leads_there_from_its_route_tables(vpc: Vpc) -> None:
    first, second = table(vpc), table(vpc)
    (listed,) = vpc.ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [f"{SERVICES}.s3"]}]
    )["PrefixLists"]
    prefixes = listed["PrefixListId"]
    endpoint = s3_endpoint(vpc, first)
    assert endpoint_routes(vpc, first) == [(prefixes, endpoint)]
    vpc.ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint, AddRouteTableIds=[second], RemoveRouteTableIds=[first]
    )
    assert (endpoint_routes(vpc, first), endpoint_routes(vpc, second)) == (
        [],
        [(prefixes, endpoint)],
    )
    vpc.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert not endpoint_routes(vpc, second)


def test_prefix_lists_have_the_same_ids_in_every_account(aws_url: str) -> None:
    def ids(account: str, region: str) -> dict[str, str]:
        lists = Cloud(aws_url, account).client("ec2", region_name=region).describe_prefix_lists()
        return {one["PrefixListName"]: one["PrefixListId"] for one in lists["PrefixLists"]}

    here = ids("161616161616", "us-east-1")
    assert ids("171717171717", "us-east-1") == here
    there = ids("161616161616", "eu-west-1")
    assert here[f"{SERVICES}.s3"] != there["com.amazonaws.eu-west-1.s3"]
    assert f"{SERVICES}.dynamodb" in here


def test_an_interface_endpoint_has_names_of_region_zones_and_its_own(vpc: Vpc) -> None:
    made = vpc.endpoint(ServiceName=f"{SERVICES}.logs", PrivateDnsEnabled=True)
    assert made["State"] == "pending"
    identifier = made["VpcEndpointId"]

    def names() -> list[str]:
        found = vpc.ec2.describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"][0]
        assert found["State"] == "available"
        return [entry["DnsName"] for entry in found["DnsEntries"]]

    subnet = vpc.ec2.describe_subnets(SubnetIds=[vpc.subnet])["Subnets"][0]
    regional, zonal, private = names()
    own, _, base = regional.partition(".")
    assert own.startswith(f"{identifier}-")
    assert base == "logs.us-east-1.vpce.amazonaws.com"
    assert zonal == f"{own}-{subnet['AvailabilityZone']}.{base}"
    assert private == "logs.us-east-1.amazonaws.com"
    vpc.ec2.modify_vpc_endpoint(VpcEndpointId=identifier, PrivateDnsEnabled=False)
    assert names() == [regional, zonal]


def test_a_deleted_endpoint_is_deleting_once_and_then_gone(vpc: Vpc) -> None:
    identifier = vpc.endpoint()["VpcEndpointId"]
    vpc.ec2.delete_vpc_endpoints(VpcEndpointIds=[identifier])

    def states() -> list[str]:
        filters = [{"Name": "vpc-id", "Values": [vpc.id]}]
        found = vpc.ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
        return [one["State"] for one in found]

    assert states() == ["deleting"]
    assert states() == []
