"""The service's checks of an execution role and of the image it is to pull.

In the service's order: the role exists and may be assumed by the service; it may pull the image;
the image exists; it is built for linux/arm64. "Role validation failed" and "Access denied while
validating ECR URI" begin as the service's own messages do (the latter: agentcore-samples issue
154); the rest of the wording was not checked against AWS.
"""

from datetime import UTC, datetime

from emulator.aws.agentcore import container_uri
from emulator.aws.agentcore.container_uri import ContainerUri
from emulator.aws.agentcore.image_platforms import platforms
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.caller import Caller
from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Role

SERVICE = "bedrock-agentcore.amazonaws.com"
_LOGIN_ACTION = "ecr:GetAuthorizationToken"
_PULL_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_PLATFORM = "linux/arm64"


def validate_role(
    caller: Caller, role_arn: str, runtime_arn: str, artifact: JsonObject, *, min_age: float
) -> None:
    """Raise the service's ValidationException when role or image cannot be used.

    `min_age` is how old, in seconds, a role must be: IAM is eventually consistent.
    """
    role = state.role(caller, role_arn)
    if (
        role is None
        or (datetime.now(UTC) - _aware(role.created)).total_seconds() < min_age
        or not _trusts_service(caller, role, runtime_arn)
    ):
        raise validation_error(
            f"Role validation failed for '{role_arn}'. Please verify that the role exists and its "
            "trust policy allows assumption by this service"
        )
    uri = artifact.get("ContainerConfiguration", {}).get("ContainerUri")
    image = container_uri.parse(uri) if uri else None
    if image is not None:
        _validate_image(caller, role, uri, image)


def _trusts_service(caller: Caller, role: Role, runtime_arn: str) -> bool:
    assume = Action(
        "sts:AssumeRole",
        principals=frozenset({f"Service:{SERVICE}"}),
        context={"aws:SourceAccount": caller.account, "aws:SourceArn": runtime_arn},
    )
    return decide([role.trust], assume) is Decision.ALLOW


def _validate_image(caller: Caller, role: Role, uri: str, image: ContainerUri) -> None:
    if image.region != caller.region:
        raise validation_error(
            f"The ECR URI '{uri}' is in region {image.region}; the image must be in the agent's "
            f"region, {caller.region}"
        )
    if not _may_pull(caller, role, image):
        raise validation_error(
            f"Access denied while validating ECR URI '{uri}'. The execution role requires "
            "permissions for ecr:GetAuthorizationToken, ecr:BatchGetImage, and "
            "ecr:GetDownloadUrlForLayer operations."
        )
    found = state.image(image.account, image.region, image.repository, image.tag_or_digest)
    if found is None:
        raise validation_error(
            f"The specified image identifier does not exist in the repository. ECR URI: '{uri}'"
        )
    if _PLATFORM not in platforms(image, found):
        raise validation_error(
            f"Architecture incompatible for uri '{uri}'. Supported architectures: [arm64]"
        )


def _may_pull(caller: Caller, role: Role, image: ContainerUri) -> bool:
    repository = image.repository_arn(caller.partition)
    wanted = [(_LOGIN_ACTION, "*"), *((name, repository) for name in _PULL_ACTIONS)]
    policy = state.repository_policy(image.account, image.region, image.repository)
    foreign = image.account != caller.account
    root = f"arn:{caller.partition}:iam::{caller.account}:root"
    context = {
        "aws:PrincipalArn": role.arn,
        "aws:PrincipalAccount": caller.account,
        "aws:ResourceAccount": image.account,
        "aws:RequestedRegion": caller.region,
        "aws:SecureTransport": "true",
    }
    for name, resource in wanted:
        by_role = _identity_decision(role, Action(name, resource, context=context))
        by_repository = Decision.SILENT
        if policy and name != _LOGIN_ACTION:
            # A repository's policy has no Resource: it is attached to the repository. To name an
            # account's root lets another account in, but grants nothing in its own.
            principals = frozenset({f"AWS:{role.arn}"} | ({f"AWS:{root}"} if foreign else set()))
            by_repository = decide([policy], Action(name, resource, principals, context))
        if Decision.DENY in (by_role, by_repository):
            return False
        granted = by_role is Decision.ALLOW
        if foreign and name != _LOGIN_ACTION:
            granted = granted and by_repository is Decision.ALLOW
        elif role.boundary is None:
            granted = granted or by_repository is Decision.ALLOW
        if not granted:
            return False
    return True


def _identity_decision(role: Role, action: Action) -> Decision:
    decision = decide(role.policies, action)
    if decision is Decision.ALLOW and role.boundary is not None:
        return decide([role.boundary], action)
    return decision


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
