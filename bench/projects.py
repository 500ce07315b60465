"""The Pulumi projects that are timed: the real program, the flat one and the empty one."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from bench.flat_inputs import flat_inputs
from commands.workspace import CHECKOUT, Stack
from emulator.instance import Instance
from infra.config import StackConfig

PROJECT: Final = "agentcore"
STACK: Final = "dev"
ACCOUNT: Final = "111111111111"
REGION: Final = "us-east-1"
_IMAGE: Final = "sha256:" + "0123456789abcdef" * 4


def stack_config(agents: int, image: str = _IMAGE) -> dict[str, Any]:
    """The committed dev config, with so many copies of its agent, each with this image."""
    document = yaml.safe_load((CHECKOUT / f"Pulumi.{STACK}.yaml").read_text("utf-8"))
    config: dict[str, Any] = document["config"]
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
    made: dict[str, Stack] = field(default_factory=dict[str, Stack])

    def program(self, agents: int, image: str = _IMAGE) -> Stack:
        """The real program with so many agents, which all run this image."""
        return self._project(f"program-{agents}", CHECKOUT, stack_config(agents, image))

    def flat(self, agents: int) -> Stack:
        """The flat program, with the inputs the real one registers for so many agents."""
        config = stack_config(agents)
        raw = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
        read = StackConfig.read(raw, project=PROJECT, stack=STACK, secret=set())
        inputs = self.scratch / f"flat-{agents}.json"
        inputs.write_text(json.dumps(flat_inputs(read, project=PROJECT, stack=STACK)), "utf-8")
        return self._project(
            f"flat-{agents}", CHECKOUT / "bench" / "flat", {}, FLAT_RESOURCES=str(inputs)
        )

    def empty(self) -> Stack:
        """Imports only."""
        return self._project("empty", CHECKOUT / "bench" / "empty", {})

    def _project(self, name: str, main: Path, config: dict[str, Any], **variables: str) -> Stack:
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
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project), "utf-8")
        (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}), "utf-8")
        stack = Stack(
            name=STACK,
            project=PROJECT,
            folder=folder,
            pulumi=self.pulumi,
            state=state,
            cloud={**self.instance.environment(ACCOUNT, REGION), **variables},
        )
        stack.initialise()
        return stack
