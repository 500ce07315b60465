"""What `make up` does after one that was killed, lost an answer or lost the offline AWS."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from rich.console import Console

from commands.command_error import CommandError, StackBusyError
from commands.down import down
from commands.recover import recover_interrupted, things_without_name
from commands.up import _push, _up  # pyright: ignore[reportPrivateUsage]
from commands.workspace import Stack, Workspace
from emulator.instance import Instance
from recovery.recover import Recovery
from recovery.recovery_error import ProgramError
from tests.integration.deployment import Deploy
from tests.stack_files import CHECKOUT, committed

RUNTIME = "aws-native:bedrockagentcore:Runtime"
ROLE = "aws:iam/role:Role"


class Said(Console):
    """A console that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(file=StringIO(), soft_wrap=True, markup=False, highlight=False)

    @property
    def text(self) -> str:
        assert isinstance(self.file, StringIO)
        return self.file.getvalue()


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it does not come to this"
        time.sleep(0.02)


@pytest.mark.engine
def test_what_a_killed_up_left_is_found_and_nothing_is_made_twice(deployment: Deploy) -> None:
    dev = deployment("dev", committed("dev"))
    dev.configure(dev.with_foreign_image(committed("dev")))
    service = {"service": "cloudcontrolapi", "operation": "CREATE"}
    dev.ask_fault(fault="slow", when="after", seconds=30, **service)
    killed = subprocess.Popen(
        dev.stack.command("up", "--yes", "--skip-preview"),
        env=dev.stack.variables,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    eventually(dev.runtimes)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    dev.clear_faults()

    said = Said()
    stack = dev.workspace.stack("dev")
    recover_interrupted(stack, said, ended_well=True)
    (runtime,) = dev.runtimes()
    assert dev.resource(RUNTIME)["id"] == runtime["agentRuntimeId"], said.text
    assert f"found as {runtime['agentRuntimeId']}, imported" in said.text
    again = dev.up("--expect-no-changes")
    assert again.exit_code == 0, f"the program sees no difference to its own: {again.text}"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    cloud = {
        "AWS_ACCESS_KEY_ID": "1" * 12,
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    return Stack("dev", "agentcore", tmp_path, cloud, tmp_path / "pulumi", tmp_path)


@pytest.fixture
def deployed(stack: Stack) -> Stack:
    """A stack with a state."""
    stack.checkpoint.parent.mkdir(parents=True)
    stack.checkpoint.write_text('{"checkpoint": {"latest": {"resources": []}}}')
    return stack


def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_stack: Stack, *_arguments: str) -> None:
        raise CommandError("", exit_code=255)

    monkeypatch.setattr(Stack, "run", fail)


def test_an_offline_aws_that_ended_in_the_middle_is_said(
    deployed: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failing(monkeypatch)
    monkeypatch.setattr("commands.up.push_image", Mock(side_effect=CommandError("no ECR")))
    workspace = Workspace(lambda _: None, tmp_path, instance=Instance(tmp_path / "emulator"))
    with pytest.raises(CommandError, match="the offline AWS ended while stack dev was deployed"):
        _push(workspace, deployed, "assistant", Said())
    with pytest.raises(CommandError) as ended:
        _up(workspace, deployed, Said())
    assert "the offline AWS ended while stack dev was deployed" in str(ended.value)
    assert "it starts empty, and everything is deployed anew" in str(ended.value), "the way out"


def test_a_program_that_is_refused_says_it_once(
    deployed: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_recovery: Recovery, *, thorough: bool) -> None:
        raise ProgramError("the config is refused") if thorough else AssertionError

    failing(monkeypatch)
    monkeypatch.setattr(Recovery, "run", refuse)
    said = Said()
    with pytest.raises(CommandError):
        _up(Mock(), deployed, said)
    assert said.text == "", "the engine has shown it"


def test_what_has_no_name_is_read_from_the_state_without_the_cli(deployed: Stack) -> None:
    assert things_without_name(deployed) == set()
    key = {
        "type": "aws:kms/key:Key",
        "id": "k",
        "inputs": {"tags": {"PulumiUrn": "urn"}},
    }
    role = {"type": "aws:iam/role:Role", "id": "r"}
    component = {"type": "agentcore:security:EncryptionKey"}
    state = {"checkpoint": {"latest": {"resources": [component, role, key]}}}
    deployed.checkpoint.write_text(json.dumps(state))
    assert things_without_name(deployed) == {"k"}


def test_a_stack_in_order_costs_no_command(
    deployed: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    said = Said()
    recover_interrupted(deployed, said, ended_well=True)
    assert said.text == ""


def test_of_two_commands_at_once_the_second_says_so(stack: Stack) -> None:
    with stack.changing():
        with pytest.raises(CommandError, match="at work on stack dev"), stack.changing():
            pass
        assert not stack.ended_well, "the first one goes on"
    with stack.changing() as ended_well:
        assert ended_well


def test_down_does_not_go_on_beside_another_command(stack: Stack) -> None:
    workspace = Mock()
    workspace.stack.return_value = stack
    with stack.changing(), pytest.raises(StackBusyError, match="at work on stack dev"):
        down(workspace, "dev", confirm="dev", console=Said())


def test_a_command_that_failed_is_remembered_until_one_succeeds(stack: Stack) -> None:
    with pytest.raises(CommandError), stack.changing():
        raise CommandError("no")
    with stack.changing() as ended_well:
        assert not ended_well
    with stack.changing() as ended_well:
        assert ended_well


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupted_cli_is_waited_for_however_often(
    stack: Stack, tmp_path: Path, times: int
) -> None:
    """Or it would still write the state while the next command reads it."""
    started, ended = tmp_path / "started", tmp_path / "ended"
    stack.pulumi.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, signal, sys, time\n"
        "taken = []\n"
        "signal.signal(signal.SIGINT, lambda *_: taken.append(1))\n"
        f"pathlib.Path({str(started)!r}).touch()\n"
        f"while len(taken) < {times}: time.sleep(0.01)\n"
        "time.sleep(0.2)\n"
        f"pathlib.Path({str(ended)!r}).touch()\n"
        "sys.exit(255)\n"
    )
    stack.pulumi.chmod(0o755)
    script = (
        "import signal, sys; from pathlib import Path; from commands.workspace import Stack\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "try: Stack('dev', 'agentcore', folder, {}, folder / 'pulumi', folder).run('up')\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    command = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, start_new_session=True)
    eventually(started.exists)
    for _ in range(times):
        os.killpg(command.pid, signal.SIGINT)
        time.sleep(0.1)
    assert command.wait(timeout=10) == 130
    assert ended.exists(), "the CLI was not left behind"
