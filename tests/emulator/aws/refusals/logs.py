"""What CloudWatch Logs refuses. Source: Logs API reference; "Encrypt log data" of its guide."""

import json
from collections.abc import Callable
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal

NAME = "/aws/bedrock-agentcore/runtimes/assistant"
SERVICE = "logs.us-east-1.amazonaws.com"


def create(**options: Any) -> Callable[[Cloud], object]:
    given = {"logGroupName": NAME, **options}
    return lambda cloud: cloud.client("logs").create_log_group(**given)


def create_after(name: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        create()(cloud)
        return create(logGroupName=name)(cloud)

    return attempt


def retain(days: int, *, name: str = NAME) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        create()(cloud)
        logs = cloud.client("logs")
        return logs.put_retention_policy(logGroupName=name, retentionInDays=days)

    return attempt


def remove(*, protected: bool) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        logs = cloud.client("logs")
        create(deletionProtectionEnabled=True)(cloud)
        logs.put_log_group_deletion_protection(
            logGroupIdentifier=NAME, deletionProtectionEnabled=protected
        )
        return logs.delete_log_group(logGroupName=NAME)

    return attempt


def encrypt_later(*, service: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        create()(cloud)
        key = cloud.client("kms").create_key(Policy=_key_policy(cloud, service, "*"))
        arn = key["KeyMetadata"]["Arn"]
        return cloud.client("logs").associate_kms_key(logGroupName=NAME, kmsKeyId=arn)

    return attempt


def _key_policy(cloud: Cloud, service: str, group: str) -> str:
    owner = {"AWS": f"arn:aws:iam::{cloud.account}:root"}
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"
    statements = [
        {"Effect": "Allow", "Principal": owner, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def create_encrypted(
    *, service: str = SERVICE, group: str = "*", state: str = "Enabled"
) -> Callable[[Cloud], object]:
    """Create a group whose key lets this service encrypt these groups."""

    def attempt(cloud: Cloud) -> object:
        kms = cloud.client("kms")
        key = kms.create_key(Policy=_key_policy(cloud, service, group))["KeyMetadata"]["Arn"]
        if state == "Disabled":
            kms.disable_key(KeyId=key)
        return create(kmsKeyId=key if state != "Missing" else key[:-12] + "0" * 12)(cloud)

    return attempt


NOT_ALLOWED = "does not exist or is not allowed to be used with Arn 'arn:aws:logs:"

REFUSALS = [
    Refusal(
        name="a name with a blank",
        operation="logs:CreateLogGroup",
        code="InvalidParameterException",
        says="'logGroupName' failed to satisfy constraint",
        bad=create(logGroupName="my agent"),
        good=create(logGroupName="my-agent"),
    ),
    Refusal(
        name="a name of AWS's own",
        operation="logs:CreateLogGroup",
        code="InvalidParameterException",
        bad=create(logGroupName="aws/agents"),
        good=create(logGroupName="/aws/agents"),
    ),
    Refusal(
        name="a name that is taken",
        operation="logs:CreateLogGroup",
        code="ResourceAlreadyExistsException",
        bad=create_after(NAME),
        good=create_after(f"{NAME}-2"),
    ),
    *(
        Refusal(
            name=f"a key {fault}",
            operation="logs:CreateLogGroup",
            code="AccessDeniedException",
            says=NOT_ALLOWED,
            bad=bad,
            good=create_encrypted(),
        )
        for fault, bad in (
            ("that does not exist", create_encrypted(state="Missing")),
            ("that is disabled", create_encrypted(state="Disabled")),
            (
                "that serves Logs of another region",
                create_encrypted(service="logs.eu-west-1.amazonaws.com"),
            ),
            ("that serves other groups", create_encrypted(group="/aws/vpc/*")),
        )
    ),
    Refusal(
        name="15 days",
        operation="logs:PutRetentionPolicy",
        code="InvalidParameterException",
        says="Member must satisfy enum value set",
        bad=retain(15),
        good=retain(14),
    ),
    Refusal(
        name="a group that does not exist",
        operation="logs:PutRetentionPolicy",
        code="ResourceNotFoundException",
        bad=retain(14, name="other"),
        good=retain(14, name=NAME),
    ),
    Refusal(
        name="a group that is protected",
        operation="logs:DeleteLogGroup",
        code="ValidationException",
        says="deletion protection",
        bad=remove(protected=True),
        good=remove(protected=False),
    ),
    Refusal(
        name="a key that does not let Logs in",
        operation="logs:AssociateKmsKey",
        code="AccessDeniedException",
        says=NOT_ALLOWED,
        bad=encrypt_later(service="s3.amazonaws.com"),
        good=encrypt_later(service=SERVICE),
    ),
]
