"""For each type of the `aws` provider: inputs that work, and another value for every property."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.emulator.providers.endpoint_samples import ENDPOINT_SAMPLES
from tests.emulator.providers.network_samples import NETWORK_SAMPLES
from tests.emulator.providers.sample import Sample

if TYPE_CHECKING:
    from emulator.providers.values import Object
    from tests.emulator.providers.engine_calls import EngineCalls


def policy(*actions: str, principal: str | None = None) -> str:
    statement: Object = {"Effect": "Allow", "Action": list(actions)}
    if principal is None:
        statement["Resource"] = "*"
    else:
        statement["Principal"] = {"Service": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: str = "bedrock-agentcore.amazonaws.com") -> str:
    return policy("sts:AssumeRole", principal=principal)


def lifecycle_policy(count: int = 1) -> str:
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": count}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


def key_policy(account: str, *actions: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": list(actions),
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE_POLICY_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = "aws:iam/policy:Policy"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"


def new_repository(aws: EngineCalls) -> str:
    return aws.create(REPOSITORY, {}).resource_id


def new_role(aws: EngineCalls) -> str:
    return aws.create(ROLE, {"assumeRolePolicy": trust()}).resource_id


def new_policy(aws: EngineCalls) -> str:
    return aws.create(POLICY, {"policy": policy("s3:GetObject")}).resource_id


def new_key(aws: EngineCalls) -> str:
    return aws.create(KEY, {}).resource_id


SAMPLES: dict[str, Sample] = {
    REPOSITORY: Sample(
        lambda _aws: {
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filter": "dev-*", "filterType": "WILDCARD"}],
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
            "tags": {"Project": "a", "Owner": "b"},
        },
        lambda aws: {
            "name": "another/name",
            "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filter": "test-*", "filterType": "WILDCARD"}],
            "imageScanningConfiguration": {"scanOnPush": False},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": new_key(aws)}],
            "forceDelete": True,
            "tags": {"Project": "c", "Environment": "dev"},
        },
    ),
    LIFECYCLE_POLICY: Sample(
        lambda aws: {"repository": new_repository(aws), "policy": lifecycle_policy()},
        lambda aws: {"repository": new_repository(aws), "policy": lifecycle_policy(2)},
    ),
    REPOSITORY_POLICY: Sample(
        lambda aws: {
            "repository": new_repository(aws),
            "policy": policy("ecr:BatchGetImage", principal="a.amazonaws.com"),
        },
        lambda aws: {
            "repository": new_repository(aws),
            "policy": policy("ecr:GetDownloadUrlForLayer", principal="a.amazonaws.com"),
        },
    ),
    ROLE: Sample(
        lambda _aws: {
            "assumeRolePolicy": trust(),
            "description": "before",
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "name": "another-role",
            "path": "/agents/",
            "assumeRolePolicy": trust("lambda.amazonaws.com"),
            "description": "after",
            "maxSessionDuration": 7200,
            "permissionsBoundary": new_policy(aws),
            "forceDetachPolicies": True,
            "tags": {},
        },
    ),
    ROLE_POLICY: Sample(
        lambda aws: {"role": new_role(aws), "policy": policy("s3:GetObject")},
        lambda aws: {
            "name": "another-policy",
            "role": new_role(aws),
            "policy": policy("s3:ListBucket"),
        },
    ),
    ROLE_POLICY_ATTACHMENT: Sample(
        lambda aws: {"role": new_role(aws), "policyArn": new_policy(aws)},
        lambda aws: {"role": new_role(aws), "policyArn": new_policy(aws)},
    ),
    POLICY: Sample(
        lambda _aws: {
            "policy": policy("s3:GetObject"),
            "description": "before",
            "tags": {"Project": "a"},
        },
        lambda _aws: {
            "name": "another-policy",
            "path": "/agents/",
            "description": "after",
            "policy": policy("s3:ListBucket"),
            "tags": {"Project": "b"},
        },
    ),
    KEY: Sample(
        lambda _aws: {
            "description": "before",
            "enableKeyRotation": True,
            "rotationPeriodInDays": 120,
            "tags": {"Project": "a"},
        },
        lambda aws: {
            "description": "after",
            "policy": key_policy(aws.configuration.account, "kms:*"),
            "keyUsage": "SIGN_VERIFY",
            "customerMasterKeySpec": "RSA_2048",
            "multiRegion": True,
            "enableKeyRotation": False,
            "rotationPeriodInDays": 180,
            "isEnabled": False,
            "deletionWindowInDays": 7,
            "bypassPolicyLockoutSafetyCheck": True,
            "tags": {"Owner": "b"},
        },
    ),
    ALIAS: Sample(
        lambda aws: {"targetKeyId": new_key(aws)},
        lambda aws: {"name": "alias/another", "targetKeyId": new_key(aws)},
    ),
    **NETWORK_SAMPLES,
    **ENDPOINT_SAMPLES,
}
