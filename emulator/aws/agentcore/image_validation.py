"""The service's checks of the image that an execution role is to pull.

In the service's order: the role may pull the image; the image exists; it is built for the compute
it is to run on. "Access denied while validating ECR URI" begins as the service's own message does
(agentcore-samples issue 154); the rest of the wording was not checked against AWS.
"""

from emulator.aws.agentcore import container_uri
from emulator.aws.agentcore.container_uri import ContainerUri
from emulator.aws.agentcore.image_platforms import image_bytes, platforms
from emulator.aws.agentcore.limits import IMAGE_BYTES
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.caller import Caller
from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Role

_LOGIN_ACTION = "ecr:GetAuthorizationToken"
_PULL_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def validate_image(caller: Caller, role: Role, artifact: JsonObject, architecture: str) -> None:
    """Raise the service's ValidationException when the artifact's image cannot be used.

    `architecture` is that of the compute, `arm64` or `amd64`. Code in S3 and images in ECR Public
    are taken unseen.
    """
    uri = artifact.get("ContainerConfiguration", {}).get("ContainerUri")
    image = container_uri.parse(uri) if uri else None
    if image is None:
        return
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
    platform = f"linux/{architecture}"
    if platform not in platforms(image, found):
        raise validation_error(
            f"Architecture incompatible for uri '{uri}'. Supported architectures: [{architecture}]"
        )
    size = image_bytes(image, found, platform)
    if size > IMAGE_BYTES:
        raise validation_error(
            f"The image '{uri}' has {size} bytes for {platform}, allowed: {IMAGE_BYTES}"
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
        asked = Action(name, resource, context=context)
        by_role = decide(role.policies, asked)
        by_boundary = decide([role.boundary], asked) if role.boundary else Decision.ALLOW
        by_repository = Decision.SILENT
        if policy and name != _LOGIN_ACTION:
            # A repository's policy has no Resource: it is attached to the repository. To name an
            # account's root lets another account in, but grants nothing in its own.
            principals = frozenset({f"AWS:{role.arn}"} | ({f"AWS:{root}"} if foreign else set()))
            by_repository = decide([policy], Action(name, resource, principals, context))
        if Decision.DENY in (by_role, by_repository) or by_boundary is not Decision.ALLOW:
            return False
        granted = by_role is Decision.ALLOW
        if foreign and name != _LOGIN_ACTION:
            granted = granted and by_repository is Decision.ALLOW
        else:
            granted = granted or by_repository is Decision.ALLOW
        if not granted:
            return False
    return True
