"""The words a resource type's table is written in.

A table says which boto3 operations make, read, change and delete a resource, where their parameters
come from, and what pulumi-aws does with each property. It decides nothing AWS decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from emulator.providers.aws.equivalence import exact
from emulator.providers.values import Json, Object, as_object

Response: TypeAlias = dict[str, Any]

Parameter: TypeAlias = str | Callable[[Object], Json]
"""Where a parameter comes from: the property of that name, or a function of all values. Values are
the properties, `id`, `tagsToSet` and `tagKeysToRemove` where tags are updated, and what a `ForEach`
adds. A parameter without a value is left out."""


def always(_values: Object) -> bool:
    """No condition."""
    return True


def never(_values: Object) -> bool:
    """Not at all."""
    return False


def whole(response: Response, _values: Object) -> Response:
    """All of a response."""
    return response


def part(*path: str | int) -> Callable[[Response, Object], Response]:
    """The part of a response under a path."""

    def select(response: Response, _values: Object) -> Response:
        found: Any = response
        for step in path:
            found = found[step]
        return found

    return select


@dataclass(frozen=True)
class Property:
    """How pulumi-aws treats an input property.

    Attributes:
        replaces: The source of the rule that a change of it replaces the resource; empty when the
            resource is updated in place.
        default: Filled in at check.
        computed: AWS chooses it when it is not given, so that leaving it out changes nothing.
        local: Lives in Pulumi's state only: AWS does not return it.
        same: Whether two values mean the same.
    """

    replaces: str = ""
    default: Json = None
    computed: bool = False
    local: bool = False
    same: Callable[[Json, Json], bool] = exact


@dataclass(frozen=True)
class AutoName:
    """How a name is made when none is given: the logical name, a dash and 7 hex digits."""

    max_length: int
    prefix: str = ""
    property: str = "name"


@dataclass(frozen=True)
class Call:
    """One boto3 operation, with its parameters, under a condition."""

    operation: str
    parameters: Mapping[str, Parameter]
    when: Callable[[Object], bool] = always


@dataclass(frozen=True)
class ForEach:
    """The same call for each thing another call lists; `items` are values added for it."""

    listing: Call
    items: Callable[[Response], Sequence[Object]]
    call: Call
    when: Callable[[Object], bool] = always


Step: TypeAlias = Call | ForEach


@dataclass(frozen=True)
class Update:
    """Steps that run when one of the properties changed.

    Attributes:
        properties: The properties the steps write.
        steps: What is called.
        at_create: When the steps also run after the creation, because the creating operation does
            not take the properties.
    """

    properties: frozenset[str]
    steps: tuple[Step, ...]
    at_create: Callable[[Object], bool] = never


@dataclass(frozen=True)
class Read:
    """A reading call.

    Attributes:
        call: What is called; all pages are read.
        values: Each property's value: a member of the selected part of the response, left out when
            it is absent, or a function of that part.
        select: The part of the response the values are in; None when it says the thing is gone.
    """

    call: Call
    values: Mapping[str, str | Callable[[Response], Json]]
    select: Callable[[Response, Object], Response | None] = whole


@dataclass(frozen=True)
class Tags:
    """How tags are written: `tagsToSet` and `tagKeysToRemove` hold what changed."""

    tag: Call
    untag: Call


class _Identify(Protocol):
    def __call__(self, values: Object, response: Response, /) -> str: ...


@dataclass(frozen=True)
class ResourceType:
    """A resource type of pulumi-aws.

    Attributes:
        token: Its type token.
        label: What the real provider calls it in its errors.
        service: The boto3 service.
        args_class: The SDK's class of its arguments, the source of property names and types.
        state_class: The SDK's class of its state, the source of output names.
        properties: Every supported input property.
        unsupported: Every other input property of the real type, with the way out.
        create: The creating call.
        identify: The id from the inputs and the creating call's response.
        parse_id: The values an import id holds; an id of another form raises `ValueError`.
        reads: Called in turn; together they give all properties AWS holds.
        not_found: Error codes that mean the resource is gone.
        updates: Which calls write which properties.
        delete: Called in turn.
        tags: Set when the type has tags.
        auto_name: Set when pulumi-aws names it.
        regional: Whether it has a `region` of its own.
        delete_before_replace: Whether pulumi-aws always deletes first (its resource_overrides.go).
        stable: Outputs an update never changes.
    """

    token: str
    label: str
    service: str
    args_class: type
    state_class: type
    properties: Mapping[str, Property]
    create: Call
    identify: _Identify
    reads: tuple[Read, ...]
    not_found: frozenset[str]
    delete: tuple[Step, ...]
    unsupported: Mapping[str, str] = field(default_factory=dict[str, str])
    parse_id: Callable[[str], Object] = lambda _id: {}
    updates: tuple[Update, ...] = ()
    tags: Tags | None = None
    auto_name: AutoName | None = None
    regional: bool = False
    delete_before_replace: bool = False
    stable: frozenset[str] = frozenset()


def tag_list(key: str, value: str, source: str = "tagsAll") -> Callable[[Object], Json]:
    """Tags as the list of pairs an API takes, under the API's own names for key and value."""

    def make(values: Object) -> Json:
        tags = as_object(values.get(source)) or {}
        return [{key: name, value: text} for name, text in sorted(tags.items())] or None

    return make


def tag_map(key: str, value: str, field_name: str) -> Callable[[Response], Json]:
    """Tags as a map, out of the list of pairs an API returns; AWS's own tags are left out."""

    def read(response: Response) -> Json:
        pairs: list[dict[str, str]] = response.get(field_name) or []
        return {pair[key]: pair[value] for pair in pairs if not pair[key].startswith("aws:")}

    return read
