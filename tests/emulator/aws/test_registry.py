"""ECR keeps what moto forgets; what it refuses is among the refusals."""

import hashlib
import json
import urllib.error
import urllib.request

import pytest

from tests.emulator.aws.cloud import Cloud

NAME = "agents/assistant"


@pytest.fixture
def registry(cloud: Cloud) -> Cloud:
    cloud.repository(NAME)
    return cloud


def layers(registry: Cloud) -> list[str]:
    """Return the digests of the layers that the image v1 refers to, and which are there."""
    answer = registry.ecr.batch_get_image(repositoryName=NAME, imageIds=[{"imageTag": "v1"}])
    manifest = json.loads(answer["images"][0].get("imageManifest", ""))
    digests = [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]
    there = registry.ecr.batch_check_layer_availability(repositoryName=NAME, layerDigests=digests)
    assert not there.get("failures")
    return digests


def test_an_image_is_known_by_the_digest_of_its_manifest(registry: Cloud) -> None:
    digest = registry.push()
    found = registry.ecr.batch_get_image(repositoryName=NAME, imageIds=[{"imageTag": "v1"}])
    manifest = found["images"][0].get("imageManifest", "")
    assert digest == f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    details = registry.ecr.describe_images(repositoryName=NAME)["imageDetails"]
    assert [detail.get("imageDigest") for detail in details] == [digest]


def test_an_image_whose_tag_moves_on_stays_under_its_digest(registry: Cloud) -> None:
    first = registry.push(architecture="amd64")
    second = registry.push(architecture="arm64")
    details = registry.ecr.describe_images(repositoryName=NAME)["imageDetails"]
    tags = {detail.get("imageDigest"): detail.get("imageTags") for detail in details}
    assert tags == {first: None, second: ["v1"]}, "agents are pinned to digests"
    found = registry.ecr.batch_get_image(repositoryName=NAME, imageIds=[{"imageDigest": first}])
    assert not found.get("failures")


def test_the_layers_of_an_image_can_be_downloaded(registry: Cloud) -> None:
    registry.push()
    for digest in layers(registry):
        answer = registry.ecr.get_download_url_for_layer(repositoryName=NAME, layerDigest=digest)
        with urllib.request.urlopen(answer["downloadUrl"], timeout=10) as download:  # noqa: S310
            blob = download.read()
        assert f"sha256:{hashlib.sha256(blob).hexdigest()}" == digest


def test_the_url_of_a_layer_is_of_no_use_in_another_account(registry: Cloud) -> None:
    registry.push()
    digest = layers(registry)[0]
    url = registry.ecr.get_download_url_for_layer(repositoryName=NAME, layerDigest=digest)
    foreign = url["downloadUrl"].replace(registry.account, "000000000000")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(foreign, timeout=10)  # noqa: S310


def test_layers_are_gone_with_their_last_repository(registry: Cloud) -> None:
    registry.push()
    digest = layers(registry)[0]
    registry.ecr.delete_repository(repositoryName=NAME, force=True)
    registry.repository(NAME)
    answer = registry.ecr.batch_check_layer_availability(repositoryName=NAME, layerDigests=[digest])
    assert [failure.get("failureCode") for failure in answer.get("failures", [])] == [
        "MissingLayerDigest"
    ], "the new repository does not have the layer"
