"""A role that lacks what its runtime needs is told, permission by permission, before deployment."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.documents.execution_role import (
    Grants,
    KeyGrant,
    ObjectGrant,
    permissions_policy,
    trust_policy,
)
from infra.naming import StackNames
from infra.permission_check import Findings, RoleDocuments, check_role, required_permissions
from infra.policy_evaluation import Document, Request, Verdict, decide

NAMES = StackNames(project="agentcore", stack="dev", account_id="111111111111", region="us-east-1")
GOVERNMENT = replace(NAMES, region="us-gov-west-1")
KEY = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EVERYTHING = Grants(
    repository_arn="arn:aws:ecr:us-east-1:111111111111:repository/agentcore-dev/assistant",
    models=["amazon.nova-lite-v1:0"],
    profiles={"us.amazon.nova-pro-v1:0": ["us-east-1", "us-west-2"], "global.a.b": []},
    secrets=["agent/token"],
    keys=[KeyGrant(arn=KEY, services=["secretsmanager", "s3"], write=True)],
    memories=["notes-0123456789"],
    gateways=["tools-0123456789"],
    code_interpreters=["aws.codeinterpreter.v1"],
    browsers=["shop-0123456789"],
    objects=[ObjectGrant(bucket="papers", prefix="drafts/", write=True)],
)
NOT_REQUIRED = {
    "bedrock:GetInferenceProfile",
    "bedrock-agentcore:ConnectBrowserLiveViewStream",
    "logs:PutResourcePolicy",
}

Policy = dict[str, Any]


def _policy(grants: Grants = EVERYTHING, names: StackNames = NAMES) -> Policy:
    return json.loads(permissions_policy(names, "assistant", grants))


def _trust(names: StackNames = NAMES) -> Policy:
    return json.loads(trust_policy(names))


def _checked(
    policy: Policy,
    *,
    trust: Policy | None = None,
    boundary: Policy | None = None,
    grants: Grants = EVERYTHING,
    names: StackNames = NAMES,
) -> Findings:
    return check_role(
        names,
        "assistant",
        required_permissions(names, "assistant", grants),
        RoleDocuments(
            role_arn="arn:aws:iam::111111111111:role/agent",
            trust=Document.read("the trust policy", trust or _trust(names)),
            identity=[Document.read("the policy", policy)],
            boundary=None if boundary is None else Document.read("the boundary", boundary),
        ),
    )


def _listed(value: object) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _with(*statements: Policy) -> Policy:
    policy = _policy()
    return {**policy, "Statement": [*policy["Statement"], *statements]}


def _edited(sid: str, edit: Callable[[Policy], Policy]) -> Policy:
    policy = _policy()
    assert sid in {entry["Sid"] for entry in policy["Statement"]}, "the statement is there to edit"
    edited = [edit(entry) if entry["Sid"] == sid else entry for entry in policy["Statement"]]
    return {**policy, "Statement": edited}


GRANTED = [
    pytest.param(entry["Sid"], action, id=f"{entry['Sid']}-{action}")
    for entry in _policy()["Statement"]
    for action in _listed(entry["Action"])
]


@pytest.mark.parametrize("names", [NAMES, GOVERNMENT])
@pytest.mark.parametrize(
    "grants",
    [
        EVERYTHING,
        replace(EVERYTHING, jwt=True),
        Grants(repository_arn=EVERYTHING.repository_arn, tracing=False, metrics=False),
    ],
)
def test_the_stacks_own_documents_grant_all_that_is_required(
    grants: Grants, names: StackNames
) -> None:
    assert _checked(_policy(grants, names), grants=grants, names=names) == Findings()


@pytest.mark.parametrize(("sid", "action"), GRANTED)
def test_each_action_that_is_taken_out_is_named_with_its_resource_and_its_key(
    sid: str, action: str
) -> None:
    def without_the_action(entry: Policy) -> Policy:
        return {**entry, "Action": [one for one in _listed(entry["Action"]) if one != action]}

    findings = _checked(_edited(sid, without_the_action))

    if action in NOT_REQUIRED:
        assert findings == Findings(), "the runtime works without"
        return
    assert findings.missing, "nothing else grants it"
    for line in findings.missing:
        assert line.startswith(f"{action} "), "that action and no other"
        assert "(required by agentcore:agents.assistant" in line
        assert line.endswith(": no statement allows it")


@pytest.mark.parametrize(
    ("sid", "line"),
    [
        (
            "PullImage",
            f"ecr:BatchGetImage on {EVERYTHING.repository_arn} (required by "
            "agentcore:agents.assistant.image): no statement allows it",
        ),
        (
            "GetRegistryToken",
            "ecr:GetAuthorizationToken (required by agentcore:agents.assistant.image): "
            "no statement allows it",
        ),
        (
            "WriteOwnLogs",
            "logs:PutLogEvents on arn:aws:logs:us-east-1:111111111111:log-group:/aws/"
            "bedrock-agentcore/runtimes/agentcore_dev_assistant-*:log-stream:* (required by "
            "agentcore:agents.assistant): no statement allows it",
        ),
        (
            "InvokeModelsBehindProfiles",
            "bedrock:InvokeModel on arn:aws:bedrock:us-west-2::foundation-model/"
            "amazon.nova-pro-v1:0 when bedrock:InferenceProfileArn = arn:aws:bedrock:us-east-1:"
            "111111111111:inference-profile/us.amazon.nova-pro-v1:0 (required by "
            "agentcore:agents.assistant.inferenceProfiles): no statement allows it",
        ),
        (
            "ReadSecrets",
            "secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:111111111111:secret:"
            "agent/token-?????? (required by agentcore:agents.assistant.secrets): no statement "
            "allows it",
        ),
    ],
)
def test_a_line_tells_action_resource_and_config_key(sid: str, line: str) -> None:
    policy = _policy()
    policy["Statement"] = [entry for entry in policy["Statement"] if entry["Sid"] != sid]

    assert line in _checked(policy).missing


@pytest.mark.parametrize(
    ("sid", "narrowed"),
    [
        ("PullImage", f"{EVERYTHING.repository_arn}-of-others"),
        ("InvokeModels", "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"),
        ("UseMemories", "arn:aws:bedrock-agentcore:us-east-1:111111111111:memory/notes"),
        ("UseBrowsers", "arn:aws:bedrock-agentcore:us-east-1:111111111111:browser/shop-0123456789"),
        ("WriteObjects", "arn:aws:s3:::papers/published/*"),
    ],
)
def test_a_grant_on_something_else_is_none(sid: str, narrowed: str) -> None:
    findings = _checked(_edited(sid, lambda entry: {**entry, "Resource": narrowed}))

    assert findings.missing
    assert not findings.undecided


@pytest.mark.parametrize(
    ("sid", "wider"),
    [
        ("PullImage", "arn:aws:ecr:*:111111111111:repository/agentcore-*"),
        ("InvokeModels", "*"),
        ("UseMemories", ["arn:aws:s3:::x", "arn:aws:bedrock-agentcore:us-east-1:*:memory/*"]),
        ("WriteObjects", "arn:aws:s3:::papers/*"),
    ],
)
def test_a_wider_grant_is_one_too(sid: str, wider: object) -> None:
    assert _checked(_edited(sid, lambda entry: {**entry, "Resource": wider})) == Findings()


def test_a_grant_on_a_part_is_said_as_such() -> None:
    part = "arn:aws:s3:::papers/drafts/new/*"
    findings = _checked(_edited("WriteObjects", lambda entry: {**entry, "Resource": part}))

    assert not findings.missing
    assert findings.undecided == [
        "s3:PutObject on arn:aws:s3:::papers/drafts/* (required by "
        "agentcore:agents.assistant.s3Prefixes): cannot be told before deployment: statement "
        "WriteObjects of the policy (it hangs on which of these resources it is)"
    ]


@pytest.mark.parametrize(
    ("deny", "missing"),
    [
        ({"Action": "ecr:*", "Resource": "*"}, 3),
        ({"NotAction": ["ecr:*", "logs:*"], "Resource": EVERYTHING.repository_arn}, 0),
        ({"NotAction": "ecr:BatchGetImage", "Resource": EVERYTHING.repository_arn}, 1),
        ({"Action": "s3:PutObject", "NotResource": "arn:aws:s3:::others/*"}, 1),
        ({"Action": "s3:PutObject", "NotResource": "arn:aws:s3:::papers/*"}, 0),
    ],
)
def test_an_explicit_deny_is_named_with_its_statement(deny: Policy, missing: int) -> None:
    findings = _checked(_with({"Sid": "NotHere", "Effect": "Deny", **deny}))

    assert len(findings.missing) == missing
    assert not findings.undecided
    for line in findings.missing:
        assert line.endswith(": denied by statement NotHere of the policy")


def test_a_condition_that_nobody_can_decide_yet_never_passes_in_silence() -> None:
    elsewhere = {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}
    denied = _checked(
        _with({"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": elsewhere})
    )
    allowed = _checked(_edited("ReadSecrets", lambda entry: {**entry, "Condition": elsewhere}))

    assert not denied.missing
    assert len(denied.undecided) == 4, "two actions, through two services each"
    assert not allowed.missing
    (line,) = allowed.undecided
    assert "it hangs on the condition StringNotEquals aws:SourceVpc" in line


@pytest.mark.parametrize(
    ("sid", "condition", "missing"),
    [
        (
            "EncryptThroughServices1",
            {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
            2,
        ),
        ("EncryptThroughServices1", {"StringLike": {"kms:ViaService": "*.amazonaws.com"}}, 0),
        ("WriteMetrics", {"StringEquals": {"cloudwatch:namespace": "mine"}}, 1),
        ("ListObjects1", {"StringLike": {"s3:prefix": "published/*"}}, 1),
        ("ListObjects1", {}, 0),
        ("InvokeModels", {"ArnLike": {"bedrock:InferenceProfileArn": "*"}}, 2),
        ("InvokeModels", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, 0),
        # Seen from AWS the request is made in the region the profile routes to, or in none.
        ("InvokeModelsBehindProfiles", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, 4),
        ("PullImage", {"Bool": {"aws:SecureTransport": "true"}}, 0),
        ("PullImage", {"StringEquals": {"aws:ResourceAccount": "222222222222"}}, 2),
        ("PullImage", {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}, 0),
    ],
)
def test_what_is_known_of_a_request_decides_conditions(
    sid: str, condition: Policy, missing: int
) -> None:
    findings = _checked(_edited(sid, lambda entry: {**entry, "Condition": condition}))

    assert len(findings.missing) == missing, findings.missing
    assert not findings.undecided


def test_a_boundary_has_to_contain_what_is_granted() -> None:
    around = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    narrow = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
            {"Sid": "NoKeys", "Effect": "Deny", "Action": "kms:Gen*", "Resource": "*"},
        ],
    }

    assert _checked(_policy(), boundary=around) == Findings()
    missing = _checked(_policy(), boundary=narrow).missing
    assert {line.partition(" ")[0]: line.rpartition(": ")[2] for line in missing} == {
        "s3:GetObject": "not within the boundary",
        "s3:PutObject": "not within the boundary",
        "s3:ListBucket": "not within the boundary",
        "kms:GenerateDataKey": "denied by statement NoKeys of the boundary",
    }


def test_a_boundary_grants_nothing() -> None:
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    nothing: Policy = {"Version": "2012-10-17", "Statement": []}

    missing = _checked(nothing, boundary=everything).missing

    assert len(missing) == len(required_permissions(NAMES, "assistant", EVERYTHING))


SOURCE = "arn:aws:bedrock-agentcore:us-east-1:111111111111"


@pytest.mark.parametrize(
    ("edit", "is_missing", "is_undecided"),
    [
        ({}, False, False),
        ({"Condition": {}}, False, False),
        (
            {"Principal": {"Service": ["ec2.amazonaws.com", "bedrock-agentcore.amazonaws.com"]}},
            False,
            False,
        ),
        ({"Condition": {"ArnLike": {"aws:SourceArn": f"{SOURCE}:runtime/*"}}}, False, False),
        ({"Principal": {"Service": "bedrock.amazonaws.com"}}, True, False),
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}, True, False),
        ({"Action": "sts:AssumeRoleWithWebIdentity"}, True, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}}}, True, False),
        (
            {
                "Condition": {
                    "ArnLike": {"aws:SourceArn": f"{SOURCE.replace('us-east-1', 'eu-west-1')}:*"}
                }
            },
            True,
            False,
        ),
        ({"Effect": "Deny"}, True, False),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "secret"}}}, False, True),
        (
            {
                "Condition": {
                    "ArnLike": {
                        "aws:SourceArn": f"{SOURCE}:runtime/agentcore_dev_assistant-AbCdEf0123"
                    }
                }
            },
            False,
            True,
        ),
    ],
)
def test_the_trust_policy_has_to_admit_the_service_for_this_runtime(
    edit: Policy, *, is_missing: bool, is_undecided: bool
) -> None:
    trust = _trust()
    trust["Statement"][0].update(edit)

    findings = _checked(_policy(), trust=trust)

    assert bool(findings.missing) is is_missing
    assert bool(findings.undecided) is is_undecided
    for line in [*findings.missing, *findings.undecided]:
        assert line.startswith(
            "sts:AssumeRole: the trust policy has to admit bedrock-agentcore.amazonaws.com to "
            "assume it for agentcore_dev_assistant: "
        )


def test_every_finding_is_told_at_once() -> None:
    nothing: Policy = {"Version": "2012-10-17", "Statement": []}

    findings = _checked(nothing, trust=nothing | {"Statement": []})

    required = required_permissions(NAMES, "assistant", EVERYTHING)
    assert len(findings.missing) == len(required) + 1, "the trust policy is one more"
    assert len(set(findings.missing)) == len(findings.missing)


def test_with_jwt_callers_tokens_by_user_id_are_not_required() -> None:
    def asked(*, jwt: bool) -> set[str]:
        required = required_permissions(NAMES, "assistant", replace(EVERYTHING, jwt=jwt))
        return {each.request.action for each in required}

    assert asked(jwt=False) - asked(jwt=True) == {
        "bedrock-agentcore:GetWorkloadAccessTokenForUserId"
    }


# Few names, each the beginning of another, so that what is named often meets what is granted.
_NAMES = st.sampled_from(["a", "ab", "a-b", "b"])
_IDS = st.lists(_NAMES, max_size=2, unique=True)
_OBJECTS = st.builds(
    ObjectGrant,
    bucket=_NAMES,
    prefix=_NAMES.map(lambda name: f"{name}/"),
    write=st.booleans(),
)
_GRANTS = st.builds(
    Grants,
    repository_arn=st.just(EVERYTHING.repository_arn),
    models=_IDS,
    profiles=st.dictionaries(
        _NAMES.map(lambda name: f"us.{name}"), st.lists(st.sampled_from(["us-east-1", "us-west-2"]))
    ),
    secrets=_IDS,
    keys=st.lists(
        st.builds(
            KeyGrant,
            arn=_NAMES.map(lambda name: f"arn:aws:kms:us-east-1:111111111111:key/{name}"),
            services=st.lists(st.sampled_from(["s3", "secretsmanager"]), min_size=1, unique=True),
            write=st.booleans(),
        ),
        max_size=3,
    ),
    memories=_IDS,
    gateways=_IDS,
    code_interpreters=_IDS,
    browsers=_IDS,
    objects=st.lists(_OBJECTS, max_size=3),
    tracing=st.booleans(),
    metrics=st.booleans(),
    jwt=st.booleans(),
)


@given(_GRANTS)
@settings(max_examples=25)
def test_whatever_is_granted_the_documents_hold_all_that_is_required(grants: Grants) -> None:
    assert _checked(_policy(grants), grants=grants) == Findings()


@given(_GRANTS, _NAMES, _NAMES)
@settings(max_examples=25)
def test_whatever_is_granted_nothing_of_another_name_is_reached(
    grants: Grants, name: str, other: str
) -> None:
    documents = [Document.read("the policy", _policy(grants))]
    owner = "us-east-1:111111111111"
    asked = {
        ("bedrock:InvokeModel", f"arn:aws:bedrock:us-east-1::foundation-model/{name}"): (
            name in grants.models
        ),
        (
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{owner}:secret:{name}-AbCdEf",
        ): name in grants.secrets,
        ("bedrock-agentcore:GetEvent", f"arn:aws:bedrock-agentcore:{owner}:memory/{name}"): (
            name in grants.memories
        ),
        ("bedrock-agentcore:InvokeGateway", f"arn:aws:bedrock-agentcore:{owner}:gateway/{name}"): (
            name in grants.gateways
        ),
        ("s3:GetObject", f"arn:aws:s3:::{name}/{other}/object"): any(
            (entry.bucket, entry.prefix) == (name, f"{other}/") for entry in grants.objects
        ),
        ("s3:PutObject", f"arn:aws:s3:::{name}/{other}/object"): any(
            (entry.bucket, entry.prefix, entry.write) == (name, f"{other}/", True)
            for entry in grants.objects
        ),
    }

    for (action, resource), is_granted in asked.items():
        context = {"bedrock:InferenceProfileArn": None}
        verdict = decide(documents, Request(action=action, resource=resource, context=context))
        assert verdict.verdict is (Verdict.ALLOWED if is_granted else Verdict.SILENT), resource
