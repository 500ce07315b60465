"""The tables of route tables, of what is associated with them, and of single routes.

Defaults, replacing properties and waiting: terraform-provider-aws internal/service/ec2/
vpc_route_table.go, vpc_route_table_association.go and vpc_route.go.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from pulumi_aws.ec2 import route, route_table, route_table_association

from emulator.providers.aws.ec2 import (
    GIVEN_TAGS,
    NO_IPV6,
    READ_TAGS,
    its_id,
    no_network_address,
    tagged,
)
from emulator.providers.aws.equivalence import same_in_any_order
from emulator.providers.aws.table import (
    MINUTE,
    Call,
    ConflictsWith,
    ExactlyOneOf,
    ForEach,
    Look,
    Parameter,
    Property,
    Read,
    ResourceType,
    Response,
    Timeouts,
    Update,
    first,
    old,
)
from emulator.providers.values import as_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.providers.values import Json, Object

ROUTE_TABLE_GO = "internal/service/ec2/vpc_route_table.go"
ASSOCIATION_GO = "internal/service/ec2/vpc_route_table_association.go"
ROUTE_GO = "internal/service/ec2/vpc_route.go"

NO_SUCH_TARGET = "it has no such targets; routes lead to gateways, NAT gateways and interfaces"

DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
}
"""A route's properties by the names EC2 has for them."""

DESTINATIONS_IN_A_TABLE = {
    "cidrBlock": "DestinationCidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
IN_A_TABLE = {**DESTINATIONS_IN_A_TABLE, **TARGETS}
"""The same for a route inside a route table."""

LOCAL = "local"
ENDPOINT = "vpce-"


def _interface(values: Object) -> Json:
    """The interface, unless the route leads elsewhere: EC2 may have told it for another target."""
    elsewhere = values.get("gatewayId") or values.get("natGatewayId")
    return None if elsewhere else values.get("networkInterfaceId")


def _parameters(names: Mapping[str, str]) -> dict[str, Parameter]:
    made: dict[str, Parameter] = {name: source for source, name in names.items()}
    if "NetworkInterfaceId" in made:
        made["NetworkInterfaceId"] = _interface
    return {"RouteTableId": "routeTableId", **made}


def _gateway(found: Response) -> Json:
    gateway = str(found.get("GatewayId") or "")
    return None if gateway.startswith(ENDPOINT) else gateway or None


# Routes of a table -------------------------------------------------------------------------------


def _own_routes(found: Response) -> Json:
    """The routes a program can say; EC2 and gateway endpoints make others (flattenRoutes)."""
    return [
        {
            **{name: one[field] for name, field in IN_A_TABLE.items() if one.get(field)},
        }
        for one in found.get("Routes", [])
        if one.get("GatewayId") != LOCAL
        and one.get("Origin") != "EnableVgwRoutePropagation"
        and not (
            one.get("DestinationPrefixListId") and str(one.get("GatewayId")).startswith(ENDPOINT)
        )
    ]


def _destination(one: Object) -> Json:
    return one.get("cidrBlock") or one.get("destinationPrefixListId")


def _to_add(values: Object) -> Sequence[Object]:
    known = {_destination(one) for one in as_list(old("routes")(values)) or []}
    return _of_table(values, [one for one in _routes(values) if _destination(one) not in known])


def _to_replace(values: Object) -> Sequence[Object]:
    known = {_destination(one): one for one in as_list(old("routes")(values)) or []}
    return _of_table(
        values,
        [
            one
            for one in _routes(values)
            if _destination(one) in known
            and not same_in_any_order([known[_destination(one)]], [one])
        ],
    )


def _to_delete(values: Object) -> Sequence[Object]:
    wanted = {_destination(one) for one in _routes(values)}
    gone = [one for one in as_list(old("routes")(values)) or [] if _destination(one) not in wanted]
    return _of_table(values, gone)


def _routes(values: Object) -> list[Object]:
    return as_list(values.get("routes")) or []


def _of_table(values: Object, routes: list[Object]) -> Sequence[Object]:
    return [{**dict.fromkeys(IN_A_TABLE), **one, "routeTableId": values["id"]} for one in routes]


def _associations(response: Response, _values: Object) -> Json:
    return [
        {"association": one["RouteTableAssociationId"]}
        for table in response["RouteTables"]
        for one in table["Associations"]
        if not one.get("Main")
    ]


DESCRIBE_TABLE = Call("describe_route_tables", {"RouteTableIds": its_id})
NO_SUCH_TABLE = frozenset({"InvalidRouteTableID.NotFound"})
NO_SUCH_ASSOCIATION = frozenset({"InvalidAssociationID.NotFound"})

ROUTE_TABLE = ResourceType(
    token="aws:ec2/routeTable:RouteTable",  # noqa: S106 - a type token
    label="Route Table",
    service="ec2",
    args_class=route_table.RouteTableArgs,
    state_class=route_table._RouteTableState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "vpcId": Property(replaces=f"{ROUTE_TABLE_GO}: vpc_id is ForceNew"),
        "routes": Property(computed=True, same=same_in_any_order),
    },
    unsupported={"propagatingVgws": "it has no VPN gateways"},
    create=Call(
        "create_route_table", {"VpcId": "vpcId", "TagSpecifications": tagged("route-table")}
    ),
    identify=lambda _values, response: response["RouteTable"]["RouteTableId"],
    reads=(
        Read(
            DESCRIBE_TABLE,
            {
                "ownerId": "OwnerId",
                "routes": _own_routes,
                "tagsAll": READ_TAGS,
                "vpcId": "VpcId",
            },
            select=first("RouteTables"),
        ),
    ),
    arn="route-table/{id}",
    not_found=NO_SUCH_TABLE,
    updates=(
        Update(
            frozenset({"routes"}),
            (
                ForEach(_to_replace, Call("replace_route", _parameters(IN_A_TABLE))),
                ForEach(_to_add, Call("create_route", _parameters(IN_A_TABLE))),
                ForEach(
                    _to_delete,
                    Call(
                        "delete_route",
                        _parameters(DESTINATIONS_IN_A_TABLE),
                        harmless=frozenset({"InvalidRoute.NotFound"}),
                    ),
                ),
            ),
            at_create=lambda values: bool(_routes(values)),
        ),
    ),
    tags=GIVEN_TAGS,
    delete=(
        Look(DESCRIBE_TABLE, {"associations": _associations}),
        ForEach(
            lambda values: values["associations"],
            Call(
                "disassociate_route_table",
                {"AssociationId": "association"},
                harmless=NO_SUCH_ASSOCIATION,
            ),
        ),
        Call("delete_route_table", {"RouteTableId": "id"}),
    ),
    timeouts=Timeouts(create=5 * MINUTE, update=2 * MINUTE, delete=5 * MINUTE),
    stable=frozenset({"arn", "ownerId"}),
)


# Associations ------------------------------------------------------------------------------------


ENDS = {"gatewayId": "GatewayId", "subnetId": "SubnetId"}


def _target_and_table(resource_id: str) -> Object:
    """An import id names both ends, an id of the state the association."""
    if resource_id.startswith("rtbassoc-"):
        return {}
    target, slash, table = resource_id.partition("/")
    if not (target and slash and table) or "/" in table:
        raise ValueError(
            f"Unexpected format for import: {resource_id}. Use 'subnet ID/route table ID' or "
            "'gateway ID/route table ID"
        )
    name = "subnetId" if target.startswith("subnet-") else "gatewayId"
    return {name: target, "routeTableId": table}


def _association(response: Response, values: Object) -> Response | None:
    """By its id, or else by its ends: a changed association has another id."""
    every = [one for table in response["RouteTables"] for one in table["Associations"]]
    ends = {field: values.get(name) for name, field in ENDS.items()}
    if "/" in values["id"]:
        ends["RouteTableId"] = values["routeTableId"]
    matching = [one for one in every if one["RouteTableAssociationId"] == values["id"]]
    if any(ends.values()):
        matching += [
            one for one in every if all(one.get(field) == end for field, end in ends.items())
        ]
    return matching[0] if matching else None


ROUTE_TABLE_ASSOCIATION = ResourceType(
    token="aws:ec2/routeTableAssociation:RouteTableAssociation",  # noqa: S106 - a type token
    label="Route Table Association",
    service="ec2",
    args_class=route_table_association.RouteTableAssociationArgs,
    state_class=route_table_association._RouteTableAssociationState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "gatewayId": Property(replaces=f"{ASSOCIATION_GO}: gateway_id is ForceNew"),
        "routeTableId": Property(),
        "subnetId": Property(replaces=f"{ASSOCIATION_GO}: subnet_id is ForceNew"),
    },
    combinations=(ExactlyOneOf(("subnetId", "gatewayId")),),
    create=Call(
        "associate_route_table",
        {"GatewayId": "gatewayId", "RouteTableId": "routeTableId", "SubnetId": "subnetId"},
    ),
    identify=lambda _values, response: response["AssociationId"],
    parse_id=_target_and_table,
    keys=frozenset({"gatewayId", "routeTableId", "subnetId"}),
    reads=(
        Read(
            Call("describe_route_tables", {}),
            {
                "gatewayId": "GatewayId",
                "id": "RouteTableAssociationId",
                "routeTableId": "RouteTableId",
                "subnetId": "SubnetId",
            },
            select=_association,
        ),
    ),
    not_found=NO_SUCH_ASSOCIATION | NO_SUCH_TABLE,
    updates=(
        Update(
            frozenset({"routeTableId"}),
            (
                Call(
                    "replace_route_table_association",
                    {"AssociationId": "id", "RouteTableId": "routeTableId"},
                ),
            ),
        ),
    ),
    delete=(Call("disassociate_route_table", {"AssociationId": "id"}),),
    timeouts=Timeouts(create=5 * MINUTE, update=2 * MINUTE, delete=5 * MINUTE),
)


# Single routes -----------------------------------------------------------------------------------


def _table_and_destination(resource_id: str) -> Object:
    """An import id names table and destination, an id of the state has a checksum of the second."""
    if resource_id.startswith("r-"):
        return {}
    table, underscore, destination = resource_id.partition("_")
    if not (table and underscore and destination) or "_" in destination:
        raise ValueError(
            f'unexpected format of ID ("{resource_id}"), expected ROUTETABLEID_DESTINATION'
        )
    if ":" in destination:
        return {"routeTableId": table, "destinationIpv6CidrBlock": destination}
    name = "destinationCidrBlock" if "." in destination else "destinationPrefixListId"
    return {"routeTableId": table, name: destination}


def _route_id(table: str, destination: str) -> str:
    """terraform's RouteCreateID, with its StringHashcode."""
    return f"r-{table}{zlib.crc32(destination.encode())}"


def _route(response: Response, values: Object) -> Response | None:
    for table in response["RouteTables"]:
        for one in table["Routes"]:
            for name, field in DESTINATIONS.items():
                if values.get(name) and one.get(field) == values[name]:
                    found = _route_id(table["RouteTableId"], values[name])
                    return {**one, "RouteTableId": table["RouteTableId"], "Id": found}
    return None


def _identify_route(values: Object, _response: Response) -> str:
    destination = next(values[name] for name in DESTINATIONS if values.get(name))
    return _route_id(values["routeTableId"], destination)


ROUTE = ResourceType(
    token="aws:ec2/route:Route",  # noqa: S106 - a type token
    label="Route",
    service="ec2",
    args_class=route.RouteArgs,
    state_class=route._RouteState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "routeTableId": Property(replaces=f"{ROUTE_GO}: route_table_id is ForceNew"),
        "destinationCidrBlock": Property(
            replaces=f"{ROUTE_GO}: destination_cidr_block is ForceNew", refused=no_network_address
        ),
        "destinationPrefixListId": Property(
            replaces=f"{ROUTE_GO}: destination_prefix_list_id is ForceNew"
        ),
        "gatewayId": Property(),
        "natGatewayId": Property(),
        "networkInterfaceId": Property(computed=True),
    },
    unsupported={
        "carrierGatewayId": NO_SUCH_TARGET,
        "coreNetworkArn": NO_SUCH_TARGET,
        "destinationIpv6CidrBlock": NO_IPV6,
        "egressOnlyGatewayId": NO_SUCH_TARGET,
        "localGatewayId": NO_SUCH_TARGET,
        "odbNetworkArn": NO_SUCH_TARGET,
        "transitGatewayId": NO_SUCH_TARGET,
        "vpcEndpointId": NO_SUCH_TARGET,
        "vpcPeeringConnectionId": NO_SUCH_TARGET,
    },
    combinations=(
        ExactlyOneOf(
            ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
        ),
        ExactlyOneOf(
            (
                "carrierGatewayId",
                "coreNetworkArn",
                "egressOnlyGatewayId",
                "gatewayId",
                "localGatewayId",
                "natGatewayId",
                "networkInterfaceId",
                "odbNetworkArn",
                "transitGatewayId",
                "vpcEndpointId",
                "vpcPeeringConnectionId",
            )
        ),
        ConflictsWith("carrierGatewayId", ("destinationIpv6CidrBlock",)),
        ConflictsWith("egressOnlyGatewayId", ("destinationCidrBlock",)),
        ConflictsWith("vpcEndpointId", ("destinationPrefixListId",)),
    ),
    create=Call("create_route", _parameters({**DESTINATIONS, **TARGETS})),
    identify=_identify_route,
    parse_id=_table_and_destination,
    keys=frozenset({"routeTableId", *DESTINATIONS}),
    reads=(
        Read(
            Call(
                "describe_route_tables", {"RouteTableIds": lambda values: [values["routeTableId"]]}
            ),
            {
                "id": "Id",
                "destinationCidrBlock": "DestinationCidrBlock",
                "destinationPrefixListId": "DestinationPrefixListId",
                "gatewayId": _gateway,
                "instanceId": "InstanceId",
                "instanceOwnerId": "InstanceOwnerId",
                "natGatewayId": "NatGatewayId",
                "networkInterfaceId": "NetworkInterfaceId",
                "origin": "Origin",
                "routeTableId": "RouteTableId",
                "state": "State",
            },
            select=_route,
        ),
    ),
    not_found=frozenset({"InvalidRoute.NotFound"}) | NO_SUCH_TABLE,
    updates=(
        Update(
            frozenset(TARGETS),
            (Call("replace_route", _parameters({**DESTINATIONS, **TARGETS})),),
        ),
    ),
    delete=(Call("delete_route", _parameters(DESTINATIONS)),),
    timeouts=Timeouts(create=5 * MINUTE, update=2 * MINUTE, delete=5 * MINUTE),
    stable=frozenset({"instanceId", "instanceOwnerId", "origin", "state"}),
)
