"""The way from an agent to a service through a VPC endpoint: name, routes, groups, ACLs, policy."""

from collections.abc import Iterable
from typing import Final

from tests.reachability.agent import Call
from tests.reachability.crossings import (
    astray,
    barriers_between,
    barriers_to_clients,
    block_of,
    hops_from,
)
from tests.reachability.endpoint_policy import (
    Decision,
    Request,
    account_of,
    decide,
    unknown_keys,
)
from tests.reachability.network import Answer, items, texts
from tests.reachability.placement import Placement
from tests.reachability.private_names import (
    host_of,
    hostname_findings,
    is_private_name,
    resolver_findings,
)
from tests.reachability.ranges import Ranges, addresses, written_addresses
from tests.reachability.security_groups import Peer, left_out

HTTPS: Final = 443
INTERFACE, GATEWAY = "Interface", "Gateway"
_BY_GATEWAY: Final = ("s3", "dynamodb")


def kind_of(service: str) -> str:
    """The kind of endpoint that an agent reaches the service by."""
    return GATEWAY if service in _BY_GATEWAY else INTERFACE


def endpoints_of(place: Placement, kind: str, service: str | None = None) -> list[Answer]:
    """The endpoints of the kind, and the service, in the agent's VPC, in whatever state."""
    return [
        endpoint
        for endpoint in place.network.vpc_endpoints
        if endpoint["VpcId"] == place.vpc["VpcId"] and _is_of(endpoint, kind, service)
    ]


def through_interface_endpoint(place: Placement, call: Call) -> list[str]:
    """What keeps the agent from the call through an interface endpoint."""
    findings = [
        *resolver_findings(place.network, place.vpc),
        *hostname_findings(place.network, place.vpc),
    ]
    endpoint, missing = _resolved(place, call)
    if endpoint is None:
        return findings + missing
    working: list[Answer] = []
    for identifier in texts(endpoint, "NetworkInterfaceIds"):
        interface = place.network.interface(identifier)
        if interface is not None and interface["Status"] == "in-use":
            working.append(interface)
        else:
            state = interface["Status"] if interface else "not there"
            findings.append(f"{identifier} of {endpoint['VpcEndpointId']} is {state}")
    return [
        *findings,
        *_uncovered_zones(place, endpoint, working),
        *_to_interfaces(place, endpoint, working),
        *_by_policy(place, endpoint, call),
    ]


def through_gateway_endpoint(place: Placement, call: Call) -> list[str]:
    """What keeps the agent from the call through a gateway endpoint."""
    findings = resolver_findings(place.network, place.vpc)
    endpoints, missing = _available(place, GATEWAY, call.service)
    if missing:
        return findings + missing
    prefixes, blocks = _prefix_list(place, endpoints[0]["ServiceName"])
    if not blocks:
        return [*findings, f"no route and no rule refers to {prefixes}"]
    service = addresses(*blocks)
    by_id = {str(endpoint["VpcEndpointId"]): endpoint for endpoint in endpoints}
    used: dict[str, Answer] = {}
    for subnet in place.subnets:
        for hop in hops_from(place.network, subnet, service):
            if hop.target in by_id and not hop.is_blackhole:
                used[hop.target] = by_id[hop.target]
            else:
                findings.append(astray(place.network, subnet, hop, f"to {_listed(by_id)}"))
        findings += barriers_to_clients(place.network, subnet, service, HTTPS)
    missed = left_out(place.network, place.agent.security_groups, Peer(service), HTTPS, egress=True)
    if missed:
        findings.append(f"{no_egress(place, missed, HTTPS)} of {prefixes}")
    return [
        *findings,
        *(found for endpoint in used.values() for found in _by_policy(place, endpoint, call)),
    ]


def no_egress(place: Placement, missed: Ranges, port: int) -> str:
    """Say that the agent's groups do not let it out to the addresses."""
    groups = _listed(place.agent.security_groups)
    return f"no egress rule of {groups} admits TCP {port} to {written_addresses(missed)}"


def decision(place: Placement, endpoint: Answer, call: Call) -> Decision:
    """What the endpoint's policy says of the call."""
    return decide(
        endpoint.get("PolicyDocument"),
        _request(place, endpoint, call),
        is_gateway=endpoint["VpcEndpointType"] == GATEWAY,
    )


def in_words(call: Call) -> str:
    """Who does what on which resource."""
    return f"{call.principal or 'a caller it does not know'} do {call.action} on {call.resource}"


# The endpoint -------------------------------------------------------------------------------------


def _resolved(place: Placement, call: Call) -> tuple[Answer | None, list[str]]:
    """The endpoint to which the service's host name resolves in the agent's VPC."""
    found, missing = _available(place, INTERFACE, call.service)
    if missing:
        return None, missing
    resolved = next((one for one in found if one.get("PrivateDnsEnabled")), None)
    if resolved is None:
        return None, [f"private DNS of {one['VpcEndpointId']} is off" for one in found]
    host = host_of(call.service, place.agent.region, place.agent.account)
    if not is_private_name(place.network, resolved, host):
        return None, [f"{host} is no private name of {resolved['VpcEndpointId']}"]
    return resolved, []


def _available(place: Placement, kind: str, service: str) -> tuple[list[Answer], list[str]]:
    """The service's endpoints that work in the agent's VPC, or why there are none."""
    found = endpoints_of(place, kind, service)
    # The model of the API writes Available, EC2 itself available.
    working = [one for one in found if str(one["State"]).lower() == "available"]
    if found:
        states = [f"{one['VpcEndpointId']} is {str(one['State']).lower()}" for one in found]
        return working, [] if working else states
    elsewhere = [
        f"; {one['VpcEndpointId']} is in {one['VpcId']}"
        for one in place.network.vpc_endpoints
        if _is_of(one, kind, service)
    ]
    lacking = f"{place.vpc['VpcId']} has no {kind.lower()} endpoint of {service}"
    return [], [lacking + "".join(elsewhere)]


def _is_of(endpoint: Answer, kind: str, service: str | None) -> bool:
    """Whether it is an endpoint of this kind and service, named com.amazonaws.REGION.SERVICE."""
    name = str(endpoint["ServiceName"]).partition("com.amazonaws.")[2].partition(".")[2]
    return endpoint["VpcEndpointType"] == kind and service in (None, name)


def _prefix_list(place: Placement, service_name: str) -> tuple[str, list[str]]:
    """The prefix list of the service, and its IPv4 blocks."""
    network = place.network
    named = [one for one in network.prefix_lists if one["PrefixListName"] == service_name]
    identifiers = [str(one["PrefixListId"]) for one in named]
    entries = [entry for name in identifiers for entry in network.prefix_list_entries.get(name, [])]
    blocks = [str(entry["Cidr"]) for entry in entries if ":" not in entry["Cidr"]]
    return _listed(identifiers) or f"a prefix list of {service_name}", blocks


# The way to its interfaces ------------------------------------------------------------------------


def _uncovered_zones(place: Placement, endpoint: Answer, interfaces: list[Answer]) -> list[str]:
    subnets = (place.network.subnet(interface["SubnetId"]) for interface in interfaces)
    covered = {subnet["AvailabilityZoneId"] for subnet in subnets if subnet}
    return [
        f"{endpoint['VpcEndpointId']} has no interface in {subnet['AvailabilityZoneId']}, "
        f"the zone of {subnet['SubnetId']}"
        for subnet in place.subnets
        if subnet["AvailabilityZoneId"] not in covered
    ]


def _to_interfaces(place: Placement, endpoint: Answer, interfaces: list[Answer]) -> list[str]:
    """Groups, routes and ACLs between every agent subnet and every interface, both ways."""
    network, own = place.network, place.agent.security_groups
    agents = Peer(block_of(*place.subnets), frozenset(own))
    findings: list[str] = []
    not_out = not_in = Ranges()
    admitting: set[str] = set()
    for interface in interfaces:
        target = addresses(interface["PrivateIpAddress"])
        groups = frozenset(str(group["GroupId"]) for group in items(interface, "Groups"))
        not_out |= left_out(network, own, Peer(target, groups), HTTPS, egress=True)
        not_in |= left_out(network, groups, agents, HTTPS, egress=False)
        admitting |= groups
        there = network.subnet(interface["SubnetId"])
        if there is None:
            findings.append(f"{interface['SubnetId']} of {endpoint['VpcEndpointId']} is not there")
            continue
        for subnet in place.subnets:
            findings += barriers_between(network, subnet, there, target, HTTPS)
    if not_out:
        findings.append(f"{no_egress(place, not_out, HTTPS)} of {endpoint['VpcEndpointId']}")
    if not_in:
        findings.append(
            f"no ingress rule of {_listed(admitting)} admits TCP {HTTPS} from "
            f"{written_addresses(not_in)} of {_listed(own)}"
        )
    return findings


# Its policy ---------------------------------------------------------------------------------------


def _by_policy(place: Placement, endpoint: Answer, call: Call) -> list[str]:
    decided = decision(place, endpoint, call)
    if decided is Decision.ALLOWED:
        return []
    does = "does not let" if decided is Decision.REFUSED else "is not known to let"
    said = f"the policy of {endpoint['VpcEndpointId']} {does} {in_words(call)}"
    keys = unknown_keys(endpoint.get("PolicyDocument"), _request(place, endpoint, call))
    if decided is Decision.UNKNOWN and keys:
        said += f", for it asks for {', '.join(keys)}"
    return [said]


def _request(place: Placement, endpoint: Answer, call: Call) -> Request:
    """The call with what is known of any such call through the endpoint.

    An action without a resource is the caller's own. Whose a resource is whose ARN has no account
    (a bucket, a foundation model) is not known. Source: IAM user guide, "AWS global condition
    context keys".
    """
    context = {
        "aws:SourceVpc": str(endpoint["VpcId"]),
        "aws:SourceVpce": str(endpoint["VpcEndpointId"]),
        "aws:RequestedRegion": place.network.region,
        "aws:SecureTransport": "true",
    }
    if call.principal:
        account = account_of(call.principal)
        context |= {"aws:PrincipalArn": call.principal, "aws:PrincipalAccount": account}
        owner = account if call.resource == "*" else account_of(call.resource)
        context |= {"aws:ResourceAccount": owner} if owner else {}
    return Request(call.principal, call.action, call.resource, {**context, **call.context})


def _listed(identifiers: Iterable[str]) -> str:
    return ", ".join(sorted(identifiers))
