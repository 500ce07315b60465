"""Agents in VPC mode, on the real engine: what they reach, and that nothing reaches them."""

from typing import Any

import pytest

from commands.policy import pack_arguments
from tests.integration.deployment import Deploy, Deployment
from tests.reachability.agent import Agent, Call, calls_of_every_agent
from tests.reachability.network import Network, collect
from tests.reachability.verdicts import (
    admits_only,
    reaches,
    reaches_internet,
    refuses,
    stays_inside,
    unreachable_from_internet,
)
from tests.stack_files import PROJECT, committed

pytestmark = pytest.mark.engine

AGENTS = f"{PROJECT}:agents"
NETWORK = f"{PROJECT}:network"
INTERFACES = (
    *("bedrock-agentcore", "bedrock-runtime", "ecr.api", "ecr.dkr", "logs"),
    *("monitoring", "xray"),
)
PROFILE = "us.anthropic.claude-sonnet-4-20250514-v1:0"


def described(deployed: Deployment) -> tuple[Network, Agent]:
    """What AWS says of the network, and of the one runtime."""
    control = deployed.client("bedrock-agentcore-control")
    (runtime,) = deployed.runtimes()
    answer = control.get_agent_runtime(agentRuntimeId=runtime["agentRuntimeId"])
    return collect(deployed.client("ec2")), Agent.of(answer)


def calls_of(agent: Agent) -> list[Call]:
    """What the agent of the committed production stack calls."""
    own = f"arn:aws:bedrock:us-east-1:{agent.account}:inference-profile/{PROFILE}"
    model = PROFILE.removeprefix("us.")
    elsewhere = f"arn:aws:bedrock:us-west-2::foundation-model/{model}"
    return [
        *calls_of_every_agent(agent),
        Call("bedrock-runtime", "bedrock:InvokeModel", own, agent.role),
        Call("bedrock-runtime", "bedrock:InvokeModel", elsewhere, agent.role),
        Call("xray", "xray:PutTraceSegments", "*", agent.role),
        Call("monitoring", "cloudwatch:PutMetricData", "*", agent.role),
    ]


def strangers_calls(agent: Agent) -> list[Call]:
    """The same actions in the name of a role of another account."""
    stranger = "arn:aws:iam::999999999999:role/stranger"
    named = [call for call in calls_of(agent) if call.principal]
    return [Call(call.service, call.action, call.resource, stranger) for call in named]


def test_production_reaches_what_it_needs_by_private_ways_and_is_not_deleted_by_accident(
    deployment: Deploy,
) -> None:
    prod = deployment("prod", committed("prod"))
    prod.configure(prod.with_foreign_image(committed("prod")))
    pack = pack_arguments(prod.workspace.pulumi, None)
    up = prod.cli("up", "--yes", *pack)
    assert up.exit_code == 0, f"previewed, then deployed: {up.text}"
    judged = [up, prod.cli("policy", "analyze", *pack)]
    assert judged[1].exit_code == 0, f"what is deployed passes the policies: {judged[1].text}"
    for outcome in judged:
        assert "agentcore@v" in outcome.text, "it is judged by the pack that is published"
        assert "not checked" not in outcome.text, "and nothing is left unchecked"
    assert "fixed cost: 154.30 USD a month" in up.text, "before anything costs"
    key = prod.resource("aws:kms/key:Key")["outputs"]["arn"]
    repository = prod.resource("aws:ecr/repository:Repository")["outputs"]
    assert repository["encryptionConfigurations"][0]["kmsKey"] == key, "the stack's own key"

    network, agent = described(prod)
    assert agent.mode == "VPC"
    zones = {
        subnet["AvailabilityZoneId"] for subnet in map(network.subnet, agent.subnets) if subnet
    }
    assert zones == {"use1-az1", "use1-az2", "use1-az4"}
    assert reaches(network, agent, *calls_of(agent)) == []
    assert unreachable_from_internet(network, agent) == []
    assert stays_inside(network, agent) == [], "there is no way out but the endpoints"
    assert reaches_internet(network, agent), "and the analysis says so"
    for service in INTERFACES:
        assert admits_only(network, agent, service) == []
    for call in strangers_calls(agent):
        assert refuses(network, agent, call) == []

    again = prod.up("--refresh", "--expect-no-changes")
    assert again.exit_code == 0, f"what AWS has is what the program wants: {again.text}"
    destroy = prod.cli("destroy", "--yes", "--skip-preview")
    assert destroy.exit_code != 0, "protected resources are not deleted by accident"
    assert "protect" in destroy.text


def test_agents_of_another_stack_share_a_network_and_leave_it_by_nat(deployment: Deploy) -> None:
    dev = deployment("dev", committed("dev"))
    config = dev.with_foreign_image(committed("dev"))
    role = f"arn:aws:iam::{dev.account}:role/agentcore-dev-assistant-us-east-1"
    shared = dev.beside("shared")
    shared.configure(
        {
            **committed("dev"),
            f"{PROJECT}:tags": {**committed("dev")[f"{PROJECT}:tags"], "Environment": "shared"},
            AGENTS: {},
            NETWORK: {
                "cidr": "10.64.0.0/20",
                "egress": "nat",
                "egressRules": [WEB],
                "additionalEndpoints": ["bedrock-runtime", "xray", "monitoring"],
                "guestRoles": [role],
            },
        }
    )
    up = shared.up()
    assert up.exit_code == 0, up.text

    config[AGENTS]["assistant"] |= {"networkMode": "VPC", "models": [MODEL]}
    config[NETWORK] = {"stack": f"organization/{PROJECT}/shared", "egressRules": [WEB]}
    dev.configure(config)
    up = dev.up()
    assert up.exit_code == 0, up.text
    network, agent = described(dev)
    assert list(agent.subnets) == shared.outputs()["subnetIds"]
    model = Call(
        "bedrock-runtime",
        "bedrock:InvokeModel",
        f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}",
        agent.role,
    )
    assert reaches(network, agent, *calls_of_every_agent(agent), model) == []
    assert reaches_internet(network, agent) == []
    assert unreachable_from_internet(network, agent) == []
    made = [e["type"] for e in dev.state() if e["type"].startswith("aws:ec2/")]
    assert made == ["aws:ec2/securityGroup:SecurityGroup"] * 2, "all else is the other stack's"


WEB: dict[str, Any] = {"description": "the web", "fromPort": 443, "cidr": "0.0.0.0/0"}
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
