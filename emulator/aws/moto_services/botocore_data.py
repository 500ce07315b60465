"""Lets moto read botocore's data once for the whole process.

For each service, moto looks through botocore's folders anew. To learn in which regions a service
is, it asks new sessions of botocore, and each would parse the list of all endpoints, and the whole
model of the service for the one word that the list has it under.
"""

from functools import cache
from typing import Any, cast

import moto.core.loaders
import moto.core.utils
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader, create_loader
from botocore.regions import EndpointResolver
from botocore.session import Session
from moto.core.utils import get_service_model


def share() -> None:
    """Make moto's loaders one, and all sessions answer from what is read once."""
    cast("Any", moto.core.utils).create_loader = _motos_loader
    session = cast("Any", Session)
    session.get_available_partitions = _partitions
    session.get_available_regions = _regions


@cache
def _motos_loader() -> Loader:
    return moto.core.loaders.create_loader()


@cache
def _endpoints() -> EndpointResolver:
    return EndpointResolver(create_loader().load_data("endpoints"))


def _partitions(_session: Session) -> list[str]:
    return _endpoints().get_available_partitions()


def _regions(
    _session: Session,
    service_name: str,
    partition_name: str = "aws",
    allow_non_regional: bool = False,  # noqa: FBT001, FBT002 - botocore's
) -> list[str]:
    try:
        prefix = get_service_model(service_name).endpoint_prefix
    except UnknownServiceError:
        return []
    return _endpoints().get_available_endpoints(prefix, partition_name, allow_non_regional)
