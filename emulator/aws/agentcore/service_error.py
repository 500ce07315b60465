"""Errors of the AgentCore service, as its resource handlers pass them on to Cloud Control."""

import uuid

from emulator.aws.cloudcontrol.handler import HandlerError


def validation_error(message: str) -> HandlerError:
    """Return the service's ValidationException, which the handlers map to InvalidRequest."""
    return HandlerError(
        "InvalidRequest",
        f"{message} (Service: BedrockAgentCoreControl, Status Code: 400, "
        f"Request ID: {uuid.uuid4()}) (SDK Attempt Count: 1)",
    )
