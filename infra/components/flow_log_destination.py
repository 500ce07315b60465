"""Where the flow logs of a stack's network go."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class FlowLogDestinationArgs:
    """What shapes the destination.

    Attributes:
        log_group_name: physical name of the log group.
        retention_days: how long a record is kept, one of CloudWatch Logs' values.
        kms_key_arn: the key to encrypt with; None is CloudWatch Logs' own.
        role_name: physical name of the role the flow logs service delivers as.
        trust_policy: the whole document of who may assume it.
        permissions_policy: the whole document of what it may do.
        permissions_boundary: ARN of a managed policy that bounds the role; None for no bounds.
        protect: refuse to delete the log group.
    """

    log_group_name: str
    retention_days: int
    kms_key_arn: pulumi.Input[str] | None
    role_name: str
    trust_policy: str
    permissions_policy: str
    permissions_boundary: str | None
    protect: bool


class FlowLogDestination(pulumi.ComponentResource):
    """A log group, and the role that may write its streams.

    It belongs to the stack and not to one network, so that the records of a network that was
    replaced stay where they are looked for.
    """

    log_group_arn: pulumi.Output[str]
    """ARN of the log group."""
    role_arn: pulumi.Output[str]
    """ARN of the role."""

    def __init__(
        self,
        name: str,
        args: FlowLogDestinationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("agentcore:network:FlowLogDestination", name, None, opts)
        log_group = aws.cloudwatch.LogGroup(
            name,
            name=args.log_group_name,
            retention_in_days=args.retention_days,
            kms_key_id=args.kms_key_arn,
            # The name is fixed, so the old one has to go first.
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, delete_before_replace=True
            ),
        )
        role = aws.iam.Role(
            name,
            name=args.role_name,
            description=f"Delivers the flow logs of {name}",
            assume_role_policy=args.trust_policy,
            permissions_boundary=args.permissions_boundary,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        permissions = aws.iam.RolePolicy(
            name,
            name="deliver",
            role=role.name,
            policy=args.permissions_policy,
            # Name and role together are the policy's identity.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.log_group_arn = log_group.arn
        # Whoever delivers as the role needs what it may do.
        self.role_arn = pulumi.Output.all(role.arn, permissions.id).apply(lambda both: both[0])
        self.register_outputs({"logGroupArn": self.log_group_arn, "roleArn": self.role_arn})
