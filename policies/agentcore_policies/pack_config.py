"""What a user sets of the pack: levels, settings and exemptions by rule, and what production is.

The engine reads the file (``--policy-pack-config``), fills in defaults and checks it against the
schemas told here; unknown rules and settings it lets through, and what a schema cannot say it does
not check. Those are checked here, before anything is judged.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final, cast, get_args

from agentcore_policies.rule import Context, Level, Rule

NOT_CHECKED: Final = "not-checked"
"""The policy that counts what the rules could not look at; its level is config's to set."""

UNUSED_EXEMPTIONS: Final = "unused-exemptions"
"""The policy that tells exemptions which exempt nothing; its level is config's to set."""

PRODUCTION: Final = "production"
"""The policy whose config says which stacks are production; it tells what is left out of others."""

RESERVED: Final = frozenset({NOT_CHECKED, UNUSED_EXEMPTIONS, PRODUCTION, "all", "environments"})
"""Names that mean something else in the config file than a rule."""

LEVELS: Final = "levels"
EXEMPTIONS: Final = "exemptions"
_STACKS: Final = "stacks"
# What smells of production is judged as such: too stern a judgement shows, too mild a one does not.
_PRODUCTION_WORD: Final = re.compile(
    r"(?:^|[-_.])(?:prod|prd|production|live)[0-9]*(?:$|[-_.])", re.IGNORECASE
)
_STRICTEST_FIRST: Final[tuple[Level, ...]] = ("mandatory", "advisory", "disabled")
_REGULAR_EXPRESSION: Final = re.compile(r"[|\\^]")
_WILDCARDS: Final = re.compile(r"[*?]")
# A pattern of fewer letters and digits is that of anything.
_PATTERN_LETTERS: Final = 3
_LONGEST_TERM: Final = timedelta(days=366)

_LEVELS_SCHEMA: Final[Mapping[str, object]] = {
    "type": "object",
    "description": "Enforcement level by stack name or pattern; before enforcementLevel.",
    "additionalProperties": {"type": "string", "enum": list(get_args(Level))},
    "default": {},
}
_EXEMPTIONS_SCHEMA: Final[Mapping[str, object]] = {
    "type": "array",
    "description": "Resources the rule only advises on, by name or pattern, until a date.",
    "items": {
        "type": "object",
        "required": ["resource", "reason", "expires"],
        "additionalProperties": False,
        "properties": {
            "resource": {"type": "string", "minLength": 1},
            "reason": {"type": "string", "minLength": 10},
            "expires": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "stack": {"type": "string", "minLength": 1},
        },
    },
    "default": [],
}
_STACKS_SCHEMA: Final[Mapping[str, object]] = {
    "type": "array",
    "description": (
        "Names or patterns of the stacks that are production. Without it: those with prod, prd, "
        "production or live as a word of their name, in any case."
    ),
    "items": {"type": "string", "minLength": 1},
    "minItems": 1,
}


class PackConfigError(Exception):
    """The config is wrong; the message names each key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n  ".join(["the config of the policy pack is wrong:", *problems]))


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A resource whose findings a rule tells without refusing, until a day.

    Attributes:
        resource: logical name, or a pattern with ``*`` and ``?``; the stack's name for a finding
            about the stack.
        reason: who allowed it, and why.
        expires: the last day it holds.
        stack: the stack's name, or a pattern of the stacks, in which it holds.
    """

    resource: str
    reason: str
    expires: date
    stack: str = "*"

    def covers(self, resource: str, stack: str) -> bool:
        """Whether it holds for a resource, by its name."""
        return _matches(stack, self.stack) and _matches(resource, self.resource)


@dataclass(frozen=True, kw_only=True)
class RuleConfig:
    """What config says of one rule; as made, what holds without a config file."""

    level: Level
    levels: Mapping[str, Level] = field(default_factory=dict[str, Level])
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    exemptions: Sequence[Exemption] = ()

    @classmethod
    def default(cls, rule: Rule) -> "RuleConfig":
        """The rule's own level and settings."""
        return cls(
            level=rule.level,
            settings={name: setting.default for name, setting in rule.settings.items()},
        )

    def level_in(self, stack: str) -> Level:
        """The level in a stack: of its name, or the strictest of the patterns it matches."""
        if stack in self.levels:
            return self.levels[stack]
        matching = {level for name, level in self.levels.items() if _matches(stack, name)}
        for level in _STRICTEST_FIRST:
            if level in matching:
                return level
        return self.level

    def exemption_of(self, resource: str, stack: str) -> Exemption | None:
        """What exempts a resource, by its name."""
        return next((each for each in self.exemptions if each.covers(resource, stack)), None)


@dataclass(frozen=True, kw_only=True)
class PackConfig:
    """What config says of the pack.

    Attributes:
        rules: by rule.
        not_checked: the level of the count of what the rules could not look at.
        unused_exemptions: the level of the list of exemptions that exempt nothing.
        left_out: disabled, or how it is told that the rules for production are left out.
        production_stacks: names or patterns; none where a stack's name decides by its words.
    """

    rules: Mapping[str, RuleConfig]
    not_checked: Level = "advisory"
    unused_exemptions: Level = "advisory"
    left_out: Level = "advisory"
    production_stacks: Sequence[str] = ()
    # Made once: rules are asked hundreds of times about the resources of one stack.
    _contexts: dict[tuple[str, str], Context] = field(
        default_factory=dict[tuple[str, str], Context], init=False, repr=False, compare=False
    )

    @classmethod
    def default(cls, rules: Sequence[Rule]) -> "PackConfig":
        """What holds before, and without, the engine's word."""
        return cls(rules={rule.id: RuleConfig.default(rule) for rule in rules})

    def context(self, rule: Rule, stack: str) -> Context:
        """What a rule is told when it judges this stack."""
        key = (rule.id, stack)
        if key not in self._contexts:
            self._contexts[key] = Context(
                stack=stack,
                production=self.is_production(stack),
                settings=self.rules[rule.id].settings,
            )
        return self._contexts[key]

    def is_production(self, stack: str) -> bool:
        """Whether the rules for production apply to a stack."""
        if not self.production_stacks:
            return bool(_PRODUCTION_WORD.search(stack))
        return any(_matches(stack, name) for name in self.production_stacks)

    def is_disabled(self, rule: Rule, stack: str) -> bool:
        """Whether config has the rule judge nothing in a stack."""
        return self.rules[rule.id].level_in(stack) == "disabled"

    def exemptions_in(self, rule: Rule, stack: str) -> Sequence[Exemption]:
        """Those that hold in a stack; none where the rule is not applied."""
        is_on = not rule.production_only or self.is_production(stack)
        if not is_on or self.is_disabled(rule, stack):
            return ()
        return [each for each in self.rules[rule.id].exemptions if _matches(stack, each.stack)]


def _matches(name: str, pattern: str) -> bool:
    """Whether a name is the pattern's: a bracket is one, as in ``subnet[0]``."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def schema(rule: Rule) -> dict[str, Mapping[str, object]]:
    """What the engine checks the rule's config against, and the defaults it fills in."""
    settings = {
        name: {**setting.schema, "description": setting.description, "default": setting.default}
        for name, setting in rule.settings.items()
    }
    return {**settings, LEVELS: _LEVELS_SCHEMA, EXEMPTIONS: _EXEMPTIONS_SCHEMA}


def production_schema() -> dict[str, Mapping[str, object]]:
    """What the engine checks the config of :data:`PRODUCTION` against."""
    return {_STACKS: _STACKS_SCHEMA}


@dataclass(frozen=True, kw_only=True)
class Given:
    """The config of one policy as the engine passes it, checked against its schema."""

    level: str
    properties: Mapping[str, object]


def read(given: Mapping[str, Given], rules: Sequence[Rule], today: date) -> PackConfig:
    """The config of the pack.

    Raises:
        PackConfigError: a rule or setting that does not exist, a level the pack does not have, an
            exemption that has expired, holds for more than a year or names nearly everything.
    """
    by_id = {rule.id: rule for rule in rules}
    problems = unknown_names({name: config.properties for name, config in given.items()}, rules)
    for name, config in given.items():
        if config.level not in get_args(Level):
            known = ", ".join(get_args(Level))
            problems.append(f"{name}.enforcementLevel is {config.level}; it can be {known}.")
        if name in by_id:
            problems += _problems(by_id[name], config, today)
    if problems:
        raise PackConfigError(problems)
    default = PackConfig.default(rules)
    own = (NOT_CHECKED, UNUSED_EXEMPTIONS, PRODUCTION)
    levels = {name: given[name].level for name in own if name in given}
    stacks = given[PRODUCTION].properties.get(_STACKS) if PRODUCTION in given else None
    return PackConfig(
        rules={
            rule.id: _rule_config(rule, given[rule.id])
            if rule.id in given
            else default.rules[rule.id]
            for rule in rules
        },
        not_checked=cast("Level", levels.get(NOT_CHECKED, default.not_checked)),
        unused_exemptions=cast("Level", levels.get(UNUSED_EXEMPTIONS, default.unused_exemptions)),
        left_out=cast("Level", levels.get(PRODUCTION, default.left_out)),
        production_stacks=cast("Sequence[str] | None", stacks) or default.production_stacks,
    )


def unknown_names(config: Mapping[str, Mapping[str, object]], rules: Sequence[Rule]) -> list[str]:
    """What is wrong with the names of rules and settings, whatever their values."""
    known: dict[str, Sequence[str]] = {name: [] for name in RESERVED}
    known[PRODUCTION] = [_STACKS]
    ids = {rule.id: [*rule.settings, LEVELS, EXEMPTIONS] for rule in rules}
    known |= ids
    problems: list[str] = []
    for name, properties in config.items():
        if name in known:
            problems += [
                f"{name}.{key} is no setting of the rule. {_near(key, known[name])}"
                for key in properties
                if key not in known[name]
            ]
        else:
            problems.append(f"{name} is no rule of this pack. {_near(name, list(ids))}")
    return problems


def _rule_config(rule: Rule, config: Given) -> RuleConfig:
    exemptions = cast("Sequence[Mapping[str, str]]", config.properties.get(EXEMPTIONS, ()))
    given = {name: value for name, value in config.properties.items() if name in rule.settings}
    return RuleConfig(
        level=cast("Level", config.level),
        levels=cast("Mapping[str, Level]", config.properties.get(LEVELS, {})),
        settings={**RuleConfig.default(rule).settings, **given},
        exemptions=[
            Exemption(
                resource=entry["resource"],
                reason=entry["reason"],
                expires=date.fromisoformat(entry["expires"]),
                stack=entry.get("stack", "*"),
            )
            for entry in exemptions
        ],
    )


def _problems(rule: Rule, config: Given, today: date) -> Iterator[str]:
    levels = cast("Mapping[str, str]", config.properties.get(LEVELS, {}))
    for stack, level in levels.items():
        if level not in get_args(Level):
            yield (
                f"{rule.id}.{LEVELS}.{stack} is {level}; it can be {', '.join(get_args(Level))}."
            )
    exemptions = cast("Sequence[Mapping[str, str]]", config.properties.get(EXEMPTIONS, ()))
    for index, entry in enumerate(exemptions):
        key = f"{rule.id}.{EXEMPTIONS}[{index}]"
        missing = [name for name in ("resource", "reason", "expires") if not entry.get(name)]
        if missing:
            yield f"{key} lacks {' and '.join(missing)}."
            continue
        if not entry["reason"].strip():
            yield f"{key}.reason is blank: say who allowed it, and why."
        yield from _resource_problems(f"{key}.resource", entry["resource"])
        if "stack" in entry:
            yield from _pattern_problems(f"{key}.stack", entry["stack"], "stack")
        yield from _date_problems(f"{key}.expires", entry["expires"], today)


def _resource_problems(key: str, pattern: str) -> Iterator[str]:
    yield from _pattern_problems(key, pattern, "resource")
    letters = sum(map(str.isalnum, pattern))
    if _WILDCARDS.search(pattern) and letters < _PATTERN_LETTERS:
        yield (
            f"{key} is {pattern}, which exempts nearly everything. Name the resource, or give "
            f"{_PATTERN_LETTERS} letters or digits of its name at least."
        )


def _pattern_problems(key: str, pattern: str, of: str) -> Iterator[str]:
    if _REGULAR_EXPRESSION.search(pattern):
        yield (
            f"{key} is {pattern}, which reads like a regular expression. It takes a {of}'s name, "
            "in which * stands for any characters and ? for one, such as one of | ^ \\."
        )


def _date_problems(key: str, text: str, today: date) -> Iterator[str]:
    try:
        expires = date.fromisoformat(text)
    except ValueError:
        yield f"{key} is {text}, which is no day. Write it as {today.isoformat()}."
        return
    if expires < today:
        yield (
            f"{key} is {text}, which is over. Repair the resource and delete the exemption, or "
            "have it allowed anew."
        )
    elif expires > today + _LONGEST_TERM:
        yield (
            f"{key} is {text}, which is more than a year ahead. An exemption holds until "
            f"{(today + _LONGEST_TERM).isoformat()} at most; have it allowed anew then."
        )


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Is {near[0]} meant?" if near else f"There are: {', '.join(sorted(known)) or 'none'}."
