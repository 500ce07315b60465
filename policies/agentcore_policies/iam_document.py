"""IAM policy documents, given as JSON text or as an object, read as far as they can be.

What IAM itself would refuse is told as a fault; whatever else the document holds is still read, so
that one fault does not hide another. It does not judge what a statement allows.

Grammar: IAM user guide, ``reference_policies_grammar`` and ``reference_policies_elements``.
"""

import difflib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final, Literal, cast

from agentcore_policies.credentials import shown
from agentcore_policies.model import UNKNOWN, Secret, Unknown, Value

Kind = Literal["identity", "trust"]

VERSION: Final = "2012-10-17"
_TOP: Final = ("Version", "Id", "Statement")
_ELEMENTS: Final = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
)
_PRINCIPALS: Final = ("AWS", "CanonicalUser", "Federated", "Service")
# Operators that bound a key to values, in lower case.
STRINGS_EQUAL: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
ARNS_EQUAL: Final = STRINGS_EQUAL | {"arnequals", "arnlike"}
_SID: Final = re.compile(r"[A-Za-z0-9]*")


@dataclass(frozen=True)
class Fault:
    """What IAM would refuse: where (a path), and what is wrong."""

    path: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """The strings of an element that may be one string or a list.

    Attributes:
        path: of the element.
        known: those that are known.
        is_whole: whether nothing of it is unknown.
    """

    path: str
    known: Sequence[str]
    is_whole: bool

    def __bool__(self) -> bool:
        """Whether anything is given."""
        return bool(self.known) or not self.is_whole


@dataclass(frozen=True, kw_only=True)
class ConditionKey:
    """One key of a condition, as ``StringEquals`` ``aws:SourceAccount`` with its values."""

    path: str
    operator: str
    key: str
    values: Words


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement.

    Attributes:
        path: such as ``policy.Statement[2]``.
        elements: what is given, nulls left out.
        effect: what was meant, where it is spelt wrongly; an Allow where nothing tells.
    """

    path: str
    elements: Mapping[str, Value]
    effect: Literal["Allow", "Deny"] | Unknown

    @cached_property
    def actions(self) -> Words:
        """What ``Action`` names."""
        return self.words("Action")

    @cached_property
    def resources(self) -> Words:
        """What ``Resource`` names."""
        return self.words("Resource")

    def words(self, element: str) -> Words:
        """The strings of an element."""
        return _words(self.elements.get(element), f"{self.path}.{element}")

    def principals(self, element: str = "Principal") -> Iterator[tuple[str, Words]]:
        """Kind and names of those the statement is about; ``*`` alone is one of kind ``*``."""
        path = f"{self.path}.{element}"
        value = self.elements.get(element)
        if isinstance(value, Mapping):
            for kind, names in value.items():
                yield kind, _words(names, f"{path}.{kind}")
        elif value is not None:
            yield "*", _words(value, path)

    @cached_property
    def conditions(self) -> Sequence[ConditionKey]:
        """Every key of the conditions, all of which have to hold."""
        given = self.elements.get("Condition")
        if not isinstance(given, Mapping):
            return []
        return [
            self._key(operator, key, values)
            for operator, block in given.items()
            if isinstance(block, Mapping)
            for key, values in block.items()
        ]

    def _key(self, operator: str, key: str, values: Value) -> ConditionKey:
        path = f"{self.path}.Condition.{operator}.{key}"
        return ConditionKey(path=path, operator=operator, key=key, values=_words(values, path))

    def bounds(self, key: str, operators: Collection[str]) -> Sequence[Words]:
        """What a key has to be for the statement to apply, by the conditions that bound it.

        Operators that also hold when the key is absent (``...IfExists``, ``ForAllValues:``) bound
        nothing, and neither do those that exclude.
        """
        return [
            condition.values
            for condition in self.conditions
            if condition.key.lower() == key.lower() and condition.operator.lower() in operators
        ]

    @cached_property
    def hidden_conditions(self) -> Sequence[str]:
        """Paths of conditions of which not even the keys are known."""
        given = self.elements.get("Condition")
        if isinstance(given, Unknown | Secret):
            return [f"{self.path}.Condition"]
        if not isinstance(given, Mapping):
            return []
        return [
            f"{self.path}.Condition.{operator}"
            for operator, block in given.items()
            if isinstance(block, Unknown | Secret)
        ]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A policy document.

    Attributes:
        path: the property it is given in.
        statements: those that are objects.
        faults: what IAM would refuse.
        unknown: paths of what is not known: the whole, or statements.
        characters: how long it is in IAM's count, which leaves white space out.
    """

    path: str
    statements: Sequence[Statement] = ()
    faults: Sequence[Fault] = ()
    unknown: Sequence[str] = ()
    characters: int = 0


def read(value: Value, path: str, kind: Kind = "identity") -> Document:
    """The document that a property holds; what is absent is a fault."""
    return _read_text(value, path, kind) if isinstance(value, str) else _read(value, path, kind)


@lru_cache(maxsize=2048)
def _read_text(text: str, path: str, kind: Kind) -> Document:
    duplicates: list[str] = []

    def pairs(found: list[tuple[str, Value]]) -> dict[str, Value]:
        duplicates.extend(key for key, count in Counter(k for k, _ in found).items() if count > 1)
        return dict(found)

    if not text.strip():
        return _read(None, path, kind)
    try:
        value = cast("Value", json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        return _faulty(path, f"it is not JSON: {error.msg} at {where}.")
    except (RecursionError, ValueError):
        return _faulty(path, "it is not JSON that IAM reads: nested too deeply or not a number.")
    document = _read(value, path, kind)
    faults = [
        Fault(path, f"the key {shown(key)} is given twice in one object; one would be dropped.")
        for key in duplicates
    ]
    return Document(
        path=path,
        statements=document.statements,
        faults=[*faults, *document.faults],
        characters=len("".join(text.split())),
    )


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _faulty(path: str, message: str) -> Document:
    return Document(path=path, faults=[Fault(path, message)])


def _read(value: Value, path: str, kind: Kind) -> Document:
    if isinstance(value, Unknown | Secret):
        return Document(path=path, unknown=[path])
    if not isinstance(value, Mapping):
        what = "nothing" if value is None else shown(value)
        return _faulty(path, f"{what} is given; a policy document is a JSON object.")
    given = {key: entry for key, entry in value.items() if entry is not None}
    reading = _Reading(kind)
    statements = reading.document(given, path)
    return Document(
        path=path,
        statements=statements,
        faults=reading.faults,
        unknown=reading.unknown,
        characters=_characters(given),
    )


def _characters(given: Mapping[str, Value]) -> int:
    """The length of an object, in which nothing counts for what is unknown."""
    text = json.dumps(given, separators=(",", ":"), ensure_ascii=False, default=_of_model)
    return len("".join(text.split()))


def _of_model(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    return ""


@dataclass
class _Reading:
    """What is found while a document is read."""

    kind: Kind
    faults: list[Fault] = field(default_factory=list[Fault])
    unknown: list[str] = field(default_factory=list[str])

    def document(self, given: Mapping[str, Value], path: str) -> Sequence[Statement]:
        self._names(given, _TOP, path)
        version = given.get("Version")
        if not isinstance(version, Unknown | Secret) and version != VERSION:
            self._fault(
                f"{path}.Version",
                f"{shown(version) if version else 'nothing'} is given; without "
                f'"{VERSION}" IAM takes the grammar of 2008, in which variables are plain text.',
            )
        value = given.get("Statement")
        where = f"{path}.Statement"
        if isinstance(value, Unknown | Secret):
            self.unknown.append(where)
            return ()
        if isinstance(value, Mapping):
            listed: Sequence[Value] = [value]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            listed = value
        else:
            listed = ()
        if not listed:
            self._fault(where, "there is no statement; a policy has at least one.")
        statements: list[Statement] = []
        for index, entry in enumerate(listed):
            if isinstance(entry, Unknown | Secret):
                self.unknown.append(f"{where}[{index}]")
            elif isinstance(entry, Mapping):
                statements.append(self._statement(entry, f"{where}[{index}]"))
            else:
                self._fault(f"{where}[{index}]", f"{shown(entry)} is no object.")
        self._sids(statements)
        return statements

    def _statement(self, entry: Mapping[str, Value], path: str) -> Statement:
        given = {key: value for key, value in entry.items() if value is not None}
        self._names(given, _ELEMENTS, path)
        self._one_of(given, path, "Action", "NotAction")
        if self.kind == "identity":
            self._one_of(given, path, "Resource", "NotResource")
            self._none_of(given, path, "Principal", "NotPrincipal")
        else:
            self._one_of(given, path, "Principal", "NotPrincipal")
            self._none_of(given, path, "Resource", "NotResource")
        for element in ("Action", "NotAction", "Resource", "NotResource"):
            if element in given:
                self._strings(given[element], f"{path}.{element}")
        for element in ("Principal", "NotPrincipal"):
            if element in given:
                self._principal(given[element], f"{path}.{element}")
        if "Condition" in given:
            self._condition(given["Condition"], f"{path}.Condition")
        return Statement(path=path, elements=given, effect=self._effect(given, path))

    def _effect(self, given: Mapping[str, Value], path: str) -> Literal["Allow", "Deny"] | Unknown:
        effect = given.get("Effect")
        if effect == "Allow":
            return "Allow"
        if effect == "Deny":
            return "Deny"
        if isinstance(effect, Unknown | Secret):
            return UNKNOWN
        what = "nothing" if effect is None else shown(effect)
        self._fault(
            f"{path}.Effect", f'{what} is given; it is "Allow" or "Deny", in this letter case.'
        )
        # What was meant is judged as well.
        is_deny = isinstance(effect, str) and effect.lower() == "deny"
        return "Deny" if is_deny else "Allow"

    def _names(self, given: Mapping[str, Value], known: Sequence[str], path: str) -> None:
        for key in given:
            if key not in known:
                close = _closest(key, known)
                hint = f"; did you mean {close}?" if close else ""
                self._fault(path, f"IAM knows no element {shown(key)}{hint}.")

    def _one_of(self, given: Mapping[str, Value], path: str, one: str, other: str) -> None:
        count = (one in given) + (other in given)
        if count != 1:
            what = "both are given" if count else "neither is given"
            self._fault(path, f"{what}: {one} and {other}; a statement has exactly one of them.")

    def _none_of(self, given: Mapping[str, Value], path: str, *elements: str) -> None:
        for element in elements:
            if element in given:
                where = "a role" if self.kind == "identity" else "who may assume it"
                self._fault(f"{path}.{element}", f"a policy of {where} has no {element}.")

    def _strings(self, value: Value, path: str) -> None:
        if isinstance(value, Sequence) and not isinstance(value, str):
            if not value:
                self._fault(path, "the list is empty.")
            for index, word in enumerate(value):
                self._string(word, f"{path}[{index}]")
        else:
            self._string(value, path)

    def _string(self, word: Value, path: str) -> None:
        if not isinstance(word, Unknown | Secret) and not (isinstance(word, str) and word):
            self._fault(path, f"{shown(word)} is given; it is a text that is not empty.")

    def _principal(self, value: Value, path: str) -> None:
        if isinstance(value, Mapping):
            self._names(value, _PRINCIPALS, path)
            if not value:
                self._fault(path, "nobody is named.")
            for kind, names in value.items():
                self._strings(names, f"{path}.{kind}")
        elif not isinstance(value, Unknown | Secret) and value != "*":
            self._fault(path, f"{shown(value)} is given; it is an object such as {{Service: ...}}.")

    def _condition(self, value: Value, path: str) -> None:
        if isinstance(value, Unknown | Secret):
            return
        if not isinstance(value, Mapping):
            self._fault(path, f"{shown(value)} is given; a condition is an object.")
            return
        for operator, block in value.items():
            if not isinstance(block, Unknown | Secret | Mapping):
                self._fault(
                    f"{path}.{operator}", f"{shown(block)} is given; it is an object of keys."
                )

    def _sids(self, statements: Sequence[Statement]) -> None:
        seen: dict[str, str] = {}
        for statement in statements:
            sid = statement.elements.get("Sid")
            if sid is None or isinstance(sid, Unknown | Secret):
                continue
            path = f"{statement.path}.Sid"
            if not isinstance(sid, str) or (self.kind == "identity" and not _SID.fullmatch(sid)):
                self._fault(path, f"{shown(sid)} is given; it is letters and digits.")
            elif sid in seen:
                self._fault(path, f"{shown(sid)} is also that of {seen[sid]}; each is unique.")
            elif sid:
                seen[sid] = statement.path

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(path, message))


def _closest(word: str, known: Sequence[str]) -> str | None:
    lowered = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), lowered, n=1)
    return lowered[found[0]] if found else None


def _words(value: Value, path: str) -> Words:
    """Numbers and switches count as their text, as IAM takes them in conditions."""
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    known = tuple(
        word if isinstance(word, str) else json.dumps(word)
        for word in listed
        if isinstance(word, str | bool | int | float)
    )
    is_whole = not any(isinstance(word, Unknown | Secret) for word in listed)
    return Words(path=path, known=known, is_whole=is_whole)
