import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import RUNTIME, Cloud, RequestFailedError, code_of


def test_the_same_client_token_and_request_give_the_same_progress_event(ready: Cloud) -> None:
    desired = json.dumps(ready.runtime())
    tokens = {
        ready.control.create_resource(TypeName=RUNTIME, DesiredState=desired, ClientToken="once")[
            "ProgressEvent"
        ].get("RequestToken", "")
        for _ in range(3)
    }
    assert len(tokens) == 1
    ready.finished(tokens.pop())
    assert len(ready.agentcore.list_agent_runtimes()["agentRuntimes"]) == 1


def test_a_client_token_of_another_request_is_refused(ready: Cloud) -> None:
    first = json.dumps(ready.runtime())
    ready.control.create_resource(TypeName=RUNTIME, DesiredState=first, ClientToken="once")
    other = json.dumps(ready.runtime(AgentRuntimeName="other"))
    with pytest.raises(ClientError) as refused:
        ready.control.create_resource(TypeName=RUNTIME, DesiredState=other, ClientToken="once")
    assert code_of(refused.value) == "ClientTokenConflictException"
    ready.control.create_resource(TypeName=RUNTIME, DesiredState=other, ClientToken="twice")


def test_a_client_token_replays_an_update_that_could_not_be_applied_twice(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime(Description="x"))
    patch = json.dumps([{"op": "remove", "path": "/Description"}])
    tokens: set[str] = set()
    for _ in range(2):
        event = ready.control.update_resource(
            TypeName=RUNTIME, Identifier=identifier, PatchDocument=patch, ClientToken="once"
        )["ProgressEvent"]
        tokens.add(event.get("RequestToken", ""))
        ready.finished(event.get("RequestToken", ""))
    assert len(tokens) == 1
    assert ready.read(identifier)["AgentRuntimeVersion"] == "2", "applied once"


def test_a_second_mutation_of_a_resource_at_work_is_refused(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    ready.fault(service="cloudcontrolapi", operation="UPDATE", fault="slow", seconds=0.5)
    patch = json.dumps([{"op": "add", "path": "/Description", "value": "x"}])
    first = ready.control.update_resource(
        TypeName=RUNTIME, Identifier=identifier, PatchDocument=patch
    )["ProgressEvent"].get("RequestToken", "")
    with pytest.raises(ClientError) as refused:
        ready.control.delete_resource(TypeName=RUNTIME, Identifier=identifier)
    assert code_of(refused.value) == "ConcurrentOperationException"
    ready.finished(first)
    ready.delete(identifier)


def test_an_endpoint_cannot_be_made_while_its_runtime_is_updating(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    ready.fault(service="cloudcontrolapi", operation="UPDATE", fault="slow", seconds=0.5)
    patch = json.dumps([{"op": "add", "path": "/Description", "value": "x"}])
    update = ready.control.update_resource(
        TypeName=RUNTIME, Identifier=identifier, PatchDocument=patch
    )["ProgressEvent"].get("RequestToken", "")
    while ready.read(identifier)["Status"] == "READY":
        pass
    desired = {"AgentRuntimeId": identifier, "Name": "live"}
    with pytest.raises(RequestFailedError, match="UPDATING") as refused:
        ready.create(desired, f"{RUNTIME}Endpoint")
    assert refused.value.code == "ResourceConflict"
    ready.finished(update)
    assert ready.create(desired, f"{RUNTIME}Endpoint")


def test_a_request_can_be_cancelled_until_it_has_ended(ready: Cloud) -> None:
    ready.fault(service="cloudcontrolapi", operation="CREATE", fault="slow", seconds=20)
    token = ready.control.create_resource(
        TypeName=RUNTIME, DesiredState=json.dumps(ready.runtime())
    )["ProgressEvent"].get("RequestToken", "")
    ready.control.cancel_resource_request(RequestToken=token)
    with pytest.raises(RequestFailedError):
        ready.finished(token)
    event = ready.control.get_resource_request_status(RequestToken=token)["ProgressEvent"]
    assert event.get("OperationStatus") == "CANCEL_COMPLETE"
    with pytest.raises(ClientError) as refused:
        ready.control.cancel_resource_request(RequestToken=token)
    assert code_of(refused.value) == "ConcurrentModificationException"


def test_the_service_goes_on_with_what_a_cancelled_request_has_begun(ready: Cloud) -> None:
    ready.fault(service="cloudcontrolapi", operation="CREATE", fault="slow", seconds=0.3)
    token = ready.control.create_resource(
        TypeName=RUNTIME, DesiredState=json.dumps(ready.runtime())
    )["ProgressEvent"].get("RequestToken", "")
    while not (runtimes := ready.agentcore.list_agent_runtimes()["agentRuntimes"]):
        pass
    ready.control.cancel_resource_request(RequestToken=token)
    with pytest.raises(RequestFailedError):
        ready.finished(token)
    identifier = runtimes[0]["agentRuntimeId"]
    while ready.read(identifier)["Status"] == "CREATING":
        pass
    ready.delete(identifier)
    event = ready.control.get_resource_request_status(RequestToken=token)["ProgressEvent"]
    assert event.get("OperationStatus") == "CANCEL_COMPLETE", "the request stays cancelled"


def test_requests_are_listed_newest_first_and_by_status(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    with pytest.raises(RequestFailedError):
        ready.create(ready.runtime())
    ready.delete(identifier)
    listed = ready.control.list_resource_requests()["ResourceRequestStatusSummaries"]
    assert [(e.get("Operation"), e.get("OperationStatus")) for e in listed] == [
        ("DELETE", "SUCCESS"),
        ("CREATE", "FAILED"),
        ("CREATE", "SUCCESS"),
    ]
    failed = ready.control.list_resource_requests(
        ResourceRequestStatusFilter={"OperationStatuses": ["FAILED"]}
    )["ResourceRequestStatusSummaries"]
    assert [event.get("ErrorCode") for event in failed] == ["AlreadyExists"]


def test_an_unknown_request_token_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.control.get_resource_request_status(RequestToken="nothing")
    assert code_of(refused.value) == "RequestTokenNotFoundException"


def test_resources_are_listed_in_pages(cloud: Cloud) -> None:
    type_name = "AWS::BedrockAgentCore::WorkloadIdentity"
    names = {cloud.create({"Name": f"identity-{number}"}, type_name) for number in range(5)}
    paginator = cloud.control.get_paginator("list_resources")
    pages = list(paginator.paginate(TypeName=type_name, PaginationConfig={"PageSize": 2}))
    sizes = [len(page["ResourceDescriptions"]) for page in pages]
    found = {item.get("Identifier") for page in pages for item in page["ResourceDescriptions"]}
    assert sizes == [2, 2, 1]
    assert found == names


def test_an_endpoint_is_found_by_its_additional_identifier_too(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    arn = ready.read(identifier)["AgentRuntimeArn"]
    by_json = json.dumps({"AgentRuntimeId": identifier})
    assert ready.read(by_json)["AgentRuntimeArn"] == arn
    default = ready.read("DEFAULT", f"{RUNTIME}Endpoint")
    assert default["AgentRuntimeEndpointArn"] == f"{arn}/runtime-endpoint/DEFAULT"
