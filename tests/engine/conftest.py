"""A machine that can be given a Pulumi and a Go, and the engine this machine really has."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine import install

REPOSITORY = Path(install.__file__).resolve().parents[1]


# `python -m engine`, also where the tests are a background job: there SIGINT is ignored, which is
# inherited. Not by preexec_fn: it makes gRPC in this process write into the child's stderr.
_ENGINE = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("engine", run_name="__main__", alter_sys=True)
"""


@dataclass
class Machine:
    """An empty home, an empty PATH, and no network but the loopback interface."""

    home: Path
    binaries: Path
    extra: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def cache(self) -> Path:
        return self.home / ".cache" / "agentcore-pulumi" / "engine"

    @property
    def builds(self) -> int:
        """How often Go was asked to build."""
        log = self.home / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": str(self.binaries),
            "PYTHONPATH": str(REPOSITORY),
            # Nothing listens on the discard port: whatever is not on this machine is out of reach.
            "https_proxy": "http://127.0.0.1:9",
            **self.extra,
        }

    def has(self, name: str, script: str) -> Path:
        """Put an executable on PATH."""
        binary = self.binaries / name
        binary.write_text(f"#!/bin/sh\n{script}\n")
        binary.chmod(0o755)
        return binary

    def has_pulumi(self, version: str) -> Path:
        self.has("pulumi-language-python", "exit 1")
        return self.has("pulumi", f"echo {version}")

    def has_go(self, version: str = "go1.26.0", toolchain: str = "local", build: str = "") -> Path:
        """Put a Go on PATH whose builds take no time, unless `build` is a script that does more."""
        sdk = self.home / "sdk" / "python" / "cmd"
        sdk.mkdir(parents=True, exist_ok=True)
        (sdk / "pulumi-language-python-exec").write_text("official script")
        told = f'{{"GOVERSION":"{version}","GOTOOLCHAIN":"{toolchain}","GOOS":"x","GOARCH":"y"}}'
        return self.has(
            "go",
            f"""
            PATH=/usr/bin:/bin
            case "$1" in
            env) echo '{told}' ;;
            list) echo {self.home}/sdk ;;
            build)
                echo build >>{self.home}/builds
                while [ "$1" != -o ]; do shift; done
                {build}
                for binary in pulumi pulumi-language-python; do
                    printf '#!/bin/sh\\necho v3.259.0\\n' >"$2$binary"
                    chmod +x "$2$binary"
                done
                ;;
            esac
            """,
        )

    def start(self) -> subprocess.Popen[str]:
        """Run `python -m engine`, from a folder that is not the repository's."""
        return subprocess.Popen(
            [sys.executable, "-c", _ENGINE],
            cwd=self.home,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self) -> tuple[int, str, str]:
        """Run `python -m engine` to its end: exit code, standard output, standard error."""
        process = self.start()
        stdout, stderr = process.communicate(timeout=30)
        return process.returncode, stdout, stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    home, binaries = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    binaries.mkdir()
    return Machine(home, binaries)


@pytest.fixture
def here(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine this very process finds itself on."""
    for name in ("XDG_CACHE_HOME", install.CHOICE, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    return machine


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every process that is not just waiting to be reaped."""
    listing = subprocess.run(
        ["/bin/ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
    return {int(row[0]): (int(row[1]), row[3]) for row in rows if not row[2].startswith("Z")}


@pytest.fixture(scope="session")
def pulumi() -> Path:
    """The engine of this machine, installed if it is not."""
    return install.ensure(print)


@dataclass
class Project:
    """A Python project with a stack on a file backend."""

    folder: Path
    pulumi: Path
    state: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def command(self, *arguments: str, ending: str = "") -> tuple[int, str]:
        """Run a `pulumi` command to its end: exit code, and all it wrote."""
        done = subprocess.run(
            [self.pulumi, "-C", self.folder, "--non-interactive", "--color=never", *arguments],
            env={**self.environment, "ENDING": ending},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout

    def hang(self) -> "Hanging":
        """Start a preview and wait until its program hangs."""
        sign = self.folder / "hanging"
        sign.unlink(missing_ok=True)
        output = (self.folder / "output").open("w+")
        cli = subprocess.Popen(
            [self.pulumi, "-C", self.folder, "--non-interactive", "--color=never", "preview"],
            env={**self.environment, "ENDING": "hang"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        assert wait_until(sign.exists, 15), "the program has to start"
        table = processes()
        host = next(pid for pid, (parent, _) in table.items() if parent == cli.pid)
        program = next(pid for pid, (parent, _) in table.items() if parent == host)
        assert "pulumi-language-python-exec" in table[program][1], "the official script runs it"
        return Hanging(cli, host, program, self.folder / "output")


@dataclass
class Hanging:
    """A preview whose program hangs."""

    cli: subprocess.Popen[bytes]
    host: int
    program: int
    output: Path

    def is_gone(self) -> bool:
        """Whether neither language host nor program run any more."""
        return not {self.host, self.program} & processes().keys()

    def end(self) -> None:
        for pid in (self.program, self.host, self.cli.pid):
            if pid in processes():
                os.kill(pid, signal.SIGKILL)
        self.cli.wait()


@pytest.fixture
def hanging(project: Project) -> Iterator[Hanging]:
    preview = project.hang()
    yield preview
    preview.end()
