"""The words a function's table is written in, and how a function is answered.

A function reads what AWS has and changes nothing. Its reading calls are written in the words of the
resource types' tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from emulator.providers import sdk_types
from emulator.providers.aws.calls import cause_code
from emulator.providers.aws.table import Read, Response
from emulator.providers.errors import ProviderError, did_you_mean
from emulator.providers.values import Json, Object

if TYPE_CHECKING:
    from emulator.providers.aws.calls import Calls

Select: TypeAlias = Callable[[Response, Object], Response | None]


def nothing_more(_values: Object) -> Object:
    """No further results."""
    return {}


@dataclass(frozen=True)
class Function:
    """A function of pulumi-aws.

    The values that parameters and results are made from are the arguments, `region`, and what the
    calls before have read.

    Attributes:
        token: Its token.
        label: What the real provider calls the thing it looks for in its errors.
        result_class: The SDK's class of its result, the source of output names.
        arguments: Every argument it takes; others are refused.
        required: The arguments it cannot do without.
        conflicts: Pairs of arguments that are not given together.
        defaults: What an argument is when it is not given.
        service: The boto3 service.
        reads: Called in turn, those whose condition holds.
        arn: The resource part of the ARN with `{id}` in it, where the reads do not give the ARN.
        adds: Results that no call answers, from all values.
        missing: What is said when a call's answer does not hold the thing.
        not_found: Error codes that mean it is not there.
        unknown: What is said on such an error; as `missing` when empty.
    """

    token: str
    label: str
    result_class: type
    arguments: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    conflicts: tuple[tuple[str, str], ...] = ()
    defaults: Mapping[str, Json] = field(default_factory=dict[str, Json])
    service: str = "ec2"
    reads: tuple[Read, ...] = ()
    arn: str = ""
    adds: Callable[[Object], Object] = nothing_more
    missing: str = "no matching {label} found"
    not_found: frozenset[str] = frozenset()
    unknown: str = ""

    def answer(self, arguments: Object, calls: Calls) -> Object:
        """The function's result.

        Raises:
            ProviderError: The arguments are wrong, AWS refuses to answer, or what is looked for is
                not there.
        """
        self._check(arguments)
        values: Object = {
            **self.defaults,
            **{name: value for name, value in arguments.items() if value is not None},
            "region": calls.region(arguments),
        }
        for read in self.reads:
            if read.call.when(values):
                values |= self._read(read, values, calls)
        if self.arn:
            values["arn"] = calls.arn(self, values, self.arn.format(**values))
        values |= self.adds(values)
        names = sdk_types.output_names(self.result_class)
        return {
            name: value for name, value in values.items() if name in names and value is not None
        }

    def _check(self, arguments: Object) -> None:
        for name in arguments:
            if name not in self.arguments:
                raise ProviderError(
                    f'argument "{name}" of {self.token} is not supported by the offline AWS'
                    f"{did_you_mean(name, self.arguments)}"
                )
        for name in sorted(self.required - arguments.keys()):
            raise ProviderError(f'missing required argument "{name}" of {self.token}')
        for name, other in self.conflicts:
            if name in arguments and other in arguments:
                raise ProviderError(
                    f'Conflicting configuration arguments: "{name}": conflicts with {other}'
                )

    def _read(self, read: Read, values: Object, calls: Calls) -> Object:
        doing = f"reading {self.label}"
        try:
            response = calls.call(self, read.call, values, doing, pages=True)
        except ProviderError as error:
            if cause_code(error) in self.not_found:
                raise self._missing(self.unknown or self.missing, values) from error
            raise
        selected = read.select(response, values)
        if selected is None:
            raise self._missing(self.missing, values)
        return {
            name: selected.get(source) if isinstance(source, str) else source(selected)
            for name, source in read.values.items()
        }

    def _missing(self, text: str, values: Object) -> ProviderError:
        return ProviderError(text.format(label=self.label, **values))


def the_one(member: str, label: str) -> Select:
    """The only item of a response's list; None when there is none.

    Raises, when called:
        ProviderError: There are several (terraform: SingularDataSourceFindError).
    """

    def select(response: Response, _values: Object) -> Response | None:
        found: list[Response] = response[member]
        if len(found) > 1:
            raise ProviderError(
                f"multiple {label}s matched; use additional constraints to reduce matches to a "
                f"single {label}"
            )
        return found[0] if found else None

    return select


def the_first(member: str) -> Select:
    """The first item of a response's list, or an empty one."""

    def select(response: Response, _values: Object) -> Response:
        found: list[Response] = response[member]
        return found[0] if found else {}

    return select


def filters(named: Mapping[str, str] | None = None) -> Callable[[Object], Json]:
    """The filters of an EC2 operation: by arguments, by `tags`, and those given as `filters`.

    An argument that is empty or false does not filter: terraform cannot tell it from one that was
    not given.

    Args:
        named: The operation's filter of each argument that is one.
    """

    def make(values: Object) -> Json:
        found: list[dict[str, Any]] = [
            {"Name": name, "Values": ["true" if values[argument] is True else values[argument]]}
            for argument, name in (named or {}).items()
            if values.get(argument)
        ]
        tags: dict[str, str] = values.get("tags") or {}
        found += [{"Name": f"tag:{key}", "Values": [value]} for key, value in sorted(tags.items())]
        given: list[dict[str, Any]] = values.get("filters") or []
        found += [{"Name": one["name"], "Values": one["values"]} for one in given]
        return found or None

    return make


def filter_of(name: str, source: str) -> Callable[[Object], Json]:
    """One filter of an EC2 operation, by the value of that name."""
    return lambda values: [{"Name": name, "Values": [values[source]]}]


def listed(source: str) -> Callable[[Object], Json]:
    """A list of one value, where there is one."""
    return lambda values: [values[source]] if values.get(source) else None


def members(name: str, of: Mapping[str, str]) -> Callable[[Response], Json]:
    """A response's list, its items' members under the names of the SDK; absent ones left out."""

    def read(response: Response) -> Json:
        items: list[Response] = response.get(name) or []
        return [
            {new: item[member] for new, member in of.items() if item.get(member) is not None}
            for item in items
        ]

    return read


def texts(name: str) -> Callable[[Response], Json]:
    """A response's list of texts, empty where it is absent."""
    return lambda response: response.get(name) or []


def each(name: str, member: str) -> Callable[[Response], Json]:
    """One member of each item of a response's list."""

    def read(response: Response) -> Json:
        items: list[Response] = response.get(name) or []
        return [item[member] for item in items]

    return read
