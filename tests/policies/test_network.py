"""What surrounds the runtimes of a stack, asked of the network itself."""

from typing import Any, Final

import pytest

from agentcore_policies.model import UNKNOWN, Resource, Stack
from agentcore_policies.network import Route, StackNetwork, network_of
from tests.policies.judged import resource
from tests.policies.small_network import AWS, Ref, SmallNetwork

MAIN: Final = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
DEFAULT_TABLE: Final = "aws:ec2/defaultRouteTable:DefaultRouteTable"
TABLE_APART: Final = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
PROPAGATION: Final = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
TYPED_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
EVERYWHERE: Final = {"destinationCidrBlock": "0.0.0.0/0"}
FIRST: Final = "subnet use1-az1"


class Asked:
    """A small network, once it is built."""

    def __init__(self, small: SmallNetwork, *others: Resource, preview: bool = False) -> None:
        self.built = [*small.build(preview=preview), *others]
        self.network = StackNetwork(Stack(name="prod", resources=self.built))

    def __getitem__(self, name: str) -> Resource:
        (found,) = (one for one in self.built if one.name == name)
        return found

    def has_way_out(self) -> bool | None:
        return self.network.has_way_out(self["runtime"])

    def routes(self, subnet: str = FIRST) -> list[Route]:
        return list(self.network.routes(self[subnet]) or ())


def routed(*routes: dict[str, Any]) -> SmallNetwork:
    """With these routes in the first subnet's table."""
    small = SmallNetwork(AWS)
    for number, route in enumerate(routes):
        small.add(f"route {number}", "route", **{"routeTableId": Ref("table use1-az1"), **route})
    return small


def test_everything_that_leads_out_is_a_way_out() -> None:
    for name in (
        *("natGatewayId", "transitGatewayId", "vpcPeeringConnectionId", "networkInterfaceId"),
        *("egressOnlyGatewayId", "egressOnlyInternetGatewayId", "coreNetworkArn", "instanceId"),
        *("localGatewayId", "carrierGatewayId", "vpcEndpointId"),
    ):
        assert Asked(routed({name: "x-1", **EVERYWHERE})).has_way_out() is True, name
        assert Asked(routed({name: None, **EVERYWHERE})).has_way_out() is False, name


def test_what_leads_everywhere_is_told_by_any_name_of_a_destination() -> None:
    for name in ("destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock"):
        for cidr, expected in (("::/0", True), ("10.0.0.0/8", False), (UNKNOWN, None)):
            small = SmallNetwork(AWS)
            small["table use1-az1"]["routes"] = [{name: cidr, "natGatewayId": "nat-1"}]
            (route,) = Asked(small).routes()
            assert route.is_default is expected, (name, cidr)


@pytest.mark.parametrize(
    ("gateway", "target"),
    [
        ("local", "inside"),
        ("vpce-0123456789abcdef0", "inside"),
        ("vgw-0123456789abcdef0", "out"),
        ("igw-0123456789abcdef0", "internet"),
        ("ours", "internet"),
        ("", "inside"),
        (None, "inside"),
        (UNKNOWN, "unknown"),
    ],
)
def test_where_a_gateway_leads_is_told_by_its_id(gateway: Any, target: str) -> None:
    ours = resource(AWS["internet gateway"], {"id": "ours"}, "ours")
    (route,) = Asked(routed({"gatewayId": gateway, **EVERYWHERE}), ours).routes()
    assert (route.target, route.path) == (target, "gatewayId")
    small = SmallNetwork(AWS)
    small["table use1-az1"]["routes"] = [{"gatewayId": gateway, "cidrBlock": "0.0.0.0/0"}]
    (route,) = Asked(small, ours).routes()
    assert (route.target, route.path) == (target, "routes[0].gatewayId")


def test_a_default_route_that_leads_nowhere_is_no_way_out() -> None:
    assert Asked(routed({"gatewayId": "local", **EVERYWHERE})).has_way_out() is False


def test_the_ways_out_of_another_stacks_subnets_are_not_known() -> None:
    for subnets in ([], ["subnet-elsewhere"], [Ref(FIRST), "subnet-elsewhere"], UNKNOWN):
        small = SmallNetwork(AWS)
        small["runtime"]["networkConfiguration"]["networkModeConfig"]["subnets"] = subnets
        assert Asked(small).has_way_out() is None, subnets


def test_the_vpc_of_a_runtime_is_told_by_any_of_its_subnets() -> None:
    small = SmallNetwork(AWS)
    small[FIRST]["vpcId"] = "vpc-elsewhere"
    asked = Asked(small)
    assert asked.network.vpc_of_runtime(asked["runtime"]) is asked["vpc"]


def test_the_tables_of_an_endpoint_are_those_of_itself_and_of_every_association() -> None:
    small = SmallNetwork(AWS)
    small["s3"]["routeTableIds"] = ["rtb-1"]
    for table in ("rtb-2", "rtb-3"):
        small.add(table, TABLE_APART, vpcEndpointId=Ref("s3"), routeTableId=table)
    asked = Asked(small)
    assert asked.network.table_associations(asked["s3"]).foreign == ["rtb-1", "rtb-2", "rtb-3"]
    small["rtb-2"]["routeTableId"] = UNKNOWN
    asked = Asked(small)
    assert not asked.network.table_associations(asked["s3"]).is_whole


def test_a_vpc_and_its_default_table_mean_the_main_one() -> None:
    small = SmallNetwork(AWS)
    small["vpc"]["defaultRouteTableId"] = "rtb-main"
    small.add("default table", DEFAULT_TABLE, defaultRouteTableId="rtb-main")
    asked = Asked(small)
    key = asked.network.table_key
    assert key(asked["vpc"]) == key(asked["default table"]) is not None
    assert key(asked["table use1-az1"]) == asked["table use1-az1"].urn
    routes = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}]
    small["default table"].update(defaultRouteTableId="rtb-elsewhere", routes=routes)
    asked = Asked(small)
    assert asked.network.table_key(asked["default table"]) is None
    assert len(asked.network.unplaced_routes()) == 1


def test_the_main_table_is_told_by_associations_of_the_vpc() -> None:
    small = SmallNetwork(AWS)
    small.remove("association use1-az1")
    small.add("main", MAIN, vpcId=Ref("vpc"), routeTableId=Ref("table use1-az2"))
    asked = Asked(small)
    assert asked.network.table(asked[FIRST]) == asked["table use1-az2"].urn
    small["main"]["routeTableId"] = "rtb-elsewhere"
    asked = Asked(small)
    assert asked.network.table(asked[FIRST]) is None
    small["main"]["vpcId"] = "vpc-elsewhere"
    asked = Asked(small)
    assert asked.network.table(asked[FIRST]) == asked.network.table_key(asked["vpc"])


def test_an_association_of_a_gateway_is_no_subnets() -> None:
    small = SmallNetwork(AWS)
    associations = {name: dict(small[name]) for name in ("association use1-az1",)}
    small.remove("association use1-az1")
    small.add("edge", "association", gatewayId="igw-1", routeTableId=Ref("table use1-az2"))
    small.add("association use1-az1", "association", **associations["association use1-az1"])
    asked = Asked(small)
    assert asked.network.table(asked[FIRST]) == asked["table use1-az1"].urn


def test_routes_beside_those_that_nobody_knows_count() -> None:
    small = routed(
        {"routeTableId": "rtb-elsewhere", "natGatewayId": "nat-1", **EVERYWHERE},
        {"routeTableId": UNKNOWN, "natGatewayId": "nat-2", **EVERYWHERE},
        {"natGatewayId": "nat-3", **EVERYWHERE},
    )
    small["table use1-az1"]["routes"] = [UNKNOWN, {"gatewayId": "local"}]
    small["table use1-az2"]["routes"] = [{"gatewayId": "local"}]
    asked = Asked(small)
    assert [one.resource.name for one in asked.network.unplaced_routes()] == ["route 1"]
    assert [(one.path, one.target) for one in asked.routes()] == [
        ("routes[0]", "unknown"),
        ("routes[1].gatewayId", "inside"),
        ("gatewayId", "out"),
    ]
    built = [one for one in small.build() if one.name != "table use1-az1"]
    table = resource(
        AWS["table"],
        {"id": "rtb-table use1-az1", "routes": UNKNOWN},
        "table use1-az1",
        dependencies={"routes": [small.urn("vpc")]},
    )
    network = StackNetwork(Stack(name="prod", resources=[table, *built]))
    subnets = [one for one in built if one.type == AWS["subnet"]]
    assert [len(network.routes(one) or ()) for one in subnets] == [2, 1]
    small["table use1-az1"]["routes"] = UNKNOWN
    assert [one.path for one in Asked(small).routes()] == ["gatewayId"], "the provider's to fill in"


def test_what_a_gateway_propagates_is_a_route_of_the_whole_resource_that_says_so() -> None:
    small = SmallNetwork(AWS)
    table, gateway = Ref("table use1-az1"), "vgw-0123456789abcdef0"
    small.add("apart", PROPAGATION, routeTableId=table, vpnGatewayId=gateway)
    (route,) = Asked(small).routes()
    told = (route.resource.name, route.path, route.target, route.is_default)
    assert told == ("apart", "", "out", None)
    small["table use1-az1"]["propagatingVgws"] = [gateway]
    assert [(one.resource.name, one.path) for one in Asked(small).routes()] == [
        ("table use1-az1", ""),
        ("apart", ""),
    ]
    assert Asked(small).routes("subnet use1-az2") == [], "another table's"


def test_groups_that_the_provider_gives_an_endpoint_are_none() -> None:
    small = SmallNetwork(AWS)
    small["logs"]["securityGroupIds"] = UNKNOWN
    asked = Asked(small)
    assert asked.network.groups_of_endpoint(asked["logs"]).is_known
    small["logs"]["securityGroupIds"] = ["sg-elsewhere", UNKNOWN]
    asked = Asked(small)
    assert not asked.network.groups_of_endpoint(asked["logs"]).is_whole


def test_rules_that_nobody_knows_are_of_their_own_direction() -> None:
    small = SmallNetwork(AWS)
    small["agents"].update(egress=[UNKNOWN], ingress=UNKNOWN)
    asked = Asked(small)
    assert asked.network.hidden_rules(asked["agents"], "egress") == ["egress[0]"]
    assert asked.network.hidden_rules(asked["agents"], "ingress") == [], "the provider's to fill in"


def test_rules_of_nobody_are_loose_and_those_of_no_direction_are_none() -> None:
    small = SmallNetwork(AWS)
    for name in ("in", "out"):
        small[name]["securityGroupId"] = UNKNOWN
    small.add("typed", TYPED_RULE, type=UNKNOWN, securityGroupId=Ref("agents"))
    asked = Asked(small)
    assert [one.resource.name for one in asked.network.loose_rules] == ["out", "in"]
    assert len(asked.network.rules(asked["agents"], "egress")) == 1
    assert asked.network.rules(asked["agents"], "ingress") == []


def test_a_network_is_put_together_once_for_a_stack() -> None:
    first, second = (Stack(name="prod", resources=SmallNetwork(AWS).build()) for _ in range(2))
    network = network_of(first)
    assert network_of(first) is network
    assert network_of(second) is not network
