"""The table of log groups in CloudWatch Logs.

Defaults and replacing properties: terraform-provider-aws internal/service/logs/group.go; names:
pulumi-aws provider/autonaming.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.cloudwatch import log_group

from emulator.providers.aws.table import (
    AutoName,
    Call,
    Property,
    Read,
    ResourceType,
    Response,
    Tags,
    Update,
)

if TYPE_CHECKING:
    from emulator.providers.values import Json, Object

GROUP_GO = "internal/service/logs/group.go"


def _tags(values: Object) -> Json:
    return values.get("tagsAll") or None


def _kept_for_days(values: Object) -> bool:
    return bool(values.get("retentionInDays"))


def _kept_for_ever(values: Object) -> bool:
    return not _kept_for_days(values)


def _encrypted(values: Object) -> bool:
    return bool(values.get("kmsKeyId"))


def _not_encrypted(values: Object) -> bool:
    return not _encrypted(values)


def _protected(values: Object) -> bool:
    return bool(values.get("deletionProtectionEnabled"))


def _not_skipped(values: Object) -> bool:
    return not values.get("skipDestroy")


def _named(response: Response, values: Object) -> Response | None:
    for group in response["logGroups"]:
        if group["logGroupName"] == values["id"]:
            return group
    return None


LOG_GROUP = ResourceType(
    token="aws:cloudwatch/logGroup:LogGroup",  # noqa: S106 - a type token
    label="CloudWatch Logs Log Group",
    service="logs",
    args_class=log_group.LogGroupArgs,
    state_class=log_group._LogGroupState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=255),
    regional=True,
    properties={
        "deletionProtectionEnabled": Property(computed=True),
        "kmsKeyId": Property(),
        "logGroupClass": Property(
            replaces=f"{GROUP_GO}: log_group_class is ForceNew", computed=True
        ),
        "name": Property(replaces=f"{GROUP_GO}: name is ForceNew"),
        "retentionInDays": Property(default=0),
        "skipDestroy": Property(default=False, local=True),
    },
    unsupported={"namePrefix": "give `name`, or neither for a name made of the logical one"},
    create=Call(
        "create_log_group",
        {
            "logGroupName": "name",
            "logGroupClass": "logGroupClass",
            "kmsKeyId": "kmsKeyId",
            "deletionProtectionEnabled": "deletionProtectionEnabled",
            "tags": _tags,
        },
    ),
    identify=lambda values, _response: values["name"],
    reads=(
        Read(
            Call("describe_log_groups", {"logGroupNamePrefix": "id"}),
            {
                "arn": lambda group: group["arn"].removesuffix(":*"),
                "deletionProtectionEnabled": lambda group: group.get(
                    "deletionProtectionEnabled", False
                ),
                "kmsKeyId": "kmsKeyId",
                "logGroupClass": "logGroupClass",
                "name": "logGroupName",
                "retentionInDays": lambda group: group.get("retentionInDays", 0),
            },
            select=_named,
        ),
        Read(
            Call("list_tags_for_resource", {"resourceArn": "arn"}),
            {
                "tagsAll": lambda found: {
                    key: value for key, value in found["tags"].items() if not key.startswith("aws:")
                }
            },
        ),
    ),
    not_found=frozenset({"ResourceNotFoundException"}),
    updates=(
        Update(
            frozenset({"retentionInDays"}),
            (
                Call(
                    "put_retention_policy",
                    {"logGroupName": "id", "retentionInDays": "retentionInDays"},
                    when=_kept_for_days,
                ),
                Call("delete_retention_policy", {"logGroupName": "id"}, when=_kept_for_ever),
            ),
            at_create=_kept_for_days,
        ),
        Update(
            frozenset({"kmsKeyId"}),
            (
                Call(
                    "associate_kms_key",
                    {"logGroupName": "id", "kmsKeyId": "kmsKeyId"},
                    when=_encrypted,
                ),
                Call("disassociate_kms_key", {"logGroupName": "id"}, when=_not_encrypted),
            ),
        ),
        Update(
            frozenset({"deletionProtectionEnabled"}),
            (
                Call(
                    "put_log_group_deletion_protection",
                    {"logGroupIdentifier": "id", "deletionProtectionEnabled": _protected},
                ),
            ),
        ),
    ),
    tags=Tags(
        Call("tag_resource", {"resourceArn": "arn", "tags": "tagsToSet"}),
        Call("untag_resource", {"resourceArn": "arn", "tagKeys": "tagKeysToRemove"}),
    ),
    delete=(
        Call(
            "delete_log_group",
            {"logGroupName": "id"},
            when=_not_skipped,
            again=frozenset({"OperationAbortedException"}),
        ),
    ),
    stable=frozenset({"arn"}),
)
