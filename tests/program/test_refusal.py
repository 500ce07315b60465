"""A wrong config ends the program before the first resource, with one message."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from infra.documents.execution_role import permissions_policy
from tests.program.configs import several_agents, with_agents
from tests.program.program_run import run_program
from tests.stack_files import DIGEST, PROJECT, committed, with_images


def _refused(config: dict[str, Any], stack: str = "dev", *, secret: Sequence[str] = ()) -> str:
    run = run_program(stack, config, secret=secret)
    assert run.exit_code == 32, "the engine is told that the message is out"
    assert run.resources == [], "nothing is registered"
    assert run.outputs == {}, "nothing is exported"
    (message,) = run.errors
    assert "Traceback" not in message
    return message


def _edited(key: str, value: object) -> dict[str, Any]:
    return {**with_images(committed("dev")), f"{PROJECT}:{key}": value}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (_edited("netwrokMode", "VPC"), "agentcore:netwrokMode: unknown key."),
        (_edited("region", "us-east1"), 'agentcore:region = "us-east1"'),
        (_edited("accountId", "0123"), "exactly 12 digits"),
        (_edited("accountId", 123), "exactly 12 digits"),
        (_edited("production", "yes"), "true or false"),
        (_edited("size", None), "must be a mapping"),
        (_edited("tags", "{"), "must be a mapping"),
        (_edited("tags", "[" * 100_000), "must be a mapping"),
        (_edited("agents", {"my-agent": {}}), 'Write "my_agent"'),
        (_edited("agents", {"a": {"image": "latest"}}), "a moving tag"),
        ({}, "agentcore:accountId: is required and missing"),
        ({**_edited("region", "us-east-1"), "aws:profile": "mine"}, "set AWS_PROFILE instead"),
        ({**_edited("region", "us-east-1"), "agentcor:production": True}, "agentcore:production?"),
    ],
)
def test_a_wrong_config_is_one_message_and_nothing_else(config: dict[str, Any], says: str) -> None:
    message = _refused(config)

    assert says in message
    assert message.startswith("the config of stack dev is refused (")
    assert "no resource was touched" in message


def test_all_findings_are_in_the_one_message() -> None:
    config = with_agents("dev", **{"my-agent": {}, "a": {"image": "latest"}, "b": {"imge": 1}})
    config[f"{PROJECT}:region"] = "us-east1"
    config["aws:profile"] = "mine"

    message = _refused(config)

    lines = message.splitlines()
    assert lines[0].endswith("(5 findings); no resource was touched.")
    assert len(lines) == 6
    assert lines[1:] == sorted(lines[1:])


def test_a_secret_in_the_config_is_refused_and_not_shown() -> None:
    config = with_agents("dev", a={"image": "hunter2/x:1", "environment": {"KEY": "hunter2"}})

    message = _refused(config, secret=[f"{PROJECT}:agents"])

    assert "agentcore:agents: holds a Pulumi secret" in message
    assert "agentcore:agents.a.image: " in message, "the other findings are told as well"
    assert "hunter2" not in message


def test_what_the_prod_stack_must_not_do_is_refused() -> None:
    config = committed("prod")
    config[f"{PROJECT}:production"] = False

    message = _refused(config, "prod")

    assert "Set production to true, or rename the stack." in message


def test_roles_that_would_hold_too_much_are_named_in_one_message() -> None:
    models = [f"provider.model-with-a-long-name-{n}" for n in range(150)]
    config = with_agents("dev", a={"image": DIGEST, "models": models}, b={}, c={"models": models})

    message = _refused(config)

    first, second = message.splitlines()
    assert first.startswith("agentcore:agents.a: execution-role-permissions.json renders to ")
    assert second.startswith("agentcore:agents.c: ")
    assert message.count("at most 10240 are allowed. Name fewer models, profiles") == 2


def test_a_contract_that_grants_too_little_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_image(*grants: Any) -> str:
        document = json.loads(permissions_policy(*grants))
        kept = [entry for entry in document["Statement"] if entry["Sid"] != "PullImage"]
        return json.dumps({**document, "Statement": kept})

    monkeypatch.setattr("infra.agent_plan.permissions_policy", without_the_image)

    message = _refused(with_agents("dev", a={}, b={}))

    head, *lines = message.splitlines()
    assert head.startswith("contracts/execution-role-permissions.json and ")
    assert "do not grant what agents need; no resource was touched." in head
    assert len(lines) == 4, "two actions of each agent"
    for line in lines:
        assert "repository/agentcore-dev/" in line
        assert line.endswith(".image): no statement allows it")


def test_a_run_leaves_nothing_behind_for_the_next() -> None:
    config = with_images(committed("dev"))

    first = run_program("dev", config)
    _refused(_edited("region", "us-east1"))
    run_program("prod", several_agents("prod"), preview=True)
    again = run_program("dev", config)

    assert again.outputs == first.outputs, "exports of other runs are gone"
    assert {r.urn for r in again.resources} == {r.urn for r in first.resources}
    assert (again.errors, again.infos) == (first.errors, first.infos)
