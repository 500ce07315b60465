"""The documents of an execution role grant what the config names, and nothing else."""

import fnmatch
import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.documents.contract import DocumentTooLongError
from infra.documents.execution_role import (
    Grants,
    KeyGrant,
    ObjectGrant,
    permissions_policy,
    trust_policy,
)
from infra.documents.key_policy import key_policy
from infra.naming import StackNames
from tests.iam_catalogue import iam_action
from tests.policy_document import statement, statements_of
from tests.stack_files import CHECKOUT

NAMES = StackNames(project="agentcore", stack="dev", account_id="111111111111", region="us-east-1")
REPOSITORY = "arn:aws:ecr:us-east-1:111111111111:repository/agentcore-dev/assistant"
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
SECRET = "arn:aws:secretsmanager:us-east-1:333333333333:secret:shared/token-AbCdEf"
KEY = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FULL = Grants(
    repository_arn=REPOSITORY,
    models=[MODEL, "amazon.nova-pro-v1:0"],
    profiles={
        "us.anthropic.claude-sonnet-4": ["us-east-1", "us-west-2"],
        "global.anthropic.claude-opus-4": [],
    },
    secrets=["agent/token", SECRET],
    keys=[
        KeyGrant(arn=KEY, services=["secretsmanager", "s3"]),
        KeyGrant(arn=f"{KEY}2", services=["s3"], write=True),
    ],
    memories=["notes-0123456789"],
    gateways=["tools-0123456789"],
    code_interpreters=["aws.codeinterpreter.v1", "sums-0123456789"],
    browsers=["aws.browser.v1", "shop-0123456789"],
    objects=[
        ObjectGrant(bucket="papers", prefix="public/"),
        ObjectGrant(bucket="papers", prefix="drafts/", write=True),
        ObjectGrant(bucket="results", prefix="", write=True),
    ],
    jwt=True,
)
# Nothing but what the config cannot switch off.
BARE = Grants(repository_arn=REPOSITORY, tracing=False, metrics=False)
# AWS's own pages scope these, although the catalogue knows no resource type for them: to log groups
# (AgentCore developer guide, runtime-permissions) and to browsers (browser-onboarding).
SCOPED_BY_THE_GUIDE = {
    "bedrock-agentcore:ConnectBrowserAutomationStream",
    "bedrock-agentcore:ConnectBrowserLiveViewStream",
    "logs:DescribeLogGroups",
    "logs:PutResourcePolicy",
}


def permissions(grants: Grants, names: StackNames = NAMES) -> str:
    return permissions_policy(names, "assistant", grants)


def _statements_within(node: object) -> list[dict[str, Any]]:
    """Every statement anywhere in a contract, which may hold several documents."""
    if isinstance(node, list):
        return [found for item in cast("list[object]", node) for found in _statements_within(item)]
    if not isinstance(node, dict):
        return []
    mapping = cast("dict[str, Any]", node)
    if "Effect" in mapping:
        return [mapping]
    return [found for value in mapping.values() for found in _statements_within(value)]


def _contract_statements() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{path.name}:{entry.get('Sid', number)}", entry)
        for path in sorted(Path(CHECKOUT, "contracts").glob("*.json"))
        for number, entry in enumerate(_statements_within(json.loads(path.read_text("utf-8"))))
    ]


@pytest.mark.parametrize("document", [permissions(FULL), permissions(BARE), trust_policy(NAMES)])
def test_a_document_is_compact_json_without_anything_left_of_the_contract(document: str) -> None:
    parsed = json.loads(document)

    assert document == json.dumps(parsed, separators=(",", ":")), "no white space that counts"
    assert parsed["Version"] == "2012-10-17"
    assert "[]" not in document, "an element without values is refused by IAM"
    assert "$" not in document, "no placeholder is left"
    assert '"x-' not in document, "no key of the contract's own is left"
    sids = [one.sid for one in statements_of(document)]
    assert len(set(sids)) == len(sids), "IAM refuses a Sid used twice"


def test_the_same_grants_render_to_the_same_text() -> None:
    assert permissions(FULL) == permissions(FULL), "another text would be a change to deploy"


@pytest.mark.parametrize("grants", [FULL, BARE])
def test_every_granted_action_exists_in_iam(grants: Grants) -> None:
    for one in statements_of(permissions(grants)):
        for action in one.actions:
            assert iam_action(action), f"{action} grants nothing: IAM knows no such action"


def test_every_condition_key_is_one_that_iam_evaluates_for_the_action() -> None:
    for one in statements_of(permissions(FULL)):
        for action in one.actions:
            known = iam_action(action)
            assert known is not None
            for key in one.condition_keys:
                assert key in known.condition_keys, f"{action} is never called with {key}"


def _is_right(action: str, resource: str) -> bool:
    known = iam_action(action)
    assert known is not None
    if resource == "*":
        return not known.needs_resource
    return action in SCOPED_BY_THE_GUIDE or known.takes(resource)


def test_a_star_stands_only_where_iam_knows_no_resource_and_an_arn_has_its_form() -> None:
    for one in statements_of(permissions(FULL)):
        for action in one.actions:
            if one.allows:
                assert any(_is_right(action, resource) for resource in one.resources), (
                    f"{one.sid}: {one.resources} is not what {action} is granted on"
                )


@pytest.mark.parametrize("action", sorted(SCOPED_BY_THE_GUIDE))
def test_the_catalogue_still_knows_no_resource_for_the_exceptions(action: str) -> None:
    known = iam_action(action)

    assert known is not None
    assert not known.resource_templates, "the exception is not needed any more"


def test_no_statement_holds_more_resources_than_its_actions_take() -> None:
    for one in statements_of(permissions(FULL)):
        for resource in one.resources if one.allows else []:
            assert any(_is_right(action, resource) for action in one.actions), (
                f"{one.sid}: nothing in it is granted on {resource}"
            )


@pytest.mark.parametrize(
    ("entry"), [pytest.param(entry, id=name) for name, entry in _contract_statements()]
)
def test_every_star_of_a_contract_has_its_reason(entry: dict[str, Any]) -> None:
    without_reason = {key: value for key, value in entry.items() if not key.startswith("x-")}

    if "*" in json.dumps(without_reason):
        assert len(entry.get("x-reason", "")) > 20, "whoever reviews the star reads why it is there"
    else:
        assert "x-reason" not in entry or "Condition" in entry, (
            "a reason without a star is left over"
        )


@pytest.mark.parametrize(
    "name", [path.name for path in sorted(Path(CHECKOUT, "contracts").glob("*.json"))]
)
def test_every_contract_names_its_source(name: str) -> None:
    contract = json.loads(Path(CHECKOUT, "contracts", name).read_text("utf-8"))

    assert contract["x-source"], "a promise made after AWS's documentation says after which"


def test_only_the_service_acting_for_this_account_may_assume_the_role() -> None:
    (only,) = statements_of(trust_policy(NAMES))

    assert only.raw["Principal"] == {"Service": "bedrock-agentcore.amazonaws.com"}
    assert only.actions == ["sts:AssumeRole"], "nothing but assuming"
    assert only.raw["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:aws:bedrock-agentcore:us-east-1:111111111111:*"},
    }, "account and source ARN close the confused deputy, on the one statement there is"


def test_the_image_is_pulled_from_one_repository() -> None:
    pull = statement(permissions(BARE), "PullImage")

    assert pull is not None
    assert pull.resources == [REPOSITORY]


def test_a_model_is_granted_in_the_region_of_the_stack_only() -> None:
    invoke = statement(permissions(FULL), "InvokeModels")

    assert invoke is not None
    assert invoke.resources == [
        f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
    ]


def test_a_profile_is_granted_with_the_model_in_every_region_it_routes_to() -> None:
    document = permissions(FULL)
    profiles = statement(document, "InvokeProfiles")
    behind = statement(document, "InvokeModelsBehindProfiles")

    assert profiles is not None
    assert behind is not None
    owner = "arn:aws:bedrock:us-east-1:111111111111:inference-profile"
    arns = [f"{owner}/us.anthropic.claude-sonnet-4", f"{owner}/global.anthropic.claude-opus-4"]
    assert profiles.resources == arns
    assert behind.resources == [
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4",
        "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4",
        "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4",
    ], "a global profile routes to the source region, or to a model without a region"
    assert behind.raw["Condition"] == {"StringEquals": {"bedrock:InferenceProfileArn": arns}}, (
        "through the profile only; else it would be a grant on the models"
    )


def test_two_profiles_over_one_model_grant_it_once() -> None:
    document = permissions(
        Grants(
            repository_arn=REPOSITORY,
            profiles={"us.a.b": ["us-east-1", "us-east-2"], "apac.a.b": ["us-east-1"]},
        )
    )
    behind = statement(document, "InvokeModelsBehindProfiles")

    assert behind is not None
    assert behind.resources == [
        "arn:aws:bedrock:us-east-1::foundation-model/a.b",
        "arn:aws:bedrock:us-east-2::foundation-model/a.b",
    ]


def test_without_models_and_profiles_nothing_of_bedrock_is_granted() -> None:
    granted = [action for one in statements_of(permissions(BARE)) for action in one.actions]

    assert not [action for action in granted if action.startswith("bedrock:")]


def test_with_models_only_no_profile_is_granted_and_the_other_way_round() -> None:
    models = permissions(Grants(repository_arn=REPOSITORY, models=[MODEL]))
    profiles = permissions(Grants(repository_arn=REPOSITORY, profiles={"us.a.b": ["us-east-1"]}))

    assert statement(models, "InvokeModels")
    assert "inference-profile" not in models
    assert not statement(profiles, "InvokeModels")
    assert statement(profiles, "InvokeProfiles")


def test_a_secret_is_granted_by_its_full_arn_or_by_its_name_and_six_characters() -> None:
    read = statement(permissions(FULL), "ReadSecrets")

    assert read is not None
    assert read.resources == [
        "arn:aws:secretsmanager:us-east-1:111111111111:secret:agent/token-??????",
        SECRET,
    ], "a star would also grant agent/token-of-another"


def test_a_key_is_used_through_its_services_only_and_encrypts_only_where_the_agent_writes() -> None:
    document = permissions(FULL)
    decrypting = statement(document, "DecryptThroughServices1")
    encrypting = statement(document, "EncryptThroughServices1")

    assert decrypting is not None
    assert decrypting.actions == ["kms:Decrypt"]
    assert decrypting.resources == [KEY]
    assert decrypting.raw["Condition"] == {
        "StringEquals": {
            "kms:ViaService": [
                "secretsmanager.us-east-1.amazonaws.com",
                "s3.us-east-1.amazonaws.com",
            ]
        }
    }
    assert encrypting is not None
    assert encrypting.actions == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert encrypting.resources == [f"{KEY}2"]
    assert encrypting.raw["Condition"] == {
        "StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]}
    }


def test_keys_share_a_statement_exactly_when_they_are_used_through_the_same_services() -> None:
    keys = [
        KeyGrant(arn=f"{KEY}1", services=["s3"]),
        KeyGrant(arn=f"{KEY}2", services=["secretsmanager"]),
        KeyGrant(arn=f"{KEY}3", services=["s3"]),
    ]
    document = permissions(Grants(repository_arn=REPOSITORY, keys=keys))
    through = {
        one.sid: one.resources for one in statements_of(document) if "ThroughServices" in one.sid
    }

    assert through == {
        "DecryptThroughServices1": [f"{KEY}1", f"{KEY}3"],
        "DecryptThroughServices2": [f"{KEY}2"],
    }


def test_a_key_of_another_region_is_used_through_the_services_of_that_region() -> None:
    elsewhere = KEY.replace("us-east-1", "eu-west-1")
    keys = [KeyGrant(arn=elsewhere, services=["s3"])]
    decrypting = statement(
        permissions(Grants(repository_arn=REPOSITORY, keys=keys)), "DecryptThroughServices1"
    )

    assert decrypting is not None
    assert decrypting.raw["Condition"]["StringEquals"] == {
        "kms:ViaService": ["s3.eu-west-1.amazonaws.com"]
    }


@pytest.mark.parametrize(
    ("sid", "resources"),
    [
        ("UseMemories", ["us-east-1:111111111111:memory/notes-0123456789"]),
        ("InvokeGateways", ["us-east-1:111111111111:gateway/tools-0123456789"]),
        (
            "UseCodeInterpreters",
            [
                "us-east-1:aws:code-interpreter/aws.codeinterpreter.v1",
                "us-east-1:111111111111:code-interpreter-custom/sums-0123456789",
            ],
        ),
        (
            "UseBrowsers",
            [
                "us-east-1:aws:browser/aws.browser.v1",
                "us-east-1:111111111111:browser-custom/shop-0123456789",
            ],
        ),
    ],
)
def test_a_tool_is_granted_by_its_own_arn(sid: str, resources: list[str]) -> None:
    found = statement(permissions(FULL), sid)

    assert found is not None
    assert found.resources == [f"arn:aws:bedrock-agentcore:{resource}" for resource in resources]
    assert not statement(permissions(BARE), sid)


def test_nothing_of_agentcores_control_plane_is_granted() -> None:
    made_or_changed = ("Create", "Update", "Delete", "Put", "Pass", "Manage", "Tag", "Untag")
    granted = [
        action.removeprefix("bedrock-agentcore:")
        for one in statements_of(permissions(FULL))
        for action in one.actions
        if action.startswith("bedrock-agentcore:")
    ]

    changing = {action for action in granted if action.startswith(made_or_changed)}
    assert changing == {"CreateEvent", "DeleteEvent"}, "events are a memory's data"


def test_objects_are_read_and_listed_under_their_prefixes_and_written_where_it_says_so() -> None:
    document = permissions(FULL)
    read = statement(document, "ReadObjects")
    write = statement(document, "WriteObjects")

    assert read is not None
    assert read.actions == ["s3:GetObject"]
    assert read.resources == [
        "arn:aws:s3:::papers/public/*",
        "arn:aws:s3:::papers/drafts/*",
        "arn:aws:s3:::results/*",
    ]
    assert write is not None
    assert write.actions == ["s3:PutObject"]
    assert write.resources == ["arn:aws:s3:::papers/drafts/*", "arn:aws:s3:::results/*"]
    listed = [one.raw for one in statements_of(document) if one.actions == ["s3:ListBucket"]]
    assert [(entry["Resource"], entry["Condition"]) for entry in listed] == [
        ("arn:aws:s3:::papers", {"StringLike": {"s3:prefix": ["public/*", "drafts/*"]}}),
        ("arn:aws:s3:::results", {"StringLike": {"s3:prefix": ["*"]}}),
    ], "a listing is bounded to what may be read"


def test_objects_that_are_only_read_are_not_written() -> None:
    objects = [ObjectGrant(bucket="papers", prefix="public/")]
    document = permissions(Grants(repository_arn=REPOSITORY, objects=objects))

    assert statement(document, "ReadObjects")
    assert not statement(document, "WriteObjects")


@pytest.mark.parametrize(
    ("tracing", "metrics"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_traces_and_metrics_are_granted_when_they_are_on(*, tracing: bool, metrics: bool) -> None:
    document = permissions(Grants(repository_arn=REPOSITORY, tracing=tracing, metrics=metrics))

    assert bool(statement(document, "WriteTraces")) is tracing
    assert bool(statement(document, "RouteSpansToOwnLogGroups")) is tracing
    assert bool(statement(document, "WriteMetrics")) is metrics


def test_a_container_agent_gets_its_image_its_logs_and_its_tokens_by_itself() -> None:
    sids = [one.sid for one in statements_of(permissions(BARE))]

    assert sids == [
        "PullImage",
        "GetRegistryToken",
        "KeepOwnLogGroups",
        "ListLogGroups",
        "WriteOwnLogs",
        "GetOwnWorkloadToken",
    ]


def test_with_jwt_callers_no_token_is_given_for_a_user_id_alone() -> None:
    document = permissions(Grants(repository_arn=REPOSITORY, jwt=True))
    tokens = statement(document, "GetOwnWorkloadToken")
    denied = statement(document, "NoTokenByUserIdAlone")

    assert tokens is not None
    assert "bedrock-agentcore:GetWorkloadAccessTokenForUserId" not in tokens.actions
    assert denied is not None
    assert not denied.allows
    assert denied.actions == ["bedrock-agentcore:GetWorkloadAccessTokenForUserId"]


def test_with_iam_callers_a_token_is_given_for_a_user_id() -> None:
    document = permissions(BARE)
    tokens = statement(document, "GetOwnWorkloadToken")

    assert tokens is not None
    assert tokens.actions == [
        "bedrock-agentcore:GetWorkloadAccessToken",
        "bedrock-agentcore:GetWorkloadAccessTokenForJWT",
        "bedrock-agentcore:GetWorkloadAccessTokenForUserId",
    ]
    assert not statement(document, "NoTokenByUserIdAlone")


def test_a_role_of_another_partition_names_that_partition_in_every_arn() -> None:
    names = StackNames(
        project="agentcore", stack="dev", account_id="111111111111", region="us-gov-west-1"
    )
    arns = re.findall(r'"(arn:[^"]*)"', permissions(FULL, names) + trust_policy(names))

    assert arns
    given = {REPOSITORY, SECRET, KEY, f"{KEY}2"}
    foreign = {arn for arn in arns if not arn.startswith("arn:aws-us-gov:")} - given
    assert not foreign, "an ARN of another partition matches nothing"


_AGENT_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,3}(_[a-z0-9]{1,3}){0,2}", fullmatch=True)


@given(_AGENT_NAMES, _AGENT_NAMES)
def test_no_agent_can_write_the_logs_of_another(one: str, other: str) -> None:
    document = permissions_policy(NAMES, one, Grants(repository_arn=REPOSITORY))
    logs = statement(document, "KeepOwnLogGroups")
    routing = statement(document, "RouteSpansToOwnLogGroups")
    assert logs is not None
    assert routing is not None
    assert routing.resources == logs.resources, "spans go where the logs go"
    group = "arn:aws:logs:us-east-1:111111111111:log-group:/aws/bedrock-agentcore/runtimes/"

    reached = fnmatch.fnmatchcase(
        f"{group}{NAMES.runtime(other)}-0123456789-DEFAULT", logs.resources[0]
    )

    assert reached is (one == other), "an agent reaches its own log groups and no other's"


def test_more_than_a_role_holds_is_refused_with_count_limit_and_way_out() -> None:
    many = [f"provider.model-with-a-long-name-{n}" for n in range(150)]

    with pytest.raises(DocumentTooLongError) as refused:
        permissions(Grants(repository_arn=REPOSITORY, models=many))

    assert re.search(r"renders to 1\d{4} characters, at most 10240 are allowed", str(refused.value))
    assert "Name fewer models, profiles" in str(refused.value)
    assert len(permissions(Grants(repository_arn=REPOSITORY, models=many[:70]))) <= 10_240


def test_a_document_at_the_limit_is_taken_and_one_over_it_is_not() -> None:
    spare = 10_240 - len(permissions(Grants(repository_arn=REPOSITORY, models=["a.b"])))
    fits = Grants(repository_arn=REPOSITORY, models=["a.b" + "c" * spare])
    over = Grants(repository_arn=REPOSITORY, models=["a.b" + "c" * (spare + 1)])

    assert len(permissions(fits)) == 10_240
    with pytest.raises(DocumentTooLongError):
        permissions(over)


def test_the_key_is_governed_by_the_iam_of_its_own_account() -> None:
    owner, logs = statements_of(key_policy(NAMES))

    assert owner.raw["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert owner.actions == ["kms:*"], "less than everything could lock the key out"
    assert logs.raw["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert logs.raw["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111111111111:log-group:"
            + NAMES.flow_log_group
        }
    }, "for the one log group only"
