"""The private ways from the agents' subnets to the AWS services they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.identity_tag import identity_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPE: Final = "agentcore:network:VpcEndpoints"
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"


@dataclass(frozen=True, kw_only=True)
class EndpointArgs:
    """One endpoint.

    Attributes:
        service: the service's name without prefix, such as ``ecr.api``.
        service_name: the whole name, such as ``com.amazonaws.us-east-1.ecr.api``.
        policy: the whole document of who may do what through it; None where the service takes none.
    """

    service: str
    service_name: str
    policy: str | None


@dataclass(frozen=True, kw_only=True)
class VpcEndpointsArgs:
    """What shapes the endpoints.

    Attributes:
        title: begin of the ``Name`` tags.
        vpc_id: the VPC they stand in.
        subnet_ids: the agents' subnets, one a zone: an interface endpoint stands in each.
        route_table_ids: the route tables of those subnets, for the gateway endpoint.
        security_group_name: physical name of the interface endpoints' group.
        interfaces: the interface endpoints.
        gateways: the gateway endpoints, S3's among them unless the VPC has one already.
        principals: the roles that policies name: AWS may refuse a principal that does not exist.
    """

    title: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    route_table_ids: Sequence[pulumi.Input[str]]
    security_group_name: str
    interfaces: Sequence[EndpointArgs]
    gateways: Sequence[EndpointArgs]
    principals: Sequence[pulumi.Resource]


class VpcEndpoints(pulumi.ComponentResource):
    """Interface endpoints with private DNS in every agent subnet, and gateway endpoints.

    The interface endpoints share one security group that has no rules here: whoever may reach them
    is let in by a rule of its own (see ``RuntimeSecurityGroup``). Image layers come from S3, so
    without the gateway endpoint no container starts.
    """

    security_group_id: pulumi.Output[str]
    """Id of the interface endpoints' security group."""
    ids: dict[str, pulumi.Output[str]]
    """Id of each endpoint, by service."""
    dns_names: dict[str, pulumi.Output[str | None]]
    """The name each interface endpoint is reached by without private DNS, by service."""
    endpoints: list[aws.ec2.VpcEndpoint]
    """The endpoints, for others to depend on."""

    def __init__(
        self, name: str, args: VpcEndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(_TYPE, name, None, opts)
        group_name = f"{name}-endpoints"
        group = aws.ec2.SecurityGroup(
            group_name,
            name=args.security_group_name,
            description="Interface endpoints of AgentCore agents",
            vpc_id=args.vpc_id,
            tags={
                "Name": args.security_group_name,
                **identity_tags(_TYPE, "aws:ec2/securityGroup:SecurityGroup", group_name),
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                # A new name or description would replace a group that interfaces hold.
                ignore_changes=["name", "description"],
            ),
        )
        self.security_group_id = group.id
        interfaces = {
            endpoint.service: aws.ec2.VpcEndpoint(
                f"{name}-{endpoint.service}",
                vpc_id=args.vpc_id,
                service_name=endpoint.service_name,
                vpc_endpoint_type="Interface",
                subnet_ids=list(args.subnet_ids),
                security_group_ids=[group.id],
                private_dns_enabled=True,
                policy=endpoint.policy,
                tags=_tags(args.title, f"{name}-{endpoint.service}", endpoint.service),
                # A VPC has one private DNS name of a service.
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=args.principals, delete_before_replace=True
                ),
            )
            for endpoint in args.interfaces
        }
        gateways = {
            endpoint.service: aws.ec2.VpcEndpoint(
                f"{name}-{endpoint.service}",
                vpc_id=args.vpc_id,
                service_name=endpoint.service_name,
                vpc_endpoint_type="Gateway",
                route_table_ids=list(args.route_table_ids),
                policy=endpoint.policy,
                tags=_tags(args.title, f"{name}-{endpoint.service}", endpoint.service),
                # A route table has one route to a service's prefix list.
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=args.principals, delete_before_replace=True
                ),
            )
            for endpoint in args.gateways
        }
        self.endpoints = [*interfaces.values(), *gateways.values()]
        self.ids = {
            service: endpoint.id for service, endpoint in {**interfaces, **gateways}.items()
        }
        self.dns_names = {
            service: endpoint.dns_entries.apply(lambda entries: entries[0].dns_name)
            for service, endpoint in interfaces.items()
        }
        self.register_outputs({"securityGroupId": self.security_group_id, "ids": self.ids})


def _tags(title: str, child_name: str, service: str) -> dict[str, str]:
    return {"Name": f"{title}-{service}", **identity_tags(_TYPE, _ENDPOINT, child_name)}
