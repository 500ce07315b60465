"""The tables of IAM.

Defaults and replacing properties: terraform-provider-aws internal/service/iam; names and
delete-before-replace: pulumi-aws provider/resource_overrides.go and autonaming.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pulumi_aws.iam import policy, role, role_policy, role_policy_attachment

from emulator.providers.aws.equivalence import same_policy
from emulator.providers.aws.table import (
    AutoName,
    Call,
    ForEach,
    Look,
    Property,
    Read,
    ResourceType,
    Response,
    Step,
    Tags,
    Update,
    always,
    part,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.providers.values import Json, Object

GONE = frozenset({"NoSuchEntity"})
MAX_POLICY_VERSIONS = 5
"""Of a managed policy (IAM quota); the oldest one makes room."""

USE_NAME = "give `name`, or neither for a name made of the logical one"


def _document(response: Json) -> str:
    # botocore decodes IAM's documents to objects.
    return response if isinstance(response, str) else json.dumps(response)


def _each(
    listing: Call, field: str, name: str, call: Call, when: Callable[[Object], bool] = always
) -> tuple[Step, Step]:
    """The call for each thing another call lists, by its name, which is the value `listed`."""

    def named(response: Response, _values: Object) -> Json:
        return [
            {"listed": item[name] if isinstance(item, dict) else item} for item in response[field]
        ]

    return Look(listing, {field: named}, when), ForEach(lambda values: values[field], call, when)


def _forced(values: Object) -> bool:
    return bool(values.get("forceDetachPolicies"))


def _boundary(values: Object) -> bool:
    return bool(values.get("permissionsBoundary"))


def _no_boundary(values: Object) -> bool:
    return not _boundary(values)


ROLE = ResourceType(
    token="aws:iam/role:Role",  # noqa: S106 - a type token
    label="IAM Role",
    service="iam",
    args_class=role.RoleArgs,
    state_class=role._RoleState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=64),
    properties={
        "name": Property(replaces="internal/service/iam/role.go: name is ForceNew"),
        "path": Property(replaces="internal/service/iam/role.go: path is ForceNew", default="/"),
        "assumeRolePolicy": Property(same=same_policy),
        "description": Property(),
        "maxSessionDuration": Property(default=3600),
        "permissionsBoundary": Property(),
        "forceDetachPolicies": Property(default=False, local=True),
    },
    unsupported={
        "namePrefix": USE_NAME,
        "inlinePolicies": "use aws.iam.RolePolicy",
        "managedPolicyArns": "use aws.iam.RolePolicyAttachment",
    },
    create=Call(
        "create_role",
        {
            "RoleName": "name",
            "Path": "path",
            "AssumeRolePolicyDocument": "assumeRolePolicy",
            "Description": "description",
            "MaxSessionDuration": "maxSessionDuration",
            "PermissionsBoundary": "permissionsBoundary",
            "Tags": tag_list("Key", "Value"),
        },
    ),
    identify=lambda _values, response: response["Role"]["RoleName"],
    reads=(
        Read(
            Call("get_role", {"RoleName": "id"}),
            {
                "name": "RoleName",
                "path": "Path",
                "arn": "Arn",
                "uniqueId": "RoleId",
                "createDate": lambda found: found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                "assumeRolePolicy": lambda found: _document(found["AssumeRolePolicyDocument"]),
                "description": "Description",
                "maxSessionDuration": "MaxSessionDuration",
                "permissionsBoundary": lambda found: found.get("PermissionsBoundary", {}).get(
                    "PermissionsBoundaryArn"
                ),
            },
            select=part("Role"),
        ),
        Read(
            Call("list_role_tags", {"RoleName": "id"}),
            {"tagsAll": tag_map("Key", "Value", "Tags")},
        ),
    ),
    not_found=GONE,
    updates=(
        Update(
            frozenset({"assumeRolePolicy"}),
            (
                Call(
                    "update_assume_role_policy",
                    {"RoleName": "id", "PolicyDocument": "assumeRolePolicy"},
                ),
            ),
        ),
        Update(
            frozenset({"description"}),
            (
                Call(
                    "update_role_description",
                    {"RoleName": "id", "Description": lambda values: values.get("description", "")},
                ),
            ),
        ),
        Update(
            frozenset({"maxSessionDuration"}),
            (
                Call(
                    "update_role",
                    {
                        "RoleName": "id",
                        # Without it moto clears the description.
                        "Description": "description",
                        "MaxSessionDuration": "maxSessionDuration",
                    },
                ),
            ),
        ),
        Update(
            frozenset({"permissionsBoundary"}),
            (
                Call(
                    "put_role_permissions_boundary",
                    {"RoleName": "id", "PermissionsBoundary": "permissionsBoundary"},
                    when=_boundary,
                ),
                Call("delete_role_permissions_boundary", {"RoleName": "id"}, when=_no_boundary),
            ),
        ),
    ),
    tags=Tags(
        Call("tag_role", {"RoleName": "id", "Tags": tag_list("Key", "Value", "tagsToSet")}),
        Call("untag_role", {"RoleName": "id", "TagKeys": "tagKeysToRemove"}),
    ),
    delete=(
        *_each(
            Call("list_instance_profiles_for_role", {"RoleName": "id"}),
            "InstanceProfiles",
            "InstanceProfileName",
            Call(
                "remove_role_from_instance_profile",
                {"RoleName": "id", "InstanceProfileName": "listed"},
            ),
        ),
        *_each(
            Call("list_attached_role_policies", {"RoleName": "id"}),
            "AttachedPolicies",
            "PolicyArn",
            Call("detach_role_policy", {"RoleName": "id", "PolicyArn": "listed"}),
            _forced,
        ),
        *_each(
            Call("list_role_policies", {"RoleName": "id"}),
            "PolicyNames",
            "",
            Call("delete_role_policy", {"RoleName": "id", "PolicyName": "listed"}),
            _forced,
        ),
        Call("delete_role", {"RoleName": "id"}),
    ),
    stable=frozenset({"arn", "uniqueId", "createDate"}),
)


def _role_and_policy_name(resource_id: str) -> Object:
    role_name, colon, policy_name = resource_id.partition(":")
    if not (role_name and colon and policy_name):
        raise ValueError("role_policy id must be of the form <role name>:<policy name>")
    return {"role": role_name, "name": policy_name}


ROLE_POLICY = ResourceType(
    token="aws:iam/rolePolicy:RolePolicy",  # noqa: S106 - a type token
    label="IAM Role Policy",
    service="iam",
    args_class=role_policy.RolePolicyArgs,
    state_class=role_policy._RolePolicyState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=255),
    properties={
        "name": Property(replaces="internal/service/iam/role_policy.go: name is ForceNew"),
        "role": Property(replaces="internal/service/iam/role_policy.go: role is ForceNew"),
        "policy": Property(same=same_policy),
    },
    unsupported={"namePrefix": USE_NAME},
    create=Call(
        "put_role_policy", {"RoleName": "role", "PolicyName": "name", "PolicyDocument": "policy"}
    ),
    identify=lambda values, _response: f"{values['role']}:{values['name']}",
    parse_id=_role_and_policy_name,
    reads=(
        Read(
            Call("get_role_policy", {"RoleName": "role", "PolicyName": "name"}),
            {
                "role": "RoleName",
                "name": "PolicyName",
                "policy": lambda found: _document(found["PolicyDocument"]),
            },
        ),
    ),
    not_found=GONE,
    updates=(
        Update(
            frozenset({"policy"}),
            (
                Call(
                    "put_role_policy",
                    {"RoleName": "role", "PolicyName": "name", "PolicyDocument": "policy"},
                ),
            ),
        ),
    ),
    delete=(Call("delete_role_policy", {"RoleName": "role", "PolicyName": "name"}),),
)


def _role_and_policy_arn(resource_id: str) -> Object:
    role_name, slash, policy_arn = resource_id.partition("/")
    if not (role_name and slash and policy_arn):
        raise ValueError(
            f'unexpected format for Import ID ("{resource_id}"), expected <role-name>/<policy_arn>'
        )
    return {"role": role_name, "policyArn": policy_arn}


def _attached(response: Response, values: Object) -> Response | None:
    for attached in response["AttachedPolicies"]:
        if attached["PolicyArn"] == values["policyArn"]:
            return attached
    return None


ROLE_POLICY_ATTACHMENT = ResourceType(
    token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",  # noqa: S106 - a type token
    label="IAM Role Policy Attachment",
    service="iam",
    args_class=role_policy_attachment.RolePolicyAttachmentArgs,
    state_class=role_policy_attachment._RolePolicyAttachmentState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    delete_before_replace=True,
    properties={
        "role": Property(
            replaces="internal/service/iam/role_policy_attachment.go: role is ForceNew"
        ),
        "policyArn": Property(
            replaces="internal/service/iam/role_policy_attachment.go: policy_arn is ForceNew"
        ),
    },
    create=Call("attach_role_policy", {"RoleName": "role", "PolicyArn": "policyArn"}),
    identify=lambda values, _response: f"{values['role']}/{values['policyArn']}",
    parse_id=_role_and_policy_arn,
    reads=(
        Read(
            Call("list_attached_role_policies", {"RoleName": "role"}),
            {"policyArn": "PolicyArn"},
            select=_attached,
        ),
    ),
    not_found=GONE,
    delete=(Call("detach_role_policy", {"RoleName": "role", "PolicyArn": "policyArn"}),),
)


def _oldest_version_in_the_way(values: Object) -> Sequence[Object]:
    versions = values["versions"]
    others = [version for version in versions if not version["IsDefaultVersion"]]
    if len(versions) < MAX_POLICY_VERSIONS or not others:
        return []
    return [{"version": min(others, key=lambda item: item["CreateDate"])["VersionId"]}]


def _versions_but_the_default(values: Object) -> Sequence[Object]:
    return [
        {"version": version["VersionId"]}
        for version in values["versions"]
        if not version["IsDefaultVersion"]
    ]


LIST_VERSIONS = Look(
    Call("list_policy_versions", {"PolicyArn": "id"}),
    {"versions": lambda response, _values: response["Versions"]},
)
DELETE_VERSION = Call("delete_policy_version", {"PolicyArn": "id", "VersionId": "version"})

POLICY = ResourceType(
    token="aws:iam/policy:Policy",  # noqa: S106 - a type token
    label="IAM Policy",
    service="iam",
    args_class=policy.PolicyArgs,
    state_class=policy._PolicyState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=255),
    properties={
        "name": Property(replaces="internal/service/iam/policy.go: name is ForceNew"),
        "path": Property(replaces="internal/service/iam/policy.go: path is ForceNew", default="/"),
        "description": Property(replaces="internal/service/iam/policy.go: description is ForceNew"),
        "policy": Property(same=same_policy),
    },
    unsupported={
        "namePrefix": USE_NAME,
        "delayAfterPolicyCreationInMs": "nothing has to be waited for here",
    },
    create=Call(
        "create_policy",
        {
            "PolicyName": "name",
            "Path": "path",
            "Description": "description",
            "PolicyDocument": "policy",
            "Tags": tag_list("Key", "Value"),
        },
    ),
    identify=lambda _values, response: response["Policy"]["Arn"],
    reads=(
        Read(
            Call("get_policy", {"PolicyArn": "id"}),
            {
                "arn": "Arn",
                "name": "PolicyName",
                "path": "Path",
                "description": "Description",
                "policyId": "PolicyId",
                "attachmentCount": "AttachmentCount",
                "defaultVersion": "DefaultVersionId",
            },
            select=part("Policy"),
        ),
        Read(
            Call("get_policy_version", {"PolicyArn": "id", "VersionId": "defaultVersion"}),
            {"policy": lambda found: _document(found["PolicyVersion"]["Document"])},
        ),
        Read(
            Call("list_policy_tags", {"PolicyArn": "id"}),
            {"tagsAll": tag_map("Key", "Value", "Tags")},
        ),
    ),
    not_found=GONE,
    updates=(
        Update(
            frozenset({"policy"}),
            (
                LIST_VERSIONS,
                ForEach(_oldest_version_in_the_way, DELETE_VERSION),
                Call(
                    "create_policy_version",
                    {
                        "PolicyArn": "id",
                        "PolicyDocument": "policy",
                        "SetAsDefault": lambda _values: True,
                    },
                ),
            ),
        ),
    ),
    tags=Tags(
        Call("tag_policy", {"PolicyArn": "id", "Tags": tag_list("Key", "Value", "tagsToSet")}),
        Call("untag_policy", {"PolicyArn": "id", "TagKeys": "tagKeysToRemove"}),
    ),
    delete=(
        LIST_VERSIONS,
        ForEach(_versions_but_the_default, DELETE_VERSION),
        Call("delete_policy", {"PolicyArn": "id"}),
    ),
    stable=frozenset({"arn", "policyId"}),
)
