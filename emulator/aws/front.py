"""The one HTTP front of the offline AWS: who calls, which service answers, one log line each.

Routes: Cloud Control, the AgentCore control plane, our own `/_emulator/` API, and moto for all
the rest. Every call passes by the faults that were asked for.
"""

import contextlib
import io
import json
import logging
import socket
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from emulator.aws.agentcore.control_plane import ControlPlane
from emulator.aws.caller import (
    Caller,
    CredentialScope,
    caller_of,
    credential_scope,
    is_unsigned_by_design,
)
from emulator.aws.cloudcontrol.service import CloudControl
from emulator.aws.emulator_api import PREFIX, EmulatorApi
from emulator.aws.errors import AwsError, error_response
from emulator.aws.faults import AnswerLostError, Faults
from emulator.aws.moto_services.application import set_account
from emulator.aws.moto_services.request_constraints import check_request
from emulator.aws.moto_services.state import account_of_access_key
from emulator.aws.operation_name import operation_name
from emulator.aws.throttling import throttling

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger("emulator.requests")
_UNSIGNED_STS = CredentialScope("", "us-east-1", "sts")
_JSON_1_0 = "application/x-amz-json-1.0"


class Front:
    """The WSGI application."""

    def __init__(
        self,
        cloud_control: CloudControl,
        control_plane: ControlPlane,
        emulator_api: EmulatorApi,
        moto: "WSGIApplication",
        faults: Faults,
    ) -> None:
        self._cloud_control = cloud_control
        self._control_plane = control_plane
        self._emulator_api = emulator_api
        self._moto = moto
        self._faults = faults
        self.endpoint = ""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request and log it."""
        started = time.monotonic()
        request = Request(environ)
        body = request.get_data(cache=True, parse_form_data=False)
        environ["wsgi.input"] = io.BytesIO(body)  # for moto, which reads it again
        caller, operation = Caller("-", "-", "emulator"), f"{request.method} {request.path}"
        try:
            if request.path.startswith(PREFIX):
                response = self._emulator_api.answer(request.method, request.path, body)
            else:
                scope = _scope(request, body)
                caller = Caller("-", scope.region, scope.service)
                operation = operation_name(request, body, scope.service)
                caller = self._caller(scope)
                response = self._answer(caller, request, operation, body)
        except AnswerLostError:
            response = _lost(environ)
        except AwsError as error:
            response = _error(error, caller, request)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not look like AWS's silence
            _log.exception("%s of %s", operation, caller.service)
            message = f"The offline AWS failed, see its log: {error!r}"
            response = _error(AwsError("InternalFailure", message, 500), caller, request)
        _log.info(
            "%s %s account=%s region=%s status=%s %d ms",
            caller.service,
            operation,
            caller.account,
            caller.region,
            response.status_code or "lost",
            round(1000 * (time.monotonic() - started)),
        )
        return response(environ, start_response)

    def _caller(self, scope: CredentialScope) -> Caller:
        if scope == _UNSIGNED_STS:
            return Caller("", scope.region, scope.service)
        return caller_of(scope, issued_to=account_of_access_key, endpoint=self.endpoint)

    def _answer(self, caller: Caller, request: Request, operation: str, body: bytes) -> Response:
        fault = self._faults.take(
            caller.account, caller.service, operation, lambda: _text(request, body)
        )
        if fault is None:
            return self._route(caller, request, operation, body)
        return fault.strike_call(
            lambda: self._route(caller, request, operation, body),
            throttling(caller.service, request.content_type or ""),
        )

    def _route(self, caller: Caller, request: Request, operation: str, body: bytes) -> Response:
        target = request.headers.get("X-Amz-Target", "")
        if target.startswith("CloudApiService."):
            return _json(self._cloud_control.call(caller, operation, body), _JSON_1_0)
        if caller.service == "bedrock-agentcore":
            query = request.args.to_dict()
            return _json(
                self._control_plane.call(caller, request.method, request.path, query, body)
            )
        if caller.account:
            set_account(request.environ, caller.account)
            check_request(caller.service, operation, request, body)
        return self._answer_of_moto(caller, request, operation)

    def _answer_of_moto(self, caller: Caller, request: Request, operation: str) -> Response:
        lacking = AwsError(
            "NotImplemented",
            f"The offline AWS does not serve {operation} of {caller.service}.",
            501,
        )
        try:
            response = Response.from_app(self._moto, request.environ, buffered=True)
        except NotImplementedError as error:
            raise lacking from error
        if response.status_code == 404 and response.mimetype == "text/html":
            raise lacking  # No AWS service answers HTML: moto has no such path.
        if response.data == b"null":
            response.data = b""  # An operation without output answers nothing at all.
        return response


def _scope(request: Request, body: bytes) -> CredentialScope:
    authorization = request.headers.get("Authorization", "")
    if not authorization and is_unsigned_by_design(body):
        return _UNSIGNED_STS
    return credential_scope(authorization, request.query_string.decode())


def _error(error: AwsError, caller: Caller, request: Request) -> Response:
    # Our own API speaks JSON, also to a curl that calls its document a form.
    content_type = "" if request.path.startswith(PREFIX) else request.content_type or ""
    return error_response(error, content_type=content_type, service=caller.service)


def _json(answer: dict[str, object], content_type: str = "application/json") -> Response:
    return Response(json.dumps(answer), content_type=content_type)


def _text(request: Request, body: bytes) -> str:
    """All that a request says: path, query and body, as they read without their encoding."""
    said = body.decode(errors="replace")
    if (request.content_type or "").startswith("application/x-www-form-urlencoded"):
        said = unquote_plus(said)
    return f"{request.path} {unquote_plus(request.query_string.decode())} {said}"


def _lost(environ: "WSGIEnvironment") -> Response:
    """Close the connection; what is then answered reaches nobody."""
    connection = cast("socket.socket", environ["werkzeug.socket"])
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=0)
