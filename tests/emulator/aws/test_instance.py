import fcntl
import json
import logging
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

from emulator.aws.agentcore.store import WORKLOAD_IDENTITY
from emulator.bounded_log import BoundedLog
from emulator.instance import LOCK_FILE, STATE_FILE, Instance, InstanceError
from tests.emulator.aws.cloud import Cloud

ROOT = Path(__file__).parents[3]
IDENTITY = json.dumps({"Name": "assistant"})


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
    confused = cli(running, "faults", "list", "--service", "iam")
    assert (confused.returncode, "takes an account only" in confused.stderr) == (1, True)
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


def test_two_instances_side_by_side_know_nothing_of_each_other(
    running: Instance, tmp_path: Path
) -> None:
    slow = Instance(tmp_path, pause=3600)
    try:
        one, other = (Cloud(each.start().url, "111111111111") for each in (running, slow))
        waiting = other.control.create_resource(TypeName=WORKLOAD_IDENTITY, DesiredState=IDENTITY)
        assert one.create(json.loads(IDENTITY), WORKLOAD_IDENTITY) == "assistant"
        (request,) = other.control.list_resource_requests()["ResourceRequestStatusSummaries"]
        assert request.get("RequestToken") == waiting["ProgressEvent"].get("RequestToken")
        assert request.get("OperationStatus") == "IN_PROGRESS", "each has its own pace"
        before = running.status()
        assert slow.stop()
        assert running.status() == before, "to stop one is nothing to the other"
    finally:
        slow.stop()


def test_a_pace_that_is_no_number_is_refused(instance: Instance) -> None:
    refused = cli(instance, "start", "--pause", "soon")
    assert (refused.returncode, "invalid float value: 'soon'" in refused.stderr) == (2, True)


def test_the_log_is_bounded_and_keeps_the_newest_lines(instance: Instance) -> None:
    instance.directory.mkdir()
    log = BoundedLog(instance.log, limit=1000)
    for number in range(1000):
        log.emit(logging.makeLogRecord({"msg": f"line {number:03}"}))
        assert sum(file.stat().st_size for file in instance.directory.iterdir()) <= 2000
    log.close()
    lines = cli(instance, "logs").stdout.splitlines()
    newest = [f"line {number:03}" for number in range(1000)][-len(lines) :]
    assert lines == newest, "the newest lines, in their order, and no others"
    assert len(lines) > 100, "more than one file's worth"


def test_what_a_process_writes_beside_its_log_follows_it_to_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "emulator.log"
    stderr = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    elsewhere = os.open(tmp_path / "terminal", os.O_WRONLY | os.O_CREAT)
    log = BoundedLog(path, limit=20, followers=(stderr, elsewhere))
    log.emit(logging.makeLogRecord({"msg": "a full file is one line"}))
    log.emit(logging.makeLogRecord({"msg": "the next"}))
    os.write(stderr, b"Fatal Python error")
    log.close()
    os.close(stderr)
    os.close(elsewhere)
    assert path.read_text() == "the next\nFatal Python error"
    assert (tmp_path / "terminal").read_text() == "", "what is open elsewhere stays there"


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


def test_a_process_that_does_not_answer_has_a_way_out(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.instance._START_SECONDS", 0.2)
    instance.directory.mkdir()
    instance.log.write_text("the last line\n")
    with (instance.directory / LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4194305")
        lock.flush()
        with pytest.raises(InstanceError) as silent:
            instance.start()
    assert "does not answer. End its process 4194305" in str(silent.value)
    assert f"python -m emulator stop --instance {instance.directory}" in str(silent.value)
    assert str(silent.value).endswith("the last line")


def test_the_environment_needs_a_running_instance(instance: Instance) -> None:
    with pytest.raises(InstanceError, match="python -m emulator start"):
        instance.environment("111111111111", "us-east-1")


def test_an_account_that_is_no_account_id_is_refused(instance: Instance) -> None:
    refused = cli(instance, "env", "--account", "prod")
    assert refused.returncode == 2
    assert "12 digits" in refused.stderr
    assert "Traceback" not in refused.stderr
