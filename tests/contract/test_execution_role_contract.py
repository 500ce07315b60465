"""The deployed role carries what contracts/execution-role-*.json promise, word for word."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from tests.policy_document import statements_of
from tests.program.configs import STACKS, several_agents, with_agents
from tests.program.program_run import run_program
from tests.stack_files import CHECKOUT, PROJECT, committed

Values = Mapping[str, str | Sequence[str]]


def _promised(
    name: str,
    values: Values,
    flags: set[str],
    entries: Mapping[str, Sequence[Values]] | None = None,
) -> dict[str, Any]:
    """The contract filled in by hand: what it says, read without the program's renderer."""

    def filled(node: object, values: Values) -> object:
        if isinstance(node, dict):
            members = cast("dict[str, object]", node)
            return {key: filled(each, values) for key, each in members.items() if key[:2] != "x-"}
        if isinstance(node, list):
            return [
                filled(item, {**values, **more})
                for item in cast("list[object]", node)
                for more in repeated(item)
            ]
        if not isinstance(node, str):
            return node
        for key, value in values.items():
            if node == f"${{{key}}}":
                return value if isinstance(value, str) else list(value)
        text = node
        for key, value in values.items():
            text = text.replace(f"${{{key}}}", str(value))
        return text

    def repeated(item: object) -> list[Values]:
        keys = cast("dict[str, str]", item) if isinstance(item, dict) else {}
        if "x-each" in keys:
            given = (entries or {}).get(keys["x-each"], [])
            return [{**each, "number": str(n)} for n, each in enumerate(given, start=1)]
        return [{}] if keys.get("x-when") in {None, *flags} else []

    contract = json.loads((CHECKOUT / "contracts" / name).read_text("utf-8"))
    return cast("dict[str, Any]", filled(contract, values))


def _tokens(*names: str) -> list[str]:
    return [f"bedrock-agentcore:GetWorkloadAccessToken{name}" for name in names]


@pytest.mark.parametrize("stack", STACKS)
def test_the_roles_of_a_stack_are_the_contracts_filled_in(stack: str) -> None:
    run = run_program(stack, several_agents(stack))
    account = committed(stack)[f"{PROJECT}:accountId"]
    models = "arn:aws:bedrock:{}::foundation-model/{}"
    expected: dict[str, tuple[dict[str, str | list[str]], set[str]]] = {
        "assistant": (
            {
                "workload_token_actions": _tokens("", "ForJWT"),
                "model_arns": [
                    models.format("us-east-1", "anthropic.claude-3-haiku-20240307-v1:0")
                ],
                "profile_arns": [
                    f"arn:aws:bedrock:us-east-1:{account}:inference-profile/us.amazon.nova-pro-v1:0"
                ],
                "profile_model_arns": [
                    models.format("us-east-1", "amazon.nova-pro-v1:0"),
                    models.format("us-west-2", "amazon.nova-pro-v1:0"),
                ],
            },
            {"jwt", "metrics", "models", "profiles", "tracing"},
        ),
        "tagged": (
            {"workload_token_actions": _tokens("", "ForJWT", "ForUserId")},
            {"metrics", "tracing"},
        ),
        "writer": (
            {"workload_token_actions": _tokens("", "ForJWT", "ForUserId")},
            {"metrics", "tracing"},
        ),
    }
    stack_values = {"account_id": account, "partition": "aws", "region": "us-east-1"}

    own = [r for r in run.resources if "agentcore:security:ExecutionRole" in r.urn and r.is_custom]
    policies = {r.name: r.inputs["policy"] for r in own if "policy" in r.inputs}
    trusts = {r.name: r.inputs["assumeRolePolicy"] for r in own if "policy" not in r.inputs}

    assert set(policies) == set(trusts) == set(expected)
    for name, (values, flags) in expected.items():
        repository = f"arn:aws:ecr:us-east-1:{account}:repository/agentcore-{stack}/{name}"
        filled = {
            **stack_values,
            **values,
            "repository_arn": repository,
            "runtime_name": f"agentcore_{stack}_{name}",
        }
        assert json.loads(policies[name]) == _promised(
            "execution-role-permissions.json", filled, flags
        )
        assert json.loads(trusts[name]) == _promised(
            "execution-role-trust.json", stack_values, set()
        )


def test_every_grant_of_a_config_is_in_the_role_by_its_narrowest_arn() -> None:
    account = committed("dev")[f"{PROJECT}:accountId"]
    key = f"arn:aws:kms:us-east-1:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    secret = f"arn:aws:secretsmanager:us-east-1:{account}:secret:shared-AbCdEf"
    granted = {
        "tracing": False,
        "secrets": ["agent/token", secret],
        "kmsKeys": [{"arn": key, "via": ["secretsmanager", "s3"], "write": True}],
        "memories": ["notes-0123456789"],
        "gateways": ["tools-0123456789"],
        "codeInterpreters": ["aws.codeinterpreter.v1", "sums-0123456789"],
        "browsers": ["aws.browser.v1", "shop-0123456789"],
        "s3Prefixes": [
            {"bucket": "papers", "prefix": "public/"},
            {"bucket": "papers", "prefix": "drafts/", "write": True},
        ],
    }
    run = run_program("dev", with_agents("dev", assistant=granted))
    agentcore = f"arn:aws:bedrock-agentcore:us-east-1:{account}"
    shared = "arn:aws:bedrock-agentcore:us-east-1:aws"
    services = ["secretsmanager.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"]

    assert json.loads(run.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]) == _promised(
        "execution-role-permissions.json",
        {
            "account_id": account,
            "partition": "aws",
            "region": "us-east-1",
            "repository_arn": f"arn:aws:ecr:us-east-1:{account}:repository/agentcore-dev/assistant",
            "runtime_name": "agentcore_dev_assistant",
            "workload_token_actions": _tokens("", "ForJWT", "ForUserId"),
            "secret_arns": [
                f"arn:aws:secretsmanager:us-east-1:{account}:secret:agent/token-??????",
                secret,
            ],
            "memory_arns": [f"{agentcore}:memory/notes-0123456789"],
            "gateway_arns": [f"{agentcore}:gateway/tools-0123456789"],
            "code_interpreter_arns": [
                f"{shared}:code-interpreter/aws.codeinterpreter.v1",
                f"{agentcore}:code-interpreter-custom/sums-0123456789",
            ],
            "browser_arns": [
                f"{shared}:browser/aws.browser.v1",
                f"{agentcore}:browser-custom/shop-0123456789",
            ],
            "read_object_arns": ["arn:aws:s3:::papers/public/*", "arn:aws:s3:::papers/drafts/*"],
            "written_object_arns": ["arn:aws:s3:::papers/drafts/*"],
        },
        {
            "browsers",
            "code_interpreters",
            "gateways",
            "memories",
            "metrics",
            "objects_read",
            "objects_written",
            "secrets",
        },
        {
            "encrypting_keys": [{"key_arns": [key], "via": services}],
            "listed_buckets": [
                {"bucket_arn": "arn:aws:s3:::papers", "prefixes": ["public/*", "drafts/*"]}
            ],
        },
    )


def test_no_boundary_is_attached_unless_the_config_names_one() -> None:
    run = run_program("dev", several_agents("dev"))

    for role in run.of_type("aws:iam/role:Role"):
        assert "permissionsBoundary" not in role.inputs


def test_a_role_has_one_policy_and_no_managed_one() -> None:
    run = run_program("prod", several_agents("prod"))

    kinds = {r.type for r in run.resources if r.type.startswith("aws:iam/")}

    assert kinds == {"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"}
    for role in run.of_type("aws:iam/role:Role"):
        assert not {"managedPolicyArns", "inlinePolicies"} & set(role.inputs)


@pytest.mark.parametrize("stack", STACKS)
def test_no_role_reaches_another_account_or_administers_anything(stack: str) -> None:
    account = committed(stack)[f"{PROJECT}:accountId"]
    for policy in run_program(stack, several_agents(stack)).of_type(
        "aws:iam/rolePolicy:RolePolicy"
    ):
        for one in statements_of(policy.inputs["policy"]):
            for action in one.actions:
                assert "*" not in action, "every action is named"
                assert not action.startswith(("iam:", "sts:", "organizations:")), action
            for resource in one.resources:
                owner = resource.split(":")[4] if resource != "*" else ""
                assert owner in {"", account}, f"{resource} is not the stack's"
