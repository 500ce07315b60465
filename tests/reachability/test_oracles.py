"""Routes, groups and ACLs decide over sets; here address by address, by the plain rule of each."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from tests.reachability.network_acls import refusal
from tests.reachability.ranges import Ranges, addresses, ports
from tests.reachability.routes import hops
from tests.reachability.sample_network import entry, route, rule, sample_network
from tests.reachability.security_groups import Peer, left_out

# All that is drawn lies in one block of 16 addresses, so that each can be asked for by itself.
UNIVERSE = [f"10.0.0.{number}" for number in range(16)]
WHOLE = addresses("10.0.0.0/28")


@st.composite
def blocks(draw: st.DrawFn) -> str:
    length = draw(st.integers(28, 32))
    first = draw(st.integers(0, 15)) & ~(2 ** (32 - length) - 1)
    return f"10.0.0.{first}/{length}"


def is_in(address: str, block: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(block)


def has(found: Ranges, address: str) -> bool:
    return bool(found & addresses(address))


# Routes -------------------------------------------------------------------------------------------

targets = st.sampled_from(["pcx-1", "nat-1", "eni-1", "tgw-1"])
routes = st.lists(st.tuples(blocks(), targets), max_size=8, unique_by=lambda one: one[0])


@given(routes)
def test_an_address_goes_where_its_longest_prefix_leads(drawn: list[tuple[str, str]]) -> None:
    table = {"Routes": [route(block, target) for block, target in drawn]}
    found = hops(sample_network(), table, WHOLE)
    for address in UNIVERSE:
        matching = [
            (ipaddress.ip_network(block).prefixlen, target)
            for block, target in drawn
            if is_in(address, block)
        ]
        wanted = max(matching)[1] if matching else None
        assert [hop.target for hop in found if has(hop.addresses, address)] == [wanted]


@given(st.permutations(["static", "by list", "propagated"]))
def test_of_the_same_block_the_static_route_wins_then_that_of_the_list(order: list[str]) -> None:
    network = sample_network()
    network.prefix_list_entries["pl-1"] = [{"Cidr": "10.0.0.0/28"}]
    kinds = {
        "static": route("10.0.0.0/28", "pcx-1"),
        "by list": route("pl-1", "tgw-1"),
        "propagated": route("10.0.0.0/28", "vgw-1", Origin="EnableVgwRoutePropagation"),
    }
    left = [kinds[name] for name in order]
    for wanted in ("pcx-1", "tgw-1", "vgw-1", None):
        (hop,) = hops(network, {"Routes": left}, WHOLE)
        assert hop.target == wanted
        left = [one for one in left if wanted not in one.values()]


# Network ACLs -------------------------------------------------------------------------------------

PORTS = range(440, 444)
port_ranges = st.tuples(st.integers(440, 443), st.integers(440, 443)).map(sorted)
acl_rules = st.lists(
    st.tuples(
        st.integers(1, 20), st.sampled_from(["allow", "deny"]), blocks(), port_ranges, st.booleans()
    ),
    max_size=6,
    unique_by=lambda one: (one[0], one[4]),
)


@given(acl_rules, st.booleans())
def test_the_first_rule_of_an_acl_that_matches_decides(
    drawn: list[tuple[int, str, str, list[int], bool]],
    egress: bool,  # noqa: FBT001 - drawn
) -> None:
    acl = {"Entries": [entry(n, do, at, *span, egress=way) for n, do, at, span, way in drawn]}

    def stopping(address: str, port: int) -> str | None:
        for number, action, block, span, way in sorted(drawn):
            if way is egress and is_in(address, block) and span[0] <= port <= span[1]:
                return None if action == "allow" else str(number)
        return "*"

    stopped = {
        (address, port): rule
        for address in UNIVERSE
        for port in PORTS
        if (rule := stopping(address, port))
    }
    found = refusal(acl, WHOLE, ports(PORTS[0], PORTS[-1]), egress=egress)
    assert (found is None) is (not stopped)
    if found:
        named = {
            (address, port)
            for address in UNIVERSE
            for port in PORTS
            if has(found.addresses, address) and found.ports & ports(port, port)
        }
        assert named, "what is stopped is named"
        assert {stopped.get(one) for one in named} == {found.rule}, "with the rule that stops it"


# Security groups ----------------------------------------------------------------------------------

group_rules = st.lists(
    st.tuples(blocks(), port_ranges, st.sampled_from(["sg-1", "sg-2", "sg-3"]), st.booleans()),
    max_size=8,
)


@given(group_rules, st.integers(440, 443), st.booleans())
def test_what_any_rule_of_any_group_admits_is_admitted(
    drawn: list[tuple[str, list[int], str, bool]],
    port: int,
    egress: bool,  # noqa: FBT001 - drawn
) -> None:
    network = sample_network()
    network.security_group_rules[:] = [
        rule(f"sgr-{number}", group, block, *span, egress=way)
        for number, (block, span, group, way) in enumerate(drawn)
    ]
    missed = left_out(network, ["sg-1", "sg-2"], Peer(WHOLE), port, egress=egress)
    for address in UNIVERSE:
        admitted = any(
            is_in(address, block) and span[0] <= port <= span[1] and way is egress
            for block, span, group, way in drawn
            if group != "sg-3"
        )
        assert has(missed, address) is not admitted
