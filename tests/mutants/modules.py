"""The modules that are mutated: the rules, and the pure modules they judge with."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import agentcore_policies

_PACKAGE: Final = agentcore_policies.__name__
_FOLDER: Final = Path(agentcore_policies.__path__[0])
_RULES: Final = f"{_PACKAGE}.rules"
# What a rule is made of: no behaviour of its own.
_NO_JUDGE: Final = frozenset({f"{_PACKAGE}.rule"})


def sources() -> dict[str, str]:
    """Source by dotted name, each module after those it imports."""
    rules = [f"{_RULES}.{path.stem}" for path in (_FOLDER / "rules").glob("[a-z]*.py")]
    imported: dict[str, list[str]] = {}
    waiting = sorted(rules)
    while waiting:
        module = waiting.pop()
        if module not in imported:
            imported[module] = sorted(_imported(_source(module)))
            waiting += imported[module]
    order = TopologicalSorter(imported).static_order()
    return {module: _source(module) for module in order if module not in _NO_JUDGE}


def _source(module: str) -> str:
    path = _FOLDER.joinpath(*module.split(".")[1:])
    return path.with_suffix(".py").read_text("utf-8")


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module in (_PACKAGE, _RULES):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif node.module.startswith(f"{_PACKAGE}."):
            yield node.module
