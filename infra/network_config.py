"""The network block of the config: one of the stack's own, an existing one, or another stack's.

IPv4 only. What the block says is held against itself and against the stack's region; what really
exists in the account is looked at when the network is composed.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails

from infra.availability_zones import supported_zone_ids
from infra.config_arns import CallerArn, RoleArn
from infra.config_model import (
    Closed,
    Several,
    Surroundings,
    around,
    judged_whole,
    of_whole,
    refused,
    without_repetition,
)
from infra.naming import ROLE_NAME_MAX
from infra.network_values import (
    ZONES,
    Destination,
    EndpointId,
    Port,
    PrefixListId,
    RetentionDays,
    RouteTableId,
    RuleDescription,
    SecurityGroupId,
    Service,
    StackReference,
    SubnetId,
    VpcCidr,
    VpcId,
    ZoneCount,
    ZoneId,
    is_internet,
    is_of_many_owners,
    is_private,
)

# CreateAgentRuntime, VpcConfig: at most 16 subnets and 16 security groups, one of which is ours.
SUBNETS: Final = (2, 16)
MAX_ADDITIONAL_SECURITY_GROUPS: Final = 15
# VPC quota, "Outbound rules per security group"; of the stack's own endpoints are up to three.
MAX_RULES: Final = 60
_MAX_EGRESS_RULES: Final = MAX_RULES - 3
_HTTPS: Final = 443
# Of MAX_RULES such ranges none are all ports.
_FEW_PORTS: Final = 1024
AGENTCORE: Final = "bedrock-agentcore"

_OWN: Final = (
    *("availabilityZones", "availabilityZoneIds", "egress", "natGateways"),
    "flowLogRetentionDays",
)
_EXISTING: Final = ("subnetIds", "routeTableIds", "reusedEndpoints")
_FORMS: Final = {"cidr": _OWN, "vpcId": _EXISTING, "stack": ("reusedEndpoints",)}


def _one_destination(rule: Mapping[str, object]) -> list[InitErrorDetails]:
    kinds = ("cidr", "prefixListId", "securityGroupId")
    if sum(rule.get(kind) is not None for kind in kinds) == 1:
        return []
    return [
        of_whole(rule, f"a rule leads to exactly one of {', '.join(kinds)}", "Write one rule each.")
    ]


class EgressRule(Closed):
    """What agents may reach beyond the endpoints and S3; exactly one destination."""

    description: RuleDescription
    protocol: Literal["tcp", "udp"] = "tcp"
    from_port: Port
    to_port: Port | None = None
    cidr: Destination | None = None
    prefix_list_id: PrefixListId | None = None
    security_group_id: SecurityGroupId | None = None

    @field_validator("to_port")
    @classmethod
    def _follows(cls, value: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("from_port")
        if first is not None and value is not None and value < first:
            raise refused(
                "a range of ports must not end before it begins ({first})",
                "Swap fromPort and toPort, or leave toPort out for a single port.",
                first=str(first),
            )
        return value

    @field_validator("cidr")
    @classmethod
    def _is_bounded(cls, value: IPv4Network | None, info: ValidationInfo) -> IPv4Network | None:
        if value is None or not {"protocol", "from_port", "to_port"} <= info.data.keys():
            return value
        first, last = info.data["from_port"], info.data["to_port"]
        ports = {first, first if last is None else last}
        if is_internet(value) and (info.data["protocol"], ports) != ("tcp", {_HTTPS}):
            raise refused(
                f"the whole internet may be reached by tcp on port {_HTTPS} only",
                f"Name the network that is to be reached, or tcp and {_HTTPS} alone.",
            )
        if is_of_many_owners(value) and max(ports) - min(ports) >= _FEW_PORTS:
            raise refused(
                f"at most {_FEW_PORTS} ports of a public network wider than /16 may be reached",
                "Name the network, or the ports, that are to be reached.",
            )
        return value

    @property
    def last_port(self) -> int:
        """The last port of the range, which is the first where toPort is left out."""
        return self.from_port if self.to_port is None else self.to_port

    @property
    def destination(self) -> str:
        """The network, prefix list or security group it leads to, as text."""
        return str(self.cidr or self.prefix_list_id or self.security_group_id)


Rule = Annotated[EgressRule, judged_whole(_one_destination)]


def _one_form(block: Mapping[str, object]) -> list[InitErrorDetails]:
    """What contradicts itself in a block, by the keys that are given."""
    given = {key for key, value in block.items() if value is not None}
    forms = [form for form in _FORMS if form in given]
    if len(forms) != 1:
        return [
            of_whole(
                block,
                "a network is exactly one of three: cidr (the stack makes it), vpcId with "
                "subnetIds (it exists), stack (another Pulumi stack made it)",
                f"Keep one of {' and '.join(forms)}." if forms else "Give one of them.",
            )
        ]
    errors: list[InitErrorDetails] = []

    def add(key: str, reason: str, way_out: str) -> None:
        errors.append({"type": refused(reason, way_out), "loc": (key,), "input": block.get(key)})

    others = {key: form for form in reversed(_FORMS) for key in _FORMS[form]}
    for key, form in others.items():
        if key in given and key not in _FORMS[forms[0]]:
            add(
                key,
                f"{key} goes with {form}, and this network is given by {forms[0]}",
                "Remove it.",
            )
    if "vpcId" in forms and "subnetIds" not in block:
        add(
            "subnetIds", "an existing network needs the subnets of the agents", "Name at least two."
        )
    if "cidr" in forms and {"availabilityZones", "availabilityZoneIds"} <= given:
        add("availabilityZones", "availabilityZoneIds names the zones already", "Keep one of both.")
    has_nat = block.get("egress", "endpoints") != "endpoints"
    if "cidr" in forms and "natGateways" in given and not has_nat:
        add(
            "natGateways",
            "there is no NAT gateway without egress nat",
            "Set egress to nat, or remove it.",
        )
    reuses = "cidr" not in forms and _named(AGENTCORE, block.get("reusedEndpoints"))
    for key in ("endpointCallers", "guestRoles"):
        if reuses and block.get(key):
            add(
                key,
                f"the {AGENTCORE} endpoint is reused, and its policy is left as it is",
                "Admit them in that endpoint's own policy, and remove them here.",
            )
    return errors


def _named(service: str, endpoints: object) -> bool:
    return isinstance(endpoints, dict) and service in endpoints


def _supported(stack: Surroundings) -> frozenset[str] | None:
    if not stack.region:
        return None
    return supported_zone_ids(stack.region, stack.additional_availability_zone_ids)


class Network(Closed):
    """The network of the agents in VPC mode; it lives as long as the block does.

    Attributes:
        cidr: a network of the stack's own, made with subnets, route tables and flow logs.
        availability_zones: how many zones it spans; None leaves it to the stack.
        availability_zone_ids: the zones it spans, where not the first ones.
        egress: ``endpoints`` has no way out but VPC endpoints; ``nat`` also leads to the internet.
        nat_gateways: how many; None stands for one a zone where egress is ``nat``.
        vpc_id: an existing VPC, of which subnet_ids are used.
        route_table_ids: those of the subnets; looked up when empty.
        stack: the Pulumi stack whose outputs name the network.
        reused_endpoints: endpoints that exist in the VPC, by service: used and not made. With
            stack, besides those it tells.
        additional_endpoints: services beyond those the agents' config asks for.
        egress_rules: what agents may reach beyond endpoints and S3.
        endpoint_callers: who may call agents through the AgentCore endpoint, besides their roles.
        guest_roles: execution roles of agents of other stacks, which run in this network.
    """

    cidr: VpcCidr | None = None
    vpc_id: VpcId | None = None
    stack: StackReference | None = None
    availability_zones: ZoneCount | None = None
    availability_zone_ids: Several[ZoneId] = ()
    egress: Literal["endpoints", "nat"] = "endpoints"
    nat_gateways: Literal["onePerZone", "single"] | None = None
    flow_log_retention_days: RetentionDays = 365
    subnet_ids: Several[SubnetId] = ()
    route_table_ids: Several[RouteTableId] = ()
    reused_endpoints: Mapping[Service, EndpointId] = Field(default_factory=dict[str, str])
    additional_endpoints: Several[Service] = ()
    egress_rules: Several[Rule] = Field(default=(), validate_default=True)
    endpoint_callers: Several[CallerArn] = ()
    guest_roles: Several[RoleArn] = ()

    @property
    def nat(self) -> Literal["onePerZone", "single"] | None:
        """How many NAT gateways the stack's own network has; None for no way out."""
        return (self.nat_gateways or "onePerZone") if self.egress == "nat" else None

    @field_validator("cidr")
    @classmethod
    def _can_be_named(cls, value: IPv4Network | None, info: ValidationInfo) -> IPv4Network | None:
        stack = around(info)
        role = stack.names.flow_log_role
        # The region is a part of the name.
        if value is not None and stack.region and len(role) > ROLE_NAME_MAX:
            raise refused(
                f"the role of its flow logs would be named {{role}}: {len(role)} characters, at "
                f"most {ROLE_NAME_MAX}",
                "Shorten the project's name or the stack's.",
                role=role,
            )
        return value

    @field_validator("availability_zones")
    @classmethod
    def _are_there(cls, value: int | None, info: ValidationInfo) -> int | None:
        supported = _supported(around(info))
        if value is not None and supported is not None and value > len(supported):
            raise refused(
                f"AgentCore is known in {len(supported)} zones of the stack's region: {{known}}",
                "Ask for fewer, or add a newer zone to additionalAvailabilityZoneIds.",
                known=", ".join(sorted(supported)),
            )
        return value

    @field_validator("availability_zone_ids")
    @classmethod
    def _are_supported(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        low, high = ZONES
        if not low <= len(value) <= high:
            raise refused(
                f"a network spans {low} to {high} zones, these are {len(value)}",
                "Name that many, or leave the choice to the stack by availabilityZones.",
            )
        without_repetition(value)
        supported = _supported(around(info))
        unsupported = [zone for zone in value if supported is not None and zone not in supported]
        if unsupported:
            raise refused(
                "AgentCore is not known in {zones}; it is in {known}",
                "Choose of those, or add a newer zone to additionalAvailabilityZoneIds.",
                zones=", ".join(unsupported),
                known=", ".join(sorted(supported or ())),
            )
        return value

    @field_validator("subnet_ids")
    @classmethod
    def _fit_a_runtime(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        low, high = SUBNETS
        if not low <= len(value) <= high:
            raise refused(
                f"a runtime takes {low} to {high} subnets, in at least two zones; these are "
                f"{len(value)}",
                "List yours with: aws ec2 describe-subnets",
            )
        return without_repetition(value)

    @field_validator("route_table_ids", "additional_endpoints", "endpoint_callers", "guest_roles")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return without_repetition(value)

    @field_validator("reused_endpoints")
    @classmethod
    def _one_each(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        without_repetition(tuple(value.values()))
        return value

    @field_validator("egress_rules")
    @classmethod
    def _lead_somewhere(
        cls, value: tuple[EgressRule, ...], info: ValidationInfo
    ) -> tuple[EgressRule, ...]:
        if len(value) > _MAX_EGRESS_RULES:
            raise refused(
                f"at most {_MAX_EGRESS_RULES} rules fit into the agents' security group, these are "
                f"{len(value)}",
                "Put networks into a prefix list, or join neighbouring ones.",
            )
        without_repetition(
            tuple(
                f"{rule.protocol} {rule.from_port}-{rule.last_port} to {rule.destination}"
                for rule in value
            )
        )
        own, egress = info.data.get("cidr"), info.data.get("egress")
        if own is None:
            return value
        outside = [
            rule.destination
            for rule in value
            if rule.cidr is not None and not rule.cidr.subnet_of(own) and not is_private(rule.cidr)
        ]
        if egress == "endpoints" and outside:
            raise refused(
                "{outside} lies outside, and egress endpoints has no way there",
                "Set egress to nat, or remove the rule.",
                outside=", ".join(outside),
            )
        if egress == "nat" and not outside and not any(rule.prefix_list_id for rule in value):
            raise refused(
                "egress nat pays for a way out, and no rule lets an agent use it",
                "Add what agents may reach there, or set egress to endpoints.",
            )
        return value


NetworkBlock = Annotated[Network, judged_whole(_one_form)]
