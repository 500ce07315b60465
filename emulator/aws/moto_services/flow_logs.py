"""Flow logs as moto's EC2 has them, delivered by a role that may.

Checked: the role can be assumed for them. Whether it may write to the log group is told at each
look, by the status of the delivery, as EC2 does; a group that is missing is made by EC2 when it
delivers first, if the role may. No events are delivered here.
Source: VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs" and "Troubleshoot
VPC Flow Logs".
"""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.flow_logs import FlowLogs

from emulator.aws.caller import Caller
from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Role

_SERVICE = "Service:vpc-flow-logs.amazonaws.com"
_TO_LOGS = "cloud-watch-logs"
_DELIVERING = ("logs:CreateLogStream", "logs:PutLogEvents")


class FlowLogDelivery(EC2Backend):
    """EC2 of one account in one region, with what it keeps of flow logs."""

    def create_flow_logs(
        self,
        resource_type: str,
        resource_ids: list[str],
        traffic_type: str,
        deliver_logs_permission_arn: str,
        *args: Any,
        **kwargs: Any,
    ) -> tuple[list[FlowLogs], list[Any]]:
        """Create the flow logs when their role can be assumed for them."""
        if deliver_logs_permission_arn:
            self._check_role(deliver_logs_permission_arn)
        _, in_logs, group = str(kwargs.get("log_destination")).partition(":log-group:")
        if in_logs:
            kwargs["log_group_name"] = group.removesuffix(":*")
        return super().create_flow_logs(
            resource_type,
            resource_ids,
            traffic_type,
            deliver_logs_permission_arn,
            *args,
            **kwargs,
        )

    def describe_flow_logs(
        self, flow_log_ids: list[str] | None = None, filters: Any = None
    ) -> list[FlowLogs]:
        """Describe the flow logs with the status that their delivery has."""
        found = super().describe_flow_logs(flow_log_ids, filters)
        for one in found:
            if one.log_destination_type == _TO_LOGS:
                delivered = self._may_deliver(one)
                one.deliver_logs_status = "SUCCESS" if delivered else "FAILED"
                one.deliver_logs_error_message = None if delivered else "Access error"
        return found

    def _check_role(self, arn: str) -> None:
        role = self._role(arn)
        asked = Action(
            "sts:AssumeRole",
            principals=frozenset({_SERVICE}),
            context={
                "aws:SourceAccount": self.account_id,
                "aws:SourceArn": (
                    f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:vpc-flow-log/fl-0"
                ),
            },
        )
        if role is None or decide([role.trust], asked) is not Decision.ALLOW:
            raise EC2ClientError("InvalidParameter", f"Unable to assume given IAM role. ({arn})")

    def _may_deliver(self, flow_log: FlowLogs) -> bool:
        role = self._role(flow_log.deliver_logs_permission_arn)
        group = flow_log.log_group_name
        owner = f"arn:{self.partition}:logs:{self.region_name}:{self.account_id}"
        stream = f"{owner}:log-group:{group}:log-stream:eni-0"
        there = state.log_group_exists(self._caller, group)
        needed = _DELIVERING if there else (*_DELIVERING, "logs:CreateLogGroup")
        return role is not None and all(_allows(role, name, stream) for name in needed)

    def _role(self, arn: str) -> Role | None:
        return state.role(self._caller, arn)

    @property
    def _caller(self) -> Caller:
        return Caller(self.account_id, self.region_name, "ec2")


def _allows(role: Role, name: str, resource: str) -> bool:
    asked = Action(name, resource=resource)
    bounded = role.boundary is None or decide([role.boundary], asked) is Decision.ALLOW
    return bounded and decide(role.policies, asked) is Decision.ALLOW
