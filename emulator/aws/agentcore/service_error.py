"""Errors of the AgentCore service, as its resource handlers pass them on to Cloud Control."""

import uuid

from emulator.aws.cloudcontrol.handler import HandlerError

_STATUS = {"InvalidRequest": 400, "NotFound": 404, "ResourceConflict": 409}


def validation_error(message: str) -> HandlerError:
    """Return the service's ValidationException, which the handlers map to InvalidRequest."""
    return service_error("InvalidRequest", message)


def service_error(code: str, message: str) -> HandlerError:
    """Return a service's error with the handler error code that stands for it."""
    return HandlerError(
        code,
        f"{message} (Service: BedrockAgentCoreControl, Status Code: {_STATUS[code]}, "
        f"Request ID: {uuid.uuid4()}) (SDK Attempt Count: 1)",
    )
