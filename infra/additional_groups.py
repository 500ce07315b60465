"""Looks up the security groups that agents have besides the stack's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from infra.look_up import answers, ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


async def group_findings(
    groups: Mapping[str, str], vpc_id: str | None, options: pulumi.InvokeOptions
) -> list[str]:
    """What is wrong with the groups.

    Args:
        groups: the config key that names each, by its id.
        vpc_id: the VPC they have to be of; None where it is not known before it is made, and then
            the service decides.
        options: the provider that looks.
    """
    found, failed = await answers(
        {
            group_id: ask(
                "aws:ec2/getSecurityGroup:getSecurityGroup",
                {"id": group_id},
                aws.ec2.GetSecurityGroupResult,
                options,
            )
            for group_id in groups
        }
    )
    wrong = failed | {
        group_id: f"is of {group.vpc_id}, and agents run in {vpc_id}"
        for group_id, group in found.items()
        if vpc_id not in (None, group.vpc_id)
    }
    filters = f" --filters Name=vpc-id,Values={vpc_id}" if vpc_id else ""
    return [
        f"{group_id} ({groups[group_id]}): {reason}. Name groups of the agents' network: aws ec2 "
        f"describe-security-groups{filters}"
        for group_id, reason in sorted(wrong.items())
    ]
