"""IAM refuses what moto takes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import Cloud, code_of


def create(cloud: Cloud, trust: str, name: str = "role", **options: str) -> None:
    cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, **options)


MALFORMED: dict[str, Callable[[str], str]] = {
    "no JSON": lambda trust: trust[:-1],
    "an action of another service": lambda trust: trust.replace("sts:AssumeRole", "s3:GetObject"),
    "no principal": lambda trust: trust.replace(PRINCIPAL, ""),
    "an effect in lower case": lambda trust: trust.replace("Allow", "allow"),
}
PRINCIPAL = '"Principal": {"Service": "bedrock-agentcore.amazonaws.com"}, '


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_trust_policy_is_refused(cloud: Cloud, fault: str) -> None:
    trust = json.dumps(cloud.trust())
    with pytest.raises(ClientError) as refused:
        create(cloud, MALFORMED[fault](trust))
    assert code_of(refused.value) == "MalformedPolicyDocument"
    create(cloud, trust)
    with pytest.raises(ClientError) as refused:
        cloud.iam.update_assume_role_policy(RoleName="role", PolicyDocument=MALFORMED[fault](trust))
    assert code_of(refused.value) == "MalformedPolicyDocument"


def test_documents_over_their_quota_are_refused(cloud: Cloud) -> None:
    create(cloud, json.dumps(cloud.trust()))
    wide: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}

    def document(characters: int) -> str:
        """Return a policy of exactly that many characters."""
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ""}
        empty = len(json.dumps({**wide, "Statement": [statement]}, separators=(",", ":")))
        statement["Resource"] = "arn:aws:s3:::" + "a" * (characters - empty - 13)
        return json.dumps({**wide, "Statement": [statement]})

    def put(name: str, characters: int) -> None:
        cloud.iam.put_role_policy(
            RoleName="role", PolicyName=name, PolicyDocument=document(characters)
        )

    put("first", 10_000)
    with pytest.raises(ClientError, match="10240 bytes exceeded for role role") as inline:
        put("second", 241)
    put("second", 240)
    with pytest.raises(ClientError, match="PolicySize: 6144") as managed:
        cloud.iam.create_policy(PolicyName="managed", PolicyDocument=document(6145))
    cloud.iam.create_policy(PolicyName="managed", PolicyDocument=document(6144))
    assert {code_of(error.value) for error in (inline, managed)} == {"LimitExceeded"}


def test_a_boundary_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    trust = json.dumps(cloud.trust())
    with pytest.raises(ClientError, match="does not exist or is not attachable") as refused:
        create(cloud, trust, PermissionsBoundary=f"arn:aws:iam::{cloud.account}:policy/nothing")
    assert code_of(refused.value) == "NoSuchEntity"
    create(cloud, trust, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")


def test_policies_of_aws_can_be_attached_and_invented_ones_cannot(cloud: Cloud) -> None:
    create(cloud, json.dumps(cloud.trust()))
    with pytest.raises(ClientError) as refused:
        cloud.iam.attach_role_policy(
            RoleName="role", PolicyArn="arn:aws:iam::aws:policy/ReadEverything"
        )
    assert code_of(refused.value) == "NoSuchEntity"
    cloud.iam.attach_role_policy(
        RoleName="role", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
