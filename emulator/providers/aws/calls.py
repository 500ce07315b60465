"""Runs the steps a table is made of: boto3 operations with their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from emulator.providers.aws.table import Call, ForEach, Parameter, ResourceType
from emulator.providers.clients import Clients, service_error
from emulator.providers.errors import ProviderError
from emulator.providers.values import Json, Object, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.providers.aws.table import Response, Step
    from emulator.providers.configuration import Configuration


class OfService(Protocol):
    """What a service answers for: a resource type, or a function."""

    @property
    def service(self) -> str:
        """The boto3 service."""
        ...


@dataclass(frozen=True)
class Calls:
    """Calls of one provider instance."""

    clients: Clients
    configuration: Configuration

    def region(self, values: Object) -> str:
        """The region a resource is in: its own, or the instance's."""
        return str(values.get("region") or self.configuration.region)

    def run(
        self, resource_type: ResourceType, steps: Iterable[Step], values: Object, doing: str
    ) -> None:
        """Run the steps whose condition holds, in turn.

        Raises:
            ProviderError: A step failed; says what was being done, then the service's own words.
        """
        for step in steps:
            if not step.when(values):
                continue
            if isinstance(step, ForEach):
                listed = self.call(resource_type, step.listing, values, doing, pages=True)
                for item in step.items(listed):
                    self.call(resource_type, step.call, {**values, **item}, doing)
            else:
                self.call(resource_type, step, values, doing)

    def call(
        self,
        asked: OfService,
        call: Call,
        values: Object,
        doing: str,
        *,
        pages: bool = False,
    ) -> Response:
        """Call one operation, and all its pages if wanted.

        Raises:
            ProviderError: It failed; the service's error is the cause.
        """
        client = self.clients.get(
            asked.service, self.region(values), self.configuration.max_attempts
        )
        parameters = {
            name: value
            for name, source in call.parameters.items()
            if (value := _parameter(source, values)) is not None
        }
        try:
            if pages and client.can_paginate(call.operation):
                paginator: Any = client.get_paginator(call.operation)
                return paginator.paginate(**parameters).build_full_result()
            return getattr(client, call.operation)(**parameters)
        except ClientError as error:
            service = client.meta.service_model.service_id
            raise ProviderError(f"{doing}: {service_error(service, error)}") from error
        except ParamValidationError as error:
            raise ProviderError(f"{doing}: {error}") from error


def _parameter(source: Parameter, values: Object) -> Json:
    value = values.get(source) if isinstance(source, str) else source(values)
    return None if is_unknown(value) else value
