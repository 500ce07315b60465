"""The security group agents in VPC mode run in, and what it lets through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.identity_tag import identity_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TYPE: Final = "agentcore:network:RuntimeSecurityGroup"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_HTTPS: Final = 443


@dataclass(frozen=True, kw_only=True)
class EgressRuleArgs:
    """One more way out; exactly one of the three targets is given.

    Attributes:
        key: tells the rule from the others of the group, and does not change with their order.
        description: what it is for; EC2 keeps it with the rule.
        protocol: ``tcp`` or ``udp``.
        from_port: first port.
        to_port: last port.
        cidr: IPv4 block it leads to.
        prefix_list_id: prefix list it leads to.
        security_group_id: group whose members it leads to.
    """

    key: str
    description: str
    protocol: str
    from_port: int
    to_port: int
    cidr: str | None = None
    prefix_list_id: str | None = None
    security_group_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class RuntimeSecurityGroupArgs:
    """What shapes the group.

    Attributes:
        group_name: physical name, unique in the VPC.
        vpc_id: the VPC of the agents' subnets.
        endpoint_groups: the security groups of the interface endpoints by a stable key; each is
            reached on 443, and admits this group on 443.
        gateway_prefix_lists: the addresses of the services behind gateway endpoints, S3's among
            them, by service; each is reached on 443.
        egress: what config allows besides.
    """

    group_name: str
    vpc_id: pulumi.Input[str]
    endpoint_groups: Mapping[str, pulumi.Input[str]]
    gateway_prefix_lists: Mapping[str, str]
    egress: Sequence[EgressRuleArgs]


class RuntimeSecurityGroup(pulumi.ComponentResource):
    """One group for all agents of the stack: nothing comes in, little goes out.

    Invocations do not enter through the VPC, so there is no ingress rule. One group, because the
    service shares its network interfaces among agents with the same subnets and groups.
    """

    id: pulumi.Output[str]
    """Id of the group."""
    rules: list[pulumi.Resource]
    """Its rules, and those of the endpoints' groups that admit it; who needs them depends on it."""

    def __init__(
        self, name: str, args: RuntimeSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(_TYPE, name, None, opts)
        group_name = f"{name}-agents"
        group = aws.ec2.SecurityGroup(
            group_name,
            name=args.group_name,
            description="AgentCore agents in VPC mode",
            vpc_id=args.vpc_id,
            tags={
                "Name": args.group_name,
                **identity_tags(_TYPE, "aws:ec2/securityGroup:SecurityGroup", group_name),
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                # The service holds the group for hours after the last agent left it, so that a
                # replacement for a new name or description could not delete the old one.
                ignore_changes=["name", "description"],
            ),
        )
        self.id = group.id
        self.rules = []
        for key, endpoint_group in args.endpoint_groups.items():
            rule = f"{name}-{key}"
            self.rules += [
                aws.vpc.SecurityGroupEgressRule(
                    rule,
                    security_group_id=group.id,
                    description="AWS services through interface endpoints",
                    referenced_security_group_id=endpoint_group,
                    ip_protocol="tcp",
                    from_port=_HTTPS,
                    to_port=_HTTPS,
                    tags=identity_tags(_TYPE, _EGRESS, rule),
                    opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
                ),
                aws.vpc.SecurityGroupIngressRule(
                    rule,
                    security_group_id=endpoint_group,
                    description="AgentCore agents in VPC mode",
                    referenced_security_group_id=group.id,
                    ip_protocol="tcp",
                    from_port=_HTTPS,
                    to_port=_HTTPS,
                    tags=identity_tags(_TYPE, _INGRESS, rule),
                    opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
                ),
            ]
        gateways = [
            EgressRuleArgs(
                key=service,
                description=f"{service} through its gateway endpoint",
                protocol="tcp",
                from_port=_HTTPS,
                to_port=_HTTPS,
                prefix_list_id=prefix_list_id,
            )
            for service, prefix_list_id in args.gateway_prefix_lists.items()
        ]
        for egress in (*gateways, *args.egress):
            rule = f"{name}-{egress.key}"
            self.rules.append(
                aws.vpc.SecurityGroupEgressRule(
                    rule,
                    security_group_id=group.id,
                    description=egress.description,
                    cidr_ipv4=egress.cidr,
                    prefix_list_id=egress.prefix_list_id,
                    referenced_security_group_id=egress.security_group_id,
                    ip_protocol=egress.protocol,
                    from_port=egress.from_port,
                    to_port=egress.to_port,
                    tags=identity_tags(_TYPE, _EGRESS, rule),
                    # A group has one rule of a kind, so the old one has to go first.
                    opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
                )
            )
        self.register_outputs({"id": self.id})
