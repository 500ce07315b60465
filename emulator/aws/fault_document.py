"""The documents by which faults are asked for, and what is wrong with one."""

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel

from emulator.aws.api_model import operation_model, service_model
from emulator.aws.errors import AwsError
from emulator.aws.operation_name import SERVICES, operation_names

CLOUD_CONTROL: Final = "cloudcontrolapi"
# What Cloud Control calls the operations of its resource handlers, in its progress events. They
# run behind the call that asked for them; all other operations are calls of an API.
_HANDLER_OPERATIONS: Final = ("CREATE", "UPDATE", "DELETE")

# Errors of every service that are no client's fault. Source: "Common errors" of the API references.
_COMMON_ERRORS: Final = {
    "InternalFailure": 500,
    "InternalServerException": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
}
# Longer ones outlive every client.
_Seconds = Annotated[float, Field(le=3600, allow_inf_nan=False)]
# "Up to 8 hours": AgentCore developer guide, VPC mode.
_LINGERING: Final = 8 * 3600.0


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    account: str = Field(pattern=r"^[0-9]{12}$")


class RequestFault(_Document):
    """Strikes the next `times` requests of an operation that say `resource`, as a whole word."""

    strikes_handlers: ClassVar[bool] = True

    service: str
    operation: str
    resource: str = ""
    times: int = Field(default=1, ge=1)

    @field_validator("service")
    @classmethod
    def _served(cls, service: str) -> str:
        if service not in SERVICES:
            raise ValueError(f"{service!r} is none of {', '.join(SERVICES)}")
        return service

    @field_validator("operation")
    @classmethod
    def _known(cls, operation: str, info: ValidationInfo) -> str:
        service = info.data.get("service")
        if service is None or (service == CLOUD_CONTROL and operation in _HANDLER_OPERATIONS):
            return cls._struck(operation)
        known = operation_names(service)
        if operation not in known:
            near = difflib.get_close_matches(operation, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"{operation!r} is no operation of {service}{hint}")
        return operation

    @classmethod
    def _struck(cls, operation: str) -> str:
        if operation in _HANDLER_OPERATIONS and not cls.strikes_handlers:
            raise ValueError(f"{operation} is a handler's, and it gives no answer that can be lost")
        return operation


class Throttled(RequestFault):
    """Refused with the service's own throttling code, which clients retry."""

    fault: Literal["throttled"]


class Failed(RequestFault):
    """Refused with this code, once held; a handler's failure is told by its progress event."""

    fault: Literal["failed"]
    error_code: str = Field(min_length=1)
    message: str = "A fault that was asked for"
    seconds: Annotated[_Seconds, Field(ge=0)] = 0

    @property
    def status(self) -> int:
        """The HTTP status with which the operation answers this code, as its model has it."""
        errors = operation_model(SERVICES[self.service], self.operation).error_shapes
        for shape in errors:
            error: dict[str, Any] = shape.metadata.get("error", {})
            if self.error_code in (shape.name, error.get("code")):
                return error.get("httpStatusCode", 400)
        return _COMMON_ERRORS.get(self.error_code, 400)

    @field_validator("error_code")
    @classmethod
    def _code_of_a_handler(cls, code: str, info: ValidationInfo) -> str:
        if info.data.get("operation") in _HANDLER_OPERATIONS and code not in _handler_error_codes():
            raise ValueError(f"{code!r} is none of {', '.join(_handler_error_codes())}")
        return code

    @field_validator("seconds")
    @classmethod
    def _hold_of_a_call(cls, seconds: float, info: ValidationInfo) -> float:
        if seconds and info.data.get("operation") in _HANDLER_OPERATIONS:
            raise ValueError("a handler that fails does so at once; slow holds one")
        return seconds


class FailedHalfway(_Document):
    """A handler fails after it has made or changed the resource, which stays as it is."""

    fault: Literal["failedHalfway"]
    service: Literal["cloudcontrolapi"] = CLOUD_CONTROL
    operation: Literal["CREATE", "UPDATE"]
    resource: str = ""
    message: str = "A fault that was asked for"
    times: int = Field(default=1, ge=1)


class Slow(RequestFault):
    """Held for some seconds: before the work, or once it is done, before the answer."""

    fault: Literal["slow"]
    seconds: Annotated[_Seconds, Field(gt=0)]
    when: Literal["before", "after"] = "before"


class Lost(RequestFault):
    """The connection is closed without an answer: once the work is done, or instead of it."""

    strikes_handlers: ClassVar[bool] = False

    fault: Literal["lost"]
    seconds: Annotated[_Seconds, Field(ge=0)] = 0
    when: Literal["before", "after"] = "after"


class LateRole(_Document):
    """Roles cannot be used until they are that many seconds old; 0 ends it."""

    fault: Literal["lateRole"]
    seconds: Annotated[_Seconds, Field(ge=0)]


class LingeringInterfaces(_Document):
    """AgentCore's network interfaces stay that many seconds after the last runtime; 0 ends it."""

    fault: Literal["lingeringInterfaces"]
    seconds: Annotated[float, Field(ge=0, le=_LINGERING, allow_inf_nan=False)] = _LINGERING


AnyRequestFault = Throttled | Failed | FailedHalfway | Slow | Lost
AnyFault = AnyRequestFault | LateRole | LingeringInterfaces

_FAULT: TypeAdapter[AnyFault] = TypeAdapter(Annotated[AnyFault, Field(discriminator="fault")])


def read_fault(document: Mapping[str, Any]) -> AnyFault:
    """Read one document. Raises AwsError ValidationException naming all that is wrong with it."""
    try:
        return _FAULT.validate_python(dict(document))
    except ValidationError as error:
        reasons = [
            ": ".join([*(str(part) for part in found["loc"][1:]), _reason(found["msg"])])
            for found in error.errors(include_url=False)
        ]
        raise AwsError(
            "ValidationException", f"This fault cannot be asked for: {'; '.join(reasons)}"
        ) from None


@lru_cache
def _handler_error_codes() -> list[str]:
    shape: Any = service_model(SERVICES[CLOUD_CONTROL]).shape_for("HandlerErrorCode")
    return list(shape.enum)


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
