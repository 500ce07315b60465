"""The mutants: each a module with one small change, made by mutmut's operators and four of ours."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Final, TypeAlias, cast

import libcst as cst
import libcst.matchers as m
from libcst import metadata
from mutmut.mutation.mutators import (
    mutation_operators,
    operator_arg_removal,
    operator_assignment,
    operator_lambda,
    operator_string,
)

from tests.mutants.places import Span, Text

# What holds no behaviour: types are for the type checker, decorators keep values and make classes.
_LEFT_OUT: Final = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
_OF_TYPES: Final = m.Subscript(value=m.Name("Literal")) | m.Call(func=m.Name("TypeVar"))
_TEXT_METHODS: Final = frozenset({"__repr__", "__str__"})
# No name that AWS knows begins so.
_SENTENCE: Final = re.compile(r" ?[a-z']+ ")
# None for an argument or a value, or no argument: that mostly does not run at all.
_TRIVIAL: Final = frozenset({operator_arg_removal, operator_assignment, operator_lambda})


Key: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        module: dotted name.
        function: the function or method of the module it is in; empty for the module's own code,
            which is run once.
        lines: those of the statement: whoever runs none of them cannot notice.
        source: of the module, without the change.
        begin: where in the source the change begins.
        end: where it ends.
        text: what takes the place.
    """

    module: str
    function: str
    lines: range
    source: str
    begin: int
    end: int
    text: str

    @property
    def code(self) -> str:
        """The module with the change."""
        return self.source[: self.begin] + self.text + self.source[self.end :]

    @cached_property
    def key(self) -> Key:
        """Module, function, the lines that are changed and what they become, wherever they are."""
        start = self.source.rfind("\n", 0, self.begin) + 1
        stop = self.source.find("\n", self.end)
        was = self.source[start:stop]
        becomes = self.source[start : self.begin] + self.text + self.source[self.end : stop]
        own = self.module.removeprefix("agentcore_policies.")
        return own, self.function, " ".join(was.split()), " ".join(becomes.split())

    def __str__(self) -> str:
        """Where it is, and what is changed."""
        module, function, was, becomes = self.key
        return f"{module}: {function or 'the module'}\n    - {was}\n    + {becomes}"


def mutants_of(sources: Mapping[str, str]) -> list[Mutant]:
    """All mutants of modules, given by dotted name."""
    text = Text(sources)
    return [
        mutant
        for module, source in sources.items()
        for mutant in _of_module(module, source, text.spans(module))
    ]


def _of_module(module: str, source: str, text: Sequence[Span]) -> Iterator[Mutant]:
    wrapper = metadata.MetadataWrapper(cst.parse_module(source))
    collector = _Collector(text)
    wrapper.visit(collector)
    lines = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    for (node, mutated), place, function, statement in collector.found:
        begin = lines[place.start.line - 1] + place.start.column
        end = lines[place.end.line - 1] + place.end.column
        was, becomes = wrapper.module.code_for_node(node), wrapper.module.code_for_node(mutated)
        assert source[begin:end].split() == was.split(), f"{module}: not at its place: {was}"
        if isinstance(node, cst.Match):
            # It is written as if it stood in no block.
            column = place.start.column + len(source[begin:]) - len(source[begin:].lstrip(" "))
            becomes = textwrap.indent(becomes, " " * column)[place.start.column :]
        if was.split() != becomes.split():
            yield Mutant(module, function, statement, source, begin, end, becomes)


_Change: TypeAlias = tuple[cst.CSTNode, cst.CSTNode]


def _changes(node: cst.CSTNode) -> Iterator[_Change]:
    """A node, or one in it, and what takes its place."""
    for kind, operator in mutation_operators:
        if isinstance(node, kind) and operator not in _TRIVIAL:
            changed = list(operator(node))
            if operator is operator_string:
                # In another letter case it often is the same to AWS.
                del changed[0 if _is_sentence(node) else 1 :]
            yield from ((node, one) for one in changed)
    if isinstance(node, cst.If):
        # Always, and never.
        yield node.test, cst.Name("True")
        yield node.test, cst.Name("False")
    elif isinstance(node, cst.CompIf):
        # Everything passes.
        yield node.test, cst.Name("True")
    elif isinstance(node, cst.BooleanOperation):
        # Each half alone: both have to matter.
        for half in (node.left, node.right):
            left, right = [*node.lpar, *half.lpar], [*half.rpar, *node.rpar]
            yield node, half.with_changes(lpar=left, rpar=right)


def _is_sentence(node: cst.CSTNode) -> bool:
    """Whether a text is for people, though a rule asks whether there is one."""
    return isinstance(node, cst.SimpleString) and bool(_SENTENCE.match(node.raw_value))


class _Collector(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (
        metadata.PositionProvider,
        metadata.WhitespaceInclusivePositionProvider,
    )

    def __init__(self, text: Sequence[Span]) -> None:
        super().__init__()
        self._text = text
        self._within: list[cst.FunctionDef | cst.ClassDef] = []
        self._statements: list[tuple[cst.CSTNode, range]] = []
        self.found: list[tuple[_Change, metadata.CodeRange, str, range]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _LEFT_OUT) or m.matches(node, _OF_TYPES) or self._is_text(node):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            if node.name.value in _TEXT_METHODS:
                return False
            self._within.append(node)
        if isinstance(node, cst.BaseCompoundStatement | cst.SimpleStatementLine):
            self._statements.append((node, self._lines_of(node)))
        for change in _changes(node):
            place = self._place(change[0], metadata.WhitespaceInclusivePositionProvider)
            self.found.append((change, place, self._function(), self._statements[-1][1]))
        if isinstance(node, cst.Call) and m.matches(node.func, m.Name("cast")):
            node.args[1].visit(self)
            return False
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._within and original_node is self._within[-1]:
            self._within.pop()
        if self._statements and original_node is self._statements[-1][0]:
            self._statements.pop()

    def _function(self) -> str:
        """Without what is nested in it: that is made anew each time."""
        names: list[str] = []
        for node in self._within:
            names.append(node.name.value)
            if isinstance(node, cst.FunctionDef):
                return ".".join(names)
        return ""

    def _lines_of(self, node: cst.BaseCompoundStatement | cst.SimpleStatementLine) -> range:
        """The lines of a statement; of one that holds others the first, up to those."""
        place = self._place(node)
        if isinstance(node, cst.SimpleStatementLine):
            return range(place.start.line, place.end.line + 1)
        first = place.start.line
        if isinstance(node, cst.Match):
            return range(first, first + 1)
        body = self._place(node.body)
        return range(first, max(body.start.line, first + 1))

    def _place(
        self,
        node: cst.CSTNode,
        provider: type[metadata.BaseMetadataProvider[Any]] = metadata.PositionProvider,
    ) -> metadata.CodeRange:
        return cast("metadata.CodeRange", self.get_metadata(provider, node))

    def _is_text(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Module | cst.BaseParenthesizableWhitespace | cst.Semicolon):
            return False
        place = self._place(node)
        at = (place.start.line, place.start.column)
        until = (place.end.line, place.end.column)
        return any(start <= at and until <= end for start, end in self._text)
