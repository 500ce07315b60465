import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.command_error import CommandError
from commands.workspace import Workspace
from emulator.instance import Instance, foreign_variables, without_proxy
from tests.stack_files import CHECKOUT, PROJECT

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def workspace(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        (checkout / name).write_bytes((CHECKOUT / name).read_bytes())
    return Workspace(lambda _: None, checkout=checkout, plugins="pulumi", instance=instance)


@pytest.fixture
def lock(workspace: Workspace) -> Callable[[int], Path]:
    """Locks the stack as a CLI with this pid would."""

    def make(pid: int) -> Path:
        locks = workspace.stack("dev").state / ".pulumi/locks/organization" / PROJECT / "dev"
        locks.mkdir(parents=True, exist_ok=True)
        file = locks / "0b0a3d5e-0000-4000-8000-000000000000.json"
        holder: dict[str, Any] = {
            "pid": pid,
            "username": "somebody",
            "hostname": socket.gethostname(),
            "timestamp": "2026-01-01T00:00:00Z",
        }
        file.write_text(json.dumps(holder))
        return file

    return make


def test_the_lock_of_a_killed_cli_is_released(
    workspace: Workspace, lock: Callable[[int], Path]
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    file = lock(gone.pid)
    workspace.stack("dev")
    assert not file.exists(), "or every later command would fail on it"


def test_a_lock_that_a_killed_cli_left_half_written_is_released(
    workspace: Workspace, lock: Callable[[int], Path]
) -> None:
    file = lock(1)
    file.write_text("")
    workspace.stack("dev")
    assert not file.exists()


def test_a_lock_that_is_being_written_is_not_taken_for_a_killed_clis(
    workspace: Workspace, lock: Callable[[int], Path]
) -> None:
    file = lock(os.getpid())
    content = file.read_text()
    file.write_text("")
    writer = threading.Timer(0.2, file.write_text, [content])
    writer.start()
    with pytest.raises(CommandError, match=f"pid {os.getpid()}"):
        workspace.stack("dev")
    assert file.read_text() == content, "the CLI that writes it goes on without a lock otherwise"
    file.unlink()


def test_beside_a_dead_lock_a_living_one_stays(
    workspace: Workspace, lock: Callable[[int], Path]
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead = lock(gone.pid)
    alive = dead.with_name("f" * 8 + dead.name[8:])
    alive.write_text(dead.read_text().replace(str(gone.pid), str(os.getpid())))
    with pytest.raises(CommandError, match=f"pid {os.getpid()}"):
        workspace.stack("dev")
    assert alive.exists()
    alive.unlink()
    workspace.stack("dev")
    assert not dead.exists()


def test_the_lock_of_a_running_cli_is_respected(
    workspace: Workspace, lock: Callable[[int], Path]
) -> None:
    file = lock(os.getpid())
    with pytest.raises(CommandError, match=f"pid {os.getpid()}"):
        workspace.stack("dev")
    assert file.exists()
    file.unlink()


def test_a_damaged_state_has_two_ways_out(workspace: Workspace) -> None:
    checkpoint = workspace.stack("dev").checkpoint
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[:50])
    with pytest.raises(CommandError, match="json is damaged") as damaged:
        workspace.stack("dev")
    assert "dev.json.bak" in str(damaged.value)
    assert "python -m emulator stop" in str(damaged.value)
    checkpoint.write_bytes(whole)
    workspace.stack("dev")


def test_a_stack_that_nothing_was_deployed_in_has_neither_resources_nor_outputs(
    workspace: Workspace,
) -> None:
    stack = workspace.stack("dev")
    assert (stack.resources(), stack.outputs()) == ([], {}), "its checkpoint names none at all"
    checkpoint = json.loads(stack.checkpoint.read_bytes())
    root: dict[str, Any] = {"type": "pulumi:pulumi:Stack", "outputs": {"agents": {}}}
    checkpoint["checkpoint"]["latest"]["resources"] = [root, {"type": "aws:iam/role:Role"}]
    before = stack.checkpoint.read_bytes()
    stack.checkpoint.write_text(json.dumps(checkpoint))
    assert stack.outputs() == {"agents": {}}, "those of the stack, once there is something"
    assert stack.has_resources()
    stack.checkpoint.write_bytes(before)


def test_pulumis_own_plugins_are_pointed_at_the_offline_aws_and_ours_not_attached(
    workspace: Workspace,
) -> None:
    environment = workspace.stack("dev").environment
    assert environment["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert "PULUMI_DEBUG_PROVIDERS" not in environment
    assert "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" not in environment, "they are fetched"


def test_for_attached_providers_the_engine_fetches_no_plugins(workspace: Workspace) -> None:
    environment = workspace.instance.environment("111111111111", "us-east-1", "attached")
    assert environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"


def test_every_setting_of_the_aws_sdks_is_left_behind() -> None:
    shell = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL_ECR", "HOME", "PATH"]
    assert foreign_variables([*shell, "PULUMI_DEBUG_PROVIDERS", "PULUMI_HOME"]) == [
        "AWS_DEFAULT_PROFILE",
        "AWS_ENDPOINT_URL_ECR",
        "AWS_PROFILE",
        "PULUMI_DEBUG_PROVIDERS",
    ]


def test_a_proxy_of_the_shell_stays_out_and_its_exceptions_stay() -> None:
    added = without_proxy({"NO_PROXY": "corp.example"})
    assert added["NO_PROXY"] == "corp.example,127.0.0.1,localhost"
    assert added["no_proxy"] == "127.0.0.1,localhost"
    assert without_proxy(added) == {}, "said once"


def test_a_shell_full_of_aws_settings_reaches_the_offline_aws_all_the_same() -> None:
    hostile = {
        "AWS_PROFILE": "nobody",
        "AWS_MAX_ATTEMPTS": "abc",
        "AWS_DEFAULTS_MODE": "bogus",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    script = (
        "import os, boto3\n"
        "from commands.__main__ import _leave_surroundings\n"
        "from emulator.instance import foreign_variables\n"
        "_leave_surroundings(foreign_variables(os.environ))\n"
        "boto3.Session('1' * 12, 'x').client('sts', region_name='us-east-1')\n"
        "print(os.environ['NO_PROXY'])\n"
    )
    done = subprocess.run(
        [str(CHECKOUT / ".venv/bin/python"), "-c", script],
        cwd=CHECKOUT,
        env={**os.environ, **hostile},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "127.0.0.1" in done.stdout
