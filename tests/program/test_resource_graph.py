"""What the whole program registers for dev and prod, with and without images."""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.program.configs import DISCOVERY, STACKS, every_config, several_agents, with_agents
from tests.program.program_run import ProgramRun, Registered, run_program
from tests.stack_files import DIGEST, PROJECT, committed, with_images

RUNTIME = "aws-native:bedrockagentcore:Runtime"
ENDPOINT = "aws-native:bedrockagentcore:RuntimeEndpoint"
REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY = "aws:kms/key:Key"
VPC = "aws:ec2/vpc:Vpc"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ALIAS = "aws:kms/alias:Alias"

every_shape = pytest.mark.parametrize(
    ("stack", "config"),
    [pytest.param(stack, config, id=name) for name, stack, config in every_config()],
)


def _run(stack: str, config: dict[str, Any], *, preview: bool = False) -> ProgramRun:
    run = run_program(stack, config, preview=preview)
    assert (run.exit_code, run.errors) == (None, []), "the config is right"
    return run


def _is_shared(resource: Registered) -> bool:
    """Whether it belongs to all agents of the stack."""
    return resource.is_provider or any(
        component in resource.urn
        for component in ("agentcore:network:", "agentcore:security:EncryptionKey")
    )


def _agent_of(resource: Registered) -> str:
    return resource.name.partition("-")[0]


@every_shape
def test_the_inventory_is_the_reviewed_one(
    stack: str, config: dict[str, Any], snapshot: SnapshotAssertion
) -> None:
    lines = [
        " ".join(
            [
                resource.type,
                resource.name,
                *(["custom"] if resource.is_custom else ["component"]),
                *(["protected"] if resource.options.protect else []),
                *(["delete-before-replace"] if resource.options.deleteBeforeReplace else []),
            ]
        )
        for resource in _run(stack, config).resources
    ]

    assert sorted(lines) == snapshot


@every_shape
def test_every_resource_belongs_to_a_component_and_every_component_to_the_stack(
    stack: str, config: dict[str, Any]
) -> None:
    run = _run(stack, config)
    components = {resource.urn for resource in run.resources if not resource.is_custom}

    for resource in run.resources:
        if resource.is_custom and not resource.is_provider:
            assert resource.options.parent in components, f"{resource.urn} is an orphan"
        else:
            assert resource.options.parent.endswith(f"{PROJECT}-{stack}"), resource.urn
    assert len({resource.urn for resource in run.resources}) == len(run.resources)


@every_shape
def test_every_component_registers_its_outputs(stack: str, config: dict[str, Any]) -> None:
    run = _run(stack, config)
    components = {resource.urn for resource in run.resources if not resource.is_custom}

    assert components <= run.finished, "else it shows as being created for ever"


@every_shape
def test_every_resource_of_an_agent_is_named_after_it(stack: str, config: dict[str, Any]) -> None:
    run = _run(stack, config)

    named = {_agent_of(r) for r in run.resources if not _is_shared(r)}

    assert named == set(config[f"{PROJECT}:agents"])


@every_shape
def test_every_resource_uses_the_pinned_provider_of_its_package(
    stack: str, config: dict[str, Any]
) -> None:
    run = _run(stack, config)
    providers = {p.name: p for p in run.resources if p.is_provider}
    account = config[f"{PROJECT}:accountId"]

    assert set(providers) == {"aws", "aws-native"}
    for provider in providers.values():
        assert json.loads(provider.inputs["allowedAccountIds"]) == [account], (
            "other credentials are refused by the provider"
        )
        assert provider.inputs["region"] == "us-east-1"
    for resource in run.resources:
        if resource.is_custom and not resource.is_provider:
            package = resource.type.partition(":")[0]
            assert resource.options.provider.startswith(f"{providers[package].urn}::"), (
                f"{resource.urn} would be deployed by whatever provider there is"
            )


@every_shape
def test_every_taggable_resource_carries_all_tags(stack: str, config: dict[str, Any]) -> None:
    run = _run(stack, config)
    required = config[f"{PROJECT}:tags"]
    (provider,) = [p for p in run.resources if p.name == "aws" and p.is_provider]

    assert json.loads(provider.inputs["defaultTags"]) == {"tags": required}, (
        "the aws provider adds these to what it deploys"
    )
    for resource in run.resources:
        own = {"Agent": _agent_of(resource)}
        if _is_shared(resource):
            assert not {*required, "Agent"} & set(resource.inputs.get("tags", {}))
        elif resource.type in {REPOSITORY, ROLE}:
            assert resource.inputs["tags"] == own
        elif resource.type in {RUNTIME, ENDPOINT}:
            assert resource.inputs["tags"] == {**required, **own}, (
                "Cloud Control knows no default tags"
            )


@pytest.mark.parametrize("stack", STACKS)
def test_production_protects_what_cannot_be_made_again_and_development_nothing(stack: str) -> None:
    run = _run(stack, several_agents(stack))

    protected = {resource.type for resource in run.resources if resource.options.protect}

    assert protected == ({REPOSITORY, KEY, VPC, LOG_GROUP} if stack == "prod" else set())
    for repository in run.of_type(REPOSITORY):
        assert repository.options.protect is (stack == "prod")
        assert repository.inputs["forceDelete"] is (stack == "dev"), (
            "in production no image is deleted with its repository"
        )


@pytest.mark.parametrize("stack", STACKS)
def test_what_has_a_fixed_name_is_deleted_before_it_is_replaced(stack: str) -> None:
    run = _run(stack, several_agents(stack))

    replaced_first = {r.type for r in run.resources if r.options.deleteBeforeReplace}

    fixed = {REPOSITORY, LIFECYCLE_POLICY, ROLE, ROLE_POLICY, RUNTIME, ENDPOINT}
    ec2 = (
        *("aws:ec2/routeTableAssociation:RouteTableAssociation", VPC_ENDPOINT),
        "aws:ec2/flowLog:FlowLog",
    )
    rules = (
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    )
    of_prod = {ALIAS, LOG_GROUP, *ec2, *rules}
    assert replaced_first == fixed | (of_prod if stack == "prod" else set())


def test_a_runtime_waits_for_what_the_service_checks_when_it_is_created() -> None:
    run = _run("dev", several_agents("dev"))

    for runtime in run.of_type(RUNTIME):
        waits_for = set(runtime.options.dependencies)
        for kind in (REPOSITORY, ROLE_POLICY, ROLE):
            (needed,) = [r for r in run.of_type(kind) if r.name == runtime.name]
            assert needed.urn in waits_for, f"{runtime.name} would be created before its {kind}"
        others = {r.urn for r in run.resources if _agent_of(r) != runtime.name}
        assert not waits_for & others, "an agent waits for no other agent"


def test_only_the_create_of_a_runtime_is_tried_again() -> None:
    run = _run("prod", several_agents("prod"))

    hooked = {r.urn for r in run.resources if r.options.hooks.ByteSize()}

    assert hooked == {runtime.urn for runtime in run.of_type(RUNTIME)}
    for runtime in run.of_type(RUNTIME):
        assert list(runtime.options.hooks.on_error) == ["retry-while-role-propagates"]


@every_shape
def test_documents_names_and_images_are_whole_texts_at_preview(
    stack: str, config: dict[str, Any]
) -> None:
    run = _run(stack, config, preview=True)

    for kind, path in (
        (ROLE, ("name",)),
        (ROLE, ("assumeRolePolicy",)),
        (ROLE_POLICY, ("policy",)),
        (ROLE_POLICY, ("role",)),
        (REPOSITORY, ("name",)),
        (LIFECYCLE_POLICY, ("policy",)),
        (LIFECYCLE_POLICY, ("repository",)),
        (KEY, ("policy",)),
        (ALIAS, ("name",)),
        (LOG_GROUP, ("name",)),
        (VPC, ("cidrBlock",)),
        (VPC_ENDPOINT, ("policy",)),
        (RUNTIME, ("agentRuntimeName",)),
        (
            RUNTIME,
            ("agentRuntimeArtifact", "containerConfiguration", "containerUri"),
        ),
        (ENDPOINT, ("name",)),
    ):
        for resource in run.of_type(kind):
            value: Any = resource.inputs
            for part in path:
                value = value[part]
            assert type(value) is str, f"{resource.urn}: {path} cannot be judged at preview"
            if "olicy" in path[-1]:
                assert json.loads(value), "and is a whole document"


def test_what_the_cloud_decides_is_unknown_at_preview() -> None:
    run = _run("prod", several_agents("prod"), preview=True)

    runtime = next(r for r in run.of_type(RUNTIME) if r.name == "assistant")
    assert not isinstance(runtime.inputs["roleArn"], str), "so the test above can fail"


def test_the_container_is_told_its_size_and_its_variables() -> None:
    for stack, cpu, memory in (("dev", "512", "1024"), ("prod", "2048", "4096")):
        runtimes = {r.name: r for r in _run(stack, several_agents(stack)).of_type(RUNTIME)}

        size = {"AGENT_CPU_UNITS": cpu, "AGENT_MEMORY_MIB": memory}
        assert runtimes["tagged"].inputs["environmentVariables"] == size
        assert runtimes["assistant"].inputs["environmentVariables"] == {
            **size,
            "LOG_LEVEL": "info",
        }


def test_a_runtime_is_deployed_as_its_config_says() -> None:
    runtimes = {r.name: r.inputs for r in _run("dev", several_agents("dev")).of_type(RUNTIME)}
    full, plain = runtimes["assistant"], runtimes["tagged"]

    own = "111111111111.dkr.ecr.us-east-1.amazonaws.com/agentcore-dev"
    assert full["agentRuntimeArtifact"] == {
        "containerConfiguration": {"containerUri": f"{own}/assistant@{DIGEST}"}
    }
    assert plain["agentRuntimeArtifact"] == {
        "containerConfiguration": {"containerUri": f"{own}/tagged:1.4.2"}
    }
    assert full["agentRuntimeName"] == "agentcore_dev_assistant"
    assert full["networkConfiguration"] == {"networkMode": "PUBLIC"}
    assert (full["protocolConfiguration"], plain["protocolConfiguration"]) == ("MCP", "HTTP")
    assert full["lifecycleConfiguration"] == {
        "idleRuntimeSessionTimeout": 300,
        "maxLifetime": 3600,
    }
    assert full["requestHeaderConfiguration"] == {"requestHeaderAllowlist": ["X-Trace"]}
    assert full["authorizerConfiguration"]["customJwtAuthorizer"] == {
        "discoveryUrl": DISCOVERY,
        "allowedClients": ["web"],
        "allowedScopes": ["agents/call"],
    }, "and no audience: the schema takes no empty list"
    assert "requestHeaderConfiguration" not in plain
    assert "authorizerConfiguration" not in plain, "callers are left to IAM"


def test_named_endpoints_serve_the_version_they_are_pinned_to() -> None:
    run = _run("dev", several_agents("dev"))

    pinned = {r.name: r.inputs["agentRuntimeVersion"] for r in run.of_type(ENDPOINT)}

    assert pinned == {"assistant-live": "1", "assistant-next": "2"}


def test_a_repository_is_immutable_scanned_and_encrypted() -> None:
    for stack in STACKS:
        repository = _run(stack, committed(stack)).one(REPOSITORY)

        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        (encryption,) = repository.inputs["encryptionConfigurations"]
        assert encryption["encryptionType"] == ("KMS" if stack == "prod" else "AES256")
        assert ("kmsKey" in encryption) is (stack == "prod"), "production uses its own key"


def test_the_key_of_production_rotates_and_waits_before_it_is_gone() -> None:
    key = _run("prod", committed("prod")).one(KEY)

    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30


def _judged(run: ProgramRun) -> dict[str, object]:
    """Everything about a resource that would make the engine change or replace it.

    Except for the policies of VPC endpoints, which name who uses them and wait for these.
    """
    return {
        r.urn: (
            {k: v for k, v in r.inputs.items() if (r.type, k) != (VPC_ENDPOINT, "policy")},
            r.options.protect,
            r.options.deleteBeforeReplace,
            r.options.provider,
            [] if r.type == VPC_ENDPOINT else sorted(r.options.dependencies),
        )
        for r in run.resources
    }


@pytest.mark.parametrize("stack", STACKS)
def test_an_agent_more_or_less_leaves_all_others_untouched(stack: str) -> None:
    one = {"image": DIGEST, "endpoints": {"live": 1}}
    few = _judged(_run(stack, with_agents(stack, b=one, d=one)))
    more = _judged(_run(stack, with_agents(stack, a=one, b=one, c={}, d=one, e=one)))

    assert {urn: more.get(urn) for urn in few} == few, (
        "adding an agent must not touch, and removing one must not keep, anything else"
    )
    added = {urn.rpartition("::")[2].partition("-")[0] for urn in set(more) - set(few)}
    assert added == {"a", "c", "e"}


def test_the_order_of_agents_in_the_file_does_not_matter() -> None:
    one = {"image": DIGEST}

    assert _judged(_run("dev", with_agents("dev", a=one, b={}))) == _judged(
        _run("dev", with_agents("dev", b={}, a=one))
    )


@pytest.mark.parametrize("stack", STACKS)
def test_an_image_adds_the_runtime_and_leaves_the_foundation_untouched(stack: str) -> None:
    before = _judged(_run(stack, committed(stack)))
    after = _judged(_run(stack, with_images(committed(stack))))

    assert {urn: after[urn] for urn in before} == before
    assert {urn.split("$")[-1].split("::")[0] for urn in set(after) - set(before)} == {
        "agentcore:runtime:AgentRuntime",
        RUNTIME,
    }


def test_an_image_of_a_trusted_account_is_pulled_from_there_and_the_role_may() -> None:
    uri = "333333333333.dkr.ecr.us-east-1.amazonaws.com/team/app:1.0"
    config = with_agents("dev", assistant={"image": uri})
    config[f"{PROJECT}:trustedImageAccounts"] = ["333333333333"]

    run = _run("dev", config)

    artifact = run.one(RUNTIME).inputs["agentRuntimeArtifact"]
    assert artifact["containerConfiguration"]["containerUri"] == uri
    policy = json.loads(run.one(ROLE_POLICY).inputs["policy"])
    assert policy["Statement"][0]["Resource"] == (
        "arn:aws:ecr:us-east-1:333333333333:repository/team/app"
    )


def test_an_agent_without_image_is_said_to_have_none() -> None:
    run = _run("dev", committed("dev"))

    (said,) = run.infos
    assert "agent assistant has no image yet" in said
    assert "pushCommand" in said, "and how to go on"
    assert _run("dev", with_images(committed("dev"))).infos == []
