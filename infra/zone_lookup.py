"""Looks up what a network's plan takes from the region: zones, endpoint services, prefix lists."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi_aws as aws

from infra.look_up import answers, ask, wait_for
from infra.zone_choice import ZoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pulumi

_WAY_OUT: Final = (
    ". Remove what the region does not offer to this account, or what asks for it; what it offers: "
    "aws ec2 describe-vpc-endpoint-services --query ServiceNames"
)
# Every answer of AWS has its own number, also one that says the same as another.
_REQUEST: Final = re.compile(r"RequestID: [^,]+, ")


@dataclass(frozen=True, kw_only=True)
class AskedService:
    """An endpoint service that is looked for.

    Attributes:
        name: as in its endpoint's, such as ``ecr.api``.
        full_name: the service name an endpoint is created with.
        type: ``Interface`` or ``Gateway``.
        asked_by: what in the config asks for it, for messages.
    """

    name: str
    full_name: str
    type: str
    asked_by: str


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
    services: Iterable[AskedService],
    gateways: Mapping[str, str],
    options: pulumi.InvokeOptions,
) -> Region:
    """Look it all up.

    Args:
        services: the endpoint services.
        gateways: the whole name of each service behind a gateway endpoint, by its name.
        options: the provider that looks.

    Raises:
        ZoneError: services that the region does not offer, and whatever else is not found; all of
            it.
    """
    return wait_for(_region(list(services), gateways, options))


async def _region(
    services: Sequence[AskedService],
    gateways: Mapping[str, str],
    options: pulumi.InvokeOptions,
) -> Region:
    (offers, no_offers), (zones, no_zones), (prefix_lists, no_prefix_lists) = await asyncio.gather(
        answers({one.full_name: _offer(one, options) for one in services}),
        answers({"availability zones": _zones(options)}),
        answers(
            {
                f"prefix list of {name}": _prefix_list(full_name, options)
                for name, full_name in gateways.items()
            }
        ),
    )
    if failed := {**no_zones, **no_offers, **no_prefix_lists}:
        raise ZoneError(_told(failed, {one.full_name: one.asked_by for one in services}))
    return Region(
        zones=zones["availability zones"],
        offers={one.name: offers[one.full_name] for one in services},
        prefix_lists={name: prefix_lists[f"prefix list of {name}"] for name in gateways},
    )


def _told(failed: Mapping[str, str], asked_by: Mapping[str, str]) -> list[str]:
    """A line for each reason: what may not be looked at is one reason for everything."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in failed.items():
        by_reason.setdefault(_REQUEST.sub("", reason), []).append(name)
    told: list[str] = []
    for reason, names in by_reason.items():
        lacking = [f"{name} ({asked_by[name]})" if name in asked_by else name for name in names]
        way_out = _WAY_OUT if asked_by.keys() & set(names) else ""
        told.append(f"{', '.join(lacking)}: {reason}{way_out}")
    return told


async def _zones(options: pulumi.InvokeOptions) -> dict[str, str]:
    filters = {
        "zone-type": ["availability-zone"],
        "opt-in-status": ["opt-in-not-required", "opted-in"],
    }
    found = await ask(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        {
            "state": "available",
            "filters": [{"name": name, "values": values} for name, values in filters.items()],
        },
        aws.GetAvailabilityZonesResult,
        options,
    )
    return dict(zip(found.zone_ids, found.names, strict=True))


async def _offer(service: AskedService, options: pulumi.InvokeOptions) -> Offer:
    found = await ask(
        "aws:ec2/getVpcEndpointService:getVpcEndpointService",
        {"serviceName": service.full_name, "serviceType": service.type},
        aws.ec2.GetVpcEndpointServiceResult,
        options,
    )
    return Offer(
        zones=frozenset(found.availability_zones),
        takes_policy=found.vpc_endpoint_policy_supported,
    )


async def _prefix_list(full_name: str, options: pulumi.InvokeOptions) -> str:
    found = await ask(
        "aws:ec2/getPrefixList:getPrefixList",
        {"name": full_name},
        aws.ec2.GetPrefixListResult,
        options,
    )
    return found.id
