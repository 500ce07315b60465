"""Endpoint policies let through what the agents' roles grant, and nobody else.

They are judged by the evaluator of the offline AWS, which knows nothing of how they were made.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.aws.iam_evaluation import Action, Decision, decide
from infra.documents.contract import DocumentTooLongError
from infra.documents.endpoint_policy import AgentAccess, EndpointAccess, endpoint_policy
from infra.documents.execution_role import Grants, KeyGrant, ObjectGrant, permissions_policy
from infra.naming import StackNames
from tests.iam_catalogue import iam_action
from tests.policy_document import statement, statements_of
from tests.stack_files import CHECKOUT

OWN, VENDOR, STRANGER = "111111111111", "333333333333", "999999999999"
ORGANIZATION = "o-exampleorg1"
NAMES = StackNames(project="agentcore", stack="prod", account_id=OWN, region="us-east-1")
GUEST = f"arn:aws:iam::{OWN}:role/guest"
CALLER = f"arn:aws:iam::{OWN}:role/service/orders"
# Unauthenticated by design, and an action in endpoint policies only (AgentCore developer guide,
# vpc-interface-endpoints).
METADATA = "bedrock-agentcore:GetRuntimeProtectedResourceMetadata"
AGENTCORE, GATEWAY = "bedrock-agentcore", "bedrock-agentcore.gateway"
# Which endpoints a call goes through, by the prefix of its IAM action.
ENDPOINTS = {
    "bedrock": ["bedrock-runtime"],
    "bedrock-agentcore": [AGENTCORE],
    "cloudwatch": ["monitoring"],
    "ecr": ["ecr.api", "ecr.dkr"],
    "logs": ["logs"],
    "s3": ["s3"],
    "secretsmanager": ["secretsmanager"],
    "xray": ["xray"],
}
SERVICES = sorted(
    {name for names in ENDPOINTS.values() for name in names} | {GATEWAY, "kms", "sts"}
)
# Granted beside a profile, but an operation of Bedrock's control plane, which has another endpoint.
ELSEWHERE = {"bedrock:GetInferenceProfile"}


def _agent(name: str, grants: Grants, *, in_vpc: bool = True) -> AgentAccess:
    return AgentAccess(name=name, role_arn=NAMES.role_arn(name), grants=grants, in_vpc=in_vpc)


def _repository(account: str) -> str:
    return NAMES.repository_arn("agentcore-prod/assistant", account)


BARE = Grants(repository_arn=_repository(OWN), tracing=False, metrics=False)
FULL = Grants(
    repository_arn=_repository(VENDOR),
    models=["anthropic.claude-3-haiku-20240307-v1:0"],
    profiles={"us.anthropic.claude-sonnet-4": ["us-east-1", "us-west-2"], "global.a.b": []},
    secrets=["orders", f"arn:aws:secretsmanager:us-east-1:{VENDOR}:secret:shared-AbCdEf"],
    keys=[
        KeyGrant(
            arn=f"arn:aws:kms:us-east-1:{VENDOR}:key/12345678-1234-1234-1234-123456789012",
            services=["secretsmanager"],
        )
    ],
    memories=["notes-0123456789"],
    gateways=["tools-0123456789"],
    code_interpreters=["aws.codeinterpreter.v1", "own-0123456789"],
    browsers=["aws.browser.v1"],
    objects=[
        ObjectGrant(bucket="reports", prefix="a/"),
        ObjectGrant(bucket="reports", prefix="b/", write=True),
    ],
)
JWT = Grants(repository_arn=_repository(OWN), jwt=True)


def _access(**grants: Grants) -> EndpointAccess:
    return EndpointAccess(
        agents=[_agent(name, each) for name, each in grants.items()],
        caller_arns=[CALLER],
        guest_arns=[GUEST],
        image_account_ids=[VENDOR],
    )


WHOLE = _access(full=FULL, open=JWT, plain=BARE)


def _context(principal: str | None, resource: str, organization: str | None) -> dict[str, str]:
    """What AWS tells of a call; a resource of AWS's own, and `*`, has no account."""
    account = resource.split(":")[4] if resource.startswith("arn:") else ""
    of_resource = {"aws:ResourceAccount": account} if account.isdigit() else {}
    if principal is None:
        return of_resource
    found = {
        "aws:PrincipalArn": principal,
        "aws:PrincipalAccount": principal.split(":")[4],
        **of_resource,
    }
    if organization:
        found["aws:PrincipalOrgID"] = organization
        if account == OWN:
            found["aws:ResourceOrgID"] = organization
    return found


def _is_let_through(
    document: str,
    action: str,
    resource: str,
    principal: str | None,
    organization: str | None = None,
) -> bool:
    asked = Action(
        name=action,
        resource=resource,
        principals=frozenset() if principal is None else frozenset({f"AWS:{principal}"}),
        context=_context(principal, resource, organization),
    )
    return decide([document], asked) is Decision.ALLOW


def _endpoints_of(action: str) -> list[str]:
    if action == "bedrock-agentcore:InvokeGateway":
        return [GATEWAY]
    prefix = action.partition(":")[0]
    # The services that use a key call KMS themselves.
    return [] if prefix == "kms" or action in ELSEWHERE else ENDPOINTS[prefix]


def _an_example(pattern: str) -> str:
    """Something a resource with wildcards stands for."""
    return pattern if pattern == "*" else pattern.replace("*", "x1").replace("?", "x")


def _granted(agent: AgentAccess) -> Iterator[tuple[str, str]]:
    """Each action and resource that an agent's role grants."""
    document = permissions_policy(NAMES, agent.name, agent.grants)
    denied = {
        action
        for one in statements_of(document)
        if not one.allows and one.resources == ["*"]
        for action in one.actions
    }
    for one in statements_of(document):
        for action in one.actions if one.allows else []:
            if action not in denied:
                yield from ((action, _an_example(resource)) for resource in one.resources)


_IDS = st.from_regex(r"[a-z]{1,6}-[a-z0-9]{10}", fullmatch=True)
_ACCOUNTS = st.sampled_from([OWN, VENDOR])
_GRANTS = st.builds(
    Grants,
    repository_arn=_ACCOUNTS.map(_repository),
    models=st.lists(st.from_regex(r"[a-z]{1,8}\.[a-z0-9-]{1,8}", fullmatch=True), max_size=2),
    profiles=st.dictionaries(
        st.from_regex(r"(us|eu)\.[a-z]{1,5}\.[a-z0-9]{1,5}", fullmatch=True),
        st.lists(st.sampled_from(["us-east-1", "eu-west-1"]), max_size=2, unique=True),
        max_size=2,
    ),
    secrets=st.lists(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True)
        | _ACCOUNTS.map(
            lambda account: f"arn:aws:secretsmanager:us-east-1:{account}:secret:a-AbCdEf"
        ),
        max_size=2,
    ),
    memories=st.lists(_IDS, max_size=2, unique=True),
    gateways=st.lists(_IDS, max_size=2, unique=True),
    code_interpreters=st.lists(_IDS | st.just("aws.codeinterpreter.v1"), max_size=2, unique=True),
    browsers=st.lists(_IDS | st.just("aws.browser.v1"), max_size=2, unique=True),
    objects=st.lists(
        st.builds(
            ObjectGrant,
            bucket=st.sampled_from(["reports", "orders"]),
            prefix=st.sampled_from(["a/", "b/c/"]),
            write=st.booleans(),
        ),
        max_size=2,
    ),
    tracing=st.booleans(),
    metrics=st.booleans(),
    jwt=st.booleans(),
)
_ACCESSES = st.builds(
    EndpointAccess,
    agents=st.dictionaries(st.sampled_from(["alpha", "beta", "beta_two"]), _GRANTS, max_size=3).map(
        lambda grants: [_agent(name, each) for name, each in grants.items()]
    ),
    caller_arns=st.lists(st.just(CALLER), max_size=1),
    guest_arns=st.lists(st.just(GUEST), max_size=1),
    image_account_ids=st.just([VENDOR]),
    organization_id=st.none() | st.just(ORGANIZATION),
)


@settings(max_examples=20)
@given(_ACCESSES)
def test_all_that_a_role_grants_passes_its_endpoint(access: EndpointAccess) -> None:
    policies = {name: endpoint_policy(name, NAMES, access) for name in SERVICES}

    for agent in access.agents:
        for action, resource in _granted(agent):
            for name in _endpoints_of(action):
                assert _is_let_through(
                    policies[name], action, resource, agent.role_arn, access.organization_id
                ), f"{action} on {resource} is granted to the agent and refused by {name}"


@settings(max_examples=20)
@given(_ACCESSES)
def test_what_roles_are_granted_passes_for_no_stranger(access: EndpointAccess) -> None:
    policies = {name: endpoint_policy(name, NAMES, access) for name in SERVICES}
    stranger = f"arn:aws:iam::{STRANGER}:role/agent"
    colleague = f"arn:aws:iam::{OWN}:role/other"

    for agent in access.agents:
        for action, resource in _granted(agent):
            for name in _endpoints_of(action):
                asked = (policies[name], action, resource)
                assert not _is_let_through(*asked, stranger, access.organization_id)
                assert not _is_let_through(*asked, None), "nobody is let in without a name"
                if name in {AGENTCORE, GATEWAY, "s3"}:
                    assert not _is_let_through(*asked, colleague, access.organization_id)


@settings(max_examples=20)
@given(_ACCESSES)
def test_every_policy_is_one_that_ec2_takes(access: EndpointAccess) -> None:
    for name in SERVICES:
        document = endpoint_policy(name, NAMES, access)
        parsed = json.loads(document)

        assert parsed["Version"] == "2012-10-17"
        assert "${" not in document
        assert '"x-' not in document
        assert "[]" not in document, "an element without a value is refused, or matches nothing"
        sids = [one.sid for one in statements_of(document)]
        assert sids
        assert len(set(sids)) == len(sids)


@settings(max_examples=20)
@given(_ACCESSES)
def test_only_the_documented_exceptions_are_open_to_all(access: EndpointAccess) -> None:
    for name in SERVICES:
        for one in statements_of(endpoint_policy(name, NAMES, access)):
            if one.allows and one.raw["Principal"] == "*" and not one.condition_keys:
                assert one.sid in {"OAuthCallersInvokeJwtRuntimes", "FetchImageLayers"}
            elif one.allows and one.raw["Principal"] == "*":
                assert {"aws:PrincipalAccount", "aws:PrincipalArn"} & set(one.condition_keys)


def _contract() -> list[dict[str, Any]]:
    text = Path(CHECKOUT, "contracts", "vpc-endpoint-policy.json").read_text("utf-8")
    return json.loads(text)["Statement"]


@pytest.mark.parametrize("entry", [pytest.param(each, id=each["Sid"]) for each in _contract()])
def test_a_statement_is_bounded_as_its_class_says(entry: dict[str, Any]) -> None:
    conditions = {key for keys in entry.get("Condition", {}).values() for key in keys}
    is_open = entry["Principal"] == "*" and entry["Effect"] == "Allow"

    if entry["x-class"] == "strict":
        assert entry["Resource"] != "*" or entry["Effect"] == "Deny"
        assert not is_open or entry["x-when"] == "jwt"
    elif entry["x-class"] == "account":
        assert {"aws:PrincipalAccount", "aws:PrincipalOrgID"} <= conditions
    else:
        assert entry["Resource"] != "*"
        assert "aws:PrincipalArn" in conditions or entry["x-when"] == "layers"


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_exists_in_iam(service: str) -> None:
    for one in statements_of(endpoint_policy(service, NAMES, WHOLE)):
        for action in one.actions if one.actions != ["*"] else []:
            assert action == METADATA or iam_action(action), f"IAM knows no action {action}"


def test_the_catalogue_still_does_not_know_the_action_that_needs_no_permission() -> None:
    assert iam_action(METADATA) is None, "the exception is not needed any more"


def test_no_action_is_let_through_that_nobody_is_granted() -> None:
    granted = {action for agent in WHOLE.agents for action, _ in _granted(agent)}
    let_through = {
        action
        for service in set(SERVICES) - {"sts", "kms"}
        for one in statements_of(endpoint_policy(service, NAMES, WHOLE))
        if one.sid not in {"NamedCallersInvokeRuntimes", "OAuthCallersInvokeJwtRuntimes"}
        for action in one.actions
    }

    assert let_through <= granted


def test_a_policy_is_the_same_text_for_the_same_access() -> None:
    for service in SERVICES:
        assert endpoint_policy(service, NAMES, WHOLE) == endpoint_policy(service, NAMES, WHOLE)


# AgentCore ----------------------------------------------------------------------------------------

RUNTIME = f"arn:aws:bedrock-agentcore:us-east-1:{OWN}:runtime/agentcore_prod_%s-0123456789"


@pytest.mark.parametrize(
    "action",
    [
        "GetAgentCard",
        "InvokeAgentRuntime",
        "InvokeAgentRuntimeForUser",
        "InvokeAgentRuntimeWithWebSocketStream",
        "InvokeAgentRuntimeWithWebSocketStreamForUser",
        "StopRuntimeSession",
    ],
)
@pytest.mark.parametrize("end", ["", "/runtime-endpoint/live"])
def test_named_callers_call_the_runtimes_of_this_stack(end: str, action: str) -> None:
    policy = endpoint_policy(AGENTCORE, NAMES, WHOLE)
    call = f"bedrock-agentcore:{action}"

    assert _is_let_through(policy, call, RUNTIME % "plain" + end, CALLER)
    assert not _is_let_through(policy, call, RUNTIME % "elsewhere" + end, CALLER)
    assert not _is_let_through(policy, call, RUNTIME % "plain" + end, f"{CALLER}2")


def test_a_caller_gets_no_shell_in_a_container() -> None:
    policy = endpoint_policy(AGENTCORE, NAMES, WHOLE)

    for action in ("InvokeAgentRuntimeCommand", "InvokeAgentRuntimeCommandShell"):
        assert iam_action(f"bedrock-agentcore:{action}")
        assert not _is_let_through(policy, f"bedrock-agentcore:{action}", RUNTIME % "plain", CALLER)


def test_a_guest_does_what_agents_do_with_what_is_of_the_account() -> None:
    access = EndpointAccess(agents=[], guest_arns=[GUEST])
    work = [
        (name, action, resource)
        for action, resource in _granted(_agent("full", FULL))
        for name in _endpoints_of(action)
        if name in {AGENTCORE, GATEWAY, "s3"}
    ]

    assert {name for name, _, _ in work} == {AGENTCORE, GATEWAY, "s3"}
    for name, action, resource in work:
        policy = endpoint_policy(name, NAMES, access)
        told = resource if name != "s3" else resource.replace(":::", f"::{OWN}:")
        context = _context(GUEST, told, None) | {"aws:ResourceAccount": OWN}
        asked = Action(action, resource, frozenset({f"AWS:{GUEST}"}), context)
        assert decide([policy], asked) is Decision.ALLOW, f"{action} on {resource}"
        assert not _is_let_through(policy, action, resource, f"{GUEST}2"), "it is named"
        elsewhere = resource.replace(OWN, STRANGER)
        context = _context(GUEST, elsewhere, None) | {"aws:ResourceAccount": STRANGER}
        asked = Action(action, elsewhere, frozenset({f"AWS:{GUEST}"}), context)
        if OWN in resource or name == "s3":
            assert decide([policy], asked) is not Decision.ALLOW, "and stays in the account"
    runtime = RUNTIME % "plain"
    policy = endpoint_policy(AGENTCORE, NAMES, access)
    assert not _is_let_through(policy, "bedrock-agentcore:InvokeAgentRuntime", runtime, GUEST)


@pytest.mark.parametrize("action", ["InvokeAgentRuntime", "GetRuntimeProtectedResourceMetadata"])
def test_without_iam_only_runtimes_that_check_a_jwt_are_reached(action: str) -> None:
    policy = endpoint_policy(AGENTCORE, NAMES, WHOLE)

    assert _is_let_through(policy, f"bedrock-agentcore:{action}", RUNTIME % "open", None)
    assert not _is_let_through(policy, f"bedrock-agentcore:{action}", RUNTIME % "plain", None)


def test_without_a_jwt_agent_nothing_is_open() -> None:
    policy = endpoint_policy(AGENTCORE, NAMES, _access(full=FULL, plain=BARE))

    assert all(one.raw["Principal"] != "*" for one in statements_of(policy))


def test_a_jwt_agent_gets_no_token_by_user_id_alone() -> None:
    identity = (
        f"arn:aws:bedrock-agentcore:us-east-1:{OWN}:workload-identity-directory/default/"
        "workload-identity/agentcore_prod_%s-0123456789"
    )
    policy = endpoint_policy(AGENTCORE, NAMES, WHOLE)
    by_user = "bedrock-agentcore:GetWorkloadAccessTokenForUserId"

    assert _is_let_through(policy, by_user, identity % "plain", NAMES.role_arn("plain"))
    assert not _is_let_through(policy, by_user, identity % "open", NAMES.role_arn("open"))


def test_an_agent_in_public_mode_is_called_through_the_endpoint_but_calls_nothing() -> None:
    access = EndpointAccess(agents=[_agent("out", FULL, in_vpc=False)], caller_arns=[CALLER])
    policy = endpoint_policy(AGENTCORE, NAMES, access)

    assert [one.sid for one in statements_of(policy)] == ["NamedCallersInvokeRuntimes"]
    assert _is_let_through(policy, "bedrock-agentcore:InvokeAgentRuntime", RUNTIME % "out", CALLER)


@pytest.mark.parametrize("service", [AGENTCORE, GATEWAY])
def test_an_endpoint_that_nobody_uses_is_closed_and_not_open(service: str) -> None:
    policy = endpoint_policy(service, NAMES, EndpointAccess(agents=[]))

    (only,) = statements_of(policy)
    assert (only.sid, only.allows, only.raw["Principal"]) == ("ClosedToAll", False, "*")


def test_agents_that_share_a_role_both_keep_what_they_use() -> None:
    role = f"arn:aws:iam::{OWN}:role/shared"
    agents = [
        AgentAccess(name=name, role_arn=role, grants=grants, in_vpc=True)
        for name, grants in {
            "a": Grants(repository_arn=_repository(OWN), memories=["one-0123456789"]),
            "b": Grants(repository_arn=_repository(OWN), memories=["two-0123456789"]),
        }.items()
    ]
    memories = statement(
        endpoint_policy(AGENTCORE, NAMES, EndpointAccess(agents=agents)), "AgentsUseMemories"
    )

    assert memories is not None
    assert memories.raw["Principal"] == {"AWS": [role]}
    assert [arn.rpartition("/")[2] for arn in memories.resources] == [
        "one-0123456789",
        "two-0123456789",
    ]


# Account ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "action", "resource"),
    [
        ("ecr.api", "ecr:BatchGetImage", "arn:aws:ecr:us-east-1:%s:repository/a"),
        ("ecr.dkr", "ecr:GetDownloadUrlForLayer", "arn:aws:ecr:us-east-1:%s:repository/a"),
        (
            "secretsmanager",
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:us-east-1:%s:secret:a-AbCdEf",
        ),
        ("kms", "kms:Decrypt", "arn:aws:kms:us-east-1:%s:key/1"),
    ],
)
@pytest.mark.parametrize("organization", [None, ORGANIZATION])
def test_resources_may_be_in_the_accounts_that_are_named_and_in_no_other(
    service: str, action: str, resource: str, organization: str | None
) -> None:
    named = EndpointAccess(
        agents=WHOLE.agents, image_account_ids=[VENDOR], organization_id=organization
    )
    alone = EndpointAccess(agents=[_agent("plain", BARE)], organization_id=organization)
    role = NAMES.role_arn("full")

    def passes(access: EndpointAccess, account: str) -> bool:
        policy = endpoint_policy(service, NAMES, access)
        return _is_let_through(policy, action, resource % account, role, organization)

    assert passes(named, OWN)
    assert passes(named, VENDOR), "named, so it may be of another organization"
    assert not passes(named, STRANGER)
    assert passes(alone, OWN)
    assert not passes(alone, VENDOR)


def test_keys_are_used_and_not_looked_after() -> None:
    policy = endpoint_policy("kms", NAMES, WHOLE)
    key, role = f"arn:aws:kms:us-east-1:{OWN}:key/1", NAMES.role_arn("full")

    for action in ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"):
        assert _is_let_through(policy, action, key, role)
    for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"):
        assert iam_action(action)
        assert not _is_let_through(policy, action, key, role)


def test_logs_of_another_account_are_not_written() -> None:
    policy = endpoint_policy("logs", NAMES, WHOLE)
    stream = "arn:aws:logs:us-east-1:%s:log-group:g:log-stream:s"
    role = NAMES.role_arn("full")

    assert _is_let_through(policy, "logs:PutLogEvents", stream % OWN, role)
    assert not _is_let_through(policy, "logs:PutLogEvents", stream % STRANGER, role)


def test_models_are_awss_own_or_this_accounts() -> None:
    policy = endpoint_policy("bedrock-runtime", NAMES, WHOLE)
    role, invoke = NAMES.role_arn("full"), "bedrock:InvokeModel"

    for resource in (
        "arn:aws:bedrock:us-west-2::foundation-model/a.b",
        "arn:aws:bedrock:::foundation-model/a.b",
        f"arn:aws:bedrock:us-east-1:{OWN}:inference-profile/us.a.b",
    ):
        assert _is_let_through(policy, invoke, resource, role)
    theirs = f"arn:aws:bedrock:us-east-1:{STRANGER}:provisioned-model/a"
    assert not _is_let_through(policy, invoke, theirs, role), "a way to send data out"


@pytest.mark.parametrize(
    ("service", "action"),
    [
        ("ecr.api", "ecr:GetAuthorizationToken"),
        ("logs", "logs:DescribeLogGroups"),
        ("monitoring", "cloudwatch:PutMetricData"),
        ("sts", "sts:GetCallerIdentity"),
        ("xray", "xray:PutTraceSegments"),
    ],
)
def test_an_organization_is_held_against_principals(service: str, action: str) -> None:
    access = EndpointAccess(agents=WHOLE.agents, organization_id=ORGANIZATION)
    policy = endpoint_policy(service, NAMES, access)
    role = NAMES.role_arn("full")

    assert _is_let_through(policy, action, "*", role, ORGANIZATION)
    assert not _is_let_through(policy, action, "*", role, "o-another0001")
    assert not _is_let_through(policy, action, "*", role), "of no organization"


def test_own_resources_are_held_against_the_organization_too() -> None:
    access = EndpointAccess(agents=[_agent("plain", BARE)], organization_id=ORGANIZATION)

    for service in ("ecr.api", "logs", "secretsmanager", "kms"):
        keys = {
            key
            for one in statements_of(endpoint_policy(service, NAMES, access))
            for key in one.condition_keys
        }
        assert {"aws:ResourceAccount", "aws:ResourceOrgID"} <= keys


# S3 -----------------------------------------------------------------------------------------------


def test_image_layers_are_fetched_by_anybody_from_awss_bucket_of_this_region_only() -> None:
    policy = endpoint_policy("s3", NAMES, EndpointAccess(agents=[]))
    layer = "arn:aws:s3:::prod-%s-starport-layer-bucket/layer"

    assert _is_let_through(policy, "s3:GetObject", layer % "us-east-1", None)
    assert not _is_let_through(policy, "s3:PutObject", layer % "us-east-1", None)
    assert not _is_let_through(policy, "s3:GetObject", layer % "eu-west-1", None)
    assert not _is_let_through(policy, "s3:GetObject", "arn:aws:s3:::another/layer", None)
    assert len(statements_of(policy)) == 1


@pytest.mark.parametrize(
    ("action", "resource", "passes"),
    [
        ("s3:GetObject", "arn:aws:s3:::reports/a/x", True),
        ("s3:GetObject", "arn:aws:s3:::reports/c/x", False),
        ("s3:PutObject", "arn:aws:s3:::reports/a/x", False),
        ("s3:PutObject", "arn:aws:s3:::reports/b/x", True),
        ("s3:ListBucket", "arn:aws:s3:::reports", True),
        ("s3:ListBucket", "arn:aws:s3:::orders", False),
        ("s3:DeleteObject", "arn:aws:s3:::reports/b/x", False),
    ],
)
def test_objects_are_reached_as_the_prefixes_say(
    action: str,
    resource: str,
    passes: bool,  # noqa: FBT001 - a row of the table
) -> None:
    policy = endpoint_policy("s3", NAMES, WHOLE)

    assert _is_let_through(policy, action, resource, NAMES.role_arn("full")) is passes
    assert not _is_let_through(policy, action, resource, NAMES.role_arn("plain"))


# What AWS takes -----------------------------------------------------------------------------------


def test_no_condition_holds_a_wildcard_because_endpoint_policies_restrict_them() -> None:
    for service in SERVICES:
        for one in statements_of(endpoint_policy(service, NAMES, WHOLE)):
            assert not re.search(r"[*?]", json.dumps(one.raw.get("Condition"))), one.sid


def test_a_policy_is_refused_exactly_where_it_is_over_the_limit() -> None:
    def policy(length: int) -> str:
        callers = [f"arn:aws:iam::{OWN}:role/{'a' * 64}{number:04}" for number in range(185)]
        last = f"arn:aws:iam::{OWN}:role/{'b' * length}"
        return endpoint_policy(
            AGENTCORE,
            NAMES,
            EndpointAccess(agents=[_agent("plain", BARE)], caller_arns=[*callers, last]),
        )

    spare = 20_480 - len(policy(1))
    assert len(policy(1 + spare)) == 20_480
    with pytest.raises(
        DocumentTooLongError, match=r"20481 characters, at most 20480.*into another"
    ):
        policy(2 + spare)


@pytest.mark.parametrize("region", ["us-gov-west-1", "eu-south-2"])
def test_arns_are_of_the_regions_partition(region: str) -> None:
    names = StackNames(project="agentcore", stack="prod", account_id=OWN, region=region)

    for service in SERVICES:
        for arn in re.findall(r"arn:[^\"]+", endpoint_policy(service, names, WHOLE)):
            if NAMES.prefix not in arn and arn not in {CALLER, GUEST}:
                assert arn.startswith(f"arn:{names.partition}:")
