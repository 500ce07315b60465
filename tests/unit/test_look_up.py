"""What a look-up that failed says, in the words of the SDK, the engine and the Terraform bridge."""

import pytest

from infra.look_up import reason_of

_VPC = "aws:ec2/getVpc:getVpc"
_BRIDGE = (
    f"invocation of {_VPC} returned an error: invoking {_VPC}: 1 error occurred:\n"
    "\t* no matching EC2 VPC found\n\n"
)


@pytest.mark.parametrize(
    "said",
    [
        f"invoke of {_VPC} failed: {_BRIDGE}",
        f"invoke of {_VPC} failed: {_BRIDGE} ()",
        f"invoke of {_VPC} failed: invocation of {_VPC} returned an error: "
        f"invoking {_VPC}: no matching EC2 VPC found",
        f"invoke of {_VPC} failed: invocation of {_VPC} returned an error: "
        "no matching EC2 VPC found",
        f"invoke of {_VPC} failed: no matching EC2 VPC found ()",
        "no matching EC2 VPC found",
    ],
    ids=["bridge", "bridge, a failure", "bridge, no list", "engine", "a failure", "bare"],
)
def test_the_words_around_a_reason_are_left_out(said: str) -> None:
    assert reason_of(Exception(said)) == "no matching EC2 VPC found"


def test_what_a_reason_says_itself_is_kept() -> None:
    said = "reading EC2 VPC: api error: invoke of lambda failed: x, pass *"
    assert reason_of(Exception(f"invoke of {_VPC} failed: {said}")) == said


def test_of_several_errors_the_last_is_the_reason() -> None:
    two = _BRIDGE.replace("1 error", "2 errors").replace("\t* no", "\t* first\n\t* no")
    assert reason_of(Exception(two)) == "no matching EC2 VPC found"
