"""`python -m images`: one line out on success, one line of error with the way out otherwise."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from images import progress, push
from images.__main__ import main
from images.push import BlobProgress
from tests.images.foreign_layout import ForeignLayout

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

    from images.oci_layout import Layout

ROOT = Path(__file__).parents[2]


def _refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 1, "a failure is exit code 1"
    captured = capsys.readouterr()
    assert captured.out == "", "stdout is for the result alone"
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1, "one line"
    return captured.err


def test_build_and_push_as_processes_print_one_line_each(
    tmp_path: Path, repository: str, ecr: ECRClient
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "images", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
        )

    layout = str(tmp_path / "layout")
    built = run(
        *("build", "--source", "examples/assistant", "--output", layout),
        *("--command", "python -m assistant", "--path", "/app/assistant"),
        *("--working-directory", "/app"),
    )
    assert (built.returncode, built.stderr) == (0, "")
    pushed = run("push", "--layout", layout, "--repository-url", repository, "--tag", "v1")
    assert (pushed.returncode, pushed.stderr) == (0, ""), "no progress without a terminal"
    assert pushed.stdout == f"{repository}@{built.stdout}", "the reference pinned by digest"
    name = repository.partition("/")[2]
    found = ecr.batch_get_image(repositoryName=name, imageIds=[{"imageTag": "v1"}])
    assert found["images"][0].get("imageId", {}).get("imageDigest") == built.stdout.strip()


def test_the_options_of_build_reach_the_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "agent.py").touch()
    base = ["build", "--source", str(source), "--output", str(tmp_path / "layout")]
    digests: set[str] = set()
    for extra in ([], ["--port", "9000"], ["--env", "A=1"], ["--env", "A=1=2", "--env", "B="]):
        assert main([*base, "--command", "python agent.py", *extra]) == 0
        digests.add(capsys.readouterr().out)
    assert len(digests) == 4, "every option shows in the digest"


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--command", "python 'agent.py"], "--command: No closing quotation"),
        (["--command", ""], "the command is empty"),
        (["--command", "python", "--env", "NAME"], '--env "NAME": it takes NAME=VALUE'),
        (["--command", "python", "--port", "0"], "the port 0 is not in 1 to 65535"),
    ],
)
def test_a_wrong_option_of_build_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], said: str
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "agent.py").touch()
    options = ["--source", str(tmp_path / "source"), "--output", str(tmp_path / "layout")]
    assert said in _refusal(capsys, "build", *options, *extra)


def test_an_output_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "agent.py").touch()
    (tmp_path / "file").touch()
    options = ["--source", str(tmp_path / "source"), "--command", "python"]
    said = _refusal(capsys, "build", *options, "--output", str(tmp_path / "file" / "layout"))
    assert "no layout was written" in said


def test_a_broken_layout_is_one_line(
    tmp_path: Path, repository: str, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = ForeignLayout(tmp_path / "foreign")
    foreign.top(foreign.image())
    (foreign.folder / "index.json").write_text("{")
    said = _refusal(capsys, "push", "--layout", str(foreign.folder), "--repository-url", repository)
    assert "in index.json: Invalid JSON" in said


def test_a_url_that_is_none_is_one_line(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("push", "--layout", str(layout.path), "--repository-url", "somewhere/agent")
    assert '"somewhere/agent" is not the URL' in _refusal(capsys, *arguments)


def test_a_missing_repository_is_one_line(
    layout: Layout,
    aws: None,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/nobody"
    arguments = ("push", "--layout", str(layout.path), "--repository-url", url)
    assert "deploy the foundation first (make up)" in _refusal(capsys, *arguments)


def test_missing_credentials_are_one_line(
    layout: Layout,
    repository: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    arguments = ("push", "--layout", str(layout.path), "--repository-url", repository)
    assert "no AWS credentials to push with" in _refusal(capsys, *arguments)


def test_a_profile_that_is_not_there_is_one_line(
    layout: Layout,
    repository: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    arguments = ("push", "--layout", str(layout.path), "--repository-url", repository)
    assert "(nobody)" in _refusal(capsys, *arguments)


def test_an_endpoint_nobody_listens_on_is_one_line(
    layout: Layout,
    repository: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(push, "_ATTEMPTS", 1)  # the pauses between attempts are botocore's own
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, not listening: the connection is refused
        port = reserved.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        arguments = ("push", "--layout", str(layout.path), "--repository-url", repository)
        said = _refusal(capsys, *arguments)
    assert f"127.0.0.1:{port}" in said
    assert "the offline AWS is started by make up" in said


def test_an_interruption_ends_without_a_traceback(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("images.__main__.push", interrupt)
    code = main(["push", "--layout", str(layout.path), "--repository-url", "any"])
    assert (code, capsys.readouterr().err.count("\n")) == (130, 1)


def _shown(*, terminal: bool) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, width=100)
    with progress.shown_on(console) as show:
        show(BlobProgress("sha256:" + "a" * 64, 10, 0, already_there=True))
        show(BlobProgress("sha256:" + "b" * 64, 2048, 0))
        show(BlobProgress("sha256:" + "b" * 64, 2048, 2048))
    return screen.getvalue()


def test_progress_shows_each_layer_on_a_terminal_and_nothing_elsewhere() -> None:
    shown = _shown(terminal=True)
    for part in ("aaaaaaaaaaaa already there", "bbbbbbbbbbbb uploading", "2.0/2.0 KiB"):
        assert part in shown
    assert _shown(terminal=False) == "", "a log file is no place for moving bars"
