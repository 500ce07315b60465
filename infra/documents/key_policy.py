"""Who may use the stack's customer-managed key."""

from typing import Final

from infra.documents.contract import render
from infra.naming import StackNames
from infra.regions import dns_suffix_of

# KMS quotas: 32 KB for a key policy document.
KEY_POLICY_MAX: Final = 32_768


def key_policy(names: StackNames) -> str:
    """The account's IAM policies decide; ECR needs no grant here, it acts for the caller.

    CloudWatch Logs may use the key for the log group of flow logs also while there is none: what it
    encrypted stays readable when a stack gives its network up.
    """
    return render(
        "key-policy.json",
        {
            "account_id": names.account_id,
            "partition": names.partition,
            "region": names.region,
            "dns_suffix": dns_suffix_of(names.region),
            "log_group_name": names.flow_log_group,
        },
        limit=KEY_POLICY_MAX,
    )
