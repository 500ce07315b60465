"""The service's checks of subnets and security groups."""

from emulator.aws.agentcore.availability_zones import SUPPORTED_ZONE_IDS
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.caller import Caller
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Subnet


def validate_room(caller: Caller, config: JsonObject) -> None:
    """Raise the service's ValidationException unless each subnet has room for an interface.

    One that is there is shared. That the service refuses a full subnet is an assumption.
    """
    groups = frozenset(config["SecurityGroups"])
    for identifier in config["Subnets"]:
        there = state.has_shared_interface(caller, identifier, groups)
        if not there and not _subnet(caller, identifier).free_addresses:
            raise validation_error(
                f"The subnet '{identifier}' does not have enough free addresses for a network "
                "interface"
            )


def validate_network(caller: Caller, config: JsonObject, *, any_zone: bool = False) -> None:
    """Raise the service's ValidationException unless Subnets and SecurityGroups share one VPC.

    The subnets lie in availability zones that AgentCore supports, or in `any_zone`.
    """
    for member in ("Subnets", "SecurityGroups"):
        _validate_unique(member, config[member])
    subnets = {identifier: _subnet(caller, identifier) for identifier in config["Subnets"]}
    if not any_zone:
        for identifier, subnet in subnets.items():
            _validate_zone(caller, identifier, subnet)
    vpcs = {subnet.vpc for subnet in subnets.values()}
    if len(vpcs) > 1:
        raise validation_error(f"The subnets must be in one VPC, found: {', '.join(sorted(vpcs))}")
    for identifier in config["SecurityGroups"]:
        vpc = state.security_group_vpc(caller, identifier)
        if vpc is None:
            raise validation_error(f"The security group '{identifier}' does not exist")
        if vpc not in vpcs:
            raise validation_error(
                f"The security group '{identifier}' is in {vpc}, the subnets are in "
                f"{', '.join(vpcs)}"
            )


def _validate_unique(member: str, identifiers: list[str]) -> None:
    twice = {one for one in identifiers if identifiers.count(one) > 1}
    if twice:
        raise validation_error(f"{member} names twice: {', '.join(sorted(twice))}")


def _subnet(caller: Caller, identifier: str) -> Subnet:
    subnet = state.subnet(caller, identifier)
    if subnet is None:
        raise validation_error(f"The subnet ID '{identifier}' does not exist")
    return subnet


def _validate_zone(caller: Caller, identifier: str, subnet: Subnet) -> None:
    supported = SUPPORTED_ZONE_IDS.get(caller.region)
    if supported is not None and subnet.zone_id not in supported:
        raise validation_error(
            f"The subnet '{identifier}' is in the unsupported availability zone {subnet.zone_id}. "
            f"Supported availability zones: [{', '.join(supported)}]"
        )
