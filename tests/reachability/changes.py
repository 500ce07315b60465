"""Changes of the network written by hand, each of them one step, made anew for every network."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.reachability.network import Answer, Network
from tests.reachability.sample_network import (
    dns,
    entry,
    interface_endpoint,
    policy,
    sample_network,
)

Change = Callable[[Network], object]


def changed(*changes: Change) -> Network:
    """The sample network after the changes."""
    network = sample_network()
    for change in changes:
        change(network)
    return network


def all_of(*changes: Change) -> Change:
    """Several changes as one."""
    return lambda network: [change(network) for change in changes]


def found(answers: list[Answer], identifier: str) -> Answer:
    """The answer that has this id among its values."""
    return next(answer for answer in answers if identifier in answer.values())


def update(kind: str, identifier: str, **members: Any) -> Change:
    """Give an item of the network other members."""
    return lambda network: found(getattr(network, kind), identifier).update(deepcopy(members))


def drop(kind: str, identifier: str) -> Change:
    """Take an item out of the network."""

    def change(network: Network) -> None:
        answers = getattr(network, kind)
        answers.remove(found(answers, identifier))

    return change


def add(kind: str, *answers: Answer) -> Change:
    """Put items into the network."""
    return lambda network: getattr(network, kind).extend(deepcopy(answers))


def set_dns(vpc: str, **attributes: bool) -> Change:
    """Set the DNS attributes of a VPC."""
    return lambda network: network.vpc_attributes.update({vpc: dns(**attributes)})


# Routes -------------------------------------------------------------------------------------------


def _routes(network: Network, table: str) -> list[Answer]:
    return found(network.route_tables, table)["Routes"]


def add_route(table: str, *routes: Answer) -> Change:
    """Give a table further routes."""
    return lambda network: _routes(network, table).extend(deepcopy(routes))


def drop_route(table: str, target: str) -> Change:
    """Take the route to this target out of a table."""
    return lambda network: _routes(network, table).remove(found(_routes(network, table), target))


def update_route(table: str, target: str, **members: Any) -> Change:
    """Give the route to this target other members."""
    return lambda network: found(_routes(network, table), target).update(members)


def unassociate(table: str) -> Change:
    """Leave the table's subnet to the main table."""
    return update("route_tables", table, Associations=[])


# Network ACLs -------------------------------------------------------------------------------------


def add_entries(acl: str, *entries: Answer) -> Change:
    """Give an ACL further rules."""
    return lambda network: found(network.network_acls, acl)["Entries"].extend(deepcopy(entries))


def let_out_only(acl: str, *blocks: str) -> Change:
    """Let the ACL's subnets out to these blocks alone."""

    def change(network: Network) -> None:
        answer = found(network.network_acls, acl)
        kept = [one for one in answer["Entries"] if not one["Egress"]]
        allowed = [entry(100 + n, "allow", at, egress=True) for n, at in enumerate(blocks)]
        answer["Entries"] = [*kept, *allowed, entry(32767, "deny", "0.0.0.0/0", egress=True)]

    return change


# Endpoints ----------------------------------------------------------------------------------------


def with_policy(endpoint: str, *statements: Answer) -> Change:
    """Give an endpoint another policy."""
    return update("vpc_endpoints", endpoint, PolicyDocument=policy(*statements))


def second_logs_endpoint(**members: Any) -> Change:
    """Put a further endpoint for logs beside the one that is there."""
    further = interface_endpoint("vpce-further", "logs", policy(), "eni-logs-a", "eni-logs-b")
    return add("vpc_endpoints", {**further, **members})
