"""What policy documents say of a request, when not everything about the request is known yet.

After "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user guide: an explicit
Deny wins, then an Allow is needed. Action, NotAction, Resource, NotResource, the service principals
of Principal and NotPrincipal, wildcards, and conditions are honoured. Every test has three answers:
a condition on a key whose value nobody knows before deployment, a comparison of numbers, dates or
addresses, a policy variable, and a grant on a part of what is asked for, all are MAYBE and never
pass for a yes or a no.

Statements are judged one by one: that two of them together would cover a request is not seen, and
ends as MAYBE. Organisation policies, session policies and policies of resources are not here.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, cast

from infra.wildcards import covers, overlap

JsonObject = Mapping[str, Any]

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")


class _Answer(Enum):
    NO = 0
    MAYBE = 1
    YES = 2

    def __invert__(self) -> "_Answer":
        return _Answer(2 - self.value)


def _any(answers: Iterable[_Answer]) -> _Answer:
    return max(answers, key=lambda answer: answer.value, default=_Answer.NO)


def _all(answers: Iterable[_Answer]) -> _Answer:
    return min(answers, key=lambda answer: answer.value, default=_Answer.YES)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A policy document under the name that messages give it."""

    name: str
    statements: Sequence[JsonObject]

    @classmethod
    def read(cls, name: str, document: str | JsonObject) -> "Document":
        """Read a document as IAM hands it out: text, or JSON already read.

        Raises:
            ValueError: it is no JSON.
        """
        parsed: Any = json.loads(document) if isinstance(document, str) else document
        return cls(name=name, statements=cast("list[JsonObject]", _listed(parsed["Statement"])))


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked: may the caller do this, on all of that?

    Attributes:
        action: one action, without wildcards.
        resource: an ARN, or the pattern of all those that are asked for; a star alone for actions
            that know no resource.
        context: the condition keys whose values are known; a value may be a pattern too. None says
            that the request does not carry the key. About any other key nothing is known.
        service: the service that asks, for documents that name principals.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    service: str | None = None


class Verdict(Enum):
    """What documents say of a request; UNDECIDED hangs on what is not known yet."""

    ALLOWED = "allowed"
    DENIED = "denied"
    SILENT = "silent"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Decision:
    """A verdict, and the statements that make it one; none when no statement says anything."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def decide(documents: Iterable[Document], request: Request) -> Decision:
    """Decide over all documents together."""
    found: dict[tuple[bool, _Answer], list[str]] = {}
    for document in documents:
        for number, statement in enumerate(document.statements, start=1):
            answer, why = _applies(statement, request)
            label = f"statement {statement.get('Sid') or number} of {document.name}"
            denies = statement.get("Effect") == "Deny"
            found.setdefault((denies, answer), []).append(f"{label}{why}")

    def those(answer: _Answer, *, deny: bool) -> tuple[str, ...]:
        return tuple(found.get((deny, answer), ()))

    if denied := those(_Answer.YES, deny=True):
        return Decision(Verdict.DENIED, denied)
    allowed, perhaps = (those(answer, deny=False) for answer in (_Answer.YES, _Answer.MAYBE))
    if not allowed and not perhaps:
        return Decision(Verdict.SILENT)
    doubts = (() if allowed else perhaps) + those(_Answer.MAYBE, deny=True)
    return Decision(Verdict.UNDECIDED, doubts) if doubts else Decision(Verdict.ALLOWED, allowed)


def _applies(statement: JsonObject, request: Request) -> tuple[_Answer, str]:
    """Whether the statement speaks of the request, and what that hangs on when nobody can tell."""
    named = _all([_action(statement, request), _principal(statement, request.service)])
    if named is _Answer.NO:
        return named, ""
    on = _resource(statement, request)
    conditions = {
        f"{operator} {key}": _condition(operator, key, values, request.context)
        for operator, keys in cast("JsonObject", statement.get("Condition") or {}).items()
        for key, values in cast("JsonObject", keys).items()
    }
    answer = _all([named, on, *conditions.values()])
    if answer is not _Answer.MAYBE:
        return answer, ""
    doubts = [text for text, holds in conditions.items() if holds is _Answer.MAYBE]
    hangs_on = [f"the condition {' and '.join(doubts)}"] if doubts else []
    if on is _Answer.MAYBE:
        hangs_on.append("which of these resources it is")
    if named is _Answer.MAYBE:
        hangs_on.append("whether its principal stands for the service")
    return answer, f" (it hangs on {', and on '.join(hangs_on)})"


def _action(statement: JsonObject, request: Request) -> _Answer:
    def holds(pattern: str) -> _Answer:
        return _matches(pattern.lower(), request.action.lower())

    return _element(statement, "Action", holds, absent=_Answer.NO)


def _resource(statement: JsonObject, request: Request) -> _Answer:
    def holds(pattern: str) -> _Answer:
        if request.resource == "*":
            return _Answer.YES if set(pattern) == {"*"} else _Answer.NO
        return _matches(pattern, request.resource)

    # A trust policy has none: it is attached to the role it speaks of.
    return _element(statement, "Resource", holds, absent=_Answer.YES)


def _element(
    statement: JsonObject, element: str, holds: Callable[[str], _Answer], *, absent: _Answer
) -> _Answer:
    if element in statement:
        return _any(holds(str(pattern)) for pattern in _listed(statement[element]))
    if f"Not{element}" in statement:
        return ~_any(holds(str(pattern)) for pattern in _listed(statement[f"Not{element}"]))
    return absent


def _principal(statement: JsonObject, service: str | None) -> _Answer:
    if service is None:
        return _Answer.YES

    def names(principals: object) -> _Answer:
        if not isinstance(principals, Mapping):
            return _Answer.MAYBE  # a star: nothing says whether it stands for services too
        kinds = cast("JsonObject", principals)
        if service in _listed(kinds.get("Service", [])):
            return _Answer.YES
        return _Answer.MAYBE if "*" in _listed(kinds.get("AWS", [])) else _Answer.NO

    if "Principal" in statement:
        return names(statement["Principal"])
    return ~names(statement.get("NotPrincipal", {}))


def _condition(
    operator: str, key: str, values: object, context: Mapping[str, str | None]
) -> _Answer:
    known = {name.lower(): value for name, value in context.items()}
    if key.lower() not in known:
        return _Answer.MAYBE
    actual = known[key.lower()]
    over_set, _, name = operator.rpartition(":")
    name, if_exists = name.removesuffix("IfExists"), name.endswith("IfExists")
    wanted = [_text(value) for value in _listed(values)]
    if name == "Null":
        return _Answer.YES if str(actual is None).lower() in wanted else _Answer.NO
    negated = "Not" in name
    if actual is None:
        is_met = over_set != "ForAnyValue" and (negated or over_set == "ForAllValues")
        return _Answer.YES if if_exists or is_met else _Answer.NO
    compare = _COMPARISONS.get(name.replace("Not", ""))
    if compare is None:
        return _Answer.MAYBE
    met = _any(compare(value, actual) for value in wanted)
    return ~met if negated else met


def _matches(pattern: str, wanted: str) -> _Answer:
    """Whether a pattern matches all of what is wanted, some of it, or none.

    The value of a policy variable is known to nobody here; it may be anything.
    """
    if _VARIABLE.search(pattern):
        return _all([_matches(_VARIABLE.sub("*", pattern), wanted), _Answer.MAYBE])
    if covers(pattern, wanted):
        return _Answer.YES
    return _Answer.MAYBE if overlap(pattern, wanted) else _Answer.NO


def _equals(value: str, actual: str) -> _Answer:
    # A wildcard is a character like any other here, and no value of a request holds one.
    return _Answer.NO if set(value) & {"*", "?"} else _matches(value, actual)


def _equals_ignoring_case(value: str, actual: str) -> _Answer:
    return _equals(value.lower(), actual.lower())


def _arn_matches(value: str, actual: str) -> _Answer:
    """Compare ARNs part by part: a wildcard does not reach across the first five colons."""
    if _VARIABLE.search(value):
        return _matches(value, actual)
    parts, actual_parts = value.split(":", 5), actual.split(":", 5)
    if len(parts) != len(actual_parts):
        return _Answer.NO
    return _all(map(_matches, parts, actual_parts))


_COMPARISONS: Final[Mapping[str, Callable[[str, str], _Answer]]] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _matches,
    "ArnEquals": _arn_matches,
    "ArnLike": _arn_matches,
    "Bool": _equals_ignoring_case,
}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: object) -> list[object]:
    return list(cast("Sequence[object]", value)) if isinstance(value, list | tuple) else [value]
