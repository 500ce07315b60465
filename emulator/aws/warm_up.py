"""The first call of a service in moto takes seconds: make it before anybody waits for it."""

import logging
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_log = logging.getLogger("emulator")
_ACCOUNT = "000000000000"
_CALLS = (
    ("sts", "get_caller_identity"),
    ("iam", "list_roles"),
    ("ecr", "describe_repositories"),
    ("kms", "list_keys"),
)


def warm_up(endpoint_url: str) -> None:
    """Call the services a deployment starts with, in an account that nobody uses."""
    session = cast(
        "Any",
        boto3.Session(
            aws_access_key_id=_ACCOUNT,
            aws_secret_access_key=_ACCOUNT,
            region_name="us-east-1",
        ),
    )
    try:
        for service, operation in _CALLS:
            getattr(session.client(service, endpoint_url=endpoint_url), operation)()
    except (BotoCoreError, ClientError) as error:
        _log.info("Not warm: %s", error)
    else:
        _log.info("Warm.")
