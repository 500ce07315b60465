"""Where the rules hold text for people: no verdict depends on it, so it is not mutated.

Text is what ends up in a message or in the catalogue: the arguments named in :data:`_TEXT`, and
whatever is only ever used for those: variables, parameters, constants, whole functions. Nothing is
marked by hand, so that what becomes part of a verdict is mutated from then on.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final, TypeAlias

# Arguments that are text, by whom they are given to. A setting's schema is what the pack's config
# is checked by, before any rule is asked.
_TEXT: Final[Mapping[str, Sequence[str]]] = {
    "Finding": ("message",),
    "Fault": ("message",),
    "Escalation": ("what",),
    "Rule": ("id", "description", "severity", "remediation", "references"),
    "Setting": ("description", "schema"),
}
# It keeps secrets out of messages, so that what it says matters.
_MATTERS: Final = frozenset({"shown"})

Span: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Line and column of the beginning and of the end, as libcst counts them."""


@dataclass
class _Function:
    """A function, and what is read and assigned in it."""

    node: ast.FunctionDef
    reads: Mapping[str, Sequence[ast.Name]]
    assigned: Sequence[tuple[str, ast.expr]]

    @property
    def parameters(self) -> Sequence[str]:
        """Those that are given by place."""
        names = [one.arg for one in self.node.args.args]
        return names[names[:1] == ["self"] :]

    @property
    def keywords(self) -> Sequence[str]:
        """All of them."""
        return [*self.parameters, *(one.arg for one in self.node.args.kwonlyargs)]


@dataclass
class _Module:
    """A module, with an index of what is needed again and again.

    Attributes:
        bound: names of this module and of what it imports, each with where it is from.
        reads: where each name is read; of attributes with a dot before them.
        functions: by name; methods with a dot before it.
        constants: with their values.
    """

    name: str
    tree: ast.Module
    parents: Mapping[ast.AST, ast.AST]
    bound: dict[str, str]
    reads: Mapping[str, Sequence[ast.expr]]
    functions: Mapping[str, _Function]
    constants: Mapping[str, ast.expr]


class Text:
    """The places of text in modules that are known together."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._modules = {name: _module(name, source) for name, source in sources.items()}
        self._text: set[ast.AST] = set()
        before = -1
        while before != len(self._text):
            before = len(self._text)
            for module in self._modules.values():
                self._spread(module)

    def spans(self, module: str) -> list[Span]:
        """Where the text of a module is."""
        return [
            ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
            for node in self._modules[module].parents
            if node in self._text and isinstance(node, ast.expr | ast.stmt)
        ]

    def _spread(self, module: _Module) -> None:
        for node in module.parents:
            if isinstance(node, ast.Call):
                self._arguments(module, node)
        for name, function in module.functions.items():
            self._text.update(
                value
                for target, value in function.assigned
                if self._is_read_as_text(module, function, target)
            )
            if name not in _MATTERS and self._is_only_text(module, name, function.node):
                self._text.add(function.node)
        for name, value in module.constants.items():
            if self._is_only_text(module, name, value):
                self._text.add(value)

    def _arguments(self, module: _Module, call: ast.Call) -> None:
        name = _called(call)
        named = _TEXT.get(name, ())
        self._text.update(one.value for one in call.keywords if one.arg in named)
        if name == "Fault":
            self._text.update(call.args[1:])
        if isinstance(call.func, ast.Attribute):
            home, name = module, f".{name}"
        else:
            origin, _, name = module.bound.get(name, "").partition(":")
            home = self._modules.get(origin)
        function = home.functions.get(name) if home else None
        if home is None or function is None or name in _MATTERS:
            return
        rest = function.node.args.vararg
        parameters = chain(function.parameters, repeat(rest.arg if rest else ""))
        for value, parameter in zip(call.args, parameters, strict=False):
            if self._is_read_as_text(home, function, parameter):
                self._text.add(value)
        for keyword in call.keywords:
            if keyword.arg in function.keywords and self._is_read_as_text(
                home, function, keyword.arg
            ):
                self._text.add(keyword.value)

    def _is_read_as_text(self, module: _Module, function: _Function, name: str | None) -> bool:
        """Whether a variable is read in the function, and only to be part of text."""
        reads = function.reads.get(name or "", ())
        own = [value for target, value in function.assigned if target == name]
        return bool(reads) and all(self._is_text(module, node, *own) for node in reads)

    def _is_only_text(self, module: _Module, name: str, own: ast.AST) -> bool:
        """Whether a function or constant is used, and everywhere in text, itself aside."""
        uses = [
            (other, node)
            for other in self._modules.values()
            for known, origin in other.bound.items()
            if origin == f"{module.name}:{name}"
            for node in other.reads.get(known, ())
        ]
        attributes = name if name.startswith(".") else f".{name}"
        uses += [
            (other, node)
            for other in self._modules.values()
            for node in other.reads.get(attributes, ())
        ]
        return bool(uses) and all(self._is_text(other, node, own) for other, node in uses)

    def _is_text(self, module: _Module, node: ast.AST, *own: ast.AST) -> bool:
        while True:
            if node in self._text or node in own:
                return True
            if node not in module.parents:
                return False
            node = module.parents[node]


def _module(name: str, source: str) -> _Module:
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    bound: dict[str, str] = {}
    reads: dict[str, list[ast.expr]] = defaultdict(list)
    functions: dict[str, _Function] = {}
    constants: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            bound |= {one.asname or one.name: f"{node.module}:{one.name}" for one in node.names}
        elif isinstance(node, ast.FunctionDef):
            dot = "." if isinstance(parents[node], ast.ClassDef) else ""
            functions[f"{dot}{node.name}"] = _function(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads[node.id].append(node)
        elif isinstance(node, ast.Attribute):
            reads[f".{node.attr}"].append(node)
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            constants |= dict(_assigned(statement))
    bound |= {own: f"{name}:{own}" for own in (*constants, *functions)}
    return _Module(name, tree, parents, bound, reads, functions, constants)


def _function(function: ast.FunctionDef) -> _Function:
    reads: dict[str, list[ast.Name]] = defaultdict(list)
    assigned: list[tuple[str, ast.expr]] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads[node.id].append(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            assigned += _assigned(node)
    return _Function(function, reads, assigned)


def _assigned(statement: ast.Assign | ast.AnnAssign) -> Iterator[tuple[str, ast.expr]]:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    if statement.value is not None:
        yield from _pairs(target, statement.value)


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What is assigned to which name, where several are assigned at once too."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
        yield from _pairs(target, value.body)
        yield from _pairs(target, value.orelse)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, given in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, given)
