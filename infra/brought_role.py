"""Looks up what the user brings of IAM, and checks that runtimes can do their work with it.

That is a role made elsewhere, and the permissions boundary of the stack's own roles.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

from infra.agent_plan import AgentPlan
from infra.look_up import reason_of
from infra.naming import StackNames
from infra.permission_check import MissingPermissionsError, RoleDocuments, check_role
from infra.policy_evaluation import Document


def check_brought_roles(
    plans: Iterable[AgentPlan],
    names: StackNames,
    *,
    permissions_boundary: str | None,
    by_aws: pulumi.InvokeOptions,
    by_aws_native: pulumi.InvokeOptions,
) -> None:
    """Hold the roles that the user brings, and the boundary of the others, against what is needed.

    What nobody can tell before deployment is a warning. A stack that brings neither looks nothing
    up.

    Args:
        plans: the agents.
        names: whose agents they are.
        permissions_boundary: ARN of the boundary that the stack's own roles get.
        by_aws: the provider that looks up managed policies.
        by_aws_native: the provider that looks up roles.

    Raises:
        MissingPermissionsError: something does not exist, or lacks a permission; the message has a
            line for everything, of all agents.
    """
    look_up = _LookUp(by_aws, by_aws_native)
    missing: list[str] = []
    for plan in plans:
        if plan.role is None:
            key = f"{names.project}:agents.{plan.name}.executionRoleArn"
        elif permissions_boundary is not None:
            key = f"{names.project}:permissionsBoundary"
        else:
            continue
        try:
            documents = (
                look_up.role(plan.role_arn)
                if plan.role is None
                else replace(plan.role.documents, boundary=look_up.boundary(permissions_boundary))
            )
        except _NotReadError as error:
            missing.append(f"{key}: {error}")
            continue
        findings = check_role(names, plan.name, plan.required, documents)
        missing += [f"{plan.role_arn}: {finding}" for finding in findings.missing]
        for doubt in findings.undecided:
            pulumi.log.warn(f"{key}: {plan.role_arn}: {doubt}")
    if missing:
        # A boundary that cannot be read is the same finding for each of the stack's roles.
        raise MissingPermissionsError(
            "\n".join(
                [
                    "agents cannot do their work with these roles. Grant what is named, or remove "
                    "the config keys that require it.",
                    *(f"  - {line}" for line in dict.fromkeys(missing)),
                ]
            )
        )


class _NotReadError(Exception):
    """A look-up that failed; the message says of what, and why."""


@dataclass
class _LookUp:
    by_aws: pulumi.InvokeOptions
    by_aws_native: pulumi.InvokeOptions
    read: dict[str, Document] = field(default_factory=dict[str, Document])

    def role(self, arn: str) -> RoleDocuments:
        """Every document of a role."""
        try:
            role = aws_native.iam.get_role(
                role_name=arn.rpartition("/")[2], opts=self.by_aws_native
            )
        except Exception as error:
            raise _NotReadError(f"{arn}: {reason_of(error)}") from error
        if role.arn != arn:
            raise _NotReadError(f"{arn}: the role of that name is {role.arn}. Write that ARN.")
        inline = [
            Document.read(f"inline policy {policy.policy_name} of {arn}", policy.policy_document)
            for policy in role.policies or []
        ]
        managed = [self._policy("managed policy", each) for each in role.managed_policy_arns or []]
        return RoleDocuments(
            role_arn=arn,
            trust=Document.read(
                f"the trust policy of {arn}", role.assume_role_policy_document or {"Statement": []}
            ),
            identity=[*inline, *managed],
            boundary=self.boundary(role.permissions_boundary),
        )

    def boundary(self, arn: str | None) -> Document | None:
        """The document of a permissions boundary, when there is one."""
        return self._policy("permissions boundary", arn) if arn else None

    def _policy(self, kind: str, arn: str) -> Document:
        if arn not in self.read:
            try:
                found = aws.iam.get_policy(arn=arn, opts=self.by_aws)
            except Exception as error:
                raise _NotReadError(f"{kind} {arn}: {reason_of(error)}") from error
            self.read[arn] = Document.read(f"{kind} {arn}", found.policy)
        return self.read[arn]
