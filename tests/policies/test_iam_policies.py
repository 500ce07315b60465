import pytest

from agentcore_policies.iam_policies import character_limit
from tests.policies.judged import resource

LIMITS = {
    10_240: ("aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws-native:iam:Role"),
    6_144: ("aws:iam/policy:Policy", "aws-native:iam:ManagedPolicy"),
    5_120: (
        *("aws:iam/groupPolicy:GroupPolicy", "aws-native:iam:Group"),
        "aws-native:iam:GroupPolicy",
    ),
    2_048: (
        *("aws:iam/userPolicy:UserPolicy", "aws-native:iam:User"),
        "aws-native:iam:UserPolicy",
    ),
}


@pytest.mark.parametrize(("limit", "kinds"), LIMITS.items())
def test_the_quota_is_that_of_who_holds_the_policy(limit: int, kinds: tuple[str, ...]) -> None:
    assert {character_limit(resource(kind, {})) for kind in kinds} == {limit}
