"""Whether IAM policies allow an action: a compact evaluation of policy documents.

Follows "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user guide: an explicit
Deny wins, then an Allow is needed. Covered: Action, NotAction, Resource, NotResource, Principal
and NotPrincipal (Service, AWS), wildcards `*` and `?`, and all condition operators with IfExists,
ForAnyValue and ForAllValues. A statement with any other operator never applies, so that an Allow
that is not understood allows nothing; nor does one that compares what is not of its kind.
"""

import ipaddress
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

JsonObject = dict[str, Any]


class Decision(Enum):
    """What a set of policies says about one action."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"


@dataclass(frozen=True)
class Action:
    """What is asked: may `principal` do `name` on `resource`, in this context?"""

    name: str
    resource: str = "*"
    # "Service:bedrock-agentcore.amazonaws.com" or "AWS:<arn>"; for policies that name principals.
    principals: frozenset[str] = frozenset()
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def decide(documents: Iterable[str], action: Action) -> Decision:
    """Decide over all documents together. A document that is not JSON says nothing."""
    decision = Decision.SILENT
    for statement in (part for document in documents for part in _statements(document)):
        if _applies(statement, action):
            if statement.get("Effect") == "Deny":
                return Decision.DENY
            decision = Decision.ALLOW
    return decision


def _statements(document: str) -> list[JsonObject]:
    try:
        parsed: Any = json.loads(document)
    except ValueError:
        return []
    if not isinstance(parsed, dict):
        return []
    found: object = cast("JsonObject", parsed).get("Statement")
    return [cast("JsonObject", part) for part in _listed(found) if isinstance(part, dict)]


def _applies(statement: JsonObject, action: Action) -> bool:
    return (
        _names(statement, "Action", action.name, ignore_case=True)
        and _names(statement, "Resource", action.resource)
        and _names_principal(statement, action.principals)
        and all(
            _condition(operator, cast("JsonObject", keys), action.context)
            for operator, keys in cast("JsonObject", statement.get("Condition") or {}).items()
        )
    )


def _names(statement: JsonObject, element: str, value: str, *, ignore_case: bool = False) -> bool:
    if f"Not{element}" in statement:
        patterns = _listed(statement[f"Not{element}"])
        return not any(_like(str(p), value, ignore_case=ignore_case) for p in patterns)
    if element not in statement:
        # A trust policy has no Resource: it is attached to the role it speaks of.
        return element == "Resource"
    return any(_like(str(p), value, ignore_case=ignore_case) for p in _listed(statement[element]))


def _names_principal(statement: JsonObject, principals: frozenset[str]) -> bool:
    if "NotPrincipal" in statement:
        return not (_principals(statement["NotPrincipal"]) & principals)
    if "Principal" not in statement:
        return not principals
    named = _principals(statement["Principal"])
    return "*" in named or bool(named & principals)


def _principals(element: object) -> frozenset[str]:
    if not isinstance(element, dict):
        return frozenset(str(name) for name in _listed(element))
    named: set[str] = set()
    for kind, names in cast("JsonObject", element).items():
        for name in _listed(names):
            if name == "*":
                named.add("*")
            elif kind == "AWS" and re.fullmatch(r"\d{12}", str(name)):
                named.add(f"AWS:arn:aws:iam::{name}:root")
            else:
                named.add(f"{kind}:{name}")
    return frozenset(named)


def _condition(operator: str, keys: JsonObject, context: Mapping[str, str]) -> bool:
    values = {key.lower(): value for key, value in context.items()}
    set_operator, _, plain = operator.rpartition(":")
    if_exists = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    for key, wanted in keys.items():
        actual = values.get(key.lower())
        patterns = [_text(value) for value in _listed(wanted)]
        if plain == "Null":
            if (actual is None) != (patterns == ["true"]):
                return False
            continue
        test = _OPERATORS.get(plain)
        if test is None:
            return False
        negated = "Not" in plain
        if actual is None:
            if set_operator == "ForAnyValue" and not if_exists:
                return False  # none of no values fits, negated or not
            if not (if_exists or negated or set_operator == "ForAllValues"):
                return False
        elif _any_fits(test, patterns, actual) in (negated, None):
            return False
    return True


def _any_fits(test: Callable[[str, str], bool], patterns: list[str], actual: str) -> bool | None:
    """Whether the value fits one of the patterns; None when one of them is not of its kind."""
    try:
        return any(test(pattern, actual) for pattern in patterns)
    except ValueError:
        return None


def _like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    expression = "".join(
        ".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern
    )
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.fullmatch(expression, value, flags) is not None


def _arn_like(pattern: str, value: str) -> bool:
    """Compare ARNs part by part: a wildcard does not reach across the first five colons."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) and all(map(_like, patterns, values))


def _equal(wanted: str, actual: str) -> bool:
    return wanted == actual


def _equal_ignoring_case(wanted: str, actual: str) -> bool:
    return wanted.lower() == actual.lower()


def _in_network(wanted: str, actual: str) -> bool:
    return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)


def _seconds(text: str) -> float:
    """Read a date: ISO 8601 or seconds since 1970."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _comparing(
    read: Callable[[str], float], compare: Callable[[float, float], bool]
) -> Callable[[str, str], bool]:
    return lambda wanted, actual: compare(read(actual), read(wanted))


# Each test raises ValueError for what is not of its kind: no number, no date, no address.
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "Equals": operator.eq,
    "NotEquals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}

# A negated operator is the same test, whose result must be false.
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignoring_case,
    "StringNotEqualsIgnoreCase": _equal_ignoring_case,
    "StringLike": _like,
    "StringNotLike": _like,
    "ArnEquals": _arn_like,
    "ArnNotEquals": _arn_like,
    "ArnLike": _arn_like,
    "ArnNotLike": _arn_like,
    "Bool": _equal_ignoring_case,
    "BinaryEquals": _equal,
    "IpAddress": _in_network,
    "NotIpAddress": _in_network,
    **{f"Numeric{name}": _comparing(float, test) for name, test in _COMPARISONS.items()},
    **{f"Date{name}": _comparing(_seconds, test) for name, test in _COMPARISONS.items()},
}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]
