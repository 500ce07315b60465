"""Which availability zones a network of the stack's own spans."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from infra.availability_zones import zone_number

_UNSUPPORTED: Final = (
    "AgentCore takes no subnets there (one that AWS has added since is let in by "
    "additionalAvailabilityZoneIds)"
)


class ZoneError(Exception):
    """No choice of zones meets what is wanted.

    Attributes:
        findings: which zone lacks what, and the way out.
    """

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, kw_only=True)
class Zone:
    """An availability zone: its id, the same for all accounts, and its name in this account."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ZoneOffer:
    """What a region has for an account, as looked up.

    Attributes:
        names: the account's zone names by zone id, without Local and Wavelength Zones.
        supported: the ids in which AgentCore takes subnets; None where that is not known.
        services: for each interface endpoint's service the zone names in which it exists.
    """

    names: Mapping[str, str]
    supported: Set[str] | None
    services: Mapping[str, Set[str]]

    def faults(self, zone_id: str) -> list[str]:
        """What the zone lacks."""
        name = self.names[zone_id]
        found: list[str] = []
        if self.supported is not None and zone_id not in self.supported:
            found.append(_UNSUPPORTED)
        missing = sorted(service for service, zones in self.services.items() if name not in zones)
        if missing:
            found.append(f"no endpoint of {', '.join(missing)}")
        return found


def choose_zones(
    wanted: int | Sequence[str], offer: ZoneOffer, *, at_least: int | None = None
) -> tuple[Zone, ...]:
    """The zones named; or as many as are wanted: the first, by number, that lack nothing.

    A choice by count follows what is looked up: when AWS brings a service to an earlier zone, or an
    agent begins to use one that a chosen zone lacks, the same config gives another choice, and the
    subnets of a zone that is left out are deleted. Naming the ids keeps a network where it is.

    Args:
        wanted: how many, or the ids of exactly those wanted.
        offer: what there is.
        at_least: how few will do where not as many as wanted are fit; by default none fewer.

    Raises:
        ZoneError: a named zone lacks something, or too few zones lack nothing.
    """
    if isinstance(wanted, int):
        chosen = _first(wanted, wanted if at_least is None else at_least, offer)
    else:
        chosen = _named(wanted, offer)
    return tuple(Zone(id=zone_id, name=offer.names[zone_id]) for zone_id in chosen)


def _first(wanted: int, at_least: int, offer: ZoneOffer) -> list[str]:
    known = _by_number(offer.names)
    fit = [zone_id for zone_id in known if not offer.faults(zone_id)]
    if len(fit) < at_least:
        told = _told(known, offer)
        way_out = "Leave out what needs the services that are missing" if told else "Ask for fewer"
        raise ZoneError(
            [
                f"{at_least} availability zones are needed, {len(fit)} of the {len(known)} here "
                f"{'lacks' if len(fit) == 1 else 'lack'} nothing. {way_out}, or take another "
                "region.",
                *told,
            ]
        )
    return fit[:wanted]


def _named(wanted: Iterable[str], offer: ZoneOffer) -> list[str]:
    unknown = [zone_id for zone_id in wanted if zone_id not in offer.names]
    known = _by_number(set(wanted) - set(unknown))
    findings = [
        f"{zone_id} is no availability zone of this account and region. Choose among "
        f"{', '.join(_by_number(offer.names))}."
        for zone_id in unknown
    ]
    findings += _told(known, offer)
    if findings:
        raise ZoneError(findings)
    return known


def _by_number(zone_ids: Iterable[str]) -> list[str]:
    return sorted(zone_ids, key=zone_number)


def _told(zone_ids: Iterable[str], offer: ZoneOffer) -> list[str]:
    return [
        f"{zone_id} ({offer.names[zone_id]} in this account): {'; '.join(faults)}."
        for zone_id in zone_ids
        if (faults := offer.faults(zone_id))
    ]
