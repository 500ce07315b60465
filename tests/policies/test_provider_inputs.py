"""What a provider was configured with, as it is on the wire."""

from dataclasses import replace
from typing import Any, Final

import pytest

from agentcore_policies.model import UNKNOWN, Resource, Value
from agentcore_policies.provider_inputs import own_accounts, provider_input
from tests.policies.judged import resource

ACCOUNT: Final = "222222222222"


def provided(name: str, value: Any) -> Resource:
    return replace(resource("aws:s3/bucket:Bucket", {}), provider={name: value})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('["a", "b"]', ["a", "b"]),
        ('{"tags": {"Team": "x"}}', {"tags": {"Team": "x"}}),
        ("[a]", "[a]"),
        ("us-east-1", "us-east-1"),
        ("7", "7"),
        ("true", "true"),
        ('"text"', '"text"'),
        ("", ""),
        (["a"], ["a"]),
        (UNKNOWN, UNKNOWN),
        (None, None),
    ],
    ids=str,
)
def test_only_what_is_nested_is_json(given: Any, expected: Value) -> None:
    assert provider_input(provided("name", given), "name") == expected
    assert provider_input(provided("other", given), "name") is None


@pytest.mark.parametrize(
    ("given", "accounts"),
    [
        (f'["{ACCOUNT}"]', [ACCOUNT]),
        ([ACCOUNT, "333333333333"], [ACCOUNT, "333333333333"]),
        (ACCOUNT, [ACCOUNT]),
        ([ACCOUNT[1:], f"{ACCOUNT}2", f"x{ACCOUNT}", "two"], []),
        ([ACCOUNT, UNKNOWN, 222222222222.0], [ACCOUNT]),
        (UNKNOWN, []),
        ([], []),
        (None, []),
    ],
    ids=str,
)
def test_an_account_has_twelve_digits(given: Any, accounts: list[str]) -> None:
    assert own_accounts(provided("allowedAccountIds", given)) == accounts
