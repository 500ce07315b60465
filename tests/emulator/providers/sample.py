"""What a type of the `aws` provider is tried with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.providers.values import Json, Object
    from tests.emulator.providers.engine_calls import EngineCalls


@dataclass(frozen=True)
class Sample:
    """Inputs, made for an account, and for each property another value that AWS accepts.

    Attributes:
        inputs: They work together.
        changes: The other values, or functions that make them where that takes time.
        instead: The property that is left out where another one of it is changed: one excludes
            the other.
    """

    inputs: Callable[[EngineCalls], Object]
    changes: Callable[[EngineCalls], dict[str, Json | Callable[[], Json]]]
    instead: Mapping[str, str] = field(default_factory=dict[str, str])

    def changed(
        self, changes: Mapping[str, Json | Callable[[], Json]], inputs: Object, name: str
    ) -> Object:
        """The inputs with another value of one property."""
        new = {"region": "eu-west-1", **changes}[name]
        new = new() if callable(new) else new
        kept = {key: value for key, value in inputs.items() if key != self.instead.get(name)}
        return {**kept, name: new}
