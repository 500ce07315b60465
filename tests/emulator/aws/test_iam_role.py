"""Cloud Control reads the roles that IAM's own API makes."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws.cloudcontrol.iam_role import ROLE
from emulator.aws.cloudcontrol.schemas import resource_type
from tests.emulator.aws.cloud import Cloud

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "bedrock-agentcore.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def read(cloud: Cloud, name: str) -> dict[str, Any]:
    answer = cloud.client("cloudcontrol").get_resource(TypeName=ROLE, Identifier=name)
    assert answer["ResourceDescription"]["Identifier"] == name
    return json.loads(answer["ResourceDescription"]["Properties"])


def test_a_role_is_read_with_all_its_policies(cloud: Cloud) -> None:
    iam: Any = cloud.iam
    bounds = iam.create_policy(PolicyName="bounds", PolicyDocument=json.dumps(DOCUMENT))
    boundary = bounds["Policy"]["Arn"]
    role = iam.create_role(
        RoleName="agent",
        Path="/agents/",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Description="of agents",
        PermissionsBoundary=boundary,
        Tags=[{"Key": "Project", "Value": "assistant"}],
    )["Role"]
    iam.put_role_policy(RoleName="agent", PolicyName="inline", PolicyDocument=json.dumps(DOCUMENT))
    iam.attach_role_policy(RoleName="agent", PolicyArn=READ_ONLY)
    properties = read(cloud, "agent")
    assert properties == {
        "Arn": role["Arn"],
        "AssumeRolePolicyDocument": TRUST,
        "Description": "of agents",
        "ManagedPolicyArns": [READ_ONLY],
        "MaxSessionDuration": 3600,
        "Path": "/agents/",
        "PermissionsBoundary": boundary,
        "Policies": [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}],
        "RoleId": role["RoleId"],
        "RoleName": "agent",
        "Tags": [{"Key": "Project", "Value": "assistant"}],
    }
    kind = resource_type(ROLE, "us-east-1", also=frozenset({ROLE}))
    assert properties == kind.visible(properties)
    validator: Any = kind.validator
    assert not list(validator.iter_errors(properties)), "CloudFormation's own schema"


def test_a_role_without_policies_is_read_too(cloud: Cloud) -> None:
    cloud.iam.create_role(RoleName="bare", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert {"Policies", "ManagedPolicyArns", "PermissionsBoundary"}.isdisjoint(read(cloud, "bare"))


def test_a_role_that_is_not_there_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*'nobody' was not found"):
        read(cloud, "nobody")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_resource", {"DesiredState": "{}"}),
        ("update_resource", {"Identifier": "r", "PatchDocument": "[]"}),
        ("delete_resource", {"Identifier": "r"}),
        ("list_resources", {}),
    ],
)
def test_roles_are_made_and_changed_through_iam_only(
    cloud: Cloud, operation: str, parameters: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="UnsupportedActionException"):
        getattr(cloud.client("cloudcontrol"), operation)(TypeName=ROLE, **parameters)
