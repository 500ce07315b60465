"""What the service refuses, each with a good twin one step away that it takes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import ENDPOINT, REGION, RUNTIME, Cloud, RequestFailedError, code_of

Change = Callable[[Cloud], dict[str, Any]]


def of(**changes: Any) -> Change:
    return lambda _: changes


def role_with(**options: Any) -> Change:
    """Return the change to a role of its own, with these parts."""

    def make(cloud: Cloud) -> dict[str, Any]:
        made = {key: value(cloud) for key, value in options.items()}
        name = f"role{len(cloud.iam.list_roles()['Roles'])}"
        return {"RoleArn": cloud.role(name, **made)}

    return make


def trust(**parts: Any) -> Callable[[Cloud], dict[str, Any]]:
    return lambda cloud: cloud.trust(**parts)


def permissions(*statements: dict[str, Any], without: str = "") -> Callable[[Cloud], Any]:
    return lambda cloud: cloud.permissions(*statements, without=without)


def image(tag_or_digest: str, architecture: str | None = None) -> Change:
    """Return the change to another image, pushed for the architecture if one is given."""

    def make(cloud: Cloud) -> dict[str, Any]:
        if architecture:
            cloud.push(architecture, tag=tag_or_digest.removeprefix(":"))
        return {"AgentRuntimeArtifact": cloud.image(tag_or_digest)}

    return make


DENY_PULL = {"Effect": "Deny", "Action": "ecr:Batch*", "Resource": "*"}
DENY_PUSH = {"Effect": "Deny", "Action": "ecr:Put*", "Resource": "*"}
NETWORK = {"NetworkMode": "PUBLIC"}
IDS = {"Subnets": ["subnet-00000000"], "SecurityGroups": ["sg-00000000"]}

# Name, what is refused, words of the reason, the good twin.
BY_THE_SERVICE: list[tuple[str, Change, str, Change]] = [
    (
        "a name with a hyphen",
        of(AgentRuntimeName="my-agent"),
        "'my-agent' at 'agentRuntimeName' failed to satisfy constraint",
        of(AgentRuntimeName="my_agent"),
    ),
    (
        "a name of 49 characters",
        of(AgentRuntimeName="a" * 49),
        "regular expression pattern",
        of(AgentRuntimeName="a" * 48),
    ),
    (
        "a role that does not exist",
        lambda cloud: {"RoleArn": f"arn:aws:iam::{cloud.account}:role/nobody"},
        "Role validation failed for 'arn:aws:iam::",
        of(),
    ),
    (
        "a role of another account",
        of(RoleArn="arn:aws:iam::999999999999:role/execution"),
        "Role validation failed",
        of(),
    ),
    (
        "a role that trusts another service",
        role_with(trust=trust(service="lambda.amazonaws.com")),
        "trust policy allows assumption by this service",
        role_with(trust=trust()),
    ),
    (
        "a role that trusts the service for another account",
        role_with(trust=trust(account="999999999999")),
        "Role validation failed",
        role_with(trust=trust()),
    ),
    (
        "a role that trusts the service for another agent",
        role_with(trust=trust(source="runtime/other-*")),
        "Role validation failed",
        role_with(trust=trust(source="runtime/assistant-*")),
    ),
    *(
        (
            f"a role without {action}",
            role_with(permissions=permissions(without=action)),
            "Access denied while validating ECR URI",
            role_with(permissions=permissions()),
        )
        for action in (
            "ecr:GetAuthorizationToken",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        )
    ),
    (
        "a role that is denied the pull",
        role_with(permissions=permissions(DENY_PULL)),
        "Access denied while validating ECR URI",
        role_with(permissions=permissions(DENY_PUSH)),
    ),
    (
        "a tag that was not pushed",
        image(":v2"),
        "image identifier does not exist in the repository",
        image(":v1"),
    ),
    (
        "a digest that was not pushed",
        image(f"@sha256:{'0' * 64}"),
        "image identifier does not exist in the repository",
        lambda cloud: {"AgentRuntimeArtifact": cloud.image(f"@{cloud.push(tag='again')}")},
    ),
    (
        "an image for amd64",
        image(":intel", "amd64"),
        r"Architecture incompatible for uri '.*:intel'. Supported architectures: \[arm64\]",
        image(":arm", "arm64"),
    ),
    (
        "an image of another region",
        lambda cloud: {
            "AgentRuntimeArtifact": {
                "ContainerConfiguration": {
                    "ContainerUri": f"{cloud.account}.dkr.ecr.eu-west-1.amazonaws.com/agents/a:v1"
                }
            }
        },
        "must be in the agent's region",
        of(),
    ),
    (
        "an idle time over the lifetime",
        of(LifecycleConfiguration={"IdleRuntimeSessionTimeout": 601, "MaxLifetime": 600}),
        "must be less than or equal to maxLifetime",
        of(LifecycleConfiguration={"IdleRuntimeSessionTimeout": 600, "MaxLifetime": 600}),
    ),
    (
        "a lifetime over the eight hours of a microVM",
        of(LifecycleConfiguration={"MaxLifetime": 28801}),
        "must be at most 28800",
        of(LifecycleConfiguration={"MaxLifetime": 28800}),
    ),
    (
        "environment variables over 4 KB",
        of(EnvironmentVariables={"A": "x" * 2048, "B": "x" * 2047}),
        "4097 bytes in total, allowed: 4096",
        of(EnvironmentVariables={"A": "x" * 2048, "B": "x" * 2046}),
    ),
    (
        "VPC mode without subnets",
        of(NetworkConfiguration={"NetworkMode": "VPC"}),
        "NetworkModeConfig is required for VPC mode",
        of(NetworkConfiguration=NETWORK),
    ),
    (
        "PUBLIC mode with subnets",
        of(NetworkConfiguration={**NETWORK, "NetworkModeConfig": IDS}),
        "NetworkModeConfig is only allowed for VPC mode",
        of(NetworkConfiguration=NETWORK),
    ),
    (
        "neither container nor code",
        of(AgentRuntimeArtifact={}),
        "exactly one of",
        of(),
    ),
]


@pytest.mark.parametrize(
    ("bad", "reason", "good"),
    [case[1:] for case in BY_THE_SERVICE],
    ids=[case[0] for case in BY_THE_SERVICE],
)
def test_the_service_refuses(ready: Cloud, bad: Change, reason: str, good: Change) -> None:
    with pytest.raises(RequestFailedError, match=reason) as refused:
        ready.create(ready.runtime(**bad(ready)))
    assert refused.value.code == "InvalidRequest"
    assert not ready.agentcore.list_agent_runtimes()["agentRuntimes"], "nothing is left behind"
    assert ready.create(ready.runtime(**good(ready)))


@pytest.mark.parametrize(
    ("bad", "reason", "good"),
    [
        ({"AgentRuntimeName": None}, r"#: required key \[AgentRuntimeName\] not found", {}),
        ({"Nmae": "x"}, r"#: extraneous key \[Nmae\] is not permitted", {"Description": "x"}),
        ({"Status": "READY"}, r"read-only property \[Status\] cannot be set", {}),
        ({"Description": ""}, "#/Description: expected minLength: 1", {"Description": "x"}),
        ({"Description": "x" * 1201}, "expected maxLength: 1200", {"Description": "x" * 1200}),
        (
            {"NetworkConfiguration": {"NetworkMode": "vpc"}},
            "#/NetworkConfiguration/NetworkMode: vpc is not a valid enum value",
            {"NetworkConfiguration": NETWORK},
        ),
        (
            {"Tags": [{"Key": "a", "Value": "b"}]},
            "#/Tags: expected type: JSONObject, found: JSONArray",
            {"Tags": {"a": "b"}},
        ),
        (
            {"LifecycleConfiguration": {"MaxLifetime": 59}},
            "#/LifecycleConfiguration/MaxLifetime: 59 is not greater or equal to 60",
            {"LifecycleConfiguration": {"MaxLifetime": 60}},
        ),
        (
            {"EnvironmentVariables": {"MY-KEY": "x"}},
            r"#/EnvironmentVariables: extraneous key \[MY-KEY\]",
            {"EnvironmentVariables": {"MY_KEY": "x"}},
        ),
    ],
)
def test_the_schema_refuses_at_once(
    ready: Cloud, bad: dict[str, Any], reason: str, good: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=reason) as refused:
        ready.create(ready.runtime(**bad))
    assert code_of(refused.value) == "ValidationException"
    assert ready.create(ready.runtime(**good))


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


@pytest.mark.parametrize(
    ("patch", "code", "reason"),
    [
        (
            {"op": "replace", "path": "/AgentRuntimeName", "value": "other"},
            "NotUpdatableException",
            r"createOnlyProperties \[/properties/AgentRuntimeName\] cannot be updated",
        ),
        (
            {"op": "replace", "path": "/Status", "value": "READY "},
            "ValidationException",
            r"readOnlyProperties \[/properties/Status\] cannot be updated",
        ),
        (
            {"op": "test", "path": "/Description", "value": "not this"},
            "InvalidRequestException",
            "Invalid patch update",
        ),
        (
            {"op": "remove", "path": "/Description"},
            "InvalidRequestException",
            "Invalid patch update",
        ),
        (
            {"op": "add", "path": "/Nmae", "value": "x"},
            "ValidationException",
            r"extraneous key \[Nmae\]",
        ),
        ({"op": "remove", "path": "/RoleArn"}, "ValidationException", r"required key \[RoleArn\]"),
    ],
)
def test_an_update_refuses(ready: Cloud, patch: dict[str, Any], code: str, reason: str) -> None:
    identifier = ready.create(ready.runtime())
    with pytest.raises(ClientError, match=reason) as refused:
        ready.update(identifier, [patch])
    assert code_of(refused.value) == code
    runtime = ready.read(identifier)
    assert (runtime["AgentRuntimeVersion"], runtime["Status"]) == ("1", "READY"), "as before"
    ready.update(
        identifier,
        [
            {"op": "test", "path": "/AgentRuntimeName", "value": "assistant"},
            {"op": "add", "path": "/Description", "value": "x"},
        ],
    )


def test_an_update_is_checked_by_the_service_like_a_create(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    change = {"op": "replace", "path": "/AgentRuntimeArtifact", "value": ready.image(":v2")}
    with pytest.raises(RequestFailedError, match="does not exist in the repository"):
        ready.update(identifier, [change])
    assert ready.read(identifier)["AgentRuntimeVersion"] == "1"
    ready.push(tag="v2")
    ready.update(identifier, [change])
    assert ready.read(identifier)["AgentRuntimeVersion"] == "2"


@pytest.mark.parametrize(
    ("bad", "code", "good"),
    [
        ({"AgentRuntimeId": "nobody-0123456789"}, "NotFound", {}),
        ({"Name": "DEFAULT"}, "AlreadyExists", {"Name": "default"}),
        ({"AgentRuntimeVersion": "2"}, "NotFound", {"AgentRuntimeVersion": "1"}),
    ],
)
def test_an_endpoint_is_refused(
    ready: Cloud, bad: dict[str, str], code: str, good: dict[str, str]
) -> None:
    identifier = ready.create(ready.runtime())
    desired = {"AgentRuntimeId": identifier, "Name": "live"}
    with pytest.raises(RequestFailedError) as refused:
        ready.create({**desired, **bad}, ENDPOINT)
    assert refused.value.code == code
    assert ready.create({**desired, **good}, ENDPOINT)


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


def network(cloud: Cloud, zone: str, cidr: str = "10.0.0.0/16") -> tuple[str, str]:
    """Make a VPC with a subnet in the zone; returns subnet and security group."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock=cidr.replace("/16", "/24"), AvailabilityZone=zone
    )["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="agents", Description="agents", VpcId=vpc)
    return subnet, group["GroupId"]


def test_a_vpc_runtime_needs_subnets_and_groups_of_one_vpc_in_a_supported_zone(
    ready: Cloud,
) -> None:
    subnet, group = network(ready, "us-east-1b")
    foreign_subnet, foreign_group = network(ready, "us-east-1b", "10.1.0.0/16")
    unsupported, its_group = network(ready, "us-east-1a", "10.2.0.0/16")  # use1-az6 in moto

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
    ):
        with pytest.raises(RequestFailedError, match=reason):
            attempt(subnets, groups)
    assert attempt([subnet], [group])


@pytest.mark.parametrize("type_name", ["AWS::S3::Bucket", "AWS::BedrockAgentCore::Nothing"])
def test_a_type_that_is_not_served_is_named(cloud: Cloud, type_name: str) -> None:
    with pytest.raises(ClientError, match=type_name) as refused:
        cloud.control.create_resource(TypeName=type_name, DesiredState="{}")
    assert code_of(refused.value) == "TypeNotFoundException"
    assert cloud.control.list_resources(TypeName=RUNTIME)["ResourceDescriptions"] == []
