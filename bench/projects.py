"""The Pulumi projects that are timed: the real program, the flat ones and the empty one."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.flat_inputs import flat_inputs
from commands.staged_project import dump
from commands.workspace import CHECKOUT, Stack
from emulator.instance import Instance
from tests.stack_files import PROJECT, committed

REGION: Final = "us-east-1"
_IMAGE: Final = "sha256:" + "0123456789abcdef" * 4


def stack_config(stack: str, agents: int, image: str = _IMAGE) -> dict[str, Any]:
    """A stack's committed config, with so many copies of its agent, each with this image."""
    config = committed(stack)
    (agent,) = config[f"{PROJECT}:agents"].values()
    config[f"{PROJECT}:agents"] = {
        f"agent{number:03}": {**agent, "image": image} for number in range(agents)
    }
    return config


@dataclass(frozen=True)
class Projects:
    """Makes projects below a scratch folder, all on one offline AWS."""

    scratch: Path
    instance: Instance
    pulumi: Path

    def program(self, agents: int, image: str = _IMAGE, stack: str = "dev") -> Stack:
        """The real program with so many agents, which all run this image."""
        config = stack_config(stack, agents, image)
        return self._project(f"program-{stack}-{agents}", CHECKOUT, stack, config)

    def flat(self, agents: int) -> Stack:
        """The flat program, with the inputs the real one registers for so many agents."""
        return self._flat("flat", "dev", agents)

    def flat_prod(self) -> Stack:
        """The flat program of stack prod with one agent, with the inputs the real one registers."""
        return self._flat("flat_prod", "prod", 1)

    def empty(self) -> Stack:
        """Imports only."""
        return self._project("empty", CHECKOUT / "bench" / "empty", "dev", {})

    def _flat(self, program: str, stack: str, agents: int) -> Stack:
        inputs = self.scratch / f"{program}-{agents}.json"
        inputs.write_text(json.dumps(flat_inputs(stack, stack_config(stack, agents))), "utf-8")
        main = CHECKOUT / "bench" / program
        return self._project(f"{program}-{agents}", main, stack, {}, FLAT_RESOURCES=str(inputs))

    def _project(
        self, name: str, main: Path, stack_name: str, config: dict[str, Any], **variables: str
    ) -> Stack:
        folder = self.scratch / name
        state = folder / "state"
        state.mkdir(parents=True)
        project = {
            "name": PROJECT,
            "main": os.path.relpath(main, folder),
            "runtime": {
                "name": "python",
                "options": {
                    "toolchain": "pip",
                    "virtualenv": os.path.relpath(CHECKOUT / ".venv", folder),
                },
            },
        }
        (folder / "Pulumi.yaml").write_text(dump(project), "utf-8")
        (folder / f"Pulumi.{stack_name}.yaml").write_text(dump({"config": config}), "utf-8")
        account = committed(stack_name)[f"{PROJECT}:accountId"]
        stack = Stack(
            name=stack_name,
            project=PROJECT,
            folder=folder,
            pulumi=self.pulumi,
            state=state,
            cloud={**self.instance.environment(account, REGION), **variables},
        )
        stack.initialise()
        return stack
