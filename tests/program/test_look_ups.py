"""What the plan of a network asks the region."""

import threading
from typing import Any

from tests.program.looked_up import OWN_NETWORK, Answer, NotFoundError
from tests.program.program_run import run_program
from tests.stack_files import committed

_ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
_SERVICE = "aws:ec2/getVpcEndpointService:getVpcEndpointService"
_PREFIX_LIST = "aws:ec2/getPrefixList:getPrefixList"


def test_zones_services_and_prefix_lists_are_asked_for_at_once() -> None:
    together = threading.Barrier(4)

    def waiting(answer: Answer) -> Answer:
        def wait(arguments: dict[str, Any]) -> dict[str, Any]:
            if ".ecr." in arguments.get("serviceName", ".ecr."):
                together.wait(timeout=20)
            return answer(arguments)

        return wait

    answers = {token: waiting(answer) for token, answer in OWN_NETWORK.items()}
    run = run_program("prod", committed("prod"), answers=answers)
    assert run.exit_code is None, "zones, prefix list and both services of ECR waited for another"


def test_all_that_is_not_found_is_told_in_one_message() -> None:
    def nothing(_: dict[str, Any]) -> dict[str, Any]:
        raise NotFoundError("not authorized")

    answers: dict[str, Answer] = dict.fromkeys((_ZONES, _SERVICE, _PREFIX_LIST), nothing)
    run = run_program("prod", committed("prod"), answers=answers)
    assert run.exit_code == 32
    (message,) = run.errors
    for what in ("availability zones", "com.amazonaws.us-east-1.logs", "prefix list of s3"):
        assert f"{what}: not authorized" in message
    assert all(one.is_provider for one in run.resources), "nothing of AWS was registered"
