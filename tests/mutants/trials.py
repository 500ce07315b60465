"""Runs the tests of the pack on each mutant, in processes forked from one that has collected them.

A mutant is judged by the tests that reach it, until the first that fails. Every trial begins with
the graphs of the program recorded and nothing else: what a test or a rule keeps is made with the
change. Nothing is written to the tree.
"""

import contextlib
import gc
import importlib
import os
import pickle
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar, cast

import coverage
import pytest
from hypothesis import Phase, settings

from agentcore_policies import catalogue
from agentcore_policies.rule import Rule
from tests.mutants.change import Loaded, NotAProgramError, NotLoadedError
from tests.mutants.mutants import Mutant
from tests.mutants.reach import LOADING, Lines, Reach, merged
from tests.policies import graphs, verdicts

TESTS: Final = [
    *("tests/policies", "-m", "not engine", "--capture=no", "-qq", "-p", "no:cacheprovider"),
    # These start processes, which do not have the change, or serve what the pack is told by.
    *(f"--ignore=tests/policies/test_{name}.py" for name in ("pack", "sdk", "scanner_agreement")),
]
"""What pytest is started with: the tests of the rules, without those on the engine."""

_WORKERS: Final = 2
# Of processor time: a test takes that much longer only where a mutant has no end.
_PATIENCE: Final = 5
# Beyond what the process has when it begins.
_MEMORY: Final = 2 << 30


_Named = TypeVar("_Named")


class Outcome(Enum):
    """What became of a mutant."""

    SURVIVED = 0
    KILLED = 1
    ENDLESS = 2
    NOT_A_PROGRAM = 3
    FAILED = 4


class Trials:
    """A pytest plugin in place of the loop that runs the tests.

    Args:
        sources: of the modules, each after what it imports.
        mutants: those that are tried.
        told: is called with each mutant and what became of it.
        quick: leave out the files whose tests share what was said of whole graphs. They kill few
            that the others do not, and take seconds on each that survives.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        mutants: Sequence[Mutant],
        told: Callable[[Mutant, Outcome], None],
        *,
        quick: bool,
    ) -> None:
        self._sources = sources
        self._mutants = mutants
        self._told = told
        self._quick = quick
        self._units: dict[str, list[pytest.Item]] = {}
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """A property that fails is not made smaller: that it fails is all that counts."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", parent=settings.default, phases=phases)
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """Ends the process with what fails: nobody reads how it failed."""
        error = call.excinfo
        if error is not None and not error.errisinstance(pytest.skip.Exception):
            os._exit(Outcome.KILLED.value)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Everything: what the tests reach, then each mutant."""
        for item in session.items:
            unit = _unit(item)
            if not (self._quick and unit == str(item.path)):
                self._units.setdefault(unit, []).append(item)
        for name in graphs.NAMES:
            graphs.recorded(name)
        gc.collect()
        gc.freeze()
        loaded = Loaded(self._sources)
        lines, once = self._recorded(loaded)
        asking_all = {unit for unit, items in self._units.items() if _knows(items[0], catalogue)}
        reach = Reach(lines, asking_all, self._sources)
        for module in self._sources:
            self._ordered(module)
        trials = (
            (mutant, partial(self._tried, loaded, once, mutant, reach.units(mutant)))
            for mutant in self._mutants
        )
        for mutant, outcome in _in_turn(trials):
            if outcome is Outcome.FAILED:
                raise RuntimeError(f"the trial itself failed: {mutant}")
            self._told(mutant, outcome)
        return True

    def _recorded(self, loaded: Loaded) -> tuple[Lines, Mapping[str, frozenset[int]]]:
        """What the units reach, and what runs while the modules are loaded."""
        files: dict[Path, list[str]] = {}
        for unit, items in self._units.items():
            files.setdefault(items[0].path, []).append(unit)
        with tempfile.TemporaryDirectory() as folder:
            watching = (
                (path, partial(self._watched, loaded, Path(folder, path.stem), units))
                for path, units in files.items()
            )
            for path, outcome in _in_turn(watching):
                if outcome is not Outcome.SURVIVED:
                    raise RuntimeError(f"without any change a test fails in {path}")
            seen = [pickle.loads(one.read_bytes()) for one in Path(folder).iterdir()]  # noqa: S301
        for _, seconds in seen:
            self._seconds |= seconds
        lines = merged([part for part, _ in seen])
        once = {
            module: frozenset(line for line, units in known.items() if LOADING in units)
            for module, known in lines.items()
        }
        return lines, once

    def _watched(self, loaded: Loaded, path: Path, units: Sequence[str]) -> Outcome:
        files = {str(importlib.import_module(name).__file__): name for name in self._sources}
        watch = coverage.Coverage(data_file=None, config_file=False, include=list(files))
        seconds: dict[str, float] = {}
        watch.start()
        watch.switch_context(LOADING)
        loaded.run()
        for unit in units:
            loaded.forget()
            watch.switch_context(unit)
            for item in self._units[unit]:
                begun = time.process_time()
                self._run(item)
                seconds[item.nodeid] = time.process_time() - begun
        watch.stop()
        data = watch.get_data()
        lines = {
            files[file]: {
                line: set(contexts) - {""}
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        path.write_bytes(pickle.dumps((lines, seconds)))
        return Outcome.SURVIVED

    def _tried(
        self,
        loaded: Loaded,
        once: Mapping[str, AbstractSet[int]],
        mutant: Mutant,
        units: AbstractSet[str],
    ) -> Outcome:
        resource.setrlimit(resource.RLIMIT_AS, (_memory() + _MEMORY, resource.RLIM_INFINITY))
        signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE)
        try:
            loaded.change(mutant, once.get(mutant.module, frozenset()))
        except NotAProgramError:
            return Outcome.NOT_A_PROGRAM
        except NotLoadedError:
            return Outcome.KILLED
        for unit, item in self._ordered(mutant.module):
            if unit not in units:
                continue
            signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE + 5 * self._seconds[item.nodeid])
            self._run(item)
        return Outcome.SURVIVED

    @cache  # noqa: B019 - it lives as long as the process
    def _ordered(self, module: str) -> Sequence[tuple[str, pytest.Item]]:
        """All tests with their units: those about the module first, then quick ones."""
        own = f"test_{module.rpartition('.')[2]}"
        rules = [f"{rule.id}:" for rule in catalogue.rules() if _home(rule) == module]

        def rank(entry: tuple[str, pytest.Item]) -> tuple[bool, bool, float]:
            unit, item = entry
            is_about = item.path.stem == own or any(rule in item.nodeid for rule in rules)
            return len(self._units[unit]) > 1, not is_about, self._seconds[item.nodeid]

        tests = [(unit, item) for unit, items in self._units.items() for item in items]
        return sorted(tests, key=rank)

    def _run(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _unit(item: pytest.Item) -> str:
    """A test; where tests share what was said of a graph, all of the file."""
    return str(item.path) if _knows(item, verdicts) else item.nodeid


def _knows(item: pytest.Item, module: ModuleType) -> bool:
    """Whether the module of a test has a name for another one, or for something of it."""
    own: object = cast("pytest.Function", item).module
    return any(
        one is module or getattr(one, "__module__", "") == module.__name__
        for one in vars(own).values()
    )


def _in_turn(
    works: Iterable[tuple[_Named, Callable[[], Outcome]]],
) -> Iterator[tuple[_Named, Outcome]]:
    """Do each work in a process of its own, a few at a time; tells how each ended, by its name."""
    running: dict[int, _Named] = {}
    for name, work in works:
        if len(running) == _WORKERS:
            yield _ended(running)
        running[_forked(work)] = name
    while running:
        yield _ended(running)


def _ended(running: dict[int, _Named]) -> tuple[_Named, Outcome]:
    pid, status = os.wait()
    if os.WIFSIGNALED(status):
        return running.pop(pid), Outcome.ENDLESS
    return running.pop(pid), Outcome(os.waitstatus_to_exitcode(status))


def _forked(work: Callable[[], Outcome]) -> int:
    """Start a process that does the work and tells the outcome as its exit code; returns its id."""
    pid = os.fork()
    if pid:
        return pid
    outcome = Outcome.FAILED
    with contextlib.suppress(BaseException):
        gc.disable()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        outcome = work()
    os._exit(outcome.value)


def _memory() -> int:
    """What the process has of address space, in bytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


def _home(rule: Rule) -> str:
    """The module of a rule."""
    return (rule.check or rule.check_stack).__module__
