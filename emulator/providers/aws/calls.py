"""Runs the steps a table is made of: boto3 operations with their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from emulator.providers.aws.table import Call, ForEach, Look, Parameter, ResourceType, Wait
from emulator.providers.clients import Clients, error_code, service_error
from emulator.providers.errors import ProviderError
from emulator.providers.values import Json, Object, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.providers.aws.patience import Patience
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
    """Calls of one provider instance.

    Attributes:
        clients: The account's clients.
        configuration: The instance's.
        patience: How long is waited, where a step waits.
    """

    clients: Clients
    configuration: Configuration
    patience: Patience | None = None

    def region(self, values: Object) -> str:
        """The region a resource is in: its own, or the instance's."""
        return str(values.get("region") or self.configuration.region)

    def arn(self, of: OfService, values: Object, resource: str) -> str:
        """The ARN of a thing of the account, by the part that names the thing."""
        region = self.region(values)
        client = self.clients.get(of.service, region, self.configuration.max_attempts)
        account = values.get("ownerId") or self.configuration.account
        return f"arn:{client.meta.partition}:{of.service}:{region}:{account}:{resource}"

    def run(
        self, resource_type: ResourceType, steps: Iterable[Step], values: Object, doing: str
    ) -> None:
        """Run the steps whose condition holds, in turn.

        Raises:
            ProviderError: A step failed; says what was being done, then the service's own words.
        """
        values = dict(values)
        for step in steps:
            if not step.when(values):
                continue
            match step:
                case Look():
                    found = self.call(resource_type, step.call, values, doing, pages=True)
                    values.update(
                        {name: source(found, values) for name, source in step.gives.items()}
                    )
                case ForEach():
                    for thing in step.things(values):
                        self.call(resource_type, step.call, {**values, **thing}, doing)
                case Wait():
                    self._wait(resource_type, step, values)
                case Call():
                    self.call(resource_type, step, values, doing)

    def call(
        self,
        of: OfService,
        call: Call,
        values: Object,
        doing: str,
        *,
        pages: bool = False,
    ) -> Response:
        """Call one operation, and all its pages if wanted; again while something is in its way.

        Raises:
            ProviderError: It failed; the service's error is the cause.
        """
        failure = ProviderError(doing)
        for _ in self._turns():
            try:
                return self._call_once(of, call, values, doing, pages=pages)
            except ProviderError as error:
                code = cause_code(error)
                if code in call.harmless:
                    return {}
                if code not in call.again:
                    raise
                failure = error
        raise failure

    def _turns(self) -> Iterable[None]:
        return self.patience.turns() if self.patience else (None,)

    def _wait(self, resource_type: ResourceType, wait: Wait, values: Object) -> None:
        waiting = f"waiting for {resource_type.label} ({values.get('id')}) {wait.action}"
        target = "', '".join(sorted(wait.target))
        state = ""
        for _ in self._turns():
            try:
                response = self.call(resource_type, wait.call, values, waiting, pages=True)
                state = wait.state(response)
            except ProviderError as error:
                if cause_code(error) not in resource_type.not_found:
                    raise
                response, state = {}, ""
            if state in wait.target or not (state or wait.target):
                return
            if not state:
                raise ProviderError(f"{waiting}: couldn't find resource")
            if state not in wait.pending:
                said = wait.reason(response)
                raise ProviderError(
                    f"{waiting}: unexpected state '{state}', wanted target '{target}'"
                    + (f". last error: {said}" if said else "")
                )
        wanted = f"state to become '{target}'" if target else "resource to be gone"
        raise ProviderError(
            f"{waiting}: timeout while waiting for {wanted} (last state: '{state}', "
            f"timeout: {self.patience})"
        )

    def _call_once(
        self, of: OfService, call: Call, values: Object, doing: str, *, pages: bool
    ) -> Response:
        client = self.clients.get(of.service, self.region(values), self.configuration.max_attempts)
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
            raise ProviderError(f"{doing}: {service_error(client, error)}") from error
        except ParamValidationError as error:
            raise ProviderError(f"{doing}: {error}") from error


def cause_code(error: ProviderError) -> str:
    """The service's error code behind an error; empty when no service said it."""
    cause = error.__cause__
    return error_code(cause) if isinstance(cause, ClientError) else ""


def _parameter(source: Parameter, values: Object) -> Json:
    value = values.get(source) if isinstance(source, str) else source(values)
    return None if is_unknown(value) else value
