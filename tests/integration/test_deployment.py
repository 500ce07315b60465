"""The whole program, the real engine, the offline AWS."""

import json

import pytest

from tests.integration.deployment import Deploy
from tests.stack_files import PROJECT, committed

pytestmark = pytest.mark.engine

AGENTS = f"{PROJECT}:agents"
RUNTIME = "aws-native:bedrockagentcore:Runtime"
ENDPOINT = "aws-native:bedrockagentcore:RuntimeEndpoint"
REPOSITORY = "aws:ecr/repository:Repository"
ROLE = "aws:iam/role:Role"


def test_a_failed_deployment_goes_on_and_a_change_makes_a_version_that_endpoints_move_to(
    deployment: Deploy,
) -> None:
    dev = deployment("dev", committed("dev"))
    config = dev.with_foreign_image(committed("dev"))
    agent = config[AGENTS]["assistant"]
    agent["endpoints"] = {"live": 1}
    dev.configure(config)
    dev.ask_fault(
        service="cloudcontrolapi",
        operation="CREATE",
        resource="AWS::BedrockAgentCore::Runtime",
        fault="failed",
        errorCode="ServiceLimitExceeded",
        message="Agents per account: 1000",
    )
    failed = dev.up()
    assert failed.exit_code != 0, "a failed create fails the deployment"
    assert "Agents per account: 1000" in failed.text, "the service's reason reaches the user"
    assert "Traceback" not in failed.text, failed.text

    resumed = dev.up()
    assert resumed.exit_code == 0, resumed.text
    runtime = dev.resource(RUNTIME)["outputs"]
    assert runtime["status"] == "READY"
    names = [runtime["agentRuntimeName"] for runtime in dev.runtimes()]
    assert names == ["agentcore_dev_assistant"], "one runtime, made once"
    first = runtime["agentRuntimeId"]

    agent["environment"] = {"GREETING": "hello"}
    dev.configure(config)
    changed = dev.cli("up", "--yes")
    assert changed.exit_code == 0, changed.text
    assert "replace" not in changed.text, f"nor does its preview say so: {changed.text}"
    runtime = dev.resource(RUNTIME)["outputs"]
    assert runtime["agentRuntimeId"] == first, "a change of settings replaces nothing"
    assert runtime["agentRuntimeVersion"] == "2", "and makes the next version"
    assert dev.resource(ENDPOINT)["outputs"]["liveVersion"] == "1", "a named endpoint stays"

    agent["endpoints"] = {"live": 2}
    dev.configure(config)
    promoted = dev.up()
    assert promoted.exit_code == 0, promoted.text
    assert dev.resource(ENDPOINT)["outputs"]["liveVersion"] == "2", "until the config moves it"


def test_a_late_role_is_waited_for_drift_is_undone_and_what_has_a_fixed_name_can_be_replaced(
    deployment: Deploy,
) -> None:
    dev = deployment("dev", committed("dev"))
    config = dev.with_foreign_image(committed("dev"))
    config[AGENTS]["assistant"]["endpoints"] = {"live": 1}
    dev.configure(config)
    dev.ask_fault(fault="lateRole", seconds=2)
    up = dev.up()
    assert up.exit_code == 0, up.text
    assert "IAM takes a moment" in up.text, "the wait is said, or it looks like a hang"
    assert dev.resource(RUNTIME)["outputs"]["status"] == "READY"
    dev.clear_faults()

    runtime = dev.resource(RUNTIME)["id"]
    dev.client("cloudcontrol").update_resource(
        TypeName="AWS::BedrockAgentCore::Runtime",
        Identifier=runtime,
        PatchDocument=json.dumps([{"op": "replace", "path": "/Description", "value": "drifted"}]),
    )
    dev.client("ecr").put_image_tag_mutability(
        repositoryName="agentcore-dev/assistant", imageTagMutability="MUTABLE"
    )
    dev.client("iam").delete_role_policy(
        RoleName="agentcore-dev-assistant-us-east-1", PolicyName="agent"
    )
    dev.wait_until_ready(runtime)
    refreshed = dev.cli("refresh", "--yes", "--skip-preview")
    assert refreshed.exit_code == 0, refreshed.text
    assert dev.resource(RUNTIME)["outputs"]["description"] == "drifted"
    assert dev.resource(REPOSITORY)["outputs"]["imageTagMutability"] == "MUTABLE"
    assert not [e for e in dev.state() if e["type"] == "aws:iam/rolePolicy:RolePolicy"], "gone"

    restored = dev.up()
    assert restored.exit_code == 0, restored.text
    described = dev.client("ecr").describe_repositories()["repositories"]
    mutability = {e["repositoryName"]: e["imageTagMutability"] for e in described}
    assert mutability["agentcore-dev/assistant"] == "IMMUTABLE", "the config wins again"
    policies = dev.client("iam").list_role_policies(RoleName="agentcore-dev-assistant-us-east-1")
    assert policies["PolicyNames"] == ["agent"]

    # Encryption of a repository is fixed at creation.
    config[f"{PROJECT}:registry"] = {"encryption": "KMS"}
    dev.configure(config)
    named = [dev.resource(kind)["urn"] for kind in (RUNTIME, ENDPOINT, ROLE)]
    replaced = dev.up(*(f"--replace={urn}" for urn in named))
    assert replaced.exit_code == 0, f"the old one goes first, so no name clashes: {replaced.text}"
    assert dev.resource(RUNTIME)["id"] != runtime, "the runtime is another one"
    repository = dev.resource(REPOSITORY)["outputs"]
    assert repository["encryptionConfigurations"][0]["encryptionType"] == "KMS"


def test_a_wrong_config_is_one_message_and_no_resource(deployment: Deploy) -> None:
    config = committed("dev")
    config[f"{PROJECT}:region"] = "us-east1"
    config[AGENTS]["my-agent"] = {"image": "latest"}
    wrong = deployment("dev", config)
    outcome = wrong.cli("preview")
    assert outcome.exit_code != 0
    for text in ('region = "us-east1"', 'agents.my-agent = "my-agent"', 'image = "latest"'):
        assert outcome.text.count(text) == 1, f"{text} is told once: {outcome.text}"
    assert "Traceback" not in outcome.text
    assert not wrong.state(), "nothing was registered"


def test_credentials_of_another_account_are_refused(deployment: Deploy) -> None:
    dev = deployment("dev", committed("dev"))
    outcome = dev.cli_as("999999999999", "preview")
    assert outcome.exit_code != 0, "the account is pinned"
    assert "999999999999" in outcome.text, "the account that was used is named"
    assert "Traceback" not in outcome.text
