import pytest
from botocore.exceptions import ClientError

from emulator.aws.agentcore.store import WORKLOAD_IDENTITY
from tests.emulator.aws.cloud import ENDPOINT, Cloud, code_of


def test_get_and_list_answer_what_cloud_control_made(ready: Cloud) -> None:
    identifier = ready.create(
        ready.runtime(EnvironmentVariables={"logLevel": "info"}, ProtocolConfiguration="MCP")
    )
    runtime = ready.agentcore.get_agent_runtime(agentRuntimeId=identifier)
    assert runtime["agentRuntimeName"] == "assistant"
    assert runtime["status"] == "READY"
    assert runtime["networkConfiguration"]["networkMode"] == "PUBLIC"
    assert runtime.get("protocolConfiguration") == {"serverProtocol": "MCP"}
    assert runtime.get("environmentVariables") == {"logLevel": "info"}, "keys are the caller's own"
    listed = ready.agentcore.list_agent_runtimes()["agentRuntimes"]
    assert [found["agentRuntimeArn"] for found in listed] == [runtime["agentRuntimeArn"]]


def test_versions_endpoints_and_tags_are_answered(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime(Description="First"))
    ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    ready.update(identifier, [{"op": "replace", "path": "/Description", "value": "Second"}])
    control = ready.agentcore
    versions = control.list_agent_runtime_versions(agentRuntimeId=identifier)["agentRuntimes"]
    assert [found.get("description") for found in versions] == ["First", "Second"]
    first = control.get_agent_runtime(agentRuntimeId=identifier, agentRuntimeVersion="1")
    assert first.get("description") == "First"
    endpoints = control.list_agent_runtime_endpoints(agentRuntimeId=identifier)["runtimeEndpoints"]
    assert {found["name"]: found.get("liveVersion") for found in endpoints} == {
        "DEFAULT": "2",
        "live": "1",
    }
    tags = control.list_tags_for_resource(resourceArn=first["agentRuntimeArn"])
    assert tags["tags"] == {"Project": "assistant"}


def test_what_is_not_there_is_not_found(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    control = ready.agentcore
    for read, arguments in (
        (control.get_agent_runtime, {"agentRuntimeId": "nobody-0123456789"}),
        (control.get_agent_runtime, {"agentRuntimeId": identifier, "agentRuntimeVersion": "2"}),
        (
            control.get_agent_runtime_endpoint,
            {"agentRuntimeId": identifier, "endpointName": "live"},
        ),
    ):
        with pytest.raises(ClientError) as missing:
            read(**arguments)
        assert code_of(missing.value) == "ResourceNotFoundException"


def test_lists_are_answered_in_pages(cloud: Cloud) -> None:
    for number in range(3):
        cloud.create({"Name": f"identity-{number}"}, WORKLOAD_IDENTITY)
    paginator = cloud.agentcore.get_paginator("list_workload_identities")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["workloadIdentities"]) for page in pages] == [2, 1]
    with pytest.raises(ClientError, match="Member must have value less than or equal to 20"):
        cloud.agentcore.list_workload_identities(maxResults=21)
    with pytest.raises(ClientError, match="nextToken is not valid"):
        cloud.agentcore.list_workload_identities(nextToken="further")


def test_the_tags_of_what_is_kept_by_its_schema_are_answered_too(cloud: Cloud) -> None:
    tags = [{"Key": "Team", "Value": "agents"}]
    engine = cloud.create({"Name": "engine", "Tags": tags}, "AWS::BedrockAgentCore::PolicyEngine")
    answer = cloud.agentcore.list_tags_for_resource(resourceArn=engine)
    assert answer["tags"] == {"Team": "agents"}


def test_a_change_is_sent_to_cloud_control(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    with pytest.raises(ClientError, match=r"DeleteAgentRuntime.*Cloud Control"):
        ready.agentcore.delete_agent_runtime(agentRuntimeId=identifier)
    assert ready.read(identifier)["Status"] == "READY"


def test_the_data_plane_says_that_it_is_not_served(ready: Cloud) -> None:
    arn = ready.read(ready.create(ready.runtime()))["AgentRuntimeArn"]
    with pytest.raises(ClientError, match="not the data plane"):
        ready.client("bedrock-agentcore").invoke_agent_runtime(agentRuntimeArn=arn, payload=b"{}")
