"""What the service checks of a runtime in several steps."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import ENDPOINT, REGION, Cloud, RequestFailedError

DENY_PUSH = {"Effect": "Deny", "Action": "ecr:Put*", "Resource": "*"}


def test_every_violation_is_named_in_one_answer(cloud: Cloud) -> None:
    bad = {"AgentRuntimeName": 3, "Extra": 1, "Description": "", "Status": "READY"}
    with pytest.raises(ClientError) as refused:
        cloud.create(bad)
    message = str(refused.value)
    for violation in (
        "read-only property [Status] cannot be set",
        "extraneous key [Extra] is not permitted",
        "required key [AgentRuntimeArtifact] not found",
        "required key [RoleArn] not found",
        "#/AgentRuntimeName: expected type: String, found: Integer",
        "#/Description: expected minLength: 1",
    ):
        assert violation in message


def test_a_refused_create_leaves_nothing_behind(ready: Cloud) -> None:
    with pytest.raises(RequestFailedError, match="does not exist in the repository"):
        ready.create(ready.runtime(AgentRuntimeArtifact=ready.image(":v2")))
    assert not ready.agentcore.list_agent_runtimes()["agentRuntimes"]
    assert not ready.agentcore.list_workload_identities()["workloadIdentities"]


def test_an_update_is_checked_by_the_service_like_a_create(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    change = {"op": "replace", "path": "/AgentRuntimeArtifact", "value": ready.image(":v2")}
    with pytest.raises(RequestFailedError, match="does not exist in the repository"):
        ready.update(identifier, [change])
    assert ready.read(identifier)["AgentRuntimeVersion"] == "1"
    ready.push(tag="v2")
    ready.update(identifier, [change])
    assert ready.read(identifier)["AgentRuntimeVersion"] == "2"


def test_the_endpoint_default_is_the_services_own(ready: Cloud) -> None:
    arn = ready.read(ready.create(ready.runtime()))["AgentRuntimeArn"]
    default = f"{arn}/runtime-endpoint/DEFAULT"
    with pytest.raises(RequestFailedError, match="managed by the service"):
        ready.delete(default, ENDPOINT)
    assert ready.read(default, ENDPOINT)["Status"] == "READY"


def test_a_boundary_bounds_what_the_role_may_pull(ready: Cloud) -> None:
    document = {"Version": "2012-10-17", "Statement": [{**DENY_PUSH, "Effect": "Allow"}]}
    boundary = ready.iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document))[
        "Policy"
    ].get("Arn", "")
    bounded = ready.role("bounded", PermissionsBoundary=boundary)
    with pytest.raises(RequestFailedError, match="Access denied while validating ECR URI"):
        ready.create(ready.runtime(RoleArn=bounded))
    ready.iam.delete_role_permissions_boundary(RoleName="bounded")
    assert ready.create(ready.runtime(RoleArn=bounded))


def test_an_attached_managed_policy_counts(ready: Cloud) -> None:
    bare = ready.role("bare", permissions={"Version": "2012-10-17", "Statement": [DENY_PUSH]})
    with pytest.raises(RequestFailedError, match="Access denied"):
        ready.create(ready.runtime(RoleArn=bare))
    ready.iam.attach_role_policy(
        RoleName="bare", PolicyArn="arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
    )
    assert ready.create(ready.runtime(RoleArn=bare))


def test_a_repository_may_let_a_role_of_its_own_account_pull(ready: Cloud) -> None:
    login = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
    bare = ready.role("bare", permissions={"Version": "2012-10-17", "Statement": [login]})
    desired = ready.runtime(RoleArn=bare)

    def let_in(principal: str) -> None:
        grant = {
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
        ready.ecr.set_repository_policy(repositoryName="agents/assistant", policyText=policy)

    let_in(f"arn:aws:iam::{ready.account}:root")
    with pytest.raises(RequestFailedError, match="Access denied"):
        ready.create(desired)
    let_in(bare)
    assert ready.create(desired)


def test_an_image_of_another_account_needs_that_accounts_policy(ready: Cloud, aws_url: str) -> None:
    other = Cloud(aws_url, "999988887777")
    other.repository("shared/agent")
    other.push(repository="shared/agent")
    uri = f"{other.account}.dkr.ecr.{REGION}.amazonaws.com/shared/agent:v1"
    everywhere = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    role = ready.role("wide", permissions=ready.permissions(everywhere))
    desired = ready.runtime(
        RoleArn=role, AgentRuntimeArtifact={"ContainerConfiguration": {"ContainerUri": uri}}
    )
    with pytest.raises(RequestFailedError, match="Access denied"):
        ready.create(desired)
    grant = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ready.account}:root"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    policy = {"Version": "2012-10-17", "Statement": [grant]}
    other.ecr.set_repository_policy(repositoryName="shared/agent", policyText=json.dumps(policy))
    assert ready.create(desired)


def test_an_index_needs_an_image_for_arm64(ready: Cloud) -> None:
    intel, arm = ready.push("amd64", "intel"), ready.push("arm64", "arm")
    ready.push_index({intel: "amd64"}, "single")
    ready.push_index({intel: "amd64", arm: "arm64"}, "multi")
    with pytest.raises(RequestFailedError, match="Architecture incompatible"):
        ready.create(ready.runtime(AgentRuntimeArtifact=ready.image(":single")))
    assert ready.create(ready.runtime(AgentRuntimeArtifact=ready.image(":multi")))


def test_a_vpc_runtime_needs_subnets_and_groups_of_one_vpc_in_a_supported_zone(
    ready: Cloud,
) -> None:
    subnet, group = ready.network("use1-az1")
    foreign_subnet, foreign_group = ready.network("use1-az1", "10.1.0.0/16")
    unsupported, its_group = ready.network("use1-az6", "10.2.0.0/16")

    ec2 = ready.client("ec2")
    full = ec2.create_subnet(
        VpcId=ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"],
        CidrBlock="10.0.1.0/28",
        AvailabilityZoneId="use1-az2",
    )["Subnet"]["SubnetId"]
    for _ in range(11):
        ec2.create_network_interface(SubnetId=full)

    def attempt(subnets: list[str], groups: list[str]) -> str:
        config = {"Subnets": subnets, "SecurityGroups": groups}
        return ready.create(
            ready.runtime(NetworkConfiguration={"NetworkMode": "VPC", "NetworkModeConfig": config})
        )

    for subnets, groups, reason in (
        (["subnet-0123456789abcdef0"], [group], "subnet ID 'subnet-0123456789abcdef0' does not"),
        ([subnet], ["sg-0123456789abcdef0"], "security group 'sg-0123456789abcdef0' does not"),
        ([subnet, foreign_subnet], [group], "must be in one VPC"),
        ([subnet], [foreign_group], f"security group '{foreign_group}' is in vpc-"),
        ([unsupported], [its_group], "unsupported availability zone use1-az6"),
        ([subnet, subnet], [group], f"Subnets names twice: {subnet}"),
        ([subnet], [group, group], f"SecurityGroups names twice: {group}"),
        ([full], [group], f"subnet '{full}' does not have enough free addresses"),
    ):
        with pytest.raises(RequestFailedError, match=reason):
            attempt(subnets, groups)
    for subnets, groups, reason in (
        ([], [group], "Subnets: expected minimum item count: 1, found: 0"),
        ([subnet], [f"sg-{number:017x}" for number in range(17)], "item count: 16, found: 17"),
    ):
        with pytest.raises(ClientError, match=reason):
            attempt(subnets, groups)
    assert attempt([subnet], [group])
