import gc
import logging
from collections.abc import Iterator

import pytest

from emulator.aws.warm_up import warm_up
from tests.emulator.aws.cloud import Cloud, ask

NOBODY = "000000000000"


@pytest.fixture(autouse=True)
def collector(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Other tests look at all objects."""
    caplog.set_level(logging.INFO, "emulator")
    yield
    gc.unfreeze()


def test_all_that_is_called_answers(aws_url: str, caplog: pytest.LogCaptureFixture) -> None:
    warm_up(aws_url)
    told = [record.getMessage() for record in caplog.records if record.name == "emulator"]
    assert told == ["Warm."], "a call that AWS refuses warms nothing"
    assert gc.isenabled(), "garbage of deployments is collected"


def test_a_call_that_fails_is_told_and_ends_nothing(
    aws_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = Cloud(aws_url, NOBODY)
    nobody.fault(
        service="kms",
        operation="ListKeys",
        fault="failed",
        errorCode="NotFoundException",
        message="Out of luck",
    )
    try:
        warm_up(aws_url)
    finally:
        ask("DELETE", f"{aws_url}/_emulator/faults/{NOBODY}")
    told = [record.getMessage() for record in caplog.records if record.name == "emulator"]
    assert [message.partition(":")[0] for message in told] == ["Not warm"], "the log says why"
    assert gc.isenabled(), "garbage of deployments is collected"
