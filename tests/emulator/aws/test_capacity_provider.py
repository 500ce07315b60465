from typing import Any

import pytest

from emulator.aws.agentcore.store import CAPACITY_PROVIDER
from tests.emulator.aws.cloud import REGION, Cloud, RequestFailedError
from tests.emulator.aws.refusals.agentcore import CODE


def provider(cloud: Cloud, **ec2: Any) -> str:
    subnet, group = cloud.network("use1-az6")  # not one of the zones of microVMs
    desired = {
        "Name": "instances",
        "PermissionsConfiguration": {"CapacityProviderOperatorRoleArn": cloud.role("operator")},
        "ComputeConfiguration": cloud.compute([subnet], [group], **ec2),
    }
    return cloud.create(desired, CAPACITY_PROVIDER)


def on(arn: str, cloud: Cloud, **changes: Any) -> dict[str, Any]:
    capacity = {"CapacityProviderArn": arn}
    return cloud.runtime(
        **{"NetworkConfiguration": None, "CapacityProviderConfiguration": capacity, **changes}
    )


def test_a_runtime_on_instances_lives_as_long_and_is_built_as_they_are(ready: Cloud) -> None:
    launch = {
        "OperatingSystem": "LINUX_X86_64",
        "InstanceRequirements": {"AllowedInstanceTypes": ["m7i.large"]},
    }
    arn = provider(
        ready,
        LaunchTemplateSource={"LaunchParameters": launch},
        LifecycleConfiguration={"MaxLifetime": 1209600},
        Volumes=[{"EbsConfiguration": {"Name": "data", "SizeGiB": 10}}],
    )
    with pytest.raises(RequestFailedError, match=r"Supported architectures: \[amd64\]"):
        ready.create(on(arn, ready))
    ready.push("amd64", tag="intel")
    volume = {"VolumeName": "data", "MountPath": "/mnt/data"}
    desired = on(
        arn,
        ready,
        AgentRuntimeArtifact=ready.image(":intel"),
        LifecycleConfiguration={"MaxLifetime": 1209600},
        FilesystemConfigurations=[{"CapacityProviderVolume": volume}],
    )
    runtime = ready.read(ready.create(desired))
    assert runtime["LifecycleConfiguration"]["MaxLifetime"] == 1209600
    assert "NetworkConfiguration" not in runtime, "the provider's network is used"


def test_a_version_holds_its_provider_until_the_runtime_is_gone(cloud: Cloud) -> None:
    arn = provider(cloud)
    identifier = cloud.read(arn, CAPACITY_PROVIDER)["CapacityProviderId"]
    control = cloud.agentcore
    runtime = cloud.create(on(arn, cloud, AgentRuntimeArtifact=CODE, RoleArn=cloud.role()))
    cloud.update(
        runtime,
        [
            {"op": "remove", "path": "/CapacityProviderConfiguration"},
            {"op": "add", "path": "/NetworkConfiguration", "value": {"NetworkMode": "PUBLIC"}},
        ],
    )
    with pytest.raises(RequestFailedError, match=f"referenced by {runtime} version 1 "):
        cloud.delete(arn, CAPACITY_PROVIDER)
    users = control.list_agent_runtime_versions_by_capacity_provider(capacityProviderId=identifier)
    assert [user["agentRuntimeVersion"] for user in users["agentRuntimes"]] == ["1"]
    found = control.get_capacity_provider(capacityProviderId=identifier)
    assert (found["capacityProviderArn"], found["status"]) == (arn, "READY")
    cloud.delete(runtime)
    cloud.delete(arn, CAPACITY_PROVIDER)
    assert not control.list_capacity_providers()["capacityProviders"]


def test_it_is_offered_in_nine_regions_only(cloud: Cloud) -> None:
    elsewhere = cloud.client("cloudcontrol", region_name="eu-west-3")
    here = cloud.client("cloudcontrol", region_name=REGION)
    assert here.list_resources(TypeName=CAPACITY_PROVIDER)["ResourceDescriptions"] == []
    with pytest.raises(elsewhere.exceptions.TypeNotFoundException):
        elsewhere.list_resources(TypeName=CAPACITY_PROVIDER)
