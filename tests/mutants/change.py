"""Makes a mutant of what is loaded: in a forked process, which ends after the tests have run.

Whoever holds a function of the module goes on to hold it, with the mutant's code in it. What the
module's own code made (tables, patterns, rules) is made again, in the modules that build on it too.
"""

import ast
import dataclasses
import functools
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final, cast

from tests.mutants.mutants import Mutant

_PACKAGE: Final = "agentcore_policies"
_TESTS: Final = "tests.policies"


class NotAProgramError(Exception):
    """The change makes the module one that Python does not take."""


class NotLoadedError(Exception):
    """With the change the module's own code fails."""


class Loaded:
    """The modules as they are, with what it takes to make them again.

    Args:
        sources: of the modules, in an order in which each follows what it imports.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._importing = {
            known: _imports(Path(module.__file__ or "").read_text("utf-8"))
            for known, module in sys.modules.items()
            if known.startswith((_PACKAGE, _TESTS)) and module.__file__
        }
        self._codes = {
            name: compile(source, importlib.import_module(name).__file__ or name, "exec")
            for name, source in sources.items()
        }

    def change(self, mutant: Mutant, run_once: AbstractSet[int]) -> None:
        """Make the mutant.

        Args:
            mutant: what is changed.
            run_once: lines of its module that run while the modules are loaded.

        Raises:
            NotAProgramError: it cannot be compiled.
            NotLoadedError: the module's own code, or that of a module that builds on it, fails.
        """
        module = sys.modules[mutant.module]
        try:
            code = compile(mutant.code, module.__file__ or mutant.module, "exec")
        except SyntaxError:
            raise NotAProgramError from None
        lines = set(mutant.lines)
        if mutant.function:
            function = dict(_functions(vars(module)))[mutant.function]
            # What it made while the modules were loaded holds functions that are within it.
            lines |= _body(function)
            function.__code__ = _within(code, mutant.function.split("."))
        if not mutant.function or run_once & lines:
            self._remake(module, code)
        self.forget()

    def run(self) -> None:
        """Run the modules' own code; nothing comes of it."""
        for name, code in self._codes.items():
            _run(sys.modules[name], code)

    def forget(self) -> None:
        """Drop what functions keep of what they were asked."""
        for name in self._codes:
            for value in vars(sys.modules[name]).values():
                clear = getattr(value, "cache_clear", None)
                if clear:
                    clear()

    def _remake(self, module: ModuleType, code: CodeType) -> None:
        self._take_over(module, _run(module, code))
        names = list(self._codes)
        for name in names[names.index(module.__name__) + 1 :]:
            later = sys.modules[name]
            self._take_over(later, _run(later, self._codes[name]))

    def _take_over(self, module: ModuleType, made: Mapping[str, Any]) -> None:
        own = vars(module)
        new = dict(_functions({name: made[name] for name in made if not name.startswith("__")}))
        for name, function in _functions(own):
            if function.__module__ == module.__name__ and name in new:
                function.__defaults__ = new[name].__defaults__
                function.__kwdefaults__ = new[name].__kwdefaults__
        for name, value in made.items():
            old = own.get(name)
            if name.startswith("__") or _is_same(old, value):
                continue
            if name == "RULES":
                _change_rules(old, value)
            elif isinstance(value, type):
                _change_class(cast("type", old), value)
            else:
                own[name] = value
                self._hand_out(module.__name__, name, value)

    def _hand_out(self, module: str, name: str, value: Any) -> None:
        """To whoever has it from the module; what is equal may be of another one's own making."""
        for known, imported in self._importing.items():
            for alias, source in imported.items():
                if source == (module, name):
                    setattr(sys.modules[known], alias, value)


def _run(module: ModuleType, code: CodeType) -> dict[str, Any]:
    # Dataclasses look their module up by its name.
    made: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    try:
        exec(code, made)  # noqa: S102 - it is the module's own code
    except Exception as error:
        raise NotLoadedError from error
    return made


def _functions(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, FunctionType]]:
    """Functions and methods by qualified name, without what is around them."""
    for name, value in found.items():
        inner: Any = value
        if isinstance(inner, property):
            inner = inner.fget
        elif isinstance(inner, functools.cached_property):
            inner = cast("Any", inner).func
        inner = getattr(inner, "__wrapped__", inner)
        if isinstance(inner, FunctionType):
            yield f"{prefix}{name}", inner
        elif isinstance(value, type) and not prefix:
            yield from _functions(dict(vars(value)), f"{name}.")


def _body(function: FunctionType) -> set[int]:
    """The lines that a call runs, without those of functions within it."""
    code = function.__code__
    return {line for _, _, line in code.co_lines() if line} - {code.co_firstlineno}


def _within(code: CodeType, names: list[str]) -> CodeType:
    for name in names:
        code = next(
            one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name
        )
    return code


def _imports(source: str) -> dict[str, tuple[str, str]]:
    """What a module imports, by its own name for it: where from, and what it is called there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _change_rules(old: Any, new: Any) -> None:
    """Whoever holds a rule goes on to hold it."""
    for rule, changed in zip(old, new, strict=True):
        for each in dataclasses.fields(rule):
            value = getattr(changed, each.name)
            if not _is_same(getattr(rule, each.name), value):
                object.__setattr__(rule, each.name, value)


def _change_class(old: type, new: type) -> None:
    for name, value in vars(new).items():
        if not name.startswith("__") and not _is_same(vars(old).get(name), value):
            setattr(old, name, value)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are made alike; functions and classes are by their names."""
    return bool(_form(one) == _form(other))


def _form(made: object) -> object:
    """A value that is equal to that of another one made alike."""
    value: Any = made
    if isinstance(value, type):
        parts: object = _attributes(value)
    elif isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        parts = (_form(value.__code__), _form(cells))
    elif isinstance(value, CodeType):
        parts = (value.co_code, value.co_names, [_form(one) for one in value.co_consts])
    elif isinstance(value, re.Pattern):
        parts = (cast("re.Pattern[str]", value).pattern, cast("re.Pattern[str]", value).flags)
    elif isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        parts = [(_form(key), _form(entry)) for key, entry in items]
    elif isinstance(value, tuple | list):
        parts = [_form(entry) for entry in cast("list[Any]", value)]
    elif type(value).__module__.startswith(_PACKAGE):
        parts = _form(cast("object", vars(value)))
    else:
        parts = getattr(value, "__qualname__", value)
    return type(made).__qualname__, getattr(made, "__qualname__", ""), parts


def _attributes(one: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(one).items()
        if not name.startswith("__") and isinstance(value, bool | int | str | tuple | None)
    }
