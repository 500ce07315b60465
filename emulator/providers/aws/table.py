"""The words a resource type's table is written in.

A table says which boto3 operations make, read, change and delete a resource, where their parameters
come from, and what pulumi-aws does with each property. It decides nothing AWS decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from emulator.providers.aws.equivalence import exact
from emulator.providers.values import Json, Object, as_list, as_object, is_empty

MINUTE = 60.0
"""Seconds."""

Response: TypeAlias = dict[str, Any]

Parameter: TypeAlias = str | Callable[[Object], Json]
"""Where a parameter comes from: the property of that name, or a function of all values. Values are
the properties, `id`, `old` with the outputs there were before a change, `tagsToSet` and
`tagKeysToRemove` where tags are updated, and what a `Look` or a `ForEach` adds. A parameter without
a value is left out."""


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


def first(*path: str) -> Callable[[Response, Object], Response | None]:
    """The first thing of the list under a path; None when the list is empty: the thing is gone."""
    listed = part(*path)

    def select(response: Response, values: Object) -> Response | None:
        found: Any = listed(response, values)
        return found[0] if found else None

    return select


def any_change(_old: Json, _new: Json) -> bool:
    """Every change."""
    return True


def appears_or_vanishes(old: Json, new: Json) -> bool:
    """A change from nothing to something, or back."""
    return is_empty(old) != is_empty(new)


def anything(_name: str, _value: Json) -> str:
    """Nothing is refused."""
    return ""


@dataclass(frozen=True)
class Property:
    """How pulumi-aws treats an input property.

    Attributes:
        replaces: The source of the rule that a change of it replaces the resource; empty when the
            resource is updated in place.
        replaces_if: Which changes do, where not all of them do.
        default: Filled in at check.
        computed: AWS chooses it when it is not given, so that leaving it out changes nothing.
        local: Lives in Pulumi's state only: AWS does not return it.
        same: Whether two values mean the same.
        refused: What pulumi-aws says at check against a value, given the property's name in
            terraform; empty when it takes the value.
    """

    replaces: str = ""
    replaces_if: Callable[[Json, Json], bool] = any_change
    default: Json = None
    computed: bool = False
    local: bool = False
    same: Callable[[Json, Json], bool] = exact
    refused: Callable[[str, Json], str] = anything


@dataclass(frozen=True)
class Fixed:
    """A property that pulumi-aws fills in and that has only this value here.

    Attributes:
        value: It.
        reason: Why another one is refused.
    """

    value: Json
    reason: str


@dataclass(frozen=True)
class ExactlyOneOf:
    """One of the properties must be given, and one only.

    Attributes:
        properties: Their names.
        framework: Whether the type is of terraform's newer plugin framework, which says it in
            other words.
    """

    properties: tuple[str, ...]
    framework: bool = False


@dataclass(frozen=True)
class ConflictsWith:
    """A property must not be given together with any of the others."""

    property: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class RequiredWith:
    """A property must be given together with all the others."""

    property: str
    others: tuple[str, ...]


Combination: TypeAlias = ExactlyOneOf | ConflictsWith | RequiredWith
"""Which properties may be given together."""


@dataclass(frozen=True)
class AutoName:
    """How a name is made when none is given: the logical name, a dash and 7 hex digits."""

    max_length: int
    prefix: str = ""
    property: str = "name"


@dataclass(frozen=True)
class Call:
    """One boto3 operation, with its parameters, under a condition.

    Attributes:
        operation: Its name in boto3.
        parameters: Where they come from.
        when: Whether it is called.
        again: Error codes on which it is called again until the operation's timeout, because what
            is in its way goes by itself.
        harmless: Error codes that mean there was nothing to do.
    """

    operation: str
    parameters: Mapping[str, Parameter]
    when: Callable[[Object], bool] = always
    again: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Look:
    """A reading call that adds values for the steps after it; all pages are read."""

    call: Call
    gives: Mapping[str, Callable[[Response, Object], Json]]
    when: Callable[[Object], bool] = always


@dataclass(frozen=True)
class ForEach:
    """The same call for each of some things; a thing is the values that are added for its call."""

    things: Callable[[Object], Sequence[Object]]
    call: Call
    when: Callable[[Object], bool] = always


@dataclass(frozen=True)
class Wait:
    """Reads until the thing has a state, or is gone, or the operation's timeout has come.

    Attributes:
        action: What is waited for, as terraform's messages name it: `create`, `delete`.
        call: The reading call.
        state: The state in the response; empty when the thing is gone.
        pending: States that pass by themselves; any other one ends the wait as a failure.
        target: States that are waited for; none: the thing is to be gone.
        reason: What the service says about a failure.
        when: Whether there is something to wait for.
    """

    action: str
    call: Call
    state: Callable[[Response], str]
    pending: frozenset[str]
    target: frozenset[str] = frozenset()
    reason: Callable[[Response], str] = lambda _response: ""
    when: Callable[[Object], bool] = always


Step: TypeAlias = Call | Look | ForEach | Wait


@dataclass(frozen=True)
class Timeouts:
    """How long an operation waits for AWS, in seconds, where the program does not say.

    Attributes:
        create: Of a creation.
        update: Of an update.
        delete: Of a deletion.
        custom: Whether the program can say it (customTimeouts); some types have fixed ones.
    """

    create: float = 20 * MINUTE
    update: float = 20 * MINUTE
    delete: float = 20 * MINUTE
    custom: bool = True


@dataclass(frozen=True)
class Update:
    """Steps that run when one of the properties changed.

    Attributes:
        properties: The properties the steps write.
        steps: What is called.
        at_create: When the steps also run after the creation, because the creating operation does
            not take the properties; `old` is empty then.
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
            it is absent, or a function of that part. `id` is given where an import id is another
            one than the state's.
        select: The part of the response the values are in; None when it says the thing is gone.
    """

    call: Call
    values: Mapping[str, str | Callable[[Response], Json]]
    select: Callable[[Response, Object], Response | None] = whole


@dataclass(frozen=True)
class Tags:
    """How tags are written: `tagsToSet` and `tagKeysToRemove` hold what changed.

    Attributes:
        tag: Sets some.
        untag: Removes some.
        at_create: Whether they are set after the creation, which does not take them.
    """

    tag: Call
    untag: Call
    at_create: bool = False


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
        fixed: Input properties that can have one value only.
        unsupported: Every other input property of the real type, with the way out.
        create: The creating call.
        identify: The id from the inputs and the creating call's response.
        parse_id: The values an import id holds; an id of another form raises `ValueError`.
        keys: Properties by which the thing is found too, because its id in the state lacks them.
        reads: Called in turn; together they give all properties AWS holds.
        not_found: Error codes that mean the resource is gone.
        arn: The resource part of its ARN with `{id}` in it, where the reads do not give the ARN.
        combinations: Which properties may be given together.
        adopts: Whether the creation takes over a thing that AWS made by itself: what that thing
            holds is `old` then.
        after_create: Called in turn after the creation, before the updates.
        updates: Which calls write which properties.
        delete: Called in turn.
        tags: Set when the type has tags.
        auto_name: Set when pulumi-aws names it.
        regional: Whether it has a `region` of its own.
        delete_before_replace: Whether pulumi-aws always deletes first (its resource_overrides.go).
        stable: Outputs an update never changes.
        timeouts: How long its operations wait.
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
    fixed: Mapping[str, Fixed] = field(default_factory=dict[str, Fixed])
    unsupported: Mapping[str, str] = field(default_factory=dict[str, str])
    parse_id: Callable[[str], Object] = lambda _id: {}
    keys: frozenset[str] = frozenset()
    arn: str = ""
    combinations: tuple[Combination, ...] = ()
    adopts: bool = False
    after_create: tuple[Step, ...] = ()
    updates: tuple[Update, ...] = ()
    tags: Tags | None = None
    auto_name: AutoName | None = None
    regional: bool = False
    delete_before_replace: bool = False
    stable: frozenset[str] = frozenset()
    timeouts: Timeouts = field(default_factory=Timeouts)


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


def added(name: str) -> Callable[[Object], list[Json]]:
    """What a list has and did not have before."""
    return lambda values: _without(values.get(name), _old(values).get(name))


def removed(name: str) -> Callable[[Object], list[Json]]:
    """What a list had before and has not any more."""
    return lambda values: _without(_old(values).get(name), values.get(name))


def some(things: Callable[[Object], Sequence[Json]]) -> Callable[[Object], bool]:
    """Whether there are any."""
    return lambda values: bool(things(values))


def or_none(things: Callable[[Object], Sequence[Json]]) -> Callable[[Object], Json]:
    """The list as a parameter, which is left out when the list is empty."""
    return lambda values: things(values) or None


def old(name: str) -> Callable[[Object], Json]:
    """A property's value before the change."""
    return lambda values: _old(values).get(name)


def _old(values: Object) -> Object:
    return as_object(values.get("old")) or {}


def _without(listed: Json, others: Json) -> list[Json]:
    known = as_list(others) or []
    return [item for item in as_list(listed) or [] if item not in known]
