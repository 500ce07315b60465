"""The offline AWS says no where AWS says no, with AWS's code, and yes one step away."""

import importlib
import pkgutil
import re
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import botocore.session
import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws import refusals
from tests.emulator.aws.cloud import Cloud, RequestFailedError, code_of
from tests.emulator.aws.refusals import Refusal

if TYPE_CHECKING:
    from botocore.model import StringShape

# AWS's "Common errors", which any operation may answer and no model declares.
COMMON_ERRORS = {"ValidationError", "ValidationException"}

# What AWS answers although its model does not declare it, as its users' logs show:
# such as: NoSuchEntity, "Scope ARN: arn:aws:iam::... does not exist or is not attachable."
UNDECLARED = {"iam:CreateRole": {"NoSuchEntity"}}

REFUSALS: list[Refusal] = [
    refusal
    for module in pkgutil.iter_modules(refusals.__path__, f"{refusals.__name__}.")
    for refusal in importlib.import_module(module.name).REFUSALS
]


def empty_account(aws_url: str) -> Cloud:
    return Cloud(aws_url, f"{secrets.randbelow(10**12):012}")


@lru_cache
def declared_codes(operation: str) -> set[str]:
    """Return the error codes that botocore's model declares for "service:Operation"."""
    service, _, name = operation.partition(":")
    model = botocore.session.Session().get_service_model(service)
    return {
        shape.metadata.get("error", {}).get("code", shape.name)
        for shape in model.operation_model(name).error_shapes
    }


@lru_cache
def handler_error_codes() -> set[str]:
    model = botocore.session.Session().get_service_model("cloudcontrol")
    return set(cast("StringShape", model.shape_for("HandlerErrorCode")).enum)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda row: f"{row.operation}: {row.name}")
def test_the_request_is_refused_and_its_good_twin_is_not(aws_url: str, refusal: Refusal) -> None:
    with pytest.raises((ClientError, RequestFailedError)) as refused:
        refusal.bad(empty_account(aws_url))
    error = refused.value
    if isinstance(error, RequestFailedError):
        code, declared = error.code, handler_error_codes()
    else:
        code, declared = code_of(error), declared_codes(refusal.operation)
        operation = refusal.operation.partition(":")[2]
        assert error.operation_name == operation, f"another request was refused: {error}"
    assert code == refusal.code, str(error)
    assert re.search(refusal.says, str(error)), "refused for this reason"
    declared |= UNDECLARED.get(refusal.operation, set())
    assert not declared or code in declared | COMMON_ERRORS, (
        f"{refusal.operation} answers none but {sorted(declared)}"
    )
    refusal.good(empty_account(aws_url))


def test_the_table_is_wide_and_holds_nothing_twice() -> None:
    assert len(REFUSALS) >= 60
    assert len({(row.operation, row.name) for row in REFUSALS}) == len(REFUSALS)
