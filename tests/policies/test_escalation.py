import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from agentcore_policies.iam_actions import action
from agentcore_policies.iam_privileges import ALONE, TOGETHER
from agentcore_policies.model import SECRET, UNKNOWN, Resource
from agentcore_policies.rule import Finding
from agentcore_policies.rules.escalation import RULES
from tests.policies.judged import resource, told, urn, verdicts
from tests.policies.policy_forms import ACCOUNT, ROLE_ARN, TRUST, Statement, allow

RULE: Final = "role-privilege-escalation"
AWS: Final = "aws:iam/role:Role"
NATIVE: Final = "aws-native:iam:Role"
POLICY: Final = "aws:iam/policy:Policy"
POLICY_ARN: Final = f"arn:aws:iam::{ACCOUNT}:policy/half"
RUNTIME: Final = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/support-0123456789"


def text(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(kind: str = AWS, **props: Any) -> Resource:
    given = {"assumeRolePolicy": TRUST, "assumeRolePolicyDocument": TRUST, **props}
    return resource(kind, {"name": "support", "roleName": "support", **given})


def inline(*statements: Statement, name: str = "inline") -> Resource:
    return resource(
        "aws:iam/rolePolicy:RolePolicy", {"role": "support", "policy": text(*statements)}, name
    )


# Whose principal is not the prefix of its actions.
PRINCIPALS: Final = {"ecs": "ecs-tasks"}

Holding = Callable[[str, Statement], Sequence[Resource]]


def _role_with(kind: str, name: str, key: str, statement: Statement) -> Sequence[Resource]:
    return [role(kind, **{name: [{"name": "half", key: text(statement)}]})]


def _policy(arn: object = POLICY_ARN) -> Callable[[Statement], Resource]:
    return lambda statement: resource(
        POLICY, {"name": "half", "arn": arn, "policy": text(statement)}, "half"
    )


def _attached(kind: str, arn: object = POLICY_ARN, **props: Any) -> Any:
    """A policy and what attaches it; one whose ARN is not known is linked by what it depends on."""

    def build(statement: Statement) -> Sequence[Resource]:
        name = "policyArns" if "policyArns" in props else "policyArn"
        given = props if "policyArns" in props else {**props, name: arn}
        links = {name: (urn(POLICY, "half"),)} if arn is UNKNOWN else {}
        return [
            role(),
            _policy(arn)(statement),
            resource(kind, given, "attachment", dependencies=links),
        ]

    return build


# Every way in which a role gets one half; the other half is in an inline policy of its own.
WAYS: Final[dict[str, Callable[[Statement], Sequence[Resource]]]] = {
    "inlinePolicies": lambda half: _role_with(AWS, "inlinePolicies", "policy", half),
    "native policies": lambda half: _role_with(NATIVE, "policies", "policyDocument", half),
    "RolePolicy": lambda half: [role(), inline(half, name="half")],
    "native RolePolicy": lambda half: [
        role(NATIVE),
        resource(
            "aws-native:iam:RolePolicy", {"roleName": "support", "policyDocument": text(half)}
        ),
    ],
    "RolePolicy of a role not known by name": lambda half: [
        role(),
        resource(
            "aws:iam/rolePolicy:RolePolicy",
            {"role": UNKNOWN, "policy": text(half)},
            "half",
            dependencies={"role": (urn(AWS, "one"),)},
        ),
    ],
    "ManagedPolicy": lambda half: [
        role(NATIVE),
        resource(
            "aws-native:iam:ManagedPolicy", {"roles": ["support"], "policyDocument": text(half)}
        ),
    ],
    "RolePolicyAttachment": _attached(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", role="support"
    ),
    "RolePolicyAttachment before deployment": _attached(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", UNKNOWN, role="support"
    ),
    "PolicyAttachment": _attached(
        "aws:iam/policyAttachment:PolicyAttachment", roles=["other", "support"]
    ),
    "RolePolicyAttachmentsExclusive": _attached(
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        roleName="support",
        policyArns=[POLICY_ARN],
    ),
    "managedPolicyArns": lambda half: [
        role(managedPolicyArns=[POLICY_ARN]),
        _policy()(half),
    ],
    "managedPolicyArns put together": lambda half: [
        role(managedPolicyArns=[POLICY_ARN]),
        _policy(UNKNOWN)(half),
    ],
}
PASSING: Final = allow("iam:PassRole", ROLE_ARN)
RUNNING: Final = allow("lambda:*", "*")


@pytest.mark.parametrize("way", WAYS)
def test_two_halves_in_two_policies_are_put_together(way: str) -> None:
    for mine, other in ((PASSING, RUNNING), (RUNNING, PASSING)):
        found = verdicts(RULES, RULE, [*WAYS[way](mine), inline(other)])
        assert [one for one in told(found) if one[0] == "finding"] == [("finding", "")], way
        assert any(
            "lambda:CreateFunction" in one.message for one in found if isinstance(one, Finding)
        )
    for half in (PASSING, RUNNING):
        found = verdicts(RULES, RULE, WAYS[way](half))
        assert not any(isinstance(one, Finding) for one in found), "one half is none"


def test_halves_of_two_roles_are_not_put_together() -> None:
    other = resource(AWS, {"name": "other", "assumeRolePolicy": TRUST}, "other")
    policy = resource(
        "aws:iam/rolePolicy:RolePolicy", {"role": "other", "policy": text(RUNNING)}, "other"
    )
    assert verdicts(RULES, RULE, [role(), inline(PASSING), other, policy]) == []


def test_policies_of_a_role_of_another_stack_are_put_together() -> None:
    first, second = inline(PASSING), inline(RUNNING, name="second")
    (found,) = verdicts(RULES, RULE, [first, second])
    assert found.urn == first.urn, "it points at the first policy"


@pytest.mark.parametrize("known", TOGETHER, ids=lambda each: "+".join(each.actions))
def test_every_combination_is_found_and_no_part_of_it(known: Any) -> None:
    policies = [inline(allow(name, "*"), name=name) for name in known.actions]
    found = verdicts(RULES, RULE, [role(), *policies])
    assert told(found) == [("finding", "")] * len(found)
    assert any(
        " + ".join(known.actions) in one.message for one in found if isinstance(one, Finding)
    )
    lacking = [one for one in policies if one.name != known.actions[-1]]
    for one in verdicts(RULES, RULE, [role(), *lacking]):
        assert isinstance(one, Finding)
        assert " + ".join(known.actions) not in one.message


@pytest.mark.parametrize("known", ALONE, ids=lambda each: each.actions[0])
def test_an_action_that_escalates_alone_is_found(known: Any) -> None:
    (name,) = known.actions
    (found,) = verdicts(RULES, RULE, [role(), inline(allow(name, ROLE_ARN))])
    assert isinstance(found, Finding)
    assert name in found.message
    assert told(verdicts(RULES, RULE, [inline(allow(name.lower(), ROLE_ARN))]))
    denied = {"Effect": "Deny", "Action": name, "Resource": ROLE_ARN}
    assert verdicts(RULES, RULE, [role(), inline(denied)]) == []


def test_every_action_of_a_combination_is_one_that_iam_knows() -> None:
    for known in (*ALONE, *TOGETHER):
        for name in known.actions:
            found = action(name)
            assert found, name
            assert found.name == name, "in IAM's spelling"


@pytest.mark.parametrize(
    ("bound", "escalates"),
    [
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, True),
        ({"StringLike": {"iam:PassedToService": "*"}}, True),
        ({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}, True),
        ({"StringEquals": {"iam:PassedToService": "bedrock-agentcore.amazonaws.com"}}, False),
        ({"StringEqualsIgnoreCase": {"iam:PassedToService": "EC2.amazonaws.com"}}, False),
    ],
    ids=json.dumps,
)
def test_a_role_that_is_passed_elsewhere_serves_no_escalation(bound: Any, escalates: bool) -> None:  # noqa: FBT001
    passing = allow("iam:PassRole", ROLE_ARN, Condition=bound)
    found = verdicts(RULES, RULE, [role(), inline(passing), inline(RUNNING, name="second")])
    assert bool(found) is escalates


def test_a_role_that_is_passed_to_the_service_that_runs_it_serves_every_combination() -> None:
    for known in TOGETHER:
        if not known.service:
            continue
        others = known.actions[1:]
        service = others[0].partition(":")[0]
        running = inline(allow(others, "*"), name="second")
        for principal, escalates in ((PRINCIPALS.get(service, service), True), ("events", False)):
            bound = {"StringEquals": {"iam:PassedToService": f"{principal}.amazonaws.com"}}
            passing = inline(allow("iam:PassRole", ROLE_ARN, Condition=bound))
            found = verdicts(RULES, RULE, [role(), passing, running])
            combination = " + ".join(known.actions)
            told_of = [one for one in found if combination in getattr(one, "message", "")]
            assert bool(told_of) is escalates, f"{combination} by {principal}"


def test_what_is_denied_on_everything_serves_no_escalation() -> None:
    policies = [inline(PASSING), inline(RUNNING, name="second")]

    def denying(**more: object) -> Resource:
        denied = {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "*", **more}
        return inline(denied, name="deny")

    assert verdicts(RULES, RULE, [role(), *policies, denying()]) == []
    for other in ("s3:*", "ec2:RunInstances"):
        assert verdicts(RULES, RULE, [role(), *policies, denying(Action=other)]), other
    for partial in (
        denying(Resource=ROLE_ARN),
        denying(Condition={"Bool": {"aws:SecureTransport": "false"}}),
    ):
        assert verdicts(RULES, RULE, [role(), *policies, partial]), "the deny does not always hold"


@pytest.mark.parametrize(
    ("kind", "service", "verbs"),
    [
        (
            "code-interpreter",
            "aws.codeinterpreter.v1",
            ["StartCodeInterpreterSession", "InvokeCodeInterpreter"],
        ),
        ("browser", "aws.browser.v1", ["StartBrowserSession", "ConnectBrowserAutomationStream"]),
    ],
)
def test_a_named_tool_is_used_and_any_tool_is_an_escalation(
    kind: str, service: str, verbs: list[str]
) -> None:
    actions = [f"bedrock-agentcore:{verb}" for verb in verbs]
    place = "arn:aws:bedrock-agentcore:us-east-1"
    for named in (
        f"{place}:aws:{kind}/{service}",
        f"{place}:{ACCOUNT}:{kind}-custom/mine-0123456789",
    ):
        assert verdicts(RULES, RULE, [role(), inline(allow(actions, named))]) == []
    found = verdicts(RULES, RULE, [role(), inline(allow(actions, "*"))])
    assert told(found) == [("finding", "")]
    any_one = allow(actions, f"{place}:{ACCOUNT}:{kind}-custom/*")
    assert told(verdicts(RULES, RULE, [role(), inline(any_one)])) == [("finding", "")]


def test_a_function_is_changed_by_name_and_any_function_is_an_escalation() -> None:
    actions = ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]
    place = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
    assert verdicts(RULES, RULE, [role(), inline(allow(actions, f"{place}mine"))]) == []
    for wide in (f"{place}*", "*", "?*"):
        found = told(verdicts(RULES, RULE, [role(), inline(allow(actions, wide))]))
        assert found == [("finding", "")], wide
    inverted = {"Effect": "Allow", "Action": actions, "NotResource": f"{place}mine"}
    assert told(verdicts(RULES, RULE, [role(), inline(inverted)])) == [("finding", "")]


def test_one_wildcard_that_reaches_it_all_is_told_where_it_stands() -> None:
    for word in ("*", "iam:*", "iam:P*"):
        assert verdicts(RULES, RULE, [role(), inline(allow(word, "*"))]) == []


def test_a_wildcard_over_a_part_hides_no_combination() -> None:
    passing = inline(allow("iam:PassR*", ROLE_ARN))
    assert verdicts(RULES, RULE, [role(), passing, inline(RUNNING, name="second")])
    everything = inline(allow("*", "*"), name="second")
    assert verdicts(RULES, RULE, [role(), inline(CHANGING), everything]), "of a role of its own"


def test_what_denies_before_hides_no_combination() -> None:
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert verdicts(RULES, RULE, [role(), inline(denied, PASSING, RUNNING)])


def test_only_the_passing_is_bound_to_a_service() -> None:
    elsewhere = {"StringEquals": {"iam:PassedToService": "bedrock-agentcore.amazonaws.com"}}
    running = inline({**RUNNING, "Condition": elsewhere}, name="second")
    assert verdicts(RULES, RULE, [role(), inline(PASSING), running])


def natively(*statements: Statement) -> Resource:
    """An inline policy that is an object, so that parts of it may be unknown."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return resource(
        "aws-native:iam:RolePolicy", {"roleName": "support", "policyDocument": document}, "native"
    )


def test_a_part_that_is_not_known_is_no_bound_and_no_grant() -> None:
    unknown = {"StringEquals": {"iam:PassedToService": UNKNOWN}}
    passing = natively({**PASSING, "Condition": unknown})
    assert told(verdicts(RULES, RULE, [role(), passing, inline(RUNNING)])) == [("finding", "")]
    inverted = {"Effect": "Allow", "NotAction": ["s3:*", UNKNOWN], "Resource": "*"}
    assert verdicts(RULES, RULE, [role(), natively(inverted)]) == []
    denied = {"Effect": "Deny", "Action": UNKNOWN, "Resource": "*"}
    assert verdicts(RULES, RULE, [role(), natively(denied)]) == []
    effect = natively({**PASSING, "Effect": UNKNOWN})
    assert told(verdicts(RULES, RULE, [role(), effect])) == [
        ("not checked", "policyDocument.Statement[0].Effect")
    ]


def test_an_inverted_statement_gives_all_but_what_it_names() -> None:
    inverted = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    assert verdicts(RULES, RULE, [role(), inline(inverted)])
    inverted["NotAction"] = "*"
    assert verdicts(RULES, RULE, [role(), inline(inverted)]) == []


@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET], ids=str)
def test_what_is_not_known_of_a_role_is_not_passed(hidden: Any) -> None:
    whole = resource("aws:iam/rolePolicy:RolePolicy", {"role": "support", "policy": hidden}, "p")
    (found,) = verdicts(RULES, RULE, [role(), whole])
    assert told([found]) == [("not checked", "policy")]
    assert found.urn == whole.urn
    holder = resource(
        "aws:iam/rolePolicy:RolePolicy",
        {"role": hidden, "policy": text(PASSING)},
        "p",
        dependencies={"role": ("urn:elsewhere",)},
    )
    assert told(verdicts(RULES, RULE, [role(), holder])) == [("not checked", "role")]
    statement = {"Version": "2012-10-17", "Statement": [{**PASSING, "Action": hidden}]}
    part = resource(
        "aws-native:iam:RolePolicy", {"roleName": "support", "policyDocument": statement}, "p"
    )
    assert told(verdicts(RULES, RULE, [role(), part])) == [
        ("not checked", "policyDocument.Statement[0].Action")
    ]


def test_what_the_provider_fills_in_is_not_counted_as_unknown() -> None:
    computed = role(inlinePolicies=UNKNOWN, managedPolicyArns=UNKNOWN, arn=UNKNOWN)
    assert verdicts(RULES, RULE, [computed]) == []


def test_an_agents_role_is_told_of_single_actions_by_the_rule_about_agents() -> None:
    agent = resource("aws-native:bedrockagentcore:Runtime", {"roleArn": ROLE_ARN}, "agent")
    assert (
        verdicts(RULES, RULE, [role(), inline(allow("iam:PutRolePolicy", ROLE_ARN)), agent]) == []
    )
    combined = [role(), inline(PASSING), inline(RUNNING, name="second"), agent]
    assert verdicts(RULES, RULE, combined), "combinations are told all the same"


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::{ACCOUNT}:policy/elsewhere", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"]
)
def test_what_an_attached_policy_adds_that_nobody_has_read_is_not_passed(arn: str) -> None:
    attaching = role(managedPolicyArns=[arn])
    assert told(verdicts(RULES, RULE, [attaching])) == [("not checked", "managedPolicyArns")]
    assert verdicts(RULES, RULE, [role()]) == [], "nothing is attached"
    assert verdicts(RULES, SIZE, [attaching]) == [], "it is not inline"


CHANGING: Final = allow("iam:PutRolePolicy", ROLE_ARN)
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/bounds"


def bounded(*statements: Statement, arn: object = BOUNDARY, kind: str = POLICY) -> list[Resource]:
    """A role that may change policies, within a boundary of these statements."""
    known = {"arn": arn, "policyArn": arn, "policy": text(*statements)}
    policy = resource(kind, {**known, "policyDocument": known["policy"], "name": "bounds"}, "b")
    links = {"permissionsBoundary": (urn(kind, "b"),)}
    holder = resource(
        AWS,
        {"name": "support", "assumeRolePolicy": TRUST, "permissionsBoundary": arn},
        dependencies=links,
    )
    return [holder, policy, inline(CHANGING)]


@pytest.mark.parametrize("kind", [POLICY, "aws-native:iam:ManagedPolicy"])
@pytest.mark.parametrize("arn", [BOUNDARY, UNKNOWN])
@pytest.mark.parametrize(
    ("statements", "is_told"),
    [
        ([allow("s3:GetObject", "*")], False),
        ([allow("*", "*"), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}], False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], False),
        ([allow("iam:Put*", "*")], True),
        ([allow("*", "*")], True),
        ([allow("*", "*"), {"Effect": "Deny", "Action": "iam:*", "Resource": ROLE_ARN}], True),
        (
            [
                allow("*", "*"),
                {
                    "Effect": "Deny",
                    "Action": "iam:*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ],
            True,
        ),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], True),
        (
            [
                allow("s3:GetObject", "*"),
                {"Effect": "Deny", "Action": "iam:*", "Resource": ROLE_ARN},
            ],
            False,
        ),
        ([allow("*", "*"), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}], True),
    ],
)
def test_what_a_permissions_boundary_takes_away_nobody_can_use(
    kind: str, arn: object, statements: list[Statement], *, is_told: bool
) -> None:
    found = told(verdicts(RULES, RULE, bounded(*statements, arn=arn, kind=kind)))
    assert found == ([("finding", "")] if is_told else [])


@pytest.mark.parametrize("boundary", [UNKNOWN, SECRET, BOUNDARY])
def test_a_boundary_that_is_not_in_the_stack_is_not_checked(boundary: object) -> None:
    holder = role(permissionsBoundary=boundary)
    links = {"permissionsBoundary": ("urn:elsewhere",)}
    held = [replace(holder, dependencies=links), inline(CHANGING)]
    assert told(verdicts(RULES, RULE, held)) == [("not checked", "permissionsBoundary")]
    harmless = [replace(holder, dependencies=links), inline(PASSING)]
    assert verdicts(RULES, RULE, harmless) == [], "there is nothing it would have to take away"


def test_a_boundary_of_which_a_part_is_not_known_is_not_checked() -> None:
    holder, policy, changing = bounded()
    hidden = replace(policy, props={"arn": BOUNDARY, "policy": UNKNOWN})
    assert told(verdicts(RULES, RULE, [holder, hidden, changing])) == [("not checked", "policy")]


@pytest.mark.parametrize(
    "statements",
    [
        [{"Effect": "Allow", "Action": ["s3:GetObject", UNKNOWN], "Resource": "*"}],
        [allow("*", "*"), {"Effect": "Deny", "Action": ["iam:*", UNKNOWN], "Resource": "*"}],
    ],
)
def test_what_is_not_known_of_a_boundary_takes_nothing_away(statements: list[Statement]) -> None:
    kind = "aws-native:iam:ManagedPolicy"
    holder, policy, changing = bounded(kind=kind)
    document = {"Version": "2012-10-17", "Statement": statements}
    half_known = replace(policy, props={**policy.props, "policyDocument": document})
    found = told(verdicts(RULES, RULE, [holder, half_known, changing]))
    assert ("finding", "") in found


@pytest.mark.parametrize("name", ["PowerUserAccess", "AdministratorAccess"])
def test_a_boundary_of_awss_own_takes_nothing_away(name: str) -> None:
    holder = role(permissionsBoundary=f"arn:aws:iam::aws:policy/{name}")
    assert told(verdicts(RULES, RULE, [holder, inline(CHANGING)])) == [("finding", "")]


SIZE: Final = "role-inline-policy-size"


def long(characters: int, name: str) -> Resource:
    """An inline policy of so many characters."""
    frame = len(text(allow("s3:GetObject", "")).replace(" ", ""))
    return inline(allow("s3:GetObject", "x" * (characters - frame)), name=name)


def test_inline_policies_of_a_role_are_counted_together() -> None:
    half = long(5_120, "one half")
    assert verdicts(RULES, SIZE, [role(), half, long(5_120, "other")]) == []
    assert told(verdicts(RULES, SIZE, [role(), half, long(5_121, "other")])) == [("finding", "")]
    native = role(
        NATIVE, policies=[{"policyName": "p", "policyDocument": long(5_121, "").at("policy")}]
    )
    assert told(verdicts(RULES, SIZE, [native, half])) == [("finding", "")]


def test_managed_policies_and_those_of_other_roles_are_not_counted() -> None:
    half, over = long(5_120, "one half"), long(5_121, "over")
    managed = [_policy()(CHANGING), role(managedPolicyArns=[POLICY_ARN])]
    assert verdicts(RULES, SIZE, [*managed, replace(over, type=POLICY), half]) == []
    other = replace(over, props={**over.props, "role": "other"})
    assert verdicts(RULES, SIZE, [role(), half, other]) == []
    attached = role(managedPolicyArns=[POLICY_ARN])
    large = replace(_policy()(CHANGING), props={"arn": POLICY_ARN, "policy": over.at("policy")})
    assert verdicts(RULES, SIZE, [large, attached, half]) == []
    hidden = replace(large, props={"arn": POLICY_ARN, "policy": UNKNOWN})
    assert verdicts(RULES, SIZE, [hidden, attached, half]) == []


def test_one_policy_that_is_too_long_alone_is_told_where_it_stands() -> None:
    over = [role(), long(10_241, "one"), long(1_000, "other")]
    assert verdicts(RULES, SIZE, over) == []
    at_limit = [role(), long(10_240, "one"), long(1_000, "other")]
    assert told(verdicts(RULES, SIZE, at_limit)) == [("finding", "")]
    elsewhere = [
        replace(one, props={**one.props, "role": "other"})
        for one in (long(5_120, "third"), long(5_121, "fourth"))
    ]
    assert told(verdicts(RULES, SIZE, [*over, *elsewhere])) == [("finding", "")], "of another role"


@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_inline_policies_that_are_not_known_are_not_counted_in_silence(hidden: object) -> None:
    policy = resource("aws:iam/rolePolicy:RolePolicy", {"role": "support", "policy": hidden}, "p")
    assert told(verdicts(RULES, SIZE, [role(), policy])) == [("not checked", "policy")]
    over = [long(5_120, "one"), long(5_121, "other")]
    assert told(verdicts(RULES, SIZE, [role(), policy, *over])) == [("finding", "")]
