"""Reading layouts of other tools: what is accepted, what is left out, what is refused and how."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from images import oci_layout
from images.oci_layout import LayoutError
from tests.images.foreign_layout import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    INDEX,
    ForeignLayout,
    digest_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def foreign(tmp_path: Path) -> ForeignLayout:
    return ForeignLayout(tmp_path / "foreign")


def test_buildkits_single_platform_export_is_read(foreign: ForeignLayout) -> None:
    image = foreign.image()
    del image["platform"]  # BuildKit leaves it to the config here
    layout = oci_layout.read(foreign.top(image))
    assert layout.digest == image["digest"]
    assert str(layout.linux_arm64.platform) == "linux/arm64"
    assert len(layout.linux_arm64.layers) == 2, "base and files"


def test_attestations_are_left_out_of_an_index_in_an_index(foreign: ForeignLayout) -> None:
    image = foreign.image()
    layout = oci_layout.read(foreign.top(foreign.nested(image, foreign.attestation(image))))
    assert [one.manifest.digest for one in layout.images] == [image["digest"]]
    assert layout.index is None, "one image is pushed as it is, without the index around it"


def test_several_platforms_keep_the_index_they_came_with(foreign: ForeignLayout) -> None:
    index = foreign.nested(foreign.image("amd64"), foreign.image("arm64"))
    layout = oci_layout.read(foreign.top(index))
    assert layout.digest == index["digest"], "byte for byte as the builder made it"
    assert {str(image.platform) for image in layout.images} == {"linux/amd64", "linux/arm64"}


def test_several_platforms_with_attestations_get_an_index_of_the_images_alone(
    foreign: ForeignLayout,
) -> None:
    amd64, arm64 = foreign.image("amd64"), foreign.image("arm64")
    index = foreign.nested(amd64, arm64, foreign.attestation(arm64))
    layout = oci_layout.read(foreign.top(index))
    assert layout.index
    assert layout.digest == digest_of(layout.index.content) != index["digest"]
    entries = json.loads(layout.index.content)["manifests"]
    assert entries == [amd64, arm64], "the same children, with their platforms"


def test_platforms_listed_at_the_top_get_an_index(foreign: ForeignLayout) -> None:
    layout = oci_layout.read(foreign.top(foreign.image("amd64"), foreign.image("arm64")))
    assert layout.index
    assert layout.index.media_type == INDEX


def test_an_index_that_holds_only_some_of_the_images_is_not_taken_for_all(
    foreign: ForeignLayout,
) -> None:
    part = foreign.nested(foreign.image("amd64"), foreign.image("s390x"))
    layout = oci_layout.read(foreign.top(part, foreign.image("arm64")))
    assert layout.digest != part["digest"], "it would leave linux/arm64 without a name"
    assert len(layout.images) == 3


def test_dockers_media_types_are_read(foreign: ForeignLayout) -> None:
    images = (foreign.image("arm64", docker=True), foreign.image("amd64", docker=True))
    layout = oci_layout.read(foreign.top(foreign.nested(*images, media_type=DOCKER_LIST)))
    assert layout.top.media_type == DOCKER_LIST
    assert layout.linux_arm64.manifest.media_type == DOCKER_MANIFEST


def test_one_image_under_two_names_is_one_image(foreign: ForeignLayout) -> None:
    image = foreign.image()
    layout = oci_layout.read(foreign.top(image, {**image, "annotations": {"name": "other"}}))
    assert len(layout.images) == 1


def test_variant_8_is_64_bit_arm(foreign: ForeignLayout) -> None:
    layout = oci_layout.read(foreign.top(foreign.image(variant="v8")))
    assert str(layout.linux_arm64.platform) == "linux/arm64/v8"


@pytest.mark.parametrize("prefix", ["", "./"])
def test_a_tar_reads_like_its_folder(foreign: ForeignLayout, tmp_path: Path, prefix: str) -> None:
    folder = foreign.top(foreign.image())
    layout = oci_layout.read(foreign.as_tar(tmp_path / "layout.tar", prefix))
    assert layout.digest == oci_layout.read(folder).digest
    layer = layout.images[0].layers[0]
    assert gzip.decompress(b"".join(layer.chunks(3))) == b"base", "content is read from the tar"


def test_a_compressed_tar_is_refused(foreign: ForeignLayout, tmp_path: Path) -> None:
    foreign.top(foreign.image())
    tar = foreign.as_tar(tmp_path / "layout.tar")
    tar.write_bytes(gzip.compress(tar.read_bytes()))
    with pytest.raises(LayoutError, match="not an uncompressed tar"):
        oci_layout.read(tar)


def test_members_of_a_tar_that_are_no_files_are_not_followed(
    foreign: ForeignLayout, tmp_path: Path
) -> None:
    index = foreign.top(foreign.image()) / "index.json"
    elsewhere = tmp_path / "elsewhere.json"
    index.rename(elsewhere)
    index.symlink_to(elsewhere)
    with pytest.raises(LayoutError, match=r"in index\.json: no such file"):
        oci_layout.read(foreign.as_tar(tmp_path / "layout.tar"))


def test_an_image_for_another_processor_is_refused_with_what_was_found(
    foreign: ForeignLayout,
) -> None:
    layout = oci_layout.read(foreign.top(foreign.image("amd64")))
    with pytest.raises(LayoutError, match="holds linux/amd64, AgentCore runs linux/arm64 only"):
        _ = layout.linux_arm64


def _missing(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    foreign.file_of(digest_of(gzip.compress(b"base", mtime=1))).unlink()


def _damaged(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    file = foreign.file_of(digest_of(gzip.compress(b"base", mtime=1)))
    file.write_bytes(file.read_bytes()[:-1] + b"!")


def _shortened(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    file = foreign.file_of(digest_of(gzip.compress(b"base", mtime=1)))
    file.write_bytes(file.read_bytes()[:-1])


def _linked_out(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    file = foreign.file_of(digest_of(gzip.compress(b"base", mtime=1)))
    outside = foreign.folder.parent / "outside"
    file.rename(outside)
    file.symlink_to(outside)


def _piped(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    (foreign.folder / "index.json").unlink()
    os.mkfifo(foreign.folder / "index.json")


def _escaping_digest(foreign: ForeignLayout) -> None:
    foreign.top({**foreign.image(), "digest": "sha256:../../../etc/passwd"})


def _no_marker(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    (foreign.folder / "oci-layout").unlink()


def _other_version(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    (foreign.folder / "oci-layout").write_text('{"imageLayoutVersion": "2.0.0"}')


def _not_json(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    (foreign.folder / "index.json").write_text("{")


def _too_large(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image())
    (foreign.folder / "index.json").write_text(" " * (4 * 1024 * 1024 + 1))


def _empty(foreign: ForeignLayout) -> None:
    foreign.top()


def _attestation_only(foreign: ForeignLayout) -> None:
    foreign.top(foreign.attestation(foreign.image()))


def _two_for_one_platform(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image(), foreign.image(layers=(b"another",)))


def _listed_wrongly(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image("amd64", listed_as="arm64"))


def _chart(foreign: ForeignLayout) -> None:
    chart: dict[str, Any] = {
        "config": foreign.blob(b"{}", "application/vnd.cncf.helm.config.v1+json"),
        "layers": [],
    }
    foreign.top(foreign.document(chart, oci_layout.OCI_MANIFEST))


def _encrypted(foreign: ForeignLayout) -> None:
    layer = foreign.blob(b"?", "application/vnd.oci.image.layer.v1.tar+encrypted")
    config = foreign.blob(b"{}", oci_layout.OCI_CONFIG)
    foreign.top(foreign.document({"config": config, "layers": [layer]}, oci_layout.OCI_MANIFEST))


def _unknown_entry(foreign: ForeignLayout) -> None:
    foreign.top(foreign.blob(b"{}", "application/vnd.wasm"))


def _layers_uncounted(foreign: ForeignLayout) -> None:
    foreign.top(foreign.image(rootfs={"type": "layers", "diff_ids": []}))


def _deep(foreign: ForeignLayout) -> None:
    entry = foreign.image()
    for _ in range(4):
        entry = foreign.nested(entry)
    foreign.top(entry)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (_missing, "in blobs/sha256/.*: no such file"),
        (_damaged, "in blobs/sha256/.*: content with the digest sha256:"),
        (_shortened, "bytes, .* are announced"),
        (_linked_out, "in blobs/sha256/.*: no such file"),
        (_piped, "in index.json: no such file"),
        (_escaping_digest, "in index.json: manifests.0.digest: String should match pattern"),
        (_no_marker, "in oci-layout: no such file"),
        (_other_version, 'layout version "2.0.0", only 1.0.0 is known'),
        (_not_json, "in index.json: Invalid JSON"),
        (_too_large, "in index.json: 4194305 bytes"),
        (_empty, "in index.json: no image in it"),
        (_attestation_only, "in index.json: no image in it"),
        (_two_for_one_platform, "several images for linux/arm64, one is needed"),
        (_listed_wrongly, "an image for linux/amd64, listed as linux/arm64"),
        (_chart, 'config of media type "application/vnd.cncf.helm.*not a container image'),
        (_encrypted, 'a layer of unknown media type ".*encrypted"'),
        (_unknown_entry, 'media type "application/vnd.wasm", not an image'),
        (_layers_uncounted, "2 layers, but the config counts 0"),
        (_deep, "index in index more than 4 deep"),
    ],
)
def test_a_broken_layout_is_refused_with_file_finding_and_way_out(
    foreign: ForeignLayout, broken: Callable[[ForeignLayout], None], said: str
) -> None:
    broken(foreign)
    with pytest.raises(LayoutError, match=said) as refusal:
        oci_layout.read(foreign.folder)
    assert str(refusal.value).startswith(str(foreign.folder)), "it names the layout"
    assert "docker buildx build" in str(refusal.value), "it names the way out"


def test_three_indexes_deep_is_still_read(foreign: ForeignLayout) -> None:
    image = foreign.image()
    layout = oci_layout.read(foreign.top(foreign.nested(foreign.nested(foreign.nested(image)))))
    assert layout.digest == image["digest"]


def test_a_blob_linked_within_the_layout_is_read(foreign: ForeignLayout) -> None:
    folder = foreign.top(foreign.image())
    file = foreign.file_of(digest_of(gzip.compress(b"base", mtime=1)))
    file.rename(folder / "shared")
    file.symlink_to(folder / "shared")
    assert oci_layout.read(folder).images, "a link that stays inside is harmless"


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="nothing: no such layout"):
        oci_layout.read(tmp_path / "nothing")


def test_a_file_cut_short_while_it_is_read_is_noticed(foreign: ForeignLayout) -> None:
    layer = oci_layout.read(foreign.top(foreign.image())).images[0].layers[0]
    layer.file.write_bytes(b"")
    with pytest.raises(LayoutError, match="became shorter while it was read"):
        list(layer.chunks(4))
