"""What every model of the config is made of: its base, the stack around it, and one finding.

A value that is wrong raises :func:`refused`; pydantic collects what was raised, so that a config
is refused with every finding at once. What several entries of one mapping are together is judged
beside them (:func:`judged_whole`), where pydantic would stop at the entries.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Strict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from infra.naming import StackNames

T = TypeVar("T")
# A list inside what is judged as a whole, which pydantic validates as Python and no longer as JSON:
# a strict tuple would refuse the list. Its entries stay strict.
Several = Annotated[tuple[T, ...], Strict(strict=False)]


class Closed(BaseModel):
    """Closed: an unknown key is an error. Frozen. camelCase outside, snake_case inside."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The stack around a nested value, empty where the stack's own value is refused.

    A value is held against these only where they are right: one fault is one finding.
    """

    project: str
    stack: str
    account_id: str = ""
    region: str = ""
    trusted_image_accounts: tuple[str, ...] = ()
    additional_regions: tuple[str, ...] = ()
    expiring_patterns: tuple[str, ...] = ()
    production: bool = False
    has_network: bool = False
    additional_availability_zone_ids: tuple[str, ...] = ()

    @property
    def names(self) -> StackNames:
        """The names this stack would give, also while the rest of its config is still wrong."""
        return StackNames(
            project=self.project, stack=self.stack, account_id=self.account_id, region=self.region
        )


def around(info: ValidationInfo) -> Surroundings:
    """The stack around the value that is being validated."""
    return cast("Surroundings", info.context)


def refused(reason: str, way_out: str, **quoted: str) -> PydanticCustomError:
    """One finding: what is allowed and what to write instead; the value itself is added later.

    What the two texts quote from the config stands in them as ``{name}`` and is given beside them,
    so that it can be withheld where the config holds a secret.
    """
    return PydanticCustomError(
        "refused",
        "{reason}. {way_out}",
        {"reason": reason, "way_out": way_out, "quoted": quoted},
    )


def of_whole(value: object, reason: str, way_out: str, **quoted: str) -> InitErrorDetails:
    """A finding of a mapping as a whole, for :func:`judged_whole`."""
    return {"type": refused(reason, way_out, **quoted), "loc": (), "input": value}


def judged_whole(check: Callable[[Mapping[str, object]], list[InitErrorDetails]]) -> WrapValidator:
    """Judge a mapping as a whole beside its entries, where pydantic would stop at the entries."""

    def validate(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        lines = check(cast("dict[str, object]", value)) if isinstance(value, dict) else []
        try:
            validated = handler(value)
        except ValidationError as error:
            lines += [_again(details) for details in error.errors()]
        else:
            if not lines:
                return validated
        raise ValidationError.from_exception_data("config", lines)

    return WrapValidator(validate)


def _again(details: ErrorDetails) -> InitErrorDetails:
    context = details.get("ctx", {})
    kind = details["type"]
    return {
        "type": refused(context["reason"], context["way_out"], **context["quoted"])
        if kind == "refused"
        else kind,
        "loc": details["loc"],
        "input": details["input"],
        "ctx": context,
    }


def without_repetition(values: tuple[str, ...], *, fold_case: bool = False) -> tuple[str, ...]:
    """The values, unless one is listed twice."""
    seen = [value.lower() if fold_case else value for value in values]
    repeated = sorted({value for value in seen if seen.count(value) > 1})
    if repeated:
        raise refused(
            "{repeated} is listed more than once", "Name each once.", repeated=", ".join(repeated)
        )
    return values
