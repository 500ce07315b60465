"""What KMS refuses. Source: KMS developer guide, "Key policies" and "Key states"; API reference."""

import json
from collections.abc import Callable
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal

OWNER = "arn:aws:iam::{}:root"
FULL = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
# The same words, one of which is wrong, are put into a policy that is right otherwise.
OWN = {**FULL, "Principal": {"AWS": OWNER}}


def key_policy(cloud: Cloud, **changes: Any) -> str:
    """Return the default key policy with these elements; None takes one away."""
    elements = {**OWN, **changes}
    kept = {name: value for name, value in elements.items() if value is not None}
    document = {"Version": "2012-10-17", "Statement": [kept]}
    return json.dumps(document).replace(OWNER, OWNER.format(cloud.account))


def create_key(**options: Any) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.client("kms").create_key(**options)


def create_key_with(text: Callable[[str], str] = str, **changes: Any) -> Callable[[Cloud], object]:
    """Create a key whose policy has these elements, and its text is changed."""
    return lambda cloud: create_key(Policy=text(key_policy(cloud, **changes)))(cloud)


def put_key_policy(**changes: Any) -> Callable[[Cloud], object]:
    return with_key(
        lambda kms, key, cloud: kms.put_key_policy(KeyId=key, Policy=key_policy(cloud, **changes))
    )


def with_key(
    attempt: Callable[[Any, str, Cloud], object], *, state: str = "Enabled", **options: Any
) -> Callable[[Cloud], object]:
    """Attempt something with a key in this state."""

    def prepared(cloud: Cloud) -> object:
        kms = cloud.client("kms")
        key = kms.create_key(**options)["KeyMetadata"]["Arn"]
        if state == "Disabled":
            kms.disable_key(KeyId=key)
        if state == "PendingDeletion":
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        return attempt(kms, key, cloud)

    return prepared


def rotate(kms: Any, key: str, _: Cloud) -> object:
    return kms.enable_key_rotation(KeyId=key)


def data_key(kms: Any, key: str, _: Cloud) -> object:
    return kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def alias(name: str = "alias/agents", target: str = "") -> Callable[[Any, str, Cloud], object]:
    return lambda kms, key, _: kms.create_alias(AliasName=name, TargetKeyId=target or key)


def second_alias(name: str) -> Callable[[Any, str, Cloud], object]:
    def attempt(kms: Any, key: str, _: Cloud) -> object:
        kms.create_alias(AliasName="alias/agents", TargetKeyId=key)
        return kms.create_alias(AliasName=name, TargetKeyId=key)

    return attempt


def delete(days: int) -> Callable[[Any, str, Cloud], object]:
    return lambda kms, key, _: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)


def tag(number: int, prefix: str = "") -> Callable[[Any, str, Cloud], object]:
    tags = [{"TagKey": f"{prefix}tag-{index}", "TagValue": "x"} for index in range(number)]
    return lambda kms, key, _: kms.tag_resource(KeyId=key, Tags=tags)


MISSING = "arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012"

REFUSALS = [
    *(
        Refusal(
            name=f"a key policy {fault}",
            operation="kms:CreateKey",
            code="MalformedPolicyDocumentException",
            says="not a valid policy document",
            bad=bad,
            good=good,
        )
        for fault, bad, good in (
            ("that is no policy", create_key(Policy="{}"), create_key_with()),
            ("that is no JSON", create_key_with(lambda text: text[:-1]), create_key_with()),
            ("without a principal", create_key_with(Principal=None), create_key_with()),
            ("without a resource", create_key_with(Resource=None), create_key_with()),
            (
                "with an action that has no vendor",
                create_key_with(Action="Everything"),
                create_key_with(Action="KMS:*"),
            ),
            ("with an effect in lower case", create_key_with(Effect="allow"), create_key_with()),
            ("with an unknown element", create_key_with(Actions=[]), create_key_with()),
            (
                "with an unknown condition operator",
                create_key_with(Condition={"StringIs": {"kms:CallerAccount": OWNER}}),
                create_key_with(Condition={"StringNotEquals": {"kms:CallerAccount": OWNER}}),
            ),
            (
                "of an unknown version",
                create_key_with(lambda text: text.replace("2012-10-17", "2012-10-18")),
                create_key_with(lambda text: text.replace("2012-10-17", "2008-10-17")),
            ),
        )
    ),
    Refusal(
        name="a key policy that names a role that does not exist",
        operation="kms:CreateKey",
        code="MalformedPolicyDocumentException",
        says="one or more invalid principals",
        bad=create_key_with(Principal={"AWS": [OWNER, OWNER.replace("root", "role/nobody")]}),
        good=create_key_with(Principal={"AWS": [OWNER]}),
    ),
    Refusal(
        name="a key policy that locks the account out",
        operation="kms:CreateKey",
        code="MalformedPolicyDocumentException",
        says="will not allow you to update the key policy in the future",
        bad=create_key_with(Action="kms:Encrypt"),
        good=create_key_with(Action=["kms:Encrypt", "kms:PutKeyPolicy"]),
    ),
    Refusal(
        name="a key policy that serves another account only",
        operation="kms:CreateKey",
        code="MalformedPolicyDocumentException",
        says="will not allow you to update the key policy in the future",
        bad=create_key_with(Principal={"AWS": "arn:aws:iam::999999999999:root"}),
        good=create_key_with(Principal={"AWS": ["arn:aws:iam::999999999999:root", OWNER]}),
    ),
    Refusal(
        name="a key policy over 32 KB",
        operation="kms:CreateKey",
        code="LimitExceededException",
        bad=create_key_with(Sid="a" * 32_768),
        good=create_key_with(Sid="a" * 32_000),
    ),
    Refusal(
        name="a tag that is AWS's own",
        operation="kms:CreateKey",
        code="TagException",
        bad=create_key(Tags=[{"TagKey": "aws:owner", "TagValue": "x"}]),
        good=create_key(Tags=[{"TagKey": "owner", "TagValue": "x"}]),
    ),
    Refusal(
        name="a tag twice",
        operation="kms:CreateKey",
        code="TagException",
        says="Duplicate tag keys",
        bad=create_key(Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]),
        good=create_key(Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]),
    ),
    Refusal(
        name="a usage that does not exist",
        operation="kms:CreateKey",
        code="ValidationException",
        says="Member must satisfy enum value set",
        bad=create_key(KeyUsage="ENCRYPT"),
        good=create_key(KeyUsage="ENCRYPT_DECRYPT"),
    ),
    Refusal(
        name="a key policy that locks the account out",
        operation="kms:PutKeyPolicy",
        code="MalformedPolicyDocumentException",
        bad=put_key_policy(Action="kms:Encrypt"),
        good=put_key_policy(Action="kms:*"),
    ),
    Refusal(
        name="a key that does not exist",
        operation="kms:DescribeKey",
        code="NotFoundException",
        bad=with_key(lambda kms, _key, _cloud: kms.describe_key(KeyId=MISSING)),
        good=with_key(lambda kms, key, _: kms.describe_key(KeyId=key)),
    ),
    Refusal(
        name="a key that is disabled",
        operation="kms:GenerateDataKey",
        code="DisabledException",
        bad=with_key(data_key, state="Disabled"),
        good=with_key(data_key),
    ),
    Refusal(
        name="a key that is pending deletion",
        operation="kms:GenerateDataKey",
        code="KMSInvalidStateException",
        bad=with_key(data_key, state="PendingDeletion"),
        good=with_key(data_key),
    ),
    Refusal(
        name="a key that is pending deletion",
        operation="kms:EnableKeyRotation",
        code="KMSInvalidStateException",
        bad=with_key(rotate, state="PendingDeletion"),
        good=with_key(rotate),
    ),
    Refusal(
        name="a key that is disabled",
        operation="kms:EnableKeyRotation",
        code="DisabledException",
        bad=with_key(rotate, state="Disabled"),
        good=with_key(rotate),
    ),
    Refusal(
        name="an asymmetric key",
        operation="kms:EnableKeyRotation",
        code="UnsupportedOperationException",
        bad=with_key(rotate, KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256"),
        good=with_key(rotate),
    ),
    Refusal(
        name="a key that does not exist",
        operation="kms:CreateAlias",
        code="NotFoundException",
        bad=with_key(alias(target=MISSING)),
        good=with_key(alias()),
    ),
    Refusal(
        name="a name without its prefix",
        operation="kms:CreateAlias",
        code="ValidationException",
        bad=with_key(alias("agents")),
        good=with_key(alias("alias/agents")),
    ),
    Refusal(
        name="a name that is AWS's own",
        operation="kms:CreateAlias",
        code="NotAuthorizedException",
        bad=with_key(alias("alias/aws/agents")),
        good=with_key(alias("alias/agents/aws")),
    ),
    Refusal(
        name="a name with a blank",
        operation="kms:CreateAlias",
        code="ValidationException",
        says="Member must satisfy regular expression pattern",
        bad=with_key(alias("alias/my agents")),
        good=with_key(alias("alias/my-agents")),
    ),
    Refusal(
        name="a name that is taken",
        operation="kms:CreateAlias",
        code="AlreadyExistsException",
        bad=with_key(second_alias("alias/agents")),
        good=with_key(second_alias("alias/others")),
    ),
    Refusal(
        name="a key that is pending deletion",
        operation="kms:CreateAlias",
        code="KMSInvalidStateException",
        bad=with_key(alias(), state="PendingDeletion"),
        good=with_key(alias(), state="Disabled"),
    ),
    Refusal(
        name="six days",
        operation="kms:ScheduleKeyDeletion",
        code="ValidationException",
        bad=with_key(delete(6)),
        good=with_key(delete(7)),
    ),
    Refusal(
        name="a key that is pending deletion",
        operation="kms:ScheduleKeyDeletion",
        code="KMSInvalidStateException",
        bad=with_key(delete(7), state="PendingDeletion"),
        good=with_key(delete(7), state="Disabled"),
    ),
    Refusal(
        name="a key that is not pending deletion",
        operation="kms:CancelKeyDeletion",
        code="KMSInvalidStateException",
        bad=with_key(lambda kms, key, _: kms.cancel_key_deletion(KeyId=key)),
        good=with_key(
            lambda kms, key, _: kms.cancel_key_deletion(KeyId=key), state="PendingDeletion"
        ),
    ),
    Refusal(
        name="51 tags",
        operation="kms:TagResource",
        code="LimitExceededException",
        bad=with_key(tag(51)),
        good=with_key(tag(50)),
    ),
    Refusal(
        name="a tag that is AWS's own",
        operation="kms:TagResource",
        code="TagException",
        bad=with_key(tag(1, "aws:")),
        good=with_key(tag(1)),
    ),
]
