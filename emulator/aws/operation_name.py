"""What a request asks for, in the words of AWS's API: `CreateRole`, `GetAgentRuntime`.

A service that speaks JSON or the query protocol is told the operation's name. One that speaks REST
is told a method and a path, which botocore's model turns into a name.
"""

import re
from functools import lru_cache
from typing import Any, Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request

from emulator.aws.api_model import service_model

# botocore's name of each service that can be called here, by the name its requests are signed with.
SERVICES: Final = {
    "bedrock-agentcore": "bedrock-agentcore-control",
    "cloudcontrolapi": "cloudcontrol",
    "ec2": "ec2",
    "ecr": "ecr",
    "iam": "iam",
    "kms": "kms",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "sns": "sns",
    "sts": "sts",
}
_ACTION: Final = re.compile(rb"(?:^|&)Action=([A-Za-z0-9]+)")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def operation_name(request: Request, body: bytes, service: str) -> str:
    """Return the operation's name, or method and path where the service's model has none."""
    target = request.headers.get("X-Amz-Target", "")
    if target:
        return target.rpartition(".")[2]
    action = _ACTION.search(body)
    if action and (request.content_type or "").startswith("application/x-www-form-urlencoded"):
        return action.group(1).decode()
    if service == "bedrock-agentcore":
        try:
            return str(_rest_routes(service).match(request.path, request.method)[0])
        except HTTPException:
            pass  # not an operation, which the service itself then says
    return f"{request.method} {request.path}"


def operation_names(service: str) -> list[str]:
    """Return all operations of a service of `SERVICES`."""
    return list(service_model(SERVICES[service]).operation_names)


@lru_cache
def _rest_routes(service: str) -> MapAdapter:
    model = service_model(SERVICES[service])
    rules: list[Rule] = []
    for name in model.operation_names:
        http: dict[str, Any] = model.operation_model(name).http
        path = _PLACEHOLDER.sub(_converter, http["requestUri"].rstrip("/") or "/")
        rules.append(Rule(path, endpoint=name, methods=[http["method"]], strict_slashes=False))
    return Map(rules, merge_slashes=False).bind("")


def _converter(placeholder: re.Match[str]) -> str:
    """An ARN holds slashes, other identifiers do not."""
    name = placeholder.group(1)
    return f"<path:{name}>" if name.endswith("Arn") else f"<{name}>"
