"""What messages show of a value: nothing that is a credential, and something of everything."""

import pytest

from agentcore_policies.credentials import shown
from agentcore_policies.model import SECRET, UNKNOWN, Value
from agentcore_policies.rules.runtime import RULES
from tests.policies.judged import resource, verdicts

DIGEST = f"sha256:{'0' * 8}"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("user:pass@reg.example/x", "(not shown: it looks like a secret)"),
        ("https://user@reg.example/x", "(not shown: it looks like a secret)"),
        (f"nginx:1.27@{DIGEST}", f'"nginx:1.27@{DIGEST}"'),
        ("reg.example/x:tag@home", '"reg.example/x:tag@home"'),
        ("owner@example.com", '"owner@example.com"'),
        ("M\u00fcller", '"M\u00fcller"'),
        ("x" * 78, f'"{"x" * 78}"'),
        ("x" * 79, f'"{"x" * 79}…'),
        ("x" * 100, f'"{"x" * 79}…'),
        (10**400, "(not shown: too large a number)"),
        (-(2**1000), "(not shown: too large a number)"),
        (2**1000 - 1, "1.07150860718627e+301"),
        (1e308, "1e+308"),
        (float("inf"), "inf"),
        (60.0, "60"),
        (True, "true"),
        (None, "null"),
        (UNKNOWN, "(not known)"),
        (SECRET, "(not known)"),
        ({}, "a mapping"),
        ([], "a list"),
    ],
)
def test_of_every_value_a_message_shows_what_it_may(value: Value, told: str) -> None:
    assert shown(value) == told


@pytest.mark.parametrize(
    ("name", "way_out"),
    [("my agent", ' Write "my_agent".'), ("sk-proj-abcdefghijklmnop", " Give one.")],
)
def test_a_name_that_is_not_shown_is_not_shown_spelled_otherwise(name: str, way_out: str) -> None:
    runtime = resource("aws-native:bedrockagentcore:Runtime", {"agentRuntimeName": name})
    (found,) = verdicts(RULES, "runtime-name", runtime)
    assert getattr(found, "message", "").endswith(way_out)
