"""Pushes an OCI layout into an ECR repository through the ECR API, without Docker.

What `docker push` does over the registry's HTTP API is done here with the operations ECR offers in
its own API: check which layers are there, upload the missing ones in parts, put the manifest. So it
needs boto3 and AWS credentials only, and works the same on the offline AWS (`AWS_ENDPOINT_URL`) and
on the real one.

A tag is never moved, even where the repository would allow it: a moved tag does not reach an
AgentCore runtime that is deployed already, so it hides which image runs. Deliberately does not
create repositories (the stack does) and does not push attestations.

Source of the rules: Amazon ECR API reference; AgentCore service quotas (image size).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import ConnectionError as BotoConnectionError

from images.repository_url import RepositoryUrl, RepositoryUrlError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import ImageIdentifierTypeDef, PutImageRequestTypeDef

    from images.oci_layout import Blob, Image, Layout, Manifest

IMAGE_SIZE_LIMIT = 2 * 1024**3
"""Bytes. AgentCore's quota "Docker image, 2 GB", not adjustable."""

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")  # ECR's ImageTag
LAYERS_PER_CHECK = 100  # BatchCheckLayerAvailability takes no more digests
_PART_LIMIT = 20 * 1024 * 1024  # bytes; the most UploadLayerPart takes
_ATTEMPTS = 5  # enough for throttling, and an endpoint that is not there is reported in seconds
_TAG_TAKEN = {"ImageTagAlreadyExistsException", "ImageAlreadyExistsException"}
_BAD_CREDENTIALS = {
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}
_ACTIONS = (
    "ecr:BatchGetImage, ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, "
    "ecr:UploadLayerPart, ecr:CompleteLayerUpload and ecr:PutImage"
)
_CREDENTIALS_HINT = (
    'for the offline AWS run eval "$(make -s env)", for the real one sign in '
    "(aws sso login) or set AWS_PROFILE"
)


class PushError(Exception):
    """The image cannot be pushed; the message names what is in the way and the way out."""


@dataclass(frozen=True)
class BlobProgress:
    """How far one layer or config is: `sent` of `size` bytes, or in the repository already."""

    digest: str
    size: int
    sent: int
    already_there: bool = False


@dataclass(frozen=True)
class PushedImage:
    """What the repository holds now.

    `already_there` is true when the tag named this digest before and nothing was sent;
    `uploaded_bytes` counts layers and configs that were missing.
    """

    repository_uri: str
    tag: str
    digest: str
    already_there: bool
    uploaded_bytes: int

    @property
    def reference(self) -> str:
        """The image reference pinned by digest, as the stack's config takes it."""
        return f"{self.repository_uri}@{self.digest}"


def push(
    layout: Layout,
    repository_url: str,
    tag: str | None = None,
    client: ECRClient | None = None,
    progress: Callable[[BlobProgress], None] | None = None,
) -> PushedImage:
    """Push `layout` into the repository and let `tag` name it (default: `sha-` and 12 hex digits).

    Layers and images that are there are not sent again. `progress` is called after every part.
    Raises `PushError`, and `LayoutError` when the layout holds no linux/arm64 image.
    """
    try:
        repository = RepositoryUrl.parse(repository_url)
    except RepositoryUrlError as error:
        raise PushError(str(error)) from None
    tag = tag or f"sha-{layout.digest.removeprefix('sha256:')[:12]}"
    if not _TAG.fullmatch(tag):
        msg = (
            f'the tag "{tag}" is not one: 1 to 128 letters, digits, "_", "." and "-", the first '
            'neither "." nor "-"'
        )
        raise PushError(msg)
    _check_size(layout.linux_arm64)
    with _explained(repository):
        session = _Push(client or ecr_client(repository.region), repository, progress)
        return session.run(layout, tag)


def _check_size(image: Image) -> None:
    if image.size > IMAGE_SIZE_LIMIT:
        msg = (
            f"the {image.platform} image has {image.size / 1024**3:.2f} GiB, AgentCore takes at "
            f"most {IMAGE_SIZE_LIMIT / 1024**3:.0f}: use a slimmer base image or leave files out"
        )
        raise PushError(msg)


def ecr_client(region: str) -> ECRClient:
    """Make a client that waits out throttling, with the credentials and endpoint boto3 finds."""
    retries = Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS})
    # boto3-stubs of the services not used here are not installed: pyright calls them unknown.
    session = boto3.session.Session()
    return session.client("ecr", region_name=region, config=retries)  # pyright: ignore[reportUnknownMemberType]


def _unreported(_: BlobProgress) -> None:
    """Progress nobody asked for."""


class _Push:
    def __init__(
        self,
        client: ECRClient,
        repository: RepositoryUrl,
        progress: Callable[[BlobProgress], None] | None,
    ) -> None:
        self._ecr = client
        self._repository = repository
        self._report = progress or _unreported

    def run(self, layout: Layout, tag: str) -> PushedImage:
        if self._is_tagged(tag, layout.digest):
            return self._pushed(layout, tag, already_there=True, uploaded_bytes=0)
        blobs = {
            blob.digest: blob for image in layout.images for blob in (*image.layers, image.config)
        }
        missing = self._missing(list(blobs))
        for digest, blob in blobs.items():
            if digest in missing:
                self._upload(blob)
            else:
                self._report(BlobProgress(digest, blob.size, sent=0, already_there=True))
        if layout.index:
            for image in layout.images:
                if not self._digests({"imageDigest": image.manifest.digest}):
                    self._put(image.manifest)
        self._tag(layout.top, tag)
        uploaded = sum(blobs[digest].size for digest in missing)
        return self._pushed(layout, tag, already_there=False, uploaded_bytes=uploaded)

    def _pushed(
        self, layout: Layout, tag: str, *, already_there: bool, uploaded_bytes: int
    ) -> PushedImage:
        uri = self._repository.uri
        return PushedImage(uri, tag, layout.digest, already_there, uploaded_bytes)

    def _is_tagged(self, tag: str, digest: str) -> bool:
        """Whether the tag names the digest already; an error if it names another one."""
        named = self._digests({"imageTag": tag})
        if named and named != {digest}:
            msg = (
                f'the tag "{tag}" in {self._repository.name} names {", ".join(sorted(named))} '
                f"already, and this is {digest}: give it another tag, or none to get one made from "
                "the digest"
            )
            raise PushError(msg)
        return bool(named)

    def _digests(self, image: ImageIdentifierTypeDef) -> set[str]:
        answer = self._ecr.batch_get_image(
            registryId=self._repository.registry_id,
            repositoryName=self._repository.name,
            imageIds=[image],
        )
        return {
            found["imageId"]["imageDigest"]
            for found in answer["images"]
            if "imageId" in found and "imageDigest" in found["imageId"]
        }

    def _missing(self, digests: list[str]) -> set[str]:
        available: set[str] = set()
        for start in range(0, len(digests), LAYERS_PER_CHECK):
            answer = self._ecr.batch_check_layer_availability(
                registryId=self._repository.registry_id,
                repositoryName=self._repository.name,
                layerDigests=digests[start : start + LAYERS_PER_CHECK],
            )
            available.update(
                layer["layerDigest"]
                for layer in answer["layers"]
                if "layerDigest" in layer and layer.get("layerAvailability") == "AVAILABLE"
            )
        return set(digests) - available

    def _upload(self, blob: Blob) -> None:
        registry, name = self._repository.registry_id, self._repository.name
        begun = self._ecr.initiate_layer_upload(registryId=registry, repositoryName=name)
        sent = 0
        self._report(BlobProgress(blob.digest, blob.size, sent))
        for part in blob.chunks(min(begun["partSize"], _PART_LIMIT)):
            self._ecr.upload_layer_part(
                registryId=registry,
                repositoryName=name,
                uploadId=begun["uploadId"],
                partFirstByte=sent,
                partLastByte=sent + len(part) - 1,
                layerPartBlob=part,
            )
            sent += len(part)
            self._report(BlobProgress(blob.digest, blob.size, sent))
        try:
            completed = self._ecr.complete_layer_upload(
                registryId=registry,
                repositoryName=name,
                uploadId=begun["uploadId"],
                layerDigests=[blob.digest],
            )
        except ClientError as error:
            if _code(error) == "InvalidLayerException":
                raise PushError(_damaged(blob, str(error))) from None
            if _code(error) != "LayerAlreadyExistsException":
                raise
            return  # another push was quicker with the same content
        if completed["layerDigest"] != blob.digest:
            raise PushError(_damaged(blob, f"it arrived as {completed['layerDigest']}"))

    def _put(self, manifest: Manifest, tag: str | None = None) -> None:
        request: PutImageRequestTypeDef = {
            "registryId": self._repository.registry_id,
            "repositoryName": self._repository.name,
            "imageManifest": manifest.content.decode(),
            "imageManifestMediaType": manifest.media_type,
            "imageDigest": manifest.digest,
        }
        if tag:
            request["imageTag"] = tag
        self._ecr.put_image(**request)

    def _tag(self, manifest: Manifest, tag: str) -> None:
        try:
            self._put(manifest, tag)
        except ClientError as error:
            # Another push took the tag meanwhile: fine with the same digest, an error otherwise.
            if _code(error) not in _TAG_TAKEN or not self._is_tagged(tag, manifest.digest):
                raise


def _damaged(blob: Blob, found: str) -> str:
    return f"{blob.digest} was damaged on its way; push again ({found})"


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def _explained(repository: RepositoryUrl) -> Generator[None]:
    """Turn what boto3 raises into one message with the way out."""
    try:
        yield
    except ClientError as error:
        raise PushError(_answer_explained(error, repository)) from None
    except (
        NoCredentialsError,
        PartialCredentialsError,
        CredentialRetrievalError,
        ProfileNotFound,
    ) as error:
        msg = f"no AWS credentials to push with ({error}): {_CREDENTIALS_HINT}"
        raise PushError(msg) from None
    except (BotoConnectionError, HTTPClientError) as error:
        msg = (
            f"cannot reach ECR in {repository.region} ({error}): the offline AWS is started by "
            "make up; for the real one check the network and that AWS_ENDPOINT_URL is unset"
        )
        raise PushError(msg) from None
    except BotoCoreError as error:
        msg = f"cannot push to {repository.uri} ({error}): {_CREDENTIALS_HINT}"
        raise PushError(msg) from None


def _answer_explained(error: ClientError, repository: RepositoryUrl) -> str:
    code = _code(error)
    said = error.response.get("Error", {}).get("Message", "")
    place = f"account {repository.registry_id}, {repository.region}"
    if code == "RepositoryNotFoundException":
        return (
            f'there is no repository "{repository.name}" in {place}: deploy the foundation first '
            "(make up), or take the URL from the stack's outputs"
        )
    if code in _BAD_CREDENTIALS:
        return f"AWS refuses the credentials ({code}: {said}): {_CREDENTIALS_HINT}"
    if code.startswith("AccessDenied"):
        return (
            f'not allowed to push to "{repository.name}" in {place} ({said}): the caller needs '
            f"{_ACTIONS} on the repository"
        )
    return f'ECR refuses {error.operation_name} in "{repository.name}", {place} ({code}: {said})'
