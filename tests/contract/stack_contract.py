"""The promise of a stack's outputs, as a validator."""

from typing import Any, Final, cast

import yaml
from jsonschema import Draft202012Validator

from tests.stack_files import CHECKOUT

SCHEMA: Final = cast(
    "dict[str, Any]",
    yaml.safe_load((CHECKOUT / "contracts" / "agentcore-stack.yaml").read_text("utf-8")),
)


def breaches(outputs: dict[str, Any]) -> list[str]:
    """What of the outputs breaks the promise: path and reason."""
    validator = cast("Any", Draft202012Validator(SCHEMA))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(outputs)]
