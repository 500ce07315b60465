"""ECR as moto has it, with what ECR keeps and checks and moto does not.

Kept: the bytes of layers (moto counts them only), so that an image's platform can be read and
layers can be downloaded.
Checked, as ECR does: a layer's digest is that of its bytes, an image's layers and the images an
index refers to are in the repository, a manifest's digest is that of its bytes, an immutable tag
stays where it is, the key of an encrypted repository is there to be used, the principals of a
repository's policy exist, the rules of a lifecycle policy agree with each other.
Sources: ECR's API reference, the errors of each operation; ECR user guide, "Lifecycle policy
properties" and "Amazon ECR service quotas".
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from moto.core.responses import ActionResult
from moto.ecr.exceptions import (
    ImageAlreadyExistsException,
    InvalidParameterException,
    RepositoryNotFoundException,
    UploadNotFoundException,
)
from moto.ecr.models import ECRBackend, Image, Repository, ecr_backends
from moto.ecr.policy_validation import EcrLifecyclePolicyValidator
from moto.ecr.responses import ECRResponse
from werkzeug.wrappers import Request, Response

from emulator.aws.caller import credential_scope
from emulator.aws.errors import AwsError, error_response
from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    checked_statements,
)
from emulator.aws.moto_services.principals import unknown_principals
from emulator.aws.moto_services.refused import Refused
from emulator.aws.moto_services.stricter import backends

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LAYERS: Final = "/_layers/"
_TAGS_PER_REPOSITORY = 50
_RULES_PER_LIFECYCLE_POLICY = 50
# It is attached to the repository that it speaks of.
_REPOSITORY_POLICY = Kind(principals=Presence.REQUIRED, resources=Presence.PROHIBITED)


class RegistryResponses(ECRResponse):
    """Requests to ECR, with the download of layers."""

    def get_download_url_for_layer(self) -> ActionResult:  # type: ignore[override]
        """Answer a URL of this same port, under which the bytes are."""
        name, digest = self._get_param("repositoryName"), self._get_param("layerDigest")
        registry = cast("ImageRegistry", self.ecr_backend)
        if digest not in registry.repository(name).layers:
            raise Refused(
                "LayersNotFoundException",
                f"The layer with digest '{digest}' does not exist in the repository with name "
                f"'{name}' in the registry with id '{self.current_account}'",
            )
        # Signed like the URL that ECR answers, which says whose layer it is.
        scope = f"{self.current_account}/20260101/{self.region}/s3/aws4_request"
        url = f"http://{self.headers['Host']}{_LAYERS}{digest}?X-Amz-Credential={scope}"
        return ActionResult({"downloadUrl": url, "layerDigest": digest})


class LayerDownloads:
    """A WSGI application in front of moto's, which hands out the layers."""

    def __init__(self, other: "WSGIApplication") -> None:
        self._other = other

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer the bytes of a layer; hand any other request on."""
        request = Request(environ)
        if request.method != "GET" or not request.path.startswith(_LAYERS):
            return self._other(environ, start_response)
        scope = credential_scope("", request.query_string.decode())
        registry = cast("ImageRegistry", ecr_backends[scope.access_key][scope.region])
        blob = registry.blobs.get(request.path.removeprefix(_LAYERS))
        if blob is None:
            error = AwsError("NoSuchKey", "The specified key does not exist.", 404)
            return error_response(error, content_type="", service="s3")(environ, start_response)
        return Response(blob, mimetype="application/octet-stream")(environ, start_response)


class ImageRegistry(BackendUrls, ECRBackend):
    """The private registry of one account in one region."""

    responses = RegistryResponses

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # By digest, for all repositories: the same layer is kept once.
        self.blobs: dict[str, bytes] = {}

    def create_repository(
        self,
        repository_name: str,
        registry_id: str | None,
        encryption_config: dict[str, str],
        image_scan_config: Any,
        image_tag_mutability: str,
        tags: list[dict[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> Repository:
        """Create the repository when its key can be used and its tags are within the quota."""
        if len(tags or []) > _TAGS_PER_REPOSITORY:
            raise Refused(
                "TooManyTagsException",
                f"Number of tags in the request exceeds the maximum of {_TAGS_PER_REPOSITORY}",
            )
        if any(tag["Key"].lower().startswith("aws:") for tag in tags or []):
            raise Refused("InvalidTagParameterException", "Tag keys must not start with aws:")
        self._check_key(encryption_config)
        return super().create_repository(
            repository_name,
            registry_id,
            encryption_config,
            image_scan_config,
            image_tag_mutability,
            tags,
            *args,
            **kwargs,
        )

    def set_repository_policy(
        self, registry_id: str, repository_name: str, policy_text: str
    ) -> dict[str, Any]:
        """Set the policy when it is one of a repository and the principals it names exist."""
        repository = self._get_repository(repository_name, registry_id)
        try:
            statements = checked_statements(policy_text, _REPOSITORY_POLICY)
        except MalformedPolicyError:
            raise _policy_refused("Invalid repository policy provided") from None
        if any(unknown_principals(statements)):
            raise _policy_refused("Principal not found")
        repository.policy = policy_text
        return {
            "registryId": repository.registry_id,
            "repositoryName": repository_name,
            "policyText": policy_text,
        }

    def put_lifecycle_policy(
        self, registry_id: str, repository_name: str, lifecycle_policy_text: str
    ) -> dict[str, Any]:
        """Put the policy when its rules agree with each other."""
        EcrLifecyclePolicyValidator(lifecycle_policy_text).validate()
        for failure in _lifecycle_failures(json.loads(lifecycle_policy_text)["rules"]):
            raise InvalidParameterException(
                f"{EcrLifecyclePolicyValidator.INVALID_PARAMETER_ERROR_MESSAGE}{failure}'"
            )
        return super().put_lifecycle_policy(registry_id, repository_name, lifecycle_policy_text)

    def complete_layer_upload(
        self,
        repository_name: str,
        upload_id: str,
        layer_digests: list[str],
        registry_id: str | None = None,
    ) -> dict[str, Any]:
        """Keep the layer. Refuses an empty one, a wrong digest and a layer that is there."""
        repository = self.repository(repository_name)
        upload = repository.uploads.get(upload_id)
        if upload is None:
            raise UploadNotFoundException(upload_id, repository_name, repository.registry_id)
        blob = bytes(upload.layer_parts)
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        place = f"repository with name '{repository_name}'"
        if not blob:
            raise Refused("EmptyUploadException", f"The upload to the {place} is empty")
        if digest not in layer_digests:
            raise Refused(
                "InvalidLayerException",
                f"Layer digests {layer_digests} do not match the upload to the {place}: {digest}",
            )
        if digest in repository.layers:
            raise Refused("LayerAlreadyExistsException", f"Layer {digest} exists in the {place}")
        answer = super().complete_layer_upload(
            repository_name, upload_id, layer_digests, registry_id
        )
        self.blobs[digest] = blob
        return answer

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Image:
        """Keep the image under the digest of its manifest, when all it refers to is there."""
        repository = self.repository(repository_name)
        actual = f"sha256:{hashlib.sha256(image_manifest.encode()).hexdigest()}"
        if digest is not None and digest != actual:
            raise Refused(
                "ImageDigestDoesNotMatchException",
                f"Image digest '{digest}' does not match the digest of the manifest: '{actual}'",
            )
        _refuse_dangling(repository, image_manifest)
        known = {image.image_digest for image in repository.images}
        if not image_tag and actual in known:
            raise ImageAlreadyExistsException(
                registry_id=repository.registry_id,
                image_tag=image_tag,
                digest=actual,
                repository_name=repository_name,
            )
        tagged = next((i for i in repository.images if image_tag in i.image_tags), None)
        try:
            image = super().put_image(
                repository_name, image_manifest, image_tag, image_manifest_mediatype, actual
            )
        except ImageAlreadyExistsException:
            if tagged is None or tagged.image_digest == actual:
                raise
            raise Refused(
                "ImageTagAlreadyExistsException",
                f"The image tag '{image_tag}' already exists in the '{repository_name}' repository "
                "and cannot be overwritten because the tag is immutable.",
            ) from None
        if tagged is not None and tagged not in repository.images:
            # moto deletes an image that loses its last tag; in ECR its digest stays.
            tagged.remove_tag(image_tag)
            tagged.image_tag = cast("Any", None)
            repository.images.append(tagged)
        return image

    def delete_repository(
        self, repository_name: str, registry_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Repository:
        """Delete the repository, and the layers that no other one holds."""
        deleted = super().delete_repository(repository_name, registry_id, *args, **kwargs)
        held = {digest for kept in self.repositories.values() for digest in kept.layers}
        for digest in set(deleted.layers) - held:
            self.blobs.pop(digest, None)
        return deleted

    def _check_key(self, encryption: dict[str, str] | None) -> None:
        """Refuse a key that ECR cannot use: it describes the key and creates grants on it."""
        name = (encryption or {}).get("kmsKey")
        if not name:
            return
        keys = backends("kms")[self.account_id][self.region_name]
        identifier = keys.any_id_to_key_id(name) if keys.get_key_id_from_alias(name) else None
        key = keys.keys.get(identifier or keys.get_key_id(name))
        if key is None:
            raise _key_refused("NotFoundException", f"Key '{name}' does not exist")
        if key.key_state == "PendingDeletion":
            raise _key_refused("KMSInvalidStateException", f"{key.arn} is pending deletion.")
        if not key.enabled:
            raise _key_refused("DisabledException", f"{key.arn} is disabled.")

    def repository(self, name: str) -> Repository:
        """Return the repository. Raises RepositoryNotFoundException."""
        found = self.repositories.get(name)
        if found is None:
            raise RepositoryNotFoundException(name, self.account_id)
        return found


def install() -> None:
    """Make moto use this registry for every account."""
    ecr_backends.backend = ImageRegistry


def _key_refused(kms_error: str, message: str) -> Refused:
    return Refused("KmsException", message, kmsError=kms_error)


def _policy_refused(reason: str) -> InvalidParameterException:
    return InvalidParameterException(
        f"Invalid parameter at 'PolicyText' failed to satisfy constraint: '{reason}'"
    )


def _lifecycle_failures(rules: list[dict[str, Any]]) -> Iterator[str]:
    """Say what moto's validator does not look at: how the parts of rules fit together."""
    if not 1 <= len(rules) <= _RULES_PER_LIFECYCLE_POLICY:
        yield f"a policy has 1 to {_RULES_PER_LIFECYCLE_POLICY} rules, not {len(rules)}"
    priorities = [rule["rulePriority"] for rule in rules]
    if len(set(priorities)) < len(priorities):
        yield "rule priorities must be unique"
    for rule in rules:
        selection = rule["selection"]
        status, lists = selection["tagStatus"], {"tagPrefixList", "tagPatternList"} & {*selection}
        if status == "tagged" and len(lists) != 1:
            yield "tagStatus tagged needs one of tagPrefixList and tagPatternList"
        if status != "tagged" and lists:
            yield f"tagStatus {status} takes no {' and '.join(sorted(lists))}"
        if status == "any" and rule["rulePriority"] < max(priorities):
            yield "a rule for tagStatus any must have the highest rulePriority"
        by_age = selection["countType"] == "sinceImagePushed"
        if by_age != ("countUnit" in selection):
            yield f"countType {selection['countType']} takes countUnit only with sinceImagePushed"


def _refuse_dangling(repository: Repository, manifest_text: str) -> None:
    try:
        manifest: dict[str, Any] = json.loads(manifest_text)
    except ValueError:
        return  # moto refuses it
    needed = [manifest.get("config"), *manifest.get("layers", [])]
    missing = [
        part["digest"] for part in needed if part and part["digest"] not in repository.layers
    ]
    if missing:
        raise Refused(
            "LayersNotFoundException",
            f"Layers with digests '{', '.join(missing)}' required for pushing image into "
            f"repository with name '{repository.name}' in the registry with id "
            f"'{repository.registry_id}' do not exist",
        )
    known = {image.image_digest for image in repository.images}
    absent = [
        part["digest"] for part in manifest.get("manifests", []) if part["digest"] not in known
    ]
    if absent:
        raise Refused(
            "ReferencedImagesNotFoundException",
            f"Images with digests '{', '.join(absent)}' required for pushing image into "
            f"repository with name '{repository.name}' in the registry with id "
            f"'{repository.registry_id}' do not exist",
        )
