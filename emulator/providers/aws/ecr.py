"""The tables of Amazon ECR.

Defaults and replacing properties: terraform-provider-aws internal/service/ecr; names and
delete-before-replace: pulumi-aws provider/resource_overrides.go and autonaming.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.ecr import lifecycle_policy, repository, repository_policy

from emulator.providers.aws.equivalence import same_lifecycle_policy, same_policy
from emulator.providers.aws.table import (
    AutoName,
    Call,
    Property,
    Read,
    ResourceType,
    Response,
    Tags,
    Update,
    part,
    tag_list,
    tag_map,
)
from emulator.providers.values import as_list

if TYPE_CHECKING:
    from emulator.providers.values import Json, Object

REPOSITORY_GO = "internal/service/ecr/repository.go"


def _only(blocks: Json) -> Object:
    """The one block of a list that terraform lets have one at most."""
    return (as_list(blocks) or [{}])[0]


def _encryption_to_aws(values: Object) -> Json:
    block = _only(values.get("encryptionConfigurations"))
    # The nested default is terraform's: encryption_type = AES256.
    made = {"encryptionType": block.get("encryptionType", "AES256"), "kmsKey": block.get("kmsKey")}
    return {name: value for name, value in made.items() if value is not None}


def _encryption(response: Response) -> Json:
    configuration: Object = response.get("encryptionConfiguration") or {}
    return [
        {
            "encryptionType": configuration.get("encryptionType", "AES256"),
            "kmsKey": configuration.get("kmsKey", ""),
        }
    ]


def _same_encryption(old: Json, new: Json) -> bool:
    if not new:
        return True
    before, after = _only(old), _only(new)
    kms_key = after.get("kmsKey")
    return before.get("encryptionType", "AES256") == after.get("encryptionType", "AES256") and (
        not kms_key or before.get("kmsKey") == kms_key
    )


REPOSITORY = ResourceType(
    token="aws:ecr/repository:Repository",  # noqa: S106 - a type token
    label="ECR Repository",
    service="ecr",
    args_class=repository.RepositoryArgs,
    state_class=repository._RepositoryState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=255),
    regional=True,
    properties={
        "name": Property(replaces=f"{REPOSITORY_GO}: name is ForceNew"),
        "imageTagMutability": Property(default="MUTABLE"),
        "imageTagMutabilityExclusionFilters": Property(),
        "imageScanningConfiguration": Property(computed=True),
        "encryptionConfigurations": Property(
            replaces=f"{REPOSITORY_GO}: encryption_configuration is ForceNew",
            computed=True,
            same=_same_encryption,
        ),
        "forceDelete": Property(local=True),
    },
    create=Call(
        "create_repository",
        {
            "repositoryName": "name",
            "imageTagMutability": "imageTagMutability",
            "imageTagMutabilityExclusionFilters": "imageTagMutabilityExclusionFilters",
            "imageScanningConfiguration": "imageScanningConfiguration",
            "encryptionConfiguration": _encryption_to_aws,
            "tags": tag_list("Key", "Value"),
        },
    ),
    identify=lambda _values, response: response["repository"]["repositoryName"],
    reads=(
        Read(
            Call("describe_repositories", {"repositoryNames": lambda values: [values["id"]]}),
            {
                "name": "repositoryName",
                "arn": "repositoryArn",
                "registryId": "registryId",
                "repositoryUrl": "repositoryUri",
                "imageTagMutability": "imageTagMutability",
                "imageTagMutabilityExclusionFilters": "imageTagMutabilityExclusionFilters",
                "imageScanningConfiguration": "imageScanningConfiguration",
                "encryptionConfigurations": _encryption,
            },
            select=part("repositories", 0),
        ),
        Read(
            Call("list_tags_for_resource", {"resourceArn": "arn"}),
            {"tagsAll": tag_map("Key", "Value", "tags")},
        ),
    ),
    not_found=frozenset({"RepositoryNotFoundException"}),
    updates=(
        Update(
            frozenset({"imageTagMutability", "imageTagMutabilityExclusionFilters"}),
            (
                Call(
                    "put_image_tag_mutability",
                    {
                        "repositoryName": "id",
                        "imageTagMutability": "imageTagMutability",
                        "imageTagMutabilityExclusionFilters": "imageTagMutabilityExclusionFilters",
                    },
                ),
            ),
        ),
        Update(
            frozenset({"imageScanningConfiguration"}),
            (
                Call(
                    "put_image_scanning_configuration",
                    {
                        "repositoryName": "id",
                        "imageScanningConfiguration": "imageScanningConfiguration",
                    },
                ),
            ),
        ),
    ),
    tags=Tags(
        Call(
            "tag_resource",
            {"resourceArn": "arn", "tags": tag_list("Key", "Value", "tagsToSet")},
        ),
        Call("untag_resource", {"resourceArn": "arn", "tagKeys": "tagKeysToRemove"}),
    ),
    delete=(
        Call(
            "delete_repository",
            {
                "repositoryName": "id",
                "registryId": "registryId",
                "force": lambda values: bool(values.get("forceDelete")),
            },
        ),
    ),
    stable=frozenset({"arn", "registryId", "repositoryUrl"}),
)

LIFECYCLE_POLICY = ResourceType(
    token="aws:ecr/lifecyclePolicy:LifecyclePolicy",  # noqa: S106 - a type token
    label="ECR Lifecycle Policy",
    service="ecr",
    args_class=lifecycle_policy.LifecyclePolicyArgs,
    state_class=lifecycle_policy._LifecyclePolicyState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    delete_before_replace=True,
    properties={
        "policy": Property(
            replaces="internal/service/ecr/lifecycle_policy.go: policy is ForceNew",
            same=same_lifecycle_policy,
        ),
        "repository": Property(
            replaces="internal/service/ecr/lifecycle_policy.go: repository is ForceNew"
        ),
    },
    create=Call(
        "put_lifecycle_policy", {"repositoryName": "repository", "lifecyclePolicyText": "policy"}
    ),
    identify=lambda _values, response: response["repositoryName"],
    reads=(
        Read(
            Call("get_lifecycle_policy", {"repositoryName": "id"}),
            {
                "policy": "lifecyclePolicyText",
                "registryId": "registryId",
                "repository": "repositoryName",
            },
        ),
    ),
    not_found=frozenset({"LifecyclePolicyNotFoundException", "RepositoryNotFoundException"}),
    delete=(Call("delete_lifecycle_policy", {"repositoryName": "id"}),),
)

REPOSITORY_POLICY = ResourceType(
    token="aws:ecr/repositoryPolicy:RepositoryPolicy",  # noqa: S106 - a type token
    label="ECR Repository Policy",
    service="ecr",
    args_class=repository_policy.RepositoryPolicyArgs,
    state_class=repository_policy._RepositoryPolicyState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "policy": Property(same=same_policy),
        "repository": Property(
            replaces="internal/service/ecr/repository_policy.go: repository is ForceNew"
        ),
    },
    create=Call("set_repository_policy", {"repositoryName": "repository", "policyText": "policy"}),
    identify=lambda values, _response: values["repository"],
    reads=(
        Read(
            Call("get_repository_policy", {"repositoryName": "id"}),
            {
                "policy": "policyText",
                "registryId": "registryId",
                "repository": "repositoryName",
            },
        ),
    ),
    not_found=frozenset({"RepositoryPolicyNotFoundException", "RepositoryNotFoundException"}),
    updates=(
        Update(
            frozenset({"policy"}),
            (Call("set_repository_policy", {"repositoryName": "id", "policyText": "policy"}),),
        ),
    ),
    delete=(
        Call("delete_repository_policy", {"repositoryName": "id", "registryId": "registryId"}),
    ),
    stable=frozenset({"registryId"}),
)
