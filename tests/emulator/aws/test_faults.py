import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.emulator.aws.cloud import ENDPOINT, RUNTIME, Cloud, RequestFailedError, ask, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLER = {"service": "cloudcontrolapi", "operation": "CREATE", "resource": RUNTIME}
CREATE_ROLE = {"service": "iam", "operation": "CreateRole"}


def faults(cloud: Cloud) -> list[dict[str, Any]]:
    return ask("GET", f"{cloud.url}/_emulator/faults/{cloud.account}")["faults"]


def status_of(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def clear(cloud: Cloud) -> None:
    ask("DELETE", f"{cloud.url}/_emulator/faults/{cloud.account}")


def held(cloud: Cloud) -> None:
    """Wait until a fault holds a request."""
    while not any(fault["holding"] for fault in faults(cloud)):
        time.sleep(0.005)


def roles(cloud: Cloud) -> list[str]:
    return [role["RoleName"] for role in cloud.iam.list_roles()["Roles"]]


# Calls of an API ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "signed", "operation", "call", "code", "status"),
    [
        ("iam", "iam", "ListRoles", "list_roles", "Throttling", 400),
        ("sts", "sts", "GetCallerIdentity", "get_caller_identity", "Throttling", 400),
        ("ec2", "ec2", "DescribeVpcs", "describe_vpcs", "RequestLimitExceeded", 503),
        ("ecr", "ecr", "DescribeRepositories", "describe_repositories", "ThrottlingException", 400),
        ("kms", "kms", "ListKeys", "list_keys", "ThrottlingException", 400),
        ("logs", "logs", "DescribeLogGroups", "describe_log_groups", "ThrottlingException", 400),
        ("sns", "sns", "ListTopics", "list_topics", "Throttling", 400),
        (
            "cloudwatch",
            "monitoring",
            "DescribeAlarms",
            "describe_alarms",
            "ThrottlingException",
            400,
        ),
        (
            "cloudcontrol",
            "cloudcontrolapi",
            "ListResourceRequests",
            "list_resource_requests",
            "ThrottlingException",
            400,
        ),
        (
            "bedrock-agentcore-control",
            "bedrock-agentcore",
            "ListAgentRuntimes",
            "list_agent_runtimes",
            "ThrottlingException",
            429,
        ),
    ],
)
def test_every_service_throttles_with_its_own_code(
    cloud: Cloud, service: str, signed: str, operation: str, call: str, code: str, status: int
) -> None:
    cloud.fault(service=signed, operation=operation, fault="throttled")
    asked: Callable[[], Any] = getattr(cloud.client(service), call)
    with pytest.raises(ClientError) as refused:
        asked()
    assert code_of(refused.value) == code
    assert status_of(refused.value) == status


def test_a_failed_call_has_done_nothing_and_tells_its_reason(cloud: Cloud) -> None:
    cloud.fault(**CREATE_ROLE, fault="failed", errorCode="ServiceFailure", message="Out of luck")
    with pytest.raises(ClientError, match="Out of luck") as refused:
        cloud.role()
    assert code_of(refused.value) == "ServiceFailure"
    assert status_of(refused.value) == 500, "as the model of CreateRole says"
    assert roles(cloud) == []
    cloud.role()
    assert roles(cloud) == ["execution"]


def test_a_call_can_be_held_and_then_refused(cloud: Cloud) -> None:
    cloud.fault(**CREATE_ROLE, fault="failed", errorCode="ServiceFailure", seconds=60)
    with ThreadPoolExecutor() as threads:
        refused = threads.submit(cloud.role)
        held(cloud)
        clear(cloud)
        with pytest.raises(ClientError, match="ServiceFailure"):
            refused.result(timeout=5)
    assert roles(cloud) == []


def test_a_fault_strikes_its_operation_resource_and_account_only(
    cloud: Cloud, aws_url: str
) -> None:
    cloud.fault(
        **CREATE_ROLE, resource="execution", fault="failed", errorCode="ServiceFailure", times=2
    )
    cloud.role("execution2")
    cloud.role("other")
    Cloud(aws_url, "121212121212").role("execution")
    for _ in range(2):
        with pytest.raises(ClientError, match="ServiceFailure"):
            cloud.role("execution")
    cloud.role("execution")


def test_a_lost_answer_leaves_the_work_done(cloud: Cloud) -> None:
    cloud.fault(**CREATE_ROLE, fault="lost")
    with pytest.raises(ConnectionClosedError):
        cloud.role()
    assert roles(cloud) == ["execution"]


def test_a_lost_request_leaves_nothing_done(cloud: Cloud) -> None:
    cloud.fault(**CREATE_ROLE, fault="lost", when="before")
    with pytest.raises(ConnectionClosedError):
        cloud.role()
    assert roles(cloud) == []


@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["execution"])])
def test_a_slow_call_is_held_before_or_after_its_work(
    cloud: Cloud, when: str, done: list[str]
) -> None:
    cloud.fault(**CREATE_ROLE, fault="slow", seconds=60, when=when)
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(cloud.role)
        held(cloud)
        assert roles(cloud) == done
        assert not slow.done()
        clear(cloud)
        slow.result(timeout=5)
    assert roles(cloud) == ["execution"], "what is let go of goes on"


# Handlers of Cloud Control ------------------------------------------------------------------------


def test_a_failed_handler_is_told_by_its_progress_event(ready: Cloud) -> None:
    ready.fault(**HANDLER, fault="failed", errorCode="ServiceInternalError", message="Out of luck")
    with pytest.raises(RequestFailedError, match="Out of luck") as refused:
        ready.create(ready.runtime())
    assert refused.value.code == "ServiceInternalError"
    assert ready.create(ready.runtime())


def test_a_throttled_handler_fails_as_throttled(ready: Cloud) -> None:
    ready.fault(**HANDLER, fault="throttled")
    with pytest.raises(RequestFailedError) as refused:
        ready.create(ready.runtime())
    assert refused.value.code == "Throttling"


def test_a_fault_of_a_handler_strikes_the_resource_it_names(ready: Cloud) -> None:
    identifier = ready.create(ready.runtime())
    live = ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    other = ready.create(ready.runtime(AgentRuntimeName="other"))
    ready.fault(
        service="cloudcontrolapi", operation="DELETE", resource=identifier, fault="throttled"
    )
    ready.delete(other)
    with pytest.raises(RequestFailedError, match="Throttling"):
        ready.delete(identifier)
    ready.fault(service="cloudcontrolapi", operation="DELETE", resource=RUNTIME, fault="throttled")
    ready.delete(live, ENDPOINT)
    with pytest.raises(RequestFailedError, match="Throttling"):
        ready.delete(identifier)


def test_a_create_that_fails_halfway_leaves_its_resource_failed(ready: Cloud) -> None:
    ready.fault(**HANDLER, fault="failedHalfway", message="No capacity")
    with pytest.raises(RequestFailedError, match="No capacity") as refused:
        ready.create(ready.runtime())
    assert refused.value.code == "NotStabilized"
    (left,) = ready.control.list_resources(TypeName=RUNTIME)["ResourceDescriptions"]
    assert ready.read(left.get("Identifier", ""))["Status"] == "CREATE_FAILED"


def test_a_fault_halfway_strikes_the_resource_it_names(ready: Cloud) -> None:
    ready.fault(**{**HANDLER, "resource": "other"}, fault="failedHalfway")
    assert ready.create(ready.runtime())
    with pytest.raises(RequestFailedError):
        ready.create(ready.runtime(AgentRuntimeName="other"))


@pytest.mark.parametrize(("when", "status"), [("before", "CREATING"), ("after", "READY")])
def test_a_slow_handler_is_held_before_or_after_its_work(
    ready: Cloud, when: str, status: str
) -> None:
    ready.fault(**HANDLER, fault="slow", seconds=60, when=when)
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(ready.create, ready.runtime())
        held(ready)
        (found,) = ready.control.list_resources(TypeName=RUNTIME)["ResourceDescriptions"]
        assert ready.read(found.get("Identifier", ""))["Status"] == status
        assert not slow.done()
        clear(ready)
        assert slow.result(timeout=5) == found.get("Identifier")


def test_a_new_role_is_not_usable_until_it_has_spread(ready: Cloud) -> None:
    ready.fault(fault="lateRole", seconds=0.6)
    role = ready.role("fresh")
    with pytest.raises(RequestFailedError, match="Role validation failed"):
        ready.create(ready.runtime(RoleArn=role))
    time.sleep(0.6)
    assert ready.create(ready.runtime(RoleArn=role))


# What is asked, told and refused ------------------------------------------------------------------


def test_faults_that_wait_and_that_struck_are_told_until_they_are_cleared(cloud: Cloud) -> None:
    cloud.fault(**CREATE_ROLE, fault="throttled", times=2)
    cloud.fault(fault="lateRole", seconds=1)
    with pytest.raises(ClientError):
        cloud.role()
    throttled, late = faults(cloud)
    assert (throttled["struck"], throttled["times"]) == (1, 2)
    assert (late["fault"], late["seconds"]) == ("lateRole", 1)
    clear(cloud)
    assert faults(cloud) == []
    assert cloud.role()


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        ({"fault": "unlucky"}, ["'unlucky'", "'throttled'", "'lateRole'"]),
        (
            {"service": "imm", "times": 0, "fault": "failed", "tpyo": 1},
            [
                "service: 'imm' is none of",
                "operation: Field required",
                "errorCode: Field required",
                "times: Input should be greater",
                "tpyo: Extra inputs",
            ],
        ),
        (
            {"service": "iam", "operation": "CreateRol", "fault": "lost"},
            ["did you mean CreateRole?"],
        ),
        ({"service": "iam", "operation": "CREATE", "fault": "lost"}, ["no operation of iam"]),
        ({**HANDLER, "fault": "lost"}, ["gives no answer that can be lost"]),
        ({**HANDLER, "fault": "failed", "errorCode": "x"}, ["'x' is none of NotUpdatable"]),
        (
            {**HANDLER, "operation": "DELETE", "fault": "failedHalfway"},
            ["operation: Input should be"],
        ),
        (
            {**HANDLER, "fault": "failed", "errorCode": "Throttling", "seconds": 1},
            ["seconds: a handler that fails does so at once"],
        ),
        ({**CREATE_ROLE, "fault": "slow"}, ["seconds: Field required"]),
        ({**CREATE_ROLE, "fault": "throttled", "seconds": 1}, ["seconds: Extra inputs"]),
        ({"fault": "lateRole", "seconds": "soon"}, ["seconds: Input should be a valid number"]),
        ({"fault": "lateRole", "seconds": 1, "account": "1"}, ["account: String should match"]),
    ],
)
def test_all_that_is_wrong_with_a_fault_is_told_at_once(
    cloud: Cloud, wanted: dict[str, Any], reasons: list[str]
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        cloud.fault(**wanted)
    with refused.value as answer:
        said = answer.read().decode()
    for reason in reasons:
        assert reason in said
