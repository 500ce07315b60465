"""What the state keeps of where a resource was made."""

import sys
from typing import Any, Final

import pytest

from infra.call_stack import short_call_stacks
from tests.program.program_run import run_program
from tests.stack_files import CHECKOUT, committed, with_images

_MOST: Final = 6


def test_every_resource_records_the_programs_own_frames_and_few_others() -> None:
    resources = run_program("dev", with_images(committed("dev"))).resources
    assert resources, "the program registers something"
    for resource in resources:
        request: Any = resource.options
        frames: list[str] = [frame.pc.uri for frame in request.stackTrace.frames]
        made_at = {frame.removeprefix(CHECKOUT.as_uri()) for frame in frames}
        assert "/infra/stack.py" in made_at, f"{resource.urn} was made at {frames}"
        assert len(frames) <= _MOST, f"the state of {resource.urn} keeps {frames}"


def test_a_failure_among_them_keeps_its_whole_traceback() -> None:
    with pytest.raises(ValueError, match="deep"), short_call_stacks():
        raise ValueError("deep")
    assert not hasattr(sys, "tracebacklimit"), "an exception is shown without a limit"
