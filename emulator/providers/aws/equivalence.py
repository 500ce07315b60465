"""When two values of a property mean the same to AWS."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from emulator.providers.values import Json, Object, as_list, as_object, is_empty, is_unknown

SORTED_IN_A_STATEMENT = ("Action", "NotAction", "Resource", "NotResource")
PRINCIPALS = ("Principal", "NotPrincipal")


def exact(old: Json, new: Json) -> bool:
    """The same value."""
    return old == new


def same_policy(old: Json, new: Json) -> bool:
    """The same IAM policy: order, whitespace, one string or a list of one do not matter.

    The rules of pulumi-aws's upstream (github.com/hashicorp/awspolicyequivalence).
    """
    return _same_json(old, new, _canonical_policy)


def same_lifecycle_policy(old: Json, new: Json) -> bool:
    """The same ECR lifecycle policy: rules in any order, tag lists in any order, or empty.

    The rules of terraform-provider-aws, internal/service/ecr/lifecycle_policy.go.
    """
    return _same_json(old, new, _canonical_lifecycle_policy)


def same_in_any_order(old: Json, new: Json) -> bool:
    """The same things, in any order; what a thing leaves out is the same as what it has empty."""
    if is_unknown(old) or is_unknown(new):
        return old == new
    return sorted(map(_text, map(_without_empty, as_list(old) or []))) == sorted(
        map(_text, map(_without_empty, as_list(new) or []))
    )


def same_key(old: Json, new: Json) -> bool:
    """The same KMS key, by its id or its ARN (terraform-provider-aws: KeyARNOrIDEqual)."""
    return str(old).rpartition("/")[2] == str(new).rpartition("/")[2]


def _same_json(old: Json, new: Json, canonical: Any) -> bool:
    if old == new:
        return True
    if is_unknown(old) or is_unknown(new) or not isinstance(old, str) or not isinstance(new, str):
        return False
    try:
        return canonical(json.loads(old)) == canonical(json.loads(new))
    except ValueError:
        return False


def _canonical_policy(document: Json) -> Json:
    if not isinstance(document, dict):
        return document
    policy = cast("Object", document)
    statements = _listed(policy.get("Statement", []))
    canonical = [_canonical_statement(statement) for statement in statements]
    return {**policy, "Statement": sorted(canonical, key=_text)}


def _canonical_statement(statement: Json) -> Json:
    if not isinstance(statement, dict):
        return statement
    result = cast("Object", statement).copy()
    for name in SORTED_IN_A_STATEMENT:
        if name in result:
            result[name] = sorted(map(str, _listed(result[name])))
    for name in ("Action", "NotAction"):
        if name in result:
            result[name] = sorted(action.lower() for action in result[name])
    for name in PRINCIPALS:
        if name in result:
            result[name] = _canonical_principal(result[name])
    if "Condition" in result:
        result["Condition"] = {
            operator: {key: sorted(map(_text, _listed(value))) for key, value in keys.items()}
            for operator, keys in cast("dict[str, Object]", result["Condition"]).items()
        }
    return result


def _canonical_principal(principal: Json) -> Json:
    if principal == "*":
        return {"AWS": ["*"]}
    if not isinstance(principal, dict):
        return principal
    return {
        kind: sorted(_account_or_arn(str(member)) for member in _listed(members))
        for kind, members in cast("Object", principal).items()
    }


def _account_or_arn(principal: str) -> str:
    match = re.fullmatch(r"arn:[^:]+:iam::(\d{12}):root", principal)
    return match.group(1) if match else principal


def _canonical_lifecycle_policy(document: Json) -> Json:
    if not isinstance(document, dict):
        return document
    rules = [_canonical_rule(rule) for rule in _listed(cast("Object", document).get("rules", []))]
    return sorted(rules, key=lambda rule: (rule.get("rulePriority", 0), _text(rule)))


def _canonical_rule(rule: Json) -> Object:
    result = cast("Object", rule).copy()
    selection = dict(cast("Object", result.get("selection", {})))
    for name in ("tagPrefixList", "tagPatternList"):
        tags = sorted(map(str, selection.pop(name, [])))
        if tags:
            selection[name] = tags
    result["selection"] = selection
    return result


def _without_empty(value: Json) -> Json:
    fields = as_object(value)
    if fields is None:
        return value
    return {name: field for name, field in fields.items() if not is_empty(field)}


def _listed(value: Json) -> list[Json]:
    return cast("list[Json]", value) if isinstance(value, list) else [value]


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
