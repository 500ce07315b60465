"""Looks up a network that exists, and checks it before anything is put into it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.identity_tag import IDENTITY_TAG, identity_of

# Below this, agents' shared interfaces may find no address; the service gives no formula.
_ROOM: Final = 8
_MIN_ZONES: Final = 2


class NetworkError(Exception):
    """The network cannot take agents; ``str()`` is the whole message, one line a finding."""

    def __init__(self, head: str, findings: Sequence[str]) -> None:
        super().__init__("\n".join([head, *(f"  - {finding}" for finding in findings)]))
        self.findings = findings


@dataclass(frozen=True, kw_only=True)
class NetworkIds:
    """What config or another stack says of a network.

    Attributes:
        source: the config key that says it, for messages.
        route_table_ids: empty to take those the subnets use.
        reused_endpoints: endpoints somebody else made, by service.
    """

    source: str
    vpc_id: str
    subnet_ids: Sequence[str]
    route_table_ids: Sequence[str] = ()
    reused_endpoints: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class NeededService:
    """A service the agents need an endpoint of."""

    name: str
    full_name: str
    is_gateway: bool


@dataclass(frozen=True, kw_only=True)
class ReusedEndpoint:
    """An endpoint that somebody else made and looks after."""

    id: str
    security_group_ids: Sequence[str]
    dns_name: str | None


@dataclass(frozen=True, kw_only=True)
class ExistingNetwork:
    """A network that was looked up; all of it is known.

    Attributes:
        subnet_ids: the agents' subnets.
        endpoint_subnet_ids: one subnet a zone, because an endpoint takes no more.
        zones: the name of each zone of the agents' subnets in this account, by its id.
        route_table_ids: the tables the subnets use.
        reused: endpoints of others, by service.
    """

    vpc_id: str
    subnet_ids: Sequence[str]
    endpoint_subnet_ids: Sequence[str]
    zones: Mapping[str, str]
    route_table_ids: Sequence[str]
    reused: Mapping[str, ReusedEndpoint]


def find_network(
    ids: NetworkIds,
    needed: Iterable[NeededService],
    supported_zones: frozenset[str] | None,
    options: pulumi.InvokeOptions,
) -> ExistingNetwork:
    """Look the network up, and check that agents run in it and reach what they need.

    Checked: the subnets are of the VPC, private, in two zones or more that AgentCore supports, and
    have free addresses; DNS is on; what is reused is there and serves every zone; nothing of others
    has the private DNS names that are needed. Not checked are network ACLs, what policies of reused
    endpoints let through, and which of several endpoints of a service stands in the way.

    Args:
        ids: which network it is.
        needed: the services the agents need endpoints of.
        supported_zones: AZ ids AgentCore supports; None where nothing is known, and then the
            service decides.
        options: the provider that looks.

    Raises:
        NetworkError: with every finding.
    """
    search = _Search(ids, supported_zones, options)
    network = search.run(list(needed))
    if search.findings or network is None:
        raise NetworkError(
            f"{ids.source} = {ids.vpc_id}: agents cannot run in this network.", search.findings
        )
    for warning in search.warnings:
        pulumi.log.warn(f"{ids.source}: {warning}")
    return network


@dataclass
class _Search:
    ids: NetworkIds
    supported_zones: frozenset[str] | None
    options: pulumi.InvokeOptions
    findings: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])

    def run(self, needed: list[NeededService]) -> ExistingNetwork | None:
        if not self._vpc_is_right():
            return None
        subnets = self._subnets()
        tables = list(dict.fromkeys(table for one in subnets if (table := self._table(one))))
        if missing := sorted(set(tables) - set(self.ids.route_table_ids or tables)):
            self.findings.append(
                f"the subnets use {', '.join(missing)}, which routeTableIds does not name: S3 "
                "would not be reached from there. Name them, or leave routeTableIds out."
            )
        reused = self._reused(subnets, tables)
        by_zone = {one.availability_zone_id: one for one in reversed(subnets)}
        zones = sorted(by_zone)
        made = [one for one in needed if one.name not in reused]
        missing_endpoints = sum(self._is_missing(one, tables) for one in made)
        takes_endpoints = {one.id for one in by_zone.values()}
        for subnet in subnets:
            self._has_room(subnet, missing_endpoints if subnet.id in takes_endpoints else 0)
        return ExistingNetwork(
            vpc_id=self.ids.vpc_id,
            subnet_ids=[one.id for one in subnets],
            endpoint_subnet_ids=[by_zone[zone].id for zone in zones],
            zones={zone: by_zone[zone].availability_zone for zone in zones},
            route_table_ids=tables,
            reused=reused,
        )

    def _vpc_is_right(self) -> bool:
        try:
            vpc = aws.ec2.get_vpc(id=self.ids.vpc_id, opts=self.options)
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            self.findings.append(f"{self.ids.vpc_id}: {_reason(error)}")
            return False
        off = [
            name
            for name, on in (
                ("enableDnsSupport", vpc.enable_dns_support),
                ("enableDnsHostnames", vpc.enable_dns_hostnames),
            )
            if not on
        ]
        if off:
            self.findings.append(
                f"{' and '.join(off)} of {vpc.id} must be on: without them the names of AWS's "
                "services do not lead to the endpoints. Turn them on: aws ec2 modify-vpc-attribute "
                f"--vpc-id {vpc.id} --enable-dns-support (or --enable-dns-hostnames)"
            )
        return True

    def _subnets(self) -> list[aws.ec2.GetSubnetResult]:
        found: list[aws.ec2.GetSubnetResult] = []
        for subnet_id in self.ids.subnet_ids:
            try:
                subnet = aws.ec2.get_subnet(id=subnet_id, opts=self.options)
            except Exception as error:  # noqa: BLE001
                self.findings.append(f"{subnet_id}: {_reason(error)}")
                continue
            found.append(subnet)
            if subnet.vpc_id != self.ids.vpc_id:
                self.findings.append(
                    f"{subnet_id} is in {subnet.vpc_id}, not in {self.ids.vpc_id}. Name subnets of "
                    "one VPC."
                )
            zone = subnet.availability_zone_id
            if self.supported_zones is not None and zone not in self.supported_zones:
                self.findings.append(
                    f"{subnet_id} is in zone {zone}, which AgentCore does not support; it supports "
                    f"{', '.join(sorted(self.supported_zones))}. Choose another subnet; a zone "
                    "added since is let in by additionalAvailabilityZoneIds."
                )
            if subnet.map_public_ip_on_launch:
                self.findings.append(
                    f"{subnet_id} gives public addresses at launch. AgentCore's interfaces get "
                    "none, and agents belong in private subnets. Choose another subnet."
                )
        zones = {subnet.availability_zone_id for subnet in found}
        if len(zones) < _MIN_ZONES and len(found) == len(self.ids.subnet_ids):
            self.findings.append(
                f"all subnets are in zone {', '.join(zones)}; two zones or more are needed. Add a "
                "subnet of another zone."
            )
        return found

    def _table(self, subnet: aws.ec2.GetSubnetResult) -> str | None:
        """The route table a subnet uses: its own, or else the VPC's main one."""
        try:
            for name, value in (("association.subnet-id", subnet.id), ("association.main", "true")):
                tables = aws.ec2.get_route_tables(
                    vpc_id=subnet.vpc_id,
                    filters=[aws.ec2.GetRouteTablesFilterArgs(name=name, values=[value])],
                    opts=self.options,
                ).ids
                if tables:
                    break
            else:
                self.findings.append(f"{subnet.id} uses no route table")
                return None
            table = aws.ec2.get_route_table(route_table_id=tables[0], opts=self.options)
        except Exception as error:  # noqa: BLE001
            self.findings.append(f"route table of {subnet.id}: {_reason(error)}")
            return None
        targets = [route.gateway_id or "" for route in table.routes]
        gateways = [target for target in targets if target.startswith("igw-")]
        if gateways:
            self.findings.append(
                f"{subnet.id} is public: {table.id} leads to {gateways[0]}. AgentCore's interfaces "
                "get no public address, so nothing is reached that way. Choose private subnets; "
                "for a way out, subnets that lead to a NAT gateway."
            )
        return str(table.id)

    def _reused(
        self, subnets: Sequence[aws.ec2.GetSubnetResult], tables: Sequence[str]
    ) -> dict[str, ReusedEndpoint]:
        zones = {subnet.availability_zone_id for subnet in subnets}
        reused: dict[str, ReusedEndpoint] = {}
        for service, endpoint_id in self.ids.reused_endpoints.items():
            try:
                found = aws.ec2.get_vpc_endpoint(id=endpoint_id, opts=self.options)
            except Exception as error:  # noqa: BLE001
                self.findings.append(f"{endpoint_id} ({service}): {_reason(error)}")
                continue
            reused[service] = ReusedEndpoint(
                id=found.id,
                security_group_ids=found.security_group_ids,
                dns_name=found.dns_entries[0].dns_name if found.dns_entries else None,
            )
            wrong = self._wrong_with(found, service, zones, tables)
            self.findings += [f"{endpoint_id} ({service}) {reason}" for reason in wrong]
        return reused

    def _wrong_with(
        self,
        found: aws.ec2.GetVpcEndpointResult,
        service: str,
        zones: set[str],
        tables: Sequence[str],
    ) -> list[str]:
        wrong: list[str] = []
        if found.vpc_id != self.ids.vpc_id:
            return [f"is in {found.vpc_id}, not in {self.ids.vpc_id}"]
        # com.amazonaws.REGION.SERVICE, and a service's name may hold dots itself.
        if found.service_name.split(".", 3)[-1] != service:
            return [f"is an endpoint of {found.service_name}"]
        if found.state != "available":
            wrong.append(f"is {found.state}, not available")
        if found.vpc_endpoint_type == "Gateway":
            missing = sorted(set(tables) - set(found.route_table_ids))
            if missing:
                wrong.append(f"is not in {', '.join(missing)}, which the agents' subnets use")
            return wrong
        if not found.private_dns_enabled:
            wrong.append("has no private DNS, so the service's name does not lead to it")
        served: set[str] = set()
        for subnet_id in found.subnet_ids:
            subnet = aws.ec2.get_subnet(id=subnet_id, opts=self.options)
            served.add(subnet.availability_zone_id)
        if unserved := sorted(zones - served):
            wrong.append(
                f"has no interface in {', '.join(unserved)}, where agents run: add a subnet of "
                "each zone to it"
            )
        return wrong

    def _is_missing(self, service: NeededService, tables: Sequence[str]) -> bool:
        """Whether the endpoint still has to be made; one of somebody else's is a finding."""
        try:
            found = aws.ec2.get_vpc_endpoint(
                vpc_id=self.ids.vpc_id,
                service_name=service.full_name,
                vpc_endpoint_type="Gateway" if service.is_gateway else "Interface",
                opts=self.options,
            )
        except Exception as error:  # noqa: BLE001
            # The look-up tells of one endpoint; several stand side by side where at most one has
            # private DNS, or each has route tables of its own.
            if "multiple" in str(error):
                self.warnings.append(
                    f"{self.ids.vpc_id} has several endpoints of {service.name}: whether one of "
                    "them stands in the way of the stack's own is left to EC2"
                )
            elif "no matching" not in str(error):
                self.findings.append(f"endpoint of {service.name}: {_reason(error)}")
            return not service.is_gateway
        own = identity_of(f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::")
        if found.tags.get(IDENTITY_TAG, "").startswith(own):
            return False
        if service.is_gateway and set(found.route_table_ids) & set(tables):
            self.findings.append(
                f"{found.id} of {service.name} is in the subnets' route tables already. Name it: "
                f"reusedEndpoints: {{{service.name}: {found.id}}}"
            )
        if not service.is_gateway and found.private_dns_enabled:
            self.findings.append(
                f"{found.id} of {service.name} has the service's private DNS name, and a VPC takes "
                f"one. Name it: reusedEndpoints: {{{service.name}: {found.id}}}"
            )
        return not service.is_gateway

    def _has_room(self, subnet: aws.ec2.GetSubnetResult, endpoints: int) -> None:
        free = subnet.available_ip_address_count
        if free < endpoints + 1:
            self.findings.append(
                f"{subnet.id} ({subnet.cidr_block}) has {free} free addresses; {endpoints} "
                "endpoints take one each, and the agents' interfaces need more. Choose a "
                "larger subnet."
            )
        elif free < endpoints + _ROOM:
            self.warnings.append(
                f"{subnet.id} ({subnet.cidr_block}) has {free} free addresses, few for "
                f"{endpoints} endpoints and the agents' interfaces"
            )


def _reason(error: Exception) -> str:
    """What a look-up says went wrong, without the words around it."""
    return str(error).partition(" failed: ")[2].strip() or str(error)
