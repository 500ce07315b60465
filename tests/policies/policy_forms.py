"""A policy document in every form that a stack can give it to a role in."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from agentcore_policies.model import Resource
from tests.policies.judged import resource

Statement: TypeAlias = dict[str, Any]

ACCOUNT: Final = "222222222222"
REPOSITORY: Final = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/agents/support"
ROLE_ARN: Final = f"arn:aws:iam::{ACCOUNT}:role/support"


@dataclass(frozen=True)
class Form:
    """One form: its type, and where in it the document is."""

    type: str
    path: str
    props: Callable[[object], Mapping[str, Any]]
    as_text: bool

    def __str__(self) -> str:
        return f"{self.type} {self.path}{' text' if self.as_text else ''}"

    def of(self, *statements: object) -> Resource:
        """A resource with these statements."""
        return self.holding({"Version": "2012-10-17", "Statement": list(statements)})

    def holding(self, document: object) -> Resource:
        """A resource with this document."""
        given = json.dumps(document) if self.as_text and isinstance(document, dict) else document
        return resource(self.type, self.props(given))

    def at(self, *path: str) -> str:
        """The path of something in the first statement."""
        return ".".join([f"{self.path}.Statement[0]", *path])


def _inline(name: str, key: str) -> Callable[[object], Mapping[str, Any]]:
    return lambda given: {
        "assumeRolePolicy": TRUST,
        "assumeRolePolicyDocument": json.loads(TRUST),
        name: [{"name": "one", key: given}],
    }


TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "bedrock-agentcore.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {
                        "aws:SourceArn": f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:*"
                    },
                },
            }
        ],
    }
)

_WAYS: Final[Sequence[tuple[str, str, Callable[[object], Mapping[str, Any]]]]] = (
    ("aws:iam/rolePolicy:RolePolicy", "policy", lambda given: {"role": "r", "policy": given}),
    ("aws:iam/policy:Policy", "policy", lambda given: {"name": "p", "policy": given}),
    (
        "aws:iam/role:Role",
        "inlinePolicies[0].policy",
        _inline("inlinePolicies", "policy"),
    ),
    (
        "aws-native:iam:RolePolicy",
        "policyDocument",
        lambda given: {"roleName": "r", "policyDocument": given},
    ),
    (
        "aws-native:iam:ManagedPolicy",
        "policyDocument",
        lambda given: {"roles": ["r"], "policyDocument": given},
    ),
    (
        "aws-native:iam:Role",
        "policies[0].policyDocument",
        _inline("policies", "policyDocument"),
    ),
)
FORMS: Final = tuple(
    Form(type_, path, props, as_text) for type_, path, props in _WAYS for as_text in (True, False)
)
TEXT: Final = tuple(form for form in FORMS if form.as_text)
OBJECTS: Final = tuple(form for form in FORMS if not form.as_text)


def allow(
    actions: str | Sequence[str], resources: object = REPOSITORY, **more: object
) -> Statement:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}
