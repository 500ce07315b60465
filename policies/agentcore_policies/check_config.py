"""``python -m agentcore_policies.check_config FILE``: names what no rule of the pack is called.

The engine ends on a rule it does not know without saying which, where the config gives no level,
and takes the last of what is given twice.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from agentcore_policies.catalogue import rules
from agentcore_policies.pack_config import PackConfigError, unknown_names


def check(content: bytes) -> None:
    """Check the names in a config file; their values are the engine's and the pack's to check.

    Raises:
        PackConfigError: the file is no JSON object in UTF-8, or gives a name twice or one nobody
            knows.
    """
    try:
        config = json.loads(content.decode("utf-8") or "{}", object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise PackConfigError(["it is not written in UTF-8."]) from None
    except ValueError as error:
        raise PackConfigError([f"it is no JSON: {error}."]) from None
    if not isinstance(config, dict):
        raise PackConfigError(["it is no JSON object."])
    named = cast("dict[str, Any]", config)
    named.pop("environments", None)
    problems = unknown_names({name: _settings(given) for name, given in named.items()}, rules())
    if problems:
        raise PackConfigError(problems)


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    counts = Counter(name for name, _ in pairs)
    twice = [f"{name} is given {count} times." for name, count in counts.items() if count > 1]
    if twice:
        raise PackConfigError(twice)
    return dict(pairs)


def _settings(given: object) -> Mapping[str, object]:
    if not isinstance(given, dict):
        return {}
    settings = cast("dict[str, object]", given)
    return {name: value for name, value in settings.items() if name != "enforcementLevel"}


if __name__ == "__main__":
    try:
        check(Path(sys.argv[1]).read_bytes())
    except PackConfigError as error:
        sys.exit(f"error: {error}")
