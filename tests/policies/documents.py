"""Changes of policy documents in their JSON text."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from agentcore_policies.model import Value

Statements: TypeAlias = list[dict[str, Any]]
Change: TypeAlias = Callable[[Value], Value]


def document(*statements: dict[str, Any]) -> str:
    """A document that allows."""
    given = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": given})


def changed(change: Callable[[Statements], object]) -> Change:
    """The document with other statements."""

    def apply(text: Value) -> Value:
        policy = json.loads(cast("str", text))
        change(policy["Statement"])
        return json.dumps(policy)

    return apply


def without(sid: str) -> Change:
    """The document without a statement."""

    def remove(statements: Statements) -> None:
        (one,) = [statement for statement in statements if statement.get("Sid") == sid]
        statements.remove(one)

    return changed(remove)


def with_first(**elements: Any) -> Change:
    """The first statement with other elements; those that are None it does not have."""

    def update(statements: Statements) -> None:
        statements[0].update(elements)
        for name in [name for name in elements if elements[name] is None]:
            del statements[0][name]

    return changed(update)


def allowing(*statements: dict[str, Any]) -> Change:
    """The document with statements more, which allow unless they say otherwise."""
    return changed(
        lambda given: given.extend({"Effect": "Allow", **statement} for statement in statements)
    )
