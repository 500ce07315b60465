"""The network of agents in VPC mode: the stack's own, an existing one, another stack's."""

import copy
import ipaddress
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from infra.components.agent_runtime import VpcModeArgs
from tests.program.looked_up import (
    OWN_NETWORK,
    Answer,
    Vpc,
    gateway_endpoint,
    interface_endpoint,
    not_found,
    subnet,
)
from tests.program.program_run import ProgramRun, Registered, run_program
from tests.stack_files import DIGEST, PROJECT, committed

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
RUNTIME = "aws-native:bedrockagentcore:Runtime"

WEB = {"description": "the web", "fromPort": 443, "cidr": "0.0.0.0/0"}
ALWAYS = {"bedrock-agentcore", "ecr.api", "ecr.dkr", "logs", "s3"}
PRIVATE_SUBNETS = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
TABLES = ["rtb-0000000000000000a", "rtb-0000000000000000b"]
EXISTING = {"vpcId": Vpc.id, "subnetIds": PRIVATE_SUBNETS}


def with_network(network: dict[str, Any], stack: str = "dev", **agent: Any) -> dict[str, Any]:
    """The committed config with this network, and one agent in VPC mode."""
    config = copy.deepcopy(committed(stack))
    config[f"{PROJECT}:network"] = network
    config[f"{PROJECT}:agents"] = {
        "assistant": {"image": DIGEST, "networkMode": "VPC", **agent},
    }
    return config


def run(network: dict[str, Any], stack: str = "dev", **agent: Any) -> ProgramRun:
    done = run_program(stack, with_network(network, stack, **agent))
    assert (done.exit_code, done.errors) == (None, []), "the config is right"
    return done


def run_in(vpc: Vpc, network: dict[str, Any] | None = None, **agent: Any) -> ProgramRun:
    """In a VPC that exists."""
    config = with_network(network or EXISTING, **agent)
    return run_program("dev", config, answers=vpc.answers())


def services_of(done: ProgramRun) -> set[str]:
    begin = "com.amazonaws.us-east-1."
    return {str(r.inputs["serviceName"]).removeprefix(begin) for r in done.of_type(ENDPOINT)}


def own(done: ProgramRun, kind: str, ending: str) -> Registered:
    (found,) = [r for r in done.of_type(kind) if r.name.endswith(ending)]
    return found


def test_the_agents_run_in_private_subnets_of_several_zones_with_one_group() -> None:
    done = run({"cidr": "10.64.0.0/16"})

    network = done.one(RUNTIME).inputs["networkConfiguration"]
    assert network["networkMode"] == "VPC"
    assert network["networkModeConfig"] == {
        "subnets": done.outputs["subnetIds"],
        "securityGroups": [done.outputs["securityGroupIds"][0]],
    }
    zones = {r.outputs["id"]: r.inputs["availabilityZoneId"] for r in done.of_type(SUBNET)}
    assert [zones[subnet_id] for subnet_id in done.outputs["subnetIds"]] == ["use1-az1", "use1-az2"]
    vpc = done.one(VPC).inputs
    assert (vpc["enableDnsSupport"], vpc["enableDnsHostnames"]) == (True, True), (
        "private DNS needs both"
    )
    for each in done.of_type(SUBNET):
        assert each.inputs["mapPublicIpOnLaunch"] is False
        block = ipaddress.IPv4Network(each.inputs["cidrBlock"])
        assert block.subnet_of(ipaddress.IPv4Network("10.64.0.0/16"))


def test_each_subnet_has_a_route_table_of_its_own_and_no_way_out() -> None:
    done = run({"cidr": "10.64.0.0/16"})

    tables = {r.inputs["subnetId"]: r.inputs["routeTableId"] for r in done.of_type(ASSOCIATION)}
    assert set(tables) == {r.outputs["id"] for r in done.of_type(SUBNET)}
    assert len(set(tables.values())) == len(tables), "no two subnets share a table"
    assert done.of_type(ROUTE) == []
    assert done.of_type("aws:ec2/internetGateway:InternetGateway") == []


@pytest.mark.parametrize(("nat_gateways", "count"), [("onePerZone", 2), ("single", 1)])
def test_nat_leads_out_of_every_zone(nat_gateways: str, count: int) -> None:
    network = {"cidr": "10.64.0.0/16", "egress": "nat", "natGateways": nat_gateways}
    done = run({**network, "egressRules": [WEB]})

    nats = {r.outputs["id"]: r.inputs["subnetId"] for r in done.of_type(NAT)}
    assert len(nats) == count
    agent_tables = set(done.outputs["routeTableIds"])
    leads_out = {r.inputs["routeTableId"]: r for r in done.of_type(ROUTE)}
    assert agent_tables <= set(leads_out), "every agent subnet has its way out"
    for table, route in leads_out.items():
        through_nat = route.inputs.get("natGatewayId")
        assert (through_nat in nats) is (table in agent_tables), (
            "agents go through a NAT gateway, and only that goes to the internet gateway"
        )
    assert not set(nats.values()) & set(done.outputs["subnetIds"]), "it stands in a public subnet"


def test_a_single_nat_gateway_stays_in_the_zone_that_is_named_first() -> None:
    network = {"cidr": "10.64.0.0/16", "egress": "nat", "natGateways": "single"}
    before = run({**network, "egressRules": [WEB], "availabilityZoneIds": ["use1-az2", "use1-az4"]})
    zones = ["use1-az2", "use1-az1", "use1-az4"]
    after = run({**network, "egressRules": [WEB], "availabilityZoneIds": zones})

    assert before.one(NAT).urn == after.one(NAT).urn, "its public address stays what it was"
    assert after.one(NAT).name.endswith("-use1-az2-public")
    leads_out = [r.inputs.get("natGatewayId") for r in after.of_type(ROUTE)]
    assert leads_out.count(after.one(NAT).outputs["id"]) == 3


def test_production_spans_three_zones_and_protects_its_vpc() -> None:
    done = run({"cidr": "10.64.0.0/16"}, stack="prod")

    assert done.outputs["availabilityZoneIds"] == ["use1-az1", "use1-az2", "use1-az4"], (
        "az3 is there, and AgentCore takes no subnets in it"
    )
    assert done.one(VPC).options.protect
    assert done.one("aws:cloudwatch/logGroup:LogGroup").options.protect
    assert not run({"cidr": "10.64.0.0/16"}).one(VPC).options.protect


def test_endpoints_follow_what_the_agents_use() -> None:
    network = {"cidr": "10.64.0.0/16"}
    bare: dict[str, Any] = {"tracing": False, "metrics": False}

    assert services_of(run(network, **bare)) == ALWAYS
    assert services_of(run(network)) == ALWAYS | {"xray", "monitoring"}
    assert services_of(
        run(network, **bare, models=["amazon.nova-pro-v1:0"], secrets=["orders/db"])
    ) == ALWAYS | {"bedrock-runtime", "secretsmanager"}
    assert services_of(run({**network, "additionalEndpoints": ["sts"]}, **bare)) == ALWAYS | {"sts"}


def test_an_interface_endpoint_serves_every_zone_under_the_services_own_name() -> None:
    done = run({"cidr": "10.64.0.0/16"})

    for endpoint in done.of_type(ENDPOINT):
        if endpoint.inputs["vpcEndpointType"] == "Gateway":
            assert endpoint.inputs["routeTableIds"] == done.outputs["routeTableIds"]
            continue
        assert endpoint.inputs["subnetIds"] == done.outputs["subnetIds"]
        assert endpoint.inputs["privateDnsEnabled"] is True
        assert endpoint.inputs["securityGroupIds"] == [done.outputs["securityGroupIds"][1]]
    assert len(done.outputs["vpcEndpointDnsNames"]) == len(done.of_type(ENDPOINT)) - 1


def test_every_endpoint_has_a_policy_that_is_whole_at_preview() -> None:
    done = run_program("dev", with_network({"cidr": "10.64.0.0/16"}), preview=True)

    for endpoint in done.of_type(ENDPOINT):
        assert json.loads(endpoint.inputs["policy"])["Statement"], endpoint.name


def test_a_service_whose_endpoints_take_no_policy_gets_none() -> None:
    lookup = "aws:ec2/getVpcEndpointService:getVpcEndpointService"

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        found = OWN_NETWORK[lookup](arguments)
        logs = arguments["serviceName"].endswith(".logs")
        return {**found, "vpcEndpointPolicySupported": not logs}

    done = run_program(
        "dev", with_network({"cidr": "10.64.0.0/16"}), answers={**OWN_NETWORK, lookup: answer}
    )

    without = {r.name for r in done.of_type(ENDPOINT) if "policy" not in r.inputs}
    assert {name.rpartition("-")[2] for name in without} == {"logs"}


def test_the_agents_reach_endpoints_and_s3_and_nothing_reaches_them() -> None:
    done = run({"cidr": "10.64.0.0/16"})
    agents, endpoints = done.outputs["securityGroupIds"]

    egress = [r.inputs for r in done.of_type(EGRESS)]
    assert {r["securityGroupId"] for r in egress} == {agents}, "endpoints answer only"
    assert {(r["ipProtocol"], r["fromPort"], r["toPort"]) for r in egress} == {("tcp", 443, 443)}
    targets = {r.get("referencedSecurityGroupId") or r.get("prefixListId") for r in egress}
    assert targets == {endpoints, "pl-63a5400a"}
    (ingress,) = [r.inputs for r in done.of_type(INGRESS)]
    assert ingress["securityGroupId"] == endpoints, "the agents' group has no ingress rule"
    assert ingress["referencedSecurityGroupId"] == agents
    for group in done.of_type(GROUP):
        assert not {"ingress", "egress"} & set(group.inputs), "inline rules clash with these"
        assert set(group.options.ignoreChanges) == {"name", "description"}


def test_config_opens_further_ways_whose_order_does_not_matter() -> None:
    rules = [
        {"description": "orders", "fromPort": 5432, "cidr": "10.9.0.0/24"},
        {
            "description": "cache",
            "fromPort": 6379,
            "toPort": 6380,
            "prefixListId": "pl-0" + "a" * 16,
        },
    ]
    one = run({"cidr": "10.64.0.0/16", "egressRules": rules})
    other = run({"cidr": "10.64.0.0/16", "egressRules": rules[::-1]})

    named = {r.name: r.inputs for r in one.of_type(EGRESS)}
    assert named == {r.name: r.inputs for r in other.of_type(EGRESS)}
    (orders,) = [r for r in named.values() if r["description"] == "orders"]
    assert (orders["cidrIpv4"], orders["fromPort"], orders["toPort"]) == ("10.9.0.0/24", 5432, 5432)


def test_a_runtime_waits_for_the_ways_its_container_is_pulled_by() -> None:
    done = run({"cidr": "10.64.0.0/16", "egress": "nat", "egressRules": [WEB]})

    waits_for = set(done.one(RUNTIME).options.dependencies)
    for kind in (ENDPOINT, EGRESS, INGRESS):
        assert {r.urn for r in done.of_type(kind)} <= waits_for, kind
    agent_tables = set(done.outputs["routeTableIds"])
    for kind in (ASSOCIATION, ROUTE):
        needed = {r.urn for r in done.of_type(kind) if r.inputs["routeTableId"] in agent_tables}
        assert needed <= waits_for, kind


def test_the_network_stays_without_agents_and_an_agent_changes_its_mode_alone() -> None:
    network = {"cidr": "10.64.0.0/16"}
    vpc = run(network, tracing=False, metrics=False)
    public = run(network, networkMode="PUBLIC", tracing=False, metrics=False)

    def of_network(done: ProgramRun) -> dict[str, dict[str, Any]]:
        return {
            r.urn: {key: value for key, value in r.inputs.items() if key != "policy"}
            for r in done.resources
            if "agentcore:network" in r.urn
        }

    assert of_network(vpc) == of_network(public), "nothing of the network has to go or to wait"
    mode = public.one(RUNTIME).inputs["networkConfiguration"]
    assert mode == {"networkMode": "PUBLIC"}


def test_another_cidr_is_another_network_beside_the_old_one() -> None:
    def keyed(done: ProgramRun) -> set[str]:
        shared = "agentcore:network:FlowLogDestination"
        return {
            r.urn for r in done.resources if "agentcore:network" in r.urn and shared not in r.urn
        }

    one, other = keyed(run({"cidr": "10.64.0.0/16"})), keyed(run({"cidr": "10.65.0.0/16"}))

    assert not one & other, "a VPC that the service holds interfaces in could not be replaced"


def test_an_agents_own_groups_come_beside_the_stacks() -> None:
    group = "sg-0123456789abcdef0"
    done = run({"cidr": "10.64.0.0/16"}, additionalSecurityGroupIds=[group])

    network = done.one(RUNTIME).inputs["networkConfiguration"]["networkModeConfig"]
    assert network["securityGroups"] == [done.outputs["securityGroupIds"][0], group]


GROUP_LOOKUP = "aws:ec2/getSecurityGroup:getSecurityGroup"
GROUPS = ["sg-0123456789abcdef0"]
GROUPS_KEY = f"{PROJECT}:agents.assistant.additionalSecurityGroupIds"


def _no_group(_arguments: dict[str, Any]) -> dict[str, Any]:
    raise not_found("Security Group")


def _group_of(vpc_id: str) -> Answer:
    return lambda arguments: {"id": arguments["id"], "vpcId": vpc_id}


@pytest.mark.parametrize("network", [{"cidr": "10.64.0.0/16"}, EXISTING])
def test_a_group_that_is_not_there_is_refused_before_any_resource(network: dict[str, Any]) -> None:
    config = with_network(network, additionalSecurityGroupIds=GROUPS)
    answers = Vpc().answers()

    done = run_program("dev", config, answers={**answers, GROUP_LOOKUP: _no_group})

    (error,) = done.errors
    assert f"{GROUPS[0]} ({GROUPS_KEY}): no matching EC2 Security Group found. Name" in error
    assert [r for r in done.resources if not r.is_provider] == []
    assert run_program("dev", config, answers=answers).errors == []
    without = with_network(network)
    assert run_program("dev", without, answers={**answers, GROUP_LOOKUP: _no_group}).errors == []


def test_a_group_of_another_vpc_is_refused_where_the_networks_vpc_is_known() -> None:
    config = with_network(EXISTING, additionalSecurityGroupIds=GROUPS)
    elsewhere = {**Vpc().answers(), GROUP_LOOKUP: _group_of("vpc-1")}

    (error,) = run_program("dev", config, answers=elsewhere).errors

    assert f"{GROUPS[0]} ({GROUPS_KEY}): is of vpc-1, and agents run in {Vpc.id}. Name" in error
    own = with_network({"cidr": "10.64.0.0/16"}, additionalSecurityGroupIds=GROUPS)
    assert run_program("dev", own, answers=elsewhere).errors == [], "it gets its id when it is made"


@pytest.mark.parametrize("count", [0, 17])
@pytest.mark.parametrize("kind", ["subnet_ids", "security_group_ids"])
def test_vpc_mode_without_subnets_or_groups_or_with_too_many_is_refused(
    kind: str, count: int
) -> None:
    ids = {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}

    with pytest.raises(ValueError, match=f"1 to 16 {kind}, these are {count}"):
        VpcModeArgs(**{**ids, kind: ["x"] * count})
    assert VpcModeArgs(**{**ids, kind: ["x"] * min(max(count, 1), 16)}), "one step away"


def test_flow_logs_record_all_traffic_and_production_encrypts_them_with_its_key() -> None:
    done = run({"cidr": "10.64.0.0/16"}, stack="prod")

    log = done.one("aws:ec2/flowLog:FlowLog").inputs
    assert (log["trafficType"], log["logDestinationType"]) == ("ALL", "cloud-watch-logs")
    group = done.one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert group["retentionInDays"] == 365
    key = done.one("aws:kms/key:Key")
    assert group["kmsKeyId"] == key.outputs["arn"]
    services = [s["Principal"] for s in json.loads(key.inputs["policy"])["Statement"]]
    assert {"Service": "logs.us-east-1.amazonaws.com"} in services, "or the group cannot be made"
    dev = run({"cidr": "10.64.0.0/16"}).one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert "kmsKeyId" not in dev


def test_a_zone_that_lacks_a_service_is_named() -> None:
    lookup = "aws:ec2/getVpcEndpointService:getVpcEndpointService"

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        found = OWN_NETWORK[lookup](arguments)
        if arguments["serviceName"].endswith(".xray"):
            return {**found, "availabilityZones": ["us-east-1d"]}
        return found

    config = with_network({"cidr": "10.64.0.0/16"})
    done = run_program("dev", config, answers={**OWN_NETWORK, lookup: answer})

    (error,) = done.errors
    assert error.startswith(f"{PROJECT}:network.availabilityZones: ")
    assert "xray" in error
    assert "use1-az2" in error
    assert [r for r in done.resources if not r.is_provider] == [], "nothing of AWS is registered"
    config = with_network({"cidr": "10.64.0.0/16"}, tracing=False)
    assert run_program("dev", config, answers={**OWN_NETWORK, lookup: answer}).errors == []


# A network that exists ----------------------------------------------------------------------------


def test_an_existing_network_is_used_as_it_is() -> None:
    done = run_in(Vpc())

    assert (done.errors, done.exit_code) == ([], None)
    for kind in (VPC, SUBNET, ROUTE_TABLE, ASSOCIATION):
        assert done.of_type(kind) == [], "it belongs to somebody else"
    assert done.outputs["vpcId"] == Vpc.id
    assert done.outputs["subnetIds"] == PRIVATE_SUBNETS
    assert done.outputs["routeTableIds"] == ["rtb-0000000000000000a", "rtb-0000000000000000b"]
    assert services_of(done) == ALWAYS | {"xray", "monitoring"}


def test_a_subnet_without_a_table_of_its_own_uses_the_main_one() -> None:
    vpc = Vpc()
    vpc.subnets[PRIVATE_SUBNETS[0]]["table"] = None

    assert "rtb-000000000000main0" in run_in(vpc).outputs["routeTableIds"]


def test_two_subnets_of_a_zone_share_an_endpoint() -> None:
    vpc = Vpc()
    vpc.subnets["subnet-0000000000000000c"] = subnet("use1-az2", "rtb-0000000000000000b")
    done = run_in(vpc, {**EXISTING, "subnetIds": list(vpc.subnets)})

    assert (done.errors, len(done.outputs["subnetIds"])) == ([], 3)
    interfaces = [r for r in done.of_type(ENDPOINT) if "subnetIds" in r.inputs]
    assert all(r.inputs["subnetIds"] == PRIVATE_SUBNETS for r in interfaces), "EC2 takes one a zone"


REUSED = {"logs": "vpce-0000000000000000a", "s3": "vpce-0000000000000000b"}


def vpc_with_endpoints() -> Vpc:
    vpc = Vpc()
    vpc.endpoints = {
        REUSED["logs"]: interface_endpoint("logs"),
        REUSED["s3"]: gateway_endpoint("rtb-0000000000000000a", "rtb-0000000000000000b"),
    }
    return vpc


def test_endpoints_that_exist_are_reused_and_let_the_agents_in() -> None:
    done = run_in(vpc_with_endpoints(), {**EXISTING, "reusedEndpoints": REUSED})

    assert done.errors == []
    assert not services_of(done) & set(REUSED), "a VPC takes one private DNS name of a service"
    assert done.outputs["vpcEndpoints"].items() >= REUSED.items()
    assert "logs.reused.vpce.amazonaws.com" in done.outputs["vpcEndpointDnsNames"]
    reached = {r.inputs.get("referencedSecurityGroupId") for r in done.of_type(EGRESS)}
    admitting = {r.inputs["securityGroupId"] for r in done.of_type(INGRESS)}
    assert "sg-0000000000000000e" in reached & admitting, "the way is open at both ends"
    assert "pl-63a5400a" in {r.inputs.get("prefixListId") for r in done.of_type(EGRESS)}


def test_a_rule_the_group_has_anyway_is_not_made_twice() -> None:
    rules: list[dict[str, Any]] = [
        {"description": "S3", "fromPort": 443, "prefixListId": "pl-63a5400a"},
        {"description": "logs", "fromPort": 443, "securityGroupId": "sg-0000000000000000e"},
        {"description": "more of it", "fromPort": 8443, "securityGroupId": "sg-0000000000000000e"},
    ]
    network = {**EXISTING, "reusedEndpoints": REUSED, "egressRules": rules}

    made = [r.inputs for r in run_in(vpc_with_endpoints(), network).of_type(EGRESS)]

    told = [
        (
            r["ipProtocol"],
            r["fromPort"],
            r.get("prefixListId") or r.get("referencedSecurityGroupId"),
        )
        for r in made
    ]
    assert len(set(told)) == len(told), "EC2 refuses a rule that is there, whatever it is called"
    assert ("tcp", 8443, "sg-0000000000000000e") in told


Change = Callable[[Vpc], object]


def _elsewhere(vpc: Vpc) -> None:
    vpc.id = "vpc-00000000000000000"


def _without_a_subnet(vpc: Vpc) -> None:
    vpc.subnets.pop(PRIVATE_SUBNETS[0])


def _public(vpc: Vpc) -> None:
    vpc.gateways["rtb-0000000000000000a"] = "igw-1"


def _public_by_main_table(vpc: Vpc) -> None:
    vpc.subnets[PRIVATE_SUBNETS[0]]["table"] = None
    vpc.gateways["rtb-000000000000main0"] = "igw-1"


def _set(**told: Any) -> Change:
    def change(vpc: Vpc) -> None:
        vpc.subnets[PRIVATE_SUBNETS[0]].update(told)

    return change


def _add(endpoint: dict[str, Any]) -> Change:
    def change(vpc: Vpc) -> None:
        vpc.endpoints["vpce-1"] = endpoint

    return change


def _shared(vpc: Vpc) -> None:
    vpc.owner = "9" * 12


def _turn_off(attribute: str) -> Change:
    return lambda vpc: setattr(vpc, attribute, False)


def _nothing(_vpc: Vpc) -> None:
    """Leaves the VPC right."""


@pytest.mark.parametrize(
    ("change", "network", "said"),
    [
        (_elsewhere, {}, "no matching EC2 VPC"),
        (_turn_off("dns_support"), {}, "enableDnsSupport of vpc-"),
        (_turn_off("dns_hostnames"), {}, "enableDnsHostnames of vpc-"),
        (_without_a_subnet, {}, "no matching EC2 Subnet"),
        (_shared, {}, "subnet-0000000000000000b: shared by account 999999999999. Agents run in a"),
        (_set(ownerId="9" * 12), {}, "subnet-0000000000000000a: shared by account 999999999999"),
        (_set(vpcId="vpc-1"), {}, "is in vpc-1, not in vpc-0123456789abcdef0"),
        (_set(availabilityZoneId="use1-az3"), {}, "zone use1-az3, which AgentCore does not"),
        (_set(availabilityZoneId="use1-az2"), {}, "all subnets are in zone use1-az2"),
        (_set(mapPublicIpOnLaunch=True), {}, "gives public addresses at launch"),
        (_public, {}, "is public: rtb-0000000000000000a leads to igw-1"),
        (_public_by_main_table, {}, "is public: rtb-000000000000main0 leads to igw-1"),
        (_set(availableIpAddressCount=3), {}, "has 3 free addresses; 6 endpoints"),
        (
            _nothing,
            {"routeTableIds": ["rtb-0000000000000000a"]},
            "use rtb-0000000000000000b, which routeTableIds does not name",
        ),
        (
            _nothing,
            {"routeTableIds": [*TABLES, "rtb-0000000000000000c"]},
            "routeTableIds names rtb-0000000000000000c, which none of the subnets uses",
        ),
        (
            _add(interface_endpoint("logs")),
            {},
            "reusedEndpoints: {logs: vpce-1}",
        ),
        (
            _add(gateway_endpoint("rtb-0000000000000000a")),
            {},
            "reusedEndpoints: {s3: vpce-1}",
        ),
        (
            _nothing,
            {"reusedEndpoints": {"logs": REUSED["logs"]}},
            "no matching EC2 VPC Endpoint",
        ),
    ],
)
def test_a_network_that_cannot_take_agents_is_refused_before_any_resource(
    change: Change, network: dict[str, Any], said: str
) -> None:
    vpc = Vpc()
    change(vpc)

    done = run_in(vpc, {**EXISTING, **network})

    (error,) = done.errors
    assert said in error
    assert f"{PROJECT}:network.vpcId" in error, "and where it is said"
    assert "Traceback" not in error
    assert done.exit_code == 32
    assert [r for r in done.resources if not r.is_provider] == []


def test_the_tables_of_the_subnets_may_be_named() -> None:
    assert run_in(Vpc(), {**EXISTING, "routeTableIds": TABLES}).errors == []


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ({"vpcId": "vpc-1"}, "is in vpc-1"),
        ({"serviceName": "com.amazonaws.us-east-1.ssm"}, "is an endpoint of com.amazonaws"),
        ({"serviceName": "com.amazonaws.us-east-1.api.logs"}, "is an endpoint of com.amazonaws"),
        ({"state": "pending"}, "is pending, not available"),
        ({"privateDnsEnabled": False}, "has no private DNS"),
        ({"subnetIds": [PRIVATE_SUBNETS[0]]}, "has no interface in use1-az2"),
    ],
)
def test_an_endpoint_that_does_not_serve_the_agents_is_not_reused(
    endpoint: dict[str, Any], said: str
) -> None:
    vpc = vpc_with_endpoints()
    vpc.endpoints[REUSED["logs"]].update(endpoint)

    (error,) = run_in(vpc, {**EXISTING, "reusedEndpoints": REUSED}).errors

    assert f"{REUSED['logs']} (logs) {said}" in error


def test_an_agent_that_a_reused_endpoint_shuts_out_is_a_warning() -> None:
    vpc, agentcore = Vpc(), "vpce-0000000000000000c"
    vpc.endpoints[agentcore] = interface_endpoint("bedrock-agentcore")
    network = {**EXISTING, "reusedEndpoints": {"bedrock-agentcore": agentcore}}
    role = "arn:aws:iam::111111111111:role/agentcore-dev-assistant-us-east-1"

    def warnings(principal: str) -> list[str]:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "*"}
        policy = json.dumps({"Statement": [{**statement, "Resource": "*"}]})
        vpc.endpoints[agentcore]["policy"] = policy
        done = run_in(vpc, network)
        assert done.errors == []
        return done.warnings

    (warning,) = warnings("arn:aws:iam::111111111111:role/other")
    assert f"{agentcore} (bedrock-agentcore): its policy does not let {role} get" in warning
    assert warnings(role) == []


def test_a_gateway_endpoint_beside_the_agents_tables_is_not_reused() -> None:
    vpc = vpc_with_endpoints()
    vpc.endpoints[REUSED["s3"]] = gateway_endpoint("rtb-0000000000000000a")

    (error,) = run_in(vpc, {**EXISTING, "reusedEndpoints": REUSED}).errors

    assert f"{REUSED['s3']} (s3) is not in rtb-0000000000000000b" in error


def test_all_findings_come_at_once() -> None:
    vpc = Vpc(dns_support=False)
    _public(vpc)
    _set(availabilityZoneId="use1-az3")(vpc)

    (error,) = run_in(vpc).errors

    assert error.count("\n  - ") == 3


def test_a_subnet_of_another_vpc_is_not_judged_by_the_main_table_of_this_one() -> None:
    vpc = Vpc()
    _public_by_main_table(vpc)
    _set(vpcId="vpc-1")(vpc)

    (error,) = run_in(vpc).errors

    assert error.count("\n  - ") == 1
    assert "is in vpc-1, not in" in error


def test_what_the_stack_made_itself_is_no_conflict_in_the_next_run() -> None:
    first = run_in(Vpc())
    (logs,) = [r for r in first.of_type(ENDPOINT) if r.name.endswith("-logs")]
    vpc = Vpc()
    vpc.endpoints["vpce-1"] = interface_endpoint("logs", tags=logs.inputs["tags"])

    again = run_in(vpc)

    assert again.errors == []
    assert services_of(again) == services_of(first)


def test_endpoints_of_others_that_do_not_stand_in_the_way_stay_beside_the_stacks_own() -> None:
    first = run_in(Vpc())
    (own_s3,) = [r for r in first.of_type(ENDPOINT) if r.name.endswith("-s3")]
    vpc = Vpc()
    vpc.endpoints = {
        "vpce-1": {
            **gateway_endpoint("rtb-0000000000000000a", "rtb-0000000000000000b"),
            "tags": own_s3.inputs["tags"],
        },
        "vpce-2": interface_endpoint("s3"),
    }
    again = run_in(vpc)
    assert (again.errors, again.warnings) == ([], []), (
        "an endpoint of another type is another thing"
    )

    vpc.endpoints["vpce-3"] = gateway_endpoint("rtb-0000000000000000c")
    again = run_in(vpc)

    assert (again.errors, services_of(again)) == ([], services_of(first))
    assert any("several endpoints of s3" in warning for warning in again.warnings)


def test_few_free_addresses_are_a_warning() -> None:
    vpc = Vpc()
    _set(availableIpAddressCount=12)(vpc)

    done = run_in(vpc)

    assert done.errors == []
    assert any("has 12 free addresses" in warning for warning in done.warnings)


def test_a_deployed_stack_is_not_kept_from_a_rollback_by_full_subnets() -> None:
    first = run_in(Vpc())
    vpc = Vpc()
    for endpoint in first.of_type(ENDPOINT):
        service = endpoint.name.removeprefix(f"agentcore-dev-{Vpc.id}-")
        told = gateway_endpoint(*TABLES) if service == "s3" else interface_endpoint(service)
        vpc.endpoints[f"vpce-{service}"] = {**told, "tags": endpoint.inputs["tags"]}
    for one in vpc.subnets.values():
        one["availableIpAddressCount"] = 0

    again = run_in(vpc)

    assert again.errors == []
    assert sum("has 0 free addresses" in warning for warning in again.warnings) == 2
    (error,) = run_in(vpc, secrets=["orders/db"]).errors
    assert "has 0 free addresses; 1 endpoints take one each" in error, "one more has no room"
    vpc.endpoints = {}
    (error,) = run_in(vpc).errors
    assert "has 0 free addresses; 6 endpoints take one each" in error


def test_only_a_subnet_that_endpoints_stand_in_needs_room_for_them() -> None:
    vpc = Vpc()
    vpc.subnets["subnet-0000000000000000c"] = subnet(
        "use1-az2", "rtb-0000000000000000b", availableIpAddressCount=3
    )
    network = {**EXISTING, "subnetIds": list(vpc.subnets)}

    assert run_in(vpc, network).errors == []
    vpc.subnets["subnet-0000000000000000c"]["availableIpAddressCount"] = 0
    (error,) = run_in(vpc, network).errors
    assert "subnet-0000000000000000c (10.0.0.0/24) has 0 free addresses" in error


# Another stack's ----------------------------------------------------------------------------------

OUTPUTS: dict[str, Any] = {
    "vpcId": Vpc.id,
    "subnetIds": PRIVATE_SUBNETS,
    "routeTableIds": ["rtb-0000000000000000a", "rtb-0000000000000000b"],
    "vpcEndpoints": REUSED,
    "somethingElse": 1,
}


def run_beside(outputs: dict[str, Any], vpc: Vpc, **network: Any) -> ProgramRun:
    config = with_network({"stack": "acme/network/shared", **network})
    stacks = {"acme/network/shared": outputs}
    return run_program("dev", config, answers=vpc.answers(), stacks=stacks)


def test_the_network_of_another_stack_is_used_with_its_endpoints() -> None:
    done = run_beside(OUTPUTS, vpc_with_endpoints())

    assert done.errors == []
    assert done.outputs["subnetIds"] == PRIVATE_SUBNETS
    assert done.outputs["vpcEndpoints"].items() >= REUSED.items()
    assert not services_of(done) & set(REUSED)


def test_an_endpoint_of_a_third_stack_is_named_and_then_reused() -> None:
    vpc = vpc_with_endpoints()
    xray = {"xray": "vpce-0000000000000000c"}
    vpc.endpoints[xray["xray"]] = interface_endpoint("xray")

    (error,) = run_beside(OUTPUTS, vpc).errors
    assert f"Name it: reusedEndpoints: {{xray: {xray['xray']}}}" in error
    done = run_beside(OUTPUTS, vpc, reusedEndpoints=xray)

    assert done.errors == []
    assert done.outputs["vpcEndpoints"].items() >= {**REUSED, **xray}.items()
    assert not services_of(done) & {*REUSED, *xray}


@pytest.mark.parametrize("key", ["endpointCallers", "guestRoles"])
def test_nobody_is_admitted_to_an_endpoint_that_another_stack_makes(key: str) -> None:
    vpc = vpc_with_endpoints()
    vpc.endpoints["vpce-0000000000000000c"] = interface_endpoint("bedrock-agentcore")
    told = {**REUSED, "bedrock-agentcore": "vpce-0000000000000000c"}
    admitted = {key: ["arn:aws:iam::111111111111:role/app"]}

    (error,) = run_beside({**OUTPUTS, "vpcEndpoints": told}, vpc, **admitted).errors

    assert f"{key}: the bedrock-agentcore endpoint is reused" in error
    assert run_beside(OUTPUTS, vpc_with_endpoints(), **admitted).errors == [], "one made here"


@pytest.mark.parametrize(("count", "is_right"), [(56, True), (57, False)])
def test_the_rules_to_reused_endpoints_count(count: int, *, is_right: bool) -> None:
    ways = [
        {"description": "x", "fromPort": port, "cidr": "10.9.0.0/24"}
        for port in range(1, count + 1)
    ]
    vpc = vpc_with_endpoints()
    vpc.endpoints[REUSED["logs"]]["securityGroupIds"] = [f"sg-0000000000000000{n}" for n in "ab"]

    done = run_in(vpc, {**EXISTING, "reusedEndpoints": REUSED, "egressRules": ways})

    assert (done.errors == []) is is_right
    assert is_right or "would have 61 rules, 4 of them to endpoints" in done.errors[0]


def test_a_subnet_that_another_stack_tells_twice_is_used_once() -> None:
    outputs = {**OUTPUTS, "subnetIds": [*PRIVATE_SUBNETS, PRIVATE_SUBNETS[0]]}

    assert run_beside(outputs, vpc_with_endpoints()).outputs["subnetIds"] == PRIVATE_SUBNETS


def test_the_stack_itself_promises_what_another_one_reads() -> None:
    told = run({"cidr": "10.64.0.0/16"}).outputs

    assert {"vpcId", "subnetIds", "routeTableIds", "vpcEndpoints"} <= set(told)


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({}, "vpcId: Field required"),
        ({"vpcId": Vpc.id}, "subnetIds: Field required"),
        ({**OUTPUTS, "subnetIds": []}, "subnetIds: List should have at least 1 item"),
        ({**OUTPUTS, "subnetIds": "subnet-1"}, "subnetIds: Input should be a valid list"),
        ({**OUTPUTS, "subnetIds": ["subnet-1"] * 17}, "subnetIds: List should have at most 16"),
        ({**OUTPUTS, "vpcId": 7}, "vpcId: Input should be a valid string"),
        ({**OUTPUTS, "vpcId": None}, "vpcId is a secret; export it as plain text"),
    ],
)
def test_a_stack_that_tells_no_network_is_refused(outputs: dict[str, Any], said: str) -> None:
    (error,) = run_beside(outputs, vpc_with_endpoints()).errors

    assert f"{PROJECT}:network.stack = acme/network/shared" in error
    assert said in error


def test_a_stack_that_does_not_exist_is_told_with_its_key() -> None:
    config = with_network({"stack": "acme/network/shraed"})
    stacks = {"acme/network/shared": OUTPUTS}

    done = run_program("dev", config, answers=vpc_with_endpoints().answers(), stacks=stacks)

    (error,) = done.errors
    head, finding = error.split("\n")
    assert head == f"{PROJECT}:network.stack = acme/network/shraed: the stack cannot be read."
    assert finding.startswith('  - unknown stack "acme/network/shraed". Deploy it first')
    assert done.exit_code == 32


def test_what_is_wrong_with_another_stacks_network_names_both_stack_and_vpc() -> None:
    vpc = vpc_with_endpoints()
    _public(vpc)

    (error,) = run_beside(OUTPUTS, vpc).errors

    head = f"{PROJECT}:network.stack = acme/network/shared ({Vpc.id}): agents cannot run"
    assert error.startswith(head)


# What is asked for --------------------------------------------------------------------------------


def test_everything_of_an_existing_network_is_asked_for_at_once() -> None:
    together = threading.Barrier(4)
    answers = Vpc().answers()

    def waiting(token: str, *, when: Callable[[dict[str, Any]], bool]) -> Answer:
        def wait(arguments: dict[str, Any]) -> dict[str, Any]:
            if when(arguments):
                together.wait(timeout=20)
            return answers[token](arguments)

        return wait

    whens: dict[str, Callable[[dict[str, Any]], bool]] = {
        "aws:ec2/getVpc:getVpc": lambda _: True,
        "aws:ec2/getSubnet:getSubnet": lambda asked: asked["id"] == PRIVATE_SUBNETS[1],
        "aws:ec2/getVpcEndpoint:getVpcEndpoint": lambda asked: asked.get(
            "serviceName", ""
        ).endswith(".xray"),
        GROUP_LOOKUP: lambda _: True,
    }
    held = {token: waiting(token, when=when) for token, when in whens.items()}
    config = with_network(EXISTING, additionalSecurityGroupIds=GROUPS)
    done = run_program("dev", config, answers={**answers, **held})
    assert done.errors == [], "VPC, subnet, endpoint and group were not asked for together"


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ({"additionalEndpoints": ["foo"]}, f"foo ({PROJECT}:network.additionalEndpoints)"),
        ({}, "xray (needed by the agents)"),
    ],
)
def test_a_service_that_the_region_does_not_offer_is_told_with_who_asks_for_it(
    asked: dict[str, Any], by: str
) -> None:
    lookup = "aws:ec2/getVpcEndpointService:getVpcEndpointService"

    def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["serviceName"] == f"com.amazonaws.us-east-1.{by.partition(' ')[0]}":
            raise not_found("VPC Endpoint Service")
        return OWN_NETWORK[lookup](arguments)

    network = {"cidr": "10.64.0.0/16"}
    answers = {**OWN_NETWORK, lookup: answer}
    (error,) = run_program("dev", with_network({**network, **asked}), answers=answers).errors

    assert error.startswith(f"{PROJECT}:network: what it takes is not found in us-east-1.\n")
    assert f"  - com.amazonaws.us-east-1.{by}: no matching EC2 VPC Endpoint Service found" in error
    assert "aws ec2 describe-vpc-endpoint-services" in error
    without = with_network(network, tracing=False)
    assert run_program("dev", without, answers=answers).errors == []
