import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from commands.command_error import CommandError
from commands.network_change import NetworkChange
from commands.staged_project import dump
from commands.up import _deploy  # pyright: ignore[reportPrivateUsage]
from commands.workspace import Stack, Workspace
from emulator.instance import Instance
from recovery.pulumi_cli import PulumiCli
from teardown.held_network import GROUP, SUBNET, VPC
from tests.stack_files import PROJECT, committed
from tests.teardown.conftest import FakeAws, Said, exported, interface, network, runtime, urn_of

HELD = [(SUBNET, "net-a"), (GROUP, "net-agents")]
DELETES = [{"op": "delete", "urn": urn_of(kind, name)} for kind, name in HELD]


class Deployed:
    """A stack in a checkout of its own; what is run on it is kept."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.checkout = folder / "checkout"
        (self.checkout / "infra").mkdir(parents=True)
        self.write("__main__.py", "")
        self.write("infra/stack.py", "")
        project = {"name": PROJECT, "runtime": {"options": {"virtualenv": ".venv"}}}
        self.write("Pulumi.yaml", dump(project))
        self.workspace = Workspace(
            lambda _: None, self.checkout, instance=Instance(folder / "emulator")
        )
        state = folder / "state"
        cloud = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
        self.stack = Stack("dev", PROJECT, self.workspace.folder, cloud, Path("pulumi"), state)
        self.stack.checkpoint.parent.mkdir(parents=True)
        self.holds(*network(), runtime())
        self.config = committed("dev")
        self.configure()
        self.plan = Mock(return_value=DELETES)
        monkeypatch.setattr(PulumiCli, "planned", self.plan)
        self.aws = FakeAws([interface()])
        monkeypatch.setattr(Stack, "client", self.client)
        self.runs: list[tuple[str, ...]] = []
        monkeypatch.setattr(Stack, "run", lambda _, *told: self.runs.append(told))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        self.said = Said()

    def client(self, service: str, region: str | None) -> Any:
        return self.aws.client(service, region)

    def write(self, name: str, text: str) -> None:
        (self.checkout / name).write_text(text, "utf-8")

    def holds(self, *records: Any) -> None:
        latest = exported(*records)["deployment"]
        self.stack.checkpoint.write_text(json.dumps({"checkpoint": {"latest": latest}}), "utf-8")

    def configure(self) -> None:
        self.write("Pulumi.dev.yaml", dump({"config": self.config}))
        self.workspace.project.stage()

    def change(self) -> NetworkChange:
        return NetworkChange(self.workspace, self.stack, self.said)

    def deploy(self) -> None:
        _deploy(self.workspace, self.stack, self.said)


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(tmp_path, monkeypatch)


UP = ("up", "--yes")


def test_an_up_leaves_out_what_is_held_and_says_when_it_goes(deployed: Deployed) -> None:
    deployed.deploy()
    excludes = ("--exclude", urn_of(GROUP, "net-agents"), "--exclude", urn_of(SUBNET, "net-a"))
    assert deployed.runs == [(*UP, *excludes)]
    assert "The old network (vpc-1, subnet-1, sg-1) stays until" in deployed.said.text
    assert "lets go of 1 network interface, up to 8 h" in deployed.said.text
    assert "make up STACK=dev then removes it" in deployed.said.text
    assert "protected" not in deployed.said.text

    deployed.aws = FakeAws([])
    deployed.holds(*network())
    deployed.deploy()
    assert deployed.runs[1:] == [UP], "the next up deletes what was left out"


def test_what_is_released_meanwhile_goes_in_the_same_up(deployed: Deployed) -> None:
    deployed.aws = FakeAws([interface()], [])
    deployed.deploy()
    assert [len(run) for run in deployed.runs] == [6, 2]
    assert deployed.said.text == "", "nothing stays"


def test_a_protected_vpc_is_named_with_the_command_that_releases_it(deployed: Deployed) -> None:
    vpc, *others = [*network(), runtime()]
    deployed.holds({**vpc, "protect": True}, *others)
    deployed.deploy()
    assert "vpc-1 is protected" in deployed.said.text
    assert f"state unprotect -s dev '{urn_of(VPC, 'net')}'" in deployed.said.text


def test_an_up_that_changes_nothing_of_the_network_asks_nobody(deployed: Deployed) -> None:
    deployed.plan.return_value = []
    deployed.deploy()
    deployed.plan.reset_mock()
    deployed.aws = FakeAws()  # has no answer
    deployed.deploy()
    deployed.config[f"{PROJECT}:agents"]["assistant"]["networkMode"] = "PUBLIC"
    deployed.config[f"{PROJECT}:agents"]["assistant"]["image"] = "1.4.2"
    deployed.configure()
    deployed.deploy()
    deployed.plan.assert_not_called()
    assert deployed.runs == [UP] * 3


def test_without_a_network_in_the_state_nobody_is_asked(deployed: Deployed) -> None:
    deployed.aws = FakeAws()
    for records in ((), (runtime(),)):
        deployed.holds(*records)
        deployed.change().held_deletes()
    deployed.plan.assert_not_called()


@pytest.mark.parametrize("file", ["__main__.py", "infra/stack.py", "Pulumi.dev.yaml"])
def test_a_change_of_program_or_config_is_planned(deployed: Deployed, file: str) -> None:
    deployed.plan.return_value = []
    deployed.deploy()
    deployed.plan.reset_mock()
    if file == "Pulumi.dev.yaml":
        deployed.config[f"{PROJECT}:network"] = {"cidr": "10.65.0.0/16"}
        deployed.configure()
    else:
        deployed.write(file, "# changed")
    deployed.deploy()
    deployed.plan.assert_called_once()


def test_an_up_that_fails_half_way_and_its_repair_are_planned(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the config is what it was, the network is not."""
    change = deployed.change()
    change.settled()
    before = deployed.config
    deployed.config = {**before, f"{PROJECT}:network": {"cidr": "10.65.0.0/16"}}
    deployed.configure()
    with monkeypatch.context() as failing:
        failing.setattr("commands.up._up", Mock(side_effect=CommandError("no")))
        with pytest.raises(CommandError):
            deployed.deploy()
    deployed.config = before
    deployed.configure()
    deployed.plan.reset_mock()
    assert deployed.change().held_deletes().urns
    deployed.plan.assert_called_once()
