"""A rule of a security group, in any of the forms."""

import ipaddress
from typing import Any, Final

from agentcore_policies.group_rules import (
    AWS_GROUP,
    AWS_RULE,
    GroupRule,
    block_of,
    is_anywhere,
    rules_in,
)
from agentcore_policies.model import SECRET, UNKNOWN
from tests.policies.judged import resource


def rule(**entry: Any) -> GroupRule:
    owner = resource(AWS_RULE, {})
    return GroupRule(resource=owner, path="", direction="ingress", entry=entry)


PEERS: Final = {
    "cidrs": ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6", "cidrIp"),
    "prefix_lists": (
        *("prefixListIds", "prefixListId", "sourcePrefixListId", "destinationPrefixListId"),
    ),
    "groups": (
        *("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId"),
        *("destinationSecurityGroupId", "sourceSecurityGroupName"),
    ),
}


def test_a_peer_is_found_under_every_name_it_has() -> None:
    for kind, names in PEERS.items():
        for name in names:
            for value, path in (("x", name), (["x"], f"{name}[0]"), (UNKNOWN, name)):
                expected = "x" if path != name or value == "x" else value
                found = {other: list(getattr(rule(**{name: value}), other)) for other in PEERS}
                assert found.pop(kind) == [(path, expected)], name
                assert not any(found.values()), f"{name} names nothing else"


def test_a_protocol_has_a_number_and_a_name() -> None:
    for given, name in (
        ("-1", "all"),
        ("all", "all"),
        (-1.0, "all"),
        ("6", "tcp"),
        (6.0, "tcp"),
        ("TCP", "tcp"),
        ("17", "udp"),
        ("udp", "udp"),
        ("47", "47"),
    ):
        assert rule(protocol=given).protocol == name
        assert rule(ipProtocol=given).protocol == name
    assert rule(ipProtocol=UNKNOWN).protocol is None


def test_ports_that_are_not_given_are_all_or_the_first() -> None:
    def ports(first: Any, last: Any, protocol: str = "tcp") -> tuple[int, int] | None:
        return rule(ipProtocol=protocol, fromPort=first, toPort=last).ports

    assert ports(443.0, 444.0) == ports("443", "444") == (443, 444)
    assert ports(443.0, None) == ports("443", "https") == (443, 443)
    assert ports("https", "443") == ports("", "443") == (0, 65_535), "no text but a number is one"
    assert ports(None, None) == ports(None, 443.0) == ports(1.0, 2.0, "-1") == (0, 65_535)
    for first, last in ((UNKNOWN, 443.0), (443.0, UNKNOWN), (SECRET, SECRET)):
        assert ports(first, last) is None


def test_a_port_is_covered_between_the_first_and_the_last() -> None:
    def covers(first: Any, last: Any, protocol: Any = "tcp") -> bool | None:
        return rule(ipProtocol=protocol, fromPort=first, toPort=last).covers(443)

    assert covers(443.0, 443.0)
    assert covers(1.0, 2.0, "-1")
    for first, last, protocol in ((444.0, 445.0, "tcp"), (1.0, 442.0, "tcp"), (443.0, 443.0, "17")):
        assert covers(first, last, protocol) is False
    for first, last, protocol in (
        (UNKNOWN, 443.0, "tcp"),
        (443.0, UNKNOWN, "tcp"),
        (443.0, 443.0, UNKNOWN),
    ):
        assert covers(first, last, protocol) is None


def test_a_group_is_its_own_peer_where_the_rule_says_so() -> None:
    for given, expected in (
        *((True, True), ("true", True), (False, False), (None, False)),
        *((UNKNOWN, None), (SECRET, None)),
    ):
        assert rule(self=given).is_own is expected


def test_what_is_neither_a_rule_nor_unknown_is_left_out() -> None:
    group = resource(AWS_GROUP, {"ingress": ["text", UNKNOWN, {"protocol": "tcp"}], "egress": None})
    first, second = rules_in(group)
    assert first == "ingress[1]"
    assert isinstance(second, GroupRule)
    assert second.path == "ingress[2]"


def test_a_block_may_be_told_by_any_of_its_addresses() -> None:
    for given in ("10.0.0.0/8", "10.1.2.3/8", " 10.0.0.0/8 "):
        assert block_of(given) == ipaddress.ip_network("10.0.0.0/8")
    for given in ("10.0.0.0/33", "nonsense", "", UNKNOWN, None):
        assert block_of(given) is None
    assert is_anywhere("203.0.113.7/0")
    assert not is_anywhere("203.0.113.7/24")


def test_blocks_that_a_few_of_are_everything_are_anywhere() -> None:
    for wide, narrow in (("64.0.0.0/7", "64.0.0.0/8"), ("2a00::/15", "2a00::/16")):
        assert is_anywhere(wide)
        assert not is_anywhere(narrow)
