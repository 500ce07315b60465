"""The first call of a service in moto takes seconds: make it before anybody waits for it."""

import gc
import logging
from typing import Any, Final, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_log = logging.getLogger("emulator")
_ACCOUNT = "000000000000"
_REGION = "us-east-1"
_CALLS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("sts", "get_caller_identity", {}),
    ("iam", "list_roles", {}),
    ("ecr", "describe_repositories", {}),
    ("kms", "list_keys", {}),
    # Reads more than EC2's other operations; one service named keeps the answer short.
    (
        "ec2",
        "describe_vpc_endpoint_services",
        {"ServiceNames": [f"com.amazonaws.{_REGION}.s3"]},
    ),
)


def warm_up(endpoint_url: str) -> None:
    """Call the services a deployment starts with, in an account that nobody uses.

    What is alive afterwards is modules and API models, which stay. The garbage collector would
    search them for a tenth of a second, time and again: they are left out, also as they are read.
    """
    gc.disable()
    try:
        _call(endpoint_url)
    except (BotoCoreError, ClientError) as error:
        _log.info("Not warm: %s", error)
    else:
        _log.info("Warm.")
    finally:
        gc.freeze()
        gc.enable()


def _call(endpoint_url: str) -> None:
    session = cast(
        "Any",
        boto3.Session(
            aws_access_key_id=_ACCOUNT,
            aws_secret_access_key=_ACCOUNT,
            region_name=_REGION,
        ),
    )
    for service, operation, parameters in _CALLS:
        getattr(session.client(service, endpoint_url=endpoint_url), operation)(**parameters)
