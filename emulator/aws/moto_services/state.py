"""What the AgentCore side reads of moto's state: roles, policies, images, subnets, groups.

It makes there what the service makes in an account: network interfaces and a role. moto's objects
do not leave this file: callers get plain frozen values.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends

from emulator.aws.caller import Caller
from emulator.aws.moto_services.stricter import backends

if TYPE_CHECKING:
    from emulator.aws.moto_services.container_images import ImageRegistry


@dataclass(frozen=True)
class Role:
    """An IAM role, with the documents of all that decides what it may do."""

    arn: str
    created: datetime
    trust: str
    policies: tuple[str, ...]
    # The boundary's document; None without a boundary, "" for one that does not exist.
    boundary: str | None


@dataclass(frozen=True)
class Image:
    """An image in ECR: its manifest, and what it refers to is found by digest."""

    digest: str
    manifest: dict[str, Any]


@dataclass(frozen=True)
class Subnet:
    """An EC2 subnet: its VPC and the id of its availability zone, such as use1-az1."""

    vpc: str
    zone_id: str
    free_addresses: int


def _ec2() -> Any:
    """EC2's backends. Moto needs most of a second to import them, and few deployments need them."""
    return backends("ec2")


def account_of_access_key(key: str) -> str | None:
    """Return the account that moto issued the access key in; None when it did not."""
    for account, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            if key in backend.access_keys:
                return account
    return None


def role(caller: Caller, arn: str) -> Role | None:
    """Return the caller's role with this ARN."""
    backend = iam_backends[caller.account][caller.partition]
    for found in list(backend.roles.values()):
        if found.arn == arn:
            attached = [_default_document(policy) for policy in found.managed_policies.values()]
            boundary = None
            if found.permissions_boundary_arn:
                policy = backend.managed_policies.get(found.permissions_boundary_arn)
                boundary = _default_document(policy) if policy else ""
            return Role(
                arn,
                found.create_date,
                found.assume_role_policy_document,
                (*found.policies.values(), *attached),
                boundary,
            )
    return None


def repository_policy(account: str, region: str, name: str) -> str | None:
    """Return the repository's policy document; None when it has none or does not exist."""
    found = ecr_backends[account][region].repositories.get(name)
    return found.policy if found else None


def image(account: str, region: str, repository: str, tag_or_digest: str) -> Image | None:
    """Return the image with the tag or the digest."""
    found = ecr_backends[account][region].repositories.get(repository)
    for candidate in list(found.images) if found else []:
        digest = candidate.image_digest
        if tag_or_digest == digest or tag_or_digest in candidate.image_tags:
            return Image(digest, json.loads(candidate.image_manifest))
    return None


def blob(account: str, region: str, digest: str) -> bytes | None:
    """Return the bytes of a layer that was pushed to the account's registry."""
    registry = cast("ImageRegistry", ecr_backends[account][region])
    return registry.blobs.get(digest)


def key_is_enabled(caller: Caller, arn: str) -> bool:
    """Whether the KMS key with this ARN exists in the caller's account and may be used."""
    keys = backends("kms")[caller.account][caller.region].keys
    found = keys.get(arn.rpartition("/")[2])
    return found is not None and found.arn == arn and found.enabled


def log_group_exists(caller: Caller, name: str) -> bool:
    """Whether the caller has a log group of this name."""
    return name in backends("logs")[caller.account][caller.region].groups


def subnet(caller: Caller, identifier: str) -> Subnet | None:
    """Return the caller's subnet."""
    for subnets in list(_ec2()[caller.account][caller.region].subnets.values()):
        if identifier in subnets:
            found = subnets[identifier]
            return Subnet(
                found.vpc_id, str(found.availability_zone_id), found.available_ip_address_count
            )
    return None


def security_group_vpc(caller: Caller, identifier: str) -> str | None:
    """Return the VPC of the caller's security group."""
    backend = _ec2()[caller.account][caller.region]
    found = backend.get_security_group_from_id(identifier)
    return found.vpc_id if found else None


def has_shared_interface(caller: Caller, subnet_id: str, groups: frozenset[str]) -> bool:
    """Whether the service has an interface in the subnet with these security groups."""
    backend = _ec2()[caller.account][caller.region]
    with backend.lock:
        backend.release_interfaces()
        return backend.is_shared((subnet_id, groups))


def share_interfaces(
    caller: Caller, wanted: Collection[tuple[str, frozenset[str]]], is_held: Callable[[], bool]
) -> None:
    """Have an interface for each subnet with its security groups; others stay while held."""
    backend = _ec2()[caller.account][caller.region]
    with backend.lock:
        backend.share_interfaces(wanted, is_held)


def make_service_linked_role(caller: Caller, name: str, service: str, policy: str) -> None:
    """Make the role, with a policy of AWS's, in the caller's account unless it is there."""
    backend = iam_backends[caller.account][caller.partition]
    if any(found.name == name for found in list(backend.roles.values())):
        return
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ],
    }
    backend.create_role(
        name,
        json.dumps(trust),
        f"/aws-service-role/{service}/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
        linked_service=service,
    )
    backend.attach_role_policy(policy, name)


def _default_document(policy: Any) -> str:
    for version in policy.versions:
        if version.is_default_version:
            return str(version.document)
    return ""
