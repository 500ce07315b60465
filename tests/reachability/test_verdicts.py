"""Verdicts beside those that broken networks show: NAT, isolation, who else is let in."""

import pytest

from tests.reachability.agent import Agent, Call
from tests.reachability.changes import (
    Change,
    add,
    add_entries,
    add_route,
    all_of,
    changed,
    drop,
    set_dns,
    update,
    update_route,
    with_policy,
)
from tests.reachability.network import Answer
from tests.reachability.sample_network import (
    ACCOUNT,
    AGENT,
    CALLS,
    LOG_STREAM,
    ROLE,
    WRITE_LOGS,
    entry,
    internet_gateway,
    nat_gateway,
    network_acl,
    route,
    route_table,
    rule,
    runtime_answer,
    statement,
    subnet,
)
from tests.reachability.verdicts import (
    admits_only,
    reaches,
    reaches_internet,
    refuses,
    stays_inside,
    unreachable_from_internet,
)

INTERNET = "0.0.0.0/0"
A_SITE = "8.8.8.0/24"

# A NAT gateway in the public subnet, that both of the agent's subnets use, and a further subnet.
WITH_NAT = all_of(
    add("subnets", subnet("subnet-private", "10.0.129.0/28", "use1-az1")),
    add("route_tables", route_table("rtb-private", "subnet-private")),
    add("network_acls", network_acl("acl-private", "subnet-private")),
    add("nat_gateways", nat_gateway("nat-1", "subnet-public")),
    add_route("rtb-a", route(INTERNET, "nat-1")),
    add_route("rtb-b", route(INTERNET, "nat-1")),
    add("security_group_rules", rule("sgr-out", "sg-agents", INTERNET, 443, egress=True)),
)


@pytest.mark.parametrize("destination", [INTERNET, A_SITE])
def test_the_internet_is_reached_through_nat(destination: str) -> None:
    network = changed(WITH_NAT)
    assert reaches_internet(network, AGENT, destination) == []
    assert reaches(network, AGENT, *CALLS) == [], "and services by their endpoints"
    assert unreachable_from_internet(network, AGENT) == [], "NAT lets nobody in"


def test_without_nat_there_is_no_way_out() -> None:
    network = changed(
        add("security_group_rules", rule("sgr-out", "sg-agents", INTERNET, 443, egress=True))
    )
    assert reaches_internet(network, AGENT, A_SITE) == [
        "rtb-a of subnet-a has no route for 8.8.8.0/24 to a NAT gateway",
        "rtb-b of subnet-b has no route for 8.8.8.0/24 to a NAT gateway",
    ]


@pytest.mark.parametrize(
    ("broken", "said", "twin"),
    [
        pytest.param(
            update("nat_gateways", "nat-1", SubnetId="subnet-private"),
            {
                "rtb-private of subnet-private has no route for 8.8.8.0/24 to an attached "
                "internet gateway"
            },
            all_of(
                update("nat_gateways", "nat-1", SubnetId="subnet-private"),
                add_route("rtb-private", route(INTERNET, "igw-1")),
            ),
            id="NAT in a private subnet",
        ),
        pytest.param(
            update("nat_gateways", "nat-1", SubnetId="subnet-a"),
            {
                "rtb-a of subnet-a sends 8.8.8.0/24 to nat-1, not to an attached internet gateway",
            },
            add("nat_gateways", nat_gateway("nat-2", "subnet-a")),
            id="NAT in the agents' own subnet",
        ),
        pytest.param(
            update("nat_gateways", "nat-1", State="deleted"),
            {"nat-1 is deleted"},
            add("nat_gateways", {**nat_gateway("nat-2", "subnet-public"), "State": "deleted"}),
            id="NAT deleted",
        ),
        pytest.param(
            drop("nat_gateways", "nat-1"),
            {
                f"rtb-{at} of subnet-{at} sends 8.8.8.0/24 to nat-1, not to a NAT gateway"
                for at in "ab"
            },
            all_of(
                update("nat_gateways", "nat-1", NatGatewayId="nat-2"),
                update_route("rtb-a", "nat-1", NatGatewayId="nat-2"),
                update_route("rtb-b", "nat-1", NatGatewayId="nat-2"),
            ),
            id="NAT not there",
        ),
        pytest.param(
            update("nat_gateways", "nat-1", SubnetId="subnet-x"),
            {"subnet-x of nat-1 does not exist"},
            drop("subnets", "subnet-private"),
            id="NAT in a subnet that is not there",
        ),
        pytest.param(
            update("nat_gateways", "nat-1", ConnectivityType="private"),
            {"nat-1 has no public address"},
            update("nat_gateways", "nat-1", ConnectivityType=None),
            id="private NAT",
        ),
        pytest.param(
            update("nat_gateways", "nat-1", NatGatewayAddresses=[{"PrivateIp": "10.0.128.9"}]),
            {"nat-1 has no public address"},
            update("nat_gateways", "nat-1", NatGatewayAddresses=[{"PublicIp": "203.0.113.8"}]),
            id="NAT without an address",
        ),
        pytest.param(
            update_route("rtb-b", "nat-1", State="blackhole"),
            {"rtb-b of subnet-b sends 8.8.8.0/24 into a blackhole: nat-1"},
            add_route("rtb-b", route("9.0.0.0/8", "pcx-1", State="blackhole")),
            id="a blackhole to NAT",
        ),
        pytest.param(
            add_route("rtb-b", route("8.8.8.0/25", "pcx-1")),
            {"rtb-b of subnet-b sends 8.8.8.0/25 to pcx-1, not to a NAT gateway"},
            add_route("rtb-b", route("8.8.0.0/25", "pcx-1")),
            id="a more specific route elsewhere",
        ),
        pytest.param(
            update("internet_gateways", "igw-1", Attachments=[]),
            {
                "rtb-public of subnet-public sends 8.8.8.0/24 to igw-1, not to an attached "
                "internet gateway"
            },
            add("internet_gateways", internet_gateway("igw-2")),
            id="an internet gateway attached nowhere",
        ),
        pytest.param(
            update("internet_gateways", "igw-1", **internet_gateway("igw-1", "vpc-2")),
            {
                "rtb-public of subnet-public sends 8.8.8.0/24 to igw-1, not to an attached "
                "internet gateway"
            },
            update("internet_gateways", "igw-1", **internet_gateway("igw-1", "vpc-2", "vpc-1")),
            id="an internet gateway of another VPC",
        ),
        pytest.param(
            update(
                "internet_gateways",
                "igw-1",
                Attachments=[{"VpcId": "vpc-1", "State": "detaching"}],
            ),
            {
                "rtb-public of subnet-public sends 8.8.8.0/24 to igw-1, not to an attached "
                "internet gateway"
            },
            update(
                "internet_gateways", "igw-1", Attachments=[{"VpcId": "vpc-1", "State": "attached"}]
            ),
            id="an internet gateway that goes",
        ),
        pytest.param(
            update("security_group_rules", "sgr-out", FromPort=80, ToPort=80),
            {"no egress rule of sg-agents admits TCP 443 to 8.8.8.0/24"},
            update("security_group_rules", "sgr-out", CidrIpv4="8.0.0.0/8"),
            id="no egress rule",
        ),
        pytest.param(
            add_entries("acl-public", entry(90, "deny", "10.0.1.0/24", 443, egress=False)),
            {"rule 90 of acl-public at subnet-public denies TCP 443 in from 10.0.1.0/24"},
            add_entries("acl-public", entry(90, "deny", "10.0.2.0/24", 443, egress=False)),
            id="an ACL that keeps the agents from NAT",
        ),
        pytest.param(
            add_entries("acl-public", entry(90, "deny", "10.0.1.0/24", 5000, egress=True)),
            {"rule 90 of acl-public at subnet-public denies TCP 5000 out to 10.0.1.0/24"},
            add_entries("acl-public", entry(90, "deny", "10.0.1.0/24", 80, egress=True)),
            id="an ACL that keeps answers from the agents",
        ),
        pytest.param(
            add_entries("acl-public", entry(90, "deny", "8.0.0.0/8", 2000, 3000, egress=False)),
            {"rule 90 of acl-public at subnet-public denies TCP 2000-3000 in from 8.8.8.0/24"},
            add_entries("acl-public", entry(90, "deny", "8.0.0.0/8", 443, egress=False)),
            id="an ACL that keeps answers from NAT",
        ),
        pytest.param(
            add_entries("acl-a", entry(90, "deny", "8.8.8.8/32", 443, egress=True)),
            {"rule 90 of acl-a at subnet-a denies TCP 443 out to 8.8.8.8"},
            add_entries("acl-a", entry(90, "deny", "8.8.4.4/32", 443, egress=True)),
            id="an ACL that keeps the agents in",
        ),
        pytest.param(
            add_route("rtb-public", route("10.0.1.0/24", "pcx-1")),
            {"rtb-public of subnet-public sends 10.0.1.0/24 to pcx-1, not inside the VPC"},
            add_route("rtb-public", route("10.0.2.0/24", "pcx-1")),
            id="no way back from NAT",
        ),
    ],
)
def test_what_breaks_the_way_through_nat_is_all_that_is_found(
    broken: Change, said: set[str], twin: Change
) -> None:
    assert set(reaches_internet(changed(WITH_NAT, broken), AGENT, A_SITE)) == said
    assert reaches_internet(changed(WITH_NAT, twin), AGENT, A_SITE) == []


def test_what_is_not_of_the_internet_is_not_reached_there() -> None:
    network = changed(WITH_NAT)
    assert reaches_internet(network, AGENT, "10.8.0.0/16") == [
        "10.8.0.0/16 has no address of the internet"
    ]
    assert reaches_internet(network, AGENT, "8.0.0.0/7") == [], "10.0.0.0 begins beyond it"


def test_a_gateway_endpoint_is_a_way_out_unless_it_is_a_blackhole() -> None:
    assert reaches_internet(changed(WITH_NAT), AGENT, "3.5.0.0/24") == []
    broken = changed(WITH_NAT, update_route("rtb-a", "vpce-s3", State="blackhole"))
    assert reaches_internet(broken, AGENT, "3.5.0.0/24") == [
        "rtb-a of subnet-a sends 3.5.0.0/24 into a blackhole: vpce-s3"
    ]


def test_the_way_out_is_open_on_its_port_alone() -> None:
    network = changed(WITH_NAT)
    assert reaches_internet(network, AGENT, A_SITE, 443) == []
    assert reaches_internet(network, AGENT, A_SITE, 22) == [
        "no egress rule of sg-agents admits TCP 22 to 8.8.8.0/24"
    ]


# Nothing leads out -------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["nat-1", "igw-1", "pcx-1", "tgw-1", "vpce-elsewhere"])
def test_a_route_out_of_the_vpc_is_found(target: str) -> None:
    assert stays_inside(changed(), AGENT) == []
    network = changed(add_route("rtb-b", route("192.0.2.0/24", target)))
    assert stays_inside(network, AGENT) == [f"rtb-b of subnet-b leads out to {target}"]
    beside = changed(add_route("rtb-public", route("192.0.2.0/24", target)))
    assert stays_inside(beside, AGENT) == [], "other subnets may lead where they want"


# Nobody else is let in ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("admission", "said"),
    [
        (rule("sgr-1", "sg-endpoints", "sg-others", 443, egress=False), "TCP 443 from sg-others"),
        (
            rule("sgr-1", "sg-endpoints", "10.0.0.0/16", 443, egress=False),
            "TCP 443 from 10.0.0.0/16",
        ),
        (
            rule("sgr-1", "sg-endpoints", "sg-agents", 80, 443, egress=False),
            "TCP 80-443 from sg-agents",
        ),
        (
            {
                **rule("sgr-1", "sg-endpoints", "sg-agents", -1, egress=False),
                "IpProtocol": "-1",
            },
            "everything from sg-agents",
        ),
    ],
)
def test_an_endpoint_that_admits_more_than_the_agents_is_found(
    admission: Answer, said: str
) -> None:
    assert admits_only(changed(), AGENT, "logs") == []
    network = changed(add("security_group_rules", admission))
    assert admits_only(network, AGENT, "logs") == [f"sgr-1 of sg-endpoints admits {said}"]
    beside = changed(add("security_group_rules", {**admission, "GroupId": "sg-others"}))
    assert admits_only(beside, AGENT, "logs") == []


def test_an_endpoint_may_admit_several_agents() -> None:
    placed = {"subnets": ["subnet-a", "subnet-b"], "securityGroups": ["sg-others"]}
    other = Agent.of(
        runtime_answer(networkConfiguration={"networkMode": "VPC", "networkModeConfig": placed})
    )
    network = changed(
        add("security_group_rules", rule("sgr-1", "sg-endpoints", "sg-others", 443, egress=False))
    )
    assert admits_only(network, AGENT, "logs", other) == []
    assert admits_only(network, AGENT, "logs") != []


def test_a_policy_that_may_let_a_stranger_through_is_found() -> None:
    stranger = Call("logs", "logs:PutLogEvents", LOG_STREAM, "arn:aws:iam::222222222222:role/a")
    assert refuses(changed(), AGENT, stranger) == []
    assert refuses(changed(), AGENT, WRITE_LOGS) != [], "the agent is none"
    said = f"the policy of vpce-logs may let {stranger.principal} do"
    anybody = changed(with_policy("vpce-logs", statement("Allow", WRITE_LOGS)))
    assert [found.startswith(said) for found in refuses(anybody, AGENT, stranger)] == [True]
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    unknown = changed(with_policy("vpce-logs", statement("Allow", WRITE_LOGS, Condition=condition)))
    assert [found.startswith(said) for found in refuses(unknown, AGENT, stranger)] == [True]


def test_what_is_known_of_a_call_counts() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    network = changed(with_policy("vpce-logs", statement("Allow", WRITE_LOGS, Condition=condition)))

    def found(organization: str) -> list[str]:
        call = Call(
            "logs", "logs:PutLogEvents", LOG_STREAM, ROLE, {"aws:PrincipalOrgID": organization}
        )
        return reaches(network, AGENT, call)

    assert found("o-1") == []
    assert found("o-2") == [
        f"the policy of vpce-logs does not let {ROLE} do logs:PutLogEvents on {LOG_STREAM}"
    ]


# Where the agent is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "subnets", "groups", "said"),
    [
        ("PUBLIC", [], [], "assistant-a1b2c3d4e5 is in PUBLIC mode: no VPC has it"),
        (
            "VPC",
            ["subnet-a"],
            ["sg-agents"],
            "assistant-a1b2c3d4e5 is in fewer than two zones: use1-az1",
        ),
        (
            "VPC",
            ["subnet-a", "subnet-public"],
            ["sg-agents"],
            "assistant-a1b2c3d4e5 is in fewer than two zones: use1-az1",
        ),
        ("VPC", ["subnet-a", "subnet-b", "subnet-x"], ["sg-agents"], "subnet-x does not exist"),
        ("VPC", ["subnet-a", "subnet-b"], ["sg-agents", "sg-x"], "sg-x does not exist"),
        (
            "VPC",
            ["subnet-a", "subnet-b"],
            ["sg-agents", "sg-elsewhere"],
            "assistant-a1b2c3d4e5 has subnets and groups of vpc-1 and vpc-2",
        ),
    ],
)
def test_of_an_agent_that_is_not_placed_nothing_is_proven(
    mode: str, subnets: list[str], groups: list[str], said: str
) -> None:
    placed = {"subnets": subnets, "securityGroups": groups}
    configuration = {"networkMode": mode, "networkModeConfig": placed}
    agent = Agent.of(runtime_answer(networkConfiguration=configuration))
    network = changed()
    verdicts = [
        reaches(network, agent, *CALLS),
        reaches_internet(network, agent),
        unreachable_from_internet(network, agent),
        stays_inside(network, agent),
        admits_only(network, agent, "logs"),
        refuses(network, agent, WRITE_LOGS),
    ]
    assert verdicts == [[said]] * len(verdicts)


def test_an_agent_is_in_a_vpc_that_is_there() -> None:
    network = changed(drop("vpcs", "vpc-1"))
    assert reaches(network, AGENT, *CALLS) == ["vpc-1 does not exist"]


def test_an_agent_of_another_region_is_in_no_network() -> None:
    arn = AGENT.arn.replace("us-east-1", "us-west-2")
    agent = Agent.of(runtime_answer(agentRuntimeArn=arn))
    assert reaches(changed(), agent, *CALLS) == [
        "assistant-a1b2c3d4e5 is in us-west-2, the network in us-east-1"
    ]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.service)
def test_without_a_dns_server_that_knows_it_no_service_is_found(call: Call) -> None:
    network = changed(set_dns("vpc-1", support=False))
    assert reaches(network, AGENT, call) == ["DNS support of vpc-1 is off"]


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("*", []),
        (LOG_STREAM.replace(ACCOUNT, "222222222222"), ["does not let"]),
        ("arn:aws:logs:::a", ["is not known to let", "for it asks for aws:ResourceAccount"]),
    ],
)
def test_a_resource_is_of_the_account_that_its_arn_tells(resource: str, said: list[str]) -> None:
    """An action without a resource is the caller's own."""
    found = reaches(changed(), AGENT, Call("logs", "logs:DescribeLogGroups", resource, ROLE))
    assert len(found) == bool(said)
    assert [part for part in said if part not in found[0]] == []


def test_only_what_leaves_a_policy_undecided_is_said_to_be_asked_for() -> None:
    denied = f"the policy of vpce-logs does not let {ROLE} do logs:PutLogEvents on {LOG_STREAM}"
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    elsewhere = statement("Allow", WRITE_LOGS, Action="logs:GetLogEvents", Condition=condition)
    network = changed(with_policy("vpce-logs", elsewhere))
    assert reaches(network, AGENT, WRITE_LOGS) == [denied]
    of_somebody = statement("Allow", WRITE_LOGS, Principal={"AWS": "AROAEXAMPLE"})
    network = changed(with_policy("vpce-logs", of_somebody))
    assert reaches(network, AGENT, WRITE_LOGS) == [
        denied.replace("does not let", "is not known to let")
    ]
