"""The CLI begins the first stack; those after it begin with a copy of that one.

It derives a key from the passphrase for each, which takes a quarter of a second, and what it makes
differs in nothing but the name. A `make up` in a process of its own has the CLI begin its stack.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from commands.workspace import Stack


@dataclass(frozen=True)
class _Begun:
    """What the CLI leaves of a stack that nothing was deployed in yet."""

    checkpoint: dict[str, Any]
    layout: bytes
    salt: str

    @classmethod
    def of(cls, stack: Stack) -> "_Begun":
        checkpoint = json.loads(stack.checkpoint.read_bytes())
        secrets = checkpoint["checkpoint"]["latest"]["secrets_providers"]
        layout = stack.state / ".pulumi" / "meta.yaml"
        return cls(checkpoint, layout.read_bytes(), secrets["state"]["salt"])

    def copy_to(self, stack: Stack) -> None:
        stack.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        (stack.state / ".pulumi" / "meta.yaml").write_bytes(self.layout)
        name = f"organization/{stack.project}/{stack.name}"
        own = {**self.checkpoint, "checkpoint": {**self.checkpoint["checkpoint"], "stack": name}}
        stack.checkpoint.write_text(json.dumps(own))
        with (stack.folder / f"Pulumi.{stack.name}.yaml").open("a") as file:
            file.write(f"encryptionsalt: {self.salt}\n")


def copying(initialise: Callable[[Stack], None]) -> Callable[[Stack], None]:
    """What makes a stack, asked once."""
    begun: list[_Begun] = []

    def begin(stack: Stack) -> None:
        if begun:
            begun[0].copy_to(stack)
        else:
            initialise(stack)
            begun.append(_Begun.of(stack))

    return begin
