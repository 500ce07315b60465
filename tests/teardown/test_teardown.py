import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.stack_state import Record
from teardown.held_network import GROUP, SUBNET, VPC, Holding
from teardown.teardown import Outcome, Teardown
from teardown.teardown_error import TeardownError
from teardown.waiting import wait_until_released
from tests.teardown.conftest import (
    FakeAws,
    FakePulumi,
    Said,
    exported,
    interface,
    network,
    record,
    runtime,
)

MakeTeardown = Callable[[FakePulumi, FakeAws], Teardown]

ALL = [*network(), runtime()]
HELD = [one for one in network() if one["type"] in (VPC, SUBNET, GROUP)]
FIRST = "destroy --skip-preview --suppress-outputs --exclude net-agents --exclude net-a"
REST = "destroy --skip-preview"


def vpc_stack(resources: list[Record] = ALL) -> FakePulumi:
    return FakePulumi(exported(*resources), left=HELD)


def test_the_agents_go_first_then_what_they_held_when_it_is_released(
    make_teardown: MakeTeardown, said: Said
) -> None:
    cli = vpc_stack()
    aws = FakeAws([interface()], [interface()], [interface()], [])
    assert make_teardown(cli, aws).run(confirm="", wait=True) is Outcome.GONE
    assert cli.done == [FIRST, REST]
    assert said.text.count("AgentCore holds 1 network interface,") == 1, "told once, not each look"
    assert "up to 8 h" in said.text
    assert "Ctrl-C is safe, make down STACK=dev goes on" in said.text


def test_what_is_released_at_once_is_not_waited_for(
    make_teardown: MakeTeardown, said: Said
) -> None:
    cli = vpc_stack()
    assert make_teardown(cli, FakeAws([])).run(confirm="", wait=True) is Outcome.GONE
    assert cli.done == [FIRST, REST], "EC2 shows no interface, but an agent stands in the subnet"
    assert said.text == ""


@pytest.mark.parametrize("resources", [network(), [record("aws:iam/role:Role", "r", "r")], []])
def test_a_stack_of_which_nothing_is_held_goes_at_once(
    make_teardown: MakeTeardown, resources: list[Record]
) -> None:
    cli = vpc_stack(resources)
    assert make_teardown(cli, FakeAws([])).run(confirm="", wait=True) is Outcome.GONE
    assert cli.done == [REST]


def test_a_teardown_goes_on_where_it_ended(make_teardown: MakeTeardown) -> None:
    cli = vpc_stack(HELD)
    aws = FakeAws([interface()], [interface()], [])
    assert make_teardown(cli, aws).run(confirm="", wait=True) is Outcome.GONE
    assert cli.done == [REST], "all but what is held is gone already"


def test_who_does_not_wait_is_told_what_stays(make_teardown: MakeTeardown, said: Said) -> None:
    cli = vpc_stack()
    aws = FakeAws([interface()])
    assert make_teardown(cli, aws).run(confirm="", wait=False) is Outcome.HELD
    assert cli.done == [FIRST]
    assert "everything of stack dev but vpc-1, subnet-1, sg-1" in said.text
    assert "1 network interface (eni-subnet-1)" in said.text
    assert "make down STACK=dev goes on where this ended" in said.text


def test_a_wait_can_be_interrupted(
    make_teardown: MakeTeardown, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ctrl_c(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", ctrl_c)
    cli = vpc_stack()
    aws = FakeAws([interface()])
    assert make_teardown(cli, aws).run(confirm="", wait=True) is Outcome.INTERRUPTED
    assert cli.done == [FIRST]
    assert "but vpc-1, subnet-1, sg-1" in said.text, "what is still held"
    assert "make down STACK=dev goes on where this ended" in said.text


REPOSITORY = record(
    "aws:ecr/repository:Repository", "desk", "desk", protect=True, outputs={"name": "desk"}
)


def test_what_is_protected_needs_the_word(make_teardown: MakeTeardown, said: Said) -> None:
    vpc, *others = ALL
    cli = vpc_stack([REPOSITORY, {**vpc, "protect": True}, *others])
    aws = FakeAws([])
    for word in ("", "yes", "prod"):
        with pytest.raises(TeardownError, match="protects Repository desk, Vpc net") as refused:
            make_teardown(cli, aws).run(confirm=word, wait=True)
        assert "make down STACK=dev CONFIRM=dev" in str(refused.value), "the way out"
    assert (cli.done, aws.deleted) == ([], []), "nothing is touched"

    make_teardown(cli, aws).run(confirm="dev", wait=True)
    assert cli.done == ["state unprotect --all", FIRST, REST]
    assert aws.deleted == ["desk"], "or its images would keep the repository"
    assert "Releasing Repository desk, Vpc net" in said.text


def held(*interfaces: str) -> Holding:
    return Holding(interfaces)


def waited(answers: list[Any], said: Said, since: datetime) -> Holding:
    looks = iter(answers)
    return wait_until_released(
        next(looks),
        lambda: next(looks),
        since=since,
        again="make down STACK=dev",
        console=said,
        poll_seconds=0,
    )


def test_a_line_is_written_when_the_number_changes(said: Said) -> None:
    since = datetime.now(UTC) - timedelta(minutes=65)
    two, one = held("eni-1", "eni-2"), held("eni-1")
    assert waited([two, two, one, one, held()], said, since) == held()
    first, second = said.text.splitlines()
    assert "2 network interfaces, 1 h 5 min after" in first
    assert f"({since.astimezone():%H:%M})" in first
    assert "1 network interface, 1 h 5 min after" in second


def test_every_ten_minutes_a_sign_of_life(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100_000, 300))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    waited([held("eni-1")] * 7 + [held()], said, datetime.now(UTC))
    assert 2 <= len(said.text.splitlines()) < 7, said.text


def test_a_terminal_gets_one_line() -> None:
    terminal = Said(terminal=True)
    waited([held("eni-1"), held("eni-1"), held()], terminal, datetime.now(UTC))
    assert terminal.text.count("\n") == 1, "kept up to date in place"
    assert terminal.text.endswith("\x1b[2K"), "and taken away at the end"


def test_more_than_eight_hours_are_no_longer_promised(said: Said) -> None:
    waited([held("eni-1"), held()], said, datetime.now(UTC) - timedelta(hours=9))
    assert "may take up to" not in said.text
    assert "longer than the 8 h that AWS names" in said.text
