"""Waits for IAM: a role just made is not yet visible to the service that has to assume it.

IAM is eventually consistent, so the first create of a runtime beside its new role may be refused
although everything is right. There is nothing to ask beforehand that would answer for AgentCore,
so the create itself is the check, tried again for at most two minutes. That is also how long
CloudFormation's own handler retries it.
"""

import asyncio
from typing import Final

import pulumi

# What AgentCore answers while it cannot see the role, or its permissions, yet.
_NOT_YET_VISIBLE: Final = ("Role validation failed", "Access denied while validating ECR URI")
# Seconds before each further attempt: 118 in all.
_WAITS: Final = (2, 4, 8, 16, 24, 32, 32)


async def try_again(args: pulumi.ErrorHookArgs) -> bool:
    """Whether a failed create is worth another attempt; waits before it says so."""
    newest = args.errors[0] if args.errors else ""
    attempts = len(args.errors)
    if args.failed_operation != "create" or not any(text in newest for text in _NOT_YET_VISIBLE):
        return False
    if attempts > len(_WAITS):
        return False
    pulumi.log.info(
        f"{args.name}: the service cannot use the execution role yet; IAM takes a moment. "
        f"Attempt {attempts + 1} of {len(_WAITS) + 1} in {_WAITS[attempts - 1]} s."
    )
    await asyncio.sleep(_WAITS[attempts - 1])
    return True


def retry_while_role_propagates() -> pulumi.ErrorHook:
    """The hook for resources that the service creates by assuming a role of this stack."""
    return pulumi.ErrorHook("retry-while-role-propagates", try_again)
