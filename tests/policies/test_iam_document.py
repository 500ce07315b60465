import json
from types import MappingProxyType
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.iam_document import read
from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rules.permissions import RULES
from tests.policies.judged import resource, told, verdicts
from tests.policies.policy_forms import FORMS, OBJECTS, TRUST, Statement, allow

GOOD: Final = allow("ecr:BatchGetImage")


def changed(**changes: object) -> Statement:
    """The good statement with elements set; None takes one away."""
    return {key: value for key, value in {**GOOD, **changes}.items() if value is not None}


def document(*statements: object, **more: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


# What is wrong, and where it is told; the twin is the good statement.
FAULTS: Final[list[tuple[object, str]]] = [
    (document(changed(Effect="allow")), ".Statement[0].Effect"),
    (document(changed(Effect="Permit")), ".Statement[0].Effect"),
    (document(changed(Effect=None)), ".Statement[0].Effect"),
    (document(changed(Effect=True)), ".Statement[0].Effect"),
    (document({**changed(Effect="Deny"), "NotAction": "ecr:PutImage"}), ".Statement[0]"),
    (document({**changed(Effect="Deny"), "NotResource": "*"}), ".Statement[0]"),
    (document(changed(Resource=None)), ".Statement[0]"),
    (document(changed(Action=None)), ".Statement[0]"),
    (document(changed(Action=[])), ".Statement[0].Action"),
    (document(changed(Action=["ecr:BatchGetImage", 7])), ".Statement[0].Action[1]"),
    (document(changed(Action="", Effect="Deny")), ".Statement[0].Action"),
    (document(changed(Resource=[])), ".Statement[0].Resource"),
    (document(changed(Resource={"Ref": "x"})), ".Statement[0].Resource"),
    (document(changed(Principal="*")), ".Statement[0].Principal"),
    (document(changed(Actions="ecr:BatchGetImage")), ".Statement[0]"),
    (document(changed(Condition="none")), ".Statement[0].Condition"),
    (document(changed(Condition={"Bool": "x"})), ".Statement[0].Condition.Bool"),
    (document(changed(Sid="a b")), ".Statement[0].Sid"),
    (document(changed(Sid=7)), ".Statement[0].Sid"),
    (document(changed(Sid="One"), changed(Sid="One")), ".Statement[1].Sid"),
    (document(), ".Statement"),
    ({"Version": "2012-10-17"}, ".Statement"),
    (document("all", GOOD), ".Statement[0]"),
    (document(GOOD, Version="2008-10-17"), ".Version"),
    (document(GOOD, Version="2012-10-18"), ".Version"),
    ({"Statement": [GOOD]}, ".Version"),
    (document(GOOD, Statements=[]), ""),
    ({"Version": "2012-10-17", "Statement": "all"}, ".Statement"),
    (document(changed(NotPrincipal="*")), ".Statement[0].NotPrincipal"),
    (document(changed(Effect="Deny", Action=None, NotAction=[])), ".Statement[0].NotAction"),
    (document(changed(Effect="Deny", Resource=None, NotResource=7)), ".Statement[0].NotResource"),
]
TEXTS: Final = [
    "{",
    "Statement: []",
    "[]",
    '"all"',
    "7",
    '{"Version": NaN}',
    f'{{"Version": "2012-10-17", "Statement": [], "Statement": [{json.dumps(GOOD)}]}}',
    json.dumps(document(GOOD)).replace('"Effect"', '"Effect": "Deny", "Effect"'),
    json.dumps(document(GOOD)) + "}",
    "[" * 100_000,
]


@pytest.mark.parametrize(
    ("given_document", "where"), FAULTS, ids=lambda each: json.dumps(each)[:80]
)
def test_what_iam_would_refuse_is_told_where_it_stands(given_document: Any, where: str) -> None:
    for form in FORMS:
        found = verdicts(RULES, "iam-document", form.holding(given_document))
        assert told(found) == [("finding", f"{form.path}{where}")], str(form)


@pytest.mark.parametrize("text", TEXTS, ids=lambda each: each[:40])
def test_a_text_that_is_no_document_is_told_once(text: str) -> None:
    for form in FORMS:
        found = verdicts(RULES, "iam-document", form.holding(text))
        assert told(found) == [("finding", form.path)], str(form)


@pytest.mark.parametrize(
    "good",
    [
        document(GOOD),
        document(GOOD, Id="one"),
        {"Version": "2012-10-17", "Statement": GOOD},
        document(changed(Sid="One"), changed(Sid="Two")),
        document(changed(Sid=""), changed(Sid="")),
        document(changed(Effect="Deny", Action=None, NotAction="ecr:PutImage")),
        document(changed(Action=["ecr:BatchGetImage"], Resource=[GOOD["Resource"]])),
        document(changed(Condition={"Bool": {"aws:SecureTransport": True}})),
        document({**GOOD, "Condition": None}),
        document({**GOOD, "Nothing": None}),
        document(GOOD, Nothing=None),
    ],
    ids=lambda each: json.dumps(each)[:80],
)
def test_what_iam_takes_is_no_fault(good: Any) -> None:
    for form in FORMS:
        assert verdicts(RULES, "iam-document", form.holding(good)) == [], str(form)


TRUSTED: Final = {"Effect": "Allow", "Principal": {"Service": "a.b"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({}, None),
        ({"Principal": "*"}, None),
        ({"Principal": UNKNOWN}, None),
        ({"Principal": dict.fromkeys(("AWS", "CanonicalUser", "Federated"), "x")}, None),
        ({"Principal": {"AWS": UNKNOWN}}, None),
        ({"Sid": "a b"}, None),
        ({"Principal": "nobody"}, "Principal"),
        ({"Principal": 7}, "Principal"),
        ({"Principal": {}}, "Principal"),
        ({"Principal": {"Aws": "x"}}, "Principal"),
        ({"Principal": {"AWS": []}}, "Principal.AWS"),
        ({"Principal": {"AWS": ["x", ""]}}, "Principal.AWS[1]"),
        ({"NotPrincipal": "*"}, ""),
        ({"Principal": None}, ""),
        ({"Principal": None, "NotPrincipal": {"AWS": "x"}}, None),
        ({"Principal": None, "NotPrincipal": {"AWS": ""}}, "NotPrincipal.AWS"),
        ({"Resource": "*"}, "Resource"),
        ({"NotResource": "*"}, "NotResource"),
    ],
    ids=str,
)
def test_whom_a_statement_trusts_is_given_as_iam_takes_it(
    changes: dict[str, Any], where: str | None
) -> None:
    statement = {key: value for key, value in {**TRUSTED, **changes}.items() if value is not None}
    found = [fault.path for fault in read(document(statement), "trust", "trust").faults]
    place = ".".join(["trust.Statement[0]", where] if where else ["trust.Statement[0]"])
    assert found == ([] if where is None else [place])


@pytest.mark.parametrize(
    ("effect", "meant"),
    [("Deny", "Deny"), ("deny", "Deny"), ("DENY", "Deny"), ("allow", "Allow"), (7, "Allow")],
)
def test_what_was_meant_is_judged_too(effect: Any, meant: str) -> None:
    (statement,) = read(document(changed(Effect=effect)), "policy").statements
    assert statement.effect == meant


@pytest.mark.parametrize("kind", ["identity", "trust"])
def test_a_sid_is_once_in_a_document(kind: Any) -> None:
    good = TRUSTED if kind == "trust" else GOOD
    for sid, again in (("One", 1), ("", 0)):
        both = document({**good, "Sid": sid}, {**good, "Sid": sid})
        assert len(read(both, "policy", kind).faults) == again


def test_words_are_texts_as_iam_takes_them() -> None:
    given = changed(Condition={"Bool": {"one": [True, "x", 7]}}, Action=["a:B", None])
    (statement,) = read(document(given), "policy").statements
    (condition,) = statement.conditions
    assert condition.values.known == ("true", "x", "7")
    assert not statement.words("NotAction")
    assert statement.words("NotAction").is_whole
    assert list(statement.principals()) == []
    trusting = {**TRUSTED, "Principal": "*", "NotPrincipal": {"AWS": "y"}}
    (statement,) = read(document(trusting), "trust", "trust").statements
    assert [(kind, names.known) for kind, names in statement.principals()] == [("*", ("*",))]
    assert [names.known for _, names in statement.principals("NotPrincipal")] == [("y",)]


def test_a_document_is_counted_as_iam_counts() -> None:
    given = document(changed(Sid=""), Id="a\u00e9 b")
    text = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
    assert read(given, "policy").characters == len(text) - 1, "white space is left out"
    assert read(json.dumps(given, ensure_ascii=False), "policy").characters == len(text) - 1
    hidden = {**given, "Id": UNKNOWN}
    assert read(hidden, "policy").characters == len(text) - len("a\u00e9 b"), "of it nothing counts"
    for nothing in (None, "", " ", UNKNOWN, 7):
        assert read(nothing, "policy").characters == 0
    assert read(UNKNOWN, "policy").unknown == ["policy"]
    for absent in (None, "", " "):
        (fault,) = read(absent, "policy").faults
        assert "nothing is given" in fault.message
    nested = {**given, "Statement": (MappingProxyType(changed(Action=("a:B", "c:D"))),)}
    plain = {**given, "Statement": [changed(Action=["a:B", "c:D"])]}
    assert read(nested, "policy").characters == read(plain, "policy").characters


def test_all_faults_of_a_document_are_told_at_once() -> None:
    found = read(
        document(changed(Effect="allow"), changed(Resource=None, Sid="a b"), "all"), "policy"
    )
    assert [fault.path for fault in found.faults] == [
        "policy.Statement[0].Effect",
        "policy.Statement[1]",
        "policy.Statement[2]",
        "policy.Statement[1].Sid",
    ]


def test_an_empty_word_is_no_empty_list() -> None:
    for element, message in (("", '"" is given'), ([""], '"" is given')):
        (fault,) = read(document(changed(Action=element)), "policy").faults
        assert message in fault.message
    (fault,) = read(document(changed(Action=[])), "policy").faults
    assert "the list is empty" in fault.message


def test_where_json_ends_is_told() -> None:
    (fault,) = read('{"Version": "2012-10-17",\n "Statement": [}', "policy").faults
    assert "line 2 column 16" in fault.message


@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
def test_what_is_not_known_is_no_fault_and_hides_none(hidden: Any) -> None:
    found = read(document(hidden, changed(Effect="allow"), changed(Sid=hidden)), "policy")
    assert found.unknown == ["policy.Statement[0]"]
    assert [fault.path for fault in found.faults] == ["policy.Statement[1].Effect"]
    for element in ("Effect", "Action", "Resource", "Condition", "Sid"):
        assert read(document(changed(**{element: hidden})), "policy").faults == []
    assert read(document(GOOD, Version=hidden), "policy").faults == []
    assert read({"Version": "2012-10-17", "Statement": hidden}, "p").unknown == ["p.Statement"]


def long(characters: int) -> dict[str, Any]:
    """A document of this length without white space."""
    short = len(json.dumps(document(changed(Sid="")), separators=(",", ":")))
    return document(changed(Sid="a" * (characters - short)))


LIMITS: Final = {
    "aws:iam/rolePolicy:RolePolicy": 10_240,
    "aws-native:iam:RolePolicy": 10_240,
    "aws:iam/role:Role": 10_240,
    "aws-native:iam:Role": 10_240,
    "aws:iam/policy:Policy": 6_144,
    "aws-native:iam:ManagedPolicy": 6_144,
}


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_document_is_as_long_as_iam_takes_white_space_left_out(form: Any) -> None:
    limit = LIMITS[form.type]
    assert verdicts(RULES, "iam-document", form.holding(long(limit))) == []
    if form.as_text:
        indented = json.dumps(long(limit), indent=4)
        assert len(indented) > limit
        assert verdicts(RULES, "iam-document", form.holding(indented)) == []
    found = verdicts(RULES, "iam-document", form.holding(long(limit + 1)))
    assert told(found) == [("finding", form.path)]


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("aws:iam/role:Role", "inlinePolicies", "policy"),
        ("aws-native:iam:Role", "policies", "policyDocument"),
    ],
)
def test_the_inline_policies_of_a_role_are_counted_together(kind: str, name: str, key: str) -> None:
    def role(*lengths: int) -> Any:
        trust = {"assumeRolePolicy": TRUST, "assumeRolePolicyDocument": TRUST}
        entries = [{"name": "one", key: json.dumps(long(each))} for each in lengths]
        return resource(kind, {name: entries, **trust})

    assert verdicts(RULES, "iam-document", role(5_000, 5_240)) == []
    assert told(verdicts(RULES, "iam-document", role(5_000, 5_241))) == [
        ("finding", f"{name}[0].{key}")
    ]


def test_a_trust_policy_has_a_quota_of_its_own() -> None:
    trust = json.loads(TRUST)
    trust["Statement"][0]["Sid"] = "a" * 2048
    subject = resource("aws:iam/role:Role", {"assumeRolePolicy": json.dumps(trust)})
    assert told(verdicts(RULES, "iam-document", subject)) == [("finding", "assumeRolePolicy")]
    assert verdicts(RULES, "iam-document", subject, trust_policy_characters=4096) == []


ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Version",
                    "Statement",
                    "Effect",
                    "Action",
                    "Resource",
                    "Principal",
                    "Condition",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_no_value_makes_a_rule_crash(value: Any) -> None:
    for rule in RULES:
        for form in (OBJECTS[0], OBJECTS[-1]):
            if form.type in rule.types:
                verdicts(RULES, rule.id, form.holding(value))


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_crash(text: str) -> None:
    assert read(text, "policy").faults, "no such text is a document"
