"""Asks the AWS API what an account still holds; the Pulumi state is not consulted."""

from collections.abc import Iterator, Sequence

import boto3


def leftovers(session: boto3.Session, endpoint_url: str) -> list[str]:
    """What the account still holds of the kinds this project makes.

    Service-linked roles stay in any account, and a key that is scheduled for deletion is on its
    way: neither counts.
    """
    return [
        *(f"runtime {name}" for name in _runtimes(session, endpoint_url)),
        *(f"repository {name}" for name in _repositories(session, endpoint_url)),
        *_identities(session, endpoint_url),
        *(f"key {key}" for key in _enabled_keys(session, endpoint_url)),
    ]


def _runtimes(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("bedrock-agentcore-control", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("list_agent_runtimes").paginate():
        yield from (runtime["agentRuntimeName"] for runtime in page["agentRuntimes"])


def _repositories(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("ecr", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("describe_repositories").paginate():
        yield from (entry.get("repositoryName", "") for entry in page["repositories"])


def _identities(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("iam", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if not role["Path"].startswith("/aws-service-role/"):
                yield f"role {role['RoleName']}"
    for page in client.get_paginator("list_policies").paginate(Scope="Local"):
        yield from (f"policy {policy.get('PolicyName')}" for policy in page["Policies"])


def _enabled_keys(session: boto3.Session, endpoint_url: str) -> Iterator[str]:
    client = session.client("kms", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for page in client.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            described = client.describe_key(KeyId=key.get("KeyId", ""))["KeyMetadata"]
            if described.get("KeyState") == "Enabled" and described.get("KeyManager") == "CUSTOMER":
                yield described["KeyId"]


def empty_repositories(names: Sequence[str], session: boto3.Session, endpoint_url: str) -> None:
    """Delete every image of the repositories."""
    client = session.client("ecr", endpoint_url=endpoint_url)  # pyright: ignore[reportUnknownMemberType]
    for name in names:
        for page in client.get_paginator("list_images").paginate(repositoryName=name):
            if page["imageIds"]:
                client.batch_delete_image(repositoryName=name, imageIds=page["imageIds"])
