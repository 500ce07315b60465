"""The table of VPC endpoints of AWS's services.

Defaults, replacing properties and waiting: terraform-provider-aws
internal/service/ec2/vpc_endpoint.go.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from pulumi_aws.ec2 import vpc_endpoint

from emulator.providers.aws.ec2 import GIVEN_TAGS, READ_TAGS, filtered, its_id, tagged
from emulator.providers.aws.equivalence import same_in_any_order, same_policy
from emulator.providers.aws.functions.table import each, texts, the_first
from emulator.providers.aws.functions.vpc_endpoints import DNS_ENTRIES, dns_options, normalized
from emulator.providers.aws.table import (
    MINUTE,
    Call,
    Property,
    Read,
    ResourceType,
    Response,
    Timeouts,
    Update,
    Wait,
    added,
    first,
    old,
    or_none,
    removed,
)
from emulator.providers.values import as_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object

ENDPOINT_GO = "internal/service/ec2/vpc_endpoint.go"

SERVICES_ONLY = "its endpoints are those of AWS's services; give `serviceName`"


def _same_text(old_value: Json, new_value: Json) -> bool:
    return str(old_value).lower() == str(new_value).lower()


def _same_options(old_value: Json, new_value: Json) -> bool:
    """What is left out is EC2's choice (SuppressMissingOptionalConfigurationBlock)."""
    before, after = as_object(old_value) or {}, as_object(new_value)
    if after is None:
        return old_value == new_value
    return all(before.get(name) == value for name, value in after.items())


def _no_domains(name: str, value: Json) -> str:
    """Which domains get private names matters to resource endpoints only."""
    given = sorted({"privateDnsPreference", "privateDnsSpecifiedDomains"} & value.keys())
    return f'"{name}": {", ".join(given)} not supported: {SERVICES_ONLY}' if given else ""


def _options(values: Object) -> Json:
    names = {
        "dnsRecordIpType": "DnsRecordIpType",
        "privateDnsOnlyForInboundResolverEndpoint": "PrivateDnsOnlyForInboundResolverEndpoint",
    }
    given = as_object(values.get("dnsOptions")) or {}
    return {member: given[name] for name, member in names.items() if name in given} or None


def _if_changed(
    name: str, same: Callable[[Json, Json], bool], source: Callable[[Object], Json] | None = None
) -> Callable[[Object], Json]:
    """A property's value as a parameter, left out where it means what it meant before."""

    def make(values: Object) -> Json:
        if same(old(name)(values), values.get(name)):
            return None
        return source(values) if source else values.get(name)

    return make


def _same_flag(old_value: Json, new_value: Json) -> bool:
    return bool(old_value) == bool(new_value)


def _existing(response: Response, values: Object) -> Response | None:
    found = first("VpcEndpoints")(response, values)
    return None if found is None or _lower(found) == "deleted" else found


def _lower(endpoint: Response) -> str:
    return str(endpoint["State"]).lower()


def _state(response: Response) -> str:
    found = _existing(response, {})
    return _lower(found) if found else ""


def _last_error(response: Response) -> str:
    error: Response = response["VpcEndpoints"][0].get("LastError") or {}
    return f"{error.get('Code', '')}: {error.get('Message', '')}" if error else ""


DESCRIBE = Call("describe_vpc_endpoints", {"VpcEndpointIds": its_id})


def _available(action: str) -> Wait:
    return Wait(
        action,
        DESCRIBE,
        _state,
        pending=frozenset({"pending"}),
        target=frozenset({"available", "pendingacceptance"}),
        reason=_last_error,
    )


VPC_ENDPOINT = ResourceType(
    token="aws:ec2/vpcEndpoint:VpcEndpoint",  # noqa: S106 - a type token
    label="EC2 VPC Endpoint",
    service="ec2",
    args_class=vpc_endpoint.VpcEndpointArgs,
    state_class=vpc_endpoint._VpcEndpointState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "dnsOptions": Property(computed=True, same=_same_options, refused=_no_domains),
        "ipAddressType": Property(computed=True, same=_same_text),
        "policy": Property(computed=True, same=same_policy),
        "privateDnsEnabled": Property(computed=True),
        "routeTableIds": Property(computed=True, same=same_in_any_order),
        "securityGroupIds": Property(computed=True, same=same_in_any_order),
        "serviceName": Property(replaces=f"{ENDPOINT_GO}: service_name is ForceNew"),
        "subnetIds": Property(computed=True, same=same_in_any_order),
        "vpcEndpointType": Property(
            replaces=f"{ENDPOINT_GO}: vpc_endpoint_type is ForceNew", default="Gateway"
        ),
        "vpcId": Property(replaces=f"{ENDPOINT_GO}: vpc_id is ForceNew"),
    },
    unsupported={
        "autoAccept": "AWS's services accept endpoints by themselves",
        "resourceConfigurationArn": SERVICES_ONLY,
        "serviceNetworkArn": SERVICES_ONLY,
        "serviceRegion": "its endpoints are those of services of their own region",
        "subnetConfigurations": "EC2 chooses the addresses; give `subnetIds`",
    },
    create=Call(
        "create_vpc_endpoint",
        {
            "ClientToken": lambda _values: str(uuid.uuid4()),
            "DnsOptions": _options,
            "IpAddressType": "ipAddressType",
            "PolicyDocument": "policy",
            "PrivateDnsEnabled": lambda values: bool(values.get("privateDnsEnabled")),
            "RouteTableIds": lambda values: values.get("routeTableIds") or None,
            "SecurityGroupIds": lambda values: values.get("securityGroupIds") or None,
            "ServiceName": "serviceName",
            "SubnetIds": lambda values: values.get("subnetIds") or None,
            "TagSpecifications": tagged("vpc-endpoint"),
            "VpcEndpointType": "vpcEndpointType",
            "VpcId": "vpcId",
        },
    ),
    identify=lambda _values, response: response["VpcEndpoint"]["VpcEndpointId"],
    reads=(
        Read(
            DESCRIBE,
            {
                "dnsEntries": DNS_ENTRIES,
                "dnsOptions": dns_options,
                "ipAddressType": "IpAddressType",
                "networkInterfaceIds": texts("NetworkInterfaceIds"),
                "ownerId": "OwnerId",
                "policy": lambda found: normalized(found["PolicyDocument"]),
                "privateDnsEnabled": "PrivateDnsEnabled",
                "requesterManaged": lambda found: found.get("RequesterManaged", False),
                "routeTableIds": texts("RouteTableIds"),
                "securityGroupIds": each("Groups", "GroupId"),
                "serviceName": "ServiceName",
                "serviceRegion": "ServiceRegion",
                "state": "State",
                "subnetIds": texts("SubnetIds"),
                "tagsAll": READ_TAGS,
                "vpcEndpointType": "VpcEndpointType",
                "vpcId": "VpcId",
            },
            select=_existing,
        ),
        Read(
            Call(
                "describe_prefix_lists", {"Filters": filtered({"prefix-list-name": "serviceName"})}
            ),
            {"cidrBlocks": texts("Cidrs"), "prefixListId": "PrefixListId"},
            select=the_first("PrefixLists"),
        ),
    ),
    arn="vpc-endpoint/{id}",
    not_found=frozenset({"InvalidVpcEndpointId.NotFound"}),
    after_create=(_available("create"),),
    updates=(
        Update(
            frozenset(
                {
                    "dnsOptions",
                    "ipAddressType",
                    "policy",
                    "privateDnsEnabled",
                    "routeTableIds",
                    "securityGroupIds",
                    "subnetIds",
                }
            ),
            (
                Call(
                    "modify_vpc_endpoint",
                    {
                        "VpcEndpointId": "id",
                        "AddRouteTableIds": or_none(added("routeTableIds")),
                        "AddSecurityGroupIds": or_none(added("securityGroupIds")),
                        "AddSubnetIds": or_none(added("subnetIds")),
                        "DnsOptions": _if_changed("dnsOptions", _same_options, _options),
                        "IpAddressType": _if_changed("ipAddressType", _same_text),
                        "PolicyDocument": _if_changed("policy", same_policy),
                        "PrivateDnsEnabled": _if_changed("privateDnsEnabled", _same_flag),
                        "RemoveRouteTableIds": or_none(removed("routeTableIds")),
                        "RemoveSecurityGroupIds": or_none(removed("securityGroupIds")),
                        "RemoveSubnetIds": or_none(removed("subnetIds")),
                    },
                ),
                _available("update"),
            ),
        ),
    ),
    tags=GIVEN_TAGS,
    delete=(
        Call("delete_vpc_endpoints", {"VpcEndpointIds": its_id}),
        Wait("delete", DESCRIBE, _state, pending=frozenset({"deleting", "deleted"})),
    ),
    timeouts=Timeouts(create=10 * MINUTE, update=10 * MINUTE, delete=10 * MINUTE),
    stable=frozenset(
        {
            "arn",
            "cidrBlocks",
            "ownerId",
            "prefixListId",
            "requesterManaged",
            "serviceRegion",
            "state",
        }
    ),
)
