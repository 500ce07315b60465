"""The functions the provider `aws` answers, by their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.providers.aws.calls import Calls
from emulator.providers.aws.functions import location, networks, roles, vpc_endpoints
from emulator.providers.errors import ProviderError, did_you_mean

if TYPE_CHECKING:
    from emulator.providers.aws.functions.table import Function
    from emulator.providers.clients import Clients
    from emulator.providers.configuration import Configuration
    from emulator.providers.values import Object

FUNCTIONS: dict[str, Function] = {
    function.token: function
    for function in (
        location.CALLER_IDENTITY,
        location.PARTITION,
        location.REGION,
        location.AVAILABILITY_ZONES,
        networks.VPC,
        networks.SUBNET,
        networks.SUBNETS,
        networks.ROUTE_TABLE,
        networks.ROUTE_TABLES,
        networks.NETWORK_INTERFACES,
        networks.SECURITY_GROUP,
        vpc_endpoints.VPC_ENDPOINT,
        vpc_endpoints.VPC_ENDPOINT_SERVICE,
        vpc_endpoints.PREFIX_LIST,
        vpc_endpoints.MANAGED_PREFIX_LIST,
        roles.ROLE,
        roles.POLICY,
        roles.ROLE_POLICY_ATTACHMENTS,
        roles.ROLE_POLICIES,
    )
}


def call(token: str, arguments: Object, clients: Clients, configuration: Configuration) -> Object:
    """Answer a function.

    Raises:
        ProviderError: The function, or one of its arguments, is not supported; what it looks for is
            not there; or AWS refuses to answer.
    """
    if token not in FUNCTIONS:
        raise ProviderError(
            f'function "{token}" is not supported by the offline AWS\'s "aws" provider'
            f"{did_you_mean(token, FUNCTIONS)} (supported are {', '.join(FUNCTIONS)})"
        )
    return FUNCTIONS[token].answer(arguments, Calls(clients, configuration))
