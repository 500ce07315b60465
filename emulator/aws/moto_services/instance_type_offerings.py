"""Which instance types EC2 offers where, read when a region's are asked for.

moto reads those of all regions as it is imported: a tenth of a second and 46 MB, for what no
network needs.
"""

from typing import Any, cast

import moto.utilities.utils
from moto.utilities.utils import load_resource

_FOLDER = "ec2/resources/instance_type_offerings"


def skip() -> None:
    """Let moto's EC2 be imported without them."""
    cast("Any", moto.utilities.utils).load_resource = _load_resource


def read_late() -> None:
    """Put in their place what reads them. moto's EC2 is imported by then."""
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS  # noqa: PLC0415

    for location_type, regions in INSTANCE_TYPE_OFFERINGS.items():
        INSTANCE_TYPE_OFFERINGS[location_type] = _Offerings(location_type, regions)


class _Offerings(dict[str, list[dict[str, Any]]]):
    """By region, where a location is a region, a zone or a zone's id."""

    def __init__(self, location_type: str, regions: dict[str, Any]) -> None:
        super().__init__()
        self._location_type = location_type
        self._regions = frozenset(regions)

    def __missing__(self, region: str) -> list[dict[str, Any]]:
        if region not in self._regions:
            raise KeyError(region)
        found = load_resource(f"{_FOLDER}/{self._location_type}/{region}.json")
        self[region] = [{**offering, "LocationType": self._location_type} for offering in found]
        return self[region]

    def get(self, region: str, default: Any = None) -> Any:
        """Return the region's, as moto asks for them."""
        return self[region] if region in self._regions else default


def _load_resource(resource: str) -> Any:
    return [] if resource.startswith(_FOLDER) else load_resource(resource)
