"""The offline AWS says no where AWS says no, with AWS's code, and yes one step away."""

import importlib
import pkgutil
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.aws.moto_services.refused import UNDECLARED
from tests.emulator.aws import refusals
from tests.emulator.aws.cloud import REGION, Cloud, RequestFailedError, code_of, random_account
from tests.emulator.aws.refusals import Refusal
from tests.judgement.response_judge import judge_responses

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.model import StringShape

REFUSALS: list[Refusal] = [
    refusal
    for module in pkgutil.iter_modules(refusals.__path__, f"{refusals.__name__}.")
    for refusal in importlib.import_module(module.name).REFUSALS
]


class OneAtATime(Cloud):
    """An account whose clients were those of the account before: making one costs as much as a row.

    It may be used until the next one is made.
    """

    def client(self, service: str, **options: Any) -> Any:
        return super().client(service, **options) if options else shared_client(self.url, service)


@lru_cache
def shared_session() -> "Session":
    return boto3.Session("000000000000", "offline", region_name=REGION)


@lru_cache
def shared_client(aws_url: str, service: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
    session = cast("Any", shared_session())
    return judge_responses(session.client(service, endpoint_url=aws_url, config=config))


def empty_account(aws_url: str) -> Cloud:
    account = random_account()
    cast("Any", shared_session()).get_credentials().access_key = account
    return OneAtATime(aws_url, account)


@lru_cache
def handler_error_codes() -> set[str]:
    model = botocore.session.Session().get_service_model("cloudcontrol")
    return set(cast("StringShape", model.shape_for("HandlerErrorCode")).enum)


@pytest.mark.filterwarnings(f"ignore:{UNDECLARED}")
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda row: f"{row.operation}: {row.name}")
def test_the_request_is_refused_and_its_good_twin_is_not(aws_url: str, refusal: Refusal) -> None:
    with pytest.raises((ClientError, RequestFailedError)) as refused:
        refusal.bad(empty_account(aws_url))
    error = refused.value
    if isinstance(error, RequestFailedError):
        code = error.code
        assert code in handler_error_codes()
    else:
        # That the model declares the code is what each client's judge of responses looks at.
        code = code_of(error)
        operation = refusal.operation.partition(":")[2]
        assert error.operation_name == operation, f"another request was refused: {error}"
    assert code == refusal.code, str(error)
    assert re.search(refusal.says, str(error)), "refused for another reason"
    refusal.good(empty_account(aws_url))


def test_the_table_is_wide_and_holds_nothing_twice() -> None:
    assert len(REFUSALS) >= 60
    assert len({(row.operation, row.name) for row in REFUSALS}) == len(REFUSALS)
