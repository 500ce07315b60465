from collections.abc import Mapping
from typing import Any, Final

import pytest

from agentcore_policies.iam_policies import (
    HOLDING_PERMISSIONS,
    attached,
    character_limit,
    permission_documents,
    trust_document,
)
from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rule import NotChecked
from tests.policies.documents import document
from tests.policies.judged import resource
from tests.policies.policy_forms import TRUST, allow

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
