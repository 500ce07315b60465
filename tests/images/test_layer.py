"""The layer of a folder: the same bytes everywhere, and nothing in it that is not meant to be."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import socket
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from images.layer import Layer, LayerError, write_layer
from tests.images.foreign_layout import files_in

_NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=60,
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200)
_TREES = st.dictionaries(
    st.tuples(st.sampled_from(["", "a", "b/c"]), _NAMES).map(lambda pair: ("f" + pair[0], pair[1])),
    st.tuples(st.binary(max_size=200) | st.just(b"x" * 70_000), st.booleans()),
    min_size=1,
    max_size=6,
)
_Tree = dict[tuple[str, str], tuple[bytes, bool]]


def _write(
    folder: Path, *, path: str = "/app", exclude: tuple[str, ...] = ()
) -> tuple[Layer, bytes]:
    target = io.BytesIO()
    layer = write_layer(folder, target, path=PurePosixPath(path), exclude=exclude)
    return layer, target.getvalue()


def _plant(folder: Path, tree: _Tree, *, backwards: bool = False) -> None:
    for (parent, name), (content, executable) in sorted(tree.items(), reverse=backwards):
        (folder / parent).mkdir(parents=True, exist_ok=True)
        file = folder / parent / name
        file.write_bytes(content)
        # Different machines: another umask, another time.
        file.chmod(
            (0o700 if executable else 0o600) if backwards else (0o775 if executable else 0o664)
        )
        os.utime(file, (1, 1) if backwards else None)


@settings(max_examples=25, deadline=None)
@given(tree=_TREES)
def test_the_same_files_give_the_same_bytes_whenever_and_however_they_were_written(
    tree: _Tree,
) -> None:
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as there:
        _plant(Path(here), tree)
        _plant(Path(there), tree, backwards=True)
        assert _write(Path(here)) == _write(Path(there)), "order, times and umask must not show"


@settings(max_examples=25, deadline=None)
@given(tree=_TREES)
def test_a_layer_holds_each_file_with_its_content_and_only_its_executable_bit(tree: _Tree) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _plant(Path(folder), tree)
        layer, content = _write(Path(folder))
    raw = gzip.decompress(content)
    assert layer.digest == f"sha256:{hashlib.sha256(content).hexdigest()}", "of the gzip stream"
    assert layer.diff_id == f"sha256:{hashlib.sha256(raw).hexdigest()}", "of the tar in it"
    assert layer.size == len(content), "the size is that of the gzip stream"
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for (parent, name), (expected, executable) in tree.items():
            member = tar.getmember(f"app/{parent}/{name}")
            file = tar.extractfile(member)
            assert file, "a file stays a file"
            assert file.read() == expected, "the content arrives as it is"
            assert member.mode == (0o755 if executable else 0o644), "modes are reduced to two"
            assert (member.uid, member.gid, member.mtime) == (0, 0, 0), "no owner, no time"


def test_one_changed_byte_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("print(1)")
    before, _ = _write(tmp_path)
    (tmp_path / "agent.py").write_text("print(2)")
    assert _write(tmp_path)[0].digest != before.digest, "a digest that stays names two images"


def test_the_files_lie_under_the_given_path_with_its_parents_as_folders(tmp_path: Path) -> None:
    (tmp_path / "agent.py").touch()
    names = files_in(_write(tmp_path, path="/opt/agent")[1])
    assert list(names) == ["opt", "opt/agent", "opt/agent/agent.py"], "parents first, then files"
    assert names["opt"].isdir(), "a parent that is no folder could not be entered"


def test_excluded_names_are_left_out_at_every_depth(tmp_path: Path) -> None:
    (tmp_path / "agent.py").touch()
    without = _write(tmp_path)[0]
    for cache in (tmp_path / "__pycache__", tmp_path / "tools" / "__pycache__"):
        cache.mkdir(parents=True)
        (cache / "agent.pyc").touch()
    (tmp_path / "tools" / "tool.py").touch()
    names = files_in(_write(tmp_path, exclude=("__pycache__",))[1])
    assert list(names) == ["app", "app/agent.py", "app/tools", "app/tools/tool.py"]
    (tmp_path / "tools" / "tool.py").unlink()
    only_caches = _write(tmp_path, exclude=("__pycache__", "tools"))[0]
    assert only_caches == without, "what is excluded must not show in the digest"


def test_a_link_inside_the_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "agent.py").touch()
    (tmp_path / "main.py").symlink_to("agent.py")
    link = files_in(_write(tmp_path)[1])["app/main.py"]
    assert (link.issym(), link.linkname) == (True, "agent.py")


@pytest.mark.parametrize("target", ["../secret", "/etc/hostname", "nowhere", "loop"])
def test_a_link_that_means_something_else_elsewhere_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret").write_text("not shipped")
    source = tmp_path / "source"
    source.mkdir()
    (source / "agent.py").touch()
    (source / "loop").symlink_to(target)
    with pytest.raises(LayerError, match=r"loop: links to .*; ") as refusal:
        _write(source)
    assert target in str(refusal.value), "the message names where the link leads"


def test_a_link_to_an_absolute_path_inside_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agent.py").touch()
    (tmp_path / "main.py").symlink_to(tmp_path / "agent.py")
    with pytest.raises(LayerError, match="use a relative link"):
        _write(tmp_path)


def test_a_folder_that_is_itself_behind_a_link_can_be_shipped(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "agent.py").touch()
    (tmp_path / "source" / "main.py").symlink_to("agent.py")
    (tmp_path / "alias").symlink_to("source")
    assert _write(tmp_path / "alias") == _write(tmp_path / "source")


def test_special_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "agent.py").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LayerError, match=r"pipe: neither a file, a folder nor a link"):
        _write(tmp_path)
    (tmp_path / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
        with pytest.raises(LayerError, match=r"socket: neither"):
            _write(tmp_path)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "caf\udce9.py").touch()
    with pytest.raises(LayerError, match="the name is not UTF-8"):
        _write(tmp_path)
    (tmp_path / "caf\udce9.py").rename(tmp_path / "café.py")
    assert "app/café.py" in files_in(_write(tmp_path)[1]), "letters beyond ASCII are fine"


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LayerError, match="holds no files to ship"):
        _write(tmp_path)


def test_the_bytes_are_these_on_every_machine(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("print('hello')\n")
    digest = _write(tmp_path)[0].digest
    expected = "sha256:54f091048bbec96f3d2d5e9973935df76efd2791f80df918fc021d14aabc6f5a"
    assert digest == expected, "another Python or zlib must not change it"
