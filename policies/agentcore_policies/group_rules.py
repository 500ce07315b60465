"""The rules of security groups, in every form there is, as one."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from agentcore_policies.agent_runtime import elements, is_hidden, switch
from agentcore_policies.model import Resource, Value

AWS_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
NATIVE_GROUP: Final = "aws-native:ec2:SecurityGroup"
GROUPS: Final = (AWS_GROUP, DEFAULT_GROUP, NATIVE_GROUP)

AWS_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
AWS_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
AWS_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
NATIVE_INGRESS: Final = "aws-native:ec2:SecurityGroupIngress"
NATIVE_EGRESS: Final = "aws-native:ec2:SecurityGroupEgress"
STANDALONE: Final = (AWS_RULE, AWS_INGRESS, AWS_EGRESS, NATIVE_INGRESS, NATIVE_EGRESS)

FORMS: Final = (*GROUPS, *STANDALONE)

Direction = Literal["ingress", "egress"]

_INLINE: Final[Mapping[str, Mapping[Direction, str]]] = {
    AWS_GROUP: {"ingress": "ingress", "egress": "egress"},
    DEFAULT_GROUP: {"ingress": "ingress", "egress": "egress"},
    NATIVE_GROUP: {"ingress": "securityGroupIngress", "egress": "securityGroupEgress"},
}
_DIRECTIONS: Final[Mapping[str, Direction]] = {
    AWS_INGRESS: "ingress",
    AWS_EGRESS: "egress",
    NATIVE_INGRESS: "ingress",
    NATIVE_EGRESS: "egress",
}
# The names of one thing in the forms.
_CIDRS: Final = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6", "cidrIp")
_PREFIX_LISTS: Final = (
    *("prefixListIds", "prefixListId", "sourcePrefixListId", "destinationPrefixListId"),
)
_GROUPS: Final = (
    *("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId"),
    *("destinationSecurityGroupId", "sourceSecurityGroupName"),
)
_PROTOCOLS: Final = {"-1": "all", "6": "tcp", "17": "udp"}
_ALL_PORTS: Final = (0, 65_535)

# A group has 60 rules a direction (VPC quotas; 1000 at most over its interfaces): blocks of /8 and
# smaller cannot add up to everywhere within them, those of /7 can. Of IPv6 an eighth is in use.
_WIDE: Final = {4: 8, 6: 16}
_NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
            *("127.0.0.0/8", "169.254.0.0/16", "198.18.0.0/15"),
            *("fc00::/7", "fe80::/10", "::1/128"),
        ),
    )
)

Block = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True)
class GroupRule:
    """One rule of a security group.

    Attributes:
        resource: what says it: the group, or the rule that is a resource of its own.
        path: where in that resource; empty for the whole.
        direction: ingress or egress.
        entry: the properties of the rule.
    """

    resource: Resource
    path: str
    direction: Direction
    entry: Mapping[str, Value]

    @property
    def cidrs(self) -> Sequence[tuple[str, Value]]:
        """Blocks of addresses, with their paths; hidden ones too."""
        return self._peers(_CIDRS)

    @property
    def prefix_lists(self) -> Sequence[tuple[str, Value]]:
        """Prefix lists, with their paths; hidden ones too."""
        return self._peers(_PREFIX_LISTS)

    @property
    def groups(self) -> Sequence[tuple[str, Value]]:
        """Other security groups, with their paths; hidden ones too."""
        return self._peers(_GROUPS)

    @property
    def is_own(self) -> bool | None:
        """Whether the group itself is the peer of the rule; None where it is not known."""
        given = switch(self.entry.get("self"))
        return None if is_hidden(given) else given is True

    @property
    def protocol(self) -> str | None:
        """``all``, ``tcp``, ``udp`` or another; None where it is hidden."""
        value = self.entry.get("protocol", self.entry.get("ipProtocol"))
        if is_hidden(value):
            return None
        # A number arrives as a float.
        text = str(int(value)) if isinstance(value, int | float) else str(value).lower()
        return _PROTOCOLS.get(text, text)

    @property
    def ports(self) -> tuple[int, int] | None:
        """First and last port; all of them where none is given; None where they are hidden."""
        if self.protocol == "all":
            return _ALL_PORTS
        first, last = _number(self.entry.get("fromPort")), _number(self.entry.get("toPort"))
        if is_hidden(first) or is_hidden(last):
            return None
        if not isinstance(first, int | float):
            return _ALL_PORTS
        return int(first), int(last) if isinstance(last, int | float) else int(first)

    def covers(self, port: int) -> bool | None:
        """Whether TCP to a port passes; None where it is not known."""
        if self.protocol is None or self.ports is None:
            return None
        first, last = self.ports
        return self.protocol in ("all", "tcp") and first <= port <= last

    def at(self, name: str) -> str:
        """The path of a property of the rule."""
        return f"{self.path}.{name}" if self.path else name

    def _peers(self, names: Sequence[str]) -> Sequence[tuple[str, Value]]:
        return [
            (
                self.at(name) if is_hidden(value) or isinstance(value, str) else place,
                element,
            )
            for name in names
            for value in [self.entry.get(name)]
            for index, element in enumerate(elements(value))
            for place in [f"{self.at(name)}[{index}]"]
        ]


def _number(value: Value) -> Value:
    """A number; of a text that is one as well, which pulumi-aws takes."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def rules_in(resource: Resource) -> Iterator[GroupRule | str]:
    """The rules a resource says; a path where it cannot be told which it says."""
    if resource.type in _INLINE:
        for direction, name in _INLINE[resource.type].items():
            yield from _inline(resource, direction, name)
        return
    direction = _DIRECTIONS.get(resource.type)
    if direction is None:
        kind = resource.at("type")
        if is_hidden(kind):
            yield "type"
            return
        direction = "egress" if kind == "egress" else "ingress"
    yield GroupRule(resource=resource, path="", direction=direction, entry=resource.props)


def _inline(resource: Resource, direction: Direction, name: str) -> Iterator[GroupRule | str]:
    value = resource.at(name)
    if is_hidden(value):
        yield name
        return
    for index, entry in enumerate(elements(value)):
        path = f"{name}[{index}]"
        if isinstance(entry, Mapping):
            yield GroupRule(
                resource=resource,
                path=path,
                direction=direction,
                entry=cast("Mapping[str, Value]", entry),
            )
        elif is_hidden(entry):
            yield path


def owner_of(rule: Resource) -> str:
    """The property by which a rule that is a resource of its own names its group."""
    return "groupId" if rule.at("securityGroupId") is None else "securityGroupId"


def block_of(cidr: Value) -> Block | None:
    """The block of addresses; None where it is hidden or none."""
    if not isinstance(cidr, str):
        return None
    try:
        return ipaddress.ip_network(cidr.strip(), strict=False)
    except ValueError:
        return None


def is_anywhere(cidr: Value) -> bool:
    """Whether a block is the internet, or so large a part that a few such blocks are all of it."""
    block = block_of(cidr)
    if block is None or block.prefixlen >= _WIDE[block.version]:
        return False
    return not is_private(block)


def is_within(block: Block, other: Block) -> bool:
    """Whether all addresses of a block are the other's."""
    if isinstance(block, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return block.subnet_of(other)
    if isinstance(block, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return block.subnet_of(other)
    return False


def are_within(blocks: Sequence[Block], others: Sequence[Block]) -> bool:
    """Whether all addresses of blocks are of the others, taken together."""
    ipv4 = (other for other in others if isinstance(other, ipaddress.IPv4Network))
    ipv6 = (other for other in others if isinstance(other, ipaddress.IPv6Network))
    merged = [*ipaddress.collapse_addresses(ipv4), *ipaddress.collapse_addresses(ipv6)]
    return all(any(is_within(block, other) for other in merged) for block in blocks)


def is_private(block: Block) -> bool:
    """Whether no address of a block is reached from the internet."""
    return any(is_within(block, private) for private in _NOT_PUBLIC)
