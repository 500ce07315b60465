"""The service's check of a role that it is to assume.

"Role validation failed" begins as the service's own message for runtimes does (agentcore-samples
issue 154); the rest of the wording, and that gateways, memories and capacity providers are
answered alike, was not checked against AWS.
"""

from datetime import UTC, datetime

from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.caller import Caller
from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services import state
from emulator.aws.moto_services.state import Role

SERVICE = "bedrock-agentcore.amazonaws.com"


def assumable_role(caller: Caller, role_arn: str, source_arn: str, *, min_age: float) -> Role:
    """Return the caller's role that the service may assume on behalf of the source.

    `min_age` is how old, in seconds, a role must be: IAM is eventually consistent.
    Raises the service's ValidationException when there is no such role.
    """
    role = state.role(caller, role_arn)
    if (
        role is None
        or (datetime.now(UTC) - _aware(role.created)).total_seconds() < min_age
        or not _trusts_service(caller, role, source_arn)
    ):
        raise validation_error(
            f"Role validation failed for '{role_arn}'. Please verify that the role exists and its "
            "trust policy allows assumption by this service"
        )
    return role


def _trusts_service(caller: Caller, role: Role, source_arn: str) -> bool:
    assume = Action(
        "sts:AssumeRole",
        principals=frozenset({f"Service:{SERVICE}"}),
        context={"aws:SourceAccount": caller.account, "aws:SourceArn": source_arn},
    )
    return decide([role.trust], assume) is Decision.ALLOW


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
