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


def _not_allowed(arguments: dict[str, Any]) -> dict[str, Any]:
    number = abs(hash(str(arguments)))
    raise NotFoundError(f"https response, RequestID: {number}, api error: not authorized")


def test_what_may_not_be_looked_up_is_told_once_with_all_it_concerns() -> None:
    answers: dict[str, Answer] = dict.fromkeys((_ZONES, _SERVICE, _PREFIX_LIST), _not_allowed)
    run = run_program("prod", committed("prod"), answers=answers)
    assert run.exit_code == 32
    (message,) = run.errors
    (finding,) = [line for line in message.split("\n") if line.startswith("  - ")]
    for what in ("availability zones", "com.amazonaws.us-east-1.logs", "prefix list of s3"):
        assert what in finding
    assert finding.count("https response, api error: not authorized") == 1
    assert all(one.is_provider for one in run.resources), "nothing of AWS was registered"


def test_what_fails_for_different_reasons_is_told_for_each() -> None:
    def nothing(_: dict[str, Any]) -> dict[str, Any]:
        raise NotFoundError("no such list")

    answers = {**OWN_NETWORK, _SERVICE: _not_allowed, _PREFIX_LIST: nothing}
    (message,) = run_program("prod", committed("prod"), answers=answers).errors
    findings = [line for line in message.split("\n") if line.startswith("  - ")]
    assert ["not authorized" in line for line in findings] == [True, False]
    assert findings[1] == "  - prefix list of s3: no such list"
