from emulator.aws.agentcore.store import GATEWAY, WORKLOAD_IDENTITY
from tests.emulator.aws.cloud import Cloud


def identities(cloud: Cloud) -> list[str]:
    listed = cloud.agentcore.list_workload_identities()["workloadIdentities"]
    return [identity["name"] for identity in listed]


def test_a_runtime_has_one_of_its_own_name_until_it_is_deleted(ready: Cloud) -> None:
    runtime = ready.create(ready.runtime())
    own = ready.read(runtime)["WorkloadIdentityDetails"]["WorkloadIdentityArn"]
    found = ready.agentcore.get_workload_identity(name=runtime)
    assert found["workloadIdentityArn"] == own
    assert identities(ready) == [runtime]
    ready.delete(runtime)
    assert not identities(ready), "it goes with its runtime"


def test_a_gateway_has_one_too(cloud: Cloud) -> None:
    desired = {"Name": "tools", "RoleArn": cloud.role("gateway"), "AuthorizerType": "NONE"}
    gateway = cloud.create(desired, GATEWAY)
    assert identities(cloud) == [gateway]
    cloud.delete(gateway, GATEWAY)
    assert not identities(cloud)


def test_the_callers_own_is_answered_by_both_apis(cloud: Cloud) -> None:
    urls = ["https://agents.example.com/callback"]
    desired = {"Name": "mine", "AllowedResourceOauth2ReturnUrls": urls}
    cloud.create({**desired, "Tags": [{"Key": "Team", "Value": "agents"}]}, WORKLOAD_IDENTITY)
    found = cloud.agentcore.get_workload_identity(name="mine")
    assert found["allowedResourceOauth2ReturnUrls"] == urls
    seconds = cloud.read("mine", WORKLOAD_IDENTITY)["CreatedTime"]
    assert abs(found["createdTime"].timestamp() - seconds) < 0.01
    tags = cloud.agentcore.list_tags_for_resource(resourceArn=found["workloadIdentityArn"])
    assert tags["tags"] == {"Team": "agents"}, "a list of tags is a map in the API"
