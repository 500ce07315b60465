"""What the flat programs register: the keyword arguments of each resource."""

import re
from typing import Any, Final, cast

from infra.config import StackConfig
from tests.program.program_run import Registered, run_program
from tests.stack_files import PROJECT, handed_over

# Their keys are no names of properties.
_FREE_MAPS: Final = ("tags", "environmentVariables")


def flat_inputs(stack: str, config: dict[str, Any]) -> dict[str, Any]:
    """The inputs of every custom resource the real program registers for this config.

    By type and logical name, and under ``providers`` those of the two. What is an output of another
    resource is left out: the flat programs link these themselves.

    Raises:
        ValueError: the program refuses the config.
    """
    real = run_program(stack, config)
    if real.exit_code is not None:
        raise ValueError("\n".join(real.errors))
    read = StackConfig.read(handed_over(config), project=PROJECT, stack=stack, secret=set())
    pinned = {"region": read.region, "allowed_account_ids": [read.account_id]}
    inputs: dict[str, dict[str, Any]] = {
        "providers": {
            "aws": {**pinned, "default_tags": {"tags": read.tags.all}},
            "aws-native": pinned,
        }
    }
    # They are recorded as their answers come; by name, the subnets are in the order of their zones.
    for resource in sorted(real.resources, key=lambda one: one.name):
        if resource.is_custom and not resource.is_provider:
            kind = resource.type.rpartition(":")[2]
            inputs.setdefault(kind, {})[resource.name] = _arguments(resource)
    return inputs


def _arguments(resource: Registered) -> dict[str, Any]:
    linked = {
        name
        for name, dependencies in resource.options.propertyDependencies.items()
        if dependencies.urns
    }
    own = {name: value for name, value in resource.inputs.items() if name not in linked}
    return cast("dict[str, Any]", _snake_case(own))


def _snake_case(value: object) -> object:
    """Properties as Python arguments."""
    if isinstance(value, list):
        return [_snake_case(item) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    return {
        re.sub(r"(?=[A-Z])", "_", key).lower(): inner if key in _FREE_MAPS else _snake_case(inner)
        for key, inner in cast("dict[str, object]", value).items()
    }
