import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from recovery.pulumi_cli import PulumiCli
from teardown import __main__ as command
from teardown.held_deletes import HeldDeletes, held_deletes
from teardown.held_network import GROUP, SUBNET, VPC
from tests.program.program_run import run_program
from tests.stack_files import DIGEST, PROJECT, committed
from tests.teardown.conftest import (
    FakeAws,
    exported,
    interface,
    network,
    runtime,
    state_of,
    urn_of,
)

OLD = [*network(), runtime()]


def steps(operation: str, *names: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"op": operation, "urn": urn_of(kind, name)} for kind, name in names]


EVERYTHING = [(VPC, "net"), (SUBNET, "net-a"), (GROUP, "net-agents")]


def test_deletes_of_what_is_held_are_left_out_with_all_it_stands_on() -> None:
    plan = steps("delete", *EVERYTHING)
    left = held_deletes(state_of(*OLD), FakeAws([interface()]).client, lambda: plan)
    assert left.urns == (urn_of(GROUP, "net-agents"), urn_of(SUBNET, "net-a"))
    assert left.arguments == ["--exclude", left.urns[0], "--exclude", left.urns[1]]
    assert urn_of(VPC, "net") in {record["urn"] for record in left.kept}, "it goes with them"
    assert left.protected == []


def test_a_protected_vpc_is_known_to_stay_so() -> None:
    vpc, *others = OLD
    state = state_of({**vpc, "protect": True}, *others)
    plan = steps("delete", *EVERYTHING)
    left = held_deletes(state, FakeAws([interface()]).client, lambda: plan)
    assert [record["id"] for record in left.protected] == ["vpc-1"]


@pytest.mark.parametrize("operation", ["same", "update", "create"])
def test_what_is_not_deleted_is_deployed_as_ever(operation: str) -> None:
    plan = steps(operation, *EVERYTHING)
    left = held_deletes(state_of(*OLD), FakeAws([interface()]).client, lambda: plan)
    assert left == HeldDeletes(), "an update of a held group has to go through"


def test_a_network_that_nobody_holds_costs_no_run_of_the_program() -> None:
    def plan() -> Iterable[dict[str, Any]]:
        raise AssertionError("asked for a preview")

    assert held_deletes(state_of(*network()), FakeAws([]).client, plan) == HeldDeletes()
    assert held_deletes(state_of(), FakeAws([]).client, plan) == HeldDeletes()


def test_the_agents_network_is_planned_before_ec2_shows_an_interface() -> None:
    plan = steps("delete", *EVERYTHING)
    assert held_deletes(state_of(*OLD), FakeAws([]).client, lambda: plan).urns


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ('{"steps": [{"op": "delete", "urn": "u"}], "diagnostics": []}', ["u"]),
        ('{"diagnostics": [{"severity": "error", "message": "refused"}]}', []),
        ("error: no stack", []),
    ],
)
def test_a_preview_that_fails_tells_as_far_as_it_got(
    monkeypatch: pytest.MonkeyPatch, printed: str, found: list[str]
) -> None:
    """The delete of something protected fails it, with all other steps told."""
    done = subprocess.CompletedProcess([], 255, printed, "")
    monkeypatch.setattr(subprocess, "run", Mock(return_value=done))
    assert [step["urn"] for step in PulumiCli("pulumi", Path(), "dev", {}).planned()] == found


def test_a_plain_pulumi_is_told_what_to_leave_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = Mock(return_value=steps("delete", *EVERYTHING))
    monkeypatch.setattr(PulumiCli, "export", Mock(return_value=exported(*OLD)))
    monkeypatch.setattr(PulumiCli, "planned", planned)
    monkeypatch.setattr(command, "_client", FakeAws([interface()]).client)
    assert command.main(["--stack", "dev", "--excludes"]) == 0
    captured = capsys.readouterr()
    assert captured.out == (
        f"--exclude '{urn_of(GROUP, 'net-agents')}' --exclude '{urn_of(SUBNET, 'net-a')}'\n"
    ), "for a shell to take over"
    assert "holds what this up would delete: vpc-1, subnet-1, sg-1" in captured.err

    planned.return_value = []
    assert command.main(["--stack", "dev", "--excludes"]) == 0
    assert capsys.readouterr().out == "\n", "nothing to leave out"


def test_an_agent_that_leaves_the_network_takes_no_more_than_its_endpoints_along() -> None:
    """The block stays, so no subnet and no group has to go, and nothing is waited for."""

    def urns(mode: str) -> set[str]:
        config = committed("dev")
        config[f"{PROJECT}:network"] = {"cidr": "10.64.0.0/16"}
        config[f"{PROJECT}:agents"]["assistant"] |= {"image": DIGEST, "networkMode": mode}
        return {one.urn for one in run_program("dev", config).resources}

    gone = urns("VPC") - urns("PUBLIC")
    assert gone, "endpoints of what the agent alone used"
    assert all("VpcEndpoints$aws:ec2/vpcEndpoint" in urn for urn in gone), gone
