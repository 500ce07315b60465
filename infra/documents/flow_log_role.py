"""The documents of the role that flow logs are delivered as."""

from typing import Final

from infra.documents.contract import render
from infra.naming import StackNames

# IAM quotas: 2,048 characters for a trust policy, 10,240 for a role's inline policies together.
_TRUST_MAX: Final = 2_048
_INLINE_MAX: Final = 10_240


def flow_log_trust_policy(names: StackNames) -> str:
    """Only the flow logs service, for flow logs of this account and region."""
    return render("flow-log-trust.json", _values(names), limit=_TRUST_MAX)


def flow_log_permissions_policy(names: StackNames) -> str:
    """Streams of the stack's one log group, and nothing else."""
    return render(
        "flow-log-permissions.json",
        {**_values(names), "log_group_name": names.flow_log_group},
        limit=_INLINE_MAX,
    )


def _values(names: StackNames) -> dict[str, str]:
    return {
        "account_id": names.account_id,
        "partition": names.partition,
        "region": names.region,
    }
