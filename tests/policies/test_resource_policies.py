import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies import iam_document
from agentcore_policies.model import SECRET, UNKNOWN, Resource, Value
from agentcore_policies.resource_policy import (
    AGENTCORE_POLICIES,
    ECR_POLICIES,
    ENDPOINT_POLICIES,
    KMS_POLICIES,
    LOGS_POLICIES,
    POLICY_ONLY,
    SECRET_POLICIES,
    SNS_POLICIES,
    account_of,
    document_of,
    is_account,
    names_callers,
)
from agentcore_policies.rule import Finding
from agentcore_policies.rules.resource_policies import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts

CONCEPTS: Final = {
    "ecr-policy-public": ECR_POLICIES,
    "kms-policy-public": KMS_POLICIES,
    "sns-policy-public": SNS_POLICIES,
    "secret-policy-public": SECRET_POLICIES,
    "agentcore-policy-public": AGENTCORE_POLICIES,
    "logs-policy-public": LOGS_POLICIES,
}
FORMS: Final = [
    (rule, kind, path) for rule, policies in CONCEPTS.items() for kind, path in policies.items()
]
MALFORMED: Final = "resource-policy-malformed"
ECR: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ACCOUNT: Final = "222222222222"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/front"


def statement(principal: Any = "*", **elements: Any) -> dict[str, Any]:
    given_too = {"Principal": principal, "Action": "ecr:BatchGetImage", **elements}
    return {"Effect": "Allow", **{k: v for k, v in given_too.items() if v is not None}}


def bounded(operator: str, key: str, value: Any) -> dict[str, Any]:
    return statement(Condition={operator: {key: value}})


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def public(*statements: Any) -> list[tuple[str, str]]:
    """What is said of an ECR policy, given as an object or as text where all is known."""
    return told(verdicts(RULES, "ecr-policy-public", ecr(document(*statements))))


def ecr(policy: Value) -> Resource:
    return resource(ECR, {"policy": policy})


@pytest.mark.parametrize(("rule", "kind", "path"), FORMS)
def test_a_wildcard_is_found_in_every_form_and_a_named_role_passes(
    rule: str, kind: str, path: str
) -> None:
    for principal, passes in (("*", False), ({"AWS": "*"}, False), ({"AWS": ROLE}, True)):
        for policy in (
            document(statement(principal)),
            json.dumps(document(statement(principal))),
        ):
            subject = resource(kind, {path: policy})
            expected = [] if passes else finding(f"{path}.Statement[0]")
            assert told(verdicts(RULES, rule, subject)) == expected, principal
            assert not verdicts(RULES, MALFORMED, subject), "it is what AWS takes"


@pytest.mark.parametrize(("rule", "kind", "path"), FORMS)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_a_policy_that_is_not_known_is_not_checked(
    rule: str, kind: str, path: str, hidden: Value
) -> None:
    for asked in (rule, MALFORMED):
        found = verdicts(RULES, asked, resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)


@pytest.mark.parametrize(("rule", "kind", "path"), FORMS)
def test_without_a_policy_awss_default_holds(rule: str, kind: str, path: str) -> None:
    absent: list[dict[str, Value]] = [{}, {path: None}, {path: ""}]
    for props in absent:
        assert not verdicts(RULES, rule, resource(kind, props))
        malformed = told(verdicts(RULES, MALFORMED, resource(kind, props)))
        assert malformed == (finding(path) if kind in POLICY_ONLY else []), (
            "a policy says something"
        )


ALONE: Final = frozenset(
    {
        *("aws:ecr/repositoryPolicy:RepositoryPolicy", "aws:ecr/registryPolicy:RegistryPolicy"),
        *("aws-native:ecr:RegistryPolicy", "aws:kms/keyPolicy:KeyPolicy"),
        *("aws:sns/topicPolicy:TopicPolicy", "aws-native:sns:TopicPolicy"),
        *("aws-native:sns:TopicInlinePolicy", "aws:secretsmanager/secretPolicy:SecretPolicy"),
        "aws-native:secretsmanager:ResourcePolicy",
        "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy",
        "aws-native:bedrockagentcore:ResourcePolicy",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy",
        "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy",
        "aws-native:logs:ResourcePolicy",
    }
)


def test_what_is_nothing_but_a_policy_has_no_default() -> None:
    for policies in (*CONCEPTS.values(), ENDPOINT_POLICIES):
        for kind in policies:
            read = document_of(resource(kind, {}), policies)
            assert (read is not None) is (kind in ALONE), kind


def test_the_policy_of_an_endpoint_is_read_in_every_form() -> None:
    for kind, path in (
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"),
        ("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", "policy"),
        ("aws-native:ec2:VpcEndpoint", "policyDocument"),
    ):
        read = document_of(resource(kind, {path: document(statement())}), ENDPOINT_POLICIES)
        assert read
        assert [one.path for one in read.statements] == [f"{path}.Statement[0]"]


OPEN: Final[Sequence[Any]] = (
    "*",
    {"AWS": "*"},
    {"AWS": ["*"]},
    {"AWS": [ROLE, "*"]},
    {"AWS": "arn:aws:iam::*:root"},
    {"AWS": "arn:aws:iam::*:role/front"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"},
    {"Service": "*"},
    {"Federated": "*"},
    {"CanonicalUser": "*"},
    {"Service": "ecs.amazonaws.com", "AWS": "*"},
)
CLOSED: Final[Sequence[Any]] = (
    {"AWS": ROLE},
    {"AWS": ACCOUNT},
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", ROLE]},
    {"Service": "cloudwatch.amazonaws.com"},
)


@pytest.mark.parametrize("principal", OPEN, ids=str)
def test_a_principal_that_is_not_certain_is_refused(principal: Any) -> None:
    assert public(statement(principal)) == finding("policy.Statement[0]")


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("*", "*"),
        ({"AWS": "*"}, "AWS *"),
        ({"Service": "*"}, "Service *"),
        ({"AWS": ["*", ROLE], "Federated": "a?"}, "AWS *, Federated a?"),
        ("a*", "a*"),
    ],
    ids=str,
)
def test_who_is_let_in_is_named(principal: Any, said: str) -> None:
    (found,) = verdicts(RULES, "ecr-policy-public", ecr(document(statement(principal))))
    assert isinstance(found, Finding)
    assert found.message.replace('"', "").startswith(f"{said} is allowed, ")


@pytest.mark.parametrize(
    ("principal", "account", "is_whole"),
    [
        (ACCOUNT, ACCOUNT, True),
        (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, True),
        (ROLE, ACCOUNT, False),
        (f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/front/one", ACCOUNT, False),
        (f"arn:aws:s3::{ACCOUNT}:root", None, False),
        ("*", None, False),
        ("s3.amazonaws.com", None, False),
        (f"{ACCOUNT}0", None, False),
    ],
)
def test_a_principal_tells_its_account(
    principal: str, account: str | None, *, is_whole: bool
) -> None:
    assert account_of(principal) == account
    assert is_account(principal) is is_whole


@pytest.mark.parametrize("principal", CLOSED, ids=str)
def test_a_certain_principal_passes(principal: Any) -> None:
    assert not public(statement(principal))


def test_everybody_but_some_is_everybody() -> None:
    excluding = statement(None, NotPrincipal={"AWS": ROLE})
    assert public(excluding) == finding("policy.Statement[0]")


def test_every_open_statement_is_told_and_none_other() -> None:
    found = public(
        statement({"AWS": ROLE}), statement(), statement(Effect="Deny"), statement({"AWS": "*"})
    )
    assert found == [*finding("policy.Statement[1]"), *finding("policy.Statement[3]")]


def test_one_statement_may_stand_without_a_list() -> None:
    policy = {"Version": "2012-10-17", "Statement": statement()}
    assert told(verdicts(RULES, "ecr-policy-public", ecr(policy))) == finding("policy.Statement[0]")


BOUNDS: Final[Sequence[tuple[str, str, Any]]] = (
    ("StringEquals", "aws:PrincipalAccount", ACCOUNT),
    ("StringEquals", "AWS:principalaccount", [ACCOUNT, "333333333333"]),
    ("StringLike", "aws:PrincipalAccount", ACCOUNT),
    ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
    ("StringEquals", "aws:SourceAccount", ACCOUNT),
    ("StringEquals", "aws:SourceOwner", ACCOUNT),
    ("StringEquals", "kms:CallerAccount", ACCOUNT),
    ("StringEquals", "aws:PrincipalOrgID", "o-0123456789"),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-0123456789/*"),
    ("StringEquals", "aws:SourceVpc", "vpc-0123456789abcdef0"),
    ("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*"),
    ("ArnEquals", "aws:SourceArn", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"),
    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::papers"),
    ("StringEqualsIgnoreCase", "aws:SourceAccount", ACCOUNT),
    ("StringEquals", "aws:VpceAccount", ACCOUNT),
    ("StringEquals", "aws:SourceOrgID", "${aws:ResourceOrgID}"),
    ("StringEquals", "aws:VpceOrgID", "o-0123456789"),
    ("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-0123456789/*"),
    ("ForAnyValue:StringLike", "aws:VpceOrgPaths", "o-0123456789/*"),
    ("ArnLike", "kms:EncryptionContext:aws:logs:arn", f"arn:aws:logs:*:{ACCOUNT}:log-group:a"),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/16"),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("IpAddress", "aws:SourceIp", "203.0.113.1/24"),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
)
NO_BOUNDS: Final[Sequence[tuple[str, str, Any]]] = (
    ("StringEqualsIfExists", "aws:PrincipalAccount", ACCOUNT),
    ("StringNotEquals", "aws:PrincipalAccount", ACCOUNT),
    ("ForAllValues:StringEquals", "aws:PrincipalAccount", ACCOUNT),
    ("StringLike", "aws:PrincipalAccount", "*"),
    ("StringLike", "aws:PrincipalAccount", "2222*"),
    ("StringEquals", "aws:PrincipalAccount", [ACCOUNT, "*"]),
    ("StringEquals", "aws:PrincipalAccount", []),
    ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}"),
    ("StringLike", "aws:PrincipalOrgID", "o-*"),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/ou-1/"),
    ("StringEquals", "aws:PrincipalTag/team", "agents"),
    ("StringLike", "aws:SourceVpc", "vpc-*"),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/front"),
    ("ArnLike", "aws:SourceArn", "*"),
    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
    ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
    ("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]),
    ("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "::/0"]),
    ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/7"),
    ("IpAddress", "aws:SourceIp", "2001:db8::/31"),
    ("IpAddress", "aws:SourceIp", "here"),
    ("StringEquals", "aws:SourceIp", "203.0.113.1"),
    ("IpAddress", "aws:PrincipalAccount", ACCOUNT),
    ("IpAddress", "aws:UserAgent", "203.0.113.0/24"),
    ("ArnLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:*:*:log-group:a"),
    ("Bool", "aws:SecureTransport", "true"),
    ("Null", "aws:PrincipalAccount", "false"),
    ("StringEquals", "kms:ViaService", "ecr.us-east-1.amazonaws.com"),
)


@pytest.mark.parametrize(("operator", "key", "value"), BOUNDS)
def test_a_condition_that_bounds_a_wildcard_passes(operator: str, key: str, value: Any) -> None:
    assert not public(bounded(operator, key, value))


@pytest.mark.parametrize(("operator", "key", "value"), NO_BOUNDS)
def test_a_condition_that_anybody_can_meet_does_not_bound(
    operator: str, key: str, value: Any
) -> None:
    assert public(bounded(operator, key, value)) == finding("policy.Statement[0]")


@pytest.mark.parametrize(
    ("operator", "key", "value", "names"),
    [
        ("StringEquals", "aws:PrincipalAccount", ACCOUNT, True),
        ("StringEquals", "aws:SourceAccount", ACCOUNT, True),
        ("ArnLike", "aws:PrincipalArn", ROLE, True),
        ("StringEquals", "aws:PrincipalOrgID", "o-0123456789", True),
        ("StringLike", "aws:PrincipalOrgPaths", "o-0123456789/*", True),
        ("StringEquals", "aws:PrincipalServiceName", "ecr.amazonaws.com", True),
        ("StringEquals", "aws:PrincipalServiceName", "logs.us-east-1.amazonaws.com.cn", True),
        ("StringLike", "aws:PrincipalServiceName", "*.amazonaws.com", False),
        ("StringEquals", "aws:UserId", ACCOUNT, True),
        ("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE00:*", True),
        ("StringLike", "aws:userid", "A*", False),
        ("StringLike", "aws:PrincipalAccount", "*", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("IpAddress", "aws:PrincipalAccount", ACCOUNT, False),
        ("StringEquals", "aws:SourceVpc", "vpc-0123456789abcdef0", False),
        ("StringEquals", "aws:PrincipalAccount", UNKNOWN, False),
    ],
)
def test_who_calls_is_told_by_keys_of_the_caller(
    operator: str, key: str, value: Any, *, names: bool
) -> None:
    given_as = document(bounded(operator, key, value))
    (one,) = iam_document.read(given_as, "policy", "trust").statements
    (condition,) = one.conditions
    assert names_callers(condition) is names


def test_one_bound_among_conditions_is_enough_because_all_have_to_hold() -> None:
    both = {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert not public(statement(Condition=both))


def test_a_bound_of_another_statement_is_none() -> None:
    found = public(bounded("StringEquals", "aws:SourceAccount", ACCOUNT), statement())
    assert found == finding("policy.Statement[1]")


HIDDEN: Final[Sequence[tuple[Mapping[str, Any], str]]] = (
    ({"Principal": UNKNOWN}, "Principal"),
    ({"Principal": {"AWS": UNKNOWN}}, "Principal.AWS"),
    ({"Principal": {"AWS": [ROLE, SECRET]}}, "Principal.AWS"),
    ({"Condition": UNKNOWN}, "Condition"),
    ({"Condition": {"StringEquals": SECRET}}, "Condition.StringEquals"),
    (
        {"Condition": {"StringEquals": {"aws:SourceVpc": UNKNOWN}}},
        "Condition.StringEquals.aws:SourceVpc",
    ),
    (
        {"Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT, UNKNOWN]}}},
        "Condition.StringEquals.aws:SourceAccount",
    ),
    ({"Effect": UNKNOWN}, "Effect"),
)


@pytest.mark.parametrize(("elements", "path"), HIDDEN, ids=[row[1] for row in HIDDEN])
def test_what_is_not_known_of_a_statement_is_not_checked_and_the_rest_is(
    elements: Mapping[str, Any], path: str
) -> None:
    found = public({**statement(), **elements}, statement())
    assert found == [*not_checked(f"policy.Statement[0].{path}"), *finding("policy.Statement[1]")]


def test_a_wildcard_beside_an_unknown_principal_is_a_wildcard() -> None:
    assert public(statement({"AWS": ["*", UNKNOWN]})) == finding("policy.Statement[0]")


def test_an_unknown_value_of_a_key_that_never_bounds_hides_nothing() -> None:
    unbounded = bounded("StringEquals", "aws:PrincipalTag/team", UNKNOWN)
    assert public(unbounded) == finding("policy.Statement[0]")


BROKEN: Final[Sequence[tuple[str, Any, str]]] = (
    ("no JSON", "{", "policy"),
    ("a list", [], "policy"),
    ("no statement", {"Version": "2012-10-17"}, "policy.Statement"),
    ("an effect in lower case", document(statement({"AWS": ROLE}, Effect="allow")), "Effect"),
    ("no principal", document(statement(None)), "policy.Statement[0]"),
    ("no action", document(statement({"AWS": ROLE}, Action=None)), "policy.Statement[0]"),
    ("a typo", document({**statement({"AWS": ROLE}), "Conditions": {}}), "policy.Statement[0]"),
)


@pytest.mark.parametrize(("what", "policy", "path"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_document_that_aws_would_refuse_is_refused_once(
    what: str, policy: Any, path: str
) -> None:
    (found,) = verdicts(RULES, MALFORMED, ecr(policy))
    assert isinstance(found, Finding), what
    assert found.path.endswith(path)
    assert not verdicts(RULES, "ecr-policy-public", ecr(policy)), "nobody is let in by it"


def test_a_resource_and_the_grammar_of_2008_are_no_fault_in_a_resources_policy() -> None:
    older = {"Version": "2008-10-17", "Statement": [statement({"AWS": ROLE}, Resource="*")]}
    assert not verdicts(RULES, MALFORMED, ecr(older))
    other = document(statement({"AWS": ROLE}, NotResource="*"))
    assert not verdicts(RULES, MALFORMED, ecr(other))
    assert not verdicts(RULES, MALFORMED, ecr(json.dumps({"Statement": older["Statement"]})))


_PRINCIPALS: Final = st.lists(
    st.sampled_from([ROLE, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", "*", "arn:aws:iam::*:root"]),
    min_size=1,
    max_size=4,
)


@given(
    st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), _PRINCIPALS, st.booleans()), max_size=5)
)
def test_exactly_the_allowing_open_and_unbounded_statements_are_found(
    given_as: list[tuple[str, list[str], bool]],
) -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}
    statements = [
        statement({"AWS": names}, Effect=effect, Condition=condition if is_bound else None)
        for effect, names, is_bound in given_as
    ]
    expected = [
        f"policy.Statement[{index}]"
        for index, (effect, names, is_bound) in enumerate(given_as)
        if effect == "Allow" and not is_bound and any("*" in name for name in names)
    ]
    assert [path for _, path in public(*statements)] == expected


DEPUTY: Final = "resource-policy-confused-deputy"
SERVICE: Final = {"Service": "s3.amazonaws.com"}
TOPIC: Final = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
KEY: Final = "aws:kms/key:Key"


def deputy(*statements: Any, kind: str = ECR, **settings: object) -> list[tuple[str, str]]:
    policy = document(*statements)
    return told(verdicts(RULES, DEPUTY, resource(kind, {"policy": policy}), **settings))


@pytest.mark.parametrize(("rule", "kind", "path"), FORMS)
def test_a_service_is_bounded_in_every_form(rule: str, kind: str, path: str) -> None:
    bound = {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    for policy in (
        document(statement(SERVICE)),
        json.dumps(document(statement(SERVICE))),
    ):
        subject = resource(kind, {path: policy})
        assert told(verdicts(RULES, DEPUTY, subject)) == finding(f"{path}.Statement[0]")
        assert not verdicts(RULES, rule, subject), "whom it lets in is known"
    for right in (statement(SERVICE, **bound), statement({"AWS": ROLE})):
        assert not verdicts(RULES, DEPUTY, resource(kind, {path: document(right)}))
    assert not verdicts(RULES, DEPUTY, resource(kind, {})), "that it is missing is told elsewhere"
    assert told(verdicts(RULES, DEPUTY, resource(kind, {path: UNKNOWN}))) == not_checked(path)


@pytest.mark.parametrize(
    ("condition", "bounds"),
    [
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{ACCOUNT}-docs"}}, True),
        ({"ArnLike": {"aws:SourceArn": TOPIC}}, True),
        ({"StringEquals": {"aws:SourceOrgID": "o-0123456789"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": TOPIC}}, True),
        ({"ArnLike": {"KMS:encryptioncontext:aws:sns:topicArn": TOPIC}}, True),
        ({"StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "*"}}, False),
        ({"StringEquals": {"kms:EncryptionContextKeys": TOPIC}}, False),
        ({"Null": {"kms:EncryptionContext:aws:sns:topicArn": TOPIC}}, False),
    ],
    ids=json.dumps,
)
def test_what_bounds_a_service_tells_whom_it_acts_for(condition: Any, *, bounds: bool) -> None:
    found = deputy(statement(SERVICE, Condition=condition))
    assert found == ([] if bounds else finding("policy.Statement[0]"))
    assert deputy({**statement(SERVICE, Condition=condition), "Effect": "Deny"}) == []


def test_each_statement_for_a_service_is_judged() -> None:
    named = statement({**SERVICE, "AWS": ROLE})
    assert deputy(statement({"AWS": ROLE}), named) == finding("policy.Statement[1]")
    both = statement({"Service": ["s3.amazonaws.com", "ses.amazonaws.com"]})
    (found,) = verdicts(RULES, DEPUTY, ecr(document(both)))
    assert isinstance(found, Finding)
    assert "s3.amazonaws.com" in found.message
    assert "ses.amazonaws.com" in found.message
    assert deputy(both, services_without_source=["s3.amazonaws.com"]), "the other tells it"
    assert not deputy(both, services_without_source=["s3.amazonaws.com", "ses.amazonaws.com"]), (
        "neither tells it"
    )
    assert not deputy(statement({"Service": "*"})), "a wildcard is told as one"


@pytest.mark.parametrize(
    "service",
    ["logs.amazonaws.com", "logs.us-east-1.amazonaws.com", "logs.cn-north-1.amazonaws.com.cn"],
)
def test_what_a_key_for_logs_is_bounded_by_is_another_rules(service: str) -> None:
    assert not deputy(statement({"Service": service}), kind=KEY)
    assert deputy(statement({"Service": service})), "of what is no key nobody else tells"
    assert deputy(statement({"Service": f"x{service}"}), kind=KEY)
    assert deputy(statement({"Service": "delivery.logs.amazonaws.com"}), kind=KEY)


@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_a_service_of_which_a_part_is_not_known_is_not_checked(hidden: Value) -> None:
    first = "policy.Statement[0]"
    assert deputy(statement({"Service": hidden})) == not_checked(f"{first}.Principal.Service")
    assert deputy(statement(SERVICE, Condition=hidden)) == not_checked(f"{first}.Condition")
    value = statement(SERVICE, Condition={"StringEquals": {"aws:SourceAccount": hidden}})
    where = f"{first}.Condition.StringEquals.aws:SourceAccount"
    assert deputy(value) == not_checked(where)
    assert deputy({**statement(SERVICE), "Effect": hidden}) == not_checked(f"{first}.Effect")
    assert deputy({**statement({"AWS": ROLE}), "Effect": hidden}) == []
    nobody_knows = {**statement({"Service": hidden}), "Effect": hidden}
    assert deputy(nobody_knows) == [
        *not_checked(f"{first}.Principal.Service"),
        *not_checked(f"{first}.Effect"),
    ], "all that would tell is named"
