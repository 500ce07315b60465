"""Looks up what a network's plan takes from the region: zones, endpoint services, prefix lists.

All of it is asked for at once: a preview waits for the slowest answer, not for their sum. The SDK's
own functions wait for each answer in turn.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pulumi
import pulumi_aws as aws
from pulumi.runtime.sync_await import (
    _sync_await,  # pyright: ignore[reportPrivateUsage] - what the SDK's own look-ups wait with
)

from infra.zone_choice import ZoneError

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """How the region offers an endpoint service to this account.

    Attributes:
        zones: names of the zones it can stand in; a gateway endpoint stands in none.
        takes_policy: whether its endpoints take a policy.
    """

    zones: frozenset[str]
    takes_policy: bool


@dataclass(frozen=True, kw_only=True)
class Region:
    """What was looked up.

    Attributes:
        zones: the account's name of each zone it can use, by the zone's id; Local and Wavelength
            Zones, and zones the account has not opted in to, are left out.
        offers: how each endpoint service is offered, by its name.
        prefix_lists: id of the prefix list of each service behind a gateway endpoint, by its name.
    """

    zones: Mapping[str, str]
    offers: Mapping[str, Offer]
    prefix_lists: Mapping[str, str]


def look_up_region(
    services: Iterable[tuple[str, str, str]],
    gateways: Mapping[str, str],
    options: pulumi.InvokeOptions,
) -> Region:
    """Look it all up.

    Args:
        services: name, whole name and endpoint type (``Interface`` or ``Gateway``) of each endpoint
            service.
        gateways: the whole name of each service behind a gateway endpoint, by its name.
        options: the provider that looks.

    Raises:
        ZoneError: services that the region does not offer, and whatever else is not found; all of
            it.
    """
    return _sync_await(_region(list(services), gateways, options))


async def _region(
    services: Sequence[tuple[str, str, str]],
    gateways: Mapping[str, str],
    options: pulumi.InvokeOptions,
) -> Region:
    (offers, no_offers), (zones, no_zones), (prefix_lists, no_prefix_lists) = await asyncio.gather(
        _answers({full_name: _offer(full_name, kind, options) for _, full_name, kind in services}),
        _answers({"availability zones": _zones(options)}),
        _answers(
            {
                f"prefix list of {name}": _prefix_list(full_name, options)
                for name, full_name in gateways.items()
            }
        ),
    )
    if findings := [*no_offers, *no_zones, *no_prefix_lists]:
        raise ZoneError(findings)
    return Region(
        zones=zones["availability zones"],
        offers={name: offers[full_name] for name, full_name, _ in services},
        prefix_lists={name: prefix_lists[f"prefix list of {name}"] for name in gateways},
    )


async def _answers(asked: Mapping[str, Awaitable[_T]]) -> tuple[dict[str, _T], list[str]]:
    """The answers, and for each that failed what the look-up says, without the words around it."""
    answers = await asyncio.gather(*asked.values(), return_exceptions=True)
    found: dict[str, _T] = {}
    findings: list[str] = []
    for name, answer in zip(asked, answers, strict=True):
        if isinstance(answer, BaseException):
            findings.append(f"{name}: {str(answer).partition(' failed: ')[2] or answer}")
        else:
            found[name] = answer
    return found, findings


async def _zones(options: pulumi.InvokeOptions) -> dict[str, str]:
    filters = {
        "zone-type": ["availability-zone"],
        "opt-in-status": ["opt-in-not-required", "opted-in"],
    }
    found: aws.GetAvailabilityZonesResult = await pulumi.runtime.invoke_async(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        {
            "state": "available",
            "filters": [{"name": name, "values": values} for name, values in filters.items()],
        },
        options,
        aws.GetAvailabilityZonesResult,
    )
    return dict(zip(found.zone_ids, found.names, strict=True))


async def _offer(full_name: str, kind: str, options: pulumi.InvokeOptions) -> Offer:
    found: aws.ec2.GetVpcEndpointServiceResult = await pulumi.runtime.invoke_async(
        "aws:ec2/getVpcEndpointService:getVpcEndpointService",
        {"serviceName": full_name, "serviceType": kind},
        options,
        aws.ec2.GetVpcEndpointServiceResult,
    )
    return Offer(
        zones=frozenset(found.availability_zones),
        takes_policy=found.vpc_endpoint_policy_supported,
    )


async def _prefix_list(full_name: str, options: pulumi.InvokeOptions) -> str:
    found: aws.ec2.GetPrefixListResult = await pulumi.runtime.invoke_async(
        "aws:ec2/getPrefixList:getPrefixList",
        {"name": full_name},
        options,
        aws.ec2.GetPrefixListResult,
    )
    return found.id
