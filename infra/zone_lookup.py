"""Looks up the account's availability zones, and where each endpoint service is offered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.zone_choice import ZoneError


@dataclass(frozen=True, kw_only=True)
class Offer:
    """How the region offers an endpoint service to this account.

    Attributes:
        zones: names of the zones it can stand in; a gateway endpoint stands in none.
        takes_policy: whether its endpoints take a policy.
    """

    zones: frozenset[str]
    takes_policy: bool


def account_zones(options: pulumi.InvokeOptions) -> dict[str, str]:
    """The account's name of each zone it can use, by the zone's id.

    Local and Wavelength Zones, and zones the account has not opted in to, are left out.
    """
    found = aws.get_availability_zones(
        state="available",
        filters=[
            aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"]),
            aws.GetAvailabilityZonesFilterArgs(
                name="opt-in-status", values=["opt-in-not-required", "opted-in"]
            ),
        ],
        opts=options,
    )
    return dict(zip(found.zone_ids, found.names, strict=True))


def offers_of(
    services: Iterable[tuple[str, str, str]], options: pulumi.InvokeOptions
) -> Mapping[str, Offer]:
    """What the region offers of each service.

    Args:
        services: name, whole name and endpoint type (``Interface`` or ``Gateway``) of each.
        options: the provider that looks.

    Raises:
        ZoneError: services that the region does not offer, all of them.
    """
    offers: dict[str, Offer] = {}
    findings: list[str] = []
    for name, full_name, kind in services:
        try:
            found = aws.ec2.get_vpc_endpoint_service(
                service_name=full_name, service_type=kind, opts=options
            )
        except Exception as error:  # noqa: BLE001 - the SDK raises nothing narrower
            findings.append(f"{full_name}: {str(error).partition(' failed: ')[2] or error}")
            continue
        offers[name] = Offer(
            zones=frozenset(found.availability_zones),
            takes_policy=found.vpc_endpoint_policy_supported,
        )
    if findings:
        raise ZoneError(findings)
    return offers
