"""Resources that exist are adopted by the engine: by a program, and on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from commands.workspace import Stack
from emulator.instance import Instance
from engine import install
from tests.emulator.aws.cloud import ENDPOINT, REGION, Cloud, random_account
from tests.integration.deployment import run
from tests.stack_files import CHECKOUT

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native
from pulumi import ResourceOptions

config = pulumi.Config()
aws.ecr.Repository(
    "images",
    name="agents/assistant",
    opts=ResourceOptions(import_="agents/assistant"),
)
aws_native.bedrockagentcore.Runtime(
    "assistant",
    agent_runtime_name="assistant",
    agent_runtime_artifact={"container_configuration": {"container_uri": config.require("image")}},
    role_arn=config.require("role"),
    network_configuration={"network_mode": "PUBLIC"},
    lifecycle_configuration={"idle_runtime_session_timeout": 900, "max_lifetime": 28800},
    tags={"Project": "assistant"},
    opts=ResourceOptions(import_=config.require("runtime")),
)
"""


@pytest.fixture
def cloud(instance: Instance) -> Cloud:
    account = random_account()
    return Cloud(instance.environment(account, REGION)["AWS_ENDPOINT_URL"], account).prepared()


def state(stack: Stack) -> dict[str, dict[str, Any]]:
    deployment = json.loads(stack.checkpoint.read_text())["checkpoint"]["latest"]
    return {entry["type"]: entry for entry in deployment["resources"]}


@pytest.fixture
def stack(tmp_path: Path, instance: Instance, cloud: Cloud) -> Stack:
    """A stack of the program, in a project of its own."""
    options = {"virtualenv": str(CHECKOUT / ".venv")}
    project = {"name": "adoption", "runtime": {"name": "python", "options": options}}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
    (tmp_path / "__main__.py").write_text(PROGRAM)
    made = Stack(
        name="dev",
        project="adoption",
        folder=tmp_path,
        cloud=instance.environment(cloud.account, REGION),
        pulumi=install.ensure(lambda _: None),
        state=tmp_path / "state",
    )
    made.state.mkdir()
    made.initialise()
    return made


def test_a_program_and_the_command_line_adopt_what_exists(stack: Stack, cloud: Cloud) -> None:
    desired = cloud.runtime()
    runtime = cloud.create(desired)
    endpoint = cloud.create({"AgentRuntimeId": runtime, "Name": "live"}, ENDPOINT)
    before = cloud.read(runtime)
    config = {
        "aws:region": REGION,
        "aws-native:region": REGION,
        "adoption:image": desired["AgentRuntimeArtifact"]["ContainerConfiguration"]["ContainerUri"],
        "adoption:role": desired["RoleArn"],
        "adoption:runtime": runtime,
    }
    (stack.folder / "Pulumi.dev.yaml").write_text(json.dumps({"config": config}))
    up = run(stack, "up", "--yes", "--skip-preview")
    assert "2 imported" in up.stdout, up.text

    wanted = [
        {"type": "aws:iam/role:Role", "name": "execution", "id": "execution"},
        {"type": "aws-native:bedrockagentcore:RuntimeEndpoint", "name": "live", "id": endpoint},
    ]
    (stack.folder / "adopt.json").write_text(json.dumps({"resources": wanted}))
    flags = ("--yes", "--skip-preview", "--generate-code=false", "--protect=false")
    imported = run(stack, "import", "--file", "adopt.json", *flags)
    assert imported.exit_code == 0, imported.text
    assert "2 imported" in imported.stdout, imported.text

    adopted = state(stack)
    assert {kind: adopted[kind].get("id") for kind in adopted}.items() >= {
        "aws:ecr/repository:Repository": "agents/assistant",
        "aws:iam/role:Role": "execution",
        "aws-native:bedrockagentcore:Runtime": runtime,
        "aws-native:bedrockagentcore:RuntimeEndpoint": endpoint,
    }.items()
    assert not any(entry.get("protect") for entry in adopted.values())
    inputs = adopted["aws-native:bedrockagentcore:RuntimeEndpoint"]["inputs"]
    assert inputs.items() >= {"agentRuntimeId": runtime, "name": "live"}.items()
    assert cloud.read(runtime) == before, "adopting changes nothing"
