"""Whether the policy of a VPC endpoint admits a call, as far as it is known what the call carries.

Three answers: what turns on a condition key, an operator or a kind of principal that is not known
here is neither allowed nor refused. Sources: IAM user guide, "Policy evaluation logic" and "IAM
JSON policy elements"; PrivateLink guide, "Endpoint policies" (gateway endpoints take principals
only by condition; an account in the policy of an interface endpoint is all of its principals).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, cast

from tests.reachability.network import Answer, items


class Truth(IntEnum):
    """Of three-valued logic: `min` is and, `max` is or."""

    NO = 0
    UNKNOWN = 1
    YES = 2

    def inverted(self) -> "Truth":
        return Truth(2 - self)


class Decision(IntEnum):
    """What the policy says."""

    REFUSED = 0
    UNKNOWN = 1
    ALLOWED = 2


@dataclass(frozen=True)
class Request:
    """One call. `principal` is the ARN of a role or user, None for a caller that is not known.

    `context` has the condition keys whose values are known; of all others nothing is known, not
    even whether they are there.
    """

    principal: str | None
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def decide(document: str | None, request: Request, *, is_gateway: bool = False) -> Decision:
    """Decide by the policy; an endpoint without one has the default, which allows everything."""
    if not document:
        return Decision.ALLOWED
    allowed = denied = Truth.NO
    for statement in _statements(document):
        applies = _applies(statement, request, is_gateway=is_gateway)
        if statement["Effect"] == "Deny":
            denied = max(denied, applies)
        else:
            allowed = max(allowed, applies)
    return Decision(min(allowed, denied.inverted()))


def unknown_keys(document: str | None, request: Request) -> list[str]:
    """The condition keys of the policy whose values are not known."""
    known = {key.lower() for key in request.context}
    return sorted(
        {
            key
            for statement in (_statements(document) if document else ())
            for keys in cast("dict[str, Answer]", statement.get("Condition") or {}).values()
            for key in keys
            if key.lower() not in known
        }
    )


def _statements(document: str) -> list[Answer]:
    parsed = cast("Answer", json.loads(document))
    found = parsed["Statement"]
    return [cast("Answer", found)] if isinstance(found, dict) else items(parsed, "Statement")


def _applies(statement: Answer, request: Request, *, is_gateway: bool) -> Truth:
    conditions = cast("dict[str, Answer]", statement.get("Condition") or {})
    return min(
        _names(statement, "Action", request.action, ignore_case=True),
        _names(statement, "Resource", request.resource),
        _names_principal(statement, request.principal, is_gateway=is_gateway),
        *(
            _holds(operator, key, _listed(wanted), request.context)
            for operator, keys in conditions.items()
            for key, wanted in keys.items()
        ),
    )


def _names(statement: Answer, element: str, value: str, *, ignore_case: bool = False) -> Truth:
    inverted = f"Not{element}" in statement
    given = statement.get(f"Not{element}" if inverted else element)
    patterns = _listed(given) if given is not None else []
    found = _any(_fits(pattern, value, ignore_case=ignore_case) for pattern in patterns)
    return found.inverted() if inverted else found


def _fits(pattern: str, value: str, *, ignore_case: bool = False) -> Truth:
    if _has_variable(pattern):
        return Truth.UNKNOWN
    return _truth(_like(pattern, value, ignore_case=ignore_case))


# Principals ---------------------------------------------------------------------------------------


def _names_principal(statement: Answer, principal: str | None, *, is_gateway: bool) -> Truth:
    if "NotPrincipal" in statement:
        return Truth.UNKNOWN
    element = statement.get("Principal")
    if element == "*":
        return Truth.YES
    if not isinstance(element, dict):
        return Truth.NO
    return _any(
        _is_principal(kind, name, principal, is_gateway=is_gateway)
        for kind, names in cast("Answer", element).items()
        for name in _listed(names)
    )


def _is_principal(kind: str, name: str, principal: str | None, *, is_gateway: bool) -> Truth:
    if name == "*" and kind == "AWS":
        return Truth.YES
    if principal is None:
        return Truth.UNKNOWN
    if kind != "AWS":
        return Truth.NO
    account = account_of(principal)
    if name == account or re.fullmatch(rf"arn:[^:]+:iam::{account}:root", name):
        return Truth.NO if is_gateway else Truth.YES
    if name == principal:
        return Truth.UNKNOWN if is_gateway else Truth.YES
    # A session may be one of this role, and what is no ARN is the id of somebody.
    is_other = name.startswith("arn:") and (":sts:" not in name or account_of(name) != account)
    return Truth.NO if is_other or name.isdigit() else Truth.UNKNOWN


def account_of(arn: str) -> str:
    """The account in the ARN, empty when it has none."""
    return (*arn.split(":"), "", "", "", "", "")[4]


# Conditions ---------------------------------------------------------------------------------------


def _holds(operator: str, key: str, wanted: list[str], context: Mapping[str, str]) -> Truth:
    actual = next((value for known, value in context.items() if known.lower() == key.lower()), None)
    plain = operator.rpartition(":")[2].removesuffix("IfExists")
    if actual is None or any(map(_has_variable, wanted)):
        return Truth.UNKNOWN
    if plain == "Null":
        return _truth(wanted == ["false"])
    test = _OPERATORS.get(plain.replace("Not", "", 1))
    if test is None:
        return Truth.UNKNOWN
    return _truth(any(test(value, actual) for value in wanted) is ("Not" not in plain))


def _like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
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


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignoring_case,
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": _equal_ignoring_case,
}


def _has_variable(text: str) -> bool:
    return "${" in text


def _listed(value: object) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def _any(found: Iterable[Truth]) -> Truth:
    return max(found, default=Truth.NO)


def _truth(value: bool) -> Truth:  # noqa: FBT001 - a value, not a switch
    return Truth.YES if value else Truth.NO
