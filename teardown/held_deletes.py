"""What an ``up`` would delete of a network and cannot, because the service holds it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recovery.stack_state import Record, StackState
from teardown.held_network import Clients, held_by_service, kept_with, used_by_agents


@dataclass(frozen=True)
class HeldDeletes:
    """Deletes that an ``up`` has to leave out.

    Attributes:
        urns: the subnets and security groups; the engine keeps what they stand on.
        kept: all of these, as the state has them.
    """

    urns: tuple[str, ...] = ()
    kept: tuple[Record, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """What a ``pulumi up`` is told to leave them out."""
        return [part for urn in self.urns for part in ("--exclude", urn)]

    @property
    def protected(self) -> list[Record]:
        """What stays protected, also once nobody holds it."""
        return [record for record in self.kept if record.get("protect")]


def held_deletes(
    state: StackState, clients: Clients, plan: Callable[[], Iterable[Mapping[str, Any]]]
) -> HeldDeletes:
    """Find them.

    Args:
        state: the stack's state.
        clients: AWS.
        plan: makes the steps of the ``up``; asked only when something is held that it may delete.

    Raises:
        TeardownError: AWS cannot be asked.
    """
    held = {*held_by_service(state, clients).urns, *used_by_agents(state)}
    if not held:
        return HeldDeletes()
    deleted = {step["urn"] for step in plan() if step["op"] == "delete"}
    urns = tuple(sorted(held & deleted))
    return HeldDeletes(urns, tuple(kept_with(state, urns)))
