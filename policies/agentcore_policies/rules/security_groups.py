"""Security groups: what comes in, what goes out, and that a runtime reaches its endpoints."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import (
    RUNTIMES,
    SECURITY_GROUPS,
    elements,
    is_hidden,
)
from agentcore_policies.credentials import shown
from agentcore_policies.group_rules import (
    AWS_GROUP,
    FORMS,
    GROUPS,
    NATIVE_GROUP,
    Block,
    Direction,
    GroupRule,
    are_within,
    block_of,
    is_anywhere,
    is_private,
    is_within,
    rules_in,
)
from agentcore_policies.links import Linked
from agentcore_policies.model import Resource, Stack, Value, at
from agentcore_policies.network import (
    VPC_ENDPOINTS,
    Addresses,
    Endpoint,
    StackNetwork,
    network_of,
)
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_HTTPS: Final = 443
# Of others the two numbers are a type and a code of ICMP, or nothing.
_WITH_PORTS: Final = ("tcp", "udp")
# A group has 60 rules a direction: so many ranges of this size are not all ports.
_FEW_PORTS: Final = 1024
# The setting for the shortest prefix of a public block, by version of the protocol.
_SHORTEST: Final = {4: "minimumPublicPrefixIpv4", 6: "minimumPublicPrefixIpv6"}
_PREFIX_LISTS: Final = (
    "aws:ec2/managedPrefixList:ManagedPrefixList",
    "aws-native:ec2:PrefixList",
)
# Customers' lists came when ids had become longer.
_LIST_OF_AWS: Final = re.compile(r"pl-[0-9a-f]{8}")
_PREFIX_LIST_ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
# What pulumi-aws takes where nothing is given.
_DELETE_SECONDS: Final = 900
# What the providers write where nobody gave a description.
_NO_DESCRIPTION: Final = ("", "Managed by Pulumi", "Managed by Terraform")


def _ingress_open(resource: Resource, _context: Context) -> Judged:
    for rule in rules_in(resource):
        if isinstance(rule, str):
            if "egress" not in rule.lower():
                yield NotChecked(path=rule)
        elif rule.direction == "ingress":
            yield from _open_blocks(
                rule.cidrs,
                "; what may come in is named by security group, prefix list or a block of yours. "
                "Narrow it.",
            )


def _open_blocks(blocks: Sequence[tuple[str, Value]], what: str) -> Judged:
    """What is to be said of blocks, each with its path, that are the internet."""
    for path, cidr in blocks:
        yield from _unread(path, cidr)
        if is_anywhere(cidr):
            yield Finding(
                path=path,
                message=f"{shown(cidr)} is the internet, or a great part of it{what}",
            )


def _unread(path: str, cidr: Value) -> Judged:
    """What is to be said of a block of addresses that cannot be judged."""
    if is_hidden(cidr):
        yield NotChecked(path=path)
    elif cidr not in (None, "") and block_of(cidr) is None:
        yield Finding(
            path=path,
            message=f"{shown(cidr)} is no block of addresses, so nobody can tell what it means. "
            "Write it like 10.0.0.0/16 or 2001:db8::/32.",
        )


def _egress_open(resource: Resource, context: Context) -> Judged:
    if resource.type == NATIVE_GROUP and not elements(resource.at("securityGroupEgress")):
        yield Finding(
            path="securityGroupEgress",
            message="it is not given, and CloudFormation leaves AWS's rule that lets everything "
            "out. Give the rules that are needed; none but 127.0.0.1/32 closes the group.",
        )
    for rule in rules_in(resource):
        if isinstance(rule, str):
            if "ingress" not in rule.lower():
                yield NotChecked(path=rule)
        elif rule.direction == "egress":
            yield from _wide_egress(rule, context)


def _wide_egress(rule: GroupRule, context: Context) -> Judged:
    allowed = cast("Sequence[int]", context.settings["ports"])
    for path, cidr in rule.cidrs:
        yield from _unread(path, cidr)
        block = block_of(cidr)
        if block is None:
            continue
        everywhere = is_anywhere(cidr)
        shortest = cast("int", context.settings[_SHORTEST[block.version]])
        if not everywhere and (block.prefixlen >= shortest or is_private(block)):
            continue
        if rule.protocol is None or rule.ports is None:
            yield NotChecked(path=rule.path or path)
        elif rule.protocol not in _WITH_PORTS or not (
            _are_among(rule.ports, allowed) or (not everywhere and _are_few(rule.ports))
        ):
            first, last = rule.ports
            ports = f", ports {first} to {last}," if rule.protocol in _WITH_PORTS else ""
            where = "everywhere" if everywhere else f"to a public block wider than /{shortest}"
            few = () if everywhere else (f"{_FEW_PORTS} ports at a time",)
            yield Finding(
                path=path,
                message=f"protocol {shown(rule.protocol)}{ports} leads to {shown(cidr)}; {where} "
                f"only {' or '.join((*map(str, allowed), *few)) or 'nothing'} may lead, by tcp or "
                "udp. Narrow it to the endpoints' group and S3's prefix list on 443, or to what "
                "is needed.",
            )


def _are_few(ports: tuple[int, int]) -> bool:
    """Whether there are ports, and not many."""
    first, last = ports
    return 0 <= first <= last < first + _FEW_PORTS


def _are_among(ports: tuple[int, int], allowed: Sequence[int]) -> bool:
    """Whether there are ports, and all are allowed."""
    first, last = ports
    return first <= last and all(port in allowed for port in range(first, last + 1))


def _descriptions(resource: Resource, _context: Context) -> Judged:
    if resource.type in (AWS_GROUP, NATIVE_GROUP):
        name = "description" if resource.type == AWS_GROUP else "groupDescription"
        yield from _description(name, resource.at(name), "group")
    for rule in rules_in(resource):
        if isinstance(rule, str):
            yield NotChecked(path=rule)
        else:
            yield from _description(rule.at("description"), rule.entry.get("description"), "rule")


def _description(path: str, value: Value, what: str) -> Judged:
    if is_hidden(value):
        yield NotChecked(path=path)
    elif value is None or (isinstance(value, str) and value.strip() in _NO_DESCRIPTION):
        yield Finding(
            path=path,
            message=f"nothing says what the {what} is for. Say it, for whoever looks at it later.",
        )


def _runtime_ingress(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    groups: dict[str, Resource] = {}
    for runtime in network.runtimes:
        linked = network.groups(runtime)
        if not linked.is_known:
            yield NotChecked(path=SECURITY_GROUPS, urn=runtime.urn)
        groups.update({group.urn: group for group in linked.found})
    shared = {
        group.urn
        for endpoint in network.endpoints
        for group in network.groups_of_endpoint(endpoint.resource).found
    }
    for group in groups.values():
        for path in network.hidden_rules(group, "ingress"):
            yield NotChecked(path=path, urn=group.urn)
        for rule in network.rules(group, "ingress"):
            # From anywhere it is a finding already, of the rule about that.
            if any(is_anywhere(cidr) for _, cidr in rule.cidrs):
                continue
            way_out = (
                "Give the endpoints that have it too a group of their own, and remove the rule."
                if group.urn in shared
                else "Remove the rule."
            )
            yield Finding(
                path=rule.path,
                message=f"a runtime has the security group {group.name}, which lets something in; "
                "invocations do not come through the VPC, so nothing has to come in to a runtime. "
                f"{way_out}",
                urn=rule.resource.urn,
            )
    if groups:
        for rule in network.loose_rules:
            if rule.direction == "ingress":
                yield NotChecked(path="securityGroupId", urn=rule.resource.urn)


def _interfaces_in(network: StackNetwork, vpc: Resource) -> Iterator[Endpoint]:
    for endpoint in network.endpoints:
        if endpoint.kind == "Interface" and endpoint.vpc is vpc:
            yield endpoint


def _reaches(
    network: StackNetwork,
    rules: Sequence[tuple[Resource, GroupRule]],
    targets: Sequence[Resource],
    addresses: Addresses,
) -> bool | None:
    """Whether rules let 443 pass to or from one of the groups or all addresses; None: not known.

    Each rule comes with the group that has it.
    """
    doubtful = False
    blocks: list[Block] = []
    for group, rule in rules:
        covers = rule.covers(_HTTPS)
        if covers is False:
            continue
        peers = _peer_groups(network, rule)
        meant = [*peers.found, *([group] if rule.is_own else [])]
        cidrs = [cidr for _, cidr in rule.cidrs]
        if covers:
            if any(one.urn == target.urn for one in meant for target in targets):
                return True
            blocks += [block for block in map(block_of, cidrs) if block is not None]
        known = covers is not None and peers.is_whole and rule.is_own is not None
        doubtful = doubtful or not known or any(map(is_hidden, cidrs)) or _lists(network, rule)
    held = _hold(blocks, addresses)
    return None if doubtful and held is False else held


def _hold(blocks: Sequence[Block], addresses: Addresses) -> bool | None:
    """Whether blocks together hold all addresses; None: not known."""
    if addresses.at_most is not None and are_within(addresses.at_most, blocks):
        return True
    if not are_within(addresses.at_least, blocks):
        return False
    others = addresses.at_most
    return None if any(others is None or _meets(block, others) for block in blocks) else False


def _meets(block: Block, others: Sequence[Block]) -> bool:
    return any(is_within(block, other) or is_within(other, block) for other in others)


def _lists(network: StackNetwork, rule: GroupRule) -> bool:
    """Whether a rule names prefix lists that may hold addresses of the VPC: not AWS's own."""
    gateways = [one.resource.at("prefixListId") for one in network.endpoints]
    for path, value in rule.prefix_lists:
        if isinstance(value, str):
            is_aws = value in gateways or _LIST_OF_AWS.fullmatch(value)
        else:
            name = path.partition("[")[0]
            is_aws = network.links.depended(rule.resource, name, VPC_ENDPOINTS)
        if not is_aws:
            return True
    return False


def _peer_groups(network: StackNetwork, rule: GroupRule) -> Linked:
    """The groups a rule names."""
    if rule.path:
        ids = [value for _, value in rule.groups]
        return network.links.of_values(rule.resource, GROUPS, rule.path.partition("[")[0], ids)
    for name in ("referencedSecurityGroupId", "sourceSecurityGroupId"):
        if rule.entry.get(name) is not None:
            return network.links.of(rule.resource, GROUPS, name)
    return network.links.of(rule.resource, GROUPS, "destinationSecurityGroupId")


def _runtime_egress(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    for runtime in network.runtimes:
        vpc = network.vpc_of_runtime(runtime)
        linked = network.groups(runtime)
        if vpc is None:
            continue  # endpoints elsewhere are another stack's
        rules = _rules_of(network, linked, "egress")
        doubtful = bool(not linked.is_known or _loose(network, "egress"))
        closed: dict[str, list[str]] = {}
        for endpoint in _interfaces_in(network, vpc):
            targets = network.groups_of_endpoint(endpoint.resource)
            subnets = network.subnets_of_endpoint(endpoint.resource)
            addresses = network.addresses_in(subnets, vpc)
            reached = _reaches(network, rules, targets.found, addresses)
            if reached:
                continue
            if reached is None or doubtful or not targets.is_known:
                yield NotChecked(path=SECURITY_GROUPS, urn=runtime.urn)
                break
            key = ", ".join(target.name for target in targets.found) or "no group"
            closed.setdefault(key, []).append(endpoint.service or endpoint.resource.name)
        for target, services in closed.items():
            yield Finding(
                path=SECURITY_GROUPS,
                message=f"no rule lets the runtime out on 443 to the security group {target} of "
                f"the endpoints {', '.join(services)}, nor do rules to all of their subnets. Add "
                "an egress rule to that group.",
                urn=runtime.urn,
            )


def _rules_of(
    network: StackNetwork, groups: Linked, direction: Direction
) -> Sequence[tuple[Resource, GroupRule]]:
    return [(group, rule) for group in groups.found for rule in network.rules(group, direction)]


def _loose(network: StackNetwork, direction: str) -> bool:
    return any(rule.direction == direction for rule in network.loose_rules)


def _runtime_egress_s3(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    for runtime in network.runtimes:
        vpc = network.vpc_of_runtime(runtime)
        gateways = [
            endpoint.resource
            for endpoint in network.endpoints
            if endpoint.service == "s3" and endpoint.kind == "Gateway" and endpoint.vpc is vpc
        ]
        if vpc is None or not gateways:
            continue
        linked = network.groups(runtime)
        answers = [
            _leads_to_s3(rule, gateways)
            for group in linked.found
            for rule in network.rules(group, "egress")
        ]
        if any(answers):
            continue
        if None in answers or not linked.is_known or _loose(network, "egress"):
            yield NotChecked(path=SECURITY_GROUPS, urn=runtime.urn)
            continue
        yield Finding(
            path=SECURITY_GROUPS,
            message="no rule lets the runtime out on 443 to S3's prefix list, and image layers "
            "come from S3: sessions would not start. Add an egress rule with the prefix list of "
            f"{gateways[0].name}.",
            urn=runtime.urn,
        )


def _leads_to_s3(rule: GroupRule, gateways: Sequence[Resource]) -> bool | None:
    """Whether a rule leads to S3: by prefix list, or everywhere.

    Which prefix list is S3's, a gateway endpoint tells once it is made; until then any may be.
    """
    covers = rule.covers(_HTTPS)
    if covers is False:
        return False
    lists = [gateway.at("prefixListId") for gateway in gateways]
    told = [one for one in lists if isinstance(one, str) and one]
    for _, value in rule.prefix_lists:
        if not told or is_hidden(value) or value in told:
            return covers
    if any(is_anywhere(cidr) for _, cidr in rule.cidrs):
        return covers
    return None if any(is_hidden(cidr) for _, cidr in rule.cidrs) else False


def _endpoint_admits(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    for runtime in network.runtimes:
        vpc = network.vpc_of_runtime(runtime)
        if vpc is None:
            continue  # endpoints elsewhere are another stack's
        callers = network.groups(runtime)
        judged: set[frozenset[str]] = set()
        for endpoint in _interfaces_in(network, vpc):
            targets = network.groups_of_endpoint(endpoint.resource)
            key = frozenset(target.urn for target in targets.found)
            if key in judged:
                continue
            judged.add(key)
            rules = _rules_of(network, targets, "ingress")
            addresses = network.addresses_in(network.subnets(runtime), vpc)
            admits = _reaches(network, rules, callers.found, addresses)
            if admits:
                continue
            known = targets.is_known and callers.is_known and not _loose(network, "ingress")
            if admits is None or not known:
                yield NotChecked(path="securityGroupIds", urn=endpoint.resource.urn)
                continue
            yield Finding(
                path="securityGroupIds",
                message=f"its security groups let neither the group of the runtime {runtime.name} "
                "in on 443 nor all of its subnets, so calls to the service are lost. Add an "
                "ingress rule from the runtime's group.",
                urn=endpoint.resource.urn,
            )


def _endpoint_ingress(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    groups: dict[str, tuple[Resource, Resource | None]] = {}
    for endpoint in network.endpoints:
        if endpoint.kind != "Interface":
            continue
        linked = network.groups_of_endpoint(endpoint.resource)
        groups.update({group.urn: (group, endpoint.vpc) for group in linked.found})
    for group, vpc in groups.values():
        for path in network.hidden_rules(group, "ingress"):
            yield NotChecked(path=path, urn=group.urn)
        for rule in network.rules(group, "ingress"):
            yield from _admitted(rule, None if vpc is None else network.addresses(vpc))


def _admitted(rule: GroupRule, own: Addresses | None) -> Judged:
    urn = rule.resource.urn
    if rule.protocol is None or rule.ports is None:
        yield NotChecked(path=rule.path, urn=urn)
    elif rule.protocol != "tcp" or rule.ports != (_HTTPS, _HTTPS):
        first, last = rule.ports
        yield Finding(
            path=rule.path,
            message=f"interface endpoints are reached by protocol {shown(rule.protocol)}, ports "
            f"{first} to {last}; they answer on tcp 443 only. Narrow the rule.",
            urn=urn,
        )
    for path, cidr in rule.cidrs:
        block = block_of(cidr)
        if is_hidden(cidr):
            yield NotChecked(path=path, urn=urn)
        elif block is None or is_anywhere(cidr):
            continue  # a finding already, of the rule about that
        elif own is not None and are_within([block], own.at_least):
            continue
        elif own.at_most is None if own is not None else is_private(block):
            yield NotChecked(path=path, urn=urn)
        else:
            blocks = f" ({', '.join(map(str, own.at_least))})" if own is not None else ""
            yield Finding(
                path=path,
                message=f"{shown(cidr)} is not of the VPC{blocks}; endpoints admit security groups "
                "and the VPC's own addresses only. Name the group.",
                urn=urn,
            )


def _replacement(stack: Stack, context: Context) -> Judged:
    least = cast("int", context.settings["minimumDeleteSeconds"])
    network = network_of(stack)
    held = {
        group.urn: group
        for runtime in network.runtimes
        for group in network.groups(runtime).found
        if group.type in (AWS_GROUP, NATIVE_GROUP)
    }
    for group in held.values():
        options = group.options
        if options.delete_before_replace:
            yield _held(
                group,
                "deleteBeforeReplace",
                "a replacement waits until the old group is deleted. Leave the option out.",
            )
        elif options.delete_before_replace is None and _is_replaced_by_name(group):
            yield _held(
                group,
                "description",
                "another description replaces the group, and because its name is chosen the old "
                "one is deleted first. Ignore changes of the description, or leave the name to "
                "auto-naming.",
            )
        if 0 < options.delete_seconds < least:
            yield _held(
                group,
                "customTimeouts.delete",
                f"the provider gives up after {options.delete_seconds:.15g} seconds. Give {least} "
                "or more, or none.",
            )


def _is_replaced_by_name(group: Resource) -> bool:
    """Whether pulumi-aws deletes the group first: it does when a name that was chosen stays.

    aws-native has another property for it.
    """
    if {"description", "*"} & set(group.options.ignore_changes):
        return False
    name = group.at("name")
    made_up = group.at("namePrefix") is not None
    return isinstance(name, str) and not made_up and not name.startswith(f"{group.name}-")


def _held(group: Resource, path: str, what: str) -> Finding:
    return Finding(
        path=path,
        message=f"a runtime has the group, whose interfaces hold it for up to 8 hours after the "
        f"last session, and {what}",
        urn=group.urn,
    )


def _open_prefix_list(resource: Resource, _context: Context) -> Judged:
    if resource.type == _PREFIX_LIST_ENTRY:
        entries: Sequence[tuple[str, Value]] = [("cidr", resource.at("cidr"))]
    else:
        given = resource.at("entries")
        if is_hidden(given):
            yield NotChecked(path="entries")
            return
        entries = [
            (f"entries[{index}].cidr", at(entry, "cidr"))
            for index, entry in enumerate(elements(given))
        ]
    yield from _open_blocks(
        entries,
        ", and so is the list to every rule that names it. Name the blocks that are meant.",
    )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="security-group-ingress-open",
        description="A security group lets nothing in from the internet.",
        severity="high",
        types=FORMS,
        remediation="Name security groups, prefix lists or blocks of yours as the source.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_24"),
            Reference(framework="CKV", id="CKV_AWS_260"),
            Reference(framework="CKV", id="CKV_AWS_277"),
            Reference(framework="AVD", id="AVD-AWS-0107"),
            Reference(framework="Security Hub", id="EC2.18"),
        ),
        check=_ingress_open,
    ),
    Rule(
        id="security-group-egress-open",
        description="A security group does not let everything out.",
        severity="high",
        types=FORMS,
        remediation="Lead 443 to the endpoints' group and S3's prefix list, the rest where needed.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_382"),
            Reference(framework="AVD", id="AVD-AWS-0104"),
        ),
        settings={
            "ports": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "integer", "minimum": 0, "maximum": 65535},
                },
                default=(_HTTPS,),
                description="Ports that may lead everywhere.",
            ),
            _SHORTEST[4]: Setting(
                schema={"type": "integer", "minimum": 0, "maximum": 32},
                default=16,
                description="The shortest prefix of a public IPv4 block that more than "
                f"{_FEW_PORTS} other ports may lead to; no VPC has a shorter one.",
            ),
            _SHORTEST[6]: Setting(
                schema={"type": "integer", "minimum": 0, "maximum": 128},
                default=32,
                description="The same of IPv6; a provider has no shorter one as a rule.",
            ),
        },
        check=_egress_open,
    ),
    Rule(
        id="prefix-list-open",
        description="A prefix list does not hold the internet.",
        severity="high",
        types=(*_PREFIX_LISTS, _PREFIX_LIST_ENTRY),
        remediation="Name the blocks that are meant; what leads everywhere is said in a rule.",
        check=_open_prefix_list,
    ),
    Rule(
        id="security-group-description",
        description="A security group and its rules say what they are for.",
        severity="low",
        level="advisory",
        types=FORMS,
        remediation="Give a description.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_23"),
            Reference(framework="AVD", id="AVD-AWS-0124"),
        ),
        check=_descriptions,
    ),
    Rule(
        id="runtime-security-group-replacement",
        description="A runtime's security groups can be replaced while interfaces hold the old "
        "ones.",
        severity="low",
        level="advisory",
        types=(*RUNTIMES, *GROUPS),
        remediation="Let the new group be made first, and give the deletion of the old one time.",
        settings={
            "minimumDeleteSeconds": Setting(
                schema={"type": "integer", "minimum": 0},
                default=_DELETE_SECONDS,
                description="The shortest time for the deletion of a group, where one is given.",
            )
        },
        check_stack=_replacement,
    ),
    Rule(
        id="runtime-security-group-ingress",
        description="A runtime's security groups let nothing in.",
        severity="medium",
        types=(*RUNTIMES, *FORMS),
        remediation="Remove the ingress rules; invocations do not come through the VPC.",
        check_stack=_runtime_ingress,
    ),
    Rule(
        id="runtime-egress-endpoints",
        description="A runtime's security groups lead to the groups of its VPC's endpoints on 443.",
        severity="high",
        types=(*RUNTIMES, *FORMS),
        remediation="Add an egress rule on tcp 443 to the endpoints' security group.",
        check_stack=_runtime_egress,
    ),
    Rule(
        id="runtime-egress-s3",
        description="A runtime's security groups lead to the S3 gateway endpoint on 443.",
        severity="high",
        types=(*RUNTIMES, *FORMS),
        remediation="Add an egress rule on tcp 443 to S3's prefix list.",
        check_stack=_runtime_egress_s3,
    ),
    Rule(
        id="endpoint-admits-runtime",
        description="The security groups of a VPC's interface endpoints admit its runtimes on 443.",
        severity="high",
        types=(*RUNTIMES, *VPC_ENDPOINTS, *FORMS),
        remediation="Add an ingress rule on tcp 443 from the runtime's security group.",
        check_stack=_endpoint_admits,
    ),
    Rule(
        id="endpoint-ingress",
        description="The security groups of interface endpoints admit the VPC only, on 443 only.",
        severity="medium",
        types=(*VPC_ENDPOINTS, *FORMS),
        remediation="Admit security groups, or the VPC's block, on tcp 443.",
        references=(Reference(framework="cdk-nag", id="AwsSolutions-EC23"),),
        check_stack=_endpoint_ingress,
    ),
)
