"""The network block of the config: one of the stack's own, an existing one, or another stack's.

IPv4 only. What the block says is held against itself and against the stack's region; what really
exists in the account is looked at when the network is composed.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticKnownError

from infra.availability_zones import is_zone_of, supported_zone_ids
from infra.config_arns import CallerArn
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

# RFC 1918 and RFC 6598; the ranges AWS recommends for a VPC (VPC user guide, vpc-cidr-blocks).
_PRIVATE: Final = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)
# Never routed out of a host or a link: loopback, link-local, multicast, reserved, "this network".
_UNROUTED: Final = tuple(
    map(IPv4Network, ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"))
)
# CreateVpc takes /16 to /28; below /22 an agent subnet has no room for interfaces and endpoints.
_PREFIX_LENGTHS: Final = (16, 22)
# A public network wider than this is the internet by another name (0.0.0.0/1 and 128.0.0.0/1).
_WIDEST_PUBLIC: Final = 8
_HTTPS: Final = 443
# CreateAgentRuntime, VpcConfig: at most 16 subnets and 16 security groups, one of which is ours.
_SUBNETS: Final = (2, 16)
MAX_ADDITIONAL_SECURITY_GROUPS: Final = 15
_ZONES: Final = (2, 6)
# VPC quota, "Outbound rules per security group": 60, of which the stack takes up to three.
_MAX_EGRESS_RULES: Final = 57
# CloudWatch Logs, PutRetentionPolicy.
_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
# EC2, "IpPermissions", description.
_RULE_DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}")
_SERVICE: Final = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*")
_STACK: Final = re.compile(r"[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+){2}")

_OWN: Final = (
    *("availabilityZones", "availabilityZoneIds", "egress", "natGateways"),
    "flowLogRetentionDays",
)
_EXISTING: Final = ("subnetIds", "routeTableIds", "reusedEndpoints")
_FORMS: Final = {"cidr": _OWN, "vpcId": _EXISTING, "stack": ()}


def _network(value: object) -> IPv4Network:
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    if ":" in value:
        raise refused(
            "networks are IPv4 here, IPv6 is not covered", "Write one such as 10.0.0.0/16."
        )
    if not re.fullmatch(r"[0-9.]+/[0-9]{1,2}", value):
        raise refused(
            "a network is an IPv4 address, a slash and the length of its prefix",
            "Write one such as 10.0.0.0/16.",
        )
    try:
        whole = IPv4Network(value, strict=False)
    except ValueError:
        raise refused(
            "this is no IPv4 network: four numbers up to 255, and a prefix up to 32",
            "Write one such as 10.0.0.0/16.",
        ) from None
    if str(whole) != value:
        raise refused(
            "the address is one inside of its network, not the network's own",
            "Write {network}.",
            network=str(whole),
        )
    return whole


def _vpc_cidr(network: IPv4Network) -> IPv4Network:
    low, high = _PREFIX_LENGTHS
    if not low <= network.prefixlen <= high:
        raise refused(
            f"a network of the stack's own is /{low} to /{high}: AWS takes no larger one, and a "
            "smaller one leaves its agent subnets no room",
            "Choose a prefix in that range, such as 10.64.0.0/16.",
        )
    if not any(network.subnet_of(private) for private in _PRIVATE):
        raise refused(
            "a network of the stack's own is private: in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 "
            "or 100.64.0.0/10",
            "Choose one of these, such as 10.64.0.0/16.",
        )
    return network


def _destination(network: IPv4Network) -> IPv4Network:
    if any(network.subnet_of(unrouted) for unrouted in _UNROUTED):
        raise refused("no route leads there", "Name the network of what is to be reached.")
    return network


def _aws_id(prefix: str, what: str, found: str) -> Callable[[str], str]:
    pattern = re.compile(rf"{prefix}-(?:[0-9a-f]{{8}}|[0-9a-f]{{17}})")

    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise refused(
                f"{what} is given by its id, {prefix}- and 8 or 17 hexadecimal digits; not by ARN "
                "or name",
                f"List yours with: aws ec2 {found}",
            )
        return value

    return check


def _service(value: str) -> str:
    if value.startswith("com.amazonaws.") or not _SERVICE.fullmatch(value):
        raise refused(
            "a service is named by what follows com.amazonaws.REGION. in its endpoint service, "
            "such as sts or ecr.api",
            "List them with: aws ec2 describe-vpc-endpoint-services",
        )
    return value


def _zone_id(value: str, info: ValidationInfo) -> str:
    region = around(info).region
    if not re.fullmatch(r"[a-z]+[0-9]+-az[0-9]+", value):
        raise refused(
            "a zone is given by its id, such as use1-az4; a name such as us-east-1a is another "
            "zone in every account",
            "List both with: aws ec2 describe-availability-zones",
        )
    if region and not is_zone_of(region, value):
        raise refused(
            "this is no zone of the stack's region ({region})",
            "List its zones with: aws ec2 describe-availability-zones",
            region=region,
        )
    return value


def _stack_reference(value: str, info: ValidationInfo) -> str:
    if not _STACK.fullmatch(value):
        raise refused(
            "a stack is named by organization, project and stack",
            "Write it such as acme/network/prod; on a backend of your own, the organization is "
            "organization.",
        )
    own = around(info)
    if value.split("/")[1:] == [own.project, own.stack]:
        raise refused("this is the stack itself", "Name the stack that has the network.")
    return value


def _zone_count(value: int) -> int:
    low, high = _ZONES
    if not low <= value <= high:
        raise refused(
            f"a network spans {low} to {high} zones", "One zone would be a single point of failure."
        )
    return value


def _retention_days(value: int) -> int:
    if value not in _RETENTION_DAYS:
        raise refused(
            f"CloudWatch Logs keeps for one of {', '.join(map(str, _RETENTION_DAYS))} days",
            "Choose one of these.",
        )
    return value


def _port(value: int) -> int:
    if not 1 <= value <= 65_535:
        raise refused("a port is 1 to 65535", "Write one port, or a range by fromPort and toPort.")
    return value


def _rule_description(value: str) -> str:
    if not _RULE_DESCRIPTION.fullmatch(value) or not value.strip():
        raise refused(
            "a rule's description is 1 to 255 letters, digits, spaces and punctuation without "
            "quotes and angle brackets",
            "Say what is reached, such as: orders database.",
        )
    return value


Cidr = Annotated[IPv4Network, PlainValidator(_network)]
Port = Annotated[int, AfterValidator(_port)]
Service = Annotated[str, AfterValidator(_service)]
ZoneId = Annotated[str, AfterValidator(_zone_id)]
VpcId = Annotated[str, AfterValidator(_aws_id("vpc", "a VPC", "describe-vpcs"))]
SubnetId = Annotated[str, AfterValidator(_aws_id("subnet", "a subnet", "describe-subnets"))]
RouteTableId = Annotated[
    str, AfterValidator(_aws_id("rtb", "a route table", "describe-route-tables"))
]
SecurityGroupId = Annotated[
    str, AfterValidator(_aws_id("sg", "a security group", "describe-security-groups"))
]
EndpointId = Annotated[
    str, AfterValidator(_aws_id("vpce", "a VPC endpoint", "describe-vpc-endpoints"))
]
PrefixListId = Annotated[
    str, AfterValidator(_aws_id("pl", "a prefix list", "describe-managed-prefix-lists"))
]


def _one_destination(rule: Mapping[str, object]) -> list[InitErrorDetails]:
    kinds = ("cidr", "prefixListId", "securityGroupId")
    if sum(rule.get(kind) is not None for kind in kinds) == 1:
        return []
    return [
        of_whole(rule, f"a rule leads to exactly one of {', '.join(kinds)}", "Write one rule each.")
    ]


class EgressRule(Closed):
    """What agents may reach beyond the endpoints and S3; exactly one destination."""

    description: Annotated[str, AfterValidator(_rule_description)]
    protocol: Literal["tcp", "udp"] = "tcp"
    from_port: Port
    to_port: Port | None = None
    cidr: Annotated[Cidr, AfterValidator(_destination)] | None = None
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
        return value

    @property
    def last_port(self) -> int:
        """The last port of the range, which is the first where toPort is left out."""
        return self.from_port if self.to_port is None else self.to_port

    @property
    def destination(self) -> str:
        """The network, prefix list or security group it leads to, as text."""
        return str(self.cidr or self.prefix_list_id or self.security_group_id)


def is_internet(network: IPv4Network) -> bool:
    """Whether a network is so wide, and public, that it is the internet or a large part of it."""
    return network.prefixlen < _WIDEST_PUBLIC and not _is_private(network)


def _is_private(network: IPv4Network) -> bool:
    return any(network.subnet_of(private) for private in _PRIVATE)


def one_form(block: Mapping[str, object]) -> list[InitErrorDetails]:
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

    for form, keys in _FORMS.items():
        for key in keys:
            if form not in forms and key in given:
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
    if "cidr" in forms and "natGateways" in given and block.get("egress") in (None, "endpoints"):
        add(
            "natGateways",
            "there is no NAT gateway without egress nat",
            "Set egress to nat, or remove it.",
        )
    return errors


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
        reused_endpoints: endpoints that exist in the VPC, by service: used and not made.
        additional_endpoints: services beyond those the agents' config asks for.
        egress_rules: what agents may reach beyond endpoints and S3.
        endpoint_callers: who may call agents through the AgentCore endpoint, besides their roles.
    """

    cidr: Annotated[Cidr, AfterValidator(_vpc_cidr)] | None = None
    vpc_id: VpcId | None = None
    stack: Annotated[str, AfterValidator(_stack_reference)] | None = None
    availability_zones: Annotated[int, AfterValidator(_zone_count)] | None = None
    availability_zone_ids: Several[ZoneId] = ()
    egress: Literal["endpoints", "nat"] = "endpoints"
    nat_gateways: Literal["onePerZone", "single"] | None = None
    flow_log_retention_days: Annotated[int, AfterValidator(_retention_days)] = 365
    subnet_ids: Several[SubnetId] = ()
    route_table_ids: Several[RouteTableId] = ()
    reused_endpoints: Mapping[Service, EndpointId] = Field(default_factory=dict[str, str])
    additional_endpoints: Several[Service] = ()
    egress_rules: Several[Annotated[EgressRule, judged_whole(_one_destination)]] = Field(
        default=(), validate_default=True
    )
    endpoint_callers: Several[CallerArn] = ()

    @property
    def nat(self) -> Literal["onePerZone", "single"] | None:
        """How many NAT gateways the stack's own network has; None for no way out."""
        return (self.nat_gateways or "onePerZone") if self.egress == "nat" else None

    @field_validator("availability_zones")
    @classmethod
    def _are_there(cls, value: int | None, info: ValidationInfo) -> int | None:
        supported = _supported(around(info))
        if value is not None and supported is not None and value > len(supported):
            raise refused(
                f"AgentCore is known in {len(supported)} zones of the stack's region: "
                f"{', '.join(sorted(supported))}",
                "Ask for fewer, or add a newer zone to additionalAvailabilityZoneIds.",
            )
        return value

    @field_validator("availability_zone_ids")
    @classmethod
    def _are_supported(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        low, high = _ZONES
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
                "AgentCore is not known in {zones}; it is in "
                f"{', '.join(sorted(supported or ()))}",
                "Choose of those, or add a newer zone to additionalAvailabilityZoneIds.",
                zones=", ".join(unsupported),
            )
        return value

    @field_validator("subnet_ids")
    @classmethod
    def _fit_a_runtime(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        low, high = _SUBNETS
        if not low <= len(value) <= high:
            raise refused(
                f"a runtime takes {low} to {high} subnets, in at least two zones; these are "
                f"{len(value)}",
                "List yours with: aws ec2 describe-subnets",
            )
        return without_repetition(value)

    @field_validator("route_table_ids", "additional_endpoints", "endpoint_callers")
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
            if rule.cidr is not None and not rule.cidr.subnet_of(own) and not _is_private(rule.cidr)
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
