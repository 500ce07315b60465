"""Looks up a network that exists, and checks it before anything is put into it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.additional_groups import group_findings
from infra.endpoint_admission import is_shut_out
from infra.identity_tag import IDENTITY_TAG, identity_of
from infra.look_up import answers, ask, wait_for
from infra.network_config import AGENTCORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from infra.policy_evaluation import Request

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
        source: the config key that says it and its value, for messages.
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


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """Whose agents are to run in the network, and how.

    Attributes:
        account_id: the stack's account.
        supported_zones: AZ ids AgentCore supports; None where nothing is known, and then the
            service decides.
        groups: security groups of agents besides the stack's own: the config key that names each,
            by its id.
        token_requests: what each agent asks AgentCore's endpoint for before all else, by the ARN of
            its role.
    """

    account_id: str
    supported_zones: frozenset[str] | None
    groups: Mapping[str, str]
    token_requests: Mapping[str, Sequence[Request]]


def find_network(
    ids: NetworkIds,
    needed: Iterable[NeededService],
    tenant: Tenant,
    options: pulumi.InvokeOptions,
) -> ExistingNetwork:
    """Look the network up, and check that agents run in it and reach what they need.

    Checked: VPC and subnets are the account's own; the subnets are of the VPC, private, in two
    zones or more that AgentCore supports, and have free addresses; DNS is on; agents' further
    security groups are of the VPC; what is reused is there and serves every zone; nothing of others
    has the private DNS names that are needed. A warning tells of agents that a reused endpoint of
    AgentCore shuts out. Not checked are network ACLs, what else policies of reused endpoints let
    through, which of several endpoints of a service stands in the way, and what else answers for
    the names of AWS's services: DNS servers of a DHCP option set, private hosted zones.

    Args:
        ids: which network it is.
        needed: the services the agents need endpoints of.
        tenant: whose agents are to run in it.
        options: the provider that looks.

    Raises:
        NetworkError: with every finding.
    """
    services = [one for one in needed if one.name not in ids.reused_endpoints]
    judge = _Judge(ids, tenant, wait_for(_see(ids, services, tenant, options)))
    network = judge.judge(services)
    if judge.findings or network is None:
        raise NetworkError(f"{ids.source}: agents cannot run in this network.", judge.findings)
    for warning in judge.warnings:
        pulumi.log.warn(f"{ids.source}: {warning}")
    return network


@dataclass(frozen=True, kw_only=True)
class _Reused:
    """An endpoint to reuse, and the zones it has interfaces in."""

    endpoint: aws.ec2.GetVpcEndpointResult
    zones: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What was looked up, and the reasons for what was not found.

    Attributes:
        vpc: empty when it is not found.
        tables: the route table of each subnet; None for one that uses none.
        reused: by service.
        standing: endpoints in the VPC of services that are not reused, by service.
        groups: what is wrong with agents' further security groups.
    """

    vpc: tuple[dict[str, aws.ec2.GetVpcResult], dict[str, str]]
    subnets: tuple[dict[str, aws.ec2.GetSubnetResult], dict[str, str]]
    tables: tuple[dict[str, aws.ec2.GetRouteTableResult | None], dict[str, str]]
    reused: tuple[dict[str, _Reused], dict[str, str]]
    standing: tuple[dict[str, aws.ec2.GetVpcEndpointResult], dict[str, str]]
    groups: Sequence[str]


async def _see(
    ids: NetworkIds,
    services: Iterable[NeededService],
    tenant: Tenant,
    options: pulumi.InvokeOptions,
) -> _Seen:
    """Look up everything at once that judging the network takes."""
    vpc, subnets, tables, reused, standing, groups = await asyncio.gather(
        answers({ids.vpc_id: _vpc(ids.vpc_id, options)}),
        answers({one: _subnet(one, options) for one in ids.subnet_ids}),
        answers({one: _table(one, ids.vpc_id, options) for one in ids.subnet_ids}),
        answers({name: _reused(one, options) for name, one in ids.reused_endpoints.items()}),
        answers({one.name: _standing(one, ids.vpc_id, options) for one in services}),
        group_findings(tenant.groups, ids.vpc_id, options),
    )
    return _Seen(
        vpc=vpc, subnets=subnets, tables=tables, reused=reused, standing=standing, groups=groups
    )


async def _vpc(vpc_id: str, options: pulumi.InvokeOptions) -> aws.ec2.GetVpcResult:
    return await ask("aws:ec2/getVpc:getVpc", {"id": vpc_id}, aws.ec2.GetVpcResult, options)


async def _subnet(subnet_id: str, options: pulumi.InvokeOptions) -> aws.ec2.GetSubnetResult:
    return await ask(
        "aws:ec2/getSubnet:getSubnet", {"id": subnet_id}, aws.ec2.GetSubnetResult, options
    )


async def _table(
    subnet_id: str, vpc_id: str, options: pulumi.InvokeOptions
) -> aws.ec2.GetRouteTableResult | None:
    """The route table a subnet uses: its own, or else the VPC's main one."""
    for name, value in (("association.subnet-id", subnet_id), ("association.main", "true")):
        tables = await ask(
            "aws:ec2/getRouteTables:getRouteTables",
            {"vpcId": vpc_id, "filters": [{"name": name, "values": [value]}]},
            aws.ec2.GetRouteTablesResult,
            options,
        )
        if tables.ids:
            return await ask(
                "aws:ec2/getRouteTable:getRouteTable",
                {"routeTableId": tables.ids[0]},
                aws.ec2.GetRouteTableResult,
                options,
            )
    return None


async def _reused(endpoint_id: str, options: pulumi.InvokeOptions) -> _Reused:
    found = await ask(
        "aws:ec2/getVpcEndpoint:getVpcEndpoint",
        {"id": endpoint_id},
        aws.ec2.GetVpcEndpointResult,
        options,
    )
    subnets = await asyncio.gather(*(_subnet(one, options) for one in found.subnet_ids))
    return _Reused(
        endpoint=found, zones=frozenset(subnet.availability_zone_id for subnet in subnets)
    )


async def _standing(
    service: NeededService, vpc_id: str, options: pulumi.InvokeOptions
) -> aws.ec2.GetVpcEndpointResult:
    return await ask(
        "aws:ec2/getVpcEndpoint:getVpcEndpoint",
        {
            "vpcId": vpc_id,
            "serviceName": service.full_name,
            "vpcEndpointType": "Gateway" if service.is_gateway else "Interface",
        },
        aws.ec2.GetVpcEndpointResult,
        options,
    )


@dataclass
class _Judge:
    """Says what is wrong with a network that was seen."""

    ids: NetworkIds
    tenant: Tenant
    seen: _Seen
    findings: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])

    def judge(self, services: Sequence[NeededService]) -> ExistingNetwork | None:
        vpcs, no_vpc = self.seen.vpc
        if no_vpc:
            # Then nothing that is in it is found either.
            self._not_found(no_vpc)
            return None
        (vpc,) = vpcs.values()
        self._has_dns(vpc)
        subnets = self._subnets(vpc)
        tables = self._tables(subnets)
        reused = self._reused(subnets, tables)
        by_zone = {one.availability_zone_id: one for one in reversed(subnets)}
        zones = sorted(by_zone)
        self._has_room(subnets, [by_zone[zone].id for zone in zones], services, tables)
        self.findings += self.seen.groups
        return ExistingNetwork(
            vpc_id=self.ids.vpc_id,
            subnet_ids=[one.id for one in subnets],
            endpoint_subnet_ids=[by_zone[zone].id for zone in zones],
            zones={zone: by_zone[zone].availability_zone for zone in zones},
            route_table_ids=tables,
            reused=reused,
        )

    def _not_found(self, failed: Mapping[str, str], what: str = "{}") -> None:
        self.findings += [f"{what.format(name)}: {reason}" for name, reason in failed.items()]

    def _has_dns(self, vpc: aws.ec2.GetVpcResult) -> None:
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

    def _subnets(self, vpc: aws.ec2.GetVpcResult) -> Sequence[aws.ec2.GetSubnetResult]:
        """The subnets that were found, in config's order."""
        found, failed = self.seen.subnets
        self._not_found(failed)
        subnets = list(found.values())
        self._are_the_accounts([vpc, *subnets])
        for subnet in subnets:
            if subnet.vpc_id != self.ids.vpc_id:
                self.findings.append(
                    f"{subnet.id} is in {subnet.vpc_id}, not in {self.ids.vpc_id}. Name subnets of "
                    "one VPC."
                )
            zone, supported = subnet.availability_zone_id, self.tenant.supported_zones
            if supported is not None and zone not in supported:
                self.findings.append(
                    f"{subnet.id} is in zone {zone}, which AgentCore does not support; it supports "
                    f"{', '.join(sorted(supported))}. Choose another subnet; a zone added since is "
                    "let in by additionalAvailabilityZoneIds."
                )
            if subnet.map_public_ip_on_launch:
                self.findings.append(
                    f"{subnet.id} gives public addresses at launch. AgentCore's interfaces get "
                    "none, and agents belong in private subnets. Choose another subnet."
                )
        zones = {subnet.availability_zone_id for subnet in subnets}
        if len(zones) < _MIN_ZONES and not failed:
            self.findings.append(
                f"all subnets are in zone {', '.join(zones)}; two zones or more are needed. Add a "
                "subnet of another zone."
            )
        return subnets

    def _are_the_accounts(
        self, things: Iterable[aws.ec2.GetVpcResult | aws.ec2.GetSubnetResult]
    ) -> None:
        shared: dict[str, list[str]] = {}
        for thing in things:
            if thing.owner_id != self.tenant.account_id:
                shared.setdefault(thing.owner_id, []).append(thing.id)
        self.findings += [
            f"{', '.join(ids)}: shared by account {owner}. Agents run in a VPC of their own "
            f"account, {self.tenant.account_id}: choose one of it."
            for owner, ids in shared.items()
        ]

    def _tables(self, subnets: Iterable[aws.ec2.GetSubnetResult]) -> Sequence[str]:
        """The route tables that the subnets use, each once."""
        found, failed = self.seen.tables
        # For a subnet of another VPC, or none, this VPC's main table would be told.
        inside = [subnet.id for subnet in subnets if subnet.vpc_id == self.ids.vpc_id]
        self._not_found({one: failed[one] for one in inside if one in failed}, "route table of {}")
        used: list[str] = []
        for subnet_id in inside:
            if subnet_id in failed:
                continue
            table = found[subnet_id]
            if table is None:
                self.findings.append(f"{subnet_id} uses no route table")
                continue
            used.append(str(table.id))
            targets = [route.gateway_id or "" for route in table.routes]
            gateways = [target for target in targets if target.startswith("igw-")]
            if gateways:
                self.findings.append(
                    f"{subnet_id} is public: {table.id} leads to {gateways[0]}. AgentCore's "
                    "interfaces get no public address, so nothing is reached that way. Choose "
                    "private subnets; for a way out, subnets that lead to a NAT gateway."
                )
        named = self.ids.route_table_ids
        if missing := sorted(set(used) - set(named or used)):
            self.findings.append(
                f"the subnets use {', '.join(missing)}, which routeTableIds does not name: S3 "
                "would not be reached from there. Name them, or leave routeTableIds out."
            )
        all_known = len(used) == len(self.ids.subnet_ids)
        if all_known and (unused := sorted(set(named) - set(used))):
            self.findings.append(
                f"routeTableIds names {', '.join(unused)}, which none of the subnets uses: nothing "
                "would be done with it. Remove it, name the subnets that use it, or leave "
                "routeTableIds out."
            )
        return list(dict.fromkeys(used))

    def _reused(
        self, subnets: Iterable[aws.ec2.GetSubnetResult], tables: Sequence[str]
    ) -> dict[str, ReusedEndpoint]:
        found, failed = self.seen.reused
        zones = {subnet.availability_zone_id for subnet in subnets}
        for service, endpoint_id in self.ids.reused_endpoints.items():
            if service in failed:
                self.findings.append(f"{endpoint_id} ({service}): {failed[service]}")
            else:
                wrong = self._wrong_with(found[service], service, zones, tables)
                self.findings += [f"{endpoint_id} ({service}) {reason}" for reason in wrong]
                if service == AGENTCORE and not wrong:
                    self._admits_agents(found[service].endpoint)
        return {
            service: ReusedEndpoint(
                id=one.endpoint.id,
                security_group_ids=one.endpoint.security_group_ids,
                dns_name=one.endpoint.dns_entries[0].dns_name if one.endpoint.dns_entries else None,
            )
            for service, one in found.items()
        }

    def _admits_agents(self, endpoint: aws.ec2.GetVpcEndpointResult) -> None:
        if not endpoint.policy:
            return
        self.warnings += [
            f"{endpoint.id} ({AGENTCORE}): its policy does not let {role_arn} get workload tokens. "
            "Admit the role where the endpoint is made (guestRoles, if that is a stack of this "
            "program)."
            for role_arn, requests in self.tenant.token_requests.items()
            if any(is_shut_out(role_arn, request, endpoint.policy) for request in requests)
        ]

    def _wrong_with(
        self, reused: _Reused, service: str, zones: set[str], tables: Sequence[str]
    ) -> list[str]:
        found = reused.endpoint
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
        if unserved := sorted(zones - reused.zones):
            wrong.append(
                f"has no interface in {', '.join(unserved)}, where agents run: add a subnet of "
                "each zone to it"
            )
        return wrong

    def _has_room(
        self,
        subnets: Iterable[aws.ec2.GetSubnetResult],
        endpoint_subnet_ids: Sequence[str],
        services: Sequence[NeededService],
        tables: Sequence[str],
    ) -> None:
        """Room for what is to be made; what is deployed already is not kept from a rollback."""
        made = {one.name for one in services if self._is_made(one, tables)}
        interfaces = sum(not one.is_gateway and one.name not in made for one in services)
        for subnet in subnets:
            endpoints = interfaces if subnet.id in endpoint_subnet_ids else 0
            agents = 0 if made or not interfaces else 1
            free, named = subnet.available_ip_address_count, f"{subnet.id} ({subnet.cidr_block})"
            if free < endpoints + agents:
                self.findings.append(
                    f"{named} has {free} free addresses; {endpoints} endpoints take one each, and "
                    "the agents' interfaces need more. Choose a larger subnet."
                )
            elif free < endpoints + _ROOM:
                self.warnings.append(
                    f"{named} has {free} free addresses, few for {endpoints} endpoints to be made "
                    "and the agents' interfaces"
                )

    def _is_made(self, service: NeededService, tables: Sequence[str]) -> bool:
        """Whether the stack made the endpoint already; one of somebody else's is a finding."""
        standing, failed = self.seen.standing
        if reason := failed.get(service.name):
            # The look-up tells of one endpoint; several stand side by side where at most one has
            # private DNS, or each has route tables of its own.
            if "multiple" in reason:
                self.warnings.append(
                    f"{self.ids.vpc_id} has several endpoints of {service.name}: whether one of "
                    "them stands in the way of the stack's own is left to EC2"
                )
            elif "no matching" not in reason:
                self.findings.append(f"endpoint of {service.name}: {reason}")
            return False
        found = standing[service.name]
        own = identity_of(f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::")
        if found.tags.get(IDENTITY_TAG, "").startswith(own):
            return True
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
        return False
