import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies import iam_actions
from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rule import Finding, NotChecked
from agentcore_policies.rules.permissions import RULES
from tests.policies.judged import resource, told, verdicts
from tests.policies.policy_forms import (
    ACCOUNT,
    FORMS,
    OBJECTS,
    REPOSITORY,
    ROLE_ARN,
    TRUST,
    Form,
    Statement,
    allow,
)

NAMED_ROLE: Final = {"StringEquals": {"iam:PassedToService": "bedrock-agentcore.amazonaws.com"}}
NAMESPACE: Final = {"StringEquals": {"cloudwatch:namespace": "bedrock-agentcore"}}
SECRET_ARN: Final = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:agents/support-??????"
KEY_ARN: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-0123456789ab"
MODEL: Final = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-v1:0"
PROFILE: Final = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.anthropic.claude-v1:0"
RUNTIME: Final = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/support-0123456789"
TABLE: Final = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
STREAMS: Final = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/agents/one:log-stream:*"
DIRECTORY: Final = (
    f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:workload-identity-directory/default"
)

# The rule, what is wrong, and the twin one step away that is right.
STATEMENTS: Final[list[tuple[str, Statement, Statement]]] = [
    ("iam-action-wildcard", allow("*"), allow("ecr:DescribeImages")),
    ("iam-action-wildcard", allow(["*"]), allow(["ecr:DescribeImages"])),
    ("iam-action-wildcard", allow("*:*"), allow("ecr:Describe*")),
    ("iam-action-wildcard", allow("**"), allow("ecr:Describe*")),
    ("iam-action-wildcard", allow("ecr:*"), allow("ecr:Describe*")),
    ("iam-action-wildcard", allow("ECR:?*"), allow("ECR:describe*")),
    (
        "iam-action-wildcard",
        allow("s3:*", "arn:aws:s3:::docs/a*"),
        allow("s3:GetObject", "arn:aws:s3:::docs/a*"),
    ),
    (
        "iam-action-wildcard",
        allow("bedrock-agentcore:*", RUNTIME),
        allow("bedrock-agentcore:InvokeAgentRuntime", RUNTIME),
    ),
    ("iam-action-wildcard", allow("*:PassRole", ROLE_ARN), allow("iam:GetRole", ROLE_ARN)),
    ("iam-action-wildcard-privileged", allow("iam:P*", ROLE_ARN), allow("iam:GetRole*", ROLE_ARN)),
    (
        "iam-action-wildcard-privileged",
        allow("IAM:pass?ole", ROLE_ARN),
        allow("IAM:getro?e", ROLE_ARN),
    ),
    (
        "iam-action-wildcard-privileged",
        allow("bedrock-agentcore:Invoke*", RUNTIME),
        allow("bedrock-agentcore:GetAgent*", RUNTIME),
    ),
    (
        "iam-action-wildcard-privileged",
        allow("bedrock-agentcore:GetWorkloadAccessToken*", DIRECTORY),
        allow(
            [
                "bedrock-agentcore:GetWorkloadAccessToken",
                "bedrock-agentcore:GetWorkloadAccessTokenForJWT",
            ],
            DIRECTORY,
        ),
    ),
    (
        "iam-action-wildcard-privileged",
        allow("s3:PutBucket*", "arn:aws:s3:::docs"),
        allow("s3:ListBucket*", "arn:aws:s3:::docs"),
    ),
    (
        "iam-action-wildcard-privileged",
        allow("kms:Create*", KEY_ARN),
        allow("kms:Encrypt*", KEY_ARN),
    ),
    ("iam-action-unknown", allow("ecr:BatchGetImages"), allow("ecr:BatchGetImage")),
    ("iam-action-unknown", allow("logs:PutLogEvent", STREAMS), allow("logs:PutLogEvents", STREAMS)),
    (
        "iam-action-unknown",
        allow("bedrockagentcore:InvokeAgentRuntime", RUNTIME),
        allow("bedrock-agentcore:InvokeAgentRuntime", RUNTIME),
    ),
    ("iam-action-unknown", allow("ecr:Fetch*"), allow("ecr:BatchGet*")),
    ("iam-action-unknown", allow("BatchGetImage"), allow("ECR:batchgetimage")),
    (
        "iam-action-unknown",
        {"Effect": "Deny", "Action": "ecr:DeleteImage", "Resource": "*"},
        {"Effect": "Deny", "Action": "ecr:BatchDeleteImage", "Resource": "*"},
    ),
    (
        "iam-resource-star",
        allow("ecr:DescribeImages", "*"),
        allow("ecr:GetAuthorizationToken", "*"),
    ),
    (
        "iam-resource-star",
        allow("ecr:DescribeImages", ["*"]),
        allow("ecr:DescribeImages", [REPOSITORY]),
    ),
    (
        "iam-resource-star",
        allow("ecr:DescribeImages", [REPOSITORY, "*"]),
        allow("ecr:DescribeImages", [REPOSITORY]),
    ),
    (
        "iam-resource-star",
        allow("logs:PutLogEvents", "arn:aws:*"),
        allow("logs:PutLogEvents", STREAMS),
    ),
    (
        "iam-resource-star",
        allow("logs:CreateLogGroup", "arn:*:*:*:*:*:*"),
        allow("logs:CreateLogGroup", f"arn:*:*:*:{ACCOUNT}:log-group:/a/*"),
    ),
    (
        "iam-resource-star",
        allow("s3:GetObject", "arn:aws:s3:::*/*"),
        allow("s3:GetObject", "arn:aws:s3:::docs/*"),
    ),
    ("iam-resource-star", allow("s3:GetObject", "*"), allow("s3:ListAllMyBuckets", "*")),
    (
        "iam-resource-star",
        allow("dynamodb:Get*", "arn:aws:dynamodb:*:*:table/*"),
        allow("dynamodb:GetItem", TABLE),
    ),
    (
        "iam-resource-star",
        allow("ecr:PutImage", "*"),
        allow("xray:PutTraceSegments", "*"),
    ),
    ("iam-resource-type", allow("ecr:DescribeImages", TABLE), allow("dynamodb:GetItem", TABLE)),
    (
        "iam-resource-type",
        allow("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/a"),
        allow("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/a:*"),
    ),
    (
        "iam-resource-type",
        allow("s3:GetObject", "arn:aws:s3:::docs"),
        allow("s3:GetObject", "arn:aws:s3:::docs/*"),
    ),
    (
        "iam-resource-type",
        allow("s3:ListBucket", "arn:aws:s3:::docs/*"),
        allow("s3:ListBucket", "arn:aws:s3:::docs"),
    ),
    (
        "iam-resource-type",
        allow(["ecr:BatchGetImage", "ecr:GetAuthorizationToken"]),
        allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]),
    ),
    (
        "iam-resource-type",
        allow("ecr:BatchGetImage", [REPOSITORY, TABLE]),
        allow("ecr:BatchGetImage", [REPOSITORY]),
    ),
    (
        "iam-resource-type",
        allow("ecr:BatchGetImage", "agents/support"),
        allow("ecr:BatchGetImage", REPOSITORY),
    ),
    ("iam-resource-type", allow("ecr:Describe*", TABLE), allow("dynamodb:Describe*", TABLE)),
    (
        "iam-condition-key",
        allow("ecr:BatchGetImage", Condition={"StringEquals": {"ecr:ResourceTags/a": "b"}}),
        allow("ecr:BatchGetImage", Condition={"StringEquals": {"ecr:ResourceTag/a": "b"}}),
    ),
    (
        "iam-condition-key",
        allow("ecr:BatchGetImage", Condition={"StringEquals": {"aws:PrincipalOrg": "o-1"}}),
        allow("ecr:BatchGetImage", Condition={"StringEquals": {"AWS:principalorgid": "o-1"}}),
    ),
    (
        "iam-condition-key",
        allow("ecr:BatchGetImage", Condition={"StringIs": {"aws:PrincipalOrgID": "o-1"}}),
        allow(
            "ecr:BatchGetImage",
            Condition={"ForAnyValue:StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        ),
    ),
    (
        "iam-condition-key",
        allow("kms:Decrypt", KEY_ARN, Condition={"StringEquals": {"kms:ViaServices": "s"}}),
        allow(
            "kms:Decrypt",
            KEY_ARN,
            Condition={"StringEquals": {"kms:EncryptionContext:app": "s", "kms:ViaService": "s"}},
        ),
    ),
    (
        "iam-inverted-allow",
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": REPOSITORY},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": REPOSITORY},
    ),
    (
        "iam-inverted-allow",
        {"Effect": "Allow", "Action": "ecr:BatchGetImage", "NotResource": REPOSITORY},
        {"Effect": "Deny", "Action": "ecr:BatchGetImage", "NotResource": REPOSITORY},
    ),
    (
        "iam-pass-role",
        allow("iam:PassRole", "*", Condition=NAMED_ROLE),
        allow("iam:PassRole", ROLE_ARN, Condition=NAMED_ROLE),
    ),
    (
        "iam-pass-role",
        allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*", Condition=NAMED_ROLE),
        allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/agents/*", Condition=NAMED_ROLE),
    ),
    (
        "iam-pass-role",
        allow("IAM:passrole", ROLE_ARN),
        allow("IAM:passrole", ROLE_ARN, Condition=NAMED_ROLE),
    ),
    (
        "iam-pass-role",
        allow(
            "iam:PassRole", ROLE_ARN, Condition={"StringEqualsIfExists": NAMED_ROLE["StringEquals"]}
        ),
        allow("iam:PassRole", ROLE_ARN, Condition={"StringLike": NAMED_ROLE["StringEquals"]}),
    ),
    (
        "iam-pass-role",
        allow("iam:PassRole", ROLE_ARN, Condition={"StringNotEquals": NAMED_ROLE["StringEquals"]}),
        allow("iam:PassRole", ROLE_ARN, Condition=NAMED_ROLE),
    ),
    (
        "iam-pass-role",
        allow("iam:PassRole", ROLE_ARN, Condition={"StringLike": {"iam:PassedToService": "*"}}),
        allow("iam:PassRole", ROLE_ARN, Condition=NAMED_ROLE),
    ),
    (
        "iam-pass-role",
        allow(
            "iam:PassRole",
            ROLE_ARN,
            Condition={
                "StringEquals": {
                    "iam:PassedToService": ["ec2.amazonaws.com", "bedrock-agentcore.amazonaws.com"]
                }
            },
        ),
        allow("iam:PassRole", ROLE_ARN, Condition=NAMED_ROLE),
    ),
    (
        "iam-metric-namespace",
        allow("cloudwatch:PutMetricData", "*"),
        allow("cloudwatch:PutMetricData", "*", Condition=NAMESPACE),
    ),
    (
        "iam-metric-namespace",
        allow(
            "cloudwatch:PutMetricDat?", "*", Condition={"StringLike": {"cloudwatch:namespace": "*"}}
        ),
        allow(
            "cloudwatch:PutMetricDat?",
            "*",
            Condition={"StringLike": {"cloudwatch:namespace": "agents/*"}},
        ),
    ),
    (
        "iam-metric-namespace",
        allow(
            "cloudwatch:PutMetricData",
            "*",
            Condition={"ForAllValues:StringEquals": NAMESPACE["StringEquals"]},
        ),
        allow("cloudwatch:PutMetricData", "*", Condition=NAMESPACE),
    ),
    (
        "iam-runtime-command",
        allow("bedrock-agentcore:InvokeAgentRuntimeCommand", RUNTIME),
        allow("bedrock-agentcore:InvokeAgentRuntime", RUNTIME),
    ),
    (
        "iam-runtime-command",
        allow("bedrock-agentcore:invokeagentruntimecommandshell", RUNTIME),
        allow("bedrock-agentcore:invokeagentruntime", RUNTIME),
    ),
    (
        "iam-model-scope",
        allow("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/*"),
        allow("bedrock:InvokeModel", MODEL),
    ),
    (
        "iam-model-scope",
        allow("bedrock:InvokeModel*", "arn:aws:bedrock:us-east-1::*"),
        allow("bedrock:InvokeModel*", MODEL),
    ),
    (
        "iam-model-scope",
        allow("bedrock:InvokeModelWithResponseStream", "*"),
        allow("bedrock:InvokeModelWithResponseStream", PROFILE),
    ),
    (
        "iam-model-scope",
        allow("bedrock:InvokeModel", f"arn:aws:bedrock:*:{ACCOUNT}:inference-profile/*"),
        allow(
            "bedrock:InvokeModel", f"arn:aws:bedrock:*:{ACCOUNT}:application-inference-profile/*"
        ),
    ),
    (
        "iam-model-regions",
        allow("bedrock:InvokeModel", MODEL.replace("us-east-1", "*")),
        allow("bedrock:InvokeModel", MODEL),
    ),
    (
        "iam-model-regions",
        allow("bedrock:InvokeModel", MODEL.replace("us-east-1", "us-*")),
        allow(
            "bedrock:InvokeModel",
            MODEL.replace("us-east-1", "us-*"),
            Condition={"StringEquals": {"bedrock:InferenceProfileArn": PROFILE}},
        ),
    ),
    (
        "iam-image-scope",
        allow(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/*",
        ),
        allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]),
    ),
    (
        "iam-image-scope",
        allow("ecr:BatchGetIm*", "*"),
        allow("ecr:BatchGet*", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/agents/*"),
    ),
    *(
        ("iam-assume-role-scope", allow("sts:AssumeRole", wide), allow("STS:assumerole", ROLE_ARN))
        for wide in ("*", f"arn:aws:iam::{ACCOUNT}:role/*", "arn:aws:iam::*:role/support")
    ),
    *(
        (
            "iam-assume-role-scope",
            allow("sts:AssumeRole", wide),
            allow("sts:AssumeRole", narrow),
        )
        for wide, narrow in (
            ("arn:aws:iam:*:role/support", f"arn:*:iam::{ACCOUNT}:role/support"),
            ("arn:aws:*:role/support", f"arn:aws:*:{ACCOUNT}:role/support"),
            ("arn:*:role/support", f"arn:*:{ACCOUNT}:role/support"),
            ("arn:aws:iam:*/support", f"arn:aws:iam::{ACCOUNT}:*/support"),
            ("arn:aws:iam::2*:role/a:role/b", f"arn:aws:iam::{ACCOUNT}:role/a*:role/b"),
        )
    ),
    ("iam-secret-scope", allow("kms:Decrypt", "*"), allow("kms:Decrypt", KEY_ARN)),
    *(
        ("iam-secret-scope", allow(action, f"{resource}*"), allow(action, f"{resource}agents/one"))
        for action, resource in (
            ("SSM:getparametersbypath", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/"),
            ("kms:CreateGrant", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/"),
        )
    ),
    (
        "iam-secret-scope",
        allow("kms:decr*", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"),
        allow("kms:decr*", KEY_ARN),
    ),
    (
        "iam-secret-scope",
        allow("secretsmanager:GetSecretValue", "*"),
        allow("secretsmanager:GetSecretValue", SECRET_ARN),
    ),
    (
        "iam-secret-scope",
        allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:*"),
        allow("secretsmanager:GetSecretValue", SECRET_ARN),
    ),
]
STATEMENT_RULES: Final = [
    rule.id for rule in RULES if rule.id not in ("iam-managed-admin-policy", "iam-users-and-groups")
]


def of_all(subject: Any) -> dict[str, list[tuple[str, str]]]:
    """What each rule on documents says, those left out that say nothing."""
    found = {rule: told(verdicts(RULES, rule, subject)) for rule in STATEMENT_RULES}
    return {rule: verdict for rule, verdict in found.items() if verdict}


@pytest.mark.parametrize(
    ("rule", "bad", "good"), STATEMENTS, ids=lambda each: json.dumps(each)[:90]
)
def test_a_statement_trips_its_rule_and_no_other_in_every_form(
    rule: str, bad: Statement, good: Statement
) -> None:
    for form in FORMS:
        found = of_all(form.of(bad))
        assert list(found) == [rule], f"{form}: the one rule that knows this fault finds it"
        assert found[rule][0][0] == "finding"
        assert found[rule][0][1].startswith(form.at()), "it points into the statement"
        assert of_all(form.of(good)) == {}, f"{form}: one step away nothing is wrong"


@pytest.mark.parametrize(
    ("rule", "bad", "good"), STATEMENTS, ids=lambda each: json.dumps(each)[:90]
)
def test_a_fault_in_a_later_statement_is_found_there(
    rule: str, bad: Statement, good: Statement
) -> None:
    found = verdicts(RULES, rule, FORMS[0].of(good, bad))
    assert found
    assert all("Statement[1]" in one.path for one in found), "the index is that of the fault"


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_what_denies_is_not_judged_as_a_grant(form: Form) -> None:
    denying = [
        {**bad, "Effect": "Deny"}
        for rule, bad, _ in STATEMENTS
        if rule not in ("iam-action-unknown", "iam-resource-type", "iam-condition-key")
    ]
    # In two, because a managed policy takes no more.
    for some in (denying[::2], denying[1::2]):
        assert of_all(form.of(*some)) == {}, "a deny is as wide as it likes"


def test_every_fault_of_a_document_is_told_in_one_run() -> None:
    rules = list(dict.fromkeys(rule for rule, _, _ in STATEMENTS))
    bad = [next(bad for of, bad, _ in STATEMENTS if of == rule) for rule in rules]
    assert set(of_all(FORMS[0].of(*bad))) == set(rules), "one fault hides no other"


@pytest.mark.parametrize("form", OBJECTS, ids=str)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
def test_an_action_that_is_not_known_is_not_passed_and_hides_no_other_fault(
    form: Form, hidden: object
) -> None:
    subject = form.of(
        {"Effect": "Allow", "Action": ["ecr:*", hidden], "Resource": REPOSITORY},
    )
    found = of_all(subject)
    assert ("finding", form.at("Action")) in found["iam-action-wildcard"]
    for rule in STATEMENT_RULES:
        if rule in ("iam-document", "iam-condition-key", "iam-inverted-allow", "iam-resource-star"):
            continue
        assert ("not checked", form.at("Action")) in found[rule], f"{rule} says it could not look"


@pytest.mark.parametrize("form", OBJECTS, ids=str)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
@pytest.mark.parametrize(
    ("rule", "action"),
    [
        ("iam-resource-star", "ecr:DescribeImages"),
        ("iam-resource-type", "ecr:DescribeImages"),
        ("iam-pass-role", "iam:PassRole"),
        ("iam-model-scope", "bedrock:InvokeModel"),
        ("iam-model-regions", "bedrock:InvokeModel"),
        ("iam-image-scope", "ecr:BatchGetImage"),
        ("iam-secret-scope", "kms:Decrypt"),
    ],
)
def test_a_resource_that_is_not_known_is_not_passed(
    form: Form, hidden: object, rule: str, action: str
) -> None:
    subject = form.of(allow(action, hidden, Condition=NAMED_ROLE))
    assert told(verdicts(RULES, rule, subject)) == [("not checked", form.at("Resource"))]


@pytest.mark.parametrize("form", OBJECTS, ids=str)
@pytest.mark.parametrize(
    ("rule", "statement", "path"),
    [
        ("iam-pass-role", allow("iam:PassRole", ROLE_ARN, Condition=UNKNOWN), "Condition"),
        (
            "iam-pass-role",
            allow("iam:PassRole", ROLE_ARN, Condition={"StringEquals": UNKNOWN}),
            "Condition.StringEquals",
        ),
        (
            "iam-pass-role",
            allow(
                "iam:PassRole",
                ROLE_ARN,
                Condition={"StringEquals": {"iam:PassedToService": UNKNOWN}},
            ),
            "Condition.StringEquals.iam:PassedToService",
        ),
        (
            "iam-metric-namespace",
            allow("cloudwatch:PutMetricData", "*", Condition=UNKNOWN),
            "Condition",
        ),
        (
            "iam-metric-namespace",
            allow(
                "cloudwatch:PutMetricData",
                "*",
                Condition={"StringEquals": {"cloudwatch:namespace": UNKNOWN}},
            ),
            "Condition.StringEquals.cloudwatch:namespace",
        ),
        ("iam-condition-key", allow("ecr:BatchGetImage", Condition=UNKNOWN), "Condition"),
        (
            "iam-model-regions",
            allow("bedrock:InvokeModel", MODEL.replace("us-east-1", "*"), Condition=UNKNOWN),
            "Condition",
        ),
        ("iam-action-wildcard", {**allow("ecr:*"), "Effect": UNKNOWN}, "Effect"),
    ],
)
def test_a_condition_or_effect_that_is_not_known_is_not_passed(
    form: Form, rule: str, statement: Statement, path: str
) -> None:
    assert told(verdicts(RULES, rule, form.of(statement))) == [("not checked", form.at(path))]


def conditioned(operator: str, key: str) -> list[tuple[str, str]]:
    given = allow("ecr:BatchGetImage", Condition={operator: {key: "one"}})
    return told(verdicts(RULES, "iam-condition-key", FORMS[0].of(given)))


# IAM user guide, reference_policies_condition-keys.
GLOBAL_KEYS: Final = (
    *("AssumedRoot", "CalledVia", "CalledViaFirst", "CalledViaLast", "CalledViaAWSMCP"),
    *("ChatbotSourceArn", "CurrentTime", "Ec2InstanceSourcePrivateIPv4", "Ec2InstanceSourceVpc"),
    *("EpochTime", "FederatedProvider", "IsMcpServiceAction", "MultiFactorAuthAge"),
    *("MultiFactorAuthPresent", "PrincipalAccount", "PrincipalArn", "PrincipalIsAWSService"),
    *("PrincipalOrgID", "PrincipalOrgPaths", "PrincipalServiceName", "PrincipalServiceNamesList"),
    *("PrincipalTag/team", "PrincipalType", "referer", "RequestedRegion", "RequestTag/team"),
    *("ResourceAccount", "ResourceOrgID", "ResourceOrgPaths", "ResourceTag/team"),
    *("SecureTransport", "SignInSessionArn", "SourceAccount", "SourceArn", "SourceIdentity"),
    *("SourceIp", "SourceOrgID", "SourceOrgPaths", "SourceVpc", "SourceVpcArn", "SourceVpce"),
    *("TagKeys", "TokenIssueTime", "UserAgent", "userid", "username", "ViaAWSMCPService"),
    *("ViaAWSService", "VpceAccount", "VpceOrgID", "VpceOrgPaths", "VpcSourceIp"),
)
# IAM user guide, reference_policies_elements_condition_operators.
OPERATORS: Final = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
    *(
        f"{kind}{way}"
        for kind in ("Numeric", "Date")
        for way in (
            *("Equals", "NotEquals", "LessThan", "LessThanEquals"),
            *("GreaterThan", "GreaterThanEquals"),
        )
    ),
    *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
)


@pytest.mark.parametrize("key", GLOBAL_KEYS)
def test_the_global_condition_keys_are_known_and_no_others(key: str) -> None:
    assert conditioned("StringEquals", f"aws:{key}") == []
    assert conditioned("StringEquals", f"AWS:{key.upper()}") == []
    wrong = conditioned("StringEquals", f"aws:x{key}")
    assert [kind for kind, _ in wrong] == ["finding"]


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_operators_of_conditions_are_known_and_no_others(operator: str) -> None:
    for known in (operator, operator.lower(), f"ForAllValues:{operator}"):
        assert conditioned(known, "aws:SourceArn") == [], known
    assert [kind for kind, _ in conditioned(f"{operator}s", "aws:SourceArn")] == ["finding"]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
def test_a_document_that_is_not_known_is_not_passed(form: Form, hidden: object) -> None:
    found = of_all(form.holding(hidden))
    assert set(found) == set(STATEMENT_RULES), "every rule says that it could not look"
    assert all(verdict == [("not checked", form.path)] for verdict in found.values())


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("absent", [None, "", "  "], ids=repr)
def test_a_document_that_is_not_given_is_a_fault(form: Form, absent: object) -> None:
    assert of_all(form.holding(absent)) == {"iam-document": [("finding", form.path)]}


@pytest.mark.parametrize(
    ("kind", "name"),
    [("aws:iam/role:Role", "inlinePolicies"), ("aws-native:iam:Role", "policies")],
)
def test_inline_policies_that_are_not_known_are_not_passed(kind: str, name: str) -> None:
    for hidden, path in ((UNKNOWN, name), ([UNKNOWN], f"{name}[0]")):
        subject = resource(kind, {name: hidden})
        assert told(verdicts(RULES, "iam-action-wildcard", subject)) == [("not checked", path)]
    absent: list[Any] = [None, [], [{}]]
    for nothing in absent:
        subject = resource(kind, {name: nothing})
        assert verdicts(RULES, "iam-action-wildcard", subject) == [], "no inline policy, no fault"


@pytest.mark.parametrize(
    ("rule", "setting", "value", "statement"),
    [
        ("iam-action-unknown", "known_actions", ["ecr:NewAction"], allow("ecr:newaction")),
        ("iam-resource-star", "actions", ["ecr:Describe*"], allow("ecr:DescribeImages", "*")),
        (
            "iam-resource-type",
            "actions_taking_arns",
            ["ecr:GetAuthorizationToken"],
            allow("ecr:GetAuthorizationToken"),
        ),
        (
            "iam-condition-key",
            "known_condition_keys",
            ["ecr:New*"],
            allow("ecr:BatchGetImage", Condition={"Bool": {"ecr:newkey": "true"}}),
        ),
        (
            "iam-pass-role",
            "services",
            ["ecs-tasks.amazonaws.com"],
            allow(
                "iam:PassRole",
                ROLE_ARN,
                Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
        ),
    ],
)
def test_config_adds_to_what_a_rule_knows(
    rule: str, setting: str, value: list[str], statement: Statement
) -> None:
    subject = FORMS[0].of(statement)
    assert verdicts(RULES, rule, subject), "it is refused without the setting"
    assert verdicts(RULES, rule, subject, **{setting: value}) == []


@pytest.mark.parametrize(
    ("rule", "actions"),
    [
        (
            "iam-secret-scope",
            [
                *("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:Sign"),
                *("kms:GenerateDataKeyPair", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
                *("secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters"),
                *("ssm:GetParametersByPath", "ssm:GetParameterHistory"),
            ],
        ),
        (
            "iam-image-scope",
            [
                *("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
                "ecr:BatchCheckLayerAvailability",
            ],
        ),
        ("iam-model-scope", ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]),
    ],
)
def test_what_has_a_rule_of_its_own_is_told_by_that_one(rule: str, actions: list[str]) -> None:
    for action in actions:
        assert list(of_all(FORMS[0].of(allow(action, "*")))) == [rule], action


@pytest.mark.parametrize(
    ("rule", "statement", "expected"),
    [
        # What is right does not end the search.
        ("iam-action-wildcard", allow(["ecr:DescribeImages", "ecr:*"]), ["Action"]),
        ("iam-action-wildcard-privileged", allow(["iam:GetRole", "iam:P*"], ROLE_ARN), ["Action"]),
        ("iam-action-unknown", allow(["*:PassRole", "ecr:Nope"]), ["Action"]),
        # Whole services are told elsewhere, if there is such a service.
        ("iam-action-unknown", allow("*"), []),
        ("iam-action-unknown", allow("Get*"), ["Action"]),
        ("iam-action-unknown", allow("nosuch:*"), ["Action"]),
        ("iam-action-unknown", allow("ecr:*"), []),
        (
            "iam-action-unknown",
            {"Effect": "Deny", "NotAction": "ecr:Nope", "Resource": "*"},
            ["NotAction"],
        ),
        # One of several resources that suits, or that may, is enough for the action.
        (
            "iam-resource-type",
            allow(["ecr:BatchGetImage", "ecr:GetAuthorizationToken"], [REPOSITORY, "*"]),
            [],
        ),
        ("iam-resource-type", allow("*", TABLE), []),
        ("iam-resource-type", allow("ecr:BatchGetImage", [REPOSITORY, "one"]), ["Resource"]),
        # A bound to what is meant is enough, whatever else bounds it.
        (
            "iam-pass-role",
            allow(
                "iam:PassRole",
                ROLE_ARN,
                Condition={"StringLike": {"iam:PassedToService": "*"}, **NAMED_ROLE},
            ),
            [],
        ),
        (
            "iam-metric-namespace",
            allow(
                "cloudwatch:PutMetricData",
                "*",
                Condition={"StringEquals": {"cloudwatch:namespace": []}},
            ),
            ["Condition"],
        ),
        ("iam-assume-role-scope", allow("sts:AssumeRole", f"{ROLE_ARN}-*"), []),
        *(
            ("iam-resource-type", allow(action, RUNTIME), [])
            for action in (
                *("logs:DescribeLogGroups", "logs:PutResourcePolicy"),
                "bedrock-agentcore:ConnectBrowserAutomationStream",
                "bedrock-agentcore:ConnectBrowserLiveViewStream",
            )
        ),
        # Not by model, or not by region, or no invocation.
        (
            "iam-model-regions",
            allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*"),
            [],
        ),
        (
            "iam-model-regions",
            allow("bedrock:InvokeModel", "arn:aws:bedrock:*:foundation-model/one"),
            ["Resource"],
        ),
        (
            "iam-model-regions",
            allow("bedrock:InvokeModel", "arn:aws:*:foundation-model/one"),
            ["Resource"],
        ),
        (
            "iam-model-regions",
            allow("bedrock:GetFoundationModel", "arn:aws:bedrock:*::foundation-model/one"),
            [],
        ),
        # Keys of other prefixes that a service's actions take, and keys that no action takes.
        (
            "iam-condition-key",
            allow("ecr:BatchGetImage", Condition={"Null": {"kms:EncryptionContext:a": "true"}}),
            [],
        ),
        (
            "iam-condition-key",
            allow("sts:Assume:More", Condition={"Null": {"saml:aud": "true"}}),
            [],
        ),
        *(
            (
                "iam-condition-key",
                allow(f"{service}:AssumeRoleWithSAML", Condition={"Null": {"saml:aud": "true"}}),
                expected,
            )
            for service, expected in (
                ("sts", []),
                ("STS", []),
                ("ecr", ["Condition.Null.saml:aud"]),
            )
        ),
        (
            "iam-condition-key",
            allow("ecr:BatchGetImage", Condition={"Null": {"tokens.a.b:sub": "true"}}),
            ["Condition.Null.tokens.a.b:sub"],
        ),
    ],
    ids=lambda each: json.dumps(each)[:90],
)
def test_what_stands_beside_is_no_fault_and_hides_none(
    rule: str, statement: Statement, expected: list[str]
) -> None:
    found = told(verdicts(RULES, rule, FORMS[0].of(statement)))
    assert found == [("finding", FORMS[0].at(one)) for one in expected]


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        (
            "iam-resource-star",
            {"Effect": "Allow", "Action": ["ecr:DescribeImages", UNKNOWN], "Resource": REPOSITORY},
        ),
        ("iam-secret-scope", allow("ecr:DescribeImages", UNKNOWN)),
        ("iam-model-regions", allow("ecr:DescribeImages", UNKNOWN)),
        ("iam-model-regions", allow("bedrock:InvokeModel", MODEL, Condition=UNKNOWN)),
        ("iam-pass-role", allow("iam:GetRole", UNKNOWN)),
        ("iam-assume-role-scope", allow("iam:GetRole", UNKNOWN)),
        ("iam-metric-namespace", allow("ecr:DescribeImages", UNKNOWN, Condition=UNKNOWN)),
        (
            "iam-pass-role",
            allow("iam:PassRole", ROLE_ARN, Condition={**NAMED_ROLE, "Bool": UNKNOWN}),
        ),
        (
            "iam-metric-namespace",
            allow(
                "cloudwatch:PutMetricData",
                "*",
                Condition={
                    "StringLike": {"cloudwatch:namespace": UNKNOWN},
                    "StringEquals": NAMESPACE["StringEquals"],
                },
            ),
        ),
    ],
    ids=str,
)
def test_what_is_not_known_does_not_matter_to_what_is_right(
    rule: str, statement: Statement
) -> None:
    assert verdicts(RULES, rule, OBJECTS[0].of(statement)) == []


_PASSING_SOME: Final = {"iam:PassedToService": [UNKNOWN, "bedrock-agentcore.amazonaws.com"]}


@pytest.mark.parametrize(
    ("rule", "statement", "path"),
    [
        (
            "iam-resource-type",
            allow(["ecr:BatchGetImage", "ecr:GetAuthorizationToken"], [REPOSITORY, UNKNOWN]),
            "Resource",
        ),
        (
            "iam-resource-type",
            {
                "Effect": "Allow",
                "Action": ["ecr:BatchGetImage", UNKNOWN],
                "Resource": [REPOSITORY, TABLE],
            },
            "Action",
        ),
        (
            "iam-pass-role",
            allow("iam:PassRole", ROLE_ARN, Condition={"StringEquals": _PASSING_SOME}),
            "Condition.StringEquals.iam:PassedToService",
        ),
    ],
    ids=["resource", "action", "service"],
)
def test_what_may_suit_is_not_refused(rule: str, statement: Statement, path: str) -> None:
    found = told(verdicts(RULES, rule, OBJECTS[0].of(statement)))
    assert found == [("not checked", OBJECTS[0].at(path))]


@pytest.mark.parametrize("rule", sorted({rule for rule, _, _ in STATEMENTS}))
def test_a_statement_that_is_not_known_hides_no_other(rule: str) -> None:
    bad = next(bad for of, bad, _ in STATEMENTS if of == rule)
    found = told(verdicts(RULES, rule, OBJECTS[0].of(UNKNOWN, bad)))
    assert ("not checked", OBJECTS[0].at()) in found
    assert any(kind == "finding" for kind, _ in found)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("tokens.actions.example.com:sub", []),
        ("tokens:sub", ["assumeRolePolicy.Statement[0].Condition.StringEquals.tokens:sub"]),
    ],
)
def test_a_trust_policy_takes_the_keys_of_an_identity_provider(
    key: str, expected: list[str]
) -> None:
    trust = json.loads(TRUST)
    trust["Statement"][0] |= {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {key: "repo"}},
    }
    subject = resource("aws:iam/role:Role", {"assumeRolePolicy": json.dumps(trust)})
    found = told(verdicts(RULES, "iam-condition-key", subject))
    assert found == [("finding", path) for path in expected]


@pytest.mark.parametrize(
    ("rule", "action", "said"),
    [
        ("iam-action-wildcard", "*", "administrator"),
        ("iam-action-wildcard", "*:PassRole", "actions of more than one service"),
        ("iam-action-wildcard", "iam:*", "actions of the service, among them iam:"),
        ("iam-action-unknown", "BatchGetImage", "has no service"),
        ("iam-action-unknown", "nosuch:Do", "is of a service"),
        ("iam-action-unknown", "ecr:Fetch*", "matches no action of ecr"),
        ("iam-action-unknown", "ECR:Nope", "is no action that IAM knows"),
        ("iam-action-unknown", "ecr:Nope:More", "is no action that IAM knows"),
    ],
)
def test_a_message_says_what_is_wrong_with_an_action(rule: str, action: str, said: str) -> None:
    (found,) = verdicts(RULES, rule, FORMS[0].of(allow(action)))
    assert isinstance(found, Finding)
    assert said in found.message


def test_a_message_names_the_services_that_are_foreign() -> None:
    services = ["bedrock-agentcore.amazonaws.com", "ec2.amazonaws.com"]
    bound = {"StringEquals": {"iam:PassedToService": services}}
    (found,) = verdicts(
        RULES, "iam-pass-role", FORMS[0].of(allow("iam:PassRole", ROLE_ARN, Condition=bound))
    )
    assert isinstance(found, Finding)
    assert found.message.startswith('"ec2.amazonaws.com" is given')


def test_a_managed_policy_is_named_without_its_path() -> None:
    rule = "iam-managed-admin-policy"
    arns = ["arn:aws:iam::aws:policy/job-function/SystemAdministrator"]
    subject = resource("aws:iam/role:Role", {"managedPolicyArns": arns})
    assert verdicts(RULES, rule, subject, policies=["SystemAdministrator"])
    assert verdicts(RULES, rule, subject, policies=["Administrator"]) == []


def test_a_policy_that_is_not_known_hides_no_other() -> None:
    arns = [UNKNOWN, "arn:aws:iam::aws:policy/AdministratorAccess"]
    subject = resource("aws:iam/role:Role", {"managedPolicyArns": arns})
    assert told(verdicts(RULES, "iam-managed-admin-policy", subject)) == [
        ("not checked", "managedPolicyArns[0]"),
        ("finding", "managedPolicyArns[1]"),
    ]


@pytest.mark.parametrize(
    ("anywhere", "named"),
    [
        ("arn:aws:bedrock:*:", "arn:aws:bedrock:us-east-1:"),
        ("arn:*:bedrock:us-*:", "arn:*:bedrock:us-east-1:"),
        ("arn:aws:bedrock:*:*", "arn:aws:bedrock:us-east-1:*"),
        ("arn:aws:bedrock:us-*", "arn:aws:*:us-east-1:"),
        ("arn:aws:*", "arn:*:us-east-1:"),
        ("arn:*", "arn:*:bedrock:us-east-1:"),
        ("arn:*:", "arn:*:us-east-1:"),
    ],
)
def test_a_model_is_in_the_regions_that_are_named_however_they_are(
    anywhere: str, named: str
) -> None:
    rule, invoke = "iam-model-regions", "bedrock:InvokeModel"
    for model in ("one", "one-v1:0", "one*"):
        wide = FORMS[0].of(allow(invoke, f"{anywhere}:foundation-model/{model}"))
        assert told(verdicts(RULES, rule, wide)) == [("finding", FORMS[0].at("Resource"))]
        narrow = FORMS[0].of(allow(invoke, f"{named}:foundation-model/{model}"))
        assert verdicts(RULES, rule, narrow) == []
        elsewhere = FORMS[0].of(allow(invoke, f"{anywhere}:foundation-models/{model}"))
        assert verdicts(RULES, rule, elsewhere) == [], "no model's ARN"
    everything = FORMS[0].of(allow(invoke, f"{anywhere}:foundation-model/*"))
    assert verdicts(RULES, rule, everything) == [], "that all are is the other rule's"


@pytest.mark.parametrize(
    ("anywhere", "named"),
    [
        (
            "arn:aws:bedrock:*foundation-model/one",
            "arn:aws:bedrock:us-east-1:*foundation-model/one",
        ),
        ("arn:aws:bedrock:*/one", "arn:aws:bedrock:us-east-1:*/one"),
        ("arn:aws:bedrock:us-east-??::*/one", "arn:aws:bedrock:us-east-1::*/one"),
        ("*/one", "*:us-east-1:*/one"),
        ("arn:*-model/one", "arn:*:us-east-1::*-model/one"),
        ("*one-v1:0", "*:us-east-1::*one-v1:0"),
        ("*one-v1:2:8k", "*:us-east-1::*one-v1:2:8k"),
        ("arn:aws:bedrock:*:*-v1:2:8k", "arn:aws:bedrock:*:222222222222:custom-model*"),
        ("arn:*one", "arn:*:us-east-1:*one"),
        (
            "arn:aws:bedrock:*::foundation-model/a.${aws:PrincipalTag/model}-v1:0",
            "arn:aws:bedrock:${aws:PrincipalTag/region}::foundation-model/a.one-v1:0",
        ),
    ],
)
def test_a_wildcard_may_stand_for_what_tells_a_model(anywhere: str, named: str) -> None:
    rule = "iam-model-regions"
    wide = FORMS[0].of(allow("bedrock:InvokeModel", anywhere))
    assert told(verdicts(RULES, rule, wide)) == [("finding", FORMS[0].at("Resource"))]
    assert verdicts(RULES, rule, FORMS[0].of(allow("bedrock:InvokeModel", named))) == []


@pytest.mark.parametrize(
    ("action", "taken", "other"),
    [
        (
            "bedrock:InvokeModel",
            "arn:aws:bedrock:*:foundation-model/one-v1:0",
            "arn:aws:bedrock:*:foundation-models/one-v1:0",
        ),
        ("ecr:BatchGetImage", "arn:aws:ecr:*", "arn:aws:s3:*"),
    ],
)
def test_a_wildcard_of_a_resource_stands_for_sections(action: str, taken: str, other: str) -> None:
    rule = "iam-resource-type"
    assert verdicts(RULES, rule, FORMS[0].of(allow(action, taken))) == []
    found = verdicts(RULES, rule, FORMS[0].of(allow(action, other)))
    assert told(found) == [("finding", FORMS[0].at("Resource"))]


_EVERYWHERE: Final = [f"arn:aws:bedrock:*::foundation-model/{name}" for name in ("a.x*", "b.y*")]
_ALL_MODELS: Final = ["arn:aws:bedrock:us-*::foundation-model/*", "arn:aws:bedrock:eu-*::*"]


@pytest.mark.parametrize(
    ("rule", "wide", "narrow"),
    [("iam-model-scope", _ALL_MODELS, MODEL), ("iam-model-regions", _EVERYWHERE, MODEL)],
)
def test_models_are_told_once_a_statement(rule: str, wide: list[str], narrow: str) -> None:
    actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    (found,) = verdicts(RULES, rule, FORMS[0].of(allow(actions, [narrow, *wide])))
    assert isinstance(found, Finding)
    assert all(found.message.count(f'"{one}"') == 1 for one in wide), "each of them"
    assert narrow not in found.message
    assert verdicts(RULES, rule, FORMS[0].of(allow(actions, narrow))) == []


def test_a_message_names_the_setting_that_allows_it() -> None:
    bound = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    subject = FORMS[0].of(allow("iam:PassRole", ROLE_ARN, Condition=bound))
    (found,) = verdicts(RULES, "iam-pass-role", subject)
    assert isinstance(found, Finding)
    assert "the setting services" in found.message
    assert verdicts(RULES, "iam-pass-role", subject, services=["ec2.amazonaws.com"]) == []


_SECRETS: Final = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"
_ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role/"
_INDEXES: Final = "arn:aws:dynamodb:*:*:table/*-*/index/"


@pytest.mark.parametrize(
    ("rule", "action", "wide", "narrow"),
    [
        (
            "iam-secret-scope",
            "secretsmanager:GetSecretValue",
            f"{_SECRETS}*-??????",
            f"{_SECRETS}db-??????",
        ),
        ("iam-secret-scope", "secretsmanager:GetSecretValue", f"{_SECRETS}?*", f"{_SECRETS}*/db-*"),
        (
            "iam-secret-scope",
            "secretsmanager:GetSecretValue",
            _SECRETS.replace("us-east-1", "us-*") + "*",
            _SECRETS.replace("us-east-1", "us-*") + "db-*",
        ),
        (
            "iam-secret-scope",
            "secretsmanager:GetSecretValue",
            _SECRETS.replace(ACCOUNT, "2*") + "*",
            _SECRETS.replace(ACCOUNT, "2*") + "db-*",
        ),
        (
            "iam-model-scope",
            "bedrock:InvokeModel",
            "arn:aws:bedrock:us-east-1::foundation-model/*.*",
            MODEL,
        ),
        (
            "iam-model-scope",
            "bedrock:InvokeModel",
            "arn:aws:bedrock:us-east-1::foundation-model/*:0",
            MODEL,
        ),
        ("iam-pass-role", "iam:PassRole", f"{_ROLES}a*", f"{_ROLES}ab*"),
        ("iam-pass-role", "iam:PassRole", f"{_ROLES}x-*", f"{_ROLES}x1-*"),
        ("iam-pass-role", "iam:PassRole", f"{_ROLES}*t", f"{_ROLES}*rt"),
        ("iam-pass-role", "iam:PassRole", f"{_ROLES}*a*-*", f"{_ROLES}*agent-*"),
        ("iam-resource-star", "s3:GetObject", "arn:aws:s3:::*-*/*", "arn:aws:s3:::*-docs/*"),
        ("iam-secret-scope", "kms:Decrypt", f"arn:*:{ACCOUNT}:key/*", f"arn:*:{ACCOUNT}:key/1234*"),
        (
            "iam-image-scope",
            "ecr:BatchGetImage",
            f"arn:*:{ACCOUNT}:repository/*",
            f"arn:*:{ACCOUNT}:repository/agents/*",
        ),
        (
            "iam-secret-scope",
            "ssm:GetParameter",
            f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/*",
            "arn:aws:ssm:us-east-1::parameter/*",
        ),
        ("iam-resource-star", "s3:GetObject", "arn:aws:s3:::b*/*", "arn:aws:s3:::my*/*"),
        ("iam-resource-star", "dynamodb:Query", f"{_INDEXES}*", f"{_INDEXES}by-day"),
    ],
)
def test_wildcards_around_next_to_nothing_are_everything(
    rule: str, action: str, wide: str, narrow: str
) -> None:
    bound = {"Condition": NAMED_ROLE} if action == "iam:PassRole" else {}
    found = verdicts(RULES, rule, FORMS[0].of(allow(action, wide, **bound)))
    assert told(found) == [("finding", FORMS[0].at("Resource"))]
    assert verdicts(RULES, rule, FORMS[0].of(allow(action, narrow, **bound))) == []


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        ("logs:PutLogEvent", "logs:PutLogEvents"),
        ("bedrockagentcore:InvokeAgentRuntime", "bedrock-agentcore:InvokeAgentRuntime"),
        ("ecr:BatchGetImages", "ecr:BatchGetImage"),
    ],
)
def test_an_unknown_action_is_answered_with_the_closest_one(action: str, meant: str) -> None:
    (found,) = verdicts(RULES, "iam-action-unknown", FORMS[0].of(allow(action)))
    assert isinstance(found, Finding)
    assert f"Did you mean {meant}?" in found.message


def test_a_wildcard_is_answered_with_the_dangerous_actions_it_means() -> None:
    subject = FORMS[0].of(allow("bedrock-agentcore:Invoke*", RUNTIME))
    (found,) = verdicts(RULES, "iam-action-wildcard-privileged", subject)
    assert isinstance(found, Finding)
    assert "bedrock-agentcore:InvokeAgentRuntimeCommand" in found.message
    assert "bedrock-agentcore:InvokeAgentRuntimeCommandShell" in found.message


def test_what_looks_like_a_secret_is_not_shown() -> None:
    secret = "AKIA" + "ABCDEFGHIJKLMNOP"
    for statement in (
        allow(secret),
        allow("ecr:BatchGetImage", secret),
        allow("ecr:BatchGetImage", Condition={"StringEquals": {secret: "x"}}),
        {**allow("ecr:BatchGetImage"), "Sid": f"{secret}!", secret: "x", "Effect": secret},
    ):
        for rule in STATEMENT_RULES:
            for one in verdicts(RULES, rule, FORMS[0].of(statement)):
                if isinstance(one, Finding):
                    assert secret not in one.message, f"{rule} shows a secret"


ATTACHING: Final[list[tuple[str, Callable[[object], dict[str, Any]], str]]] = [
    ("aws:iam/role:Role", lambda arn: {"managedPolicyArns": [arn]}, "managedPolicyArns[0]"),
    ("aws-native:iam:Role", lambda arn: {"managedPolicyArns": [arn]}, "managedPolicyArns[0]"),
    (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda arn: {"policyArn": arn},
        "policyArn",
    ),
    (
        "aws:iam/policyAttachment:PolicyAttachment",
        lambda arn: {"policyArn": arn, "roles": ["r"]},
        "policyArn",
    ),
    (
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        lambda arn: {"policyArns": [arn]},
        "policyArns[0]",
    ),
    ("aws-native:iam:Group", lambda arn: {"managedPolicyArns": [arn]}, "managedPolicyArns[0]"),
]


@pytest.mark.parametrize(("kind", "props", "path"), ATTACHING, ids=[each[0] for each in ATTACHING])
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "PowerUserAccess",
        "IAMFullAccess",
        "AmazonBedrockFullAccess",
        "BedrockAgentCoreFullAccess",
        "job-function/SystemAdministrator",
        "AmazonS3FullAccess",
        "AmazonEC2ContainerRegistryPowerUser",
        "AWSKeyManagementServicePowerUser",
        "AWSCodeBuildAdminAccess",
        "AWSSSOMasterAccountAdministrator",
        "AWSLakeFormationDataAdmin",
        "service-role/AmazonSSMAutomationRole",
        "SecretsManagerReadWrite",
    ],
)
def test_an_administrative_managed_policy_is_refused_in_every_form(
    kind: str, props: Any, path: str, partition: str, name: str
) -> None:
    rule = "iam-managed-admin-policy"
    arn = f"arn:{partition}:iam::aws:policy/{name}"
    assert told(verdicts(RULES, rule, resource(kind, props(arn)))) == [("finding", path)]
    for other in (
        f"arn:{partition}:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
        f"arn:{partition}:iam::aws:policy/AWSServiceCatalogAdminReadOnlyAccess",
        f"arn:{partition}:iam::{ACCOUNT}:policy/{name}",
    ):
        assert verdicts(RULES, rule, resource(kind, props(other))) == [], "it grants little"
    hidden = verdicts(RULES, rule, resource(kind, props(UNKNOWN)))
    assert told(hidden) == [("not checked", path)]
    assert verdicts(RULES, rule, resource(kind, {})) == [], "nothing is attached"


@pytest.mark.parametrize(
    "kind",
    [
        "aws:iam/user:User",
        "aws:iam/group:Group",
        "aws:iam/accessKey:AccessKey",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        "aws-native:iam:User",
        "aws-native:iam:Group",
        "aws-native:iam:UserPolicy",
        "aws-native:iam:GroupPolicy",
    ],
)
def test_users_groups_and_access_keys_are_refused(kind: str) -> None:
    assert told(verdicts(RULES, "iam-users-and-groups", resource(kind, {}))) == [("finding", "")]


@pytest.mark.parametrize(
    "kind", ["aws:iam/policyAttachment:PolicyAttachment", "aws-native:iam:ManagedPolicy"]
)
@pytest.mark.parametrize("name", ["users", "groups"])
def test_a_policy_is_attached_to_roles_only(kind: str, name: str) -> None:
    rule = "iam-users-and-groups"
    assert told(verdicts(RULES, rule, resource(kind, {name: ["ann"]}))) == [("finding", name)]
    assert told(verdicts(RULES, rule, resource(kind, {name: UNKNOWN}))) == [("not checked", name)]
    assert told(verdicts(RULES, rule, resource(kind, {name: [UNKNOWN]}))) == [("not checked", name)]
    goods: list[dict[str, Any]] = [{"roles": ["support"]}, {name: []}, {name: None}]
    for good in goods:
        assert verdicts(RULES, rule, resource(kind, good)) == []


@given(st.data())
def test_no_spelling_of_a_wildcard_reaches_pass_role_unseen(data: st.DataObject) -> None:
    """Any text that matches iam:PassRole is refused, in whatever letter case and wildcards."""
    operation = "".join(
        data.draw(st.sampled_from([char.upper(), char.lower(), "?", "*", f"{char}*"]))
        for char in "PassRole"
    )
    statement = allow(f"iam:{operation}", ROLE_ARN)
    found = of_all(FORMS[0].of(statement))
    assert found.keys() & {
        "iam-action-wildcard",
        "iam-action-wildcard-privileged",
        "iam-pass-role",
    }, operation


def test_a_pattern_is_expanded_once_however_many_agents_use_it() -> None:
    iam_actions.expand.cache_clear()
    for number in range(100):
        arn = f"{REPOSITORY}-{number}"
        of_all(FORMS[0].of(allow(["ecr:Batch*", "ecr:GetDownloadUrlForLayer"], arn)))
    assert iam_actions.expand.cache_info().misses == 2


def test_not_checked_names_no_value() -> None:
    found = verdicts(RULES, "iam-action-wildcard", OBJECTS[0].holding(SECRET))
    assert found == [NotChecked(path="policy")]
