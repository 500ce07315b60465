"""The README's quickstart, as written, in a folder that has nothing but the repository's files.

What ``make`` installs there first it has installed here, by the same rule, to run the tests: that
it does so is asserted, and the packages are not fetched a second time.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.engine.conftest import processes
from tests.stack_files import CHECKOUT

pytestmark = pytest.mark.engine


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a clone holds, with the changes of this working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / "clone"
    for name in filter(None, listed.stdout.split("\0")):
        source = CHECKOUT / name
        if source.exists():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return folder


INSTALLED = ".venv/.installed"


def install(folder: Path) -> None:
    """Make the virtual environment that ``make`` would, of packages that are installed here."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (packages,) = (folder / ".venv").glob("lib/python*/site-packages")
    (packages / "installed.pth").write_text(sysconfig.get_path("purelib"))
    (folder / INSTALLED).touch()


def shell(command: str, folder: Path, **environment: str) -> str:
    """Run a line of the README as a newcomer's shell would; return what it says."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "MAKEFLAGS")}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_the_readme_brings_a_newcomer_to_a_ready_runtime_and_back(clone: Path) -> None:
    readme = (clone / "README.md").read_text("utf-8")
    (up,) = re.findall(r"^(make up)\b", readme, re.MULTILINE)
    plain = re.search(
        r'```sh\n(eval "\$\(make -s env\)"\npulumi -C \.offline preview -s dev)', readme
    )
    assert plain, "the README shows the plain CLI"
    tracked = {file: file.read_bytes() for file in clone.glob("Pulumi*.yaml")}

    planned = shell(up, clone, MAKEFLAGS="--dry-run")
    installs = [planned.index(step) for step in ("-m venv", "pip sync", f"touch {INSTALLED}")]
    assert installs == sorted(installs)
    assert installs[-1] < planned.index("-m commands"), "what a command needs is installed first"
    install(clone)

    first = shell(up, clone)
    assert "has no image yet" in first, "the foundation comes first, and it is said why"
    (pushed,) = re.findall(
        r"^assistant: \S+/agentcore-dev/assistant@(sha256:\w{64})", first, re.MULTILINE
    )
    assert re.search(r"^assistant: READY version 1 https://", first, re.MULTILINE), first
    staged = (clone / ".offline" / "Pulumi.dev.yaml").read_text("utf-8")
    assert f"image: {pushed}" in staged, "pinned by digest"

    again = shell(up, clone)
    assert "unchanged" in again, again
    assert not re.search(r"\d (created|updated|replaced|deleted)", again), "nothing changes"

    preview = shell(plain[1], clone)
    assert "unchanged" in preview, preview

    down = shell("make down", clone)
    assert "is empty" in down, "the AWS API was asked what is left"
    for said in (first, again, preview, down):
        assert "warning" not in said.lower(), said
    left = [line for _, line in processes().values() if str(clone) in line]
    assert not left, "no process stays behind"
    assert {file: file.read_bytes() for file in clone.glob("Pulumi*.yaml")} == tracked
