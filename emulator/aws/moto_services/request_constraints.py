"""Requests to moto's services are held against the constraints of AWS's own API models.

AWS refuses a value that breaks a length, a pattern, a range or an enumeration of its model before
it looks at anything else; moto does so here and there. Each service has its own words for it.
Not held: services that are not listed here, and patterns in a dialect that Python lacks. EC2's
model has no constraints.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request

from emulator.aws.api_model import request_violations, validation_errors
from emulator.aws.errors import AwsError
from emulator.aws.operation_name import SERVICES


@dataclass(frozen=True)
class _Wording:
    """How a service refuses a request that breaks its model."""

    code: str
    message: Callable[[list[str]], str] = validation_errors


def _in_the_words_of_ecr(violations: list[str]) -> str:
    """Such as: Invalid parameter at 'x' failed to satisfy constraint: 'must have length ...'."""
    _, _, place = violations[0].partition(" at '")
    name, _, constraint = place.partition("' failed to satisfy constraint: Member ")
    return f"Invalid parameter at '{name}' failed to satisfy constraint: '{constraint}'"


# By the name that requests are signed with.
_WORDINGS: Final = {
    "ecr": _Wording("InvalidParameterException", _in_the_words_of_ecr),
    "iam": _Wording("ValidationError"),
    "kms": _Wording("ValidationException"),
    "logs": _Wording("InvalidParameterException"),
    "monitoring": _Wording("ValidationError"),
    "sns": _Wording("InvalidParameter"),
    "sts": _Wording("ValidationError"),
}


def check_request(service: str, operation: str, request: Request, body: bytes) -> None:
    """Refuse a request that breaks its model. Raises AwsError, as the service says it."""
    wording = _WORDINGS.get(service)
    if wording is None:
        return
    violations = _violations(service, operation, request, body)
    if violations:
        raise AwsError(wording.code, wording.message(violations))


def _violations(service: str, name: str, request: Request, body: bytes) -> list[str]:
    model: Any = get_service_model(SERVICES[service])
    if name not in model.operation_names:
        return []  # moto says so
    operation = model.operation_model(name)
    protocol = determine_request_protocol(model, request.content_type)
    if protocol not in PROTOCOL_PARSERS:
        return []
    parser = PROTOCOL_PARSERS[protocol](operation)
    values = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": {},
        }
    )
    return request_violations(operation, values)
