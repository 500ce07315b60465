"""The language host, driven by the real CLI: programs, policy packs, and how they end."""

import importlib.metadata
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto import language_pb2_grpc

from engine import versions
from tests.engine.conftest import Hanging, Project, processes, wait_until

pytestmark = pytest.mark.engine

HERE = Path(__file__).parent


def described(name: str, virtualenv: str) -> str:
    options = (
        f"runtime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: {virtualenv}\n"
    )
    return f"name: {name}\n{options}"


@pytest.fixture(scope="module")
def project(pulumi: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    state = tmp_path_factory.mktemp("state")
    shutil.copy(HERE / "program" / "__main__.py", folder)
    # Relative, because that is what a project's file can carry from machine to machine.
    relative = os.path.relpath(sys.prefix, folder)
    (folder / "Pulumi.yaml").write_text(described("hosted", relative))
    project = Project(folder, pulumi, state)
    code, output = project.command("stack", "init", "dev")
    assert code == 0, output
    (folder / "Pulumi.dev.yaml").open("a").write("config:\n  hosted:greeting: good day\n")
    return project


def test_a_program_runs_with_its_python_its_config_and_no_delay(project: Project) -> None:
    started = time.monotonic()
    code, output = project.command("up", "--yes", "--skip-preview")
    took = time.monotonic() - started
    assert code == 0, output
    assert "said on standard output" in output, "what the program prints is shown"
    assert f'prefix      : "{sys.prefix}"' in output, "the virtual environment is honoured"
    assert 'greeting    : "good day"' in output, "the stack's config reaches the program"
    assert 'organization: "organization"' in output, "and so does the organization"
    assert "warning" not in output, "nothing is warned of"
    assert took < 8, "a host that outlives its work costs 10 s a command"


@pytest.mark.parametrize(
    ("ending", "told", "traceback"),
    [
        ("message", "error: told once\n", False),
        ("exception", "ValueError: no such wind\n", True),
        ("code", "program exited with non-zero exit code: 7\n", False),
        ("signal", "program was ended by signal 9 (killed)\n", False),
    ],
)
def test_a_failed_program_is_told_as_the_official_host_tells_it(
    project: Project, ending: str, told: str, *, traceback: bool
) -> None:
    code, output = project.command("preview", "--suppress-progress", ending=ending)
    _, diagnostics = output.split("Diagnostics:")
    assert code != 0, "the command fails"
    assert diagnostics.count(told) == 1, f"the reason is told, once: {output}"
    assert ("Traceback (most recent call last)" in diagnostics) == traceback, output
    if traceback:
        assert "error: Program failed with an unhandled exception:" in diagnostics
        assert "pulumi-language-python-exec" not in diagnostics, "only the user's own frames"


def test_a_virtual_environment_that_is_none_is_named(project: Project, tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "file").touch()
    other = tmp_path / "other"
    shutil.copytree(project.folder, other)
    (other / "Pulumi.yaml").write_text(described("hosted", str(occupied)))
    code, output = Project(other, project.pulumi, project.state).command("preview", "-s", "dev")
    assert code != 0, "there is nothing to run the program with"
    assert str(occupied) in output, "the message names the folder"
    assert "Traceback" not in output


def test_ctrl_c_ends_the_program_at_once(hanging: Hanging) -> None:
    started = time.monotonic()
    hanging.cli.send_signal(signal.SIGINT)
    hanging.cli.wait(timeout=10)
    took = time.monotonic() - started
    output = hanging.output.read_text()
    assert took < 3, "Ctrl-C is answered at once"
    assert wait_until(hanging.is_gone, 1), "and nothing is left running"
    assert "preview canceled" in output, "the CLI says so"
    assert "Traceback" not in output, "and Python says nothing"


@pytest.mark.parametrize("victim", ["cli", "host"])
def test_the_program_does_not_outlive_what_started_it(hanging: Hanging, victim: str) -> None:
    os.kill(hanging.cli.pid if victim == "cli" else hanging.host, signal.SIGKILL)
    assert wait_until(hanging.is_gone, 5), "neither host nor program is left"
    assert hanging.cli.wait(timeout=10) != 0, "and the command has failed"


def test_a_policy_pack_runs_in_its_folder_and_knows_the_stack(
    project: Project, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(HERE / "policy_pack", pack)
    relative = os.path.relpath(sys.prefix, pack)
    (pack / "PulumiPolicy.yaml").write_text(described("pack", relative))
    code, output = project.command("preview", "--policy-pack", str(pack))
    assert code != 0, "a mandatory violation fails the preview"
    known = f'judged dev {{"hosted:greeting":"good day"}} true in {pack.resolve()}'
    assert known in output, "the pack knows stack, config and dry run, and runs in its folder"
    assert "said by the pack" in output, "what it writes is shown"


def test_a_policy_pack_that_does_not_start_fails_the_command(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "PulumiPolicy.yaml").write_text(described("pack", sys.prefix))
    (tmp_path / "__main__.py").write_text("raise ImportError('no such rule')")
    code, output = project.command("preview", "--policy-pack", str(tmp_path))
    assert code != 0, "nothing is deployed unjudged"
    assert "policy pack not started" in output, "and it is said"
    assert "no such rule" in output, "with what the pack wrote"


@pytest.fixture
def host(pulumi: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A language host without a CLI, and the port it serves on."""
    process = subprocess.Popen(
        [pulumi.with_name("pulumi-language-python")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process, int(process.stdout.readline())
    process.kill()
    process.communicate()


def test_what_writes_python_code_is_refused_with_the_way_out(
    host: tuple[subprocess.Popen[str], int],
) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{host[1]}") as channel:
        client: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        version = client.GetPluginInfo(empty_pb2.Empty()).version
        assert version == f"v{versions.show(versions.pinned_pulumi())}", "the host is the CLI's"
        with pytest.raises(grpc.RpcError) as refusal:
            client.GenerateProgram(messages.GenerateProgramRequest())
    assert refusal.value.code() == grpc.StatusCode.UNIMPLEMENTED, "as the CLI expects it"
    assert "official Pulumi installation" in str(refusal.value.details()), "with the way out"


def test_about_names_the_projects_python(
    host: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{host[1]}") as channel:
        client: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        about = client.About(messages.AboutRequest(info=program_in(tmp_path)))
    assert about.executable == f"{sys.prefix}/bin/python", "not the one on PATH"
    assert about.version == platform.python_version()
    toolchain = importlib.metadata.version("pip")
    assert dict(about.metadata)["toolchainVersion"] == toolchain, "and its toolchain"


def test_a_plugin_is_streamed_to_its_exit_code(
    host: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").write_text("import sys; print(sys.argv[1]); sys.exit(5)")
    with grpc.insecure_channel(f"127.0.0.1:{host[1]}") as channel:
        answers = list(run_plugin(channel, tmp_path, "an argument"))
    assert b"".join(answer.stdout for answer in answers) == b"an argument\n", "its output"
    assert answers[-1].exitcode == 5, "and last its exit code"


def test_a_cancelled_deployment_lets_a_provider_finish(
    host: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    )
    with grpc.insecure_channel(f"127.0.0.1:{host[1]}") as channel:
        answers = run_plugin(channel, tmp_path)
        pid = int(next(answers).stdout)
        client: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        client.Cancel(empty_pb2.Empty())
        time.sleep(0.3)
        assert pid in processes(), "what it is creating would be lost"
        host[0].send_signal(signal.SIGTERM)
        assert wait_until(lambda: pid not in processes(), 2), "it ends with the host"


def program_in(folder: Path) -> messages.ProgramInfo:
    info = messages.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point="."
    )
    info.options.update({"virtualenv": sys.prefix})
    return info


def run_plugin(channel: grpc.Channel, folder: Path, *arguments: str) -> Any:
    client: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
    request = messages.RunPluginRequest(
        info=program_in(folder), kind="resource", pwd=str(folder), args=arguments
    )
    return client.RunPlugin(request)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, None])
def test_an_idle_host_ends_at_once(
    host: tuple[subprocess.Popen[str], int], end: signal.Signals | None
) -> None:
    process, _ = host
    if end is None:
        assert process.stdin is not None
        process.stdin.close()  # as it is when the CLI is gone
        process.stdin = None
    else:
        process.send_signal(end)
    process.wait(timeout=1)
    assert process.returncode == (-signal.SIGKILL if end is None else 0), "within a second"
