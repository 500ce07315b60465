"""What the tables of EC2's networking have in common."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from emulator.providers.aws.table import Call, Parameter, Tags, tag_list, tag_map

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.providers.values import Json, Object

NO_IPV6 = "it has no IPv6"
NO_IPAM = "it has no IPAM; give the CIDR block"
NO_OUTPOSTS = "it has no Outposts"

IN_THE_WAY = frozenset({"DependencyViolation"})
"""Says that something is still there which stands on the thing."""

READ_TAGS = tag_map("Key", "Value", "Tags")


def its_id(values: Object) -> Json:
    """The id, where an operation takes several."""
    return [values["id"]]


GIVEN_TAGS = Tags(
    Call("create_tags", {"Resources": its_id, "Tags": tag_list("Key", "Value", "tagsToSet")}),
    Call(
        "delete_tags",
        {
            "Resources": its_id,
            "Tags": lambda values: [{"Key": key} for key in values["tagKeysToRemove"]],
        },
    ),
)
"""Of what is created with its tags."""

SEPARATE_TAGS = Tags(GIVEN_TAGS.tag, GIVEN_TAGS.untag, at_create=True)
"""Of what is created, or taken over, without tags."""


def tagged(resource_type: str) -> Callable[[Object], Json]:
    """The tags of a creation; `resource_type` is EC2's word for what is created."""
    tags = tag_list("Key", "Value")

    def make(values: Object) -> Json:
        listed = tags(values)
        return [{"ResourceType": resource_type, "Tags": listed}] if listed else None

    return make


def filtered(by: Mapping[str, Parameter]) -> Callable[[Object], Json]:
    """The filters of a describing operation, each with one value; none without a value."""

    def make(values: Object) -> Json:
        found = {
            name: values.get(source) if isinstance(source, str) else source(values)
            for name, source in by.items()
        }
        return [{"Name": name, "Values": [value]} for name, value in found.items() if value]

    return make


def no_network_address(_name: str, value: Json) -> str:
    """What terraform says against what is no IPv4 network (verify.ValidIPv4CIDRNetworkAddress)."""
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        return f'"{value}" is not a valid IPv4 CIDR block: invalid CIDR address: {value}'
    if str(network) == value:
        return ""
    return f'"{value}" is not a valid IPv4 CIDR block; did you mean "{network}"?'
