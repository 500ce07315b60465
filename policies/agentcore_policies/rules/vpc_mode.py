"""Where a runtime's sessions stand in the network: the mode, and its subnets' zones."""

from collections.abc import Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import (
    MODE,
    RUNTIMES,
    SECURITY_GROUPS,
    SUBNETS,
    at_path,
    elements,
    is_custom_capacity,
    is_hidden,
)
from agentcore_policies.availability_zones import supported_beside
from agentcore_policies.credentials import shown
from agentcore_policies.model import Resource, Stack, Value
from agentcore_policies.network import network_of
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_BLOCK: Final = "networkConfiguration"
_CAPACITY: Final = "capacityProviderConfiguration"
_MODES: Final = ("PUBLIC", "VPC")
# CreateAgentRuntime, VpcConfig: subnets and securityGroups.
_MAX_IDS: Final = 16


def _vpc_mode(runtime: Resource, _context: Context) -> Judged:
    if is_custom_capacity(runtime) and runtime.at(_BLOCK) is None:
        if is_hidden(runtime.at(_CAPACITY)):
            yield NotChecked(path=_CAPACITY)
        return  # the capacity provider brings the network
    mode = at_path(runtime, MODE)
    if is_hidden(mode):
        yield NotChecked(path=MODE)
    elif mode != "VPC":
        yield Finding(
            path=MODE,
            message=f"it is {shown(mode)}; in production only VPC is allowed: in PUBLIC mode "
            "sessions reach the internet past every control of yours. Give subnets and security "
            "groups.",
        )


def _configuration(runtime: Resource, context: Context) -> Judged:
    block = runtime.at(_BLOCK)
    if is_hidden(block):
        yield NotChecked(path=_BLOCK)
        return
    # In production the rule about the mode tells of every one that is not VPC.
    is_told_there = context.production
    if block in (None, {}):
        if not is_told_there and not is_custom_capacity(runtime):
            yield Finding(
                path=_BLOCK,
                message="no network mode is given. Write PUBLIC, or VPC with its two halves.",
            )
        return
    mode = at_path(runtime, MODE)
    if is_hidden(mode):
        yield NotChecked(path=MODE)
        return
    if mode not in _MODES:
        if not is_told_there:
            yield Finding(
                path=MODE,
                message=f"{shown(mode)} is no network mode; allowed are PUBLIC and VPC, written "
                "so.",
            )
        return
    yield from _halves(runtime, mode)


def _halves(runtime: Resource, mode: Value) -> Judged:
    for path, what in ((SUBNETS, "subnets"), (SECURITY_GROUPS, "security groups")):
        given = at_path(runtime, path)
        if is_hidden(given):
            yield NotChecked(path=path)
            continue
        count = len(elements(given))
        if mode == "PUBLIC" and count:
            yield Finding(
                path=path,
                message=f"these are {count} {what} and the mode is PUBLIC, which ignores them. "
                "Write VPC, or remove them.",
            )
        elif mode == "VPC" and not 1 <= count <= _MAX_IDS:
            yield Finding(
                path=path,
                message=f"these are {count} {what}; VPC mode takes 1 to {_MAX_IDS}. Name them.",
            )


def _zones(stack: Stack, context: Context) -> Judged:
    least = cast("int", context.settings["minimumZones"])
    network = network_of(stack)
    for runtime in network.runtimes:
        given = at_path(runtime, SUBNETS)
        if is_hidden(given):
            yield NotChecked(path=SUBNETS, urn=runtime.urn)
            continue
        subnets = network.subnets(runtime)
        # One subnet given twice is one; there are as many zones as subnets at most.
        most = len({element for element in elements(given) if isinstance(element, str)}) + sum(
            map(is_hidden, elements(given))
        )
        zones = _distinct_zones(subnets.found) if subnets.is_known else None
        if most > 0 and (most < least or (zones is not None and zones < least)):
            told = most if zones is None else zones
            yield Finding(
                path=SUBNETS,
                message=f"the subnets are in {told} availability zone{'' if told == 1 else 's'}; "
                f"{least} are asked for, or the loss of one ends all sessions. Add a subnet of "
                "another zone.",
                urn=runtime.urn,
            )
        elif zones is None:
            yield NotChecked(path=SUBNETS, urn=runtime.urn)


def _distinct_zones(subnets: Sequence[Resource]) -> int | None:
    """How many zones the subnets are in; None where it is not known.

    Ids and names are not compared: which name has which id differs from account to account.
    """
    for name in ("availabilityZoneId", "availabilityZone"):
        zones = [subnet.at(name) for subnet in subnets]
        if all(isinstance(zone, str) and zone for zone in zones):
            return len(set(cast("list[str]", zones)))
    return None


def _zones_supported(stack: Stack, context: Context) -> Judged:
    additional = cast("Sequence[str]", context.settings["additionalZoneIds"])
    network = network_of(stack)
    for runtime in network.runtimes:
        subnets = network.subnets(runtime)
        if not subnets.is_known:
            yield NotChecked(path=SUBNETS, urn=runtime.urn)
        for subnet in subnets.found:
            zone = subnet.at("availabilityZoneId")
            if not isinstance(zone, str) or not zone:
                yield NotChecked(path="availabilityZoneId", urn=subnet.urn)
                continue
            supported = supported_beside(zone)
            if supported is None or zone in supported or zone in additional:
                continue
            allowed = (
                f"allowed are {', '.join(supported)}" if supported else "none of its region is"
            )
            yield Finding(
                path=SUBNETS,
                message=f"the subnet {subnet.name} is in zone {shown(zone)}, where AgentCore is "
                f"not known to take subnets; {allowed}. Move it, or add a zone that AWS supports "
                "by now to additionalZoneIds.",
                urn=runtime.urn,
            )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="runtime-vpc-mode",
        description="A runtime in production is in VPC mode.",
        severity="high",
        types=RUNTIMES,
        remediation="Set networkMode to VPC and give private subnets and security groups.",
        production_only=True,
        references=(
            Reference(framework="Security Hub", id="BedrockAgentCore.1"),
            Reference(framework="Well-Architected", id="SEC05-BP01"),
        ),
        check=_vpc_mode,
    ),
    Rule(
        id="runtime-network-configuration",
        description="A runtime's network configuration is whole: a mode, and what the mode needs.",
        severity="medium",
        types=RUNTIMES,
        remediation="VPC mode needs 1 to 16 subnets and security groups, PUBLIC mode has none.",
        check=_configuration,
    ),
    Rule(
        id="runtime-zones",
        description="A runtime in VPC mode has subnets in several availability zones.",
        severity="medium",
        types=RUNTIMES,
        remediation="Give the runtime private subnets in two or more availability zones.",
        references=(Reference(framework="Well-Architected", id="REL10-BP01"),),
        settings={
            "minimumZones": Setting(
                schema={"type": "integer", "minimum": 1, "maximum": 16},
                default=2,
                description="How many availability zones are asked for.",
            )
        },
        check_stack=_zones,
    ),
    Rule(
        id="runtime-zones-supported",
        description="A runtime's subnets are in availability zones that AgentCore supports.",
        severity="high",
        types=RUNTIMES,
        remediation="Choose subnets by availability zone id, out of those AgentCore supports.",
        settings={
            "additionalZoneIds": Setting(
                schema={"type": "array", "items": {"type": "string", "pattern": "-az[0-9]+$"}},
                default=(),
                description="Zone ids that AWS supports besides those this pack knows.",
            )
        },
        check_stack=_zones_supported,
    ),
)
