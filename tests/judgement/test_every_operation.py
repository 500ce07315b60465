"""Each operation the emulator claims to serve, or the providers and commands call, answers once.

The answers are judged where those of every client are: see `Cloud.client`.
"""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from emulator.providers.aws import invokes, types
from emulator.providers.aws.table import Call
from tests.emulator.aws.cloud import RUNTIME, Cloud
from tests.emulator.aws.conftest import FakeProviders
from tests.emulator.aws.serving import serving
from tests.emulator.aws.test_every_type import desired_of
from tests.emulator.providers.samples import key_policy, lifecycle_policy, policy, trust
from tests.judgement.network_operations import call_log_groups, call_networking

_TYPES = "AWS::BedrockAgentCore::"
# What the operation's parameters are called among the properties of a resource of the type.
_READS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "get_agent_runtime": ("Runtime", {"agentRuntimeId": "AgentRuntimeId"}),
    "get_agent_runtime_endpoint": (
        "RuntimeEndpoint",
        {"agentRuntimeId": "AgentRuntimeId", "endpointName": "Name"},
    ),
    "get_capacity_provider": ("CapacityProvider", {"capacityProviderId": "CapacityProviderId"}),
    "get_gateway": ("Gateway", {"gatewayIdentifier": "GatewayIdentifier"}),
    "get_gateway_target": (
        "GatewayTarget",
        {"gatewayIdentifier": "GatewayIdentifier", "targetId": "TargetId"},
    ),
    "get_memory": ("Memory", {"memoryId": "MemoryId"}),
    "get_resource_policy": ("ResourcePolicy", {"resourceArn": "ResourceArn"}),
    "get_workload_identity": ("WorkloadIdentity", {"name": "Name"}),
    "list_agent_runtime_endpoints": ("RuntimeEndpoint", {"agentRuntimeId": "AgentRuntimeId"}),
    "list_agent_runtime_versions": ("Runtime", {"agentRuntimeId": "AgentRuntimeId"}),
    "list_agent_runtime_versions_by_capacity_provider": (
        "CapacityProvider",
        {"capacityProviderId": "CapacityProviderId"},
    ),
    "list_agent_runtimes": ("Runtime", {}),
    "list_capacity_providers": ("CapacityProvider", {}),
    "list_gateway_targets": ("GatewayTarget", {"gatewayIdentifier": "GatewayIdentifier"}),
    "list_gateways": ("Gateway", {}),
    "list_memories": ("Memory", {}),
    "list_tags_for_resource": ("Runtime", {"resourceArn": "AgentRuntimeArn"}),
    "list_workload_identities": ("WorkloadIdentity", {}),
}
# What images/, commands/ and recovery/ call, beside what the providers call.
_OF_THE_COMMANDS = {
    ("ecr", "batch_check_layer_availability"),
    ("ecr", "batch_delete_image"),
    ("ecr", "batch_get_image"),
    ("ecr", "complete_layer_upload"),
    ("ecr", "describe_images"),
    ("ecr", "initiate_layer_upload"),
    ("ecr", "list_images"),
    ("ecr", "put_image"),
    ("ecr", "upload_layer_part"),
    ("iam", "list_policies"),
    ("iam", "list_roles"),
    ("kms", "list_keys"),
    ("sts", "get_caller_identity"),
}
_NAME = "agents/assistant"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeProviders) as url:
        yield url


def _claimed(cloud: Cloud) -> set[str]:
    """The reads of the control plane, as its refusal of a change lists them."""
    with pytest.raises(ClientError, match="Changes go through Cloud Control") as refused:
        cloud.agentcore.delete_workload_identity(name="nobody")
    listed = re.search(r"it answers ([\w, ]+)\.", str(refused.value))
    assert listed, refused.value
    return {xform_name(name) for name in listed[1].split(", ")}


def test_every_read_of_the_control_plane_is_judged(url: str) -> None:
    assert _claimed(Cloud(url, "100000000000")) == _READS.keys()


@cache
def _made(url: str, kind: str) -> tuple[Cloud, dict[str, Any]]:
    """A resource of the type, in an account of its own: what one needs is not in another's way."""
    cloud = Cloud(url, f"{2 * 10**11 + sorted(kind for kind, _ in _READS.values()).index(kind)}")
    identifier = cloud.create(desired_of(cloud, kind), _TYPES + kind)
    return cloud, cloud.read(identifier, _TYPES + kind)


@pytest.mark.parametrize("operation", _READS)
def test_a_read_of_the_control_plane_answers_as_its_model_says(url: str, operation: str) -> None:
    kind, parameters = _READS[operation]
    cloud, properties = _made(url, kind)
    given = {name: properties[source] for name, source in parameters.items()}
    assert getattr(cloud.agentcore, operation)(**given)


def test_every_operation_of_cloud_control_answers_as_its_model_says(url: str) -> None:
    cloud = Cloud(url, "300000000000").prepared()
    control = cloud.control
    created = control.create_resource(TypeName=RUNTIME, DesiredState=json.dumps(cloud.runtime()))
    token = created["ProgressEvent"].get("RequestToken", "")
    identifier = cloud.finished(token)
    cloud.update(identifier, [{"op": "add", "path": "/Description", "value": "Second"}])
    assert control.list_resources(TypeName=RUNTIME)["ResourceDescriptions"]
    assert control.list_resource_requests()["ResourceRequestStatusSummaries"]
    with pytest.raises(ClientError):
        control.cancel_resource_request(RequestToken=token)
    cloud.delete(identifier)
    with pytest.raises(ClientError):
        cloud.read(identifier)


def _operations(value: object) -> Iterator[str]:
    """The operations of all calls in a table."""
    if isinstance(value, Call):
        yield value.operation
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _operations(getattr(value, field.name))
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from _operations(item)


def _of_the_providers() -> set[tuple[str, str]]:
    tables = [*types.TYPES.values(), *invokes.FUNCTIONS.values()]
    return {(table.service, name) for table in tables for name in _operations(table)}


def _images(cloud: Cloud) -> None:
    ecr = cloud.ecr
    arn = ecr.create_repository(repositoryName=_NAME)["repository"].get("repositoryArn", "")
    digest = cloud.push()
    image: Any = [{"imageDigest": digest}]
    ecr.batch_get_image(repositoryName=_NAME, imageIds=image)
    ecr.describe_images(repositoryName=_NAME)
    ecr.list_images(repositoryName=_NAME)
    ecr.describe_repositories()
    ecr.put_image_tag_mutability(repositoryName=_NAME, imageTagMutability="IMMUTABLE")
    ecr.put_image_scanning_configuration(
        repositoryName=_NAME, imageScanningConfiguration={"scanOnPush": True}
    )
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "Owner", "Value": "a"}])
    ecr.list_tags_for_resource(resourceArn=arn)
    ecr.untag_resource(resourceArn=arn, tagKeys=["Owner"])
    ecr.put_lifecycle_policy(repositoryName=_NAME, lifecyclePolicyText=lifecycle_policy())
    ecr.get_lifecycle_policy(repositoryName=_NAME)
    ecr.delete_lifecycle_policy(repositoryName=_NAME)
    pull = policy("ecr:BatchGetImage", principal="bedrock-agentcore.amazonaws.com")
    ecr.set_repository_policy(repositoryName=_NAME, policyText=pull)
    ecr.get_repository_policy(repositoryName=_NAME)
    ecr.delete_repository_policy(repositoryName=_NAME)
    ecr.batch_delete_image(repositoryName=_NAME, imageIds=image)
    ecr.delete_repository(repositoryName=_NAME)


def _roles(cloud: Cloud) -> None:
    iam, role = cloud.iam, "agent"
    rights = policy("s3:GetObject")
    arn = iam.create_policy(PolicyName="rights", PolicyDocument=rights)["Policy"].get("Arn", "")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust(), Description="d")
    iam.get_role(RoleName=role)
    iam.list_roles()
    iam.list_policies(Scope="Local")
    iam.update_role(RoleName=role, Description="e", MaxSessionDuration=7200)
    iam.update_role_description(RoleName=role, Description="f")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust())
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    iam.delete_role_permissions_boundary(RoleName=role)
    iam.tag_role(RoleName=role, Tags=[{"Key": "Owner", "Value": "a"}])
    iam.list_role_tags(RoleName=role)
    iam.untag_role(RoleName=role, TagKeys=["Owner"])
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=rights)
    iam.get_role_policy(RoleName=role, PolicyName="inline")
    iam.list_role_policies(RoleName=role)
    iam.delete_role_policy(RoleName=role, PolicyName="inline")
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.list_attached_role_policies(RoleName=role)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=role)
    iam.list_instance_profiles_for_role(RoleName=role)
    iam.remove_role_from_instance_profile(InstanceProfileName="profile", RoleName=role)
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_role(RoleName=role)
    iam.get_policy(PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=rights, SetAsDefault=True)
    iam.list_policy_versions(PolicyArn=arn)
    iam.get_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "Owner", "Value": "a"}])
    iam.list_policy_tags(PolicyArn=arn)
    iam.untag_policy(PolicyArn=arn, TagKeys=["Owner"])
    iam.delete_policy(PolicyArn=arn)
    cloud.client("sts").get_caller_identity()


def _keys(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key, other = (kms.create_key(Description="d")["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.describe_key(KeyId=key)
    kms.list_keys()
    kms.update_key_description(KeyId=key, Description="e")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(cloud.account, "kms:*"))
    kms.get_key_policy(KeyId=key, PolicyName="default")
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    kms.get_key_rotation_status(KeyId=key)
    kms.disable_key_rotation(KeyId=key)
    kms.disable_key(KeyId=key)
    kms.enable_key(KeyId=key)
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Owner", "TagValue": "a"}])
    kms.list_resource_tags(KeyId=key)
    kms.untag_resource(KeyId=key, TagKeys=["Owner"])
    kms.create_alias(AliasName="alias/agents", TargetKeyId=key)
    kms.list_aliases()
    kms.update_alias(AliasName="alias/agents", TargetKeyId=other)
    kms.delete_alias(AliasName="alias/agents")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def test_every_operation_of_providers_and_commands_answers_as_its_model_says(url: str) -> None:
    answered: set[tuple[str, str]] = set()

    class Watched(Cloud):
        def client(self, service: str, **options: Any) -> Any:
            def note(model: Any, http_response: Any, **_event: object) -> None:
                if http_response.status_code < 300:
                    answered.add((service, xform_name(model.name)))

            client = super().client(service, **options)
            client.meta.events.register("after-call", note)
            return client

    cloud = Watched(url, "400000000000")
    _images(cloud)
    _roles(cloud)
    _keys(cloud)
    call_networking(cloud)
    call_log_groups(cloud)
    assert (_of_the_providers() | _OF_THE_COMMANDS) - answered == set()


def test_cloud_control_has_no_other_operation() -> None:
    model = botocore.session.Session().get_service_model("cloudcontrol")
    assert sorted(model.operation_names) == [
        "CancelResourceRequest",
        "CreateResource",
        "DeleteResource",
        "GetResource",
        "GetResourceRequestStatus",
        "ListResourceRequests",
        "ListResources",
        "UpdateResource",
    ]
