from typing import Any, cast

import boto3
import pytest
from botocore.config import Config

from tests.reachability.agent import Agent, calls_of_every_agent
from tests.reachability.private_names import host_of
from tests.reachability.sample_network import ACCOUNT, REGION, ROLE, runtime_answer

CONTAINER = {
    "containerConfiguration": {
        "containerUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/agents/assistant:1.4.2"
    }
}
IDENTITY = (
    f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:workload-identity-directory/default/"
    "workload-identity/assistant-a1b2c3d4e5"
)


def test_an_agent_is_what_the_service_says_of_its_runtime() -> None:
    agent = Agent.of(runtime_answer())
    assert (agent.partition, agent.region, agent.account) == ("aws", REGION, ACCOUNT)
    assert (agent.mode, agent.role) == ("VPC", ROLE)
    assert (agent.subnets, agent.security_groups) == (("subnet-a", "subnet-b"), ("sg-agents",))


def test_a_runtime_without_a_network_is_public() -> None:
    assert Agent.of(runtime_answer(networkConfiguration=None)).mode == "PUBLIC"


@pytest.mark.parametrize("version", [":1.4.2", "@sha256:" + "0" * 64, ":1.4.2@sha256:" + "0" * 64])
def test_every_agent_calls_for_its_image_layers_logs_and_identity(version: str) -> None:
    uri = CONTAINER["containerConfiguration"]["containerUri"].removesuffix(":1.4.2") + version
    agent = Agent.of(
        runtime_answer(
            agentRuntimeArtifact={"containerConfiguration": {"containerUri": uri}},
            workloadIdentityDetails={"workloadIdentityArn": IDENTITY},
        )
    )
    calls = calls_of_every_agent(agent)
    assert {call.service: call.resource for call in calls if call.service != "logs"} == {
        "ecr.api": "*",
        "ecr.dkr": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/agents/assistant",
        "s3": f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/a/layer",
        "bedrock-agentcore": IDENTITY,
    }
    assert {call.action for call in calls if call.service == "logs"} == {
        "logs:DescribeLogStreams",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert {call.principal for call in calls if call.service != "s3"} == {ROLE}
    assert {call.principal for call in calls if call.service == "s3"} == {None}


def test_code_has_no_image_to_pull() -> None:
    assert {call.service for call in calls_of_every_agent(Agent.of(runtime_answer()))} == {"logs"}


@pytest.mark.parametrize(
    ("service", "client"),
    [
        ("bedrock-agentcore", "bedrock-agentcore"),
        ("bedrock-runtime", "bedrock-runtime"),
        ("ecr.api", "ecr"),
        ("kms", "kms"),
        ("logs", "logs"),
        ("monitoring", "cloudwatch"),
        ("secretsmanager", "secretsmanager"),
        ("sts", "sts"),
        ("xray", "xray"),
    ],
)
def test_a_service_has_the_host_name_that_the_sdk_asks_for(service: str, client: str) -> None:
    made = cast("Any", boto3).client(
        client,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="offline",
        config=cast("Any", Config)(ignore_configured_endpoint_urls=True),
    )
    assert made.meta.endpoint_url == f"https://{host_of(service, REGION, ACCOUNT)}"


def test_a_registry_has_a_host_name_of_its_account() -> None:
    assert host_of("ecr.dkr", REGION, ACCOUNT) == f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
    assert host_of("ecr.dkr", "cn-north-1", ACCOUNT).endswith(".cn-north-1.amazonaws.com.cn")
