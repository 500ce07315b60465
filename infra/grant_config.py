"""What an agent's role may reach besides models: secrets, keys, AgentCore resources, objects.

Each entry names one thing; none stands for all of a kind.
"""

import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import AfterValidator, field_validator

from infra.config_arns import KeyArn
from infra.config_model import Closed, refused, without_repetition

_SERVICE: Final = re.compile(r"[a-z][a-z0-9-]*")
# S3 user guide, "General purpose bucket naming rules"; the endings belong to other kinds of bucket.
_BUCKET: Final = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_RESERVED_BEGINNINGS: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDINGS: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_MAX_KEY_BYTES: Final = 1024


def _agentcore_id(what: str, pattern: str, command: str) -> Callable[[str], str]:
    """The id of an AgentCore resource, by the pattern of the service's API model."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise refused(
                f"{what} is given by its id, not by name or ARN; wildcards are not taken",
                f"List yours with: aws bedrock-agentcore-control {command}",
            )
        return value

    return check


def _via(value: str) -> str:
    if not _SERVICE.fullmatch(value):
        raise refused(
            "a service that uses the key is named by the first part of its endpoint",
            "Write it such as secretsmanager or s3.",
        )
    return value


def _bucket(value: str) -> str:
    if not _BUCKET.fullmatch(value) or _ADDRESS.fullmatch(value):
        raise refused(
            "a bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens, between "
            "letters or digits, and no IP address; not an ARN, and no wildcards",
            "List yours with: aws s3api list-buckets",
        )
    if value.startswith(_RESERVED_BEGINNINGS) or value.endswith(_RESERVED_ENDINGS):
        raise refused(
            "this is the name of an access point, a directory or table bucket, or reserved by AWS; "
            "general purpose buckets are granted",
            "List yours with: aws s3api list-buckets",
        )
    return value


def _prefix(value: str) -> str:
    if any(wildcard in value for wildcard in "*?$"):
        raise refused(
            "a prefix is granted as it is written: wildcards and policy variables are not taken",
            "Write it without, such as reports/.",
        )
    if not value.endswith("/") or value.startswith("/") or "//" in value or not value.isprintable():
        raise refused(
            "a prefix is a folder of the bucket: it ends in a slash, so that reports/ is not also "
            "reports-of-others, and begins without one",
            "Write it such as reports/.",
        )
    if len(value.encode()) >= _MAX_KEY_BYTES:
        raise refused(f"a key has at most {_MAX_KEY_BYTES} bytes", "Shorten the prefix.")
    return value


MemoryId = Annotated[
    str,
    AfterValidator(
        _agentcore_id("a memory", r"[a-zA-Z][a-zA-Z0-9_-]{0,99}-[a-zA-Z0-9]{10}", "list-memories")
    ),
]
GatewayId = Annotated[
    str,
    AfterValidator(
        _agentcore_id("a gateway", r"(?:[0-9a-z]-?){1,100}-[0-9a-z]{10}", "list-gateways")
    ),
]
CodeInterpreterId = Annotated[
    str,
    AfterValidator(
        _agentcore_id(
            "a code interpreter (AWS's own: aws.codeinterpreter.v1)",
            r"aws\.codeinterpreter\.v1|[a-zA-Z][a-zA-Z0-9_]{0,47}-[a-zA-Z0-9]{10}",
            "list-code-interpreters",
        )
    ),
]
BrowserId = Annotated[
    str,
    AfterValidator(
        _agentcore_id(
            "a browser (AWS's own: aws.browser.v1)",
            r"aws\.browser\.v1|[a-zA-Z][a-zA-Z0-9_]{0,47}-[a-zA-Z0-9]{10}",
            "list-browsers",
        )
    ),
]


class KmsKey(Closed):
    """A key the agent may decrypt with, and when writing also encrypt, through services only."""

    arn: KeyArn
    via: tuple[Annotated[str, AfterValidator(_via)], ...]
    write: bool = False

    @field_validator("via")
    @classmethod
    def _are_named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise refused(
                "a key is granted through the services that use it, never by itself",
                "Name at least one, such as secretsmanager.",
            )
        return without_repetition(value)


class S3Prefix(Closed):
    """Objects the agent may read, and when writing also put."""

    bucket: Annotated[str, AfterValidator(_bucket)]
    prefix: Annotated[str, AfterValidator(_prefix)]
    write: bool = False
