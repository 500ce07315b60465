from typing import Any, Final

import pytest

from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rule import Finding
from agentcore_policies.rules.subnets import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts
from tests.policies.small_network import AWS, NATIVE, Ref, SmallNetwork

FORMS: Final = (AWS, NATIVE)
PHASES: Final = (True, False)
DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
SUBNETS: Final = "networkConfiguration.networkModeConfig.subnets"
STACK_RULES: Final = [rule.id for rule in RULES if rule.check_stack]

in_every_form = pytest.mark.parametrize("types", FORMS)
in_every_phase = pytest.mark.parametrize("preview", PHASES)


def said(rule: str, subject: Any) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, subject))


@in_every_form
@in_every_phase
@pytest.mark.parametrize("rule", STACK_RULES)
def test_a_private_network_passes(types: Any, preview: bool, rule: str) -> None:  # noqa: FBT001
    assert said(rule, SmallNetwork(types).build(preview=preview)) == []


@pytest.mark.parametrize("kind", [AWS["subnet"], NATIVE["subnet"], DEFAULT_SUBNET])
@pytest.mark.parametrize(
    ("value", "found"),
    [(False, []), (True, finding), (UNKNOWN, not_checked), (SECRET, not_checked)],
)
def test_subnets_give_no_public_addresses(kind: str, value: Any, found: Any) -> None:
    subnet = resource(kind, {"mapPublicIpOnLaunch": value})
    assert said("subnet-public-ip", subnet) == (found and found("mapPublicIpOnLaunch"))


def test_a_default_subnet_gives_public_addresses_unless_told_otherwise() -> None:
    for props in ({}, {"mapPublicIpOnLaunch": None}):
        assert said("subnet-public-ip", resource(DEFAULT_SUBNET, props)) == finding(
            "mapPublicIpOnLaunch"
        )
        for types in FORMS:
            assert said("subnet-public-ip", resource(types["subnet"], props)) == []


def public(network: SmallNetwork, **route: Any) -> SmallNetwork:
    """With a route in the first subnet's table."""
    network.add("gateway", "internet gateway", vpcId=Ref("vpc"))
    network.add("route", "route", **{"routeTableId": Ref("table use1-az1"), **route})
    return network


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    "destination",
    [
        {"destinationCidrBlock": "0.0.0.0/0"},
        {"destinationCidrBlock": "203.0.113.0/24"},
        {"destinationIpv6CidrBlock": "::/0"},
    ],
)
def test_a_route_to_an_internet_gateway_makes_a_subnet_public(
    types: Any,
    preview: bool,  # noqa: FBT001
    destination: dict[str, str],
) -> None:
    network = public(SmallNetwork(types), gatewayId=Ref("gateway"), **destination)
    found = verdicts(RULES, "runtime-subnet-private", network.build(preview=preview))
    assert told(found) == finding("")
    assert found[0].urn == network.urn("subnet use1-az1")


@in_every_form
@in_every_phase
def test_other_ways_out_are_private(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    network.add("nat", "nat gateway")
    network = public(network, natGatewayId=Ref("nat"), destinationCidrBlock="0.0.0.0/0")
    assert said("runtime-subnet-private", network.build(preview=preview)) == []
    network["route"].pop("natGatewayId")
    for gateway in ("vgw-0123456789abcdef0", "local"):
        network["route"]["gatewayId"] = gateway
        assert said("runtime-subnet-private", network.build(preview=preview)) == []
    network["route"]["gatewayId"] = "igw-0123456789abcdef0"
    assert said("runtime-subnet-private", network.build(preview=preview)) == finding("")


@in_every_form
@in_every_phase
def test_the_route_of_another_subnet_does_not_matter(
    types: Any,
    preview: bool,  # noqa: FBT001
) -> None:
    network = SmallNetwork(types)
    network.add("public table", "table", vpcId=Ref("vpc"))
    network = public(network, routeTableId=Ref("public table"), gatewayId=Ref("gateway"))
    assert said("runtime-subnet-private", network.build(preview=preview)) == []


@in_every_phase
def test_inline_routes_count(preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(AWS)
    network.add("gateway", "internet gateway", vpcId=Ref("vpc"))
    inline = {"cidrBlock": "0.0.0.0/0", "gatewayId": Ref("gateway")}
    network["table use1-az1"]["routes"] = [inline]
    assert said("runtime-subnet-private", network.build(preview=preview)) == finding("")
    network["table use1-az1"]["routes"] = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}]
    assert said("runtime-subnet-private", network.build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_a_subnet_without_association_has_the_main_table(
    types: Any,
    preview: bool,  # noqa: FBT001
) -> None:
    network = SmallNetwork(types)
    network.remove("association use1-az1")
    assert said("runtime-subnet-private", network.build(preview=preview)) == []
    network.add("gateway", "internet gateway", vpcId=Ref("vpc"))
    network.add(
        "main",
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        vpcId=Ref("vpc"),
        routeTableId=Ref("table use1-az1"),
    )
    network.add("route", "route", routeTableId=Ref("table use1-az1"), gatewayId=Ref("gateway"))
    assert said("runtime-subnet-private", network.build(preview=preview)) == finding("")


@in_every_phase
def test_the_default_table_is_the_main_one(preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(AWS)
    network.remove("association use1-az1")
    network.add("gateway", "internet gateway", vpcId=Ref("vpc"))
    network["vpc"]["defaultRouteTableId"] = UNKNOWN if preview else "rtb-main"
    network.add(
        "default table",
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        defaultRouteTableId=Ref("vpc") if preview else "rtb-main",
        routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": Ref("gateway")}],
    )
    assert said("runtime-subnet-private", network.build(preview=preview)) == finding("")


@in_every_form
def test_what_cannot_be_placed_is_said_to_be_unchecked(types: Any) -> None:
    rule = "runtime-subnet-private"
    network = public(SmallNetwork(types), gatewayId=UNKNOWN)
    assert said(rule, network.build()) == not_checked("gatewayId")
    network = public(SmallNetwork(types), gatewayId=Ref("gateway"), routeTableId=UNKNOWN)
    assert set(said(rule, network.build())) == set(not_checked("gatewayId"))
    network = SmallNetwork(types)
    network["association use1-az1"]["routeTableId"] = UNKNOWN
    assert said(rule, network.build()) == not_checked("routeTable")
    network = SmallNetwork(types)
    network["association use1-az1"]["subnetId"] = UNKNOWN
    assert said(rule, network.build()) == not_checked("routeTable")
    network = SmallNetwork(types)
    network.remove("association use1-az1")
    network["subnet use1-az1"]["vpcId"] = "vpc-elsewhere"
    assert said(rule, network.build()) == not_checked("routeTable")


def test_inline_routes_that_nobody_knows_are_said_to_be_unchecked() -> None:
    network = SmallNetwork(AWS)
    built = network.build()
    tables = [one for one in built if one.name == "table use1-az1"]
    unknown = resource(
        AWS["table"],
        {**tables[0].props, "routes": UNKNOWN},
        "table use1-az1",
        dependencies={"routes": [network.urn("vpc")]},
    )
    given = [unknown if one.name == "table use1-az1" else one for one in built]
    assert said("runtime-subnet-private", given) == not_checked("routes")
    network["table use1-az1"]["routes"] = UNKNOWN
    assert said("runtime-subnet-private", network.build()) == [], "the provider fills it in"


@in_every_form
@in_every_phase
@pytest.mark.parametrize("flag", ["enableDnsSupport", "enableDnsHostnames"])
def test_private_dns_needs_both_flags(
    types: Any,
    preview: bool,  # noqa: FBT001
    flag: str,
) -> None:
    network = SmallNetwork(types)
    network["vpc"][flag] = False
    found = verdicts(RULES, "vpc-private-dns", network.build(preview=preview))
    assert told(found) == finding(flag)
    assert isinstance(found[0], Finding)
    assert "it is false" in found[0].message
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["privateDnsEnabled"] = False
    assert said("vpc-private-dns", network.build(preview=preview)) == [], "nothing needs it"


@in_every_form
@in_every_phase
def test_a_vpc_gives_no_host_names_unless_told(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    for nothing in (None, UNKNOWN):
        network["vpc"]["enableDnsSupport"] = nothing
        assert said("vpc-private-dns", network.build(preview=preview)) == [], "it resolves"
        network["vpc"]["enableDnsHostnames"] = nothing
        assert said("vpc-private-dns", network.build(preview=preview)) == finding(
            "enableDnsHostnames"
        )
        network["vpc"]["enableDnsHostnames"] = True
    network["vpc"]["enableDnsHostnames"] = SECRET
    assert said("vpc-private-dns", network.build(preview=preview)) == not_checked(
        "enableDnsHostnames"
    )


@in_every_form
def test_the_flags_of_a_vpc_of_another_stack_are_said_to_be_unchecked(types: Any) -> None:
    network = SmallNetwork(types)
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["vpcId"] = "vpc-elsewhere"
    assert said("vpc-private-dns", network.build()) == not_checked("vpcId"), "once is enough"


@in_every_form
@in_every_phase
def test_the_default_group_is_taken_over(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    rule = "vpc-default-security-group"
    nothings: tuple[Any, ...] = (None, [], UNKNOWN)
    for nothing in nothings:
        network["default"].update(ingress=nothing, egress=nothing)
        assert said(rule, network.build(preview=preview)) == []
    network["default"]["vpcId"] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked("")
    network["default"]["vpcId"] = "vpc-elsewhere"
    assert said(rule, network.build(preview=preview)) == finding("")
    network.remove("default")
    assert said(rule, network.build(preview=preview)) == finding("")


@in_every_form
@in_every_phase
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_the_default_group_has_no_rules(
    types: Any,
    preview: bool,  # noqa: FBT001
    direction: str,
) -> None:
    rule = "vpc-default-security-group"
    network = SmallNetwork(types)
    network["default"][direction] = [{"protocol": "-1", "self": True}]
    assert said(rule, network.build(preview=preview)) == finding(f"{direction}[0]")
    network = SmallNetwork(types)
    network.rule("more", direction, "default", Ref("agents"))
    assert said(rule, network.build(preview=preview)) == finding(network.owner)
    network["vpc"]["defaultSecurityGroupId" if types is AWS else "defaultSecurityGroup"] = "sg-d"
    network["more"][network.owner] = "sg-d"
    assert said(rule, network.build()) == finding(network.owner), "the VPC tells which it is"


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    ("traffic", "found"),
    [
        ("ALL", []),
        ("ACCEPT", finding),
        ("REJECT", finding),
        ("", finding),
        (UNKNOWN, not_checked),
    ],
)
def test_flow_logs_record_all_traffic(
    types: Any,
    preview: bool,  # noqa: FBT001
    traffic: Any,
    found: Any,
) -> None:
    network = SmallNetwork(types)
    network["flow log"]["trafficType"] = traffic
    expected = found and found("trafficType")
    assert said("vpc-flow-logs", network.build(preview=preview)) == expected


@in_every_form
@in_every_phase
def test_two_flow_logs_may_share_the_traffic(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    network["flow log"]["trafficType"] = "ACCEPT"
    network.add("rejected", "flow log", **{**network["flow log"], "trafficType": "REJECT"})
    assert said("vpc-flow-logs", network.build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_a_vpc_has_a_flow_log(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    place = "vpcId" if types is AWS else "resourceId"
    network["flow log"][place] = UNKNOWN
    assert said("vpc-flow-logs", network.build(preview=preview)) == not_checked("")
    for elsewhere in ("vpc-elsewhere", None):
        network["flow log"][place] = elsewhere
        assert said("vpc-flow-logs", network.build(preview=preview)) == finding("")
    network.remove("flow log")
    assert said("vpc-flow-logs", network.build(preview=preview)) == finding("")


def test_every_subnet_of_a_runtime_is_judged() -> None:
    rule = "runtime-subnet-private"
    network = public(SmallNetwork(AWS), gatewayId=Ref("gateway"))
    network.add("other", "route", routeTableId=Ref("table use1-az2"), gatewayId=Ref("gateway"))
    assert said(rule, network.build()) == [*finding(""), *finding("")]
    network["association use1-az1"]["routeTableId"] = UNKNOWN
    assert said(rule, network.build()) == [*not_checked("routeTable"), *finding("")]
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["subnets"] = ["subnet-elsewhere", Ref("subnet use1-az2")]
    assert said(rule, network.build()) == [*not_checked(SUBNETS), *finding("")]


def test_a_route_of_an_unknown_table_that_makes_nothing_public_does_not_matter() -> None:
    network = public(SmallNetwork(AWS), natGatewayId="nat-1", routeTableId=UNKNOWN)
    assert said("runtime-subnet-private", network.build()) == []


def test_an_inline_route_that_nobody_knows_is_said_to_be_unchecked() -> None:
    network = SmallNetwork(AWS)
    network["table use1-az1"]["routes"] = [UNKNOWN]
    assert said("runtime-subnet-private", network.build()) == not_checked("routes[0]")


def test_a_default_vpc_gives_host_names_unless_told_otherwise() -> None:
    network = SmallNetwork(AWS)
    network.types = {**AWS, "vpc": "aws:ec2/defaultVpc:DefaultVpc"}
    del network["vpc"]["enableDnsHostnames"]
    assert said("vpc-private-dns", network.build()) == []
    network["vpc"]["enableDnsHostnames"] = False
    assert said("vpc-private-dns", network.build()) == finding("enableDnsHostnames")


def test_an_endpoint_in_a_vpc_of_another_stack_is_named() -> None:
    network = SmallNetwork(AWS)
    network["logs"]["vpcId"] = "vpc-elsewhere"
    (found,) = verdicts(RULES, "vpc-private-dns", network.build())
    assert (told([found]), found.urn) == (not_checked("vpcId"), network.urn("logs"))


def test_every_vpc_is_judged() -> None:
    network = SmallNetwork(AWS)
    network.add("other", "vpc", cidrBlock="10.1.0.0/16")
    for rule in ("vpc-default-security-group", "vpc-flow-logs"):
        (found,) = verdicts(RULES, rule, network.build())
        assert (told([found]), found.urn) == (finding(""), network.urn("other"))
    network["default"]["vpcId"] = UNKNOWN
    found = verdicts(RULES, "vpc-default-security-group", network.build())
    assert [(one.urn, *told([one])) for one in found] == [
        (network.urn(name), *not_checked("")) for name in ("vpc", "other")
    ], "the group may be of either"
    unplaced = {**network["flow log"], "vpcId": UNKNOWN}
    network.remove("flow log")
    network.add("unplaced", "flow log", **unplaced)
    network.add("placed", "flow log", **{**unplaced, "vpcId": Ref("vpc")})
    (found,) = verdicts(RULES, "vpc-flow-logs", network.build())
    assert (told([found]), found.urn) == (not_checked(""), network.urn("other"))


def test_rules_of_a_default_group_that_nobody_knows_are_said_to_be_unchecked() -> None:
    rule = "vpc-default-security-group"
    network = SmallNetwork(AWS)
    network["default"]["ingress"] = [UNKNOWN]
    assert said(rule, network.build()) == not_checked("ingress[0]")
    network = SmallNetwork(AWS)
    kind = "aws:ec2/securityGroupRule:SecurityGroupRule"
    network.add("typed", kind, type=UNKNOWN, securityGroupId=Ref("default"))
    assert said(rule, network.build()) == not_checked("type")
    for owner in ("sg-elsewhere", Ref("agents")):
        network["typed"].update(type="ingress", securityGroupId=owner)
        assert said(rule, network.build()) == [], "it is another group's"
