"""The zones of a region as one account sees them.

EC2 gives each account its own names for the availability zones: us-east-1a is one place here and
another there; the ids are the same for all. Here an account's number decides, so that it has the
same names in each life. Every account has opted in to one Local Zone, which a look-up finds unless
it filters, and not to a Wavelength Zone.
Sources: EC2 user guide, "AZ IDs" and "Local Zones"; API reference, DescribeAvailabilityZones. The
zone that a Local Zone hangs on is an assumption.
"""

import hashlib
from functools import lru_cache
from typing import Any, Final, cast

from moto.ec2.exceptions import EC2ClientError, InvalidParameterValue
from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend, Zone
from moto.ec2.models.subnets import Subnet
from moto.utilities.utils import filter_resources

from emulator.aws.moto_services.network_blocks import canonical

_AVAILABILITY_ZONE = "availability-zone"
_NOT_REQUIRED, _OPTED_IN, _NOT_OPTED_IN = "opt-in-not-required", "opted-in", "not-opted-in"
# By region: name, id, group, type, opt-in status and the id of the zone that it hangs on.
_FURTHER: Final = {
    "us-east-1": (
        (
            *("us-east-1-bos-1a", "use1-bos1-az1", "us-east-1-bos-1"),
            *("local-zone", _OPTED_IN, "use1-az4"),
        ),
        (
            *("us-east-1-wl1-bos-wlz-1", "use1-wl1-bos-wlz1", "us-east-1-wl1"),
            *("wavelength-zone", _NOT_OPTED_IN, "use1-az4"),
        ),
    ),
}
_FILTERS: Final = (
    ("group-name", "group_name"),
    ("opt-in-status", "opt_in_status"),
    ("parent-zone-id", "parent_zone_id"),
    ("parent-zone-name", "parent_zone_name"),
    ("region-name", "region_name"),
    ("state", "state"),
    ("zone-id", "zone_id"),
    ("zone-name", "name"),
    ("zone-type", "zone_type"),
)


class AccountZones(EC2Backend):
    """EC2 of one account in one region, with that account's names for the zones."""

    def describe_availability_zones(
        self,
        filters: Any = None,
        zone_names: list[str] | None = None,
        zone_ids: list[str] | None = None,
    ) -> list[Zone]:
        """Return availability zones alone, which is what moto asks for."""
        found = self.find_zones(filters, zone_names or [], zone_ids or [], opted_out=False)
        return [zone for zone in found if zone.zone_type == _AVAILABILITY_ZONE]

    def find_zones(
        self, filters: Any, zone_names: list[str], zone_ids: list[str], *, opted_out: bool
    ) -> list[Zone]:
        """Return the zones of every type that match; with those `opted_out` of too if asked."""
        zones = [
            zone
            for zone in cast("list[Any]", _zones(self.account_id, self.region_name))
            if opted_out or zone.opt_in_status != _NOT_OPTED_IN
        ]
        for named, attribute in ((zone_names, "name"), (zone_ids, "zone_id")):
            missing = set(named) - {getattr(zone, attribute) for zone in zones}
            if missing:
                raise InvalidParameterValue(
                    f"Invalid availability zone: [{', '.join(sorted(missing))}]"
                )
        found = filter_resources(zones, filters, _FILTERS) if filters else zones
        return [
            zone
            for zone in found
            if (not zone_names or zone.name in zone_names)
            and (not zone_ids or zone.zone_id in zone_ids)
        ]

    def create_subnet(
        self,
        vpc_id: str,
        cidr_block: str,
        ipv6_cidr_block: str | None = None,
        availability_zone: str | None = None,
        availability_zone_id: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Subnet:
        """Create the subnet in the zone that the account knows by the name, or by the id."""
        zone = self._zone(availability_zone, availability_zone_id)
        known = self.describe_availability_zones()
        subnet = super().create_subnet(
            vpc_id,
            canonical(cidr_block),
            ipv6_cidr_block,
            # One that moto knows: it takes no Local Zone.
            zone.name if zone in known else known[0].name,
            None,
            *args,
            **kwargs,
        )
        cast("Any", subnet)._availability_zone = zone  # noqa: SLF001 - moto has no other way
        return subnet

    def _zone(self, name: str | None, identifier: str | None) -> Zone:
        zones = self.find_zones(None, [], [], opted_out=False)
        if name and identifier:
            raise EC2ClientError(
                "InvalidParameterCombination",
                "The parameters availabilityZone and availabilityZoneId cannot be used together",
            )
        parameter, value = ("availabilityZoneId", identifier) if identifier else (None, name)
        for zone in zones:
            if value == (zone.zone_id if identifier else zone.name):
                return zone
        offered = ", ".join(zone.zone_id if identifier else zone.name for zone in zones)
        raise InvalidParameterValue(
            f"Value ({value}) for parameter {parameter or 'availabilityZone'} is invalid. Subnets "
            f"can currently only be created in the following availability zones: {offered}."
        )


def names_of_zones(account: str, region: str) -> dict[str, str]:
    """Return the account's names of the region's availability zones, by zone id."""
    zones = _zones(account, region)
    return {zone.zone_id: zone.name for zone in zones if zone.zone_type == _AVAILABILITY_ZONE}


@lru_cache(maxsize=4096)
def _zones(account: str, region: str) -> tuple[Zone, ...]:
    known = RegionsAndZonesBackend.zones.get(region, [])
    shuffled = sorted((zone.zone_id for zone in known), key=lambda one: _order(account, one))
    zones = [
        _zone(region, zone.name, identifier, f"{region}-zg-1", _AVAILABILITY_ZONE, _NOT_REQUIRED)
        for zone, identifier in zip(known, shuffled, strict=True)
    ]
    names = {zone.zone_id: zone.name for zone in zones}
    for name, identifier, group, kind, opted, parent in _FURTHER.get(region, ()):
        zone: Any = _zone(region, name, identifier, group, kind, opted)
        zone.parent_zone_id, zone.parent_zone_name = parent, names[parent]
        zone.network_border_group = group
        zones.append(zone)
    return tuple(zones)


def _zone(region: str, name: str, identifier: str, group: str, kind: str, opted: str) -> Zone:
    zone: Any = Zone(name, region, identifier, kind)
    zone.group_name, zone.opt_in_status = group, opted
    zone.network_border_group = region
    zone.parent_zone_id = zone.parent_zone_name = None
    return zone


def _order(account: str, zone_id: str) -> str:
    return hashlib.sha256(f"{account} {zone_id}".encode()).hexdigest()
