"""Asks the AWS API what an account still holds; the Pulumi state is not consulted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import boto3


def _client(service: Any, environment: Mapping[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def _pages(client: Any, operation: str, key: str, **arguments: str) -> Iterable[dict[str, Any]]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def leftovers(environment: Mapping[str, str]) -> list[str]:
    """What the account still holds of the kinds this project makes.

    Service-linked roles stay in any account, and a key that is scheduled for deletion is on its
    way: neither counts.
    """
    runtimes = _client("bedrock-agentcore-control", environment)
    iam = _client("iam", environment)
    kms = _client("kms", environment)
    ecr = _client("ecr", environment)
    return [
        *(
            f"runtime {runtime['agentRuntimeName']}"
            for runtime in _pages(runtimes, "list_agent_runtimes", "agentRuntimes")
        ),
        *(
            f"repository {repository['repositoryName']}"
            for repository in _pages(ecr, "describe_repositories", "repositories")
        ),
        *(
            f"role {role['RoleName']}"
            for role in _pages(iam, "list_roles", "Roles")
            if not role["Path"].startswith("/aws-service-role/")
        ),
        *(
            f"policy {policy['PolicyName']}"
            for policy in _pages(iam, "list_policies", "Policies", Scope="Local")
        ),
        *(
            f"key {key['KeyId']}"
            for key in _pages(kms, "list_keys", "Keys")
            if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        ),
    ]


def empty_repositories(names: Sequence[str], environment: Mapping[str, str]) -> None:
    """Delete every image of the repositories."""
    ecr = _client("ecr", environment)
    for name in names:
        images = list(_pages(ecr, "list_images", "imageIds", repositoryName=name))
        if images:
            ecr.batch_delete_image(repositoryName=name, imageIds=images)
