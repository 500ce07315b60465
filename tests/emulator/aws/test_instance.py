import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.instance import LOCK_FILE, STATE_FILE, Instance, InstanceError
from tests.emulator.aws.cloud import Cloud

ROOT = Path(__file__).parents[3]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path / "instance")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance that the command started."""
    made = Instance(tmp_path_factory.mktemp("instance"))
    started = cli(made, "start")
    assert "It starts empty" in started.stdout, started.stderr
    yield made
    made.stop()


def cli(instance: Instance, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "emulator", *arguments, "--instance", str(instance.directory)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_second_start_says_it_is_already_running(running: Instance) -> None:
    before = running.status()
    assert "already running" in cli(running, "start").stdout
    assert running.status() == before, "it is the same process"


def test_status_and_logs_tell_where_it_runs(running: Instance) -> None:
    status = cli(running, "status")
    assert (status.returncode, "runs on http://127.0.0.1:" in status.stdout) == (0, True)
    assert "listens on http://127.0.0.1:" in cli(running, "logs").stdout


def test_faults_are_asked_for_listed_and_cleared_from_a_shell(running: Instance) -> None:
    wanted = ("lost", "--service", "iam", "--operation", "CreateRole", "--times", "2")
    asked = cli(running, "faults", "ask", *wanted)
    assert asked.returncode == 0, asked.stderr
    assert '"struck": 0' in asked.stdout
    refused = cli(running, "faults", "ask", "slow", "--service", "iam", "--operation", "CreateRol")
    assert refused.returncode == 1
    assert "seconds: Field required" in refused.stderr
    assert "did you mean CreateRole?" in refused.stderr
    listed = cli(running, "faults")
    assert listed.stdout == asked.stdout, "the refused one is not there"
    assert "has no faults" in cli(running, "faults", "clear").stdout


def test_the_printed_environment_points_a_shell_at_the_instance(running: Instance) -> None:
    script = """
        export AWS_PROFILE=mine AWS_SESSION_TOKEN=mine PULUMI_DEBUG_PROVIDERS=mine
        eval "$("$PYTHON" -m emulator env --instance "$INSTANCE" --account 222222222222 \
            --plugins pulumi)"
        echo "$AWS_ENDPOINT_URL" "$AWS_ACCESS_KEY_ID" "${AWS_PROFILE-unset}" \
            "${AWS_SESSION_TOKEN-unset}" "$AWS_CONFIG_FILE" "${PULUMI_DEBUG_PROVIDERS-unset}"
    """
    shown = subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHON": sys.executable,
            "INSTANCE": str(running.directory),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    status = running.status()
    assert status is not None
    expected = [status.url, "222222222222", "unset", "unset", "/dev/null", "unset"]
    assert shown.stdout.split() == expected


def test_two_starts_at_once_give_one_process_that_ends_without_a_zombie(
    instance: Instance,
) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = [
            attempt.result() for attempt in [pool.submit(instance.start) for _ in range(2)]
        ]
    assert (one.pid, one.port) == (other.pid, other.port)
    assert [one.started, other.started].count(True) == 1
    assert "is stopped" in cli(instance, "stop").stdout
    assert "not running" in cli(instance, "stop").stdout
    assert cli(instance, "status").returncode == 1
    assert not (instance.directory / STATE_FILE).exists()
    assert instance.stop() is False
    with pytest.raises(ProcessLookupError):
        os.kill(one.pid, 0)


def test_a_killed_process_is_noticed_and_its_state_is_gone(instance: Instance) -> None:
    first = instance.start()
    Cloud(first.url, "111111111111").repository()
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert (instance.directory / STATE_FILE).exists(), "SIGKILL leaves it behind"
    assert instance.status() is None
    second = instance.start()
    assert second.pid != first.pid
    assert second.started, "a restart is a clean start"
    assert second.instance != first.instance, "its AWS starts empty, so it is another one"
    answer = Cloud(second.url, "111111111111").ecr.describe_repositories()
    assert answer["repositories"] == []


def test_a_process_whose_folder_is_deleted_ends_itself(instance: Instance) -> None:
    running = instance.start()
    shutil.rmtree(instance.directory)
    deadline = time.monotonic() + 10
    ended = 0
    while not ended and time.monotonic() < deadline:
        ended, _ = os.waitpid(running.pid, os.WNOHANG)
        time.sleep(0.1)
    assert ended == running.pid, "nobody could stop it any more"


def test_a_pid_that_went_to_somebody_else_is_left_alone(instance: Instance) -> None:
    instance.directory.mkdir()
    stale = {"pid": os.getpid(), "port": 1, "instance": "x"}
    (instance.directory / STATE_FILE).write_text(json.dumps(stale))
    (instance.directory / LOCK_FILE).write_text(str(os.getpid()))
    assert instance.status() is None
    assert instance.stop() is False, "this very test would end otherwise"


def test_the_environment_needs_a_running_instance(instance: Instance) -> None:
    with pytest.raises(InstanceError, match="python -m emulator start"):
        instance.environment("111111111111", "us-east-1")


def test_an_account_that_is_no_account_id_is_refused(instance: Instance) -> None:
    refused = cli(instance, "env", "--account", "prod")
    assert refused.returncode == 2
    assert "12 digits" in refused.stderr
    assert "Traceback" not in refused.stderr
