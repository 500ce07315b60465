"""What the offline AWS refuses, as one table; each module of this package holds rows of a service.

A module lists its rows in `REFUSALS`. The runner, `tests.emulator.aws.test_refusals`, gives `bad`
and `good` an empty account each, so that both may make what they need from the start.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.emulator.aws.cloud import Cloud


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One request that AWS refuses, and its good twin, which differs from it in one thing."""

    # What is wrong with the bad request, such as "a repository name in upper case".
    name: str
    # Whose refusal it is: botocore's service name and operation, such as "ecr:CreateRepository".
    operation: str
    # AWS's error code. For a resource request of Cloud Control that ends FAILED: HandlerErrorCode.
    code: str
    bad: Callable[[Cloud], object]
    good: Callable[[Cloud], object]
    # Words of AWS's message, as a regular expression, where the code alone would not tell why.
    says: str = ""
