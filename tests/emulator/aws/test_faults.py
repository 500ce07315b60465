import time
import urllib.error

import pytest

from tests.emulator.aws.cloud import ENDPOINT, RUNTIME, Cloud, RequestFailedError


def test_the_next_create_fails_as_asked_and_the_one_after_works(ready: Cloud) -> None:
    ready.fault(
        operation="CREATE",
        typeName=RUNTIME,
        errorCode="ServiceInternalError",
        message="Out of luck",
    )
    with pytest.raises(RequestFailedError, match="Out of luck") as refused:
        ready.create(ready.runtime())
    assert refused.value.code == "ServiceInternalError"
    assert ready.create(ready.runtime())


def test_a_fault_hits_its_operation_type_and_account_only(ready: Cloud, aws_url: str) -> None:
    other = Cloud(aws_url, "121212121212").prepared()
    ready.fault(operation="DELETE", typeName=RUNTIME, errorCode="Throttling", times=2)
    identifier = ready.create(ready.runtime())
    live = ready.create({"AgentRuntimeId": identifier, "Name": "live"}, ENDPOINT)
    ready.delete(live, ENDPOINT)
    other.delete(other.create(other.runtime()))
    for _ in range(2):
        with pytest.raises(RequestFailedError, match="Throttling"):
            ready.delete(identifier)
    ready.delete(identifier)


def test_a_slow_create_takes_as_long_as_asked(ready: Cloud) -> None:
    ready.fault(operation="CREATE", typeName=RUNTIME, delaySeconds=0.4)
    started = time.monotonic()
    ready.create(ready.runtime())
    assert time.monotonic() - started >= 0.4


def test_a_new_role_is_not_usable_until_it_has_spread(ready: Cloud) -> None:
    ready.fault(roleDelaySeconds=0.6)
    role = ready.role("fresh")
    with pytest.raises(RequestFailedError, match="Role validation failed"):
        ready.create(ready.runtime(RoleArn=role))
    time.sleep(0.6)
    assert ready.create(ready.runtime(RoleArn=role))


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"operation": "READ", "typeName": RUNTIME, "errorCode": "x"}, "CREATE, UPDATE, DELETE"),
        ({"operation": "CREATE", "errorCode": "x"}, "typeName is missing"),
        ({"operation": "CREATE", "typeName": RUNTIME}, "give errorCode"),
        ({"roleDelaySeconds": 1, "tpyo": 1}, "unknown: tpyo"),
        ({"roleDelaySeconds": "soon"}, "could not convert string to float: 'soon'"),
    ],
)
def test_a_fault_that_says_too_little_is_refused(
    cloud: Cloud, wanted: dict[str, object], reason: str
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        cloud.fault(**wanted)
    with refused.value as answer:
        assert reason in answer.read().decode()
