"""The text of a policy document, read and held against the grammar that all kinds of it share.

Looked at: elements and their forms, the version, effects, the vendors of actions, what principals
look like, condition operators and the shape of conditions, dates in them. Not looked at: which
principals exist (see `principals`), ARNs of resources, actions and condition keys that there are.
Sources: IAM user guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements"
(Version, Sid, Principal, "Condition operators").
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Any, Final, cast

JsonObject = dict[str, Any]

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_EFFECTS: Final = ("Allow", "Deny")
_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS: Final = frozenset(
    {
        *("Sid", "Effect", "Condition"),
        *("Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    }
)
_PRINCIPALS: Final = ("AWS", "Service", "Federated", "CanonicalUser")
_OPERATORS: Final = frozenset(
    {
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
        *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        *("BinaryEquals", "Bool", "IpAddress", "NotIpAddress"),
        *(
            f"{kind}{comparison}{equals}"
            for kind in ("Numeric", "Date")
            for comparison, equals in product(("LessThan", "GreaterThan"), ("", "Equals"))
        ),
        *("NumericEquals", "NumericNotEquals", "DateEquals", "DateNotEquals"),
    }
)
_OPERATOR: Final = re.compile(
    rf"(?:ForAllValues:|ForAnyValue:)?(?:Null|(?P<plain>{'|'.join(_OPERATORS)})(?:IfExists)?)"
)
_ACTION: Final = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[^:\s]+")
_SID: Final = re.compile(r"[A-Za-z0-9]*")
_DATE: Final = re.compile(
    r"\d+|\d{4,}-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?)?", re.IGNORECASE
)


class Presence(Enum):
    """Whether the statements of a document have an element."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    PROHIBITED = "prohibited"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is particular to the documents of one kind."""

    principals: Presence
    resources: Presence
    needs_version: bool = False
    # IAM's own documents; elsewhere a Sid may be any text.
    alphanumeric_sids: bool = False


class Fault(Enum):
    """What is wrong with an element."""

    MISSING = "missing"
    EMPTY = "empty"
    PROHIBITED = "prohibited"
    MALFORMED = "malformed"


class MalformedPolicyError(Exception):
    """A document is none of its kind; services say so in words of their own."""

    def __init__(self, message: str, element: str = "", fault: Fault = Fault.MALFORMED) -> None:
        super().__init__(message)
        self.element = element
        self.fault = fault


def checked_statements(document: str, kind: Kind) -> list[JsonObject]:
    """Return the statements of a sound document. Raises MalformedPolicyError."""
    try:
        parsed: Any = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise MalformedPolicyError(f"The policy is not valid JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise MalformedPolicyError("The policy is not a JSON object")
    policy = cast("JsonObject", parsed)
    _refuse_unknown("policy", policy, _ELEMENTS)
    if policy.get("Version", None if kind.needs_version else _VERSIONS[0]) not in _VERSIONS:
        raise MalformedPolicyError(f"The policy's Version must be one of {', '.join(_VERSIONS)}")
    if not isinstance(policy.get("Id", ""), str):
        raise MalformedPolicyError("The policy's Id is not a text")
    statements = listed(policy.get("Statement", []))
    if not statements:
        raise MalformedPolicyError("The policy has no Statement")
    for statement in statements:
        if not isinstance(statement, dict):
            raise MalformedPolicyError("A statement is not a JSON object")
        _check_statement(cast("JsonObject", statement), kind)
    return statements


def actions_of(statement: JsonObject) -> list[str]:
    """Return the actions that a sound statement names, as its Action or its NotAction."""
    return listed(statement.get("Action", statement.get("NotAction")))


def listed(value: Any) -> list[Any]:
    """Return the list; one value stands for the list of it."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _refuse_unknown(what: str, given: JsonObject, known: frozenset[str]) -> None:
    for name in sorted(given.keys() - known):
        raise MalformedPolicyError(f"The {what} has the unknown element {name}", name)


def _check_statement(statement: JsonObject, kind: Kind) -> None:
    _refuse_unknown("statement", statement, _STATEMENT_ELEMENTS)
    if statement.get("Effect") not in _EFFECTS:
        raise MalformedPolicyError(f"A statement's Effect must be one of {', '.join(_EFFECTS)}")
    sid: Any = statement.get("Sid", "")
    if not isinstance(sid, str) or (kind.alphanumeric_sids and not _SID.fullmatch(sid)):
        raise MalformedPolicyError(f"The statement's Sid {sid!r} is not alphanumeric", "Sid")
    for element, presence in (
        ("Principal", kind.principals),
        ("Action", Presence.REQUIRED),
        ("Resource", kind.resources),
    ):
        _check_presence(statement, element, presence)
    for element in ("Principal", "NotPrincipal"):
        if element in statement:
            _check_principal(statement[element])
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if element in statement and not _is_text_or_texts(statement[element]):
            raise MalformedPolicyError(f"The statement's {element} is not a text or a list of them")
    for action in actions_of(statement):
        if not _ACTION.fullmatch(action):
            raise MalformedPolicyError(f"The action '{action}' is not vendor:name", "Action")
    _check_condition(statement.get("Condition", {}))


def _check_presence(statement: JsonObject, element: str, presence: Presence) -> None:
    given = [name for name in (element, f"Not{element}") if name in statement]
    if len(given) > 1:
        raise MalformedPolicyError(f"A statement has both {' and '.join(given)}")
    if given and presence is Presence.PROHIBITED:
        raise MalformedPolicyError(
            f"A statement has the prohibited element {given[0]}", element, Fault.PROHIBITED
        )
    if not given and presence is Presence.REQUIRED:
        raise MalformedPolicyError(
            f"A statement lacks the required element {element}", element, Fault.MISSING
        )
    for name in given:
        if statement[name] in ("", [], {}):
            raise MalformedPolicyError(f"A statement's {name} is empty", element, Fault.EMPTY)


def _check_principal(named: Any) -> None:
    if named == "*":
        return
    if not isinstance(named, dict):
        raise MalformedPolicyError(f"The principal {named!r} has no kind", "Principal")
    for kind, names in cast("JsonObject", named).items():
        if kind not in _PRINCIPALS:
            raise MalformedPolicyError(f"{kind!r} is no kind of principal", "Principal")
        if names in ("", []):
            raise MalformedPolicyError(f"No {kind} principal is named", "Principal", Fault.EMPTY)
        if not _is_text_or_texts(names):
            raise MalformedPolicyError(f"The {kind} principals are not texts", "Principal")


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, dict):
        raise MalformedPolicyError("The statement's Condition is not a JSON object")
    for operator, keys in cast("JsonObject", condition).items():
        if not isinstance(keys, dict):
            raise MalformedPolicyError(f"The condition {operator} is not a JSON object")
        known = _OPERATOR.fullmatch(operator)
        if known is None:
            raise MalformedPolicyError(f"The condition operator {operator} is unknown")
        for value in _values(cast("JsonObject", keys)):
            if not isinstance(value, (str, bool, int, float)):
                raise MalformedPolicyError(f"A value of the condition {operator} is not a text")
            is_date = (known["plain"] or "").startswith("Date")
            if is_date and not _DATE.fullmatch(str(value)):
                raise MalformedPolicyError(f"The value {value!r} of {operator} is no date")


def _values(keys: JsonObject) -> Iterator[Any]:
    for values in keys.values():
        yield from listed(values)


def _is_text_or_texts(value: Any) -> bool:
    return all(isinstance(one, str) for one in listed(value))
