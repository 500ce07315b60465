"""Which test runs which lines of the modules: only those can notice a change of the lines."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.mutants.mutants import Mutant

Lines: TypeAlias = Mapping[str, Mapping[int, AbstractSet[str]]]
"""By module and line, the units that run it."""

LOADING: Final = "loading"
"""In place of a unit: the line is run while the modules are loaded."""


@dataclass(frozen=True)
class _Statement:
    """A statement of a module's own code, a method of a class apart.

    Attributes:
        binds: names it makes; of a function that is run while the modules are loaded its own,
            of any other none.
        uses: names it reads.
        lines: where it is.
    """

    module: str
    binds: AbstractSet[str]
    uses: AbstractSet[str]
    lines: range


class Reach:
    """Which units (tests, or files of tests that share what they keep) a mutant matters to.

    Args:
        lines: what each unit runs.
        asking_all: units that look at every rule there is, be it at what is said of it only.
        sources: of the modules.
    """

    def __init__(
        self, lines: Lines, asking_all: AbstractSet[str], sources: Mapping[str, str]
    ) -> None:
        self._lines = lines
        self._asking_all = asking_all
        self._statements = [
            statement
            for module, source in sources.items()
            for node in ast.parse(source).body
            for statement in _statements(module, node, self._running_once(module))
        ]

    def units(self, mutant: Mutant) -> set[str]:
        """Those that run the lines; of what is run at load those that run what builds on it."""
        if mutant.function and not self._running_once(mutant.module) & set(mutant.lines):
            return self._running(mutant.module, mutant.lines)
        changed = {
            number
            for number, one in enumerate(self._statements)
            if one.module == mutant.module and set(mutant.lines) & set(one.lines)
        }
        if mutant.function:
            # The method without its class.
            changed = {max(changed, key=lambda number: self._statements[number].lines.start)}
        before = 0
        while before != len(changed):
            before = len(changed)
            known = frozenset[str]().union(*(self._statements[number].binds for number in changed))
            changed |= {n for n, one in enumerate(self._statements) if one.uses & known}
        affected = [self._statements[number] for number in changed]
        # A rule is run by the pack, which knows all of them by one name.
        modules = {one.module for one in affected if "RULES" in one.binds}
        affected += [one for one in self._statements if one.module in modules]
        found = set(self._asking_all) if modules else set[str]()
        return found.union(*(self._running(one.module, one.lines) for one in affected))

    def _running_once(self, module: str) -> set[int]:
        known = self._lines.get(module, {})
        return {line for line, units in known.items() if LOADING in units}

    def _running(self, module: str, lines: Sequence[int]) -> set[str]:
        known = self._lines.get(module, {})
        return set[str]().union(*(known.get(line, ()) for line in lines))


def _statements(module: str, node: ast.stmt, once: AbstractSet[int]) -> Iterator[_Statement]:
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    binds: set[str] = set()
    if isinstance(node, ast.ClassDef):
        binds = {node.name}
        for each in node.body:
            if isinstance(each, ast.FunctionDef):
                yield from _statements(module, each, once)
    elif isinstance(node, ast.FunctionDef):
        binds = {node.name} if once & set(range(node.body[0].lineno, lines.stop)) else set()
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        binds = {one.id for one in targets if isinstance(one, ast.Name)}
    if not isinstance(node, ast.Import | ast.ImportFrom):
        yield _Statement(module, binds, frozenset(_names(node)), lines)


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr


def merged(parts: Sequence[Lines]) -> Lines:
    """What several processes saw, as one."""
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for part in parts:
        for module, lines in part.items():
            for line, units in lines.items():
                found[module][line] |= units
    return found
