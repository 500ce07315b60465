"""The role an agent's container runs as."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class ExecutionRoleArgs:
    """What shapes the role.

    Attributes:
        role_name: physical name, unique in the account.
        trust_policy: the whole document of who may assume it.
        permissions_policy: the whole document of what it may do.
        permissions_boundary: ARN of a managed policy that bounds it; None for no bounds.
        tags: tags of the agent, besides those of the provider.
    """

    role_name: str
    trust_policy: str
    permissions_policy: str
    permissions_boundary: str | None
    tags: dict[str, str]


class ExecutionRole(pulumi.ComponentResource):
    """An IAM role with one inline policy.

    The policy is inline because it belongs to this role alone and goes with it. No managed
    policy is attached.
    """

    arn: pulumi.Output[str]
    """ARN of the role."""
    role: aws.iam.Role
    """The role; what names it as a principal depends on it."""
    permissions: aws.iam.RolePolicy
    """The attached permissions; what needs the role usable depends on them."""

    def __init__(
        self, name: str, args: ExecutionRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agentcore:security:ExecutionRole", name, None, opts)
        self.role = aws.iam.Role(
            name,
            name=args.role_name,
            description=f"Execution role of the agent runtime {name}",
            assume_role_policy=args.trust_policy,
            permissions_boundary=args.permissions_boundary,
            tags=args.tags,
            # The name is fixed, so the old one has to go first.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.permissions = aws.iam.RolePolicy(
            name,
            name="agent",
            role=self.role.name,
            policy=args.permissions_policy,
            # Name and role together are the policy's identity.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.arn = self.role.arn
        self.register_outputs({"arn": self.arn})
