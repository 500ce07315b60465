"""Policy documents are judged as IAM judges them, and what nobody can tell yet stays open."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.aws import iam_evaluation
from infra.policy_evaluation import Document, Request, Verdict, decide

ALLOWED, DENIED, SILENT, UNDECIDED = (
    Verdict.ALLOWED,
    Verdict.DENIED,
    Verdict.SILENT,
    Verdict.UNDECIDED,
)
LOGS = "arn:aws:logs:us-east-1:111111111111:log-group:/runtimes/agent-*"
KNOWN: dict[str, str | None] = {
    "aws:RequestedRegion": "us-east-1",
    "aws:PrincipalArn": "arn:aws:iam::111111111111:role/team/agent",
    "bedrock:InferenceProfileArn": None,
    "s3:prefix": "papers/*",
}


def _document(*statements: dict[str, Any]) -> Document:
    return Document.read("the policy", {"Version": "2012-10-17", "Statement": list(statements)})


def _allow(**elements: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*", **elements}


def _deny(**elements: object) -> dict[str, Any]:
    return {**_allow(**elements), "Effect": "Deny"}


def _without(statement: dict[str, Any], element: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != element}


def _asked(*statements: dict[str, Any], resource: str = LOGS) -> Verdict:
    request = Request(action="logs:PutLogEvents", resource=resource, context=KNOWN)
    return decide([_document(*statements)], request).verdict


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (_allow(), ALLOWED),
        (_allow(Action=["logs:CreateLogStream", "logs:PutLogEvents"]), ALLOWED),
        (_allow(Action="LOGS:putlogevents"), ALLOWED),
        (_allow(Action="logs:Put*"), ALLOWED),
        (_allow(Action="logs:PutLogEvent?"), ALLOWED),
        (_allow(Action="logs:PutLogEvent"), SILENT),
        (_allow(Action="xray:*"), SILENT),
        (_allow(Resource=LOGS), ALLOWED),
        (_allow(Resource=["arn:aws:s3:::x", "arn:aws:logs:*:*:log-group:/runtimes/*"]), ALLOWED),
        (_allow(Resource=LOGS.replace("agent", "Agent")), SILENT),
        (_allow(Resource=LOGS.replace("agent", "other")), SILENT),
        (_allow(Resource=LOGS.replace("agent-", "agent-a")), UNDECIDED),
        (_allow(Resource="arn:aws:logs:us-east-1:*:log-group:/runtimes/${aws:userid}"), UNDECIDED),
        (_allow(Resource="arn:aws:s3:::logs/${aws:userid}"), SILENT),
        (_without(_allow(NotAction="logs:DeleteLogGroup"), "Action"), ALLOWED),
        (_without(_allow(NotAction="logs:Put*"), "Action"), SILENT),
        (_without(_allow(NotResource="arn:aws:s3:::*"), "Resource"), ALLOWED),
        (_without(_allow(NotResource="arn:aws:logs:*"), "Resource"), SILENT),
        (_without(_allow(NotResource=LOGS.replace("agent-", "agent-a")), "Resource"), UNDECIDED),
    ],
)
def test_an_allow_says_what_it_says(statement: dict[str, Any], verdict: Verdict) -> None:
    assert _asked(statement) is verdict


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        (_deny(), DENIED),
        (_deny(Action="*"), DENIED),
        (_deny(Action="logs:Delete*"), ALLOWED),
        (_deny(Resource=LOGS.replace("agent", "other")), ALLOWED),
        (_deny(Resource=LOGS.replace("agent-", "agent-a")), UNDECIDED),
        (_without(_deny(NotAction=["logs:*", "s3:*"]), "Action"), ALLOWED),
        (_without(_deny(NotAction=["s3:*"]), "Action"), DENIED),
        (_deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}), ALLOWED),
        (_deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}), DENIED),
        (_deny(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}), UNDECIDED),
    ],
)
def test_a_deny_wins_over_an_allow(statement: dict[str, Any], verdict: Verdict) -> None:
    assert _asked(_allow(), statement) is verdict
    assert _asked(statement, _allow()) is verdict, "whatever their order"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"StringEquals": {"aws:requestedregion": ["eu-west-1", "us-east-1"]}}, ALLOWED),
        ({"StringEquals": {"aws:RequestedRegion": "us-*"}}, SILENT),
        ({"StringLike": {"aws:RequestedRegion": "us-*"}}, ALLOWED),
        ({"StringEqualsIgnoreCase": {"aws:RequestedRegion": "US-EAST-1"}}, ALLOWED),
        ({"StringNotLike": {"aws:RequestedRegion": "us-*"}}, SILENT),
        ({"ForAnyValue:StringEquals": {"aws:RequestedRegion": "us-east-1"}}, ALLOWED),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}, ALLOWED),
        ({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/others/*"}}, SILENT),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*:role/team/agent"}}, SILENT),
        (
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/${aws:PrincipalTag/t}/*"}},
            UNDECIDED,
        ),
        ({"StringLike": {"s3:prefix": "papers/*"}}, ALLOWED),
        ({"StringLike": {"s3:prefix": "papers/new/*"}}, UNDECIDED),
        ({"StringEquals": {"s3:prefix": "papers/"}}, UNDECIDED),
        ({"StringLike": {"s3:prefix": "drafts/*"}}, SILENT),
        ({"StringEquals": {"bedrock:InferenceProfileArn": "arn:x"}}, SILENT),
        ({"StringEqualsIfExists": {"bedrock:InferenceProfileArn": "arn:x"}}, ALLOWED),
        ({"StringNotEquals": {"bedrock:InferenceProfileArn": "arn:x"}}, ALLOWED),
        ({"ForAllValues:StringEquals": {"bedrock:InferenceProfileArn": "arn:x"}}, ALLOWED),
        ({"ForAnyValue:StringNotEquals": {"bedrock:InferenceProfileArn": "arn:x"}}, SILENT),
        ({"Null": {"bedrock:InferenceProfileArn": "true"}}, ALLOWED),
        ({"Null": {"bedrock:InferenceProfileArn": False}}, SILENT),
        ({"Null": {"aws:RequestedRegion": "false"}}, ALLOWED),
        ({"Null": {"aws:SourceVpc": "true"}}, UNDECIDED),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, UNDECIDED),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, UNDECIDED),
        ({"NumericLessThan": {"aws:RequestedRegion": "5"}}, UNDECIDED),
        ({"Invented": {"aws:RequestedRegion": "us-east-1"}}, UNDECIDED),
        (
            {
                "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
            },
            SILENT,
        ),
    ],
)
def test_a_condition_is_decided_where_its_keys_are_known(
    condition: dict[str, Any], verdict: Verdict
) -> None:
    assert _asked(_allow(Condition=condition)) is verdict


@pytest.mark.parametrize(
    ("resource", "verdict"), [("*", ALLOWED), ("arn:*", SILENT), (LOGS, SILENT), ("**", ALLOWED)]
)
def test_an_action_without_resource_types_is_granted_on_a_star_only(
    resource: str, verdict: Verdict
) -> None:
    assert _asked(_allow(Resource=resource), resource="*") is verdict


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ({"Principal": {"Service": "a.amazonaws.com"}}, ALLOWED),
        ({"Principal": {"Service": ["b.amazonaws.com", "a.amazonaws.com"]}}, ALLOWED),
        ({"Principal": {"Service": "b.amazonaws.com"}}, SILENT),
        ({"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}, SILENT),
        ({"Principal": {"AWS": "*"}}, UNDECIDED),
        ({"Principal": "*"}, UNDECIDED),
        ({"NotPrincipal": {"Service": "b.amazonaws.com"}}, ALLOWED),
        ({"NotPrincipal": {"Service": "a.amazonaws.com"}}, SILENT),
    ],
)
def test_a_trust_policy_names_the_service(principal: dict[str, Any], verdict: Verdict) -> None:
    trust = _document({"Effect": "Allow", "Action": "sts:AssumeRole", **principal})
    request = Request(action="sts:AssumeRole", service="a.amazonaws.com")

    assert decide([trust], request).verdict is verdict


def test_reasons_name_the_statements_and_what_they_hang_on() -> None:
    known, unknown = {"aws:RequestedRegion": "us-east-1"}, {"aws:SourceVpc": "vpc-1"}
    part = LOGS.replace("agent-", "agent-a")
    document = _document(
        _allow(Sid="Mine", Condition={"StringEquals": {**known, **unknown}}),
        _allow(Resource=part),
        _allow(Sid="Both", Resource=part, Condition={"ArnLike": unknown}),
        _deny(Sid="Never", Action="s3:*"),
    )
    request = Request(action="logs:PutLogEvents", resource=LOGS, context=KNOWN)

    assert decide([document], request).reasons == (
        "statement Mine of the policy (it hangs on the condition StringEquals aws:SourceVpc)",
        "statement 2 of the policy (it hangs on which of these resources it is)",
        "statement Both of the policy (it hangs on the condition ArnLike aws:SourceVpc, and on "
        "which of these resources it is)",
    )


def test_a_denial_names_what_denies_and_not_what_allows() -> None:
    document = _document(_allow(Sid="Mine"), _deny(Sid="Never"))
    request = Request(action="logs:PutLogEvents", resource=LOGS, context=KNOWN)

    assert decide([document], request).reasons == ("statement Never of the policy",)


def test_documents_are_judged_together() -> None:
    request = Request(action="logs:PutLogEvents", resource=LOGS, context=KNOWN)
    other = _document(_deny(Action="s3:*"))

    assert decide([other, _document(_allow())], request).verdict is ALLOWED
    assert decide([_document(_allow()), _document(_deny())], request).verdict is DENIED
    assert decide([], request).verdict is SILENT


_ACTIONS = st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "*", "S3:PUTOBJECT", "logs:?ut*"])
_RESOURCES = st.sampled_from(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::?/x", "arn:aws:s3:::b/x"])
_CONDITIONS = st.dictionaries(
    st.sampled_from(
        [
            "StringEquals",
            "StringNotEquals",
            "StringLikeIfExists",
            "ForAllValues:StringNotLike",
            "ForAnyValue:StringLike",
            "Null",
        ]
    ),
    st.dictionaries(
        st.sampled_from(["aws:RequestedRegion", "s3:x-amz-acl"]),
        st.lists(st.sampled_from(["true", "false", "us-*", "us-east-1"]), min_size=1, max_size=2),
        min_size=1,
    ),
    max_size=2,
)


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(_ACTIONS),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(_RESOURCES),
        "Condition": draw(_CONDITIONS),
    }


@given(
    st.lists(_statements(), max_size=3),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "logs:PutLogEvents"]),
    st.sampled_from(["arn:aws:s3:::a/x", "arn:aws:s3:::b/x", "arn:aws:s3:::b/y"]),
)
def test_where_everything_is_known_the_offline_aws_judges_the_same(
    statements: list[dict[str, Any]], action: str, resource: str
) -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    here = decide(
        [Document.read("the policy", document)],
        Request(
            action=action,
            resource=resource,
            context={"aws:RequestedRegion": "us-east-1", "s3:x-amz-acl": None},
        ),
    )
    there = iam_evaluation.decide(
        [json.dumps(document)],
        iam_evaluation.Action(action, resource, context={"aws:RequestedRegion": "us-east-1"}),
    )

    expected = {"allow": ALLOWED, "deny": DENIED, "silent": SILENT}[there.value]
    assert here.verdict is expected, "two evaluators of two hands, and one answer"
