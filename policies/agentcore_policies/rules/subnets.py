"""The subnets of runtimes, and the VPC they are in: private, resolvable, recorded."""

from collections.abc import Sequence
from typing import Final

from agentcore_policies.agent_runtime import RUNTIMES, SUBNETS, is_hidden, switch
from agentcore_policies.credentials import shown
from agentcore_policies.group_rules import (
    DEFAULT_GROUP,
    GROUPS,
    STANDALONE,
    GroupRule,
    owner_of,
    rules_in,
)
from agentcore_policies.links import is_computed
from agentcore_policies.model import Resource, Stack
from agentcore_policies.network import (
    DEFAULT_SUBNET,
    VPC_ENDPOINTS,
    VPCS,
    StackNetwork,
    network_of,
)
from agentcore_policies.network import SUBNETS as SUBNET_TYPES
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule

_DEFAULT_VPC: Final = "aws:ec2/defaultVpc:DefaultVpc"
_AWS_FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
_NATIVE_FLOW_LOG: Final = "aws-native:ec2:FlowLog"
_FLOW_LOGS: Final = (_AWS_FLOW_LOG, _NATIVE_FLOW_LOG)


def _public_ip(subnet: Resource, _context: Context) -> Judged:
    path = "mapPublicIpOnLaunch"
    given = switch(subnet.at(path))
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given is True or (given is None and subnet.type == DEFAULT_SUBNET):
        told = "it is not given, and a default subnet does" if given is None else "it is true"
        yield Finding(
            path=path,
            message=f"{told}: whatever starts in the subnet gets an address on the internet. Set "
            "it to false; what has to be reached from outside asks for an address itself.",
        )


def _internet_route(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    subnets: dict[str, Resource] = {}
    for runtime in network.runtimes:
        linked = network.subnets(runtime)
        if not linked.is_known:
            yield NotChecked(path=SUBNETS, urn=runtime.urn)
        subnets.update({subnet.urn: subnet for subnet in linked.found})
    for subnet in subnets.values():
        routes = network.routes(subnet)
        if routes is None:
            yield NotChecked(path="routeTable", urn=subnet.urn)
            continue
        public = [route for route in routes if route.target == "internet"]
        if public:
            yield Finding(
                path="",
                message=f"the route {public[0].resource.name} leads to an internet gateway, so "
                "the subnet is public; a runtime's interfaces have no public address and reach "
                "nothing there. Give the runtime private subnets, with a NAT gateway or VPC "
                "endpoints.",
                urn=subnet.urn,
            )
            continue
        for route in (*routes, *network.unplaced_routes()):
            if route.target in ("unknown", "internet"):
                yield NotChecked(path=route.path, urn=route.resource.urn)


def _private_dns(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    resolved = [
        one for one in network.endpoints if switch(one.resource.at("privateDnsEnabled")) is True
    ]
    elsewhere = [one.resource for one in resolved if one.vpc is None]
    if elsewhere:
        yield NotChecked(path="vpcId", urn=elsewhere[0].urn)
    vpcs = {one.vpc.urn: one.vpc for one in resolved if one.vpc is not None}
    for vpc in vpcs.values():
        hostnames_default = vpc.type == _DEFAULT_VPC
        for path, default in (
            ("enableDnsSupport", True),
            ("enableDnsHostnames", hostnames_default),
        ):
            given = switch(vpc.at(path))
            if is_computed(vpc, path):
                given = None
            if is_hidden(given):
                yield NotChecked(path=path, urn=vpc.urn)
            elif not (default if given is None else given):
                yield Finding(
                    path=path,
                    message="it is "
                    f"{shown(given) if given is not None else 'not given, which is false'}, and "
                    "endpoints of the VPC have private DNS, which needs both enableDnsSupport "
                    "and enableDnsHostnames. Set it to true.",
                    urn=vpc.urn,
                )


def _default_group(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    taken_over = [network.links.of(group, VPCS, "vpcId") for group in stack.of(DEFAULT_GROUP)]
    closed = {vpc.urn for linked in taken_over for vpc in linked.found}
    yield from _rules_of_default_groups(stack, network)
    for vpc in stack.of(*VPCS):
        if vpc.urn in closed:
            continue
        if not all(linked.is_whole for linked in taken_over):
            yield NotChecked(path="", urn=vpc.urn)
            continue
        yield Finding(
            path="",
            message="its default security group is left as AWS makes it: whatever names no group "
            "is in it, its members reach each other and everything outside. Take it over with an "
            "aws.ec2.DefaultSecurityGroup without rules; it is the classic provider's, and takes "
            "over VPCs of aws-native as well.",
            urn=vpc.urn,
        )


def _rules_of_default_groups(stack: Stack, network: StackNetwork) -> Judged:
    for group in stack.of(DEFAULT_GROUP):
        for said in rules_in(group):
            if isinstance(said, GroupRule):
                yield _open_default(said, said.path)
            elif not is_computed(group, said):
                yield NotChecked(path=said, urn=group.urn)
    for resource in stack.of(*STANDALONE):
        owner = owner_of(resource)
        group = network.links.of(resource, (*GROUPS, *VPCS), owner).one
        if group is None or group.type not in (DEFAULT_GROUP, *VPCS):
            continue
        for said in rules_in(resource):
            if isinstance(said, GroupRule):
                yield _open_default(said, owner)
            else:
                yield NotChecked(path=said, urn=resource.urn)


def _open_default(rule: GroupRule, path: str) -> Finding:
    return Finding(
        path=path,
        message=f"a default security group has an {rule.direction} rule; it has none, because "
        "whatever names no group is in it. Remove the rule, and use a group of its own.",
        urn=rule.resource.urn,
    )


def _flow_logs(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    recorded: dict[str, list[Resource]] = {}
    unplaced = False
    for log in stack.of(*_FLOW_LOGS):
        path = "vpcId" if log.type == _AWS_FLOW_LOG else "resourceId"
        vpc = network.links.of(log, VPCS, path)
        unplaced = unplaced or not vpc.is_whole
        for one in vpc.found:
            recorded.setdefault(one.urn, []).append(log)
    for vpc in stack.of(*VPCS):
        logs = recorded.get(vpc.urn, [])
        kinds = [log.at("trafficType") for log in logs]
        if "ALL" in kinds or all(kind in kinds for kind in ("ACCEPT", "REJECT")):
            continue
        if unplaced or any(map(is_hidden, kinds)):
            yield NotChecked(path="trafficType" if logs else "", urn=vpc.urn)
        elif not logs:
            yield Finding(
                path="",
                message="no flow log records the VPC's traffic, so nobody can tell afterwards what "
                "reached what. Add a FlowLog of the VPC with trafficType ALL.",
                urn=vpc.urn,
            )
        else:
            yield Finding(
                path="trafficType",
                message=f"it is {', '.join(map(shown, kinds))}; the VPC's flow logs have to "
                "record ALL, both what passed and what was refused. Set it to ALL.",
                urn=logs[0].urn,
            )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="subnet-public-ip",
        description="A subnet gives what starts in it no public address.",
        severity="medium",
        types=SUBNET_TYPES,
        remediation="Set mapPublicIpOnLaunch to false.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_130"),
            Reference(framework="AVD", id="AVD-AWS-0164"),
            Reference(framework="Security Hub", id="EC2.15"),
        ),
        check=_public_ip,
    ),
    Rule(
        id="runtime-subnet-private",
        description="A runtime's subnets have no route to an internet gateway.",
        severity="high",
        types=RUNTIMES,
        remediation="Give the runtime subnets whose route tables lead to NAT or endpoints only.",
        references=(Reference(framework="Well-Architected", id="SEC05-BP01"),),
        check_stack=_internet_route,
    ),
    Rule(
        id="vpc-private-dns",
        description="A VPC whose endpoints have private DNS resolves and gives host names.",
        severity="medium",
        types=(*VPCS, *VPC_ENDPOINTS),
        remediation="Set enableDnsSupport and enableDnsHostnames to true.",
        check_stack=_private_dns,
    ),
    Rule(
        id="vpc-default-security-group",
        description="A VPC's default security group has no rules.",
        severity="medium",
        types=(*VPCS, DEFAULT_GROUP, *STANDALONE),
        remediation="Take the group over with an aws.ec2.DefaultSecurityGroup that has no rules.",
        references=(
            Reference(framework="Security Hub", id="EC2.2"),
            Reference(framework="CIS", id="5.4"),
            Reference(framework="CKV", id="CKV2_AWS_12"),
        ),
        check_stack=_default_group,
    ),
    Rule(
        id="vpc-flow-logs",
        description="A VPC's traffic, accepted and rejected, is recorded in flow logs.",
        severity="medium",
        types=(*VPCS, *_FLOW_LOGS),
        remediation="Add a FlowLog of the VPC with trafficType ALL.",
        references=(
            Reference(framework="Security Hub", id="EC2.6"),
            Reference(framework="AVD", id="AVD-AWS-0178"),
            Reference(framework="CKV", id="CKV2_AWS_11"),
        ),
        check_stack=_flow_logs,
    ),
)
