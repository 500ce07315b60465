"""A network that AgentCore holds, on the real engine: given up, taken down, interrupted, gone."""

import os
import time
from collections import Counter
from typing import Any

import pytest

from commands.command_error import CommandError
from commands.down import down
from commands.up import up
from commands.workspace import Workspace
from tests.integration.deployment import Deploy, Deployment
from tests.stack_files import PROJECT, committed
from tests.teardown.conftest import Said

pytestmark = pytest.mark.engine

HELD = {
    "aws:ec2/vpc:Vpc": 1,
    "aws:ec2/subnet:Subnet": 2,
    "aws:ec2/securityGroup:SecurityGroup": 1,
}
RUNTIME = "aws-native:bedrockagentcore:Runtime"


def network_of(stack: Deployment) -> dict[str, int]:
    return Counter(one["type"] for one in stack.state() if one["type"].startswith("aws:ec2/"))


def test_a_network_that_agentcore_holds_is_given_up_and_taken_down_around_it(
    deployment: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev = deployment("dev", committed("dev"))
    public = dev.with_foreign_image(committed("dev"))
    agent = public[f"{PROJECT}:agents"]["assistant"]
    in_vpc: dict[str, Any] = {
        **public,
        f"{PROJECT}:network": {"cidr": "10.64.0.0/16"},
        # Fewer endpoints: they take most of the time.
        f"{PROJECT}:agents": {
            "assistant": {"image": agent["image"], "networkMode": "VPC"}
            | {"tracing": False, "metrics": False}
        },
    }
    dev.configure(in_vpc)
    deployed = dev.up()
    assert deployed.exit_code == 0, deployed.text
    dev.ask_fault(fault="lingeringInterfaces")

    dev.configure(public)
    said = Said()
    up(dev.workspace, "dev", said)
    assert dev.resource(RUNTIME)["inputs"]["networkConfiguration"] == {"networkMode": "PUBLIC"}
    assert network_of(dev) == HELD, "all that is not held is gone, what is held is still known"
    assert "stays until AgentCore lets go of 2 network interfaces" in said.text

    def ctrl_c(_seconds: float) -> None:
        raise KeyboardInterrupt

    # The other tests go on with the offline AWS.
    monkeypatch.setattr(Workspace, "stop", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(CommandError) as held:
        down(dev.workspace, "dev", "", said, wait=False)
    assert held.value.exit_code == os.EX_TEMPFAIL, "to be tried again"
    assert not dev.runtimes(), "the agents are gone"
    assert network_of(dev) == HELD
    with monkeypatch.context() as interrupted:
        interrupted.setattr(time, "sleep", ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            down(dev.workspace, "dev", "", said)
    assert "AgentCore holds 2 network interfaces" in said.text
    assert "make down STACK=dev goes on where this ended" in said.text

    dev.client("ecr").delete_repository(repositoryName="elsewhere/assistant", force=True)
    dev.ask_fault(fault="lingeringInterfaces", seconds=0)
    down(dev.workspace, "dev", "", said)
    assert not network_of(dev)
    assert f"Account {dev.account} of the offline AWS is empty" in said.text
