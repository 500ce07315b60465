"""Throttled, slow and lost requests, as the real plugins meet them, at an AWS that makes them."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.provider.experimental.provider import CreateRequest

from emulator.providers.aws.provider import AwsProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.retries import MAX_ATTEMPTS
from tests.emulator.aws.cloud import Cloud, ask
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.engine_calls import EngineCalls, Managed
from tests.emulator.providers.native_samples import NATIVE_SAMPLES, RUNTIME, Account, unique
from tests.emulator.providers.samples import KEY, REPOSITORY, ROLE, trust

HANDLER = "cloudcontrolapi"


@pytest.fixture(autouse=True)
def _no_fault_stays(cloud: Cloud) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    yield
    clear(cloud)


def faults(cloud: Cloud) -> list[dict[str, Any]]:
    """The faults asked for, with how often each struck."""
    return ask("GET", f"{cloud.url}/_emulator/faults/{cloud.account}")["faults"]


def clear(cloud: Cloud) -> None:
    ask("DELETE", f"{cloud.url}/_emulator/faults/{cloud.account}")


@pytest.fixture
def runtime(native: EngineCalls, cloud: Cloud) -> dict[str, Any]:
    return NATIVE_SAMPLES[RUNTIME].inputs(Account(native, cloud))


@pytest.mark.parametrize(
    ("token", "service", "operation", "fault"),
    [
        (REPOSITORY, "ecr", "CreateRepository", {"fault": "throttled", "times": 4}),
        (ROLE, "iam", "CreateRole", {"fault": "throttled", "times": 4}),
        (KEY, "kms", "CreateKey", {"fault": "failed", "errorCode": "ServiceUnavailable"}),
        (ROLE, "iam", "GetRole", {"fault": "lost", "when": "before"}),
        (REPOSITORY, "ecr", "CreateRepository", {"fault": "lost", "when": "before"}),
    ],
)
def test_what_was_not_done_is_asked_for_again(
    aws: EngineCalls, cloud: Cloud, token: str, service: str, operation: str, fault: dict[str, Any]
) -> None:
    inputs = {"assumeRolePolicy": trust()} if token == ROLE else {}
    cloud.fault(service=service, operation=operation, **fault)
    managed = aws.create(token, inputs)
    assert aws.read(managed) is not None
    assert all(asked["struck"] == asked["times"] for asked in faults(cloud)), "it did happen"


def test_attempts_end_at_the_configured_number(aws: EngineCalls, cloud: Cloud) -> None:
    limited = EngineCalls(
        aws.provider, Configuration(REGION, aws.configuration.account, max_attempts=3)
    )
    cloud.fault(fault="throttled", service="kms", operation="CreateKey", times=3)
    with pytest.raises(ProviderError, match="ThrottlingException"):
        limited.create(KEY, {})
    cloud.fault(fault="throttled", service="kms", operation="CreateKey", times=2)
    assert limited.create(KEY, {}).outputs["arn"], "one fewer passes"


def test_the_real_plugins_25_attempts_are_the_default(aws: EngineCalls) -> None:
    assert aws.configuration.max_attempts == MAX_ATTEMPTS == 25


def test_a_create_whose_answer_was_lost_is_done_once_by_its_client_token(
    native: EngineCalls, cloud: Cloud, runtime: dict[str, Any]
) -> None:
    client = native.provider.clients.get("cloudcontrol", REGION, MAX_ATTEMPTS)
    tokens: list[str] = []

    def keep(request: Any, **_event: object) -> None:
        tokens.append(json.loads(request.body)["ClientToken"])

    event = "before-send.cloudcontrol.CreateResource"
    client.meta.events.register(event, keep)
    cloud.fault(fault="lost", service=HANDLER, operation="CreateResource")
    managed = native.create(RUNTIME, runtime)
    client.meta.events.unregister(event, keep)

    assert len(tokens) == 2, "sent again"
    assert len(set(tokens)) == 1, "as the same request"
    names = [item["agentRuntimeName"] for item in every_runtime(cloud)]
    assert names.count(runtime["agentRuntimeName"]) == 1, "and done once"
    assert managed.outputs["status"] == "READY"


def every_runtime(cloud: Cloud) -> list[dict[str, Any]]:
    pages = cloud.agentcore.get_paginator("list_agent_runtimes").paginate()
    return [dict(item) for page in pages for item in page["agentRuntimes"]]


@pytest.mark.parametrize("operation", ["GetResourceRequestStatus", "GetResource"])
def test_a_lost_look_is_taken_again(
    native: EngineCalls, cloud: Cloud, runtime: dict[str, Any], operation: str
) -> None:
    cloud.fault(fault="lost", service=HANDLER, operation=operation)
    assert native.create(RUNTIME, runtime).outputs["status"] == "READY"


def test_a_throttled_handler_is_asked_with_another_client_token(
    native: EngineCalls, cloud: Cloud, runtime: dict[str, Any]
) -> None:
    cloud.fault(fault="throttled", service=HANDLER, operation="CREATE", times=3)
    assert native.create(RUNTIME, runtime).outputs["status"] == "READY", (
        "the same token would be answered with the same failure"
    )


def test_a_create_without_a_client_token_finds_that_it_was_done(
    aws: EngineCalls, cloud: Cloud
) -> None:
    name = unique("lost")
    cloud.fault(fault="lost", service="ecr", operation="CreateRepository")
    with pytest.raises(ProviderError, match="RepositoryAlreadyExistsException"):
        aws.create(REPOSITORY, {"name": name})
    assert aws.imported(REPOSITORY, name).outputs["name"] == name, "it waits to be adopted"


def test_a_slow_request_holds_up_no_other_one(aws: EngineCalls, cloud: Cloud) -> None:
    slow, fast = unique("slow"), unique("fast")
    cloud.fault(
        fault="slow", service="ecr", operation="CreateRepository", resource=slow, seconds=30
    )
    other = EngineCalls(aws.provider, aws.configuration)
    done: list[Managed] = []
    thread = threading.Thread(target=lambda: done.append(aws.create(REPOSITORY, {"name": slow})))
    thread.start()
    while not any(asked["holding"] for asked in faults(cloud)):
        assert thread.is_alive(), "it was not held"
        time.sleep(0.005)
    assert other.create(REPOSITORY, {"name": fast}).resource_id == fast
    assert not done, "the slow one is still waited for"
    clear(cloud)
    thread.join()
    assert done[0].resource_id == slow


def test_a_slow_answer_is_waited_for_without_a_limit(clients: Clients) -> None:
    assert clients.get("ecr", REGION, MAX_ATTEMPTS).meta.config.read_timeout is None


def test_that_nobody_listens_is_said_at_once() -> None:
    provider = AwsProvider(Clients("http://127.0.0.1:9", "111111111111"))
    EngineCalls(provider, Configuration(REGION, "111111111111"))
    request = CreateRequest(f"urn:pulumi:dev::p::{KEY}::key", {}, 0, preview=False)
    started = time.monotonic()
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1:9 does not answer.*emulator start"):
        asyncio.run(provider.create(request))
    assert time.monotonic() - started < 2, "25 attempts would take longer"


class TestHalfway:
    """A creation that fails half-way, and what the engine does with it at the next `up`."""

    def failed(self, native: EngineCalls, cloud: Cloud, inputs: dict[str, Any]) -> Managed:
        """What the engine's state has after the failure."""
        cloud.fault(fault="failedHalfway", operation="CREATE", message="No capacity")
        with pytest.raises(InitializationFailedError, match="No capacity") as caught:
            native.create(RUNTIME, inputs)
        left = native.imported(RUNTIME, caught.value.resource_id)
        assert left.outputs["status"] == caught.value.outputs["status"] == "CREATE_FAILED"
        return Managed(left.resource, left.resource_id, caught.value.inputs, caught.value.outputs)

    def test_is_updated_by_the_difference_when_the_program_changed(
        self, native: EngineCalls, cloud: Cloud, runtime: dict[str, Any]
    ) -> None:
        failed = self.failed(native, cloud, runtime)
        repaired = native.update(failed, {**runtime, "description": "smaller"})
        assert repaired.outputs["description"] == "smaller"

    def test_can_be_destroyed(
        self, native: EngineCalls, cloud: Cloud, runtime: dict[str, Any]
    ) -> None:
        failed = self.failed(native, cloud, runtime)
        native.delete(failed)
        assert native.read(failed) is None
