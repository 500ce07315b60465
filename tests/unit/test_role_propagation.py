"""When the create of a runtime is tried again, and for how long."""

import asyncio

import pulumi
import pytest

from infra.role_propagation import try_again

NOT_YET = "Role validation failed for 'arn:aws:iam::111111111111:role/x'"
NO_IMAGE_YET = "Access denied while validating ECR URI '1.dkr.ecr.us-east-1.amazonaws.com/x'"
FINAL = "The specified image identifier does not exist"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits are noted down instead of waited."""
    noted: list[float] = []

    async def note(seconds: float) -> None:
        noted.append(seconds)

    def say(_message: str) -> None:
        return None

    monkeypatch.setattr(asyncio, "sleep", note)
    monkeypatch.setattr(pulumi.log, "info", say)
    return noted


def _tries_again(errors: list[str], operation: str = "create") -> bool:
    return asyncio.run(
        try_again(
            pulumi.ErrorHookArgs(
                urn="urn",
                id="",
                name="assistant",
                type="t",
                failed_operation=operation,
                errors=errors,
            )
        )
    )


@pytest.mark.parametrize("error", [NOT_YET, NO_IMAGE_YET, f"creating failed: {NOT_YET}. (Service)"])
def test_a_role_not_yet_visible_is_tried_again(waits: list[float], error: str) -> None:
    assert _tries_again([error])
    assert waits == [2], "not at once"


@pytest.mark.parametrize("error", [FINAL, "", "AccessDeniedException", "role validation failed"])
def test_any_other_failure_is_final(waits: list[float], error: str) -> None:
    assert not _tries_again([error])
    assert waits == [], "and is told at once"


@pytest.mark.parametrize("operation", ["update", "delete", ""])
def test_only_a_create_is_tried_again(waits: list[float], operation: str) -> None:
    assert not _tries_again([NOT_YET], operation), "the role of an update has long been visible"
    assert waits == []


def test_the_newest_error_decides(waits: list[float]) -> None:
    assert not _tries_again([FINAL, NOT_YET]), "the errors come newest first"
    assert _tries_again([NOT_YET, FINAL])
    assert waits == [4]


def test_no_errors_are_no_reason(waits: list[float]) -> None:
    assert not _tries_again([])
    assert waits == []


def test_it_gives_up_within_two_minutes(waits: list[float]) -> None:
    attempts = 1
    while _tries_again([NOT_YET] * attempts):
        attempts += 1
        assert attempts < 100, "it never gives up"

    assert attempts == 8, "the first attempt and seven more"
    assert waits == sorted(waits), "each wait is at least as long as the one before"
    assert 60 <= sum(waits) <= 120, "as long as CloudFormation's own handler tries"
