"""Broken networks, each one step from a whole one and from a twin that is whole as well."""

import pytest

from tests.reachability.changes import (
    Change,
    add,
    add_entries,
    add_route,
    all_of,
    changed,
    drop,
    drop_route,
    let_out_only,
    second_logs_endpoint,
    set_dns,
    unassociate,
    update,
    update_route,
    with_policy,
)
from tests.reachability.sample_network import (
    ACCOUNT,
    AGENT,
    CALLS,
    LAYERS,
    LOG_STREAM,
    PULL_LAYER,
    ROLE,
    WRITE_LOGS,
    dhcp_options,
    entry,
    interface,
    route,
    rule,
    statement,
    subnet,
)
from tests.reachability.verdicts import reaches, unreachable_from_internet

# What breaks the network, all that is found then, and what is like it and breaks nothing.
Row = tuple[Change, set[str], Change]

BLOCKS = "3.5.0.0/19, 52.216.0.0/15"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/other"
PROPAGATED = "EnableVgwRoutePropagation"
DKR = "com.amazonaws.us-east-1.ecr.dkr"
WRITES = f"{ROLE} do logs:PutLogEvents on {LOG_STREAM}"
PULLS = f"a caller it does not know do s3:GetObject on {LAYERS}/a/layer"
AGENTS_ONLY = "no ingress rule of sg-endpoints admits TCP 443 from"
NO_RULE_FOR_S3 = f"no egress rule of sg-agents admits TCP 443 to {BLOCKS} of pl-s3"


def by_block(identifier: str, block: str) -> Change:
    """Let a rule refer to a block instead of a group."""
    return update("security_group_rules", identifier, ReferencedGroupInfo=None, CidrIpv4=block)


ROUTES: dict[str, Row] = {
    "a blackhole": (
        update_route("rtb-a", "vpce-s3", State="blackhole"),
        {f"rtb-a of subnet-a sends {BLOCKS} into a blackhole: vpce-s3"},
        add_route("rtb-a", route("172.31.0.0/16", "pcx-1", State="blackhole")),
    ),
    "S3 on another table": (
        all_of(drop_route("rtb-a", "vpce-s3"), add_route("rtb-main", route("pl-s3", "vpce-s3"))),
        {f"rtb-a of subnet-a has no route for {BLOCKS} to vpce-s3"},
        add_route("rtb-main", route("pl-s3", "vpce-s3")),
    ),
    "a subnet on the main table": (
        unassociate("rtb-a"),
        {f"rtb-main of subnet-a has no route for {BLOCKS} to vpce-s3"},
        all_of(unassociate("rtb-a"), add_route("rtb-main", route("pl-s3", "vpce-s3"))),
    ),
    "a subnet without a table": (
        all_of(unassociate("rtb-a"), drop("route_tables", "rtb-main")),
        {
            f"the missing table of subnet-a has no route for {BLOCKS} to vpce-s3",
            *(
                f"the missing table of subnet-a has no route for {bound} inside the VPC"
                for bound in ("10.0.0.10", "10.0.0.12", "10.0.1.10", "10.0.1.12")
            ),
            *(
                f"the missing table of subnet-a has no route for {block} inside the VPC"
                for block in ("10.0.0.0/24", "10.0.1.0/24")
            ),
        },
        drop("route_tables", "rtb-main"),
    ),
    "a more specific route away from S3": (
        add_route("rtb-a", route("3.5.0.0/20", "pcx-1")),
        {"rtb-a of subnet-a sends 3.5.0.0/20 to pcx-1, not to vpce-s3"},
        add_route("rtb-a", route("3.5.0.0/18", "pcx-1")),
    ),
    "a static route beside that of the prefix list": (
        add_route("rtb-a", route("3.5.0.0/19", "tgw-1")),
        {"rtb-a of subnet-a sends 3.5.0.0/19 to tgw-1, not to vpce-s3"},
        add_route("rtb-a", route("3.5.0.0/19", "vgw-1", Origin=PROPAGATED)),
    ),
    "a more specific route than the local one": (
        add_route("rtb-a", route("10.0.1.0/24", "eni-middlebox")),
        {
            f"rtb-a of subnet-a sends {bound} to eni-middlebox, not inside the VPC"
            for bound in ("10.0.1.10", "10.0.1.12", "10.0.1.0/24")
        },
        add_route("rtb-a", route("10.0.1.0/24", "vgw-1", Origin=PROPAGATED)),
    ),
    "another way back from the endpoints": (
        add_route("rtb-b", route("10.0.0.128/25", "pcx-1")),
        {"rtb-b of subnet-b sends 10.0.0.128/25 to pcx-1, not inside the VPC"},
        add_route("rtb-b", route("10.2.0.0/16", "pcx-1")),
    ),
}

GROUPS: dict[str, Row] = {
    "no rule for S3": (
        drop("security_group_rules", "sgr-to-s3"),
        {NO_RULE_FOR_S3},
        all_of(
            drop("security_group_rules", "sgr-to-s3"),
            add(
                "security_group_rules",
                rule("sgr-1", "sg-agents", "3.5.0.0/16", 443, egress=True),
                rule("sgr-2", "sg-agents", "52.216.0.0/16", 443, egress=True),
                rule("sgr-3", "sg-agents", "52.217.0.0/16", 0, 65535, egress=True),
            ),
        ),
    ),
    "another prefix list": (
        update("security_group_rules", "sgr-to-s3", PrefixListId="pl-other"),
        {"no egress rule of sg-agents admits TCP 443 to 3.5.0.0/19 of pl-s3"},
        add("security_group_rules", rule("sgr-1", "sg-agents", "pl-other", 443, egress=True)),
    ),
    "egress to another port": (
        update("security_group_rules", "sgr-to-endpoints", FromPort=80, ToPort=80),
        {
            "no egress rule of sg-agents admits TCP 443 to 10.0.0.10, 10.0.1.10 of vpce-logs",
            "no egress rule of sg-agents admits TCP 443 to 10.0.0.12, 10.0.1.12 of vpce-dkr",
        },
        update("security_group_rules", "sgr-to-endpoints", FromPort=80, ToPort=443),
    ),
    "egress of another protocol": (
        update("security_group_rules", "sgr-to-s3", IpProtocol="udp"),
        {NO_RULE_FOR_S3},
        update("security_group_rules", "sgr-to-s3", IpProtocol="-1", FromPort=-1, ToPort=-1),
    ),
    "egress over IPv6 alone": (
        update("security_group_rules", "sgr-to-s3", PrefixListId=None, CidrIpv6="::/0"),
        {NO_RULE_FOR_S3},
        add(
            "security_group_rules",
            {**rule("sgr-1", "sg-agents", "pl-s3", 443, egress=True), "PrefixListId": None},
        ),
    ),
    "egress of another group": (
        update("security_group_rules", "sgr-to-s3", GroupId="sg-others"),
        {NO_RULE_FOR_S3},
        update("security_group_rules", "sgr-to-s3", IpProtocol="6"),
    ),
    "egress to the interfaces of one zone": (
        by_block("sgr-to-endpoints", "10.0.0.0/24"),
        {
            "no egress rule of sg-agents admits TCP 443 to 10.0.1.10 of vpce-logs",
            "no egress rule of sg-agents admits TCP 443 to 10.0.1.12 of vpce-dkr",
        },
        by_block("sgr-to-endpoints", "10.0.0.0/23"),
    ),
    "an endpoint that admits another group": (
        update(
            "security_group_rules", "sgr-from-agents", ReferencedGroupInfo={"GroupId": "sg-others"}
        ),
        {f"{AGENTS_ONLY} 10.0.0.0/23 of sg-agents"},
        add("security_group_rules", rule("sgr-1", "sg-endpoints", "sg-others", 443, egress=False)),
    ),
    "an endpoint that admits one subnet": (
        by_block("sgr-from-agents", "10.0.0.0/24"),
        {f"{AGENTS_ONLY} 10.0.1.0/24 of sg-agents"},
        by_block("sgr-from-agents", "10.0.0.0/23"),
    ),
    "an interface without the endpoint's group": (
        update("network_interfaces", "eni-logs-b", Groups=[{"GroupId": "sg-others"}]),
        {
            "no egress rule of sg-agents admits TCP 443 to 10.0.1.10 of vpce-logs",
            "no ingress rule of sg-endpoints, sg-others admits TCP 443 from 10.0.0.0/23 of "
            "sg-agents",
        },
        update(
            "network_interfaces",
            "eni-logs-b",
            Groups=[{"GroupId": "sg-others"}, {"GroupId": "sg-endpoints"}],
        ),
    ),
}

ACLS: dict[str, Row] = {
    "out of the agents' subnet": (
        add_entries("acl-a", entry(90, "deny", "10.0.1.10/32", 443, egress=True)),
        {"rule 90 of acl-a at subnet-a denies TCP 443 out to 10.0.1.10"},
        add_entries("acl-a", entry(110, "deny", "10.0.1.10/32", 443, egress=True)),
    ),
    "into the endpoints' subnet": (
        add_entries("acl-b", entry(90, "deny", "10.0.0.128/25", 443, egress=False)),
        {"rule 90 of acl-b at subnet-b denies TCP 443 in from 10.0.0.128/25"},
        add_entries("acl-b", entry(90, "deny", "10.0.0.128/25", 22, egress=False)),
    ),
    "answers out of the endpoints' subnet": (
        add_entries("acl-b", entry(90, "deny", "10.0.0.0/24", 32768, 60999, egress=True)),
        {"rule 90 of acl-b at subnet-b denies TCP 32768-60999 out to 10.0.0.0/24"},
        add_entries("acl-b", entry(90, "deny", "10.0.0.0/24", 1, 442, egress=True)),
    ),
    "answers into the agents' subnet": (
        add_entries("acl-a", entry(90, "deny", "3.5.0.0/19", 1024, 65535, egress=False)),
        {"rule 90 of acl-a at subnet-a denies TCP 1024-65535 in from 3.5.0.0/19"},
        add_entries(
            "acl-a", entry(90, "deny", "3.5.0.0/19", 1024, 65535, egress=False, Protocol="17")
        ),
    ),
    "a denial before the permission": (
        add_entries(
            "acl-a",
            entry(95, "allow", "3.5.0.0/19", 443, egress=True),
            entry(90, "deny", "3.0.0.0/8", egress=True),
        ),
        {"rule 90 of acl-a at subnet-a denies TCP 443 out to 3.5.0.0/19"},
        add_entries(
            "acl-a",
            entry(90, "deny", "3.0.0.0/8", egress=True),
            entry(85, "allow", "3.5.0.0/19", 443, egress=True),
        ),
    ),
    "what no rule names": (
        let_out_only("acl-a", "10.0.0.0/16", "52.216.0.0/15"),
        {"rule * of acl-a at subnet-a denies TCP 443 out to 3.5.0.0/19"},
        let_out_only("acl-a", "10.0.0.0/16", "52.216.0.0/15", "3.5.0.0/20", "3.5.16.0/20"),
    ),
    "a subnet without an ACL": (
        drop("network_acls", "acl-a"),
        {"subnet-a has no network ACL"},
        drop("network_acls", "acl-public"),
    ),
    "inside a subnet": (
        add_entries("acl-a", entry(90, "deny", "10.0.1.0/24", 443, egress=True)),
        {f"rule 90 of acl-a at subnet-a denies TCP 443 out to 10.0.1.{at}" for at in (10, 12)},
        add_entries("acl-a", entry(90, "deny", "10.0.0.0/24", 443, egress=True)),
    ),
}

NAMES: dict[str, Row] = {
    "DNS support off": (
        set_dns("vpc-1", support=False),
        {"DNS support of vpc-1 is off"},
        set_dns("vpc-2", support=False),
    ),
    "DNS hostnames off": (
        set_dns("vpc-1", hostnames=False),
        {"DNS hostnames of vpc-1 are off"},
        set_dns("vpc-2", hostnames=False),
    ),
    "DNS servers of one's own": (
        update("dhcp_options", "dopt-1", **dhcp_options("10.0.0.2", "10.0.0.53")),
        {"dopt-1 gives vpc-1 the DNS servers 10.0.0.53, which do not know its private names"},
        update("dhcp_options", "dopt-1", **dhcp_options("10.0.0.2", "169.254.169.253")),
    ),
    "private DNS off": (
        update("vpc_endpoints", "vpce-logs", PrivateDnsEnabled=False),
        {"private DNS of vpce-logs is off"},
        all_of(
            update("vpc_endpoints", "vpce-logs", PrivateDnsEnabled=False),
            second_logs_endpoint(PolicyDocument=None),
        ),
    ),
    "a private name that is no wildcard": (
        update(
            "endpoint_services",
            DKR,
            PrivateDnsNames=[{"PrivateDnsName": "dkr.ecr.us-east-1.amazonaws.com"}],
        ),
        {f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com is no private name of vpce-dkr"},
        update("endpoint_services", DKR, PrivateDnsNames=[]),
    ),
}

ENDPOINTS: dict[str, Row] = {
    "missing": (
        drop("vpc_endpoints", "vpce-logs"),
        {"vpc-1 has no interface endpoint of logs"},
        all_of(drop("vpc_endpoints", "vpce-logs"), second_logs_endpoint(PolicyDocument=None)),
    ),
    "in another VPC": (
        update("vpc_endpoints", "vpce-logs", VpcId="vpc-2"),
        {"vpc-1 has no interface endpoint of logs; vpce-logs is in vpc-2"},
        second_logs_endpoint(VpcId="vpc-2"),
    ),
    "of a service named alike": (
        update("vpc_endpoints", "vpce-logs", ServiceName="com.amazonaws.us-east-1.logs-fips"),
        {"vpc-1 has no interface endpoint of logs"},
        second_logs_endpoint(ServiceName="com.amazonaws.us-east-1.logs-fips"),
    ),
    "pending": (
        update("vpc_endpoints", "vpce-logs", State="pending"),
        {"vpce-logs is pending"},
        update("vpc_endpoints", "vpce-logs", State="Available"),
    ),
    "deleted": (
        update("vpc_endpoints", "vpce-s3", State="deleted"),
        {"vpce-s3 is deleted"},
        second_logs_endpoint(State="deleted"),
    ),
    "a gateway endpoint missing": (
        drop("vpc_endpoints", "vpce-s3"),
        {"vpc-1 has no gateway endpoint of s3"},
        all_of(
            update("vpc_endpoints", "vpce-s3", VpcEndpointId="vpce-s3-2"),
            update_route("rtb-a", "vpce-s3", GatewayId="vpce-s3-2"),
            update_route("rtb-b", "vpce-s3", GatewayId="vpce-s3-2"),
        ),
    ),
    "no prefix list of the service": (
        drop("prefix_lists", "pl-s3"),
        {"no route and no rule refers to a prefix list of com.amazonaws.us-east-1.s3"},
        drop("prefix_lists", "pl-other"),
    ),
    "in one zone only": (
        update("vpc_endpoints", "vpce-logs", NetworkInterfaceIds=["eni-logs-a"]),
        {"vpce-logs has no interface in use1-az2, the zone of subnet-b"},
        all_of(
            add("subnets", subnet("subnet-c", "10.0.2.0/24", "use1-az2")),
            update("network_acls", "acl-public", Associations=[{"SubnetId": "subnet-c"}]),
            add("network_interfaces", interface("eni-c", "subnet-c", "10.0.2.10", "sg-endpoints")),
            update("vpc_endpoints", "vpce-logs", NetworkInterfaceIds=["eni-logs-a", "eni-c"]),
        ),
    ),
    "an interface that is not there": (
        drop("network_interfaces", "eni-logs-b"),
        {
            "eni-logs-b of vpce-logs is not there",
            "vpce-logs has no interface in use1-az2, the zone of subnet-b",
        },
        drop("network_interfaces", "eni-agents-b"),
    ),
    "an interface in a subnet that is not there": (
        update("network_interfaces", "eni-logs-b", SubnetId="subnet-x"),
        {
            "subnet-x of vpce-logs is not there",
            "vpce-logs has no interface in use1-az2, the zone of subnet-b",
        },
        update("network_interfaces", "eni-agents-b", SubnetId="subnet-x"),
    ),
    "an interface that is not in use": (
        update("network_interfaces", "eni-logs-b", Status="pending"),
        {
            "eni-logs-b of vpce-logs is pending",
            "vpce-logs has no interface in use1-az2, the zone of subnet-b",
        },
        update("network_interfaces", "eni-agents-b", Status="available"),
    ),
}

POLICIES: dict[str, Row] = {
    "another principal": (
        with_policy("vpce-logs", statement("Allow", WRITE_LOGS, Principal={"AWS": OTHER_ROLE})),
        {f"the policy of vpce-logs does not let {WRITES}"},
        with_policy("vpce-logs", statement("Allow", WRITE_LOGS, Principal={"AWS": ROLE})),
    ),
    "the principal denied": (
        with_policy(
            "vpce-logs",
            statement("Allow", WRITE_LOGS),
            statement("Deny", WRITE_LOGS, Principal={"AWS": [OTHER_ROLE, ROLE]}),
        ),
        {f"the policy of vpce-logs does not let {WRITES}"},
        with_policy(
            "vpce-logs",
            statement("Allow", WRITE_LOGS),
            statement("Deny", WRITE_LOGS, Principal={"AWS": OTHER_ROLE}),
        ),
    ),
    "without the action": (
        with_policy("vpce-logs", statement("Allow", WRITE_LOGS, Action=["logs:CreateLogStream"])),
        {f"the policy of vpce-logs does not let {WRITES}"},
        with_policy("vpce-logs", statement("Allow", WRITE_LOGS, Action=["logs:Put*"])),
    ),
    "of another account": (
        with_policy(
            "vpce-logs",
            statement(
                "Allow",
                WRITE_LOGS,
                Condition={"StringEquals": {"aws:PrincipalAccount": "222222222222"}},
            ),
        ),
        {f"the policy of vpce-logs does not let {WRITES}"},
        with_policy(
            "vpce-logs",
            statement(
                "Allow", WRITE_LOGS, Condition={"StringEquals": {"aws:SourceVpce": "vpce-logs"}}
            ),
        ),
    ),
    "with a condition that is not known": (
        with_policy(
            "vpce-logs",
            statement(
                "Allow", WRITE_LOGS, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
            ),
        ),
        {
            f"the policy of vpce-logs is not known to let {WRITES}, for it asks for "
            "aws:PrincipalOrgID"
        },
        with_policy(
            "vpce-logs",
            statement("Allow", WRITE_LOGS, Condition={"Null": {"aws:PrincipalArn": False}}),
        ),
    ),
    "S3 without the layer bucket": (
        with_policy("vpce-s3", statement("Allow", PULL_LAYER, Resource="arn:aws:s3:::mine/*")),
        {f"the policy of vpce-s3 does not let {PULLS}"},
        with_policy(
            "vpce-s3",
            statement("Allow", PULL_LAYER, Resource=["arn:aws:s3:::mine/*", f"{LAYERS}/*"]),
        ),
    ),
    "S3 for the account alone": (
        with_policy(
            "vpce-s3",
            statement(
                "Allow",
                PULL_LAYER,
                Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
            ),
        ),
        {
            f"the policy of vpce-s3 is not known to let {PULLS}, for it asks for "
            "aws:PrincipalAccount"
        },
        with_policy(
            "vpce-s3",
            statement("Allow", PULL_LAYER, Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
        ),
    ),
}

INTERNET: dict[str, Row] = {
    "a public subnet": (
        add_route("rtb-a", route("0.0.0.0/0", "igw-1")),
        {"rtb-a of subnet-a leads to igw-1: the subnet is public"},
        add_route("rtb-a", route("0.0.0.0/0", "nat-1")),
    ),
    "a public subnet over IPv6": (
        add_route("rtb-a", {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"}),
        {"rtb-a of subnet-a leads to igw-1: the subnet is public"},
        add_route("rtb-a", {"DestinationIpv6CidrBlock": "fd00::/56", "GatewayId": "local"}),
    ),
    "a public subnet by the main table": (
        all_of(
            unassociate("rtb-b"),
            add_route("rtb-main", route("pl-s3", "vpce-s3"), route("0.0.0.0/0", "igw-1")),
        ),
        {"rtb-main of subnet-b leads to igw-1: the subnet is public"},
        add_route("rtb-main", route("0.0.0.0/0", "igw-1")),
    ),
    "a public address": (
        update("network_interfaces", "eni-agents-a", Association={"PublicIp": "203.0.113.9"}),
        {"eni-agents-a has the public address 203.0.113.9"},
        add(
            "network_interfaces",
            {
                **interface("eni-nat", "subnet-public", "10.0.128.9"),
                "Association": {"PublicIp": "203.0.113.9"},
            },
        ),
    ),
    "a public address of a second private one": (
        update(
            "network_interfaces",
            "eni-agents-a",
            PrivateIpAddresses=[
                {"Primary": True, "PrivateIpAddress": "10.0.0.20"},
                {"PrivateIpAddress": "10.0.0.21", "Association": {"PublicIp": "203.0.113.9"}},
            ],
        ),
        {"eni-agents-a has the public address 203.0.113.9"},
        update(
            "network_interfaces",
            "eni-agents-a",
            PrivateIpAddresses=[
                {"Primary": True, "PrivateIpAddress": "10.0.0.20"},
                {"PrivateIpAddress": "10.0.0.21"},
            ],
        ),
    ),
    "a subnet that gives public addresses": (
        update("subnets", "subnet-b", MapPublicIpOnLaunch=True),
        {"subnet-b gives a public address to what is launched in it"},
        update("subnets", "subnet-public", MapPublicIpOnLaunch=True),
    ),
    "an ingress rule": (
        add("security_group_rules", rule("sgr-1", "sg-agents", "0.0.0.0/0", 443, egress=False)),
        {"sgr-1 of sg-agents admits TCP 443 from 0.0.0.0/0"},
        add("security_group_rules", rule("sgr-1", "sg-others", "0.0.0.0/0", 443, egress=False)),
    ),
    "ingress of a protocol without ports": (
        add(
            "security_group_rules",
            {**rule("sgr-1", "sg-agents", "0.0.0.0/0", -1, egress=False), "IpProtocol": "icmp"},
        ),
        {"sgr-1 of sg-agents admits ICMP from 0.0.0.0/0"},
        add(
            "security_group_rules",
            {**rule("sgr-1", "sg-agents", "0.0.0.0/0", -1, egress=True), "IpProtocol": "icmp"},
        ),
    ),
    "ingress over IPv6 and from a prefix list": (
        all_of(
            add(
                "security_group_rules",
                {
                    **rule("sgr-1", "sg-agents", "::/0", 0, 65535, egress=False),
                    "CidrIpv4": None,
                    "CidrIpv6": "::/0",
                },
                rule("sgr-2", "sg-agents", "pl-other", 443, egress=False),
            ),
        ),
        {
            "sgr-1 of sg-agents admits TCP 0-65535 from ::/0",
            "sgr-2 of sg-agents admits TCP 443 from pl-other",
        },
        add("security_group_rules", rule("sgr-2", "sg-others", "pl-other", 443, egress=False)),
    ),
}

KINDS = {
    "routes": ROUTES,
    "groups": GROUPS,
    "ACLs": ACLS,
    "names": NAMES,
    "endpoints": ENDPOINTS,
    "policies": POLICIES,
    "internet": INTERNET,
}
ROWS = [
    pytest.param(*row, id=f"{kind}: {name}")
    for kind, rows in KINDS.items()
    for name, row in rows.items()
]


def findings(*changes: Change) -> set[str]:
    """All that keeps the agent from its calls, or lets the internet in."""
    network = changed(*changes)
    return {*reaches(network, AGENT, *CALLS), *unreachable_from_internet(network, AGENT)}


def test_in_the_network_written_by_hand_nothing_is_found() -> None:
    assert findings() == set()


@pytest.mark.parametrize(("broken", "said", "twin"), ROWS)
def test_what_breaks_a_network_is_all_that_is_found(
    broken: Change, said: set[str], twin: Change
) -> None:
    assert findings(broken) == said
    assert findings(twin) == set(), "what is like it breaks nothing"
