"""Building a layout: what the image says, and that nothing of the user's is overwritten."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from images import oci_layout
from images.oci_layout import ImageSpec, LayoutError

SPEC = ImageSpec(command=("python", "-m", "assistant"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "agent.py").write_text("print('hello')\n")
    return folder


def _config(layout: oci_layout.Layout) -> dict[str, Any]:
    return json.loads(b"".join(layout.images[0].config.chunks(1 << 20)))


def test_the_image_is_for_linux_arm64_and_starts_as_the_spec_says(
    source: Path, tmp_path: Path
) -> None:
    spec = ImageSpec(
        command=("python",),
        arguments=("-m", "assistant"),
        path=PurePosixPath("/app/assistant"),
        working_directory=PurePosixPath("/app"),
        port=9000,
        environment={"B": "2", "A": "1"},
        user="65532:65532",
    )
    layout = oci_layout.build(source, tmp_path / "layout", spec)
    config = _config(layout)
    assert (config["os"], config["architecture"]) == ("linux", "arm64")
    assert config["config"] == {
        "Entrypoint": ["python"],
        "Cmd": ["-m", "assistant"],
        "WorkingDir": "/app",
        "ExposedPorts": {"9000/tcp": {}},
        "Env": ["A=1", "B=2"],
        "User": "65532:65532",
    }
    assert layout.linux_arm64 is layout.images[0], "AgentCore finds its platform"


def test_the_index_names_the_platform_and_the_manifest(source: Path, tmp_path: Path) -> None:
    layout = oci_layout.build(source, tmp_path / "layout", SPEC)
    index = json.loads((tmp_path / "layout" / "index.json").read_text())
    (entry,) = index["manifests"]
    assert entry["platform"] == {"os": "linux", "architecture": "arm64"}
    assert entry["digest"] == layout.digest, "one image needs no index in the repository"
    blobs = {file.name for file in (tmp_path / "layout" / "blobs" / "sha256").iterdir()}
    image = layout.images[0]
    named = {layout.digest, image.config.digest, *(layer.digest for layer in image.layers)}
    assert {f"sha256:{name}" for name in blobs} == named, "no blob too many, none missing"


def test_building_again_replaces_the_layout_and_keeps_the_digest(
    source: Path, tmp_path: Path
) -> None:
    first = oci_layout.build(source, tmp_path / "layout", SPEC)
    (tmp_path / "layout" / "stale").touch()
    again = oci_layout.build(source, tmp_path / "layout", SPEC)
    assert again.digest == first.digest
    assert not (tmp_path / "layout" / "stale").exists(), "the old layout goes as a whole"
    assert {entry.name for entry in tmp_path.iterdir()} == {"source", "layout"}, "no scratch stays"


@pytest.mark.parametrize(
    "other",
    [
        ImageSpec(command=("python", "-m", "other")),
        ImageSpec(command=SPEC.command, port=8081),
        ImageSpec(command=SPEC.command, environment={"A": "1"}),
        ImageSpec(command=SPEC.command, path=PurePosixPath("/srv")),
    ],
)
def test_another_spec_is_another_image(source: Path, tmp_path: Path, other: ImageSpec) -> None:
    one = oci_layout.build(source, tmp_path / "one", SPEC)
    two = oci_layout.build(source, tmp_path / "two", other)
    assert one.digest != two.digest


def test_caches_secrets_and_build_files_are_not_shipped(source: Path, tmp_path: Path) -> None:
    clean = oci_layout.build(source, tmp_path / "clean", SPEC)
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "agent.pyc").touch()
    (source / ".env").write_text("KEY=secret")
    (source / "Dockerfile").touch()
    assert oci_layout.build(source, tmp_path / "used", SPEC).digest == clean.digest


def test_a_folder_with_other_content_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()
    (output / "thesis.txt").write_text("the only copy")
    with pytest.raises(LayoutError, match="is there and no OCI layout"):
        oci_layout.build(source, output, SPEC)
    (output / "thesis.txt").unlink()
    assert oci_layout.build(source, output, SPEC), "an empty folder is taken"


@pytest.mark.parametrize("output", ["source", "source/layout", "."])
def test_an_output_that_overlaps_the_source_is_refused(
    source: Path, tmp_path: Path, output: str
) -> None:
    with pytest.raises(LayoutError, match="overlaps the source"):
        oci_layout.build(source, tmp_path / output, SPEC)
    assert (source / "agent.py").exists(), "the source is untouched"


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="nowhere: no such folder"):
        oci_layout.build(tmp_path / "nowhere", tmp_path / "layout", SPEC)


def test_a_refused_file_leaves_the_old_layout_in_place(source: Path, tmp_path: Path) -> None:
    before = oci_layout.build(source, tmp_path / "layout", SPEC)
    (source / "link").symlink_to("/etc/hostname")
    with pytest.raises(LayoutError, match="links to /etc/hostname"):
        oci_layout.build(source, tmp_path / "layout", SPEC)
    assert oci_layout.read(tmp_path / "layout") == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"command": ()}, "the command is empty"),
        ({"path": PurePosixPath("app")}, '"app" must be absolute'),
        ({"path": PurePosixPath("/")}, '"/" must be absolute and below /'),
        ({"path": PurePosixPath("/app/../etc")}, 'without ".."'),
        ({"working_directory": PurePosixPath("work")}, '"work" must be absolute'),
        ({"port": 0}, "port 0 is not in 1 to 65535"),
        ({"port": 65536}, "port 65536 is not in 1 to 65535"),
        ({"environment": {"MY-KEY": "1"}}, '"MY-KEY" is not letters'),
        ({"user": "agent"}, '"agent" is not of the form uid or uid:gid'),
    ],
)
def test_a_spec_no_container_could_start_with_is_refused(wrong: dict[str, Any], said: str) -> None:
    minimal: dict[str, Any] = {"command": ("python",)}
    with pytest.raises(LayoutError) as refusal:
        ImageSpec(**(minimal | wrong))
    assert said in str(refusal.value)


def test_the_edges_of_a_spec_are_accepted() -> None:
    ImageSpec(command=("a",), port=65535, user="0", environment={"_A1": ""})
    ImageSpec(command=("a",), port=1, working_directory=PurePosixPath("/srv"))


def test_all_that_is_wrong_with_a_spec_is_said_at_once() -> None:
    with pytest.raises(LayoutError) as refusal:
        ImageSpec(command=(), port=0, user="agent")
    assert str(refusal.value).count("; ") == 2, "three faults, three findings"
