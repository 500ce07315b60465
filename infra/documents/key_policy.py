"""Who may use the stack's customer-managed key."""

from typing import Final

from infra.documents.contract import render
from infra.naming import StackNames

# KMS quotas: 32 KB for a key policy document.
KEY_POLICY_MAX: Final = 32_768


def key_policy(names: StackNames) -> str:
    """The account's IAM policies decide; ECR needs no grant here, it acts for the caller."""
    return render(
        "key-policy.json",
        {"account_id": names.account_id, "partition": names.partition},
        limit=KEY_POLICY_MAX,
    )
