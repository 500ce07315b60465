"""What the config makes of a network block, over all networks, zones and rules there are."""

import copy
from ipaddress import IPv4Network
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infra.availability_zones import SUPPORTED_ZONE_IDS, zone_id_prefix
from infra.network_config import Network
from infra.regions import partition_of
from tests.unit.config_faults import findings, read
from tests.unit.fault_table import AGENT, Path, right_config, right_config_of

_PRIVATE = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)
_ADDRESSES = st.integers(0, 2**32 - 1)


def _around(address: int, length: int) -> IPv4Network:
    return IPv4Network((address, length), strict=False)


def _inside(private: IPv4Network, part: int, length: int) -> IPv4Network:
    return _around(int(private[part % private.num_addresses]), length)


_NETWORKS = st.builds(_around, _ADDRESSES, st.integers(0, 32))
_PRIVATE_NETWORKS = st.builds(_inside, st.sampled_from(_PRIVATE), _ADDRESSES, st.integers(16, 32))


def _is_private(network: IPv4Network) -> bool:
    return any(network.subnet_of(private) for private in _PRIVATE)


def _with(**block: object) -> dict[str, Any]:
    return {**right_config(), "network": block}


def _network(**block: object) -> Network:
    network = read(_with(**block)).network
    assert network is not None
    return network


def test_networks_and_ports_are_read_as_what_they_are() -> None:
    network = _network(**right_config()["network"])

    first, second = network.egress_rules
    assert network.cidr == IPv4Network("10.64.0.0/16")
    assert (first.cidr, first.last_port) == (IPv4Network("0.0.0.0/0"), 443), "one port"
    assert (second.from_port, second.last_port) == (5432, 5433)
    assert [rule.destination for rule in network.egress_rules] == ["0.0.0.0/0", "10.65.0.0/16"]


def test_a_network_of_the_stacks_own_has_safe_defaults() -> None:
    network = _network(cidr="10.64.0.0/16")

    assert (network.egress, network.nat, network.egress_rules) == ("endpoints", None, ())
    assert network.flow_log_retention_days == 365
    assert network.availability_zones is None, "the stack knows how many it needs"


@pytest.mark.parametrize(
    ("given_gateways", "gateways"),
    [
        ({}, "onePerZone"),
        ({"natGateways": "single"}, "single"),
        ({"natGateways": None}, "onePerZone"),
    ],
)
def test_a_way_out_survives_the_loss_of_a_zone_unless_one_gateway_is_asked_for(
    given_gateways: dict[str, object], gateways: str
) -> None:
    block = {**right_config()["network"]}
    del block["natGateways"]

    assert _network(**{**block, **given_gateways}).nat == gateways


def test_a_network_may_stand_without_agents_in_it() -> None:
    config = right_config()
    config["agents"] = {}

    assert findings(config) == [], "it outlives its agents"


@given(_PRIVATE_NETWORKS | _NETWORKS)
def test_a_network_is_taken_exactly_when_it_is_private_and_of_a_size_that_has_room(
    network: IPv4Network,
) -> None:
    is_right = _is_private(network) and 16 <= network.prefixlen <= 22

    assert (findings(_with(cidr=str(network))) == []) is is_right


@given(_ADDRESSES, st.integers(16, 22))
def test_an_address_inside_of_a_network_is_refused_with_the_network_to_write(
    address: int, length: int
) -> None:
    network = _around(address, length)
    assume(address != int(network.network_address))

    (found,) = findings(_with(cidr=f"{IPv4Network(address).network_address}/{length}"))

    assert found.endswith(f"Write {network}.")
    assert (findings(_with(cidr=str(network))) == []) is _is_private(network), (
        "what the message says to write is taken, or refused for another reason"
    )


@given(
    _NETWORKS,
    st.sampled_from(["tcp", "udp"]),
    st.sampled_from([22, 80, 443, 444]),
    st.none() | st.sampled_from([443, 444, 65_535]),
)
def test_a_wide_part_of_the_internet_is_reached_on_443_alone(
    network: IPv4Network, protocol: str, first: int, last: int | None
) -> None:
    assume(last is None or last >= first)
    rule = {
        "description": "x",
        "protocol": protocol,
        "fromPort": first,
        "toPort": last,
        "cidr": str(network),
    }
    block = {"vpcId": "vpc-01234567", "subnetIds": ["subnet-01234567", "subnet-01234568"]}

    found = findings(_with(**block, egressRules=[rule]))

    is_https = (protocol, first, last or first) == ("tcp", 443, 443)
    if network.prefixlen < 8 and not is_https and not network.is_multicast:
        assert "cidr" in found[0], "however the internet is cut into parts"
    elif not found:
        assert is_https or network.prefixlen >= 8
    else:
        assert "no route leads there" in found[0], "nothing else about it is wrong"


# PutRetentionPolicy, retentionInDays: "Possible values are".
_KEPT = {
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
}


@pytest.mark.parametrize("days", sorted(_KEPT | {day + 1 for day in _KEPT}))
def test_flow_logs_are_kept_for_as_long_as_cloudwatch_logs_offers(days: int) -> None:
    found = findings(_with(cidr="10.64.0.0/16", flowLogRetentionDays=days))

    assert (found == []) is (days in _KEPT)


_ZONES = st.integers(0, 9).map(lambda number: f"use1-az{number}")


@given(
    st.lists(_ZONES, max_size=7), st.lists(st.sampled_from(["use1-az3", "use1-az5"]), max_size=2)
)
def test_zones_are_taken_exactly_when_they_are_several_different_and_supported(
    zones: list[str], added: list[str]
) -> None:
    config = _with(cidr="10.64.0.0/16", availabilityZoneIds=zones)
    config["additionalAvailabilityZoneIds"] = added
    supported = SUPPORTED_ZONE_IDS["us-east-1"] | set(added)

    is_right = 2 <= len(zones) <= 6 and len(set(zones)) == len(zones) and set(zones) <= supported

    assert (findings(config) == []) is is_right


# The ARNs of the right config lie in one partition.
@pytest.mark.parametrize(
    "region", sorted(region for region in SUPPORTED_ZONE_IDS if partition_of(region) == "aws")
)
def test_the_supported_zones_of_every_region_are_taken_there_and_nowhere_else(region: str) -> None:
    config = right_config_of(region)
    zones = sorted(SUPPORTED_ZONE_IDS[region])
    config["network"] = {"cidr": "10.64.0.0/16", "availabilityZoneIds": zones}
    assert findings(config) == []

    zones[0] = "usw9-az1"
    (found,) = findings(config)
    assert f"this is no zone of the stack's region ({region})" in found


def test_zones_of_a_region_that_no_table_lists_are_left_to_the_service() -> None:
    config = right_config_of("us-west-1")
    prefix = zone_id_prefix("us-west-1")
    config["network"] = {
        "cidr": "10.64.0.0/16",
        "availabilityZoneIds": [f"{prefix}-az1", f"{prefix}-az3"],
    }

    assert findings(config) == []


def _texts(node: object, path: Path = ()) -> list[Path]:
    if isinstance(node, str):
        return [path]
    if isinstance(node, dict):
        entries = cast("dict[str, object]", node)
        return [text for key, value in entries.items() for text in _texts(value, (*path, key))]
    items = cast("list[object]", node) if isinstance(node, list) else []
    return [text for index, value in enumerate(items) for text in _texts(value, (*path, index))]


_NAMED = [
    *(
        path
        for path in _texts(right_config()["network"], ("network",))
        if "description" not in path
    ),
    *(
        path
        for key in (
            *("executionRoleArn", "secrets", "kmsKeys", "memories", "gateways", "browsers"),
            *("codeInterpreters", "s3Prefixes", "additionalSecurityGroupIds", "models"),
        )
        for path in _texts(right_config()["agents"]["assistant"][key], (*AGENT, key))
    ),
    ("permissionsBoundary",),
    ("organizationId",),
]


@given(st.sampled_from(_NAMED), st.sampled_from(["*", "?", "${aws:PrincipalTag/x}"]), st.data())
def test_a_wildcard_anywhere_in_what_is_named_is_refused(
    path: Path, wildcard: str, data: st.DataObject
) -> None:
    config = copy.deepcopy(right_config())
    node: Any = config
    for part in path[:-1]:
        node = node[part]
    value: str = node[path[-1]]
    at = data.draw(st.integers(0, len(value)))
    node[path[-1]] = value[:at] + wildcard + value[at:]

    assert findings(config), "it would grant or open what nobody listed"
