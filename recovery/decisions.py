"""What becomes of a resource whose creation was begun or is planned, after AWS was asked.

Only what is provably the stack's is adopted: a thing with a name that carries every tag it would be
made with, a thing with the stack's identity tag, and a part of something the stack has already.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from recovery.lookups import Inputs, Lookup, Owner, Thing
from recovery.stack_state import Adoption, Record, StackState

_CLOCKS_DIFFER: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Missing:
    """AWS has no such thing."""

    record: Record


@dataclass(frozen=True)
class Refusal:
    """AWS has something, or cannot be asked, and only a person can decide."""

    record: Record
    reason: str


Decision = Adoption | Missing | Refusal


def decide(
    record: Record,
    lookup: Lookup,
    things: Sequence[Thing],
    state: StackState,
    last_deployed: Callable[[], datetime | None],
) -> Decision:
    """What becomes of one resource.

    Args:
        record: the resource, with the inputs it is made with.
        lookup: how its type is found.
        things: what was found, the newest first.
        state: the state it is missing in.
        last_deployed: when the stack was last deployed with success. What has no name and is
            older was not made by the deployment that failed: it may be retained on purpose.
    """
    known = state.ids(record["type"])
    things = [thing for thing in things if thing.id not in known]
    if things and not lookup.named:
        things = _younger(things, last_deployed())
    if not things:
        return Missing(record)
    thing = things[0]
    told = lookup.named or thing.owner is not None
    reason = _foreign(thing, Inputs(record.get("inputs") or {}), state) if told else ""
    if reason:
        return Refusal(record, f"{thing.id} exists, and {reason}")
    return Adoption(record, thing.id, broken=thing.broken)


def _younger(things: Sequence[Thing], deployed: datetime | None) -> list[Thing]:
    if deployed is None:
        return list(things)
    earliest = deployed - _CLOCKS_DIFFER
    return [thing for thing in things if thing.created is None or thing.created >= earliest]


def _foreign(thing: Thing, inputs: Inputs, state: StackState) -> str:
    """Why a thing is not provably the stack's; empty when it is."""
    if thing.owner is not None:
        return _foreign_owner(thing.owner, state)
    wanted = inputs.tags
    if not wanted:
        return "it is planned without tags, so nothing tells whose it is"
    carried = thing.tags or {}
    other = [
        f"{key}={carried[key]}" if key in carried else f"no {key}"
        for key in wanted
        if carried.get(key) != wanted[key]
    ]
    return f"its tags are not the stack's: it has {', '.join(other)}" if other else ""


def _foreign_owner(owner: Owner, state: StackState) -> str:
    if owner.id in state.ids(owner.type):
        return ""
    return f"it belongs to {owner.type.rpartition(':')[2]} {owner.id}, which is not the stack's"
