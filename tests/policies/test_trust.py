import json
from copy import deepcopy
from typing import Any, Final

import pytest

from agentcore_policies.model import SECRET, UNKNOWN, Resource
from agentcore_policies.rule import Finding
from agentcore_policies.rules.permissions import RULES as PERMISSIONS
from agentcore_policies.rules.trust import RULES
from tests.policies.judged import resource, told, urn, verdicts
from tests.policies.policy_forms import ACCOUNT, TRUST

AWS: Final = "aws:iam/role:Role"
NATIVE: Final = "aws-native:iam:Role"
DOCUMENT: Final = {AWS: "assumeRolePolicy", NATIVE: "assumeRolePolicyDocument"}
SOURCE_ARN: Final = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:*"
OTHER: Final = "333333333333"
PER_ROLE: Final = [rule.id for rule in RULES if rule.check]
GOOD: Final = json.loads(TRUST)["Statement"][0]
FLOW_LOGS: Final = {**GOOD, "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}


def role(kind: str, *statements: object, text: bool = True) -> Resource:
    """A role with a trust policy of these statements, in an account that its provider tells."""
    document: Any = {"Version": "2012-10-17", "Statement": list(statements)}
    given = json.dumps(document) if text else document
    made = resource(kind, {DOCUMENT[kind]: given, "name": "support", "roleName": "support"})
    object.__setattr__(
        made, "provider", {"region": "us-east-1", "allowedAccountIds": json.dumps([ACCOUNT])}
    )
    return made


def trust(statement: Any = GOOD, **changes: object) -> Any:
    """A statement with elements set; None takes one away."""
    changed = {**deepcopy(statement), **changes}
    return {key: value for key, value in changed.items() if value is not None}


def condition(**changes: object) -> Any:
    """The good condition, with operators set; None takes one away."""
    return {
        "Condition": {
            key: value
            for key, value in {**GOOD["Condition"], **changes}.items()
            if value is not None
        }
    }


def of_all(subject: Resource) -> dict[str, list[tuple[str, str]]]:
    """What each rule on one role says, those left out that say nothing."""
    found = {rule: told(verdicts(RULES, rule, subject)) for rule in PER_ROLE}
    return {rule: verdict for rule, verdict in found.items() if verdict}


PRINCIPAL: Final = "agentcore-role-principal"
SOURCE: Final = "agentcore-role-source"
ACTION: Final = "role-trust-action"
DEPUTY: Final = "role-confused-deputy"

# The rule, what is wrong beside the good statement, where it is told.
BAD: Final[list[tuple[str, Any, str]]] = [
    (PRINCIPAL, trust(Principal={"AWS": "*"}), "Principal"),
    (PRINCIPAL, trust(Principal="*"), "Principal"),
    (PRINCIPAL, trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "Principal"),
    (PRINCIPAL, trust(Principal={"AWS": OTHER}), "Principal"),
    (PRINCIPAL, trust(Principal={"AWS": [f"arn:aws:iam::{OTHER}:role/ci"]}), "Principal"),
    (PRINCIPAL, trust(Principal={"Service": "lambda.amazonaws.com"}), "Principal"),
    (PRINCIPAL, trust(Principal={"Service": "bedrock.amazonaws.com"}), "Principal"),
    (PRINCIPAL, trust(Principal={"Federated": "accounts.google.com"}), "Principal"),
    (SOURCE, trust(Condition=None), "Condition"),
    (SOURCE, trust(Condition={}), "Condition"),
    (SOURCE, trust(**condition(StringEquals=None)), "Condition"),
    (SOURCE, trust(**condition(ArnLike=None)), "Condition"),
    (
        SOURCE,
        trust(**condition(StringEquals=None, StringNotEquals={"aws:SourceAccount": OTHER})),
        "Condition",
    ),
    (
        SOURCE,
        trust(**condition(StringEquals=None, StringEqualsIfExists={"aws:SourceAccount": ACCOUNT})),
        "Condition",
    ),
    (
        SOURCE,
        trust(
            **condition(
                StringEquals=None, **{"ForAllValues:StringEquals": {"aws:SourceAccount": ACCOUNT}}
            )
        ),
        "Condition",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike=None, ArnLikeIfExists={"aws:SourceArn": SOURCE_ARN})),
        "Condition",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": "*"})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:*"})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": SOURCE_ARN.replace(ACCOUNT, "*")})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": SOURCE_ARN.replace(ACCOUNT, OTHER)})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": SOURCE_ARN.replace("us-east-1", "*")})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": SOURCE_ARN.replace("us-east-1", "eu-west-1")})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(ArnLike={"aws:SourceArn": [SOURCE_ARN, "arn:aws:s3:::docs"]})),
        "Condition.ArnLike.aws:SourceArn",
    ),
    (
        SOURCE,
        trust(**condition(StringEquals={"aws:SourceAccount": [ACCOUNT, OTHER]})),
        "Condition.StringEquals.aws:SourceAccount",
    ),
    (
        SOURCE,
        trust(
            **condition(
                StringEquals=None,
                StringLike={"aws:SourceAccount": "2*"},
                ArnLike={"aws:SourceArn": SOURCE_ARN},
            )
        ),
        "Condition.StringLike.aws:SourceAccount",
    ),
    (ACTION, trust(Action="sts:*"), "Action"),
    (ACTION, trust(Action="*"), "Action"),
    (ACTION, trust(Action=["sts:AssumeRole", "sts:TagSession"]), "Action"),
    (ACTION, trust(Action="sts:AssumeRoleWithWebIdentity"), "Action"),
]


@pytest.mark.parametrize("kind", [AWS, NATIVE])
@pytest.mark.parametrize("text", [True, False], ids=["text", "object"])
def test_the_documented_trust_passes(kind: str, text: bool) -> None:  # noqa: FBT001
    assert of_all(role(kind, GOOD, text=text)) == {}
    assert of_all(role(kind, GOOD, trust(Action="STS:assumerole"), text=text)) == {}
    lowered = {
        "stringequals": {"AWS:sourceaccount": ACCOUNT},
        "ArnEquals": {"aws:sourcearn": SOURCE_ARN},
    }
    assert of_all(role(kind, trust(Condition=lowered), text=text)) == {}
    denying = {"Effect": "Deny", "Principal": "*", "Action": "*"}
    assert of_all(role(kind, GOOD, denying, text=text)) == {}, "a deny takes nothing back"


@pytest.mark.parametrize(
    ("rule", "statement", "path"), BAD, ids=lambda each: json.dumps(each)[:100]
)
def test_one_more_statement_defeats_the_trust(rule: str, statement: Any, path: str) -> None:
    for kind in (AWS, NATIVE):
        for text in (True, False):
            found = of_all(role(kind, GOOD, statement, text=text))
            where = f"{DOCUMENT[kind]}.Statement[1].{path}"
            assert set(found) == {rule}, "the one rule that knows this fault finds it"
            assert set(found[rule]) == {("finding", where)}


@pytest.mark.parametrize(
    ("rule", "statement", "path"), BAD[8:], ids=lambda each: json.dumps(each)[:100]
)
def test_the_only_statement_is_judged_as_any_other(rule: str, statement: Any, path: str) -> None:
    found = of_all(role(AWS, statement))
    assert set(found) == {rule}
    assert set(found[rule]) == {("finding", f"assumeRolePolicy.Statement[0].{path}")}


def test_services_beside_agentcore_are_refused() -> None:
    both = trust(Principal={"Service": ["bedrock-agentcore.amazonaws.com", "lambda.amazonaws.com"]})
    found = of_all(role(AWS, both))
    assert found == {PRINCIPAL: [("finding", "assumeRolePolicy.Statement[0].Principal")]}


def test_an_account_is_compared_only_where_the_provider_tells_it() -> None:
    statement = trust(
        Condition={
            "StringEquals": {"aws:SourceAccount": OTHER},
            "ArnLike": {"aws:SourceArn": SOURCE_ARN.replace(ACCOUNT, OTHER)},
        }
    )
    assert set(of_all(role(AWS, statement))) == {SOURCE}
    given = {"assumeRolePolicy": role(AWS, statement).at("assumeRolePolicy")}
    where = "assumeRolePolicy.Statement[0].Condition.StringEquals.aws:SourceAccount"
    for arn in (None, UNKNOWN, "support"):
        untold = of_all(resource(AWS, {**given, "arn": arn}))
        assert untold == {SOURCE: [("not checked", where)]}, "nobody knows whose account it is"
    there = {account: f"arn:aws:iam::{account}:role/support" for account in (ACCOUNT, OTHER)}
    foreign = of_all(resource(AWS, {**given, "arn": there[ACCOUNT]}))
    assert foreign == {SOURCE: [("finding", where)]}, "a role that is there tells its account"
    assert of_all(resource(AWS, {**given, "arn": there[OTHER]})) == {}


@pytest.mark.parametrize("kind", [AWS, NATIVE])
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
def test_what_is_not_known_of_a_trust_is_not_passed(kind: str, hidden: Any) -> None:
    path = DOCUMENT[kind]
    whole = of_all(resource(kind, {path: hidden}))
    assert whole == {rule: [("not checked", path)] for rule in PER_ROLE}
    first = f"{path}.Statement[0]"
    named = of_all(role(kind, trust(Principal={"Service": hidden}), GOOD, text=False))
    assert ("not checked", f"{first}.Principal.Service") in named[PRINCIPAL]
    for changes, where in (
        (hidden, "Condition"),
        (
            {"StringEquals": hidden, "ArnLike": GOOD["Condition"]["ArnLike"]},
            "Condition.StringEquals",
        ),
        (
            condition(StringEquals={"aws:SourceAccount": hidden})["Condition"],
            "Condition.StringEquals.aws:SourceAccount",
        ),
        (
            condition(ArnLike={"aws:SourceArn": hidden})["Condition"],
            "Condition.ArnLike.aws:SourceArn",
        ),
    ):
        found = of_all(role(kind, trust(Condition=changes), text=False))
        assert found == {SOURCE: [("not checked", f"{first}.{where}")]}
    action = of_all(role(kind, trust(Action=hidden), text=False))
    assert action == {ACTION: [("not checked", f"{first}.Action")]}


def test_an_inverted_principal_is_refused() -> None:
    statement = trust(Principal=None, NotPrincipal={"AWS": OTHER})
    for kind in (AWS, NATIVE):
        found = told(verdicts(PERMISSIONS, "iam-inverted-allow", role(kind, GOOD, statement)))
        assert found == [("finding", f"{DOCUMENT[kind]}.Statement[1].NotPrincipal")]


GITHUB_HOST: Final = "token.actions.githubusercontent.com"
GITHUB: Final = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB_HOST}"}
FEDERATED: Final = "sts:AssumeRoleWithWebIdentity"
OTHERS: Final[list[tuple[Any, Any, str]]] = [
    (trust(FLOW_LOGS, Condition=None), FLOW_LOGS, DEPUTY),
    (
        trust(FLOW_LOGS, Condition={"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}),
        trust(FLOW_LOGS, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        DEPUTY,
    ),
    (
        trust(FLOW_LOGS, Condition={"ArnLike": {"aws:SourceArn": "*"}}),
        trust(FLOW_LOGS, Condition={"ArnLike": {"aws:SourceArn": SOURCE_ARN}}),
        DEPUTY,
    ),
    (
        trust(Principal={"AWS": "*"}, Condition=None),
        trust(
            Principal={"AWS": "*"},
            Condition={"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}},
        ),
        DEPUTY,
    ),
    (
        trust(FLOW_LOGS, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:*"}}),
        trust(FLOW_LOGS, Condition={"ArnLike": {"aws:SourceArn": SOURCE_ARN}}),
        DEPUTY,
    ),
    (
        trust(
            FLOW_LOGS,
            Condition={"StringLike": {"aws:SourceAccount": [f"{n}*" for n in range(10)]}},
        ),
        trust(FLOW_LOGS, Condition={"StringLike": {"aws:SourceAccount": ACCOUNT}}),
        DEPUTY,
    ),
    (
        trust(Principal={"AWS": f"arn:aws:iam::{OTHER}:*"}, Condition=None),
        trust(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/ci"}, Condition=None),
        DEPUTY,
    ),
    (
        trust(Principal={"AWS": OTHER}, Condition={"StringLike": {"sts:ExternalId": "*"}}),
        trust(Principal={"AWS": OTHER}, Condition={"StringLike": {"sts:ExternalId": "x-*"}}),
        DEPUTY,
    ),
    *(
        (
            trust(Principal=GITHUB, Action=FEDERATED, Condition=bad),
            trust(
                Principal=GITHUB,
                Action=FEDERATED,
                Condition={"StringLike": {f"{GITHUB_HOST}:sub": "repo:acme/agents:*"}},
            ),
            DEPUTY,
        )
        for bad in (
            {"StringEquals": {f"{GITHUB_HOST}:aud": "sts.amazonaws.com"}},
            {"StringLike": {f"{GITHUB_HOST}:sub": "repo:*"}},
            {"StringLike": {f"{GITHUB_HOST}:sub": ["repo:acme/agents:*", "*"]}},
            {"StringNotEquals": {f"{GITHUB_HOST}:sub": "repo:acme/agents:*"}},
            {"StringEqualsIfExists": {f"{GITHUB_HOST}:sub": "repo:acme/agents:ref:x"}},
        )
    ),
    (
        trust(Principal={"AWS": "*"}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        trust(Principal={"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        DEPUTY,
    ),
    (
        trust(
            Principal={"AWS": [OTHER, f"arn:aws:iam::{OTHER}:*"]},
            Condition={"StringEquals": {"sts:ExternalId": "x"}},
        ),
        trust(
            Principal={"AWS": [OTHER, f"arn:aws:iam::{OTHER}:*"]},
            Condition={"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/ci"}},
        ),
        DEPUTY,
    ),
    (
        trust(Principal={"AWS": OTHER}, Condition={"StringLike": {"sts:ExternalId": ["x", "*a*"]}}),
        trust(Principal={"AWS": OTHER}, Condition={"StringLike": {"sts:ExternalId": ["x", "a*"]}}),
        DEPUTY,
    ),
    (
        trust(Principal={"AWS": OTHER}, Condition=None),
        trust(Principal={"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        DEPUTY,
    ),
    (
        trust(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}, Condition=None),
        trust(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/ci"}, Condition=None),
        DEPUTY,
    ),
    (
        trust(
            Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/ci.example.com"},
            Action="sts:AssumeRoleWithWebIdentity",
            Condition=None,
        ),
        trust(
            Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/ci.example.com"},
            Action="sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {"ci.example.com:sub": "main"}},
        ),
        DEPUTY,
    ),
    (trust(FLOW_LOGS, Action="sts:*"), trust(FLOW_LOGS, Action="sts:AssumeRole"), ACTION),
    (
        trust(Principal={"Service": "ec2.amazonaws.com.example"}, Condition=None),
        trust(Principal={"Service": "ec2.amazonaws.com"}, Condition=None),
        DEPUTY,
    ),
]


@pytest.mark.parametrize(("bad", "good", "rule"), OTHERS, ids=lambda each: json.dumps(each)[:100])
def test_other_roles_have_no_stand_in(bad: Any, good: Any, rule: str) -> None:
    for kind in (AWS, NATIVE):
        for text in (True, False):
            found = of_all(role(kind, bad, text=text))
            assert list(found) == [rule]
            assert len(found[rule]) == 1
            assert of_all(role(kind, good, text=text)) == {}


def federated(issuer: str, condition: Any) -> Any:
    """A statement that lets in who has a token of an issuer."""
    provider = issuer if issuer == COGNITO else f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"
    return trust(Principal={"Federated": provider}, Action=FEDERATED, Condition=condition)


COGNITO: Final = "cognito-identity.amazonaws.com"
POOL: Final = "us-east-1:0a1b2c3d-0000-1111-2222-333344445555"
EQUAL: Final = "StringEquals"
LIKE: Final = "StringLike"
# The issuer, operator, claim and value, and whether they tell whose token it is.
CLAIMS: Final[list[tuple[str, str, str, object, bool]]] = [
    *((GITHUB_HOST, EQUAL, claim, "refs/heads/main", False) for claim in ("ref", "iss", "aud")),
    (GITHUB_HOST, EQUAL, "environment", "production", False),
    (GITHUB_HOST, EQUAL, "workflow", "deploy", False),
    (GITHUB_HOST, EQUAL, "sub", "repo:acme/agents:ref:refs/heads/main", True),
    (GITHUB_HOST, LIKE, "sub", "repo:acme/*", True),
    (GITHUB_HOST, "ForAnyValue:StringLike", "sub", "repo:acme/*", True),
    (GITHUB_HOST, LIKE, "sub", "repo:a*", False),
    (GITHUB_HOST, LIKE, "sub", "repo:acme*", False),
    (GITHUB_HOST, LIKE, "sub", ["repo:acme/*", "repo:*/agents"], False),
    (GITHUB_HOST, EQUAL, "sub", "environment:production", False),
    (GITHUB_HOST, EQUAL, "sub", "repository_owner_id:4711", True),
    (GITHUB_HOST, LIKE, "sub", "repository_owner:acme:*", True),
    (GITHUB_HOST, LIKE, "sub", "repository_owner:acme*", False),
    (GITHUB_HOST, EQUAL, "repository", "acme/agents", True),
    (GITHUB_HOST, LIKE, "repository", "acme/*", True),
    (GITHUB_HOST, LIKE, "repository", "acme*", False),
    (GITHUB_HOST, LIKE, "repository_owner_id", "47*", False),
    (GITHUB_HOST, LIKE, "job_workflow_ref", "acme/flows/.github/workflows/deploy.yml@*", True),
    ("gitlab.com", LIKE, "sub", "project_path:acme/agents:*", True),
    ("gitlab.com", LIKE, "sub", "project_path:acme*", False),
    ("gitlab.com", EQUAL, "aud", "https://gitlab.com", False),
    ("app.terraform.io", LIKE, "sub", "organization:acme:project:*", True),
    ("app.terraform.io", LIKE, "sub", "organization:*:project:agents", False),
    ("app.terraform.io", EQUAL, "aud", "aws.workload.identity", False),
    ("agent.buildkite.com", LIKE, "sub", "organization:acme:pipeline:*", True),
    ("agent.buildkite.com", EQUAL, "aud", "sts.amazonaws.com", False),
    ("Token.Actions.githubusercontent.com", EQUAL, "aud", "sts.amazonaws.com", False),
    (COGNITO, "ForAnyValue:StringLike", "amr", "unauthenticated", False),
    (COGNITO, EQUAL, "aud", POOL, True),
    ("ci.example.com", EQUAL, "aud", "agents", True),
    ("ci.example.com", EQUAL, "iss", "https://ci.example.com", False),
    ("ci.example.com", EQUAL, "repository", "acme/agents", True),
    ("ci.example.com", EQUAL, "", "agents", False),
    ("ci.example.com", LIKE, "sub", "service:agents:*", True),
    ("ci.example.com", LIKE, "sub", "*", False),
    ("ci.example.com", LIKE, "sub", "service*", False),
    ("ci.example.com", EQUAL, "sub", [], False),
]


@pytest.mark.parametrize(("issuer", "operator", "claim", "value", "is_bound"), CLAIMS, ids=str)
def test_a_claim_bounds_that_tells_whose_the_token_is(
    issuer: str, operator: str, claim: str, value: object, *, is_bound: bool
) -> None:
    found = of_all(role(AWS, federated(issuer, {operator: {f"{issuer}:{claim}": value}})))
    expected = {DEPUTY: [("finding", "assumeRolePolicy.Statement[0].Condition")]}
    assert found == ({} if is_bound else expected)


def test_a_claim_of_another_issuer_bounds_nothing() -> None:
    for key in ("other.example.com:sub", "x-ci.example.com:sub", "sub"):
        statement = federated("ci.example.com", {EQUAL: {key: "agents"}})
        assert list(of_all(role(AWS, statement))) == [DEPUTY], key


@pytest.mark.parametrize(
    ("claim", "is_bound"),
    [("aud", True), ("edupersonaffiliation", True), ("sub_type", False), ("", False)],
)
def test_whom_a_saml_provider_knows_is_bounded_by_what_it_says_of_them(
    claim: str, *, is_bound: bool
) -> None:
    statement = trust(
        Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/acme"},
        Action="sts:AssumeRoleWithSAML",
        Condition={EQUAL: {f"SAML:{claim}": "persistent"}},
    )
    assert list(of_all(role(AWS, statement))) == ([] if is_bound else [DEPUTY])


OWNERS: Final = (
    *("actor", "actor_id", "cluster_id", "enterprise_id", "job_workflow_ref", "namespace_id"),
    *("organization_id", "organization_slug", "pipeline_id", "project_id", "repository"),
    *("repository_id", "repository_owner_id", "user_email", "user_id", "user_login"),
)
SUBJECTS: Final = (
    *("sub", "aud", "oaud", "app_id", "id", "rpst_id"),
    *("google/organization_number", "oidc.circleci.com/project-id"),
)


def test_every_claim_that_tells_whose_a_token_is_bounds() -> None:
    for issuer, claims in ((GITHUB_HOST, OWNERS), ("ci.example.com", (*OWNERS, *SUBJECTS))):
        for claim in claims:
            given = {EQUAL: {f"{issuer}:{claim}": "4711"}}
            assert of_all(role(AWS, federated(issuer, given))) == {}, f"{issuer}: {claim}"


def test_every_key_that_tells_who_calls_bounds() -> None:
    organization = ("o-0123456789", "o-0123456789/r-1/*")
    whole = trust(Principal={"AWS": OTHER}, Condition=None)
    for statement, prefix in ((FLOW_LOGS, "Source"), (whole, "Principal")):
        values = (OTHER, f"arn:aws:iam::{OTHER}:role/ci", *organization)
        for name, value in zip(("Account", "Arn", "OrgID", "OrgPaths"), values, strict=True):
            given = trust(statement, Condition={LIKE: {f"aws:{prefix}{name}": value}})
            assert of_all(role(AWS, given)) == {}, f"aws:{prefix}{name}"


def messages(rule: str, *statements: Any) -> list[str]:
    """What a rule finds, without where."""
    found = verdicts(RULES, rule, role(AWS, *statements))
    return [one.message.partition(".")[0] for one in found if isinstance(one, Finding)]


def test_who_may_assume_a_role_is_named() -> None:
    for principal, name in (
        ("*", "anyone in any account (*)"),
        ({"AWS": "*"}, "anyone in any account (*)"),
        ({"AWS": OTHER}, f"the whole account {OTHER}"),
        ({"AWS": f"arn:aws:iam::{OTHER}:root"}, f"the whole account {OTHER}"),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/ci"}, f'"arn:aws:iam::{OTHER}:role/ci"'),
        ({"Federated": OTHER}, f'"{OTHER}"'),
        ({"AWS": "bedrock-agentcore.amazonaws.com"}, '"bedrock-agentcore'),
    ):
        expected = f"besides AgentCore the role may be assumed by {name}"
        assert messages(PRINCIPAL, GOOD, trust(Principal=principal)) == [expected]


def test_the_bound_that_helps_is_named() -> None:
    for operators, missing in (
        ({"StringEquals": None}, "aws:SourceAccount,"),
        ({"ArnLike": None}, "aws:SourceArn,"),
        ({"StringEquals": None, "ArnLike": None}, "aws:SourceAccount and aws:SourceArn,"),
    ):
        (message,) = messages(SOURCE, trust(**condition(**operators)))
        assert message.startswith(f"the statement does not bound {missing}"), message
    for issuer, way_out in (
        (GITHUB_HOST, "to an owner"),
        ("ci.example.com", "or :aud where it is yours alone"),
    ):
        (found,) = verdicts(RULES, DEPUTY, role(AWS, federated(issuer, None)))
        assert isinstance(found, Finding)
        assert f"Bound {issuer}:sub" in found.message
        assert way_out in found.message


def test_everybody_and_every_service_is_told_once() -> None:
    for principal in ("*", {"Service": "*"}, {"Service": "vpc-flow-logs.amazonaws.com"}):
        bad = of_all(role(AWS, trust(Principal=principal, Condition=None)))
        assert bad == {DEPUTY: [("finding", "assumeRolePolicy.Statement[0].Condition")]}
    good = trust(Principal="*", Condition={EQUAL: {"aws:PrincipalOrgID": "o-0123456789"}})
    assert of_all(role(AWS, good)) == {}


def test_each_of_several_issuers_is_bounded() -> None:
    providers = [f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name}.example.com" for name in ("a", "b")]
    for claims, count in ((("a",), 1), (("b",), 1), ((), 2), (("a", "b"), 0)):
        given = {EQUAL: {f"{name}.example.com:sub": "agents" for name in claims}}
        statement = trust(Principal={"Federated": providers}, Action=FEDERATED, Condition=given)
        assert len(of_all(role(AWS, statement)).get(DEPUTY, [])) == count, claims


def untold(statement: Any) -> Resource:
    """A role whose provider tells neither account nor region."""
    given = role(AWS, statement, text=False).at("assumeRolePolicy")
    made = resource(AWS, {"assumeRolePolicy": given, "name": "support"})
    object.__setattr__(made, "provider", {"region": UNKNOWN})
    return made


BLOCK: Final = "assumeRolePolicy.Statement[0].Condition"
NAMED: Final = f"{BLOCK}.StringEquals.aws:SourceAccount"


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ([ACCOUNT], "not checked"),
        ([ACCOUNT, ACCOUNT], "not checked"),
        ([ACCOUNT, OTHER], "finding"),
        (["2*"], "finding"),
        (["2*", ACCOUNT], "finding"),
        (UNKNOWN, "not checked"),
    ],
    ids=str,
)
def test_accounts_are_told_of_once(accounts: Any, expected: str) -> None:
    arn = SOURCE_ARN.replace("us-east-1", "eu-west-1")
    statement = trust(
        **condition(StringEquals={"aws:SourceAccount": accounts}, ArnLike={"aws:SourceArn": arn})
    )
    assert of_all(untold(statement)) == {SOURCE: [(expected, NAMED)]}
    if expected == "finding":
        own = trust(**condition(StringEquals={"aws:SourceAccount": accounts}))
        assert of_all(role(AWS, own)) == {SOURCE: [("finding", NAMED)]}


@pytest.mark.parametrize(
    ("arn", "is_good"),
    [
        (f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/a:b", True),
        (f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}", False),
        (f"urn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:*", False),
        ("arn:aws", False),
        ("arn:aws:bedrock-agentcore:us-east-1:*:*", False),
        (f"arn:aws:bedrock-agentcore:*:{ACCOUNT}:*", False),
        (f"arn:aws:bedrock-agentcore::{ACCOUNT}:*", False),
    ],
)
def test_a_source_is_in_one_region_and_account(arn: str, *, is_good: bool) -> None:
    statement = trust(
        Condition={
            EQUAL: {"aws:SourceAccount": UNKNOWN},
            "ArnLike": {"aws:SourceArn": arn},
            "Bool": UNKNOWN,
        }
    )
    wrong = [] if is_good else [("finding", f"{BLOCK}.ArnLike.aws:SourceArn")]
    assert of_all(untold(statement)) == {SOURCE: [("not checked", NAMED), *wrong]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], "finding"),
        (["x", UNKNOWN], "not checked"),
        (UNKNOWN, "not checked"),
        (["x", "y"], None),
    ],
    ids=str,
)
def test_what_is_not_known_of_a_bound_is_not_passed(values: Any, expected: str | None) -> None:
    known = {EQUAL: {"sts:ExternalId": values}}
    account = trust(Principal={"AWS": OTHER}, Condition=known)
    issuer = federated("ci.example.com", {EQUAL: {"ci.example.com:sub": values}})
    for statement, key in ((account, "sts:ExternalId"), (issuer, "ci.example.com:sub")):
        found = of_all(role(AWS, statement, text=False))
        path = f"{BLOCK}.StringEquals.{key}" if expected == "not checked" else BLOCK
        assert found == ({DEPUTY: [(expected, path)]} if expected else {})


def runtime(
    role_arn: object, kind: str = "aws-native:bedrockagentcore:Runtime", **more: Any
) -> Resource:
    return resource(kind, {"agentRuntimeName": "support", "roleArn": role_arn}, "agent", **more)


@pytest.mark.parametrize("kind", [AWS, NATIVE])
@pytest.mark.parametrize(
    "runtime_kind",
    [
        "aws-native:bedrockagentcore:Runtime",
        "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
    ],
)
def test_the_role_a_runtime_names_trusts_agentcore(kind: str, runtime_kind: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/support"
    linked = {"roleArn": (urn(kind, "one"),)}
    for service in ("lambda.amazonaws.com", "bedrock.amazonaws.com"):
        other = role(kind, trust(Principal={"Service": service}))
        for agent in (
            runtime(arn, runtime_kind),
            runtime(UNKNOWN, runtime_kind, dependencies=linked),
        ):
            (found,) = verdicts(RULES, "runtime-role-trust", [other, agent])
            assert found.urn == other.urn, "it points at the role"
            assert told([found]) == [("finding", "")]
    for good in ([role(kind, GOOD), runtime(arn)], [role(kind, FLOW_LOGS)]):
        assert verdicts(RULES, "runtime-role-trust", good) == []
    assert told(verdicts(RULES, "runtime-role-trust", [runtime(arn)])) == [
        ("not checked", "roleArn")
    ], "whom another stack's role trusts is not known"


@pytest.mark.parametrize(
    "kind", ["aws:bedrock/agentcoreHarness:AgentcoreHarness", "aws-native:bedrockagentcore:Harness"]
)
def test_the_role_a_harness_names_trusts_agentcore(kind: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/support"
    harness = resource(kind, {"executionRoleArn": arn}, "harness")
    (found,) = verdicts(RULES, "runtime-role-trust", [role(AWS, FLOW_LOGS), harness])
    assert told([found]) == [("finding", "")]
    assert verdicts(RULES, "runtime-role-trust", [role(AWS, GOOD), harness]) == []
    assert told(verdicts(RULES, "runtime-role-trust", [harness])) == [
        ("not checked", "executionRoleArn")
    ]


def test_a_runtime_whose_role_is_not_known_is_not_passed() -> None:
    agent = runtime(UNKNOWN)
    (found,) = verdicts(RULES, "runtime-role-trust", [role(AWS, FLOW_LOGS), agent])
    assert told([found]) == [("not checked", "roleArn")]
    assert found.urn == agent.urn
    hidden = resource(AWS, {"assumeRolePolicy": UNKNOWN, "name": "support"})
    agent = runtime(f"arn:aws:iam::{ACCOUNT}:role/support")
    assert told(verdicts(RULES, "runtime-role-trust", [hidden, agent])) == [
        ("not checked", "assumeRolePolicy")
    ]


def test_each_role_of_several_runtimes_is_told_once() -> None:
    roles = [
        resource(
            AWS, {"assumeRolePolicy": json.dumps({"Statement": [statement]}), "name": name}, name
        )
        for name, statement in (("good", GOOD), ("one", FLOW_LOGS), ("two", FLOW_LOGS))
    ]
    hidden = resource(AWS, {"assumeRolePolicy": UNKNOWN, "name": "hidden"}, "hidden")
    grant = {"role": "elsewhere", "policy": "{}"}
    elsewhere = resource("aws:iam/rolePolicy:RolePolicy", grant, "elsewhere")
    named = ("elsewhere", "good", "hidden", "one", "one", "two")
    agents = [
        resource(
            "aws-native:bedrockagentcore:Runtime",
            {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}"},
            f"agent{index}",
        )
        for index, name in enumerate(named)
    ]
    found = verdicts(RULES, "runtime-role-trust", [*roles, hidden, elsewhere, *agents])
    assert [(one.urn, *told([one])) for one in found] == [
        (agents[0].urn, ("not checked", "roleArn")),
        (hidden.urn, ("not checked", "assumeRolePolicy")),
        (roles[1].urn, ("finding", "")),
        (roles[2].urn, ("finding", "")),
    ]
