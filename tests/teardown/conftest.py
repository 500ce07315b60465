"""A stack with a network as its state tells it, and the fakes its teardown works on."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from recovery.stack_state import Record, StackState
from teardown.held_network import GROUP, SUBNET, VPC
from teardown.teardown import Teardown, Words
from tests.emulator.aws.conftest import aws_url, cloud, ready

__all__ = ["aws_url", "cloud", "ready"]

PROVIDER = "urn:pulumi:dev::agentcore::pulumi:providers:aws::aws"
COMPONENT = "urn:pulumi:dev::agentcore::agentcore:network:Network::own"
STACK = "urn:pulumi:dev::agentcore::pulumi:pulumi:Stack::agentcore-dev"
RUNTIME = "aws-native:bedrockagentcore:Runtime"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
# AgentCore holds for hours after a stack was written: what the tests wait for was written just now.
WRITTEN = datetime.now(UTC)


def urn_of(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::agentcore::agentcore:network:Network${kind}::{name}"


def record(kind: str, name: str, identifier: str, *on: Record, **more: Any) -> Record:
    """A resource of AWS; it depends on others by one of its properties, as the SDK tells it."""
    urns = [one["urn"] for one in on]
    return {
        "urn": urn_of(kind, name),
        "type": kind,
        "id": identifier,
        "custom": True,
        "parent": COMPONENT,
        "provider": f"{PROVIDER}::1",
        "dependencies": [],
        "propertyDependencies": {"vpcId": urns, "tags": None},
        **more,
    }


def network(subnet: str = "subnet-1", group: str = "sg-1") -> list[Record]:
    """A VPC with a subnet, the agents' group and an endpoint."""
    vpc = record(VPC, "net", "vpc-1")
    return [
        vpc,
        record(SUBNET, "net-a", subnet, vpc),
        record(GROUP, "net-agents", group, vpc),
        record(ENDPOINT, "net-s3", "vpce-1", vpc),
    ]


def runtime(subnet: str = "subnet-1", group: str = "sg-1") -> Record:
    mode = {"subnets": [subnet], "securityGroups": [group]}
    inputs = {"networkConfiguration": {"networkMode": "VPC", "networkModeConfig": mode}}
    return record(RUNTIME, "assistant", "assistant-1", inputs=inputs)


def exported(*records: Record) -> dict[str, Any]:
    """The state that holds these, with what they stand on of Pulumi's own."""
    own: list[Record] = [
        {"urn": STACK, "type": "pulumi:pulumi:Stack"},
        {
            "urn": PROVIDER,
            "type": "pulumi:providers:aws",
            "id": "1",
            "custom": True,
            "inputs": {"region": "us-east-1", "allowedAccountIds": '["111111111111"]'},
        },
        {"urn": COMPONENT, "type": "agentcore:network:Network", "parent": STACK},
    ]
    resources = [*own, *records] if records else []
    return {"deployment": {"manifest": {"time": WRITTEN.isoformat()}, "resources": resources}}


def interface(
    subnet: str = "subnet-1", group: str = "sg-1", kind: str = "agentic_ai", **more: Any
) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": f"eni-{subnet}",
        "SubnetId": subnet,
        "Groups": [{"GroupId": group}],
        "InterfaceType": kind,
        "TagSet": [],
        **more,
    }


class FakeAws:
    """EC2 that lists interfaces, each time those of the next answer, and ECR that has images."""

    def __init__(self, *answers: Sequence[dict[str, Any]]) -> None:
        self.answers = list(answers)
        self.deleted: list[str] = []
        self._asked = 0

    def client(self, service: str, region: str | None) -> Any:
        assert region == "us-east-1", "where the stack's provider makes things"
        if service == "ec2":
            # A look asks once by subnet and once by group.
            self._asked = 0
        return self

    def get_paginator(self, operation: str) -> Any:
        return _Pages(self, operation)

    def batch_delete_image(self, **asked: Any) -> None:
        self.deleted.append(asked["repositoryName"])

    def pages(self, operation: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if operation == "list_images":
            return [{"imageIds": [{"imageDigest": "sha256:1"}]}, {"imageIds": []}]
        if self._asked == 0 and len(self.answers) > 1:
            self.current = self.answers.pop(0)
        elif self._asked == 0:
            self.current = self.answers[0]
        self._asked += 1
        (by,) = asked["Filters"]
        return [{"NetworkInterfaces": [one for one in self.current if _matches(one, by)]}]


def _matches(one: dict[str, Any], by: dict[str, Any]) -> bool:
    if by["Name"] == "subnet-id":
        return one["SubnetId"] in by["Values"]
    return any(group["GroupId"] in by["Values"] for group in one["Groups"])


@dataclass
class _Pages:
    aws: FakeAws
    operation: str

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        return self.aws.pages(self.operation, asked)


@dataclass
class FakePulumi:
    """Keeps what it is told; a destroy leaves the excluded resources and what they stand on."""

    state: dict[str, Any]
    left: Sequence[Record] = ()
    runs: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def export(self) -> dict[str, Any]:
        return copy.deepcopy(self.state)

    def run(self, *arguments: str) -> None:
        self.runs.append(arguments)
        if arguments[0] == "destroy":
            excluded = "--exclude" in arguments
            self.state = exported(*(self.left if excluded else ()))
        if arguments[:2] == ("state", "unprotect"):
            for one in self.state["deployment"]["resources"]:
                one.pop("protect", None)

    @property
    def done(self) -> list[str]:
        """What it was told, the excluded URNs by their last word."""
        return [
            " ".join(part.rpartition("::")[2] for part in run if not part.startswith("--y"))
            for run in self.runs
        ]


class Said(Console):
    """A console that keeps what it is told; no terminal, unless asked to be one."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__(
            file=StringIO(),
            soft_wrap=True,
            markup=False,
            highlight=False,
            force_terminal=terminal,
            width=400,
        )

    @property
    def text(self) -> str:
        assert isinstance(self.file, StringIO)
        return self.file.getvalue()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def make_teardown(said: Said) -> Callable[[FakePulumi, FakeAws], Teardown]:
    def make(cli: FakePulumi, aws: FakeAws) -> Teardown:
        words = Words(again="make down STACK=dev", confirmed="make down STACK=dev CONFIRM=dev")
        return Teardown("dev", cli, aws.client, said, words, poll_seconds=0)

    return make


def state_of(*records: Record) -> StackState:
    return StackState(exported(*records))
