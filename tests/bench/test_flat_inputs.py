"""The comparison is fair only while both programs register the same."""

import json
from typing import Any, cast

from bench.flat_inputs import flat_inputs
from bench.projects import PROJECT, STACK, stack_config
from infra.config import StackConfig
from tests.program.program_run import run_program
from tests.stack_files import handed_over

_FREE_MAPS = ("tags", "environment_variables")


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _on_the_wire(value: Any) -> Any:
    """Keyword arguments as the SDK sends them; the keys of free maps are no Python names."""
    if isinstance(value, list):
        return [_on_the_wire(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    return {
        _camel(key): inner if key in _FREE_MAPS else _on_the_wire(inner)
        for key, inner in cast("dict[str, Any]", value).items()
    }


def test_the_flat_program_registers_what_the_real_one_does() -> None:
    config = stack_config(2)
    real = run_program(STACK, config)
    assert real.exit_code is None, real.errors
    read = StackConfig.read(handed_over(config), project=PROJECT, stack=STACK, secret=set())
    flat = flat_inputs(read, project=PROJECT, stack=STACK)

    custom = [r for r in real.resources if r.is_custom and not r.type.startswith("pulumi:")]
    assert len(custom) == sum(len(agent) - 1 for agent in flat["agents"]), "as many resources"
    linked = {"repository", "role", "roleArn"}  # outputs of one another, in both programs
    for resource in custom:
        (agent,) = [agent for agent in flat["agents"] if agent["name"] == resource.name]
        arguments = agent[resource.type.rpartition(":")[2]]
        sent = {k: v for k, v in resource.inputs.items() if k not in linked}
        assert json.loads(json.dumps(sent)) == _on_the_wire(arguments), resource.urn
