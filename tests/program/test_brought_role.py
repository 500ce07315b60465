"""A role the user brings is looked up, checked and used; the stack makes none for that agent."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.program.configs import with_agents
from tests.program.looked_up import OWN_NETWORK, Answer, NotFoundError
from tests.program.program_run import ProgramRun, run_program
from tests.stack_files import DIGEST, PROJECT

ROLE = "arn:aws:iam::111111111111:role/team/assistant"
MANAGED = "arn:aws:iam::111111111111:policy/agents"
BOUNDARY = "arn:aws:iam::111111111111:policy/bounds"
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}

Policies = Mapping[str, dict[str, Any]]


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _trust(service: str = "bedrock-agentcore.amazonaws.com") -> dict[str, Any]:
    return _document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    )


def _answers(
    *statements: dict[str, Any],
    trust: dict[str, Any] | None = None,
    managed: Policies | None = None,
    boundary: str | None = None,
    arn: str = ROLE,
) -> dict[str, Answer]:
    """One role with an inline policy, as Cloud Control tells it, and its managed ones."""
    policies = managed or {}

    def role(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["roleName"] != "assistant":
            raise NotFoundError("Role not found")
        return {
            "arn": arn,
            "assumeRolePolicyDocument": trust or _trust(),
            "managedPolicyArns": [each for each in policies if each != boundary],
            "permissionsBoundary": boundary,
            "policies": [{"policyName": "agent", "policyDocument": _document(*statements)}],
        }

    def policy(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["arn"] not in policies:
            raise NotFoundError("no such policy")
        return {"arn": asked["arn"], "policy": json.dumps(policies[asked["arn"]])}

    return {
        **OWN_NETWORK,
        "aws-native:iam:getRole": role,
        "aws:iam/getPolicy:getPolicy": policy,
    }


def _run(answers: dict[str, Answer], **config: object) -> ProgramRun:
    agent = {"image": DIGEST, "models": [MODEL], "executionRoleArn": ROLE}
    settings = {f"{PROJECT}:{key}": value for key, value in config.items()}
    return run_program("dev", {**with_agents("dev", assistant=agent), **settings}, answers=answers)


def _refused(answers: dict[str, Answer], **config: object) -> str:
    run = _run(answers, **config)
    assert run.exit_code == 32
    assert not [one for one in run.resources if not one.is_provider], "nothing of AWS is registered"
    (message,) = run.errors
    assert "Traceback" not in message
    return message


def test_a_role_with_everything_needed_is_used_and_none_is_made() -> None:
    run = _run(_answers(EVERYTHING))

    assert not run.errors
    assert not run.of_type("aws:iam/role:Role")
    assert not run.of_type("aws:iam/rolePolicy:RolePolicy")
    runtime = run.one("aws-native:bedrockagentcore:Runtime")
    assert runtime.inputs["roleArn"] == ROLE
    assert run.outputs["agents"]["assistant"]["executionRoleArn"] == ROLE


def test_what_a_role_lacks_is_one_message_before_any_resource() -> None:
    models = {"Effect": "Deny", "Sid": "NoModels", "Action": "bedrock:*", "Resource": "*"}

    message = _refused(_answers(EVERYTHING, models, trust=_trust("lambda.amazonaws.com")))

    head, *lines = message.splitlines()
    assert head.startswith("agents cannot do their work with these roles. Grant what is named")
    model = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
    assert lines == [
        f"  - {ROLE}: sts:AssumeRole: the trust policy of {ROLE} has to admit "
        "bedrock-agentcore.amazonaws.com to assume it for agentcore_dev_assistant: no statement "
        "allows it",
        f"  - {ROLE}: bedrock:InvokeModel on {model} (required by "
        f"agentcore:agents.assistant.models): denied by statement NoModels of inline policy agent "
        f"of {ROLE}",
        f"  - {ROLE}: bedrock:InvokeModelWithResponseStream on {model} (required by "
        f"agentcore:agents.assistant.models): denied by statement NoModels of inline policy agent "
        f"of {ROLE}",
    ]


def test_managed_policies_grant_as_inline_ones_do() -> None:
    assert not _run(_answers(managed={MANAGED: _document(EVERYTHING)})).errors
    assert "no statement allows it" in _refused(_answers())


def test_the_boundary_of_a_brought_role_bounds_it() -> None:
    bounds = _document({"Effect": "Allow", "NotAction": "bedrock:*", "Resource": "*"})

    message = _refused(_answers(EVERYTHING, managed={BOUNDARY: bounds}, boundary=BOUNDARY))

    assert message.count(f": not within permissions boundary {BOUNDARY}") == 2
    assert not _run(
        _answers(EVERYTHING, managed={BOUNDARY: _document(EVERYTHING)}, boundary=BOUNDARY)
    ).errors


def test_the_boundary_of_the_stacks_own_roles_has_to_let_them_work() -> None:
    agents = {"assistant": {"image": DIGEST, "models": [MODEL]}}
    bounds = _document({"Effect": "Allow", "NotAction": "bedrock:*", "Resource": "*"})
    narrow = _answers(managed={BOUNDARY: bounds})
    wide = _answers(managed={BOUNDARY: _document(EVERYTHING)})

    message = _refused(narrow, agents=agents, permissionsBoundary=BOUNDARY)

    assert message.count(f": not within permissions boundary {BOUNDARY}") == 2
    run = _run(wide, agents=agents, permissionsBoundary=BOUNDARY)
    assert not run.errors
    assert run.one("aws:iam/role:Role").inputs["permissionsBoundary"] == BOUNDARY


def test_what_cannot_be_told_yet_is_a_warning() -> None:
    private = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}

    run = _run(_answers({**EVERYTHING, "Condition": private}))

    assert not run.errors
    assert run.one("aws-native:bedrockagentcore:Runtime"), "the deployment goes on"
    warned = [line for line in run.warnings if "cannot be told before deployment" in line]
    assert len(warned) > 10, "each permission by itself"
    for line in warned:
        assert line.startswith(f"agentcore:agents.assistant.executionRoleArn: {ROLE}: ")
        assert "the condition StringEquals aws:SourceVpc" in line


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (
            _answers(EVERYTHING, arn=ROLE.replace("/team", "")),
            f"{ROLE}: the role of that name is {ROLE.replace('/team', '')}. Write that ARN.",
        ),
        (
            _answers(EVERYTHING, boundary=f"{BOUNDARY}-gone"),
            f"permissions boundary {BOUNDARY}-gone: no such policy",
        ),
    ],
)
def test_what_cannot_be_looked_up_is_said_with_its_config_key(
    answers: dict[str, Answer], says: str
) -> None:
    assert f"  - agentcore:agents.assistant.executionRoleArn: {says}" in _refused(answers)


def test_a_role_that_does_not_exist_is_said_for_every_agent() -> None:
    gone = f"{ROLE}-gone"
    agents = {name: {"image": DIGEST, "executionRoleArn": gone} for name in ("first", "second")}

    message = _refused(_answers(EVERYTHING), agents=agents)

    for name in agents:
        assert f"  - agentcore:agents.{name}.executionRoleArn: {gone}: Role not found" in message


def test_a_stack_that_brings_nothing_of_iam_looks_nothing_of_it_up() -> None:
    agents = {"assistant": {"image": DIGEST}}

    run = _run(dict(OWN_NETWORK), agents=agents)

    assert not run.errors, "the mocks answer no look-up of IAM"
