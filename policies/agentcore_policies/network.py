"""The network of a stack's runtimes, put together from its resources."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from agentcore_policies.agent_runtime import RUNTIMES, elements, in_vpc, is_hidden
from agentcore_policies.group_rules import (
    GROUPS,
    STANDALONE,
    Block,
    Direction,
    GroupRule,
    block_of,
    is_anywhere,
    owner_of,
    rules_in,
)
from agentcore_policies.last_stack import for_last_stack
from agentcore_policies.links import Linked, is_computed, links_of
from agentcore_policies.model import Resource, Stack, Value, at

VPCS: Final = ("aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc", "aws-native:ec2:Vpc")
DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
SUBNETS: Final = ("aws:ec2/subnet:Subnet", DEFAULT_SUBNET, "aws-native:ec2:Subnet")

# Blocks a VPC is given after the first one.
_MORE_BLOCKS: Final = (
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation",
    "aws-native:ec2:VpcCidrBlock",
)
_BLOCKS: Final = ("cidrBlock", "ipv6CidrBlock", "ipv6CidrBlocks")
# What has AWS choose a block of IPv6 beside that of IPv4.
_IPV6_CHOSEN: Final = ("assignGeneratedIpv6CidrBlock", "ipv6IpamPoolId")

_AWS_TABLE: Final = "aws:ec2/routeTable:RouteTable"
_DEFAULT_TABLE: Final = "aws:ec2/defaultRouteTable:DefaultRouteTable"
_NATIVE_TABLE: Final = "aws-native:ec2:RouteTable"
_OWN_TABLES: Final = (_AWS_TABLE, _NATIVE_TABLE)
_ALL_TABLES: Final = (*_OWN_TABLES, _DEFAULT_TABLE, *VPCS)
_ROUTES: Final = ("aws:ec2/route:Route", "aws-native:ec2:Route")
_ASSOCIATIONS: Final = (
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws-native:ec2:SubnetRouteTableAssociation",
)
_MAIN_ASSOCIATION: Final = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
_PROPAGATION: Final = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
_INTERNET_GATEWAYS: Final = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws-native:ec2:InternetGateway",
)

AWS_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
NATIVE_ENDPOINT: Final = "aws-native:ec2:VpcEndpoint"
VPC_ENDPOINTS: Final = (AWS_ENDPOINT, NATIVE_ENDPOINT)
_TABLE_ASSOCIATION: Final = (
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
)
SUBNET_ASSOCIATION: Final = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
_GROUP_ASSOCIATION: Final = "aws:ec2/securityGroupAssociation:SecurityGroupAssociation"
_SERVICE: Final = re.compile(
    r"(?:cn\.)?com\.amazonaws\.(?P<region>[a-z0-9-]+)\.(?P<service>[a-z0-9.-]+)"
)

_DESTINATIONS: Final = (
    *("destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock"),
)
# What leads out of a subnet without giving its interfaces an address on the internet.
_WAYS_OUT: Final = (
    *("natGatewayId", "transitGatewayId", "vpcPeeringConnectionId", "networkInterfaceId"),
    *("egressOnlyGatewayId", "egressOnlyInternetGatewayId", "coreNetworkArn", "instanceId"),
    *("localGatewayId", "carrierGatewayId", "vpcEndpointId"),
)

Target = Literal["internet", "out", "inside", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of a table.

    Attributes:
        resource: what says it: the table, or the route that is a resource of its own.
        path: where in that resource.
        target: an internet gateway, another way out, inside the VPC; or not known.
        is_default: whether it leads everywhere; None where that is not known.
    """

    resource: Resource
    path: str
    target: Target
    is_default: bool | None


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A VPC endpoint of an AWS service.

    Attributes:
        resource: the endpoint.
        service: such as ``ecr.api``; None where it is unknown or no AWS service's.
        region: the service's.
        kind: Interface, Gateway, ...; None where it is unknown.
        vpc: its VPC, where that is a resource of the stack.
    """

    resource: Resource
    service: str | None
    region: str | None
    kind: str | None
    vpc: Resource | None


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The addresses something has, as far as they are known.

    Attributes:
        at_least: blocks that are its own in any case.
        at_most: blocks beyond which it has none; None where these are not known.
    """

    at_least: Sequence[Block]
    at_most: Sequence[Block] | None


def service_of(endpoint: Resource) -> re.Match[str] | None:
    """Region and name of the AWS service an endpoint leads to."""
    name = endpoint.at("serviceName")
    return _SERVICE.fullmatch(name) if isinstance(name, str) else None


def kind_of(endpoint: Resource) -> str | None:
    """Interface, Gateway and so on; Gateway where none is given, None where it is unknown."""
    kind = endpoint.at("vpcEndpointType")
    if kind is None:
        return "Gateway"
    return kind if isinstance(kind, str) else None


class StackNetwork:
    """What surrounds the runtimes of a stack, as far as the stack tells.

    What belongs to other stacks is not there: then a question is answered with None.
    """

    def __init__(self, stack: Stack) -> None:
        self.links = links_of(stack)
        self._stack = stack
        self.runtimes = list(in_vpc(stack.of(*RUNTIMES)))
        self.endpoints = [self._endpoint(one) for one in stack.of(*VPC_ENDPOINTS)]
        self._associations = self._associations_by_endpoint()
        self._tables = self._tables_by_subnet()
        self._main = self._main_tables()
        self._routes = self._routes_by_table()
        self._rules, self.loose_rules = self._rules_by_group()
        self._addresses = self._addresses_by_vpc()

    def subnets(self, runtime: Resource) -> Linked:
        """The subnets of a runtime."""
        return self.links.of_list(
            runtime, SUBNETS, "networkConfiguration", "networkModeConfig", "subnets"
        )

    def groups(self, runtime: Resource) -> Linked:
        """The security groups of a runtime."""
        return self.links.of_list(
            runtime, GROUPS, "networkConfiguration", "networkModeConfig", "securityGroups"
        )

    def vpc(self, resource: Resource) -> Resource | None:
        """The VPC something stands in, where that is a resource of the stack."""
        return self.links.of(resource, VPCS, "vpcId").one

    def addresses(self, vpc: Resource) -> Addresses:
        """The addresses of a VPC."""
        return self._addresses[vpc.urn]

    def addresses_in(self, subnets: Linked, vpc: Resource) -> Addresses:
        """The IPv4 addresses of subnets of a VPC: those of the VPC at most."""
        blocks = [block_of(subnet.at("cidrBlock")) for subnet in subnets.found]
        known = [block for block in blocks if block is not None]
        if known and len(known) == len(blocks) and subnets.is_known:
            return Addresses(at_least=known, at_most=known)
        whole = self.addresses(vpc).at_most
        return Addresses(
            at_least=known,
            at_most=None if whole is None else [block for block in whole if block.version == 4],
        )

    def subnets_of_endpoint(self, endpoint: Resource) -> Linked:
        """The subnets of an interface endpoint, told by itself or by associations."""
        linked: list[Linked] = []
        if not is_computed(endpoint, "subnetIds"):
            linked.append(self.links.of_list(endpoint, SUBNETS, "subnetIds"))
        if not is_computed(endpoint, "subnetConfigurations"):
            name = "subnetConfigurations"
            ids = [at(one, "subnetId") for one in elements(endpoint.at(name))]
            linked.append(self.links.of_values(endpoint, SUBNETS, name, ids))
        return _all_of([*linked, *self._joined(endpoint, SUBNET_ASSOCIATION, SUBNETS, "subnetId")])

    def vpc_of_runtime(self, runtime: Resource) -> Resource | None:
        """The VPC a runtime's subnets are in, where that is a resource of the stack."""
        for subnet in self.subnets(runtime).found:
            vpc = self.vpc(subnet)
            if vpc is not None:
                return vpc
        return None

    def table(self, subnet: Resource) -> str | None:
        """The route table of a subnet: its own, or the main one of its VPC."""
        if subnet.urn in self._tables:
            return self._tables[subnet.urn]
        # An association nobody can place may be this subnet's.
        vpc = self.vpc(subnet)
        return None if "" in self._tables or vpc is None else self._main_of(vpc)

    def routes(self, subnet: Resource) -> Sequence[Route] | None:
        """The routes of a subnet's table; None where the table is not known."""
        table = self.table(subnet)
        return None if table is None else self._routes.get(table, ())

    def unplaced_routes(self) -> Sequence[Route]:
        """Routes of which nobody can tell the table."""
        return self._routes.get("", ())

    def has_way_out(self, runtime: Resource) -> bool | None:
        """Whether a runtime reaches services other than by its VPC's endpoints, from any subnet.

        None also where there is a route to another network, which may have endpoints of its own.
        """
        subnets = self.subnets(runtime)
        answers = [self._leads_out(subnet) for subnet in subnets.found]
        if any(answers):
            return True
        return False if subnets.is_known and answers and None not in answers else None

    def table_associations(self, endpoint: Resource) -> Linked:
        """The route tables a gateway endpoint is on, told by itself or by associations."""
        own = self.links.of_list(endpoint, _ALL_TABLES, "routeTableIds")
        if is_computed(endpoint, "routeTableIds"):
            own = Linked()
        found = {one.urn: one for one in own.found}
        foreign = list(own.foreign)
        is_whole = own.is_whole
        for association in self._associations.get((_TABLE_ASSOCIATION, endpoint.urn), ()):
            table = self.links.of(association, _ALL_TABLES, "routeTableId")
            found.update({one.urn: one for one in table.found})
            foreign += table.foreign
            is_whole = is_whole and table.is_whole
        return Linked(found=list(found.values()), foreign=foreign, is_whole=is_whole)

    def table_key(self, table: Resource) -> str | None:
        """What a route table is called here; a VPC and its default table mean the main one."""
        if table.type in _OWN_TABLES:
            return table.urn
        if table.type == _DEFAULT_TABLE:
            vpc = self.links.of(table, VPCS, "defaultRouteTableId").one
            return None if vpc is None else _default_of(vpc)
        return _default_of(table)

    def groups_of_endpoint(self, endpoint: Resource) -> Linked:
        """The security groups of an interface endpoint, told by itself or by associations."""
        own = self.links.of_list(endpoint, GROUPS, "securityGroupIds")
        if is_computed(endpoint, "securityGroupIds"):
            own = Linked()
        joined = self._joined(endpoint, _GROUP_ASSOCIATION, GROUPS, "securityGroupId")
        return _all_of([own, *joined])

    def rules(self, group: Resource, direction: Direction) -> Sequence[GroupRule]:
        """The rules of a group, said by itself and by resources of their own."""
        return [rule for rule in self._rules.get(group.urn, ()) if rule.direction == direction]

    def hidden_rules(self, group: Resource, direction: Direction) -> Sequence[str]:
        """Paths in a group where it cannot be told which rules it has."""
        return [
            path
            for path in rules_in(group)
            if isinstance(path, str) and direction in path.lower() and not is_computed(group, path)
        ]

    def _joined(
        self, endpoint: Resource, association: str, types: Sequence[str], name: str
    ) -> Sequence[Linked]:
        """What associations of a type join to an endpoint."""
        return [
            self.links.of(one, types, name)
            for one in self._associations.get((association, endpoint.urn), ())
        ]

    def _associations_by_endpoint(self) -> dict[tuple[str, str], list[Resource]]:
        """What is joined to an endpoint, by the type of the association and the endpoint's URN."""
        associations: dict[tuple[str, str], list[Resource]] = {}
        for one in self._stack.of(_TABLE_ASSOCIATION, SUBNET_ASSOCIATION, _GROUP_ASSOCIATION):
            endpoint = self.links.of(one, VPC_ENDPOINTS, "vpcEndpointId").one
            if endpoint is not None:
                associations.setdefault((one.type, endpoint.urn), []).append(one)
        return associations

    def _addresses_by_vpc(self) -> dict[str, Addresses]:
        given = {vpc.urn: [vpc] for vpc in self._stack.of(*VPCS)}
        is_whole = True
        for more in self._stack.of(*_MORE_BLOCKS):
            linked = self.links.of(more, VPCS, "vpcId")
            is_whole = is_whole and linked.is_whole
            for vpc in linked.found:
                given[vpc.urn].append(more)
        return {urn: _addresses_of(resources, is_whole) for urn, resources in given.items()}

    def _endpoint(self, resource: Resource) -> Endpoint:
        service = service_of(resource)
        return Endpoint(
            resource=resource,
            service=service["service"] if service else None,
            region=service["region"] if service else None,
            kind=kind_of(resource),
            vpc=self.vpc(resource),
        )

    def _main_of(self, vpc: Resource) -> str | None:
        return self._main.get(vpc.urn, _default_of(vpc))

    def _tables_by_subnet(self) -> dict[str, str | None]:
        """The table of each associated subnet; under "" what could not be placed."""
        tables: dict[str, str | None] = {}
        for association in self._stack.of(*_ASSOCIATIONS):
            subnet = self.links.of(association, SUBNETS, "subnetId")
            if not subnet.is_whole:
                tables[""] = None
            for one in subnet.found:
                table = self.links.of(association, _ALL_TABLES, "routeTableId").one
                tables[one.urn] = None if table is None else self.table_key(table)
        return tables

    def _main_tables(self) -> dict[str, str | None]:
        mains: dict[str, str | None] = {}
        for association in self._stack.of(_MAIN_ASSOCIATION):
            vpc = self.links.of(association, VPCS, "vpcId").one
            table = self.links.of(association, _ALL_TABLES, "routeTableId").one
            if vpc is not None:
                mains[vpc.urn] = None if table is None else self.table_key(table)
        return mains

    def _routes_by_table(self) -> dict[str, list[Route]]:
        routes: dict[str, list[Route]] = {}
        for table in self._stack.of(_AWS_TABLE, _DEFAULT_TABLE):
            key = self.table_key(table) or ""
            # What a virtual private gateway propagates is in no stack.
            gateways = elements(table.at("propagatingVgws"))
            if gateways and not is_computed(table, "propagatingVgws"):
                routes.setdefault(key, []).append(_propagated(table))
            if is_hidden(table.at("routes")) and not is_computed(table, "routes"):
                routes.setdefault(key, []).append(
                    Route(resource=table, path="routes", target="unknown", is_default=None)
                )
                continue
            routes.setdefault(key, []).extend(
                self._route(table, f"routes[{index}]", cast("Mapping[str, Value]", entry))
                if isinstance(entry, Mapping)
                else Route(
                    resource=table, path=f"routes[{index}]", target="unknown", is_default=None
                )
                for index, entry in enumerate(_given(table.at("routes")))
            )
        for route in self._stack.of(*_ROUTES):
            linked = self.links.of(route, _ALL_TABLES, "routeTableId")
            if linked.foreign:
                continue
            key = (linked.one and self.table_key(linked.one)) or ""
            routes.setdefault(key, []).append(self._route(route, "", route.props))
        for propagation in self._stack.of(_PROPAGATION):
            linked = self.links.of(propagation, _ALL_TABLES, "routeTableId")
            if not linked.foreign:
                key = (linked.one and self.table_key(linked.one)) or ""
                routes.setdefault(key, []).append(_propagated(propagation))
        return routes

    def _route(self, resource: Resource, path: str, entry: Mapping[str, Value]) -> Route:
        gateway = entry.get("gatewayId")
        if isinstance(gateway, str) and gateway:
            target: Target = "inside" if gateway == "local" else "out"
            if gateway.startswith("igw-") or self._is_internet_gateway(gateway):
                target = "internet"
            elif gateway.startswith("vpce-"):
                target = "inside"
        elif is_hidden(gateway):
            name = "gatewayId" if path == "" else "routes"
            meant = self.links.depended(resource, name, _INTERNET_GATEWAYS)
            target = "internet" if meant else "unknown"
        else:
            target = "out" if any(entry.get(name) for name in _WAYS_OUT) else "inside"
        return Route(
            resource=resource,
            path=f"{path}.gatewayId" if path else "gatewayId",
            target=target,
            is_default=_is_default(entry),
        )

    def _is_internet_gateway(self, gateway: str) -> bool:
        return self.links.is_id_of(gateway, _INTERNET_GATEWAYS)

    def _leads_out(self, subnet: Resource) -> bool | None:
        routes = self.routes(subnet)
        if routes is None:
            return None
        if any(route.target == "out" and route.is_default for route in routes):
            return True
        loose = [*routes, *self.unplaced_routes()]
        return None if any(route.target in ("out", "unknown") for route in loose) else False

    def _rules_by_group(self) -> tuple[dict[str, list[GroupRule]], list[GroupRule]]:
        rules: dict[str, list[GroupRule]] = {}
        loose: list[GroupRule] = []
        for group in self._stack.of(*GROUPS):
            rules[group.urn] = [rule for rule in rules_in(group) if isinstance(rule, GroupRule)]
        for resource in self._stack.of(*STANDALONE):
            linked = self.links.of(resource, (*GROUPS, *VPCS), owner_of(resource))
            said = [rule for rule in rules_in(resource) if isinstance(rule, GroupRule)]
            for one in linked.found:
                rules.setdefault(one.urn, []).extend(said)
            if not linked.is_whole:
                loose += said
        return rules, loose


def _addresses_of(resources: Iterable[Resource], is_whole: bool) -> Addresses:  # noqa: FBT001
    blocks: list[Block] = []
    for resource in resources:
        values = [value for name in _BLOCKS for value in elements(resource.at(name))]
        told = [block for block in map(block_of, values) if block is not None]
        chosen = any(
            resource.at(name) not in (None, False, "", "false") and not is_computed(resource, name)
            for name in _IPV6_CHOSEN
        )
        # From a pool there is a block that nobody gave.
        versions = {block.version for block in told}
        lacks = (chosen and 6 not in versions) or (resource.type in VPCS and 4 not in versions)
        is_whole = is_whole and bool(told) and not lacks
        blocks += told
    return Addresses(at_least=blocks, at_most=blocks if is_whole else None)


def _all_of(linked: Sequence[Linked]) -> Linked:
    return Linked(
        found=[one for each in linked for one in each.found],
        foreign=[one for each in linked for one in each.foreign],
        is_whole=all(each.is_whole for each in linked),
    )


def _default_of(vpc: Resource) -> str:
    return f"main of {vpc.urn}"


def _propagated(resource: Resource) -> Route:
    return Route(resource=resource, path="", target="out", is_default=None)


def _given(value: Value) -> Sequence[Value]:
    return () if is_hidden(value) else elements(value)


def _is_default(entry: Mapping[str, Value]) -> bool | None:
    given = [entry[name] for name in _DESTINATIONS if entry.get(name)]
    if any(map(is_hidden, given)):
        return None
    return any(map(is_anywhere, given))


network_of = for_last_stack(StackNetwork)
"""The network of a stack; put together once for the rules that judge the same one in turn."""
