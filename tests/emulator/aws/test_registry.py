"""ECR keeps and checks what moto forgets."""

import hashlib
import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import Cloud, code_of

NAME = "agents/assistant"


@pytest.fixture
def registry(cloud: Cloud) -> Cloud:
    cloud.repository(NAME)
    return cloud


def upload(cloud: Cloud, blob: bytes, digest: str | None = None) -> str:
    """Upload a layer, claiming the digest."""
    identifier = cloud.ecr.initiate_layer_upload(repositoryName=NAME).get("uploadId", "")
    if blob:
        cloud.ecr.upload_layer_part(
            repositoryName=NAME,
            uploadId=identifier,
            partFirstByte=0,
            partLastByte=len(blob) - 1,
            layerPartBlob=blob,
        )
    claimed = digest or f"sha256:{hashlib.sha256(blob).hexdigest()}"
    cloud.ecr.complete_layer_upload(
        repositoryName=NAME, uploadId=identifier, layerDigests=[claimed]
    )
    return claimed


@pytest.mark.parametrize(
    ("blob", "digest", "code"),
    [
        (b"", None, "EmptyUploadException"),
        (b"files", f"sha256:{'0' * 64}", "InvalidLayerException"),
    ],
)
def test_a_layer_that_is_not_what_it_claims_is_refused(
    registry: Cloud, blob: bytes, digest: str | None, code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        upload(registry, blob, digest)
    assert code_of(refused.value) == code
    assert upload(registry, b"files")


def test_a_layer_that_is_there_is_not_taken_twice(registry: Cloud) -> None:
    upload(registry, b"files")
    with pytest.raises(ClientError) as refused:
        upload(registry, b"files")
    assert code_of(refused.value) == "LayerAlreadyExistsException"
    assert upload(registry, b"other files")


def test_an_image_is_known_by_the_digest_of_its_manifest(registry: Cloud) -> None:
    digest = registry.push()
    found = registry.ecr.batch_get_image(repositoryName=NAME, imageIds=[{"imageTag": "v1"}])
    manifest = found["images"][0].get("imageManifest", "")
    assert digest == f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    details = registry.ecr.describe_images(repositoryName=NAME)["imageDetails"]
    assert [detail.get("imageDigest") for detail in details] == [digest]


def test_an_image_whose_layers_were_not_pushed_is_refused(registry: Cloud) -> None:
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"digest": upload(registry, b"{}")},
        "layers": [{"digest": f"sha256:{hashlib.sha256(b'files').hexdigest()}"}],
    }
    for code in ("LayersNotFoundException", None):
        if code is None:
            upload(registry, b"files")
            registry.ecr.put_image(
                repositoryName=NAME, imageManifest=json.dumps(manifest), imageTag="v1"
            )
            return
        with pytest.raises(ClientError) as refused:
            registry.ecr.put_image(
                repositoryName=NAME, imageManifest=json.dumps(manifest), imageTag="v1"
            )
        assert code_of(refused.value) == code


def test_an_index_of_images_that_were_not_pushed_is_refused(registry: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        registry.push_index({f"sha256:{'0' * 64}": "arm64"}, "v1")
    assert code_of(refused.value) == "ReferencedImagesNotFoundException"
    assert registry.push_index({registry.push(): "arm64"}, "index")


def test_a_wrong_image_digest_is_refused(registry: Cloud) -> None:
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "x", "layers": []})
    put = {"repositoryName": NAME, "imageManifest": manifest, "imageTag": "v1"}
    with pytest.raises(ClientError) as refused:
        registry.ecr.put_image(**put, imageDigest=f"sha256:{'0' * 64}")
    assert code_of(refused.value) == "ImageDigestDoesNotMatchException"
    right = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    assert registry.ecr.put_image(**put, imageDigest=right)


def test_layers_are_gone_with_their_last_repository(registry: Cloud) -> None:
    upload(registry, b"files")
    registry.ecr.delete_repository(repositoryName=NAME, force=True)
    registry.repository(NAME)
    assert upload(registry, b"files"), "the new repository does not have the layer"
