"""The values a network block is made of: each checks itself and says what is allowed.

Ids have the forms of the EC2 API: a prefix and 8 or, since 2016, 17 hexadecimal digits.
"""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import AfterValidator, PlainValidator, ValidationInfo
from pydantic_core import PydanticKnownError

from infra.availability_zones import MAX_ZONE_NUMBER, is_zone_of, zone_number
from infra.config_model import around, refused

# RFC 1918 and RFC 6598; the ranges AWS recommends for a VPC (VPC user guide, vpc-cidr-blocks).
_PRIVATE: Final = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)
# RFC 2544: routed within a network at most, and no VPC's by AWS's recommendation.
_BENCHMARKS: Final = IPv4Network("198.18.0.0/15")
# Never routed out of a host or a link: loopback, link-local, multicast, reserved, "this network".
_UNROUTED: Final = tuple(
    map(IPv4Network, ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "0.0.0.0/8"))
)
# CreateVpc takes /16 to /28; below /22 an agent subnet has no room for interfaces and endpoints.
_PREFIX_LENGTHS: Final = (16, 22)
# Two at least, against the loss of one; six is what the largest region has.
ZONES: Final = (2, 6)
# A public network wider than this is the internet by another name (0.0.0.0/1 and 128.0.0.0/1).
_WIDEST_PUBLIC: Final = 8
# No VPC is wider: a public network that is holds those of many owners.
_WIDEST_OF_ONE_OWNER: Final = 16
# CloudWatch Logs, PutRetentionPolicy.
_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
# EC2, "IpPermissions", description.
_RULE_DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}")
_SERVICE: Final = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*")
_STACK: Final = re.compile(r"[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+){2}")


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
    if not _is_in(network, _PRIVATE):
        raise refused(
            "a network of the stack's own is private: in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 "
            "or 100.64.0.0/10",
            "Choose one of these, such as 10.64.0.0/16.",
        )
    return network


def _destination(network: IPv4Network) -> IPv4Network:
    if _is_in(network, _UNROUTED):
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
    try:
        number = zone_number(value)
    except ValueError:
        raise refused(
            "an availability zone is given by its id, such as use1-az4: a name such as us-east-1a "
            "is another zone in every account, and Local Zones are not taken",
            "List both with: aws ec2 describe-availability-zones",
        ) from None
    if region and not is_zone_of(region, value):
        raise refused(
            "this is no zone of the stack's region ({region})",
            "List its zones with: aws ec2 describe-availability-zones",
            region=region,
        )
    if number > MAX_ZONE_NUMBER:
        raise refused(
            f"the number of a zone is at most {MAX_ZONE_NUMBER}",
            "List yours with: aws ec2 describe-availability-zones",
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
    low, high = ZONES
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


def is_internet(network: IPv4Network) -> bool:
    """Whether a network is so wide, and public, that it is the internet or a large part of it."""
    return network.prefixlen < _WIDEST_PUBLIC and not is_private(network)


def is_of_many_owners(network: IPv4Network) -> bool:
    """Whether a network is public, and wider than what is one owner's as a rule."""
    return network.prefixlen < _WIDEST_OF_ONE_OWNER and not is_private(network)


def is_private(network: IPv4Network) -> bool:
    """Whether a network lies in a range that no route of the internet leads to."""
    return _is_in(network, (*_PRIVATE, _BENCHMARKS))


def _is_in(network: IPv4Network, ranges: Sequence[IPv4Network]) -> bool:
    return any(network.subnet_of(one) for one in ranges)


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
VpcCidr = Annotated[Cidr, AfterValidator(_vpc_cidr)]
Destination = Annotated[Cidr, AfterValidator(_destination)]
StackReference = Annotated[str, AfterValidator(_stack_reference)]
ZoneCount = Annotated[int, AfterValidator(_zone_count)]
RetentionDays = Annotated[int, AfterValidator(_retention_days)]
RuleDescription = Annotated[str, AfterValidator(_rule_description)]
