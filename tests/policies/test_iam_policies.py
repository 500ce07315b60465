from collections.abc import Mapping
from typing import Any, Final

import pytest

from agentcore_policies.iam_policies import (
    HOLDING_PERMISSIONS,
    Holder,
    attached,
    character_limit,
    permission_documents,
    roles_of,
    trust_document,
)
from agentcore_policies.model import SECRET, UNKNOWN, Resource, Stack
from agentcore_policies.rule import NotChecked
from tests.policies.documents import document
from tests.policies.judged import resource, urn
from tests.policies.policy_forms import ACCOUNT, TRUST, allow

# What holds a policy, the path of the document in it, and the quota of its holder.
POLICIES: Final[Mapping[str, tuple[str, int]]] = {
    "aws:iam/role:Role": ("inlinePolicies[0].policy", 10_240),
    "aws-native:iam:Role": ("policies[0].policyDocument", 10_240),
    "aws:iam/rolePolicy:RolePolicy": ("policy", 10_240),
    "aws-native:iam:RolePolicy": ("policyDocument", 10_240),
    "aws:iam/policy:Policy": ("policy", 6_144),
    "aws-native:iam:ManagedPolicy": ("policyDocument", 6_144),
    "aws:iam/groupPolicy:GroupPolicy": ("policy", 5_120),
    "aws-native:iam:Group": ("policies[0].policyDocument", 5_120),
    "aws-native:iam:GroupPolicy": ("policyDocument", 5_120),
    "aws:iam/userPolicy:UserPolicy": ("policy", 2_048),
    "aws-native:iam:User": ("policies[0].policyDocument", 2_048),
    "aws-native:iam:UserPolicy": ("policyDocument", 2_048),
}
ATTACHMENTS: Final = {
    "managedPolicyArns": (
        *("aws:iam/role:Role", "aws-native:iam:Role"),
        *("aws-native:iam:User", "aws-native:iam:Group"),
    ),
    "policyArn": (
        "aws:iam/policyAttachment:PolicyAttachment",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    ),
    "policyArns": (
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
        "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
    ),
}


def test_a_policy_is_found_wherever_a_stack_gives_one() -> None:
    assert set(HOLDING_PERMISSIONS) == POLICIES.keys()
    for kind, (path, limit) in POLICIES.items():
        text = document(allow("ecr:BatchGetImage"))
        name, _, inner = path.partition("[0].")
        given: Any = [{inner: text}] if inner else text
        (found,) = permission_documents(resource(kind, {name: given}))
        assert [one.path for one in found.statements] == [f"{path}.Statement[0]"]
        (hidden,) = permission_documents(resource(kind, {name: UNKNOWN}))
        assert hidden.unknown == [name]
        assert character_limit(resource(kind, {})) == limit, kind


def test_each_inline_policy_is_read_and_an_empty_one_is_none() -> None:
    text = document(allow("ecr:BatchGetImage"))
    entries: Any = [{}, SECRET, "a", None, {"policy": text}, {"name": "b"}]
    found = permission_documents(resource("aws:iam/role:Role", {"inlinePolicies": entries}))
    assert [(one.path, list(one.unknown)) for one in found] == [
        ("inlinePolicies[1]", ["inlinePolicies[1]"]),
        ("inlinePolicies[4].policy", []),
        ("inlinePolicies[5].policy", []),
    ]
    assert permission_documents(resource("aws:iam/user:User", {"policies": entries})) == []


@pytest.mark.parametrize(("name", "kinds"), ATTACHMENTS.items())
def test_an_attached_policy_is_found_wherever_a_stack_attaches_one(
    name: str, kinds: tuple[str, ...]
) -> None:
    for kind in kinds:
        assert list(attached(resource(kind, {name: "a"}))) == [(name, "a")], kind
        assert list(attached(resource(kind, {name: UNKNOWN}))) == [NotChecked(path=name)]
        several = list(attached(resource(kind, {name: ["a", UNKNOWN, 1.0, "b"]})))
        assert several == [
            (f"{name}[0]", "a"),
            NotChecked(path=f"{name}[1]"),
            (f"{name}[3]", "b"),
        ]
        assert list(attached(resource(kind, {}))) == []


def test_who_may_assume_a_role_is_read_in_both_forms() -> None:
    for kind, path in (
        ("aws:iam/role:Role", "assumeRolePolicy"),
        ("aws-native:iam:Role", "assumeRolePolicyDocument"),
    ):
        found = trust_document(resource(kind, {path: TRUST}))
        assert [one.path for one in found.statements] == [f"{path}.Statement[0]"]
        assert not found.faults


ROLE: Final = "aws:iam/role:Role"
NATIVE_ROLE: Final = "aws-native:iam:Role"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
POLICY: Final = "aws:iam/policy:Policy"
RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
PULLING: Final = document(allow("ecr:BatchGetImage"))
IAM: Final = f"arn:aws:iam::{ACCOUNT}"


def holder_of(*resources: Resource) -> Holder:
    """The only role there is."""
    (holder,) = roles_of(Stack(name="prod", resources=resources))
    return holder


def ran_as(agents: list[Resource], *resources: Resource) -> list[str]:
    """The role of each agent that has one, or where it is not known."""
    roles = roles_of(Stack(name="prod", resources=[*resources, *agents]))
    return [
        holder.path if isinstance(holder, NotChecked) else holder.name
        for _, holder in roles.execution_roles()
    ]


def test_an_agents_role_is_found_by_whatever_tells_it() -> None:
    arns: list[Any] = [None, "", f"{IAM}:role/team/support", UNKNOWN]
    agents = [resource(RUNTIME, {"roleArn": arn}, f"{index}") for index, arn in enumerate(arns)]
    for kind, name in ((ROLE, "name"), (NATIVE_ROLE, "roleName")):
        told: list[dict[str, Any]] = [
            {name: "support"},
            {"arn": f"{IAM}:role/team/support"},
            {"id": f"{IAM}:role/team/support"},
        ]
        for props in told:
            named = resource(kind, props, "named")
            assert ran_as(agents, resource(kind, {name: "x"}, "other"), named) == [
                "named",
                "roleArn",
            ]
    unnamed = resource(ROLE, {"name": UNKNOWN, "arn": UNKNOWN}, "named")
    assert ran_as(agents, unnamed) == ["roleArn", "roleArn"]


def test_an_agents_role_is_the_one_it_depends_on() -> None:
    roles = [resource(ROLE, {"name": UNKNOWN}, name) for name in ("one", "two")]
    for names in (["one"], ["two"], ["one", "two"], []):
        links = {"roleArn": [urn(ROLE, name) for name in names]}
        agent = resource(RUNTIME, {"roleArn": UNKNOWN}, dependencies=links)
        assert ran_as([agent], *roles) == (names if len(names) == 1 else ["roleArn"])


@pytest.mark.parametrize(
    ("kind", "name"), [(ROLE_POLICY, "role"), ("aws-native:iam:RolePolicy", "roleName")]
)
def test_the_policies_of_another_stacks_role_are_put_together(kind: str, name: str) -> None:
    path = "policy" if kind == ROLE_POLICY else "policyDocument"
    policies = [
        resource(kind, {name: role, path: PULLING}, f"{index}")
        for index, role in enumerate(("support", f"{IAM}:role/team/support", "support"))
    ]
    holder = holder_of(*policies)
    assert (holder.name, holder.urn, holder.role) == ("support", policies[0].urn, None)
    assert [one for one, _ in holder.documents] == [policy.urn for policy in policies]
    others = roles_of(Stack(name="prod", resources=[*policies, resource(kind, {name: "b"}, "b")]))
    assert [one.name for one in others] == ["support", "b"]


def test_a_policy_of_a_role_that_is_not_known_is_not_checked() -> None:
    links = {"role": [urn(ROLE, "one"), urn(ROLE, "two")]}
    roles = [resource(ROLE, {"name": name}, name) for name in ("one", "two")]
    for dependencies, expected in ((links, ["role"]), ({}, [])):
        policy = resource(
            ROLE_POLICY, {"role": UNKNOWN, "policy": PULLING}, dependencies=dependencies
        )
        known = roles_of(Stack(name="prod", resources=[*roles, policy]))
        assert [one.path for one in known.not_checked] == expected
        assert all(one.urn == policy.urn for one in known.not_checked)
        assert [len(one.documents) for one in known] == [0, 0]


def test_a_managed_policy_is_given_by_its_name_or_by_what_it_is_called() -> None:
    own = resource(POLICY, {"name": "own", "arn": f"{IAM}:policy/other", "policy": PULLING}, "own")
    native = resource(
        "aws-native:iam:ManagedPolicy",
        {"managedPolicyName": "native", "policyDocument": PULLING},
        "native",
    )
    aws = "arn:aws:iam::aws:policy/own"
    foreign = f"{IAM}:policy/foreign"
    for arns, given, attached_to, unread in (
        ([f"{IAM}:policy/own"], ["own"], [f"{IAM}:policy/own"], 0),
        ([f"{IAM}:policy/other"], ["own"], [], 0),
        ([f"{IAM}:policy/native"], ["native"], [f"{IAM}:policy/native"], 0),
        ([f"{IAM}:policy/team/own"], ["own"], [f"{IAM}:policy/team/own"], 0),
        ([f"{IAM}:policy/own/other"], [], [f"{IAM}:policy/own/other"], 1),
        ([aws], [], [aws], 1),
        ([foreign], [], [foreign], 1),
        ([f"{IAM}:policy/own", foreign], ["own"], [f"{IAM}:policy/own", foreign], 1),
        ([UNKNOWN, f"{IAM}:policy/other"], ["own"], [], 1),
        (UNKNOWN, [], [], 0),
        ([], [], [], 0),
    ):
        props: dict[str, Any] = {"name": "support", "managedPolicyArns": arns}
        holder = holder_of(resource(ROLE, props), own, native)
        assert [one for one, _ in holder.documents] == [
            urn(POLICY if name == "own" else "aws-native:iam:ManagedPolicy", name) for name in given
        ]
        assert holder.attached == attached_to
        expected = [NotChecked(path="managedPolicyArns", urn=urn(ROLE, "one"))] * unread
        assert holder.unread == expected, str(arns)


def test_what_is_not_known_of_a_policy_is_told_where_it_is() -> None:
    policy = resource(ROLE_POLICY, {"role": "support", "policy": UNKNOWN}, "inline")
    links = {"inlinePolicies": [policy.urn]}
    support = {"name": "support", "inlinePolicies": UNKNOWN}
    (given, computed) = (
        holder_of(resource(ROLE, support, dependencies=each), policy) for each in (links, None)
    )
    inline = NotChecked(path="policy", urn=policy.urn)
    assert computed.not_checked == [inline], "the provider fills in what nobody gave"
    own = NotChecked(path="inlinePolicies", urn=urn(ROLE, "one"))
    assert given.not_checked == [own, inline]


def test_no_boundary_is_none() -> None:
    nothing: list[Any] = [None, "", UNKNOWN, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
    for boundary in nothing:
        role = resource(ROLE, {"name": "support", "permissionsBoundary": boundary})
        assert holder_of(role).boundary is None, str(boundary)
    role = resource(ROLE, {"name": "support", "permissionsBoundary": f"{IAM}:policy/b"})
    assert holder_of(role).boundary == NotChecked(path="permissionsBoundary", urn=role.urn)


def test_what_a_stack_grants_is_put_together_once() -> None:
    stacks = [Stack(name="prod", resources=[resource(ROLE, {"name": "a"})]) for _ in range(2)]
    first = roles_of(stacks[0])
    assert roles_of(stacks[0]) is first
    assert roles_of(stacks[1]) is not first
