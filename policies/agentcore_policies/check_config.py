"""``python -m agentcore_policies.check_config FILE``: names what no rule of the pack is called.

The engine ends on a rule it does not know without saying which, where the config gives no level.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from agentcore_policies.catalogue import rules
from agentcore_policies.pack_config import PackConfigError, unknown_names


def check(text: str) -> None:
    """Check the names in a config file; their values are the engine's and the pack's to check.

    Raises:
        PackConfigError: the text is no JSON object, or names a rule or setting nobody knows.
    """
    try:
        config = json.loads(text or "{}")
    except ValueError as error:
        raise PackConfigError([f"it is no JSON: {error}."]) from None
    if not isinstance(config, dict):
        raise PackConfigError(["it is no JSON object."])
    named = cast("dict[str, Any]", config)
    named.pop("environments", None)
    problems = unknown_names({name: _settings(given) for name, given in named.items()}, rules())
    if problems:
        raise PackConfigError(problems)


def _settings(given: object) -> Mapping[str, object]:
    if not isinstance(given, dict):
        return {}
    settings = cast("dict[str, object]", given)
    return {name: value for name, value in settings.items() if name != "enforcementLevel"}


if __name__ == "__main__":
    try:
        check(Path(sys.argv[1]).read_text("utf-8"))
    except PackConfigError as error:
        sys.exit(f"error: {error}")
