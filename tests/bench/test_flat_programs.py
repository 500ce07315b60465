"""The comparison is fair only while both programs register the same."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from bench.flat_inputs import flat_inputs
from bench.projects import stack_config
from tests.program.program_run import ProgramRun, run_program
from tests.stack_files import CHECKOUT


def _registered(run: ProgramRun) -> dict[tuple[str, str], Any]:
    assert run.exit_code is None, run.errors
    custom = [resource for resource in run.resources if resource.is_custom]
    registered = {(one.type, one.name): one.inputs for one in custom}
    assert len(registered) == len(custom), "no two are taken for one"
    return registered


@pytest.mark.parametrize(
    ("program", "stack", "agents"), [("flat", "dev", 2), ("flat_prod", "prod", 1)]
)
def test_the_flat_program_registers_what_the_real_one_does(
    program: str, stack: str, agents: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = stack_config(stack, agents)
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps(flat_inputs(stack, config)))
    monkeypatch.setenv("FLAT_RESOURCES", str(recorded))
    main = str(CHECKOUT / "bench" / program)

    real = _registered(run_program(stack, config))
    flat = _registered(run_program(stack, {}, main=lambda: runpy.run_path(main)))

    assert flat.keys() == real.keys()
    for resource, inputs in real.items():
        assert flat[resource] == inputs, resource


def test_inputs_of_a_refused_config_are_refused() -> None:
    config = stack_config("dev", 1)
    config["agentcore:region"] = "nowhere"
    with pytest.raises(ValueError, match="region"):
        flat_inputs("dev", config)
