import json
from pathlib import Path

import pytest

from commands.__main__ import main
from commands.command_error import CommandError
from commands.deployer_permissions import deployer_permissions
from commands.staged_project import StagedProject, dump
from tests.stack_files import CHECKOUT, committed

PROJECT = StagedProject(CHECKOUT, CHECKOUT / ".offline")


def test_the_documents_of_a_stack_are_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer-permissions", "--stack", "prod"]) == 0
    documents = json.loads(capsys.readouterr().out)
    assert set(documents) == {"preview", "deploy", "deploy-network"}
    for name, document in documents.items():
        assert document["Version"] == "2012-10-17", name
    assert "222222222222" in json.dumps(documents), "of the stack's account"


def test_a_stack_without_a_network_needs_no_rights_to_make_one() -> None:
    assert set(json.loads(deployer_permissions(PROJECT, "dev"))) == {"preview", "deploy"}


def test_an_unknown_stack_and_a_wrong_config_are_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Known stacks: dev, prod"):
        deployer_permissions(PROJECT, "staging")
    (tmp_path / "Pulumi.yaml").write_text((CHECKOUT / "Pulumi.yaml").read_text("utf-8"), "utf-8")
    config = {**committed("dev"), "agentcore:region": "us-east1"}
    (tmp_path / "Pulumi.dev.yaml").write_text(dump({"config": config}), "utf-8")
    with pytest.raises(CommandError, match="us-east1"):
        deployer_permissions(StagedProject(tmp_path, tmp_path), "dev")
