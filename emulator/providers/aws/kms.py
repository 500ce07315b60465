"""The tables of AWS KMS.

Defaults and replacing properties: terraform-provider-aws internal/service/kms; names: pulumi-aws
provider/resource_overrides.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.kms import alias, key

from emulator.providers.aws.equivalence import same_key, same_policy
from emulator.providers.aws.table import (
    AutoName,
    Call,
    Property,
    Read,
    ResourceType,
    Response,
    Tags,
    Update,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from emulator.providers.values import Json, Object

KEY_GO = "internal/service/kms/key.go"


def _rotates(values: Object) -> bool:
    return bool(values.get("enableKeyRotation"))


def _rotates_not(values: Object) -> bool:
    return not _rotates(values)


def _enabled(values: Object) -> bool:
    return values.get("isEnabled") is not False


def _disabled(values: Object) -> bool:
    return not _enabled(values)


def _unless_scheduled_for_deletion(response: Response, _values: Object) -> Response | None:
    """The key's metadata; a key that waits for its deletion is gone (terraform: findKeyByID)."""
    metadata: Response = response["KeyMetadata"]
    waiting = metadata["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"}
    return None if waiting else metadata


KEY = ResourceType(
    token="aws:kms/key:Key",  # noqa: S106 - a type token
    label="KMS Key",
    service="kms",
    args_class=key.KeyArgs,
    state_class=key._KeyState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "description": Property(computed=True),
        "policy": Property(computed=True, same=same_policy),
        "keyUsage": Property(
            replaces=f"{KEY_GO}: key_usage is ForceNew", default="ENCRYPT_DECRYPT"
        ),
        "customerMasterKeySpec": Property(
            replaces=f"{KEY_GO}: customer_master_key_spec is ForceNew", default="SYMMETRIC_DEFAULT"
        ),
        "multiRegion": Property(replaces=f"{KEY_GO}: multi_region is ForceNew", computed=True),
        "enableKeyRotation": Property(default=False),
        # moto forgets the period, so the state keeps it; drift of it is not seen.
        "rotationPeriodInDays": Property(computed=True, local=True),
        "isEnabled": Property(default=True),
        "deletionWindowInDays": Property(local=True),
        "bypassPolicyLockoutSafetyCheck": Property(default=False, local=True),
    },
    unsupported={
        "customKeyStoreId": "the offline AWS has no custom key stores",
        "xksKeyId": "the offline AWS has no external key stores",
    },
    create=Call(
        "create_key",
        {
            "Description": "description",
            "Policy": "policy",
            "KeyUsage": "keyUsage",
            "KeySpec": "customerMasterKeySpec",
            "MultiRegion": "multiRegion",
            "BypassPolicyLockoutSafetyCheck": "bypassPolicyLockoutSafetyCheck",
            "Tags": tag_list("TagKey", "TagValue"),
        },
    ),
    identify=lambda _values, response: response["KeyMetadata"]["KeyId"],
    reads=(
        Read(
            Call("describe_key", {"KeyId": "id"}),
            {
                "arn": "Arn",
                "keyId": "KeyId",
                "description": "Description",
                "keyUsage": "KeyUsage",
                "customerMasterKeySpec": "KeySpec",
                "multiRegion": lambda found: found.get("MultiRegion", False),
                "isEnabled": "Enabled",
            },
            select=_unless_scheduled_for_deletion,
        ),
        Read(
            Call("get_key_policy", {"KeyId": "id", "PolicyName": lambda _values: "default"}),
            {"policy": "Policy"},
        ),
        Read(
            Call("get_key_rotation_status", {"KeyId": "id"}),
            {"enableKeyRotation": "KeyRotationEnabled"},
        ),
        Read(
            Call("list_resource_tags", {"KeyId": "id"}),
            {"tagsAll": tag_map("TagKey", "TagValue", "Tags")},
        ),
    ),
    not_found=frozenset({"NotFoundException"}),
    updates=(
        # Enabled before and disabled after everything else: a disabled key cannot be changed.
        Update(
            frozenset({"isEnabled"}),
            (Call("enable_key", {"KeyId": "id"}, when=_enabled),),
        ),
        Update(
            frozenset({"enableKeyRotation", "rotationPeriodInDays"}),
            (
                Call(
                    "enable_key_rotation",
                    {"KeyId": "id", "RotationPeriodInDays": "rotationPeriodInDays"},
                    when=_rotates,
                ),
                Call("disable_key_rotation", {"KeyId": "id"}, when=_rotates_not),
            ),
            at_create=_rotates,
        ),
        Update(
            frozenset({"description"}),
            (
                Call(
                    "update_key_description",
                    {"KeyId": "id", "Description": lambda values: values.get("description", "")},
                ),
            ),
        ),
        Update(
            frozenset({"policy"}),
            (
                Call(
                    "put_key_policy",
                    {
                        "KeyId": "id",
                        "PolicyName": lambda _values: "default",
                        "Policy": "policy",
                        "BypassPolicyLockoutSafetyCheck": "bypassPolicyLockoutSafetyCheck",
                    },
                ),
            ),
        ),
        Update(
            frozenset({"isEnabled"}),
            (Call("disable_key", {"KeyId": "id"}, when=_disabled),),
            at_create=_disabled,
        ),
    ),
    tags=Tags(
        Call("tag_resource", {"KeyId": "id", "Tags": tag_list("TagKey", "TagValue", "tagsToSet")}),
        Call("untag_resource", {"KeyId": "id", "TagKeys": "tagKeysToRemove"}),
    ),
    delete=(
        Call(
            "schedule_key_deletion", {"KeyId": "id", "PendingWindowInDays": "deletionWindowInDays"}
        ),
    ),
    stable=frozenset({"arn", "keyId"}),
)


def _alias(response: Response, values: Object) -> Response | None:
    for entry in response["Aliases"]:
        if entry["AliasName"] == values["id"]:
            return entry
    return None


def _target_key_arn(entry: Response) -> Json:
    """The key's ARN, made from the alias's (terraform: AliasARNToKeyARN)."""
    return f"{entry['AliasArn'].rpartition(':alias/')[0]}:key/{entry['TargetKeyId']}"


ALIAS = ResourceType(
    token="aws:kms/alias:Alias",  # noqa: S106 - a type token
    label="KMS Alias",
    service="kms",
    args_class=alias.AliasArgs,
    state_class=alias._AliasState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=238, prefix="alias/"),
    regional=True,
    properties={
        "name": Property(replaces="internal/service/kms/alias.go: name is ForceNew"),
        "targetKeyId": Property(same=same_key),
    },
    unsupported={"namePrefix": "give `name`, or neither for a name made of the logical one"},
    create=Call("create_alias", {"AliasName": "name", "TargetKeyId": "targetKeyId"}),
    identify=lambda values, _response: values["name"],
    reads=(
        Read(
            Call("list_aliases", {}),
            {
                "name": "AliasName",
                "arn": "AliasArn",
                "targetKeyId": "TargetKeyId",
                "targetKeyArn": _target_key_arn,
            },
            select=_alias,
        ),
    ),
    not_found=frozenset({"NotFoundException"}),
    updates=(
        Update(
            frozenset({"targetKeyId"}),
            (Call("update_alias", {"AliasName": "id", "TargetKeyId": "targetKeyId"}),),
        ),
    ),
    delete=(Call("delete_alias", {"AliasName": "id"}),),
    stable=frozenset({"arn"}),
)
