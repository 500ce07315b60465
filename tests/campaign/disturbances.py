"""What a deployment is disturbed with at a step: killed around it, or a fault of AWS in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tests.campaign.site import NotDisturbedError, Site
from tests.campaign.steps import IMAGE, Step


class Kind(StrEnum):
    """A kill of the whole process group around a step, or a fault that strikes its request."""

    KILL_BEFORE = "kill before"
    KILL_DURING = "kill during"
    KILL_AFTER = "kill after"
    THROTTLED = "throttled"
    FAILED = "failed"
    FAILED_HALFWAY = "failedHalfway"
    SLOW = "slow"
    LOST = "lost"
    LATE_ROLE = "lateRole"


# AWS's answer to these is no reason for a deployment to fail.
_WITHSTOOD: Final = (Kind.THROTTLED, Kind.SLOW, Kind.LATE_ROLE)

_KILLS: Final = (Kind.KILL_BEFORE, Kind.KILL_DURING, Kind.KILL_AFTER)
_CALL: Final = (*_KILLS, Kind.THROTTLED, Kind.FAILED, Kind.SLOW, Kind.LOST)
_HANDLER: Final = (
    Kind.KILL_DURING,
    Kind.THROTTLED,
    Kind.FAILED,
    Kind.FAILED_HALFWAY,
    Kind.SLOW,
)
_RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
_BEHIND_ANSWERS: Final[Mapping[str, tuple[Kind, ...]]] = {
    _RUNTIME: (Kind.FAILED_HALFWAY, Kind.LATE_ROLE),
    "aws-native:bedrockagentcore:RuntimeEndpoint": (Kind.FAILED_HALFWAY,),
}
_HELD_SECONDS: Final = 120
_ROLE_SECONDS: Final = 3
_WORKING_SECONDS: Final = 2
_SLOW_SECONDS: Final = 1
_REFUSED: Final = {"fault": "failed", "errorCode": "AccessDenied"}


@dataclass(frozen=True)
class Scenario:
    """One disturbance of one step.

    Attributes:
        step: where.
        kind: with what.
        later: the steps that come once its resource is there.
    """

    step: Step
    kind: Kind
    later: tuple[Step, ...]

    @property
    def makes_two(self) -> bool:
        """Whether a request that is sent again makes a second thing.

        AWS knows most requests again by a name or a client token; a key has neither.
        """
        return self.step.operation == "CreateKey" and self.kind is Kind.LOST

    def __str__(self) -> str:
        return f"{self.step.resource} {self.step.operation}: {self.kind}"


def scenarios(steps: Iterable[Step]) -> Iterator[Scenario]:
    """Every step with every disturbance that it can meet."""
    known = list(steps)
    # While an image is pushed between two updates, the role grows old enough.
    pushes = any(step.resource == IMAGE for step in known)
    for place, step in enumerate(known):
        later = tuple(
            one
            for one in known[place + 1 :]
            if not (one.in_handler or (one.urns and one.urns == step.urns))
        )
        kinds = _HANDLER if step.in_handler else _CALL
        yield from (Scenario(step, kind, later) for kind in kinds)
        if step.resource == _RUNTIME and step.in_handler and not pushes:
            yield Scenario(step, Kind.LATE_ROLE, later)


def uncovered(planned: Iterable[Scenario], resources: Iterable[str]) -> list[str]:
    """What a plan leaves out: a resource's phase, or a fault that can strike its requests."""
    covered = {(scenario.step.resource, scenario.kind) for scenario in planned}
    wanted = [
        (resource, kind)
        for resource in resources
        for kind in (*_CALL, *(_BEHIND_ANSWERS.get(resource, ())))
    ]
    return [f"{resource}: {kind}" for resource, kind in wanted if (resource, kind) not in covered]


def disturb(site: Site, scenario: Scenario) -> int | None:
    """Run a disturbed `up`. Returns its exit code, None when it was killed.

    Raises NotDisturbedError when the disturbance did not come about.
    """
    match scenario.kind:
        case Kind.KILL_BEFORE:
            _ask(site, scenario.step, **_REFUSED, seconds=_HELD_SECONDS)
            site.up_killed(lambda: _holds(site))
        case Kind.KILL_DURING:
            # A handler goes on with its work, whoever has asked for it; the answer of a call is
            # held until nobody waits for it.
            seconds = _WORKING_SECONDS if scenario.step.in_handler else _HELD_SECONDS
            when = "before" if scenario.step.in_handler else "after"
            _ask(site, scenario.step, fault="slow", when=when, seconds=seconds)
            site.up_killed(lambda: _holds(site))
            if scenario.step.in_handler:
                return None
        case Kind.KILL_AFTER:
            for step in scenario.later:
                _ask(site, step, **_REFUSED, seconds=_HELD_SECONDS)
            site.up_killed(lambda: _is_done(site, scenario.step))
        case _:
            return _with_fault(site, scenario)
    site.clear_faults()
    return None


def _with_fault(site: Site, scenario: Scenario) -> int:
    step = scenario.step
    match scenario.kind:
        case Kind.THROTTLED:
            _ask(site, step, fault="throttled", times=2)
        case Kind.FAILED if step.in_handler:
            _ask(site, step, fault="failed", errorCode="ServiceInternalError")
        case Kind.FAILED:
            _ask(site, step, **_REFUSED)
        case Kind.SLOW:
            when = "before" if step.in_handler else "after"
            _ask(site, step, fault="slow", when=when, seconds=_SLOW_SECONDS)
        case Kind.LATE_ROLE:
            site.ask_fault(fault="lateRole", seconds=_ROLE_SECONDS)
        case kind:
            _ask(site, step, fault=kind)
    code = site.up()
    if scenario.kind is Kind.LATE_ROLE:
        happened = "IAM takes a moment" in site.output.read_text("utf-8")
    else:
        happened = any(fault["struck"] for fault in site.faults())
    site.clear_faults()
    if not happened:
        raise NotDisturbedError("the fault did not strike")
    if code and scenario.kind in _WITHSTOOD:
        raise NotDisturbedError(f"up failed with exit code {code} where it can go on")
    return code


def _ask(site: Site, step: Step, **fault: Any) -> None:
    site.ask_fault(service=step.service, operation=step.operation, resource=step.word, **fault)


def _holds(site: Site) -> bool:
    return any(fault["holding"] for fault in site.faults())


def _is_done(site: Site, step: Step) -> bool:
    """Told by the engine, or for an image by what comes after it."""
    return site.made(step.urns) if step.resource != IMAGE else _holds(site)
