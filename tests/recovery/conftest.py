"""An account of the offline AWS, in process, and the CLI as recorded states let it answer."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from recovery.pulumi_cli import PulumiCli
from recovery.recover import Aws, Recovery
from recovery.recovery_error import ProgramError
from recovery.stack_state import Record
from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.conftest import aws_url, cloud, ready

__all__ = ["aws_url", "cloud", "ready"]

_RECORDED: Final = Path(__file__).parent / "recorded" / "killed_in_create.json"
TAGS: Final = {"Project": "agentcore", "Environment": "dev"}


@dataclass(frozen=True)
class RecordedCli(PulumiCli):
    """Answers what it was given, and keeps what it was told to do."""

    state: dict[str, Any]
    steps: list[dict[str, Any]]
    refused: str = ""
    deployed: datetime | None = None
    done: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])

    def export(self) -> dict[str, Any]:
        return copy.deepcopy(self.state)

    def replace_state(self, exported: Any) -> None:
        self.done.append(("replace_state", exported))

    def refresh(self, urns: Any) -> None:
        self.done.append(("refresh", urns))

    def preview(self) -> dict[str, Any]:
        if self.refused:
            raise ProgramError(self.refused)
        return {"steps": self.steps}

    def last_deployed(self) -> datetime | None:
        return self.deployed


@dataclass(frozen=True)
class Stack:
    """A stack's state and plan, and what a recovery of it did."""

    cli: RecordedCli
    recovery: Recovery
    said: list[str]

    @property
    def resources(self) -> list[Record]:
        return self.cli.state["deployment"]["resources"]

    @property
    def operations(self) -> list[dict[str, Any]]:
        return self.cli.state["deployment"]["pending_operations"]

    def record(self, word: str) -> Record:
        (found,) = [record for record in self.resources if record["type"].endswith(f":{word}")]
        return found

    def lose(self, word: str, *, operation: str = "create") -> Record:
        """Let a resource be planned that the state lacks."""
        record = self.record(word)
        self.resources.remove(record)
        self.cli.steps.append({"op": operation, "urn": record["urn"], "newState": record})
        return record

    @property
    def written(self) -> list[Record]:
        """The resources of the state that was written."""
        (exported,) = [what for done, what in self.cli.done if done == "replace_state"]
        assert "pending_operations" not in exported["deployment"]
        return exported["deployment"]["resources"]

    @property
    def refreshed(self) -> list[str]:
        (urns,) = [what for done, what in self.cli.done if done == "refresh"]
        return urns


def _of_account(document: str, account: str) -> dict[str, Any]:
    return json.loads(document.replace("333333333333", account))


@pytest.fixture
def make_stack(cloud: Cloud) -> Callable[..., Stack]:
    """A stack whose deployment was killed while its runtime was created."""

    def make(**options: Any) -> Stack:
        state = _of_account(_RECORDED.read_text("utf-8"), cloud.account)
        cli = RecordedCli("pulumi", Path(), "dev", {}, state, [], **options)
        said: list[str] = []

        def client(service: str, region: str | None) -> Any:
            assert region == "us-east-1", "where the stack's provider makes things"
            return cloud.client(service)

        return Stack(cli, Recovery(cli, Aws(client, request_seconds=0), said.append), said)

    return make


@pytest.fixture
def killed(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack()


@pytest.fixture
def ended(make_stack: Callable[..., Stack]) -> Stack:
    """The same stack before the runtime was begun: nothing is pending."""
    stack = make_stack()
    stack.operations.clear()
    return stack
