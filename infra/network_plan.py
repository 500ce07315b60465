"""The network of the agents in VPC mode, worked out before its first resource.

What a network of the stack's own is made of follows from config and from two look-ups: the
account's availability zones, and where the region offers each endpoint. An existing network is
looked up and checked. All of it is known at preview.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

import pulumi

from infra.additional_groups import group_findings
from infra.agent_config import Agent
from infra.agent_plan import AgentPlan
from infra.availability_zones import supported_zone_ids
from infra.components.network import ZoneArgs
from infra.components.vpc_endpoints import EndpointArgs
from infra.config import StackConfig
from infra.documents.endpoint_policy import AgentAccess, EndpointAccess, endpoint_policy
from infra.endpoint_services import AgentNeeds, EndpointService, needed_services
from infra.existing_network import (
    ExistingNetwork,
    NeededService,
    NetworkError,
    NetworkIds,
    Tenant,
    find_network,
)
from infra.look_up import wait_for
from infra.naming import StackNames
from infra.network_config import AGENTCORE, MAX_RULES, Network
from infra.network_stack import network_of_stack
from infra.subnet_plan import plan_subnets
from infra.zone_choice import ZoneError, ZoneOffer, choose_zones
from infra.zone_lookup import AskedService, Offer, Region, look_up_region

if TYPE_CHECKING:
    from ipaddress import IPv4Network

# Where config leaves the number of zones open.
_ZONES: Final = 2
_ZONES_IN_PRODUCTION: Final = 3
_TOKENS: Final = "bedrock-agentcore:GetWorkloadAccessToken"


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """The network, worked out; nothing in it is an output.

    Attributes:
        name: logical name of what belongs to this network and no other: a network that is changed
            for another is made beside it, and the old one goes when nothing holds it any more.
        config: the network block it was worked out from.
        zones: zones and subnets of the stack's own network; empty for an existing one.
        nat_zone_ids: the zones in which the stack makes a NAT gateway.
        existing: the network that was looked up; None for the stack's own.
        interfaces: the interface endpoints to make.
        gateways: the gateway endpoints to make.
        prefix_lists: the prefix list of each service behind a gateway endpoint.
    """

    name: str
    config: Network
    zones: Sequence[ZoneArgs]
    nat_zone_ids: Sequence[str]
    existing: ExistingNetwork | None
    interfaces: Sequence[EndpointArgs]
    gateways: Sequence[EndpointArgs]
    prefix_lists: Mapping[str, str]

    @property
    def zone_ids(self) -> Sequence[str]:
        """The zones agents run in."""
        return list(self.existing.zones) if self.existing else [one.zone_id for one in self.zones]


def plan_network(
    network: Network,
    config: StackConfig,
    names: StackNames,
    agents: Sequence[AgentPlan],
    options: pulumi.InvokeOptions,
) -> NetworkPlan:
    """Work the network out.

    Args:
        network: the network block.
        config: the stack's config.
        names: the stack's names.
        agents: every agent of the stack.
        options: the provider that looks things up.

    Raises:
        DocumentTooLongError: an endpoint's policy names more than it can hold.
        NetworkError: an existing network cannot take agents, or agents name security groups that
            are not there.
        ZoneError: the region or the account does not offer what is needed.
    """
    services = needed_services(
        [_needs(plan.agent) for plan in agents if plan.in_vpc],
        network.additional_endpoints,
    )
    supported = supported_zone_ids(config.region, config.additional_availability_zone_ids)
    groups = _groups(agents, names.project)
    existing = None
    if network.cidr is not None:
        _require_groups(groups, options)
    else:
        existing = find_network(
            _ids(network, names.project),
            [
                NeededService(
                    name=service.name,
                    full_name=service.full_name(config.region),
                    is_gateway=service.type == "Gateway",
                )
                for service in services
            ],
            Tenant(
                account_id=config.account_id,
                supported_zones=supported,
                groups=groups,
                token_requests={
                    plan.role_arn: [
                        one.request for one in plan.required if one.request.action == _TOKENS
                    ]
                    for plan in agents
                    if plan.in_vpc
                },
            ),
            options,
        )
    made = [one for one in services if existing is None or one.name not in existing.reused]
    with _told_with(f"{names.project}:network: what it takes is not found in {config.region}."):
        region = look_up_region(
            [
                AskedService(
                    name=one.name,
                    full_name=one.full_name(config.region),
                    type=one.type,
                    asked_by=_asked_by(one, network, names.project),
                )
                for one in made
            ],
            {one.name: one.full_name(config.region) for one in services if one.type == "Gateway"},
            options,
        )
    zones: Sequence[ZoneArgs] = ()
    if existing is None:
        key = "availabilityZoneIds" if network.availability_zone_ids else "availabilityZones"
        with _told_with(f"{names.project}:network.{key}: the network cannot span these zones."):
            zones = _own_zones(network, config, made, region, supported)
    else:
        _require_agreement(network, existing, names, gateways=len(region.prefix_lists))
        with _told_with(f"{names.project}:network: endpoints cannot stand where agents run."):
            _require_offered(existing, made, region.offers)
    access = EndpointAccess(
        agents=[
            AgentAccess(
                name=plan.name, role_arn=plan.role_arn, grants=plan.grants, in_vpc=plan.in_vpc
            )
            for plan in agents
        ],
        caller_arns=network.endpoint_callers,
        guest_arns=network.guest_roles,
        image_account_ids=config.trusted_image_accounts,
        organization_id=config.organization_id,
    )
    endpoints = {
        service.name: EndpointArgs(
            service=service.name,
            service_name=service.full_name(config.region),
            policy=endpoint_policy(service.name, names, access)
            if region.offers[service.name].takes_policy
            else None,
        )
        for service in made
    }
    return NetworkPlan(
        name=f"{names.prefix}-{_key(network, existing)}",
        config=network,
        zones=zones,
        nat_zone_ids=_nat_zone_ids(network, [zone.zone_id for zone in zones]),
        existing=existing,
        interfaces=[endpoints[one.name] for one in made if one.type == "Interface"],
        gateways=[endpoints[one.name] for one in made if one.type == "Gateway"],
        prefix_lists=region.prefix_lists,
    )


@contextmanager
def _told_with(head: str) -> Generator[None]:
    """What is wrong with zones, under the config key it comes from."""
    try:
        yield
    except ZoneError as error:
        raise ZoneError([head, *(f"  - {finding}" for finding in error.findings)]) from error


def _nat_zone_ids(network: Network, zone_ids: Sequence[str]) -> Sequence[str]:
    """The zones with a NAT gateway; a single one stands where config says first.

    Config's order keeps it there, with its public address, when a zone is added before it.
    """
    match network.nat:
        case None:
            return ()
        case "single":
            return (network.availability_zone_ids or zone_ids)[:1]
        case "onePerZone":
            return zone_ids


def _key(network: Network, existing: ExistingNetwork | None) -> str:
    """What tells one network of the stack from the next one."""
    if existing is not None:
        return existing.vpc_id
    return re.sub(r"[./]", "-", str(network.cidr))


def _needs(agent: Agent) -> AgentNeeds:
    return AgentNeeds(
        models=bool(agent.models or agent.inference_profiles),
        tracing=agent.tracing,
        metrics=agent.metrics,
        secrets=bool(agent.secrets),
        gateways=bool(agent.gateways),
    )


def _asked_by(service: EndpointService, network: Network, namespace: str) -> str:
    if service.name in network.additional_endpoints:
        return f"{namespace}:network.additionalEndpoints"
    return "needed by the agents"


def _groups(agents: Sequence[AgentPlan], namespace: str) -> Mapping[str, str]:
    """The config key that names each security group besides the stack's own, by its id."""
    return {
        group: f"{namespace}:agents.{plan.name}.additionalSecurityGroupIds"
        for plan in reversed(agents)
        for group in plan.agent.additional_security_group_ids
    }


def _require_groups(groups: Mapping[str, str], options: pulumi.InvokeOptions) -> None:
    """Hold the groups against what there is; their VPC gets its id when it is made."""
    if findings := wait_for(group_findings(groups, None, options)):
        raise NetworkError("agents name security groups that are not there.", findings)


def _ids(network: Network, namespace: str) -> NetworkIds:
    if network.stack is not None:
        told = network_of_stack(network.stack, key=f"{namespace}:network.stack")
        reused = {**told.reused_endpoints, **network.reused_endpoints}
        return replace(told, reused_endpoints=reused)
    return NetworkIds(
        source=f"{namespace}:network.vpcId = {network.vpc_id}",
        vpc_id=network.vpc_id or "",
        subnet_ids=network.subnet_ids,
        route_table_ids=network.route_table_ids,
        reused_endpoints=network.reused_endpoints,
    )


def _own_zones(
    network: Network,
    config: StackConfig,
    made: Sequence[EndpointService],
    region: Region,
    supported: frozenset[str] | None,
) -> list[ZoneArgs]:
    offer = ZoneOffer(
        names=region.zones,
        supported=supported,
        services={
            one.name: region.offers[one.name].zones for one in made if one.type == "Interface"
        },
    )
    wanted = network.availability_zone_ids or network.availability_zones
    if wanted:
        chosen = choose_zones(wanted, offer)
    else:
        most = _ZONES_IN_PRODUCTION if config.production else _ZONES
        chosen = choose_zones(most, offer, at_least=_ZONES)
    subnets = plan_subnets(cast("IPv4Network", network.cidr), [zone.id for zone in chosen])
    return [
        ZoneArgs(zone_id=zone, agent_cidr=str(plan.agent), public_cidr=str(plan.public))
        for zone, plan in subnets.items()
    ]


def _require_agreement(
    network: Network, existing: ExistingNetwork, names: StackNames, *, gateways: int
) -> None:
    """Hold the block against what is reused, which may be told by another stack."""
    findings: list[str] = []
    unheard = {"endpointCallers": network.endpoint_callers, "guestRoles": network.guest_roles}
    if AGENTCORE in existing.reused:
        findings += [
            f"{key}: the {AGENTCORE} endpoint is reused, and its policy is left as it is. Admit "
            "them where it is made, and remove them here."
            for key, arns in unheard.items()
            if arns
        ]
    groups = {group for one in existing.reused.values() for group in one.security_group_ids}
    rules = len(network.egress_rules) + len(groups) + gateways + 1
    if rules > MAX_RULES:
        findings.append(
            f"egressRules: the agents' security group would have {rules} rules, "
            f"{rules - len(network.egress_rules)} of them to endpoints, and takes {MAX_RULES}. Put "
            "networks into a prefix list, or join neighbouring ones."
        )
    if findings:
        raise NetworkError(
            f"{names.project}:network does not agree with the network it names.", findings
        )


def _require_offered(
    existing: ExistingNetwork, made: Sequence[EndpointService], offers: Mapping[str, Offer]
) -> None:
    missing = [
        f"{service.name} has no endpoint in zone {zone}, where subnets of the agents are. Leave "
        "these subnets out, or reuse an endpoint of it (reusedEndpoints)."
        for service in made
        for zone, name in existing.zones.items()
        if service.type == "Interface" and name not in offers[service.name].zones
    ]
    if missing:
        raise ZoneError(missing)
