"""The first call of a service in moto takes seconds: make it before anybody waits for it."""

import contextlib
import logging

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_log = logging.getLogger("emulator")
_ACCOUNT = "000000000000"


def warm_up(endpoint_url: str) -> None:
    """Call the services a deployment starts with, in an account that nobody uses."""
    with contextlib.suppress(BotoCoreError, ClientError):
        session = boto3.Session(
            aws_access_key_id=_ACCOUNT, aws_secret_access_key="offline", region_name="us-east-1"
        )
        session.client("sts", endpoint_url=endpoint_url).get_caller_identity()
        session.client("iam", endpoint_url=endpoint_url).list_roles()
        session.client("ecr", endpoint_url=endpoint_url).describe_repositories()
        session.client("cloudcontrol", endpoint_url=endpoint_url).list_resources(
            TypeName="AWS::BedrockAgentCore::Runtime"
        )
        session.client("ec2", endpoint_url=endpoint_url).describe_vpcs()
        _log.info("Warm.")
