"""ECR as moto has it, with what ECR keeps and checks and moto does not.

Kept: the bytes of layers (moto counts them only), so that an image's platform can be read.
Checked, as ECR does: a layer's digest is that of its bytes, an image's layers and the images an
index refers to are in the repository, a manifest's digest is that of its bytes.
Source: the errors of ECR's API reference for CompleteLayerUpload and PutImage.
"""

import hashlib
import json
import re
from types import ModuleType
from typing import Any

import moto.ecr.urls
from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import (
    ImageAlreadyExistsException,
    RepositoryNotFoundException,
    UploadNotFoundException,
)
from moto.ecr.models import ECRBackend, Image, Repository, ecr_backends

_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")


class _LayerRefused(ServiceException):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ImageRegistry(ECRBackend):
    """The private registry of one account in one region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # By digest, for all repositories: the same layer is kept once.
        self.blobs: dict[str, bytes] = {}

    @property
    def _url_module(self) -> ModuleType:  # type: ignore[misc]
        """Where moto finds this backend's URLs; it would look beside this class."""
        return moto.ecr.urls

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
            raise _LayerRefused("EmptyUploadException", f"The upload to the {place} is empty")
        if digest not in layer_digests:
            raise _LayerRefused(
                "InvalidLayerException",
                f"Layer digests {layer_digests} do not match the upload to the {place}: {digest}",
            )
        if digest in repository.layers:
            raise _LayerRefused(
                "LayerAlreadyExistsException", f"Layer {digest} exists in the {place}"
            )
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
            raise _LayerRefused(
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
        return super().put_image(
            repository_name, image_manifest, image_tag, image_manifest_mediatype, actual
        )

    def delete_repository(
        self, repository_name: str, registry_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Repository:
        """Delete the repository, and the layers that no other one holds."""
        deleted = super().delete_repository(repository_name, registry_id, *args, **kwargs)
        held = {digest for kept in self.repositories.values() for digest in kept.layers}
        for digest in set(deleted.layers) - held:
            self.blobs.pop(digest, None)
        return deleted

    def repository(self, name: str) -> Repository:
        """Return the repository. Raises RepositoryNotFoundException."""
        found = self.repositories.get(name)
        if found is None:
            raise RepositoryNotFoundException(name, self.account_id)
        return found


def install() -> None:
    """Make moto use this registry for every account."""
    ecr_backends.backend = ImageRegistry


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
        raise _LayerRefused(
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
        raise _LayerRefused(
            "ReferencedImagesNotFoundException",
            f"Images with digests '{', '.join(absent)}' required for pushing image into "
            f"repository with name '{repository.name}' in the registry with id "
            f"'{repository.registry_id}' do not exist",
        )
