import errno
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml

from commands.__main__ import main
from engine.versions import MINIMUM_PULUMI, show
from tests.stack_files import CHECKOUT


def test_an_unknown_stack_is_one_line_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["preview", "--stack", "staging"]) == 1
    said = capsys.readouterr().err
    assert "Pulumi.staging.yaml is missing" in said
    assert "dev, prod" in said, "the way out"


def test_a_full_disk_is_one_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/x/.offline/lock")
    monkeypatch.setattr("commands.__main__.up", Mock(side_effect=full))
    assert main(["up"]) == 1
    assert capsys.readouterr().err == "error: /x/.offline/lock: No space left on device\n"


def test_a_machine_without_any_engine_gets_a_message(tmp_path: Path) -> None:
    """No pulumi, no Go, and no way to the official installer."""
    done = subprocess.run(
        [sys.executable, "-m", "commands", "up"],
        cwd=CHECKOUT,
        env={
            "PATH": str(tmp_path),
            "HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path),
            "AGENTCORE_ENGINE": "go",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("error:") == 1, "one message"
    assert "Go" in done.stderr, "what is missing"


def test_the_engine_that_is_installed_is_new_enough_for_the_project() -> None:
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text("utf-8"))
    assert project["requiredPulumiVersion"] == f">={show(MINIMUM_PULUMI)}"
