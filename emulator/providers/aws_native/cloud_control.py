"""The Cloud Control API, with the calls pulumi-aws-native makes.

Operations are waited for without a limit, as the real plugin does for resources of this kind
(custom timeouts have no effect there); they end when AWS ends them.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from emulator.providers import retries
from emulator.providers.clients import error_code, service_error
from emulator.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from emulator.providers.values import Json, Object

GONE = {"ResourceNotFoundException"}
READS_OF_A_NEW_RESOURCE = 5
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
"""Seconds between looks at an operation. The real plugin waits up to 30, only a delay here."""


class OperationFailedError(ProviderError):
    """An operation ended FAILED; the text is the plugin's, with the service's unchanged in it."""

    def __init__(self, event: dict[str, Any]) -> None:
        super().__init__(
            f"operation {event.get('Operation', '')} failed with "
            f'"{event.get("ErrorCode", "")}": {event.get("StatusMessage", "")}'
        )
        self.error_code = str(event.get("ErrorCode", ""))
        self.identifier = cast("str | None", event.get("Identifier"))


@dataclass(frozen=True)
class CloudControl:
    """A client for one account and region.

    Attributes:
        client: The boto3 client.
        closing: Set when nobody waits for the answer any more.
        max_attempts: Of a throttled operation.
    """

    client: Any
    closing: Event
    max_attempts: int = retries.MAX_ATTEMPTS

    def create(self, type_name: str, desired_state: Object) -> str:
        """Create a resource; its primary identifier.

        Raises:
            OperationFailedError: The operation failed; the resource may exist if it has an
                identifier.
        """
        event = self._complete(
            lambda: self.client.create_resource(
                TypeName=type_name,
                DesiredState=json.dumps(desired_state),
                ClientToken=str(uuid.uuid4()),
            )
        )
        if not event.get("Identifier"):
            raise ProviderError("received nil identifier while awaiting completion")
        return event["Identifier"]

    def read(self, type_name: str, identifier: str) -> Object | None:
        """The properties of a resource, or None when there is none."""
        try:
            response = self.client.get_resource(TypeName=type_name, Identifier=identifier)
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise self._worded(error) from error
        return json.loads(response["ResourceDescription"]["Properties"])

    def read_new(self, type_name: str, identifier: str) -> Object | None:
        """The properties of a resource just created, which its service may not show at once."""
        for attempt in range(1, READS_OF_A_NEW_RESOURCE):
            state = self.read(type_name, identifier)
            if state is not None:
                return state
            self.closing.wait(retries.pause(attempt))
        return self.read(type_name, identifier)

    def update(self, type_name: str, identifier: str, patch: list[dict[str, Json]]) -> None:
        """Apply an RFC 6902 patch to a resource."""
        self._complete(
            lambda: self.client.update_resource(
                TypeName=type_name,
                Identifier=identifier,
                PatchDocument=json.dumps(patch),
                ClientToken=str(uuid.uuid4()),
            )
        )

    def delete(self, type_name: str, identifier: str) -> None:
        """Delete a resource; one that is gone already is no error."""
        try:
            self._complete(
                lambda: self.client.delete_resource(
                    TypeName=type_name, Identifier=identifier, ClientToken=str(uuid.uuid4())
                )
            )
        except OperationFailedError as error:
            if error.error_code != "NotFound":
                raise
        except ProviderError as error:
            cause = error.__cause__
            if not (isinstance(cause, ClientError) and error_code(cause) in GONE):
                raise

    def _complete(self, start: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Start an operation and wait for its end; a throttled one is started again.

        Started again it is another request, with another client token; what the client retries by
        itself is the same request, with the same token (pulumi-aws-native, pkg/client/client.go:
        withRetries).
        """
        for attempt in range(1, self.max_attempts):
            try:
                return self._wait(start)
            except OperationFailedError as error:
                if error.error_code not in retries.ERROR_CODES:
                    raise
            self.closing.wait(retries.pause(attempt))
        return self._wait(start)

    def _wait(self, start: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            event: dict[str, Any] = start()["ProgressEvent"]
            pause = FIRST_PAUSE
            while event["OperationStatus"] in {"IN_PROGRESS", "PENDING"}:
                if self.closing.wait(pause):
                    raise ProviderError("the offline AWS was stopped while the operation ran")
                pause = min(pause * 1.5, LONGEST_PAUSE)
                event = self.client.get_resource_request_status(RequestToken=event["RequestToken"])[
                    "ProgressEvent"
                ]
        except ClientError as error:
            raise self._worded(error) from error
        if event["OperationStatus"] == "FAILED":
            raise OperationFailedError(event)
        if event["OperationStatus"] != "SUCCESS":
            raise ProviderError(f'unknown status "{event["OperationStatus"]}"')
        return event

    def _worded(self, error: ClientError) -> ProviderError:
        return ProviderError(service_error(self.client, error))
