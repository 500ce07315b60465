"""What can be proven of an agent in VPC mode: what it reaches, and that nothing reaches it.

Every verdict is a list of findings, each a sentence that names what stands in the way by its ids;
an empty list is the proof. What cannot be decided is a finding too.

An agent may have any address of its subnets, and a name may resolve to any interface of an
endpoint: all of them have to get through. Traffic is TCP over IPv4, both ways. Not looked at: what
EC2 does not describe (hosted zones, firewalls behind a route), and whether the role itself may do
what the endpoint lets through. Sources: PrivateLink guide, "Interface endpoints" and "Gateway
endpoints"; VPC user guide, "NAT gateways"; AgentCore developer guide, "Configure AgentCore for
VPC".
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec

from tests.reachability.agent import Agent, Call
from tests.reachability.crossings import hops_from, table_name
from tests.reachability.endpoint_paths import (
    GATEWAY,
    HTTPS,
    INTERFACE,
    decision,
    endpoints_of,
    in_words,
    kind_of,
    no_egress,
    through_gateway_endpoint,
    through_interface_endpoint,
)
from tests.reachability.endpoint_policy import Decision
from tests.reachability.nat_paths import through_nat
from tests.reachability.network import Answer, Network, items, part
from tests.reachability.placement import NotPlacedError, Placement, placement
from tests.reachability.ranges import EVERY_ADDRESS, addresses
from tests.reachability.routes import LOCAL, table_of, target_of
from tests.reachability.security_groups import (
    Peer,
    left_out,
    referred_group,
    rules_of,
    written,
)

# Not of the internet. Source: IANA's registry of special-purpose addresses, as RFC 6890 began it.
_INTERNET = EVERY_ADDRESS - addresses(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
# Internet gateways, and the carrier gateways of Wavelength Zones, let the internet in.
_OPEN_GATEWAYS = ("igw-", "cagw-")

_Asked = ParamSpec("_Asked")
_Judge = Callable[Concatenate[Placement, _Asked], Iterable[str]]
_Verdict = Callable[Concatenate[Network, Agent, _Asked], list[str]]


def _verdict(judge: _Judge[_Asked]) -> _Verdict[_Asked]:
    """Make a verdict of what judges a placed agent: each finding once, or why it is not placed."""

    @wraps(judge)
    def verdict(
        network: Network, agent: Agent, *asked: _Asked.args, **options: _Asked.kwargs
    ) -> list[str]:
        try:
            place = placement(network, agent)
        except NotPlacedError as error:
            return error.findings
        return list(dict.fromkeys(judge(place, *asked, **options)))

    return verdict


@_verdict
def reaches(place: Placement, *calls: Call) -> Iterator[str]:
    """What keeps the agent from making the calls through VPC endpoints of their services."""
    through = {INTERFACE: through_interface_endpoint, GATEWAY: through_gateway_endpoint}
    for call in calls:
        yield from through[kind_of(call.service)](place, call)


@_verdict
def reaches_internet(
    place: Placement, destination: str = "0.0.0.0/0", port: int = HTTPS
) -> Iterator[str]:
    """What keeps the agent from the TCP port of all public addresses in the block, through NAT.

    What the routes send through gateway endpoints counts as reached: it has a verdict of its own.
    """
    wanted = addresses(destination) & _INTERNET
    if not wanted:
        yield f"{destination} has no address of the internet"
    missed = left_out(place.network, place.agent.security_groups, Peer(wanted), port, egress=True)
    if missed:
        yield no_egress(place, missed, port)
    gateways = _gateway_endpoints(place)
    for subnet in place.subnets:
        for hop in hops_from(place.network, subnet, wanted):
            if hop.target not in gateways or hop.is_blackhole:
                yield from through_nat(place.network, subnet, hop, port)


@_verdict
def unreachable_from_internet(place: Placement) -> Iterator[str]:
    """What could let the internet reach the agent; routes, addresses, groups each keep it out.

    Network ACLs are not among them: they cannot tell a stranger from an answer.
    """
    for subnet in place.subnets:
        for route in _routes(place, subnet):
            if target_of(route).startswith(_OPEN_GATEWAYS):
                table = table_name(place.network, subnet)
                yield f"{table} leads to {target_of(route)}: the subnet is public"
        if subnet.get("MapPublicIpOnLaunch"):
            yield f"{subnet['SubnetId']} gives a public address to what is launched in it"
        for interface in place.network.network_interfaces:
            if interface["SubnetId"] == subnet["SubnetId"]:
                for address in _public_addresses(interface):
                    yield f"{interface['NetworkInterfaceId']} has the public address {address}"
    yield from map(_admission, rules_of(place.network, place.agent.security_groups, egress=False))


@_verdict
def stays_inside(place: Placement) -> Iterator[str]:
    """Which routes lead the agent anywhere but into its VPC and to its gateway endpoints."""
    inside = {LOCAL, *_gateway_endpoints(place)}
    for subnet in place.subnets:
        for route in _routes(place, subnet):
            if target_of(route) not in inside:
                yield f"{table_name(place.network, subnet)} leads out to {target_of(route)}"


@_verdict
def admits_only(place: Placement, service: str, *others: Agent) -> Iterator[str]:
    """Whom the service's endpoints in the VPC admit besides these agents on 443."""
    groups = {group for agent in (place.agent, *others) for group in agent.security_groups}
    for endpoint in endpoints_of(place, INTERFACE, service):
        admitting = {str(group["GroupId"]) for group in items(endpoint, "Groups")}
        for rule in rules_of(place.network, admitting, egress=False):
            span = (str(rule.get("IpProtocol")), rule.get("FromPort"), rule.get("ToPort"))
            if referred_group(rule) not in groups or span != ("tcp", HTTPS, HTTPS):
                yield _admission(rule)


@_verdict
def refuses(place: Placement, call: Call) -> Iterator[str]:
    """Which endpoints of the service in the VPC may let the call through; none should."""
    for endpoint in endpoints_of(place, kind_of(call.service), call.service):
        if decision(place, endpoint, call) is not Decision.REFUSED:
            yield f"the policy of {endpoint['VpcEndpointId']} may let {in_words(call)}"


def _routes(place: Placement, subnet: Answer) -> list[Answer]:
    return items(table_of(place.network, subnet) or {}, "Routes")


def _gateway_endpoints(place: Placement) -> set[str]:
    return {str(endpoint["VpcEndpointId"]) for endpoint in endpoints_of(place, GATEWAY)}


def _public_addresses(interface: Answer) -> list[str]:
    associations = [
        part(one, "Association") for one in (interface, *items(interface, "PrivateIpAddresses"))
    ]
    return sorted({str(one["PublicIp"]) for one in associations if one.get("PublicIp")})


def _admission(rule: Answer) -> str:
    return f"{rule['SecurityGroupRuleId']} of {rule['GroupId']} admits {written(rule)}"
