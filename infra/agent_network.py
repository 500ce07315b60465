"""Composes the network of the agents in VPC mode out of its plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from infra.components.flow_log_destination import FlowLogDestination, FlowLogDestinationArgs
from infra.components.network import Network, NetworkArgs
from infra.components.runtime_security_group import (
    EgressRuleArgs,
    RuntimeSecurityGroup,
    RuntimeSecurityGroupArgs,
)
from infra.components.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs
from infra.config import StackConfig
from infra.documents.flow_log_role import flow_log_permissions_policy, flow_log_trust_policy
from infra.existing_network import ExistingNetwork, ReusedEndpoint
from infra.naming import StackNames
from infra.network_config import EgressRule
from infra.network_plan import NetworkPlan


@dataclass(frozen=True, kw_only=True)
class AgentNetwork:
    """What a runtime in VPC mode is given of the network.

    Attributes:
        subnet_ids: the private subnets its interfaces stand in.
        security_group_id: the group they have.
        usable: what has to exist before a container can be pulled and started.
        outputs: what the stack exports of the network.
    """

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    usable: Sequence[pulumi.Resource]
    outputs: Mapping[str, Any]


# What a stack without a network exports of it.
NO_NETWORK: Mapping[str, Any] = {
    "subnetIds": [],
    "routeTableIds": [],
    "availabilityZoneIds": [],
    "vpcEndpoints": {},
    "vpcEndpointIds": [],
    "vpcEndpointDnsNames": [],
    "securityGroupIds": [],
}


def deploy_network(
    plan: NetworkPlan,
    config: StackConfig,
    names: StackNames,
    *,
    key_arn: pulumi.Input[str] | None,
    principals: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> AgentNetwork:
    """Make the network, or what an existing one lacks, and the agents' security group.

    Args:
        plan: the network, worked out.
        config: the stack's config.
        names: the stack's names.
        key_arn: the key flow logs are encrypted with; None is CloudWatch Logs' own.
        principals: the roles that endpoint policies name.
        opts: the providers.
    """
    place = (
        _own(plan, config, names, key_arn, opts)
        if plan.existing is None
        else _existing(plan.existing)
    )
    endpoints = VpcEndpoints(
        plan.name,
        VpcEndpointsArgs(
            title=names.prefix,
            vpc_id=place.vpc_id,
            subnet_ids=place.endpoint_subnet_ids,
            route_table_ids=place.route_table_ids,
            security_group_name=names.endpoint_security_group,
            interfaces=plan.interfaces,
            gateways=plan.gateways,
            principals=principals,
        ),
        opts,
    )
    reused: Mapping[str, ReusedEndpoint] = plan.existing.reused if plan.existing else {}
    reused_groups = [
        group_id for endpoint in reused.values() for group_id in endpoint.security_group_ids
    ]
    # EC2 refuses a rule that a group has already, whatever its description.
    made_anyway = {*reused_groups, *plan.prefix_lists.values()}
    group = RuntimeSecurityGroup(
        plan.name,
        RuntimeSecurityGroupArgs(
            group_name=names.runtime_security_group,
            vpc_id=place.vpc_id,
            endpoint_groups={
                "endpoints": endpoints.security_group_id,
                # A group of several reused endpoints admits the agents once.
                **{group_id: group_id for group_id in reused_groups},
            },
            gateway_prefix_lists=plan.prefix_lists,
            egress=[
                _egress(rule)
                for rule in plan.config.egress_rules
                if not (_is_https(rule) and rule.destination in made_anyway)
            ],
        ),
        opts,
    )
    ids = {**endpoints.ids, **{service: endpoint.id for service, endpoint in reused.items()}}
    dns_names = {
        **endpoints.dns_names,
        **{service: one.dns_name for service, one in reused.items() if one.dns_name},
    }
    return AgentNetwork(
        subnet_ids=place.subnet_ids,
        security_group_id=group.id,
        usable=[*place.routed, *endpoints.endpoints, *group.rules],
        outputs={
            "vpcId": place.vpc_id,
            "subnetIds": place.subnet_ids,
            "routeTableIds": place.route_table_ids,
            "availabilityZoneIds": plan.zone_ids,
            "vpcEndpoints": ids,
            "vpcEndpointIds": [ids[service] for service in sorted(ids)],
            "vpcEndpointDnsNames": [dns_names[service] for service in sorted(dns_names)],
            "securityGroupIds": [group.id, endpoints.security_group_id],
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A VPC's parts, of the stack's own or of an existing one."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    endpoint_subnet_ids: Sequence[pulumi.Input[str]]
    route_table_ids: Sequence[pulumi.Input[str]]
    routed: Sequence[pulumi.Resource]


def _own(
    plan: NetworkPlan,
    config: StackConfig,
    names: StackNames,
    key_arn: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> _Place:
    destination = FlowLogDestination(
        names.prefix,
        FlowLogDestinationArgs(
            log_group_name=names.flow_log_group,
            retention_days=plan.config.flow_log_retention_days,
            kms_key_arn=key_arn,
            role_name=names.flow_log_role,
            trust_policy=flow_log_trust_policy(names),
            permissions_policy=flow_log_permissions_policy(names),
            permissions_boundary=config.permissions_boundary,
            protect=config.production,
        ),
        opts,
    )
    network = Network(
        plan.name,
        NetworkArgs(
            title=names.prefix,
            cidr=str(plan.config.cidr),
            zones=plan.zones,
            nat_zone_ids=plan.nat_zone_ids,
            flow_log_group_arn=destination.log_group_arn,
            flow_log_role_arn=destination.role_arn,
            protect=config.production,
        ),
        opts,
    )
    return _Place(
        vpc_id=network.vpc_id,
        subnet_ids=network.subnet_ids,
        endpoint_subnet_ids=network.subnet_ids,
        route_table_ids=network.route_table_ids,
        routed=network.routed,
    )


def _existing(existing: ExistingNetwork) -> _Place:
    return _Place(
        vpc_id=existing.vpc_id,
        subnet_ids=existing.subnet_ids,
        endpoint_subnet_ids=existing.endpoint_subnet_ids,
        route_table_ids=existing.route_table_ids,
        routed=[],
    )


def _is_https(rule: EgressRule) -> bool:
    return (rule.protocol, rule.from_port, rule.last_port) == ("tcp", 443, 443)


def _egress(rule: EgressRule) -> EgressRuleArgs:
    return EgressRuleArgs(
        key=f"{rule.protocol}-{rule.from_port}-{rule.last_port}-{rule.destination}",
        description=rule.description,
        protocol=rule.protocol,
        from_port=rule.from_port,
        to_port=rule.last_port,
        cidr=None if rule.cidr is None else str(rule.cidr),
        prefix_list_id=rule.prefix_list_id,
        security_group_id=rule.security_group_id,
    )
