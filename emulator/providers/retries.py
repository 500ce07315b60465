"""Which failed API calls are made again, as both real plugins have the AWS SDK for Go do it.

Retried are throttling, server errors and broken connections, whatever the operation is: a request
whose answer was lost is sent again unchanged, so that a client token in it is the same one, and a
create without a client token may find that its resource is there already.

Two things differ on purpose. The pauses are a twentieth of the SDK's, as all waiting is shorter
here. A connection that is refused is not tried again: nobody listens there, and the user should
hear it at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ConnectionError as ConnectError
from botocore.exceptions import EndpointConnectionError, HTTPClientError

STATUS_CODES = frozenset({500, 502, 503, 504})
THROTTLING_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
ERROR_CODES = THROTTLING_CODES | {"RequestTimeout", "RequestTimeoutException"}
"""aws-sdk-go-v2 aws/retry/standard.go: DefaultThrottleErrorCodes and DefaultRetryableErrorCodes."""

MAX_ATTEMPTS = 25
"""Of one call, the first one included (pulumi-aws-native provider.go: maxRetries; terraform's AWS
provider: max_retries)."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
"""Seconds; the SDK's are 1 and 20."""


def pause(attempt: int) -> float:
    """Seconds before the attempt after this one: a random part of a span that doubles."""
    return random.random() * min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)  # noqa: S311


@dataclass(frozen=True)
class Retries:
    """A handler of botocore's event `needs-retry`, for a client that retries nothing by itself."""

    max_attempts: int

    def __call__(
        self,
        *,
        attempts: int,
        response: tuple[Any, dict[str, Any]] | None = None,
        caught_exception: Exception | None = None,
        **_event: object,
    ) -> float | None:
        """The pause before the next attempt; None when there is none."""
        if attempts >= self.max_attempts or not _is_retryable(response, caught_exception):
            return None
        return pause(attempts)


def _is_retryable(
    response: tuple[Any, dict[str, Any]] | None, caught_exception: Exception | None
) -> bool:
    if response is None:
        return isinstance(caught_exception, ConnectError | HTTPClientError) and not isinstance(
            caught_exception, EndpointConnectionError
        )
    http, parsed = response
    code = parsed.get("Error", {}).get("Code")
    return http.status_code in STATUS_CODES or code in ERROR_CODES
