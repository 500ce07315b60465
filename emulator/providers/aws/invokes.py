"""The functions of pulumi-aws a program asks where it is: account, partition and region."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader

from emulator.providers.errors import ProviderError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.clients import Clients
    from emulator.providers.configuration import Configuration
    from emulator.providers.values import Object

REVERSE_DNS = {
    "amazonaws.com": "com.amazonaws",
    "amazonaws.com.cn": "cn.com.amazonaws",
}
"""The reverse DNS prefix of a partition's services, where it is not simply `com.amazonaws`."""


@cache
def _partitions() -> list[dict[str, Any]]:
    endpoints: Any = Loader().load_data("endpoints")
    return endpoints["partitions"]


def _partition_of(region: str) -> dict[str, Any]:
    for partition in _partitions():
        if region in partition["regions"]:
            return partition
    raise ProviderError(f'"{region}" is not an AWS region')


def _get_caller_identity(
    _arguments: Object, clients: Clients, configuration: Configuration
) -> Object:
    sts = clients.get("sts", configuration.region, configuration.max_attempts)
    identity = sts.get_caller_identity()
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "id": identity["Account"],
        "userId": identity["UserId"],
    }


def _get_partition(_arguments: Object, _clients: Clients, configuration: Configuration) -> Object:
    partition = _partition_of(configuration.region)
    suffix = partition["dnsSuffix"]
    return {
        "dnsSuffix": suffix,
        "id": partition["partition"],
        "partition": partition["partition"],
        "reverseDnsPrefix": REVERSE_DNS.get(suffix, ".".join(reversed(suffix.split(".")))),
    }


def _get_region(arguments: Object, _clients: Clients, configuration: Configuration) -> Object:
    region = arguments.get("region") or arguments.get("name") or configuration.region
    partition = _partition_of(region)
    return {
        "description": partition["regions"][region]["description"],
        "endpoint": f"ec2.{region}.{partition['dnsSuffix']}",
        "id": region,
        "name": region,
        "region": region,
    }


FUNCTIONS: dict[str, tuple[frozenset[str], Callable[[Object, Clients, Configuration], Object]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": (frozenset(), _get_caller_identity),
    "aws:index/getPartition:getPartition": (frozenset(), _get_partition),
    "aws:index/getRegion:getRegion": (frozenset({"name", "region"}), _get_region),
}
"""Each function with the arguments it takes."""


def call(token: str, arguments: Object, clients: Clients, configuration: Configuration) -> Object:
    """Answer a function.

    Raises:
        ProviderError: The function, or one of its arguments, is not supported.
    """
    if token not in FUNCTIONS:
        raise ProviderError(
            f'function "{token}" is not supported by the offline AWS\'s "aws" provider'
            f"{did_you_mean(token, FUNCTIONS)} (supported are {', '.join(FUNCTIONS)})"
        )
    takes, function = FUNCTIONS[token]
    for name in arguments:
        if name not in takes:
            raise ProviderError(f'argument "{name}" of {token} is not supported by the offline AWS')
    return function(arguments, clients, configuration)
