"""The committed stack files are right, each alone and beside each other."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.config import StackConfig
from infra.config_values import CPU_VARIABLE, MEMORY_VARIABLE
from tests.stack_files import CHECKOUT, PROJECT, committed, handed_over, with_images
from tests.unit.config_faults import findings, read
from tests.unit.fault_table import right_config

STACKS = ("dev", "prod")


def _read(stack: str, config: dict[str, Any] | None = None) -> StackConfig:
    return StackConfig.read(
        handed_over(config or committed(stack)), project=PROJECT, stack=stack, secret=set()
    )


def test_there_is_a_stack_file_for_dev_and_prod_and_no_other() -> None:
    assert sorted(path.name for path in Path(CHECKOUT).glob("Pulumi.*.yaml")) == [
        "Pulumi.dev.yaml",
        "Pulumi.prod.yaml",
    ], "the rules between stacks below know these"


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_file_is_taken_with_and_without_images(stack: str) -> None:
    assert _read(stack).agents
    assert _read(stack, with_images(committed(stack))).agents


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_file_refuses_default_providers(stack: str) -> None:
    assert committed(stack)["pulumi:disable-default-providers"] == ["aws", "aws-native"], (
        "else a resource without an explicit provider would go to whatever account is at hand"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_file_holds_nothing_of_a_persons_own(stack: str) -> None:
    text = Path(CHECKOUT, f"Pulumi.{stack}.yaml").read_text("utf-8")

    for own in ("encryptionsalt", "secretsprovider", "encryptedkey", "secure:", "profile"):
        assert own not in text, f"{own} would bind everybody to one person's set-up"


@pytest.mark.parametrize("stack", STACKS)
def test_the_environment_tag_is_the_stack(stack: str) -> None:
    assert _read(stack).tags.environment == stack


def test_the_stacks_share_no_account() -> None:
    accounts = [_read(stack).account_id for stack in STACKS]

    assert len(set(accounts)) == len(STACKS), "production stands apart"


def test_the_stacks_share_their_agents_and_tags_of_ownership() -> None:
    dev, prod = (_read(stack) for stack in STACKS)

    assert set(dev.agents) == set(prod.agents), "what is in production was in development"
    assert dev.tags.project == prod.tags.project


def test_production_is_protected_and_development_is_not() -> None:
    dev, prod = (_read(stack) for stack in STACKS)

    assert (dev.production, prod.production) == (False, True)
    assert (dev.own_key, prod.own_key) == (False, True), "production is encrypted with its own key"


def test_the_sizes_are_those_promised() -> None:
    dev, prod = (_read(stack).size for stack in STACKS)

    assert (dev.cpu, dev.memory) == (512, 1024)
    assert (prod.cpu, prod.memory) == (2048, 4096)


def test_the_project_file_says_which_engine_it_needs() -> None:
    project = yaml.safe_load(Path(CHECKOUT, "Pulumi.yaml").read_text("utf-8"))

    assert project["name"] == PROJECT, "the namespace of the keys in the stack files"
    assert project["requiredPulumiVersion"]


def test_a_config_with_only_what_is_required_has_safe_defaults() -> None:
    config = read(
        {
            **{key: right_config()[key] for key in ("accountId", "region", "tags", "size")},
            "agents": {"a": dict[str, object]()},
        }
    )

    agent = config.agents["a"]
    assert (agent.image, agent.authorizer) == (None, None), "callers are left to IAM"
    assert (agent.models, agent.inference_profiles, agent.endpoints) == ((), (), {})
    granted = (agent.secrets, agent.kms_keys, agent.memories, agent.gateways, agent.s3_prefixes)
    assert not any((*granted, agent.code_interpreters, agent.browsers)), "nothing is granted"
    assert (agent.tracing, agent.metrics) == (True, True), "an agent that is not seen cannot be run"
    assert (agent.network_mode, agent.execution_role_arn) == ("PUBLIC", None)
    assert (config.network, config.permissions_boundary, config.organization_id) == (None,) * 3
    assert (agent.protocol, agent.lifecycle.idle_timeout) == ("HTTP", 900)
    assert not config.production
    assert config.registry.untagged_days == 14
    assert not config.registry.expire, "nothing tagged expires unless the config says so"


def test_text_and_json_are_read_alike() -> None:
    keyed = {f"{PROJECT}:{key}": json.dumps(value) for key, value in right_config().items()}
    for key in ("accountId", "region", "permissionsBoundary", "organizationId"):
        keyed[f"{PROJECT}:{key}"] = right_config()[key]

    config = StackConfig.read(keyed, project=PROJECT, stack="dev", secret=set())

    assert config.account_id == "111111111111", "an account id stays text although it is digits"
    assert config.agents["assistant"].lifecycle.max_lifetime == 3600


@pytest.mark.parametrize(
    ("yaml_text", "key"),
    [
        ("accountId: 0123", "accountId"),
        ("accountId: 012345670123", "accountId"),
        ("trustedImageAccounts: [012345670123]", "trustedImageAccounts.0"),
        ("trustedImageAccounts: [1_000]", "trustedImageAccounts.0"),
        ("production: yes please", "production"),
        ("production: 'on'", "production"),
        ("tags: {Project: no, Environment: dev, Owner: o, CostCenter: c}", "tags.Project"),
        ("tags: {Project: p, Environment: dev, Owner: ~, CostCenter: c}", "tags.Owner"),
        ("tags: {Project: p, Environment: dev, Owner: o, CostCenter: 1.0}", "tags.CostCenter"),
        ("tags: {Project: p, Environment: dev, Owner: o, CostCenter: 1000}", "tags.CostCenter"),
        ("size: {cpu: 5e2, memory: 1024}", "size.cpu"),
        ("size: {cpu: 512, memory: '1024'}", "size.memory"),
        ("agents:", "agents"),
        ("agents: {assistant: }", "agents.assistant"),
        ("agents: {assistant: {image: 1.10}}", "agents.assistant.image"),
        ("agents: {assistant: {environment: {DEBUG: on}}}", "agents.assistant.environment.DEBUG"),
        ("agents: {assistant: {endpoints: {live: v1}}}", "agents.assistant.endpoints.live"),
        ("agents: {assistant: {lifecycle: {idleTimeout: 15m}}}", "agents.assistant.lifecycle."),
    ],
)
def test_what_yaml_makes_of_an_unquoted_value_is_refused_by_its_key(
    yaml_text: str, key: str
) -> None:
    found = findings({**right_config(), **yaml.safe_load(yaml_text)})

    assert any(line.startswith(f"{PROJECT}:{key}") for line in found), found


def test_both_variables_of_the_size_are_reserved() -> None:
    for name in (CPU_VARIABLE, MEMORY_VARIABLE):
        config = right_config()
        config["agents"]["assistant"]["environment"] = {name: "1"}
        assert len(findings(config)) == 1, "the size would be told twice, and differently"
