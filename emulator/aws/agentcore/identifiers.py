"""Identifiers and times in the service's formats.

Source: the patterns of CloudFormation's schemas, such as
`arn:aws:bedrock-agentcore:REGION:ACCOUNT:runtime/NAME-XXXXXXXXXX`.
"""

import secrets
import string
from datetime import UTC, datetime

from emulator.aws.caller import Caller

_SUFFIX = string.ascii_letters + string.digits


def arn(caller: Caller, resource: str) -> str:
    """Return the ARN of an AgentCore resource, given as `kind/id`."""
    where = f"{caller.region}:{caller.account}"
    return f"arn:{caller.partition}:bedrock-agentcore:{where}:{resource}"


def suffixed(name: str, alphabet: str = _SUFFIX) -> str:
    """Return the name with the ten random characters that make it an id."""
    return f"{name}-{''.join(secrets.choice(alphabet) for _ in range(10))}"


def now() -> str:
    """Return the time in ISO 8601, in UTC."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
