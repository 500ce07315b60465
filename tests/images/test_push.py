"""The push against moto's ECR over HTTP: what arrives, what is not sent twice, what is refused."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from moto.ecr.models import ecr_backends

from images import oci_layout, push
from images.oci_layout import LayoutError
from images.push import BlobProgress, PushError
from tests.images.conftest import REGION, REGISTRY
from tests.images.foreign_layout import ForeignLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_ecr import ECRClient

    from images.oci_layout import Layout


def _name(repository: str) -> str:
    return repository.partition("/")[2]


def _digest_of(ecr: ECRClient, repository: str, tag: str) -> str | None:
    images = ecr.batch_get_image(repositoryName=_name(repository), imageIds=[{"imageTag": tag}])
    return images["images"][0].get("imageId", {}).get("imageDigest") if images["images"] else None


def _arrived(repository: str) -> dict[str, int]:
    """Digest and size of what moto received, which it computes from the bytes themselves."""
    return ecr_backends[REGISTRY][REGION].repositories[_name(repository)].layers


def _on(client: ECRClient, event: str, operation: str, handler: Callable[..., object]) -> None:
    # The stubs call a handler one that answers nothing; botocore takes answers from some events.
    client.meta.events.register(f"{event}.ecr.{operation}", cast("Callable[..., None]", handler))


def _count_calls(client: ECRClient) -> Counter[str]:
    calls: Counter[str] = Counter()

    def count(model: Any, **_: object) -> None:
        calls[model.name] += 1

    client.meta.events.register("before-call.ecr", count)
    return calls


def _failing(client: ECRClient, operation: str, code: str, message: str = "said AWS") -> None:
    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": message}}, operation)

    _on(client, "before-call", operation, fail)


def _response(parsed: dict[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
    return AWSResponse("", 200, HTTPHeaders(), _Raw(b"")), parsed


@dataclasses.dataclass
class _Raw:
    """What botocore reads an answer from."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


def _blobs(layout: Layout) -> dict[str, int]:
    return {
        blob.digest: blob.size for image in layout.images for blob in (*image.layers, image.config)
    }


def test_the_repository_holds_the_digest_of_the_layout_and_every_byte(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    pushed = push.push(layout, repository, "v1", client=ecr)
    assert _digest_of(ecr, repository, "v1") == layout.digest == pushed.digest
    assert _arrived(repository) == _blobs(layout), "what arrived hashes to what was sent"
    assert pushed.uploaded_bytes == sum(_blobs(layout).values())
    assert pushed.reference == f"{repository}@{layout.digest}"
    assert not pushed.already_there


def test_the_manifest_arrives_byte_for_byte_with_its_media_type(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    push.push(layout, repository, "v1", client=ecr)
    (image,) = ecr.batch_get_image(repositoryName=_name(repository), imageIds=[{"imageTag": "v1"}])[
        "images"
    ]
    assert image.get("imageManifest", "").encode() == layout.top.content
    assert image.get("imageManifestMediaType") == oci_layout.OCI_MANIFEST


def test_a_manifest_that_does_not_say_its_media_type_is_put_with_the_one_it_is_listed_with(
    tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    foreign = ForeignLayout(tmp_path / "untyped")
    document = json.loads(foreign.file_of(foreign.image()["digest"]).read_text())
    del document["mediaType"]  # OCI only recommends it
    image = foreign.blob(json.dumps(document).encode(), oci_layout.OCI_MANIFEST)
    layout = oci_layout.read(foreign.top(image))
    assert push.push(layout, repository, "v1", client=ecr).digest == image["digest"]


def test_without_a_tag_the_digest_makes_one(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    pushed = push.push(layout, repository, client=ecr)
    assert pushed.tag == f"sha-{layout.digest[7:19]}"
    assert _digest_of(ecr, repository, pushed.tag) == layout.digest


def test_a_second_push_sends_nothing(layout: Layout, repository: str, ecr: ECRClient) -> None:
    first = push.push(layout, repository, client=ecr)
    calls = _count_calls(ecr)
    again = push.push(layout, repository, client=ecr)
    assert again == dataclasses.replace(first, already_there=True, uploaded_bytes=0)
    assert set(calls) == {"BatchGetImage"}, "one look-up, nothing written"


def test_another_tag_for_the_same_image_sends_no_layer(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    push.push(layout, repository, "v1", client=ecr)
    pushed = push.push(layout, repository, "v2", client=ecr)
    assert (pushed.already_there, pushed.uploaded_bytes) == (False, 0)
    assert _digest_of(ecr, repository, "v1") == _digest_of(ecr, repository, "v2") == layout.digest


def test_only_the_layers_that_are_missing_are_sent(
    tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    old = ForeignLayout(tmp_path / "old")
    new = ForeignLayout(tmp_path / "new")
    push.push(oci_layout.read(old.top(old.image(layers=(b"base", b"one")))), repository, client=ecr)
    layout = oci_layout.read(new.top(new.image(layers=(b"base", b"two"))))
    calls = _count_calls(ecr)
    seen: list[BlobProgress] = []
    pushed = push.push(layout, repository, client=ecr, progress=seen.append)
    base, files = layout.images[0].layers
    assert calls["InitiateLayerUpload"] == 2, "the new layer and the new config"
    assert pushed.uploaded_bytes == files.size + layout.images[0].config.size
    assert BlobProgress(base.digest, base.size, 0, already_there=True) in seen


def test_a_layer_goes_in_parts_of_the_size_ecr_asks_for(
    layout: Layout, repository: str, ecr: ECRClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.ecr.models.DEFAULT_LAYER_PART_SIZE", 4096)
    layer = layout.images[0].layers[0]
    parts = [*range(4096, layer.size, 4096), layer.size]
    assert len(parts) >= 3, "the layer must be larger than two parts for this to mean anything"
    seen: list[BlobProgress] = []
    push.push(layout, repository, client=ecr, progress=seen.append)
    sent = [blob.sent for blob in seen if blob.digest == layer.digest]
    assert sent == [0, *parts], "every part is reported, the last one completes it"
    assert _arrived(repository)[layer.digest] == layer.size


def test_a_part_is_never_larger_than_the_api_takes(
    layout: Layout, repository: str, ecr: ECRClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_PART_LIMIT", 5000)
    calls = _count_calls(ecr)
    push.push(layout, repository, client=ecr)
    layer = layout.images[0].layers[0]
    assert calls["UploadLayerPart"] == -(-layer.size // 5000) + 1, "the config is one more"


def test_a_check_asks_for_as_many_layers_as_the_api_takes(ecr: ECRClient) -> None:
    operation = ecr.meta.service_model.operation_model("BatchCheckLayerAvailability")
    digests = cast("Any", operation.input_shape).members["layerDigests"]
    assert digests.metadata["max"] == push.LAYERS_PER_CHECK


def test_more_layers_than_one_check_takes_are_checked_in_turns(
    tmp_path: Path, repository: str, ecr: ECRClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LAYERS_PER_CHECK", 5)
    foreign = ForeignLayout(tmp_path / "many")
    contents = tuple(b"layer %d" % number for number in range(10))
    layout = oci_layout.read(foreign.top(foreign.image(layers=contents)))
    calls = _count_calls(ecr)
    push.push(layout, repository, client=ecr)
    assert calls["BatchCheckLayerAvailability"] == 3, "10 layers and a config, 5 a call"
    assert _arrived(repository) == _blobs(layout)


def test_a_multi_platform_layout_arrives_with_children_and_index(
    tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    foreign = ForeignLayout(tmp_path / "multi")
    amd64, arm64 = foreign.image("amd64"), foreign.image("arm64")
    layout = oci_layout.read(foreign.top(foreign.nested(amd64, arm64)))
    pushed = push.push(layout, repository, "v1", client=ecr)
    assert pushed.digest == layout.digest not in {amd64["digest"], arm64["digest"]}
    known = ecr.batch_get_image(
        repositoryName=_name(repository),
        imageIds=[{"imageDigest": child["digest"]} for child in (amd64, arm64)],
    )
    assert len(known["images"]) == 2, "ECR refuses an index whose children it does not have"
    assert _digest_of(ecr, repository, "v1") == layout.digest
    assert _arrived(repository) == _blobs(layout)


def test_children_that_are_there_are_not_put_again(
    tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    foreign = ForeignLayout(tmp_path / "multi")
    index = foreign.nested(foreign.image("amd64"), foreign.image("arm64"))
    layout = oci_layout.read(foreign.top(index))
    push.push(layout, repository, "v1", client=ecr)
    calls = _count_calls(ecr)
    push.push(layout, repository, "v2", client=ecr)
    assert calls["PutImage"] == 1, "the index under its new tag"


def test_a_tag_that_names_another_image_is_not_moved(
    layout: Layout, tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    foreign = ForeignLayout(tmp_path / "other")
    other = oci_layout.read(foreign.top(foreign.image()))
    push.push(other, repository, "v1", client=ecr)
    calls = _count_calls(ecr)
    with pytest.raises(PushError) as refusal:
        push.push(layout, repository, "v1", client=ecr)
    for part in ('"v1"', other.digest, layout.digest, "give it another tag"):
        assert part in str(refusal.value)
    assert set(calls) == {"BatchGetImage"}, "nothing is uploaded for a push that cannot end"
    assert _digest_of(ecr, repository, "v1") == other.digest
    assert push.push(layout, repository, "v2", client=ecr).digest == layout.digest, (
        "a free tag passes"
    )


@pytest.mark.parametrize("code", ["ImageTagAlreadyExistsException", "ImageAlreadyExistsException"])
def test_a_tag_taken_meanwhile_is_fine_with_the_same_image_and_an_error_with_another(
    layout: Layout, tmp_path: Path, repository: str, ecr: ECRClient, code: str
) -> None:
    foreign = ForeignLayout(tmp_path / "other")
    other = oci_layout.read(foreign.top(foreign.image()))
    racing: list[tuple[Layout, str]] = [(layout, "same"), (other, "other")]

    def overtake(**_: object) -> None:
        rival, tag = racing.pop(0)
        push.push(rival, repository, tag)
        raise ClientError({"Error": {"Code": code, "Message": "tag exists"}}, "PutImage")

    _on(ecr, "before-call", "PutImage", overtake)
    assert push.push(layout, repository, "same", client=ecr).digest == layout.digest
    with pytest.raises(PushError, match=f'"other" in .* names {other.digest} already'):
        push.push(layout, repository, "other", client=ecr)


def test_content_damaged_on_its_way_is_noticed(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    def damage(params: dict[str, Any], **_: object) -> None:
        params["layerPartBlob"] = b"!" + params["layerPartBlob"][1:]

    _on(ecr, "before-parameter-build", "UploadLayerPart", damage)
    with pytest.raises(PushError, match="was damaged on its way"):
        push.push(layout, repository, "v1", client=ecr)
    assert _digest_of(ecr, repository, "v1") is None, "no image may name damaged layers"


def test_a_layer_another_push_completed_first_is_taken_as_it_is(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    push.push(layout, repository, "theirs")

    def answer_too_early(**_: object) -> object:
        return _response({"layers": []})

    _on(ecr, "before-call", "BatchCheckLayerAvailability", answer_too_early)
    _failing(ecr, "CompleteLayerUpload", "LayerAlreadyExistsException")
    assert push.push(layout, repository, "ours", client=ecr).digest == layout.digest
    assert _digest_of(ecr, repository, "ours") == layout.digest


def test_an_image_for_another_processor_is_refused_before_anything_is_sent(
    tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    foreign = ForeignLayout(tmp_path / "amd64")
    layout = oci_layout.read(foreign.top(foreign.image("amd64")))
    calls = _count_calls(ecr)
    with pytest.raises(LayoutError, match="holds linux/amd64, AgentCore runs linux/arm64 only"):
        push.push(layout, repository, client=ecr)
    assert not calls
    twin = ForeignLayout(tmp_path / "arm64")
    push.push(oci_layout.read(twin.top(twin.image("arm64"))), repository, client=ecr)


def _sized(layout: Layout, size: int) -> Layout:
    image = layout.images[0]
    layer = dataclasses.replace(image.layers[0], size=size - image.config.size)
    return dataclasses.replace(layout, images=(dataclasses.replace(image, layers=(layer,)),))


def test_an_image_over_agentcores_limit_is_refused_with_the_figures(
    layout: Layout, repository: str, ecr: ECRClient
) -> None:
    calls = _count_calls(ecr)
    with pytest.raises(PushError, match=r"has 2\.50 GiB, AgentCore takes at most 2: use a slimmer"):
        push.push(_sized(layout, 5 * 1024**3 // 2), repository, client=ecr)
    assert not calls
    with pytest.raises(PushError, match="at most 2"):
        push.push(_sized(layout, 2 * 1024**3 + 1), repository, client=ecr)
    assert not calls
    with pytest.raises(LayoutError, match="became shorter"):
        push.push(_sized(layout, 2 * 1024**3), repository, client=ecr)
    assert calls["UploadLayerPart"], "at the limit it begins (and finds that the size was made up)"


def test_a_missing_repository_says_to_deploy_the_foundation(layout: Layout, aws: None) -> None:  # noqa: ARG001
    url = f"{REGISTRY}.dkr.ecr.us-east-1.amazonaws.com/agentcore-dev/nobody"
    with pytest.raises(PushError) as refusal:
        push.push(layout, url)
    for part in ("agentcore-dev/nobody", REGISTRY, "us-east-1", "deploy the foundation first"):
        assert part in str(refusal.value)


@pytest.mark.parametrize("tag", [".hidden", "-v1", "a b", "x" * 129, "v1:2"])
def test_a_tag_ecr_would_not_take_is_refused(layout: Layout, repository: str, tag: str) -> None:
    with pytest.raises(PushError, match=r"the tag .* is not one"):
        push.push(layout, repository, tag)


@pytest.mark.parametrize("tag", ["x" * 128, "_v", "1.2.3-rc.1"])
def test_the_edges_of_a_tag_are_taken(
    layout: Layout, repository: str, ecr: ECRClient, tag: str
) -> None:
    assert push.push(layout, repository, tag, client=ecr).tag == tag


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDeniedException", "the caller needs ecr:BatchGetImage"),
        ("AccessDenied", "the caller needs ecr:BatchGetImage"),
        ("ExpiredTokenException", "refuses the credentials"),
        ("InvalidClientTokenId", "refuses the credentials"),
        ("UnrecognizedClientException", "refuses the credentials"),
        ("KmsException", "ECR refuses BatchGetImage"),
    ],
)
def test_what_aws_refuses_is_explained_and_its_own_words_are_kept(
    layout: Layout, repository: str, ecr: ECRClient, code: str, said: str
) -> None:
    _failing(ecr, "BatchGetImage", code, "the words of AWS")
    with pytest.raises(PushError, match=said) as refusal:
        push.push(layout, repository, client=ecr)
    assert "the words of AWS" in str(refusal.value)


def test_throttling_is_waited_out(
    layout: Layout,
    repository: str,
    aws: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    client = push.ecr_client(REGION)
    refusals = [
        AWSResponse("", 400, HTTPHeaders(), _Raw(b'{"__type": "ThrottlingException"}'))
        for _ in range(3)
    ]

    def throttle(**_: object) -> AWSResponse | None:
        return refusals.pop() if refusals else None

    _on(client, "before-send", "UploadLayerPart", throttle)
    assert push.push(layout, repository, client=client).uploaded_bytes
    assert len(waits) == 3, "every refusal is followed by a pause"
    assert _arrived(repository) == _blobs(layout), "and nothing is sent twice"
