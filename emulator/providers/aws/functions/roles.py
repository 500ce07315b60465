"""The functions that look up a role of IAM, a managed policy, and which policies a role has.

Sources: terraform-provider-aws internal/service/iam, the files *_data_source.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pulumi_aws.iam import (
    GetPolicyResult,
    GetRolePoliciesResult,
    GetRolePolicyAttachmentsResult,
    GetRoleResult,
)

from emulator.providers.aws.functions.table import Function, members, texts, the_one
from emulator.providers.aws.table import Call, Read, Response, part, tag_map

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.providers.values import Json, Object

GONE = frozenset({"NoSuchEntity"})
TAGS = tag_map("Key", "Value", "Tags")


def _document(found: Json) -> str:
    # botocore decodes IAM's documents to objects.
    return found if isinstance(found, str) else json.dumps(found)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _last_used(role: Response) -> Json:
    last_used: Response = role.get("RoleLastUsed") or {}
    used: Object = {"region": last_used.get("Region", "")}
    if "LastUsedDate" in last_used:
        used["lastUsedDate"] = _time(last_used["LastUsedDate"])
    return [used]


ROLE = Function(
    token="aws:iam/getRole:getRole",  # noqa: S106 - a function's token
    label="IAM Role",
    result_class=GetRoleResult,
    arguments=frozenset({"name"}),
    required=frozenset({"name"}),
    service="iam",
    reads=(
        Read(
            Call("get_role", {"RoleName": "name"}),
            {
                "id": "RoleName",
                "arn": "Arn",
                "assumeRolePolicy": lambda role: _document(role["AssumeRolePolicyDocument"]),
                "createDate": lambda role: _time(role["CreateDate"]),
                "description": lambda role: role.get("Description", ""),
                "maxSessionDuration": "MaxSessionDuration",
                "name": "RoleName",
                "path": "Path",
                "permissionsBoundary": lambda role: role.get("PermissionsBoundary", {}).get(
                    "PermissionsBoundaryArn", ""
                ),
                "roleLastUseds": _last_used,
                "tags": TAGS,
                "uniqueId": "RoleId",
            },
            select=part("Role"),
        ),
    ),
    not_found=GONE,
    missing="reading IAM Role ({name}): couldn't find resource",
)


def _by_name(values: Object) -> bool:
    return not values.get("arn")


def _of_that_name(response: Response, values: Object) -> Response | None:
    named = [
        policy
        for policy in response["Policies"]
        if policy["PolicyName"] == values.get("name", policy["PolicyName"])
    ]
    return the_one("Policies", "IAM Policy")({"Policies": named}, values)


POLICY = Function(
    token="aws:iam/getPolicy:getPolicy",  # noqa: S106 - a function's token
    label="IAM Policy",
    result_class=GetPolicyResult,
    arguments=frozenset({"arn", "name", "pathPrefix"}),
    conflicts=(("arn", "name"), ("arn", "pathPrefix")),
    service="iam",
    reads=(
        Read(
            Call("list_policies", {"PathPrefix": "pathPrefix"}, when=_by_name),
            {"arn": "Arn"},
            select=_of_that_name,
        ),
        Read(
            Call("get_policy", {"PolicyArn": "arn"}),
            {
                "id": "Arn",
                "arn": "Arn",
                "attachmentCount": "AttachmentCount",
                "description": lambda policy: policy.get("Description", ""),
                "name": "PolicyName",
                "path": "Path",
                "policyId": "PolicyId",
                "tags": TAGS,
                "version": "DefaultVersionId",
            },
            select=part("Policy"),
        ),
        Read(
            Call("get_policy_version", {"PolicyArn": "arn", "VersionId": "version"}),
            {"policy": lambda found: _document(found["PolicyVersion"]["Document"])},
        ),
    ),
    not_found=GONE,
    unknown="reading IAM Policy ({arn}): couldn't find resource",
)

ROLE_POLICY_ATTACHMENTS = Function(
    token="aws:iam/getRolePolicyAttachments:getRolePolicyAttachments",  # noqa: S106 - as above
    label="IAM Role Policy Attachments",
    result_class=GetRolePolicyAttachmentsResult,
    arguments=frozenset({"pathPrefix", "roleName"}),
    required=frozenset({"roleName"}),
    service="iam",
    reads=(
        Read(
            Call(
                "list_attached_role_policies",
                {"RoleName": "roleName", "PathPrefix": "pathPrefix"},
            ),
            {
                "attachedPolicies": members(
                    "AttachedPolicies", {"policyArn": "PolicyArn", "policyName": "PolicyName"}
                )
            },
        ),
    ),
)

ROLE_POLICIES = Function(
    token="aws:iam/getRolePolicies:getRolePolicies",  # noqa: S106 - a function's token
    label="IAM Role Policies",
    result_class=GetRolePoliciesResult,
    arguments=frozenset({"roleName"}),
    required=frozenset({"roleName"}),
    service="iam",
    reads=(
        Read(
            Call("list_role_policies", {"RoleName": "roleName"}),
            {"policyNames": texts("PolicyNames")},
        ),
    ),
)
