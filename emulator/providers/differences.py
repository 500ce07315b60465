"""The differences between two values, as detailed diffs name them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from pulumi.provider.experimental.provider import (
    DiffResponse,
    PropertyDiff,
    PropertyDiffKind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.providers.values import Json, Object

REPLACING = {
    PropertyDiffKind.ADD: PropertyDiffKind.ADD_REPLACE,
    PropertyDiffKind.DELETE: PropertyDiffKind.DELETE_REPLACE,
    PropertyDiffKind.UPDATE: PropertyDiffKind.UPDATE_REPLACE,
}


@dataclass(frozen=True)
class Difference:
    """One place where two values differ, by its path from the resource's properties."""

    path: tuple[str | int, ...]
    kind: PropertyDiffKind
    replaces: bool = False

    @property
    def root(self) -> str:
        """The top-level property the place lies in."""
        return str(self.path[0])

    @property
    def name(self) -> str:
        """The path as Pulumi writes it: `a.b[0]["x.y"]`."""
        text = ""
        for step in self.path:
            if isinstance(step, int):
                text += f"[{step}]"
            elif "." in step or '"' in step or "[" in step:
                text += '["' + step.replace('"', '\\"') + '"]'
            else:
                text += f".{step}" if text else step
        return text

    def replacing(self) -> Difference:
        """The same difference, as one that replaces the resource."""
        return replace(self, replaces=True)


def differences(old: Object, new: Object, path: tuple[str | int, ...] = ()) -> list[Difference]:
    """Every place where the new properties differ from the old ones."""
    found: list[Difference] = []
    for key in sorted({*old, *new}):
        if key not in new:
            found.append(Difference((*path, key), PropertyDiffKind.DELETE))
        elif key not in old:
            found.append(Difference((*path, key), PropertyDiffKind.ADD))
        else:
            found += _between(old[key], new[key], (*path, key))
    return found


def _between(old: Json, new: Json, path: tuple[str | int, ...]) -> list[Difference]:
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        return differences(cast("Object", old), cast("Object", new), path)
    if isinstance(old, list) and isinstance(new, list):
        before, after = cast("list[Json]", old), cast("list[Json]", new)
        found: list[Difference] = []
        for index in range(max(len(before), len(after))):
            if index >= len(after):
                found.append(Difference((*path, index), PropertyDiffKind.DELETE))
            elif index >= len(before):
                found.append(Difference((*path, index), PropertyDiffKind.ADD))
            else:
                found += _between(before[index], after[index], (*path, index))
        return found
    return [Difference(path, PropertyDiffKind.UPDATE)]


def diff_response(found: Sequence[Difference], *, delete_before_replace: bool) -> DiffResponse:
    """The answer to a diff."""
    replaces = sorted({item.name for item in found if item.replaces})
    return DiffResponse(
        changes=bool(found),
        replaces=replaces,
        diffs=sorted({item.root for item in found}),
        delete_before_replace=delete_before_replace and bool(replaces),
        detailed_diff={
            item.name: PropertyDiff(
                REPLACING[item.kind] if item.replaces else item.kind, input_diff=False
            )
            for item in found
        },
    )
