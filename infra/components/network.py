"""The stack's own network for agents in VPC mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.identity_tag import identity_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPE: Final = "agentcore:network:Network"
_ANYWHERE: Final = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class ZoneArgs:
    """The subnets of one availability zone.

    Attributes:
        zone_id: AZ id, such as ``use1-az1``; names differ from account to account.
        agent_cidr: the private subnet of the agents and of the VPC endpoints.
        public_cidr: the subnet a NAT gateway stands in, made only when there is one.
    """

    zone_id: str
    agent_cidr: str
    public_cidr: str


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What shapes the network.

    Attributes:
        title: begin of the ``Name`` tags.
        cidr: the VPC's IPv4 block.
        zones: the zones agents run in, with their subnets.
        nat_zone_ids: the zones with a NAT gateway; an agent leaves by that of its own zone, or else
            by the first. None leaves no way out but the VPC endpoints.
        flow_log_group_arn: where records of accepted and rejected traffic go.
        flow_log_role_arn: the role they are delivered as.
        protect: refuse to delete the VPC.
    """

    title: str
    cidr: str
    zones: Sequence[ZoneArgs]
    nat_zone_ids: Sequence[str]
    flow_log_group_arn: pulumi.Input[str]
    flow_log_role_arn: pulumi.Input[str]
    protect: bool


class Network(pulumi.ComponentResource):
    """A VPC with a private subnet and a route table of its own in each zone.

    AgentCore's interfaces have private addresses only, so agents never run in a public subnet; the
    public ones hold NAT gateways and nothing else. The default security group admits nothing, flow
    logs record all traffic. It covers IPv4 without network ACLs of its own (the default one admits
    everything; security groups decide) and without sharing the VPC with other accounts.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    subnet_ids: list[pulumi.Output[str]]
    """Ids of the agent subnets, in the order of the zones."""
    route_table_ids: list[pulumi.Output[str]]
    """Ids of the agent subnets' route tables, in the order of the zones."""
    routed: list[pulumi.Resource]
    """What makes the routes of the agent subnets; who needs them depends on it."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(_TYPE, name, None, opts)
        self._name = name
        self._title = args.title
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            # Private DNS of the endpoints needs both.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("aws:ec2/vpc:Vpc", name),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self._vpc = vpc
        aws.ec2.DefaultSecurityGroup(
            name,
            vpc_id=vpc.id,
            tags=self._tags("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=args.flow_log_group_arn,
            iam_role_arn=args.flow_log_role_arn,
            # Seconds; the other choice is 600, which hides what happened first.
            max_aggregation_interval=60,
            tags=self._tags("aws:ec2/flowLog:FlowLog", name),
            # A VPC has one flow log to a destination.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.vpc_id = vpc.id
        self.subnet_ids = []
        self.route_table_ids = []
        self.routed = []
        for zone in args.zones:
            subnet, table = self._subnet(f"{name}-{zone.zone_id}", zone.zone_id, zone.agent_cidr)
            self.subnet_ids.append(subnet.id)
            self.route_table_ids.append(table.id)
        if args.nat_zone_ids:
            self._way_out(args)
        self.register_outputs({"vpcId": self.vpc_id, "subnetIds": self.subnet_ids})

    def _subnet(
        self, name: str, zone_id: str, cidr: str
    ) -> tuple[aws.ec2.Subnet, aws.ec2.RouteTable]:
        """A subnet with a route table of its own, so that no other subnet's change reaches it."""
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=self._vpc.id,
            availability_zone_id=zone_id,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags=self._tags("aws:ec2/subnet:Subnet", name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        table = aws.ec2.RouteTable(
            name,
            vpc_id=self._vpc.id,
            tags=self._tags("aws:ec2/routeTable:RouteTable", name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        association = aws.ec2.RouteTableAssociation(
            name,
            subnet_id=subnet.id,
            route_table_id=table.id,
            # A subnet has one association.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.routed.append(association)
        return subnet, table

    def _way_out(self, args: NetworkArgs) -> None:
        gateway = aws.ec2.InternetGateway(
            self._name,
            vpc_id=self._vpc.id,
            tags=self._tags("aws:ec2/internetGateway:InternetGateway", self._name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        zones = {zone.zone_id: zone for zone in args.zones}
        nats = {
            zone_id: self._nat_gateway(zones[zone_id], gateway) for zone_id in args.nat_zone_ids
        }
        first = nats[args.nat_zone_ids[0]]
        for zone_id, table_id in zip(zones, self.route_table_ids, strict=True):
            self.routed.append(
                aws.ec2.Route(
                    f"{self._name}-{zone_id}",
                    route_table_id=table_id,
                    destination_cidr_block=_ANYWHERE,
                    nat_gateway_id=nats.get(zone_id, first).id,
                    # A route table has one default route.
                    opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
                )
            )

    def _nat_gateway(self, zone: ZoneArgs, gateway: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        name = f"{self._name}-{zone.zone_id}-public"
        subnet, table = self._subnet(name, zone.zone_id, zone.public_cidr)
        route = aws.ec2.Route(
            name,
            route_table_id=table.id,
            destination_cidr_block=_ANYWHERE,
            gateway_id=gateway.id,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        address = aws.ec2.Eip(
            name,
            domain="vpc",
            tags=self._tags("aws:ec2/eip:Eip", name),
            # An address is only taken in a VPC that has a gateway, and goes before it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )
        return aws.ec2.NatGateway(
            name,
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            tags=self._tags("aws:ec2/natGateway:NatGateway", name),
            # An address serves one gateway, so the old one has to go first.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[route], delete_before_replace=True
            ),
        )

    def _tags(self, child_type: str, child_name: str) -> dict[str, str]:
        suffix = child_name.removeprefix(self._name)
        return {"Name": f"{self._title}{suffix}", **identity_tags(_TYPE, child_type, child_name)}
