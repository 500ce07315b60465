"""botocore clients of one account of the offline AWS."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.loaders import create_loader
from botocore.session import Session

from emulator.providers.errors import ProviderError
from emulator.providers.retries import Retries

if TYPE_CHECKING:
    from botocore.exceptions import ClientError, EndpointConnectionError

NOTHING_FROM_THIS_MACHINE: dict[str, tuple[None, list[str], str | None, None]] = {
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
    "credentials_file": (None, [], os.devnull, None),
}
"""botocore's session variables without their environment variables: a profile set in the shell that
starts the offline AWS neither counts nor has to exist."""

_MODELS = create_loader()
"""Reads each service's model once for all accounts; read by each it would be some 10 MB of every
account's memory."""

KEPT = 128
"""Clients of all accounts together; one takes a fifth of a MiB. The longest unused makes room."""

_RECENT: OrderedDict[tuple[str, str, str, str, int], Any] = OrderedDict()
_LOCK = threading.Lock()
"""Held while a client is made, too: that is not thread-safe."""


class Clients:
    """Clients that sign as one account, one for each service, region and retry limit.

    Whoever waits for AWS in a loop does so on `closing`, which is set when the servers close.

    The access key is the account's id, which is how the offline AWS tells accounts apart. Nothing
    is read from the machine's AWS configuration.
    """

    def __init__(self, endpoint_url: str, account: str) -> None:
        self.endpoint_url = endpoint_url
        self.account = account
        self.closing = threading.Event()
        self._session = Session(session_vars=NOTHING_FROM_THIS_MACHINE)
        self._session.register_component("data_loader", _MODELS)

    def get(self, service: str, region: str, max_attempts: int) -> Any:
        """The client of a service in a region."""
        key = (self.endpoint_url, self.account, service, region, max_attempts)
        with _LOCK:
            if key not in _RECENT:
                _RECENT[key] = self._made(service, region, max_attempts)
                while len(_RECENT) > KEPT:
                    _RECENT.popitem(last=False)
            _RECENT.move_to_end(key)
            return _RECENT[key]

    def _made(self, service: str, region: str, max_attempts: int) -> Any:
        make: Any = self._session.create_client  # pyright: ignore[reportUnknownMemberType]
        client = make(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.account,
            aws_secret_access_key="offline",  # noqa: S106
            config=Config(
                max_pool_connections=64,
                connect_timeout=5,
                # A slow answer is waited for, as the real plugins do.
                read_timeout=None,
                retries={"mode": "standard", "total_max_attempts": 1},
            ),
        )
        client.meta.events.register(
            f"needs-retry.{client.meta.service_model.service_id.hyphenize()}",
            Retries(max_attempts),
        )
        return client

    def unreachable(self, error: EndpointConnectionError) -> ProviderError:
        """What to tell the user when nobody listens at the endpoint."""
        return ProviderError(
            f"the offline AWS at {self.endpoint_url} does not answer ({error}): "
            "start it with `python -m emulator start`"
        )


def service_error(client: Any, error: ClientError) -> str:
    """The error as the AWS SDK for Go words it, which is what Pulumi's own plugins print.

    An error that the service's model does not declare, which of EC2's are all, is an API error.
    """
    response = error.response
    metadata = response.get("ResponseMetadata", {})
    detail = response.get("Error", {})
    model = client.meta.service_model
    code = detail.get("Code", "Unknown")
    declared = {name for shape in model.error_shapes for name in (shape.name, shape.error_code)}
    return (
        f"operation error {model.service_id}: {error.operation_name}, https response error "
        f"StatusCode: {metadata.get('HTTPStatusCode', 0)}, RequestID: "
        f"{metadata.get('RequestId', '')}, "
        f"{'' if code in declared else 'api error '}{code}: {detail.get('Message', '')}"
    )


def error_code(error: ClientError) -> str:
    """The service's error code."""
    return error.response.get("Error", {}).get("Code", "Unknown")
