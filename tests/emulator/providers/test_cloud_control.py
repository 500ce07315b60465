"""How operations that do not simply succeed are followed to their end."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.providers.aws_native.cloud_control import CloudControl
from emulator.providers.aws_native.provider import AwsNativeProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.errors import InitializationFailedError, ProviderError
from tests.emulator.aws.cloud import RUNTIME as RUNTIME_TYPE
from tests.emulator.aws.cloud import Cloud
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.engine_calls import COUNTER, EngineCalls

RUNTIME = "aws-native:bedrockagentcore:Runtime"
INPUTS = {
    "agentRuntimeName": "assistant",
    "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": "x"}},
    "roleArn": "arn",
}
STATE = {"AgentRuntimeName": "assistant", "AgentRuntimeId": "assistant-1", "Status": "READY"}


def event(status: str, **more: str) -> dict[str, Any]:
    return {
        "ProgressEvent": {
            "Operation": "CREATE",
            "OperationStatus": status,
            "RequestToken": "token",
            **more,
        }
    }


@dataclass
class Answers:
    """A client that gives prepared answers, for what a service does only on a bad day."""

    start: dict[str, Any]
    then: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    state: dict[str, Any] = field(default_factory=lambda: STATE)

    def create_resource(self, **_: object) -> dict[str, Any]:
        return self.start

    def get_resource_request_status(self, **_: object) -> dict[str, Any]:
        return self.then.pop(0)

    def get_resource(self, **_: object) -> dict[str, Any]:
        return {"ResourceDescription": {"Properties": json.dumps(self.state)}}


class AnsweringClients(Clients):
    def __init__(self, answers: Answers) -> None:
        super().__init__("http://127.0.0.1:9", "111111111111")
        self._answers = answers

    def get(self, service: str, region: str, max_attempts: int) -> Any:
        del service, region, max_attempts
        return self._answers


def provider_with(answers: Answers) -> EngineCalls:
    provider = AwsNativeProvider(AnsweringClients(answers))
    return EngineCalls(provider, Configuration(REGION, "111111111111"))


def test_an_operation_is_followed_until_it_ends() -> None:
    waiting = event("IN_PROGRESS", Identifier="assistant-1")
    done = event("SUCCESS", Identifier="assistant-1")
    native = provider_with(Answers(event("PENDING"), [waiting, done]))
    managed = native.create(RUNTIME, INPUTS)
    assert (managed.resource_id, managed.outputs["status"]) == ("assistant-1", "READY")


def test_a_failed_create_that_left_a_resource_behind_is_not_lost() -> None:
    failed = event(
        "FAILED", Identifier="assistant-1", ErrorCode="NotStabilized", StatusMessage="gave up"
    )
    native = provider_with(
        Answers(event("IN_PROGRESS"), [failed], {**STATE, "Status": "CREATE_FAILED"})
    )
    with pytest.raises(InitializationFailedError) as caught:
        native.create(RUNTIME, INPUTS)
    assert str(caught.value) == 'operation CREATE failed with "NotStabilized": gave up'
    assert caught.value.resource_id == "assistant-1"
    assert caught.value.outputs["status"] == "CREATE_FAILED"
    assert caught.value.inputs == INPUTS


def test_a_failed_create_without_a_resource_is_only_an_error() -> None:
    failed = event("FAILED", ErrorCode="InvalidRequest", StatusMessage="no such role")
    with pytest.raises(ProviderError, match="no such role") as caught:
        provider_with(Answers(failed)).create(RUNTIME, INPUTS)
    assert not isinstance(caught.value, InitializationFailedError)


def test_a_name_that_exists_belongs_to_somebody_else() -> None:
    failed = event("FAILED", Identifier="assistant-1", ErrorCode="AlreadyExists")
    with pytest.raises(ProviderError) as caught:
        provider_with(Answers(failed)).create(RUNTIME, INPUTS)
    assert not isinstance(caught.value, InitializationFailedError), "it must not be adopted"


def test_nobody_waits_for_an_operation_once_the_servers_close() -> None:
    closing = threading.Event()
    waiting = [event("IN_PROGRESS") for _ in range(1000)]
    cloud_control = CloudControl(Answers(event("IN_PROGRESS"), waiting), closing)
    threading.Timer(0.1, closing.set).start()
    started = time.monotonic()
    with pytest.raises(ProviderError, match="was stopped while the operation ran"):
        cloud_control.create(RUNTIME_TYPE, {})
    assert time.monotonic() - started < 1


def test_a_throttled_operation_is_started_again(native: EngineCalls, cloud: Cloud) -> None:
    desired = cloud.runtime()
    uri = desired["AgentRuntimeArtifact"]["ContainerConfiguration"]["ContainerUri"]
    cloud.fault(
        service="cloudcontrolapi", operation="CREATE", resource=RUNTIME_TYPE, fault="throttled"
    )
    managed = native.create(
        RUNTIME,
        {
            "agentRuntimeName": f"throttled{next(COUNTER)}",
            "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": uri}},
            "roleArn": desired["RoleArn"],
        },
    )
    assert managed.outputs["status"] == "READY"
