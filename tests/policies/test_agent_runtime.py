import pytest

from agentcore_policies.agent_runtime import elements, in_vpc
from agentcore_policies.model import UNKNOWN, Value
from tests.policies.judged import resource


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ()),
        ("", ()),
        ([], []),
        ("a", ("a",)),
        (["a", "b"], ["a", "b"]),
        (UNKNOWN, (UNKNOWN,)),
        (0.0, (0.0,)),
    ],
    ids=str,
)
def test_a_single_value_is_a_list_of_one_and_nothing_is_none(
    value: Value, expected: object
) -> None:
    assert elements(value) == expected


def test_only_what_says_so_is_in_vpc_mode() -> None:
    modes: list[Value] = ["VPC", "PUBLIC", "vpc", UNKNOWN, None]
    runtimes = [
        resource(
            "aws-native:bedrockagentcore:Runtime", {"networkConfiguration": {"networkMode": mode}}
        )
        for mode in modes
    ]
    assert list(in_vpc(iter(runtimes))) == runtimes[:1]
