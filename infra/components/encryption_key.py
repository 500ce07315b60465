"""The stack's customer-managed KMS key."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.identity_tag import identity_tags

_TYPE: Final = "agentcore:security:EncryptionKey"


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """What shapes the key.

    Attributes:
        alias: full alias name, ``alias/...``.
        policy: the whole key policy document.
        protect: refuse to delete the key; what it encrypts cannot be read without it.
    """

    alias: str
    policy: str
    protect: bool


class EncryptionKey(pulumi.ComponentResource):
    """A symmetric key with yearly rotation, and its alias.

    It grants nothing to services by name. It has no name itself, so a tag tells whose it is.
    Deleting it only schedules the deletion, 30 days away.
    """

    arn: pulumi.Output[str]
    """ARN of the key."""

    def __init__(
        self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(_TYPE, name, None, opts)
        key = aws.kms.Key(
            name,
            description=f"Encrypts what {name} keeps",
            policy=args.policy,
            enable_key_rotation=True,
            deletion_window_in_days=30,
            tags=identity_tags(_TYPE, "aws:kms/key:Key", name),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.kms.Alias(
            name,
            name=args.alias,
            target_key_id=key.key_id,
            # An alias name is unique in its account and region.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})
