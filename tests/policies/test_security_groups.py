import ipaddress
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.group_rules import STANDALONE, is_anywhere
from agentcore_policies.model import SECRET, UNKNOWN, Options, Resource
from agentcore_policies.rule import Finding
from agentcore_policies.rules.security_groups import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts
from tests.policies.small_network import AWS, NATIVE, Ref, SmallNetwork

FORMS: Final = (AWS, NATIVE)
STACK_RULES: Final = [rule.id for rule in RULES if rule.check_stack]
GROUPS: Final = "networkConfiguration.networkModeConfig.securityGroups"
AWS_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
DEFAULT: Final = AWS["default group"]
# Every way to say one rule: its type, where it stands, the name of its block of addresses.
SPELLINGS: Final = (
    (AWS["group"], "inline", "cidrBlocks"),
    (AWS["group"], "inline", "ipv6CidrBlocks"),
    (DEFAULT, "inline", "cidrBlocks"),
    (DEFAULT, "inline", "ipv6CidrBlocks"),
    (AWS_RULE, "typed", "cidrBlocks"),
    (AWS_RULE, "typed", "ipv6CidrBlocks"),
    ("aws", "own", "cidrIpv4"),
    ("aws", "own", "cidrIpv6"),
    (NATIVE["group"], "inline", "cidrIp"),
    (NATIVE["group"], "inline", "cidrIpv6"),
    ("aws-native", "own", "cidrIp"),
    ("aws-native", "own", "cidrIpv6"),
)

in_every_form = pytest.mark.parametrize("types", FORMS)
in_every_phase = pytest.mark.parametrize("preview", [True, False])
in_every_spelling = pytest.mark.parametrize("spelling", SPELLINGS, ids=" ".join)


def said(rule: str, subject: Any, **settings: object) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, subject, **settings))


def spelled(
    spelling: tuple[str, str, str], direction: str, cidr: Any, **entry: Any
) -> tuple[Resource, str]:
    """A rule in one of its spellings, and the path of its block of addresses."""
    kind, place, name = spelling
    is_list = name.endswith("Blocks")
    protocol = entry.pop("protocol", "tcp")
    is_native = kind.startswith("aws-native")
    given = {
        "protocol" if is_list else "ipProtocol": protocol,
        "fromPort": 443.0,
        "toPort": 443.0,
        "description": "for tests",
        **entry,
        name: [cidr] if is_list else cidr,
    }
    path = f"{name}[0]" if is_list else name
    if place == "own":
        forms = NATIVE if is_native else AWS
        return resource(forms[direction], given), path
    if place == "typed":
        return resource(kind, {**given, "type": direction}), path
    block = f"securityGroup{direction.capitalize()}" if is_native else direction
    about = "groupDescription" if is_native else "description"
    other = {"securityGroupEgress": [CLOSED]} if is_native and direction == "ingress" else {}
    return resource(kind, {about: "for tests", **other, block: [given]}), f"{block}[0].{path}"


CLOSED: Final = {"ipProtocol": "-1", "cidrIp": "127.0.0.1/32", "description": "nothing"}


@in_every_spelling
@pytest.mark.parametrize(
    ("ipv4", "ipv6", "found"),
    [
        ("0.0.0.0/0", "::/0", finding),
        ("0.0.0.0/1", "::/1", finding),
        ("128.0.0.0/1", "8000::/1", finding),
        ("1.2.3.4/0", "2000::/3", finding),
        ("64.0.0.0/7", "2a00::/15", finding),
        ("203.0.113.0/24", "2001:db8::/32", []),
        ("10.0.0.0/8", "fd00::/8", []),
        ("10.0.0.0/7", "fc00::/6", finding),
        ("any", "any", finding),
        ("0/0", "::/", finding),
        ("000.0.0.0/0", "0:/0", finding),
        ("0.0.0.0/ 0", "::/ 0", finding),
        ("0.0.0.0/33", "::/129", finding),
        (UNKNOWN, UNKNOWN, not_checked),
        (SECRET, SECRET, not_checked),
        (None, None, []),
        ("", "", []),
    ],
)
def test_nothing_comes_in_from_the_internet(
    spelling: tuple[str, str, str], ipv4: Any, ipv6: Any, found: Any
) -> None:
    cidr = ipv6 if "6" in spelling[2] else ipv4
    rule, path = spelled(spelling, "ingress", cidr)
    assert said("security-group-ingress-open", rule) == (found and found(path))
    out, _ = spelled(spelling, "egress", cidr)
    assert said("security-group-ingress-open", out) == [], "egress is another rule's"


@pytest.mark.parametrize("kind", [AWS["group"], DEFAULT, NATIVE["group"]])
def test_inline_rules_that_nobody_knows_are_said_to_be_unchecked(kind: str) -> None:
    block = "securityGroupIngress" if kind == NATIVE["group"] else "ingress"
    rule = "security-group-ingress-open"
    assert said(rule, resource(kind, {block: UNKNOWN})) == not_checked(block)
    assert said(rule, resource(kind, {block: [UNKNOWN]})) == not_checked(f"{block}[0]")
    for nothing in ({}, {block: None}, {block: ()}):
        assert said(rule, resource(kind, nothing)) == []


def test_a_rule_of_unknown_direction_is_said_to_be_unchecked() -> None:
    rule = resource(AWS_RULE, {"type": UNKNOWN, "cidrBlocks": ["0.0.0.0/0"]})
    for each in ("security-group-ingress-open", "security-group-egress-open"):
        assert said(each, rule) == not_checked("type")


@given(st.integers(min_value=0, max_value=2**32 - 1), st.integers(min_value=0, max_value=7))
def test_the_internet_cannot_be_split_into_allowed_parts(address: int, prefix: int) -> None:
    block = ipaddress.ip_network((address, prefix), strict=False)
    assert is_anywhere(str(block)), "sixty such blocks could be everything"


@given(st.integers(min_value=0, max_value=2**32 - 1), st.integers(min_value=8, max_value=32))
def test_smaller_blocks_are_somebodys(address: int, prefix: int) -> None:
    assert not is_anywhere(str(ipaddress.ip_network((address, prefix), strict=False)))


@in_every_spelling
@pytest.mark.parametrize(
    ("entry", "is_refused"),
    [
        ({"protocol": "-1"}, True),
        ({"protocol": "all"}, True),
        ({"protocol": -1.0}, True),
        ({"fromPort": 0.0, "toPort": 65535.0}, True),
        ({"fromPort": 442.0, "toPort": 443.0}, True),
        ({"fromPort": 80.0, "toPort": 80.0}, True),
        ({"fromPort": None, "toPort": None}, True),
        ({"protocol": "icmp"}, True),
        ({"protocol": "icmp", "fromPort": 8.0, "toPort": 0.0}, True),
        ({"protocol": "icmpv6", "fromPort": -1.0, "toPort": -1.0}, True),
        ({"protocol": "47"}, True),
        ({"protocol": 50.0}, True),
        ({"fromPort": 444.0, "toPort": 443.0}, True),
        ({"protocol": "udp"}, False),
        ({"protocol": "17"}, False),
        ({"protocol": 6.0}, False),
        ({}, False),
    ],
)
def test_only_few_ports_lead_everywhere(
    spelling: tuple[str, str, str],
    entry: dict[str, Any],
    is_refused: bool,  # noqa: FBT001
) -> None:
    anywhere = "::/0" if "6" in spelling[2] else "0.0.0.0/0"
    rule, path = spelled(spelling, "egress", anywhere, **entry)
    assert said("security-group-egress-open", rule) == (finding(path) if is_refused else [])
    near = "2001:db8::/32" if "6" in spelling[2] else "10.0.0.0/16"
    rule, _ = spelled(spelling, "egress", near, **entry)
    assert said("security-group-egress-open", rule) == [], "it leads somewhere"
    rule, _ = spelled(spelling, "ingress", anywhere, **entry)
    assert said("security-group-egress-open", rule) == [], "ingress is another rule's"


@in_every_spelling
def test_the_ports_that_lead_everywhere_are_config(spelling: tuple[str, str, str]) -> None:
    anywhere = "::/0" if "6" in spelling[2] else "0.0.0.0/0"
    rule, path = spelled(spelling, "egress", anywhere)
    assert said("security-group-egress-open", rule, ports=[]) == finding(path)
    rule, _ = spelled(spelling, "egress", anywhere, fromPort=80.0, toPort=81.0)
    assert said("security-group-egress-open", rule, ports=[80, 81]) == []


EVERYTHING: Final = {"protocol": "-1", "fromPort": None, "toPort": None}
OPEN_EGRESS: Final = "security-group-egress-open"


@in_every_spelling
@pytest.mark.parametrize(
    ("ipv4", "ipv6", "is_refused"),
    [
        ("3.0.0.0/8", "2600::/16", True),
        ("3.128.0.0/9", "2600:1f00::/24", True),
        ("52.2.0.0/15", "2600:1f14::/31", True),
        ("52.2.0.0/16", "2600:1f14::/32", False),
        ("172.16.0.0/11", "fc00::/6", True),
        ("172.16.0.0/12", "fc00::/7", False),
        ("198.16.0.0/14", "fe80::/9", True),
        ("198.18.0.0/15", "fe80::/10", False),
        ("10.0.0.0/8", "fd00::/8", False),
    ],
)
def test_not_everything_leads_to_a_public_block_that_is_more_than_a_network(
    spelling: tuple[str, str, str],
    ipv4: str,
    ipv6: str,
    is_refused: bool,  # noqa: FBT001
) -> None:
    cidr = ipv6 if "6" in spelling[2] else ipv4
    rule, path = spelled(spelling, "egress", cidr, **EVERYTHING)
    assert said(OPEN_EGRESS, rule) == (finding(path) if is_refused else [])
    rule, _ = spelled(spelling, "egress", cidr)
    assert said(OPEN_EGRESS, rule) == [], "443 may lead everywhere"


@in_every_spelling
@pytest.mark.parametrize(
    ("entry", "is_refused"),
    [
        ({"protocol": "all"}, True),
        ({"protocol": "47"}, True),
        ({"protocol": "icmp", "fromPort": 8.0, "toPort": 0.0}, True),
        ({"fromPort": None, "toPort": None}, True),
        ({"fromPort": 0.0, "toPort": 65535.0}, True),
        ({"protocol": "udp", "fromPort": 1.0, "toPort": 65535.0}, True),
        ({"fromPort": 9000.0, "toPort": 10024.0}, True),
        ({"fromPort": 9000.0, "toPort": 10023.0}, False),
        ({"protocol": "udp", "fromPort": 0.0, "toPort": 1023.0}, False),
        ({"fromPort": 5432.0, "toPort": 5432.0}, False),
        ({"fromPort": 5432.0, "toPort": 5431.0}, True),
        ({"fromPort": -1.0, "toPort": -1.0}, True),
    ],
)
def test_few_ports_lead_to_a_great_public_block(
    spelling: tuple[str, str, str],
    entry: dict[str, Any],
    is_refused: bool,  # noqa: FBT001
) -> None:
    great, small = ("2600::/16", "2600::/32") if "6" in spelling[2] else ("3.0.0.0/8", "3.0.0.0/16")
    rule, path = spelled(spelling, "egress", great, **entry)
    assert said(OPEN_EGRESS, rule) == (finding(path) if is_refused else [])
    rule, _ = spelled(spelling, "egress", small, **entry)
    assert said(OPEN_EGRESS, rule) == []
    rule, _ = spelled(spelling, "ingress", great, **entry)
    assert said(OPEN_EGRESS, rule) == [], "ingress is another rule's"


@in_every_spelling
def test_how_great_a_public_block_may_be_is_config(spelling: tuple[str, str, str]) -> None:
    settings = ("minimumPublicPrefixIpv4", "minimumPublicPrefixIpv6")
    own, other = reversed(settings) if "6" in spelling[2] else settings
    rule, path = spelled(
        spelling, "egress", "2600::/20" if own[-1] == "6" else "3.0.0.0/10", **EVERYTHING
    )
    assert said(OPEN_EGRESS, rule) == finding(path)
    assert said(OPEN_EGRESS, rule, **{other: 8}) == finding(path)
    assert said(OPEN_EGRESS, rule, **{own: 10 if own[-1] == "4" else 20}) == []
    assert said(OPEN_EGRESS, rule, **{own: 11 if own[-1] == "4" else 21}) == finding(path)
    rule, path = spelled(
        spelling, "egress", "::/1" if own[-1] == "6" else "0.0.0.0/1", **EVERYTHING
    )
    assert said(OPEN_EGRESS, rule, **{own: 0}) == finding(path), "half of it is everywhere"


@pytest.mark.parametrize("prefix", range(1, 17))
def test_the_internet_in_pieces_is_the_internet(prefix: int) -> None:
    pieces = [*islice(ipaddress.IPv4Network("0.0.0.0/0").subnets(new_prefix=prefix), 60)]
    entry = {"protocol": "-1", "cidrBlocks": [*map(str, pieces)]}
    group = resource(AWS["group"], {"egress": [entry]})
    assert said(OPEN_EGRESS, group) == [
        ("finding", f"egress[0].cidrBlocks[{index}]")
        for index, one in enumerate(pieces)
        if prefix < 16 and not one.subnet_of(ipaddress.IPv4Network("10.0.0.0/8"))
    ]


def test_a_block_that_leads_nowhere_hides_no_other() -> None:
    for first, told_of_it in (
        (UNKNOWN, not_checked("egress[0].cidrBlocks[0]")),
        ("any", finding("egress[0].cidrBlocks[0]")),
        ("", []),
        ("10.0.0.0/8", []),
        ("3.0.0.0/16", []),
    ):
        entry = {"protocol": "-1", "cidrBlocks": [first, "3.0.0.0/8", "0.0.0.0/0"]}
        group = resource(AWS["group"], {"egress": [entry]})
        others = [*finding("egress[0].cidrBlocks[1]"), *finding("egress[0].cidrBlocks[2]")]
        assert said(OPEN_EGRESS, group) == [*told_of_it, *others]


def test_a_message_says_what_may_lead_where() -> None:
    for cidr, prefix in (("3.0.0.0/8", 16), ("2600::/16", 32)):
        name = "cidrIpv6" if ":" in cidr else "cidrIpv4"
        rule = resource(AWS["egress"], {name: cidr, "ipProtocol": "-1"})
        (found,) = verdicts(RULES, OPEN_EGRESS, rule)
        assert isinstance(found, Finding)
        assert f"wider than /{prefix} only 443 or 1024 ports at a time may lead" in found.message
    (found,) = verdicts(RULES, OPEN_EGRESS, resource(AWS["egress"], {"cidrIpv4": "0.0.0.0/0"}))
    assert isinstance(found, Finding)
    assert "everywhere only 443 may lead" in found.message
    great = resource(AWS["egress"], {"cidrIpv4": "3.0.0.0/8", "ipProtocol": "-1"})
    (found,) = verdicts(RULES, OPEN_EGRESS, great, ports=[])
    assert isinstance(found, Finding)
    assert "only 1024 ports at a time may lead" in found.message


@in_every_spelling
@pytest.mark.parametrize("hidden", [{"fromPort": UNKNOWN}, {"protocol": UNKNOWN}])
def test_unknown_egress_is_said_to_be_unchecked(
    spelling: tuple[str, str, str], hidden: dict[str, Any]
) -> None:
    is_ipv6 = "6" in spelling[2]
    for wide in ("::/0", "2600::/16") if is_ipv6 else ("0.0.0.0/0", "3.0.0.0/8"):
        rule, _ = spelled(spelling, "egress", wide, **hidden)
        ((kind, _),) = said("security-group-egress-open", rule)
        assert kind == "not checked"
    rule, path = spelled(spelling, "egress", UNKNOWN)
    assert said("security-group-egress-open", rule) == not_checked(path)
    rule, path = spelled(spelling, "egress", "0/0")
    assert said("security-group-egress-open", rule) == finding(path), "AWS may read it otherwise"


def test_a_group_that_cloudformation_leaves_open_is_refused() -> None:
    block = "securityGroupEgress"
    nothings: tuple[dict[str, Any], ...] = ({}, {block: None}, {block: []})
    for nothing in nothings:
        assert said("security-group-egress-open", resource(NATIVE["group"], nothing)) == finding(
            block
        )
        assert said("security-group-egress-open", resource(AWS["group"], nothing)) == [], (
            "pulumi-aws takes AWS's own rule away"
        )
    closed = resource(NATIVE["group"], {block: [CLOSED]})
    assert said("security-group-egress-open", closed) == []
    hidden = resource(NATIVE["group"], {block: UNKNOWN})
    assert said("security-group-egress-open", hidden) == not_checked(block)


@in_every_spelling
@pytest.mark.parametrize("value", [None, "", " ", "Managed by Pulumi", "Managed by Terraform"])
def test_rules_say_what_they_are_for(spelling: tuple[str, str, str], value: Any) -> None:
    rule, _ = spelled(spelling, "ingress", "10.0.0.0/16", description=value)
    ((kind, path),) = said("security-group-description", rule)
    assert (kind, path.rpartition(".")[2]) == ("finding", "description")
    rule, _ = spelled(spelling, "ingress", "10.0.0.0/16")
    assert said("security-group-description", rule) == []
    rule, _ = spelled(spelling, "ingress", "10.0.0.0/16", description=UNKNOWN)
    ((kind, _),) = said("security-group-description", rule)
    assert kind == "not checked"


@in_every_form
def test_groups_say_what_they_are_for(types: Any) -> None:
    name = "description" if types is AWS else "groupDescription"
    for value in (None, "", "Managed by Pulumi"):
        group = resource(types["group"], {name: value})
        assert said("security-group-description", group) == finding(name)


@in_every_form
@in_every_phase
@pytest.mark.parametrize("rule", STACK_RULES)
def test_a_network_as_it_should_be_passes(types: Any, preview: bool, rule: str) -> None:  # noqa: FBT001
    assert said(rule, SmallNetwork(types).build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_nothing_comes_in_to_a_runtime(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-security-group-ingress"
    network = SmallNetwork(types)
    network.rule("more", "ingress", "agents", Ref("endpoints"))
    found = verdicts(RULES, rule, network.build(preview=preview))
    assert told(found) == finding("")
    assert found[0].urn == network.urn("more")
    network.remove("more")
    block = "ingress" if types is AWS else "securityGroupIngress"
    network["agents"][block] = [{"self": True, "protocol": "-1", "ipProtocol": "-1"}]
    assert said(rule, network.build(preview=preview)) == finding(f"{block}[0]")
    network["agents"][block] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == [], "the provider fills it in"
    network["agents"][block] = [UNKNOWN]
    assert said(rule, network.build(preview=preview)) == not_checked(f"{block}[0]")


@in_every_form
@in_every_phase
def test_endpoints_that_share_a_runtimes_group_are_given_their_own(
    types: Any,
    preview: bool,  # noqa: FBT001
) -> None:
    def way_out() -> str:
        (found,) = verdicts(RULES, "runtime-security-group-ingress", network.build(preview=preview))
        assert isinstance(found, Finding)
        return found.message

    network = SmallNetwork(types)
    network.rule("more", "ingress", "agents", Ref("agents"))
    assert "a group of their own" not in way_out()
    network["logs"]["securityGroupIds"] = [Ref("agents")]
    assert "a group of their own" in way_out(), "they need the rule"


@in_every_phase
def test_a_typed_rule_counts_as_well(preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(AWS)
    network.add(
        "more",
        AWS_RULE,
        type="ingress",
        securityGroupId=Ref("agents"),
        sourceSecurityGroupId=Ref("endpoints"),
        protocol="tcp",
        fromPort=443.0,
        toPort=443.0,
    )
    rule = "runtime-security-group-ingress"
    assert said(rule, network.build(preview=preview)) == finding("")
    network["more"]["type"] = "egress"
    assert said(rule, network.build(preview=preview)) == []


@in_every_form
def test_groups_that_cannot_be_placed_are_said_to_be_unchecked(types: Any) -> None:
    rule = "runtime-security-group-ingress"
    network = SmallNetwork(types)
    network["in"][network.owner] = UNKNOWN
    assert said(rule, network.build()) == not_checked("securityGroupId")
    network = SmallNetwork(types)
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["securityGroups"] = ["sg-elsewhere"]
    for each in (rule, "runtime-egress-endpoints", "runtime-egress-s3"):
        assert set(said(each, network.build())) == set(not_checked(GROUPS))
    config["securityGroups"] = [Ref("agents"), "sg-elsewhere"]
    for each in ("runtime-egress-endpoints", "runtime-egress-s3", "endpoint-admits-runtime"):
        assert said(each, network.build()) == [], "one of the groups is enough"


@in_every_form
@in_every_phase
def test_a_runtime_reaches_the_endpoints(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-egress-endpoints"
    network = SmallNetwork(types)
    network["out"].update(fromPort=80.0, toPort=80.0)
    found = verdicts(RULES, rule, network.build(preview=preview))
    assert told(found) == finding(GROUPS), "once for all endpoints of a group"
    network["out"].update(fromPort=0.0, toPort=1000.0)
    assert said(rule, network.build(preview=preview)) == []
    network["out"].update(ipProtocol="udp")
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)
    network["out"].update(ipProtocol="-1")
    assert said(rule, network.build(preview=preview)) == []
    network["out"][network.peer("egress")] = Ref("agents")
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)
    network.remove("out")
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)


@in_every_form
@in_every_phase
def test_blocks_that_hold_the_vpc_lead_to_its_endpoints(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-egress-endpoints"
    network = SmallNetwork(types)
    del network["out"][network.peer("egress")]
    name = "cidrIpv4" if types is AWS else "cidrIp"
    for cidr, expected in (
        ("10.0.0.0/16", []),
        ("0.0.0.0/0", []),
        ("10.0.0.0/17", finding(GROUPS)),
        (UNKNOWN, not_checked(GROUPS)),
    ):
        network["out"][name] = cidr
        assert said(rule, network.build(preview=preview)) == expected


def named_by(network: SmallNetwork, rule: str, direction: str, *cidrs: Any) -> None:
    """Rules like one of the network, by blocks of addresses."""
    like = network[rule]
    del like[network.peer(direction)]
    network.remove(rule)
    name = "cidrIp" if network.is_native else "cidrIpv4"
    for number, cidr in enumerate(cidrs):
        network.add(f"{rule} {number}", direction, **{**like, name: cidr})


PASSES: Final[list[tuple[str, str]]] = []
REACHES: Final = (
    ("out", "egress", "runtime-egress-endpoints", finding(GROUPS), not_checked(GROUPS)),
    (
        *("in", "ingress", "endpoint-admits-runtime"),
        *(finding("securityGroupIds"), not_checked("securityGroupIds")),
    ),
)
in_both_directions = pytest.mark.parametrize("way", REACHES, ids=lambda way: way[1])


@in_every_form
@in_every_phase
@in_both_directions
def test_blocks_that_hold_all_the_subnets_lead_there(types: Any, preview: bool, way: Any) -> None:  # noqa: FBT001
    rule, direction, judged, refused, unknown = way
    for cidrs, expected in (
        (("10.0.0.0/24", "10.0.128.0/24"), PASSES),
        (("10.0.0.0/25", "10.0.0.128/25", "10.0.128.0/23"), PASSES),
        (("10.0.0.0/24",), refused),
        (("10.0.0.0/24", "10.0.128.0/25"), refused),
        (("10.0.0.0/24", "::/0"), refused),
        (("10.0.0.0/24", UNKNOWN), unknown),
        (("10.0.0.0/16", UNKNOWN), PASSES),
        (("10.0.0.0/24", "any"), refused),
        ((), refused),
    ):
        network = SmallNetwork(types)
        named_by(network, rule, direction, *cidrs)
        assert said(judged, network.build(preview=preview)) == expected, cidrs


@in_every_form
@in_every_phase
@in_both_directions
def test_where_a_subnet_is_not_known_its_vpc_is(types: Any, preview: bool, way: Any) -> None:  # noqa: FBT001
    rule, direction, judged, refused, unknown = way
    for cidrs, expected in (
        (("10.0.0.0/16",), PASSES),
        (("10.0.0.0/24",), unknown),
        (("10.0.0.0/8",), PASSES),
        (("10.0.128.0/24",), refused),
        (("192.168.0.0/16",), refused),
    ):
        network = SmallNetwork(types)
        named_by(network, rule, direction, *cidrs)
        network["subnet use1-az2"]["cidrBlock"] = UNKNOWN
        network["vpc"]["ipv6CidrBlock"] = "2001:db8:1::/56"  # nothing goes by IPv6
        assert said(judged, network.build(preview=preview)) == expected, cidrs
        network["subnet use1-az1"]["cidrBlock"] = None
        elsewhere = refused if cidrs == ("192.168.0.0/16",) else unknown
        found = said(judged, network.build(preview=preview))
        assert found == (elsewhere if expected else []), cidrs
        network["vpc"]["cidrBlock"] = None
        assert said(judged, network.build(preview=preview)) == unknown, "a pool's block is any"


@in_every_form
@in_every_phase
@in_both_directions
def test_a_rule_for_one_of_a_vpcs_blocks_may_be_for_its_subnets(
    types: Any,
    preview: bool,  # noqa: FBT001
    way: Any,
) -> None:
    rule, direction, judged, _, unknown = way
    network = SmallNetwork(types)
    named_by(network, rule, direction, "10.0.0.0/8")
    for zone in ("use1-az1", "use1-az2"):
        network[f"subnet {zone}"]["cidrBlock"] = UNKNOWN
    assert said(judged, network.build(preview=preview)) == []
    kind = MORE_BLOCKS[0 if types is AWS else 2][1]
    network.add("more", kind, vpcId=Ref("vpc"), cidrBlock="100.64.0.0/16")
    assert said(judged, network.build(preview=preview)) == unknown


@in_every_form
@in_every_phase
@in_both_directions
def test_a_rule_on_ports_that_nobody_knows_may_lead_there(
    types: Any,
    preview: bool,  # noqa: FBT001
    way: Any,
) -> None:
    rule, direction, judged, refused, unknown = way
    network = SmallNetwork(types)
    like = network[rule]
    like["fromPort"] = UNKNOWN
    assert said(judged, network.build(preview=preview)) == unknown
    like.update(fromPort=80.0, toPort=80.0)
    assert said(judged, network.build(preview=preview)) == refused
    network.add("another", direction, **{**like, "fromPort": 443.0, "toPort": 443.0})
    assert said(judged, network.build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_another_stacks_subnets_are_not_known(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    named_by(network, "out", "egress", "10.0.0.0/24")
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["subnetIds"] = [Ref("subnet use1-az1")]
    rule = "runtime-egress-endpoints"
    assert said(rule, network.build(preview=preview)) == []
    network["logs"]["subnetIds"] = [Ref("subnet use1-az1"), "subnet-elsewhere"]
    assert said(rule, network.build(preview=preview)) == not_checked(GROUPS)
    network["logs"]["subnetIds"] = []
    assert said(rule, network.build(preview=preview)) == not_checked(GROUPS)


@in_every_phase
def test_subnets_of_an_endpoint_that_are_told_apart_are_to_be_reached(preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(AWS)
    named_by(network, "out", "egress", "10.0.0.0/24")
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["subnetIds"] = UNKNOWN
        network[service]["subnetConfigurations"] = [{"subnetId": Ref("subnet use1-az1")}]
    rule = "runtime-egress-endpoints"
    assert said(rule, network.build(preview=preview)) == []
    network["logs"]["subnetConfigurations"] = [{"subnetId": Ref("subnet use1-az2")}]
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)
    network["logs"].update(subnetIds=[Ref("subnet use1-az1")], subnetConfigurations=UNKNOWN)
    assert said(rule, network.build(preview=preview)) == []
    association = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
    more = {"vpcEndpointId": Ref("logs"), "subnetId": Ref("subnet use1-az2")}
    network.add("more", association, **more)
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)


@in_every_phase
@in_both_directions
@pytest.mark.parametrize("is_inline", [True, False])
def test_members_of_one_group_reach_each_other_by_its_own_rules(
    preview: bool,  # noqa: FBT001
    way: Any,
    is_inline: bool,  # noqa: FBT001
) -> None:
    rule, direction, judged, refused, unknown = way
    network = SmallNetwork(AWS)
    network.remove(rule)
    own: dict[str, Any] = {"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0}
    group = "agents" if rule == "out" else "endpoints"
    if is_inline:
        network[group][direction] = [own]
    else:
        network.add("own", AWS_RULE, type=direction, securityGroupId=Ref(group), **own)
        own = network["own"]
    own["self"] = True
    assert said(judged, network.build(preview=preview)) == refused, "the other is no member"
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["securityGroupIds"] = [Ref("agents"), Ref("endpoints")]
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["securityGroups"] = [Ref("endpoints"), Ref("agents")]
    assert said(judged, network.build(preview=preview)) == []
    for value, expected in (
        (False, refused),
        (None, refused),
        ("true", PASSES),
        (UNKNOWN, unknown),
    ):
        own["self"] = value
        assert said(judged, network.build(preview=preview)) == expected, value
    own.update({"self": True, "fromPort": 80.0, "toPort": 80.0})
    assert said(judged, network.build(preview=preview)) == refused


@in_every_form
@in_every_phase
@in_both_directions
def test_the_vpcs_addresses_may_be_on_a_prefix_list(types: Any, preview: bool, way: Any) -> None:  # noqa: FBT001
    rule, direction, judged, refused, unknown = way
    network = SmallNetwork(types)
    del network[rule][network.peer(direction)]
    native = {"ingress": "sourcePrefixListId", "egress": "destinationPrefixListId"}
    name = native[direction] if types is NATIVE else "prefixListId"
    network["s3"]["prefixListId"] = "pl-0a1b2c3d4e5f60718"
    for value, expected in (
        ("pl-0123456789abcdef0", unknown),
        (UNKNOWN, unknown),
        ("pl-63a5400a", refused),
        ("pl-0a1b2c3d4e5f60718", refused),
    ):
        network[rule][name] = value
        assert said(judged, network.build(preview=preview)) == expected, value


@in_every_form
@in_every_phase
def test_a_prefix_list_within_a_group_may_hold_the_vpc(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-egress-endpoints"
    network = SmallNetwork(types)
    inline: dict[str, Any] = {
        "protocol": "-1",
        "ipProtocol": "-1",
        "prefixListIds": ["pl-0123456789abcdef0"],
    }
    network.remove("out")
    block = "egress" if types is AWS else "securityGroupEgress"
    network["agents"][block] = [inline]
    assert said(rule, network.build(preview=preview)) == not_checked(GROUPS)
    inline["prefixListIds"] = [Ref("s3")]
    assert said(rule, network.build(preview=True)) == finding(GROUPS), "it is S3's"
    inline["protocol"] = inline["ipProtocol"] = "udp"
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)


@in_every_form
def test_the_prefix_list_an_endpoint_is_about_to_have_is_aws_own(types: Any) -> None:
    network = SmallNetwork(types)
    network.remove("out")
    name = "destinationPrefixListId" if types is NATIVE else "prefixListId"
    network["s3 out"][name] = Ref("s3")
    assert said("runtime-egress-endpoints", network.build(preview=True)) == finding(GROUPS)


@in_every_form
@in_every_phase
def test_a_runtime_reaches_s3(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-egress-s3"
    network = SmallNetwork(types)
    network["s3"]["prefixListId"] = UNKNOWN if preview else "pl-63a5400a"
    assert said(rule, network.build(preview=preview)) == []
    network["s3 out"].update(fromPort=80.0, toPort=80.0)
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)
    network.remove("s3 out")
    assert said(rule, network.build(preview=preview)) == finding(GROUPS)
    network.remove("s3")
    assert said(rule, network.build(preview=preview)) == [], "nothing is to be reached"


def test_another_prefix_list_is_not_s3s() -> None:
    network = SmallNetwork(AWS)
    network["s3"]["prefixListId"] = "pl-63a5400a"
    network["s3 out"]["prefixListId"] = "pl-02cd2c6b"
    assert said("runtime-egress-s3", network.build()) == finding(GROUPS)


@in_every_form
@in_every_phase
def test_endpoints_admit_the_runtime(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "endpoint-admits-runtime"
    network = SmallNetwork(types)
    network["in"][network.peer("ingress")] = Ref("endpoints")
    assert said(rule, network.build(preview=preview)) == finding("securityGroupIds")
    network["in"][network.peer("ingress")] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked("securityGroupIds")
    network.remove("in")
    assert said(rule, network.build(preview=preview)) == finding("securityGroupIds")
    block = "ingress" if types is AWS else "securityGroupIngress"
    peers = (
        {"securityGroups": [Ref("agents")]}
        if types is AWS
        else {"sourceSecurityGroupId": Ref("agents")}
    )
    protocol = "protocol" if types is AWS else "ipProtocol"
    network["endpoints"][block] = [{protocol: "tcp", "fromPort": 443.0, "toPort": 443.0, **peers}]
    assert said(rule, network.build(preview=preview)) == [], "inline it counts as well"


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cidr": "10.0.0.0/16"}, []),
        ({"cidr": "10.0.4.0/24"}, []),
        ({"cidr": "10.1.0.0/16"}, "cidr"),
        ({"cidr": "203.0.113.0/24"}, "cidr"),
        ({"cidr": "0.0.0.0/0"}, []),
        ({"cidr": "no block"}, []),
        ({"fromPort": 80.0}, ""),
        ({"ipProtocol": "-1"}, ""),
        ({"ipProtocol": "udp"}, ""),
    ],
)
def test_endpoints_admit_the_vpc_on_443_only(
    types: Any,
    preview: bool,  # noqa: FBT001
    change: dict[str, Any],
    expected: Any,
) -> None:
    network = SmallNetwork(types)
    name = "cidrIpv4" if types is AWS else "cidrIp"
    given = dict(change)
    if "cidr" in given:
        del network["in"][network.peer("ingress")]
        given = {name: given["cidr"]}
    network["in"].update(given)
    path = name if expected == "cidr" else expected
    found = said("endpoint-ingress", network.build(preview=preview))
    assert found == ([] if path == [] else finding(path))


@in_every_form
@in_every_phase
def test_endpoint_rules_that_nobody_knows_are_said_to_be_unchecked(
    types: Any,
    preview: bool,  # noqa: FBT001
) -> None:
    for name in ("fromPort", "ipProtocol"):
        network = SmallNetwork(types)
        network["in"][name] = UNKNOWN
        assert said("endpoint-ingress", network.build(preview=preview)) == not_checked("")


def test_every_block_of_a_rule_is_judged() -> None:
    blocks = ["0.0.0.0/0", "10.0.0.0/16", "10.1.0.0/16"]
    entry = {"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": blocks}
    network = SmallNetwork(AWS)
    network["endpoints"]["ingress"] = [entry]
    assert said("endpoint-ingress", network.build()) == finding("ingress[0].cidrBlocks[2]")
    way_out = {**entry, "protocol": "-1", "cidrBlocks": ["10.0.0.0/16", "0.0.0.0/0"]}
    group = resource(AWS["group"], {"egress": [way_out]})
    assert said("security-group-egress-open", group) == finding("egress[0].cidrBlocks[1]")
    hidden = {**way_out, "protocol": UNKNOWN}
    group = resource(AWS["group"], {"egress": [hidden]})
    assert said("security-group-egress-open", group) == not_checked("egress[0]")
    own = {"ipProtocol": UNKNOWN, "cidrIpv4": "0.0.0.0/0"}
    rule = resource(AWS["egress"], own)
    assert said("security-group-egress-open", rule) == not_checked("cidrIpv4")


MORE_BLOCKS: Final = (
    (AWS, "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", "cidrBlock"),
    (AWS, "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation", "ipv6CidrBlock"),
    (NATIVE, "aws-native:ec2:VpcCidrBlock", "cidrBlock"),
    (NATIVE, "aws-native:ec2:VpcCidrBlock", "ipv6CidrBlock"),
)


@in_every_phase
@pytest.mark.parametrize("more", MORE_BLOCKS, ids=lambda more: f"{more[1]} {more[2]}")
def test_a_block_that_a_vpc_is_given_later_is_its_own(preview: bool, more: Any) -> None:  # noqa: FBT001
    types, kind, name = more
    rule = "endpoint-ingress"
    block, part, other = (
        ("100.64.0.0/16", "100.64.4.0/22", "100.65.0.0/16")
        if name == "cidrBlock"
        else ("2001:db8:1::/48", "2001:db8:1:4::/64", "2001:db8:2::/48")
    )
    cidr = "cidrIpv6" if name != "cidrBlock" else "cidrIp" if types is NATIVE else "cidrIpv4"
    network = SmallNetwork(types)
    del network["in"][network.peer("ingress")]
    network["in"][cidr] = part
    assert said(rule, network.build(preview=preview)) == finding(cidr)
    network.add("more", kind, vpcId=Ref("vpc"), **{name: block})
    assert said(rule, network.build(preview=preview)) == []
    network["in"][cidr] = other
    assert said(rule, network.build(preview=preview)) == finding(cidr)
    for nothing in (None, UNKNOWN):
        network["more"][name] = nothing
        assert said(rule, network.build(preview=preview)) == not_checked(cidr), "of a pool"
    network["more"].update({name: block, "vpcId": UNKNOWN})
    network.add("one more", kind, vpcId=Ref("vpc"), **{name: block})
    network["in"][cidr] = other
    assert said(rule, network.build(preview=preview)) == not_checked(cidr)
    network["more"]["vpcId"] = "vpc-elsewhere"
    assert said(rule, network.build(preview=preview)) == finding(cidr)


@in_every_form
@in_every_phase
def test_a_block_of_two_neighbours_is_the_vpcs_own(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    cidr = "cidrIp" if types is NATIVE else "cidrIpv4"
    del network["in"][network.peer("ingress")]
    network["in"][cidr] = "10.0.0.0/15"
    assert said("endpoint-ingress", network.build(preview=preview)) == finding(cidr)
    kind = MORE_BLOCKS[0 if types is AWS else 2][1]
    network.add("more", kind, vpcId=Ref("vpc"), cidrBlock="10.1.0.0/16")
    assert said("endpoint-ingress", network.build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_a_block_that_aws_chooses_is_the_vpcs_own_once_it_is_known(
    types: Any,
    preview: bool,  # noqa: FBT001
) -> None:
    rule = "endpoint-ingress"
    network = SmallNetwork(types)
    del network["in"][network.peer("ingress")]
    network["in"]["cidrIpv6"] = "2001:db8:1::/56"
    for chosen in ({"assignGeneratedIpv6CidrBlock": True}, {"ipv6IpamPoolId": Ref("role")}):
        network["vpc"].update(chosen)
        assert said(rule, network.build(preview=preview)) == not_checked("cidrIpv6")
        told = "ipv6CidrBlock" if types is AWS else "ipv6CidrBlocks"
        network["vpc"][told] = "2001:db8:1::/56" if types is AWS else ["2001:db8:1::/56"]
        assert said(rule, network.build(preview=preview)) == []
        network["in"]["cidrIpv6"] = "2001:db8:2::/56"
        assert said(rule, network.build(preview=preview)) == finding("cidrIpv6")
        network["in"]["cidrIpv6"] = "2001:db8:1::/56"
        del network["vpc"][told]
        for name in chosen:
            del network["vpc"][name]
    for not_chosen in (
        {"assignGeneratedIpv6CidrBlock": False},
        {"assignGeneratedIpv6CidrBlock": "false"},
        {"ipv6IpamPoolId": UNKNOWN},
        {"ipv6IpamPoolId": ""},
    ):
        network["vpc"].update(not_chosen)
        assert said(rule, network.build(preview=preview)) == finding("cidrIpv6"), not_chosen


@in_every_form
def test_whose_a_private_block_is_needs_the_vpc(types: Any) -> None:
    network = SmallNetwork(types)
    name = "cidrIpv4" if types is AWS else "cidrIp"
    del network["in"][network.peer("ingress")]
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["vpcId"] = "vpc-elsewhere"
    network["in"][name] = "10.0.0.0/16"
    assert said("endpoint-ingress", network.build()) == not_checked(name)
    network["in"][name] = "203.0.113.0/24"
    assert said("endpoint-ingress", network.build()) == finding(name)
    network["in"][name] = UNKNOWN
    assert said("endpoint-ingress", network.build()) == not_checked(name)


def test_rules_of_all_forms_are_judged() -> None:
    forms = {AWS_RULE, *(form[way] for form in FORMS for way in ("ingress", "egress"))}
    assert set(STANDALONE) == forms


HELD: Final = "runtime-security-group-replacement"


def held_group(**props: Any) -> Resource:
    return resource(AWS["group"], {"id": "sg-agents", **props}, "agents")


def replaced(options: Options, group: Resource | None = None) -> list[tuple[str, str]]:
    """What is said of the runtime's group with these options."""
    stack = SmallNetwork(AWS).build()
    group = group or held_group()
    others = [one for one in stack if one.name != "agents"]
    return said(HELD, [*others, replace(group, options=options)])


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (Options(delete_before_replace=True), "deleteBeforeReplace"),
        (Options(delete_seconds=899), "customTimeouts.delete"),
        (Options(delete_seconds=1), "customTimeouts.delete"),
    ],
)
def test_a_group_that_interfaces_hold_is_not_deleted_first_or_given_up_soon(
    options: Options, path: str
) -> None:
    assert replaced(options) == finding(path)


@pytest.mark.parametrize(
    "options", [Options(), Options(delete_before_replace=False), Options(delete_seconds=900)]
)
def test_a_group_that_is_replaced_by_a_new_one_passes(options: Options) -> None:
    assert replaced(options) == []


def test_a_group_with_a_chosen_name_is_not_replaced_for_its_description() -> None:
    chosen = held_group(name="our-agents")
    assert replaced(Options(), chosen) == finding("description")
    for ignored in ("description", "*"):
        assert replaced(Options(ignore_changes=[ignored]), chosen) == []
    assert replaced(Options(delete_before_replace=False), chosen) == []


@pytest.mark.parametrize("props", [{"name": "agents-1a2b3c4"}, {"name": "a1", "namePrefix": "a"}])
def test_a_group_whose_name_is_made_up_is_replaced_by_one_of_another_name(
    props: dict[str, Any],
) -> None:
    assert replaced(Options(), held_group(**props)) == []


def test_how_soon_a_deletion_is_given_up_is_a_setting() -> None:
    stack = [
        replace(one, options=Options(delete_seconds=899)) if one.name == "agents" else one
        for one in SmallNetwork(NATIVE).build()
    ]
    assert said(HELD, stack) == finding("customTimeouts.delete")
    assert said(HELD, stack, minimumDeleteSeconds=899) == []


def test_a_group_that_no_runtime_has_may_be_deleted_first() -> None:
    stack = [
        replace(one, options=Options(delete_before_replace=True))
        if one.name == "endpoints"
        else one
        for one in SmallNetwork(AWS).build()
    ]
    assert said(HELD, stack) == []


LISTS: Final = ("aws:ec2/managedPrefixList:ManagedPrefixList", "aws-native:ec2:PrefixList")


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0", "128.0.0.0/1"])
def test_a_prefix_list_is_no_name_for_the_internet(cidr: str) -> None:
    rule = "prefix-list-open"
    for kind in LISTS:
        opened = resource(kind, {"entries": [{"cidr": "203.0.113.0/24"}, {"cidr": cidr}]})
        assert said(rule, opened) == finding("entries[1].cidr")
        closed = resource(kind, {"entries": [{"cidr": "203.0.113.0/24"}]})
        assert said(rule, closed) == []
        assert said(rule, resource(kind, {"entries": UNKNOWN})) == not_checked("entries")
        assert said(rule, resource(kind, {})) == []
    entry = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
    assert said(rule, resource(entry, {"cidr": cidr})) == finding("cidr")
    assert said(rule, resource(entry, {"cidr": "203.0.113.0/24"})) == []
    assert said(rule, resource(entry, {"cidr": SECRET})) == not_checked("cidr")
    assert said(rule, resource(entry, {"cidr": "everything"})) == finding("cidr")


def test_a_group_that_is_joined_to_an_endpoint_apart_is_one_of_it() -> None:
    network = SmallNetwork(AWS)
    network.add("wide", "group", vpcId=Ref("vpc"), description="for tests")
    network.rule("ssh", "ingress", "wide", Ref("agents"))
    network["ssh"].update(fromPort=22.0, toPort=22.0)
    assert said("endpoint-ingress", network.build()) == [], "it is nobody's group yet"
    network.add(
        "joined",
        "aws:ec2/securityGroupAssociation:SecurityGroupAssociation",
        vpcEndpointId=Ref("logs"),
        securityGroupId=Ref("wide"),
    )
    for preview in (True, False):
        assert said("endpoint-ingress", network.build(preview=preview)) == finding("")


@in_every_spelling
def test_ports_that_are_given_as_text_are_numbers(spelling: tuple[str, str, str]) -> None:
    cidr = "::/0" if "6" in spelling[2] else "0.0.0.0/0"
    https, _ = spelled(spelling, "egress", cidr, fromPort="443", toPort="443")
    assert said("security-group-egress-open", https) == []
    more, path = spelled(spelling, "egress", cidr, fromPort="443", toPort="444")
    assert said("security-group-egress-open", more) == finding(path)


def test_what_nobody_knows_of_one_direction_is_of_that_one() -> None:
    for kind, ingress, egress in (
        (AWS["group"], "ingress", "egress"),
        (NATIVE["group"], "securityGroupIngress", "securityGroupEgress"),
    ):
        group = resource(kind, {ingress: [UNKNOWN, OPEN], egress: [UNKNOWN, OPEN]})
        for rule, name in (("ingress", ingress), ("egress", egress)):
            ((kind_of_first, path), (kind_of_second, _)) = said(
                f"security-group-{rule}-open", group
            )
            assert (kind_of_first, path, kind_of_second) == ("not checked", f"{name}[0]", "finding")
        about = [
            path for how, path in said("security-group-description", group) if how != "finding"
        ]
        assert about == [f"{ingress}[0]", f"{egress}[0]"]


OPEN: Final = {"protocol": "-1", "ipProtocol": "-1", "cidrIp": "0.0.0.0/0"}


def with_another_group(**changes: Any) -> SmallNetwork:
    """The last endpoint has a group of its own, which lets nothing in."""
    network = SmallNetwork(AWS)
    network.add("own", "group", vpcId=Ref("vpc"), description="for tests")
    network["logs"].update({"securityGroupIds": [Ref("own")], **changes})
    return network


def test_every_group_of_endpoints_is_to_be_reached() -> None:
    network = with_another_group()
    (found,) = verdicts(RULES, "endpoint-admits-runtime", network.build())
    assert (told([found]), found.urn) == (finding("securityGroupIds"), network.urn("logs"))
    (found,) = verdicts(RULES, "runtime-egress-endpoints", network.build())
    assert isinstance(found, Finding)
    assert "group own of the endpoints logs," in found.message
    network["logs"]["serviceName"] = "com.example.vpce-svc-0123456789abcdef0"
    network["logs"]["securityGroupIds"] = [Ref("own"), Ref("default")]
    network.begin_with("logs")
    (found,) = verdicts(RULES, "runtime-egress-endpoints", network.build())
    assert isinstance(found, Finding)
    assert "group own, default of the endpoints logs," in found.message
    network["logs"]["securityGroupIds"] = []
    (found,) = verdicts(RULES, "runtime-egress-endpoints", network.build())
    assert isinstance(found, Finding)
    assert "group no group of" in found.message


def test_an_endpoint_whose_groups_nobody_knows_hides_no_other() -> None:
    network = with_another_group()
    network["bedrock-runtime"]["securityGroupIds"] = ["sg-elsewhere"]
    assert [
        (one.urn, *told([one]))
        for one in verdicts(RULES, "endpoint-admits-runtime", network.build())
    ] == [
        (network.urn("bedrock-runtime"), *not_checked("securityGroupIds")),
        (network.urn("logs"), *finding("securityGroupIds")),
    ]


def test_a_service_is_told_by_its_own_name() -> None:
    network = with_another_group(serviceName="com.amazonaws.us-east-1.monitoring")
    (found,) = verdicts(RULES, "runtime-egress-endpoints", network.build())
    assert isinstance(found, Finding)
    assert "of the endpoints monitoring," in found.message


@in_every_form
def test_a_block_that_is_none_lets_nothing_in(types: Any) -> None:
    rule = "endpoint-admits-runtime"
    for cidr, expected in (
        ("nonsense", finding("securityGroupIds")),
        ("10.0.0.0/8", not_checked("securityGroupIds")),
    ):
        network = SmallNetwork(types)
        named_by(network, "in", "ingress", cidr)
        for name in ("vpc", "subnet use1-az1", "subnet use1-az2"):
            network[name]["cidrBlock"] = UNKNOWN
        assert said(rule, network.build()) == expected, "the runtime's addresses are not known"


def test_what_is_not_told_of_groups_may_let_calls_through() -> None:
    network = SmallNetwork(AWS)
    network.remove("in", "out")
    network.add("loose", "ingress", securityGroupId=UNKNOWN, ipProtocol="tcp", description="-")
    assert said("endpoint-admits-runtime", network.build()) == not_checked("securityGroupIds")
    assert said("runtime-egress-endpoints", network.build()) == finding(GROUPS), "it lets in"
    network.nodes["loose"].kind = "egress"
    assert said("endpoint-admits-runtime", network.build()) == finding("securityGroupIds")
    assert said("runtime-egress-endpoints", network.build()) == not_checked(GROUPS)
    assert said("runtime-egress-s3", network.build()) == []
    network.remove("s3 out")
    assert said("runtime-egress-s3", network.build()) == not_checked(GROUPS)
    network.nodes["loose"].kind = "ingress"
    assert said("runtime-egress-s3", network.build()) == finding(GROUPS)
    network.remove("loose")
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["securityGroupIds"] = [Ref("endpoints"), "sg-elsewhere"]
    assert said("endpoint-admits-runtime", network.build()) == not_checked("securityGroupIds")
    assert said("runtime-egress-endpoints", network.build()) == not_checked(GROUPS)
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["securityGroupIds"] = [Ref("endpoints")]
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["securityGroups"] = [Ref("agents"), "sg-elsewhere"]
    assert said("endpoint-admits-runtime", network.build()) == not_checked("securityGroupIds")


def elsewhere(network: SmallNetwork) -> SmallNetwork:
    """With a runtime before the others, in a VPC of another stack."""
    network.add("other subnet", "subnet", vpcId="vpc-elsewhere", cidrBlock="10.9.0.0/24")
    config = {"subnets": [Ref("other subnet")], "securityGroups": [Ref("agents")]}
    changed = {"networkMode": "VPC", "networkModeConfig": config}
    network.add("other", "runtime", **{**network["runtime"], "networkConfiguration": changed})
    network.begin_with("other")
    return network


def test_every_runtime_is_judged() -> None:
    network = elsewhere(SmallNetwork(AWS))
    network.remove("in", "out", "s3 out")
    of_network = {
        "runtime-egress-endpoints": (GROUPS, "runtime"),
        "runtime-egress-s3": (GROUPS, "runtime"),
        "endpoint-admits-runtime": ("securityGroupIds", "bedrock-runtime"),
    }
    for rule, (path, name) in of_network.items():
        (found,) = verdicts(RULES, rule, network.build())
        assert (told([found]), found.urn) == (finding(path), network.urn(name))
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs", "s3"):
        network[service]["vpcId"] = "vpc-elsewhere"
    for rule in of_network:
        assert said(rule, network.build()) == [], "what is elsewhere is another stack's"


def test_a_runtime_that_nobody_knows_hides_no_other() -> None:
    for rule in ("runtime-egress-endpoints", "runtime-egress-s3"):
        network = SmallNetwork(AWS)
        network.remove("out", "s3 out")
        network.add("other", "runtime", **network["runtime"])
        config = {**network["runtime"]["networkConfiguration"]["networkModeConfig"]}
        config["securityGroups"] = ["sg-elsewhere"]
        changed = {"networkMode": "VPC", "networkModeConfig": config}
        network["runtime"]["networkConfiguration"] = changed
        assert said(rule, network.build()) == [*not_checked(GROUPS), *finding(GROUPS)]
        network.rule("s3 out", "egress", "agents", "pl-63a5400a", "prefixListId")
        network.rule("out", "egress", "agents", Ref("endpoints"))
        config["securityGroups"] = [Ref("agents")]
        network.add("closed", "group", vpcId=Ref("vpc"), description="for tests")
        closed = {**config, "securityGroups": [Ref("closed")]}
        changed = {"networkMode": "VPC", "networkModeConfig": closed}
        network["other"]["networkConfiguration"] = changed
        (found,) = verdicts(RULES, rule, network.build())
        assert (told([found]), found.urn) == (finding(GROUPS), network.urn("other"))


def test_only_a_gateway_of_s3_in_the_vpc_is_to_be_reached() -> None:
    for changes in (
        {"serviceName": "com.amazonaws.us-east-1.dynamodb"},
        {"vpcEndpointType": "Interface"},
        {"vpcId": Ref("other")},
    ):
        network = SmallNetwork(AWS)
        network.remove("s3 out")
        assert said("runtime-egress-s3", network.build()) == finding(GROUPS)
        network.add("other", "vpc", cidrBlock="10.1.0.0/16")
        network["s3"].update(changes)
        assert said("runtime-egress-s3", network.build()) == [], changes


@pytest.mark.parametrize(
    ("gateway", "given", "expected"),
    [
        (None, {"cidrIpv4": "0.0.0.0/0"}, PASSES),
        (None, {"cidrIpv4": "0.0.0.0/0", "fromPort": 80.0, "toPort": 80.0}, finding(GROUPS)),
        (None, {"cidrIpv4": "10.0.0.0/16"}, finding(GROUPS)),
        (None, {"cidrIpv4": UNKNOWN}, not_checked(GROUPS)),
        (None, {"cidrIpv4": UNKNOWN, "fromPort": 80.0, "toPort": 80.0}, finding(GROUPS)),
        ("", {"prefixListId": "pl-63a5400a"}, PASSES),
        ("pl-63a5400a", {"prefixListId": "pl-63a5400a"}, PASSES),
        ("pl-63a5400a", {"prefixListId": "pl-02cd2c6b"}, finding(GROUPS)),
        ("pl-63a5400a", {"prefixListId": UNKNOWN}, PASSES),
        ("pl-63a5400a", {"prefixListId": "pl-63a5400a", "fromPort": UNKNOWN}, not_checked(GROUPS)),
    ],
)
def test_what_leads_to_s3(gateway: Any, given: dict[str, Any], expected: Any) -> None:
    network = SmallNetwork(AWS)
    network["s3"]["prefixListId"] = gateway
    del network["s3 out"]["prefixListId"]
    network["s3 out"].update(given)
    assert said("runtime-egress-s3", network.build()) == expected


def test_a_runtime_rule_from_anywhere_is_told_by_another_rule() -> None:
    network = SmallNetwork(AWS)
    network["agents"]["ingress"] = [
        {"protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]},
        {"protocol": "tcp", "cidrBlocks": ["10.0.0.0/16"]},
    ]
    rule = "runtime-security-group-ingress"
    assert said(rule, network.build()) == finding("ingress[1]")
    network = SmallNetwork(AWS)
    network["out"]["securityGroupId"] = UNKNOWN
    assert said(rule, network.build()) == [], "it lets out"
    network["in"]["securityGroupId"] = UNKNOWN
    network.remove("runtime")
    assert said(rule, network.build()) == [], "there is no runtime that may have it"


def test_the_groups_of_interface_endpoints_only_are_judged() -> None:
    rule = "endpoint-ingress"
    network = SmallNetwork(AWS)
    network["endpoints"]["ingress"] = [UNKNOWN]
    network.begin_with("s3")
    assert said(rule, network.build()) == not_checked("ingress[0]")
    for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
        network[service]["vpcEndpointType"] = UNKNOWN
    assert said(rule, network.build()) == []


def test_a_default_group_is_never_replaced() -> None:
    network = SmallNetwork(AWS)
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["securityGroups"] = [Ref("default")]
    first = Options(delete_before_replace=True)
    stack = [replace(one, options=first) for one in network.build()]
    assert said(HELD, stack) == []
