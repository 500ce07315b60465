"""The CLI as a script that says what the real one says."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recovery.__main__ import main
from recovery.pulumi_cli import PulumiCli
from recovery.recovery_error import ProgramError, RecoveryError
from tests.stack_files import CHECKOUT

LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to "
    "end or delete the lock file with `pulumi cancel`."
)


@pytest.fixture
def says(tmp_path: Path) -> Callable[..., PulumiCli]:
    """A CLI that keeps its arguments and ends like this."""

    def make(stdout: str = "", *, stderr: str = "", code: int = 0) -> PulumiCli:
        script = tmp_path / "pulumi"
        (tmp_path / "stdout").write_text(stdout)
        (tmp_path / "stderr").write_text(stderr)
        script.write_text(
            "#!/bin/sh\n"
            f'echo "$@" > {tmp_path}/arguments\n'
            f"cat {tmp_path}/stdout; cat {tmp_path}/stderr >&2; exit {code}\n"
        )
        script.chmod(0o755)
        return PulumiCli(str(script), tmp_path, "dev", os.environ)

    return make


def test_it_works_on_the_stack_without_asking_anybody(
    says: Callable[..., PulumiCli], tmp_path: Path
) -> None:
    says().refresh(["urn:1", "urn:2"])
    arguments = (tmp_path / "arguments").read_text().split()
    assert "--non-interactive" in arguments, "a terminal would be asked about pending creates"
    assert arguments[-2:] == ["--stack", "dev"]
    assert [a for a in arguments if a.startswith("urn:")] == ["urn:1", "urn:2"]


def test_a_failed_preview_says_what_the_program_said(says: Callable[..., PulumiCli]) -> None:
    refused = "the config of stack dev is refused"
    diagnostics = [
        {"severity": "error", "message": f"{refused}\n"},
        {"severity": "info", "message": "installing"},
        {"severity": "error", "message": refused},
    ]
    cli = says(json.dumps({"diagnostics": diagnostics}), stderr="error: preview failed", code=1)
    with pytest.raises(ProgramError) as failed:
        cli.preview()
    assert str(failed.value) == refused, "once"


def test_a_preview_that_does_not_begin_says_why(says: Callable[..., PulumiCli]) -> None:
    cli = says(stderr="error: no stack named 'dev' found", code=255)
    with pytest.raises(ProgramError, match=r"^no stack named 'dev' found$"):
        cli.preview()


def test_a_locked_stack_has_a_way_out(says: Callable[..., PulumiCli]) -> None:
    with pytest.raises(RecoveryError, match="python -m recovery --stack dev --cancel-lock"):
        says(stderr=LOCKED, code=255).replace_state({})


def test_only_a_successful_up_is_a_deployment(says: Callable[..., PulumiCli]) -> None:
    history = [
        {"kind": kind, "result": result, "endTime": f"2026-11-2{day}T01:00:00.000Z"}
        for day, kind, result in (
            (4, "refresh", "succeeded"),
            (3, "update", "failed"),
            (2, "update", "succeeded"),
            (1, "update", "succeeded"),
        )
    ]
    assert says(json.dumps(history)).last_deployed() == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert says("[]").last_deployed() is None


def test_the_whole_history_is_read(says: Callable[..., PulumiCli], tmp_path: Path) -> None:
    says("[]").last_deployed()
    arguments = (tmp_path / "arguments").read_text()
    assert "--page-size 0" in arguments, "the CLI's default is the last ten entries"


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_dry_run_releases_no_lock(
    says: Callable[..., PulumiCli],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    dry_run: bool,
) -> None:
    says("[]", code=1)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    options = ["--stack", "dev", "--cancel-lock", *(["--dry-run"] if dry_run else [])]
    assert main(options) == 1
    arguments = (tmp_path / "arguments").read_text()
    assert ("cancel" in arguments) is not dry_run, arguments


def test_without_a_cli_there_is_one_message(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "recovery", "--stack", "dev"],
        cwd=CHECKOUT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no pulumi on PATH."), done.stderr
    assert len(done.stderr.splitlines()) == 1
