import json
import re

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import ENDPOINT, RUNTIME, Cloud, RequestFailedError, code_of


def test_a_runtime_is_created_with_the_official_waiter_and_ends_ready(ready: Cloud) -> None:
    event = ready.control.create_resource(
        TypeName=RUNTIME, DesiredState=json.dumps(ready.runtime())
    )["ProgressEvent"]
    assert event.get("OperationStatus") == "IN_PROGRESS", "work goes on in the background"
    ready.control.get_waiter("resource_request_success").wait(
        RequestToken=event.get("RequestToken", ""), WaiterConfig={"Delay": 0, "MaxAttempts": 500}
    )
    done = ready.control.get_resource_request_status(RequestToken=event.get("RequestToken", ""))
    runtime = ready.read(done["ProgressEvent"].get("Identifier", ""))
    assert runtime["Status"] == "READY"
    assert runtime["AgentRuntimeVersion"] == "1"


def test_ids_and_arns_have_the_services_form(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    runtime = ready.read(identifier)
    assert re.fullmatch(r"assistant-[a-zA-Z0-9]{10}", identifier)
    arn = f"arn:aws:bedrock-agentcore:us-east-1:{ready.account}:runtime/{identifier}"
    assert runtime["AgentRuntimeArn"] == arn
    directory = "workload-identity-directory/default/workload-identity"
    assert runtime["WorkloadIdentityDetails"]["WorkloadIdentityArn"].endswith(
        f"{ready.account}:{directory}/{identifier}"
    )


def test_a_created_runtime_reads_back_what_was_asked_for(ready: Cloud) -> None:
    desired = ready.runtime(
        Description="Answers",
        EnvironmentVariables={"LOG_LEVEL": "info"},
        ProtocolConfiguration="MCP",
    )
    runtime = ready.read(ready.create(desired))
    assert {name: runtime[name] for name in desired} == desired
    assert runtime["LifecycleConfiguration"] == {
        "IdleRuntimeSessionTimeout": 900,
        "MaxLifetime": 28800,
    }, "the documented defaults are answered"


def test_statuses_pass_through_creating_and_deleting(ready: Cloud) -> None:
    slow = {"service": "cloudcontrolapi", "resource": RUNTIME, "fault": "slow", "seconds": 0.3}
    seen: list[str] = []
    for operation in ("CREATE", "DELETE"):
        ready.fault(**slow, operation=operation)
    created = ready.control.create_resource(
        TypeName=RUNTIME, DesiredState=json.dumps(ready.runtime())
    )["ProgressEvent"].get("RequestToken", "")
    while not (listed := ready.control.list_resources(TypeName=RUNTIME)["ResourceDescriptions"]):
        pass
    seen.append(json.loads(listed[0].get("Properties", ""))["Status"])
    identifier = ready.finished(created)
    deleted = ready.control.delete_resource(TypeName=RUNTIME, Identifier=identifier)
    while (status := ready.read(identifier)["Status"]) == "READY":
        pass
    seen.append(status)
    ready.finished(deleted["ProgressEvent"].get("RequestToken", ""))
    assert seen == ["CREATING", "DELETING"]


def test_an_update_makes_the_next_version_and_moves_default(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    live = ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    ready.update(identifier, [{"op": "add", "path": "/Description", "value": "Second"}])
    runtime = ready.read(identifier)
    default = ready.agentcore.get_agent_runtime_endpoint(
        agentRuntimeId=identifier, endpointName="DEFAULT"
    )
    assert (runtime["AgentRuntimeVersion"], runtime["Status"]) == ("2", "READY")
    assert default.get("liveVersion") == "2", "DEFAULT follows the current version"
    assert ready.read(live, ENDPOINT)["LiveVersion"] == "1", "a named endpoint stays"


def test_a_change_of_tags_alone_makes_no_version(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    ready.update(identifier, [{"op": "add", "path": "/Tags/Owner", "value": "team"}])
    runtime = ready.read(identifier)
    assert runtime["Tags"] == {"Project": "assistant", "Owner": "team"}
    assert runtime["AgentRuntimeVersion"] == "1"


def test_an_optional_property_can_be_removed_and_its_default_returns(ready: Cloud) -> None:
    lifecycle = {"IdleRuntimeSessionTimeout": 60, "MaxLifetime": 120}
    identifier = ready.create(ready.runtime(LifecycleConfiguration=lifecycle))
    ready.update(identifier, [{"op": "remove", "path": "/LifecycleConfiguration"}])
    assert ready.read(identifier)["LifecycleConfiguration"]["MaxLifetime"] == 28800


def test_the_name_of_a_runtime_is_unique_and_free_again_after_its_deletion(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    with pytest.raises(RequestFailedError, match="already exists") as refused:
        ready.create(ready.runtime())
    assert refused.value.code == "AlreadyExists"
    ready.delete(identifier)
    assert ready.create(ready.runtime()) != identifier


def test_a_deleted_runtime_takes_its_endpoints_with_it(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    live = ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    ready.delete(identifier)
    for found, type_name in ((identifier, RUNTIME), (live, ENDPOINT)):
        with pytest.raises(ClientError) as missing:
            ready.read(found, type_name)
        assert code_of(missing.value) == "ResourceNotFoundException"
    with pytest.raises(RequestFailedError) as again:
        ready.delete(identifier)
    assert again.value.code == "NotFound", "a delete answers in its progress event"


def test_an_endpoint_serves_the_version_it_names_and_moves_when_told(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    ready.update(identifier, [{"op": "add", "path": "/Description", "value": "Second"}])
    desired = {"AgentRuntimeId": identifier, "Name": "live", "AgentRuntimeVersion": "1"}
    live = ready.create(desired, ENDPOINT)
    first = ready.read(live, ENDPOINT)
    ready.update(live, [{"op": "replace", "path": "/AgentRuntimeVersion", "value": "2"}], ENDPOINT)
    second = ready.read(live, ENDPOINT)
    assert live == f"{first['AgentRuntimeArn']}/runtime-endpoint/live"
    assert [first["LiveVersion"], second["LiveVersion"]] == ["1", "2"]
    assert second["Status"] == "READY"
    ready.delete(live, ENDPOINT)
    assert len(endpoints_of(ready, identifier)) == 1, "DEFAULT stays"


def test_an_endpoint_without_a_version_takes_the_current_one_and_keeps_it(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    live = ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    ready.update(identifier, [{"op": "add", "path": "/Description", "value": "Second"}])
    assert ready.read(live, ENDPOINT)["AgentRuntimeVersion"] == "1"


def test_endpoints_are_listed_by_their_runtime(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    other = ready.create(ready.runtime(AgentRuntimeName="other"))
    assert [name.rpartition("/")[2] for name in endpoints_of(ready, identifier)] == [
        "DEFAULT",
        "live",
    ]
    assert len(endpoints_of(ready, other)) == 1
    with pytest.raises(ClientError, match="AgentRuntimeId"):
        ready.control.list_resources(TypeName=ENDPOINT)


def endpoints_of(cloud: Cloud, identifier: str) -> list[str]:
    answer = cloud.control.list_resources(
        TypeName=ENDPOINT, ResourceModel=json.dumps({"AgentRuntimeId": identifier})
    )
    return [found.get("Identifier", "") for found in answer["ResourceDescriptions"]]
