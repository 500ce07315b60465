"""Whether the policy of an endpoint that somebody else made lets an agent through."""

from collections.abc import Mapping
from typing import Any, cast

from infra.policy_evaluation import Document, Request, Verdict, decide


def is_shut_out(role_arn: str, request: Request, policy: str) -> bool:
    """Whether the policy surely refuses the request of a role; a doubt is no refusal.

    Read are statements that name everybody, the role or its account. An Allow for all but some, or
    a Deny of all but some, is taken to let the role through.

    Args:
        role_arn: who asks.
        request: what for.
        policy: the endpoint's policy, as JSON.
    """
    document = Document.read("the endpoint's policy", policy)
    spoken = [one for one in document.statements if _names(one, role_arn)]
    verdict = decide([Document(name=document.name, statements=spoken)], request).verdict
    return verdict in (Verdict.DENIED, Verdict.SILENT)


def _names(statement: Mapping[str, Any], role_arn: str) -> bool:
    if "Principal" not in statement:
        return statement.get("Effect") == "Allow"
    principal: Any = statement["Principal"]
    named: Any = cast("Any", principal).get("AWS", []) if isinstance(principal, dict) else principal
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    meant = {"*", role_arn, account, f"arn:{partition}:iam::{account}:root"}
    return not meant.isdisjoint([named] if isinstance(named, str) else named)
