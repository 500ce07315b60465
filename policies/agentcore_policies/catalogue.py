"""All rules of the pack; ``python -m agentcore_policies.catalogue`` describes them for humans."""

import json
import pkgutil
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Final

from agentcore_policies import rules as rules_package
from agentcore_policies.pack_config import (
    EXEMPTIONS,
    LEVELS,
    NOT_CHECKED,
    PRODUCTION,
    RESERVED,
    UNUSED_EXEMPTIONS,
)
from agentcore_policies.rule import Rule

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class CatalogueError(Exception):
    """Two rules share an id, or a rule cannot be configured or run."""


@cache
def rules() -> Sequence[Rule]:
    """The rules of every module in :mod:`agentcore_policies.rules`, by module and in their order.

    Raises:
        CatalogueError: two share an id, or one cannot be configured or run.
    """
    found: list[Rule] = []
    for module in sorted(
        pkgutil.iter_modules(rules_package.__path__), key=lambda entry: entry.name
    ):
        loaded = import_module(f"{rules_package.__name__}.{module.name}")
        found += getattr(loaded, "RULES", ())
    return checked(found)


def checked(found: Sequence[Rule]) -> Sequence[Rule]:
    """The rules, of which each can be named, configured and run.

    Raises:
        CatalogueError: see :func:`rules`.
    """
    ids: set[str] = set()
    for rule in found:
        if rule.id in ids:
            raise CatalogueError(f"two rules have the id {rule.id}")
        ids.add(rule.id)
        if not _ID.fullmatch(rule.id) or rule.id in RESERVED:
            raise CatalogueError(f"{rule.id} cannot be a rule's id")
        if (rule.check is None) == (rule.check_stack is None):
            raise CatalogueError(f"{rule.id} has to judge either a resource or the stack")
        if not rule.types:
            raise CatalogueError(f"{rule.id} judges no type of resource")
        taken = rule.settings.keys() & {LEVELS, EXEMPTIONS, "enforcementLevel"}
        if taken:
            raise CatalogueError(f"{rule.id} cannot have a setting {taken.pop()}")
    return tuple(found)


def markdown(catalogue: Sequence[Rule]) -> str:
    """The page about all rules."""
    ordered = sorted(catalogue, key=lambda rule: rule.id)
    return "\n".join([*_introduction(ordered), *(line for rule in ordered for line in _page(rule))])


def _introduction(catalogue: Sequence[Rule]) -> Iterator[str]:
    yield "<!-- Generated: python -m agentcore_policies.catalogue > docs/policies.md -->"
    yield "# Policies"
    yield ""
    yield (
        f"{len(catalogue)} rules for agents on Amazon Bedrock AgentCore, as a Pulumi policy pack: "
        "the folder `policies/`. A mandatory rule refuses a deployment. What rules cannot know at "
        "preview is told (`not checked at preview`), once for a property with the names of the "
        "rules, and counted by rule at the end."
    )
    yield ""
    yield (
        "`make policy` judges what a deployment would make, `make audit` what is deployed, and "
        "`make up` deploys nothing that is refused. The folder is a pack of its own: after "
        "`pulumi install` in it, `pulumi preview --policy-pack FOLDER` judges any stack; from "
        "Pulumi 3.255 on `--policy-pack FOLDER/__main__.py` does it faster, without a language "
        "host in between. "
        "A pack served by `pulumi_policy` takes the rules from "
        "`agentcore_policies.sdk.policies(agentcore_policies.catalogue.rules())`; it cannot tell "
        "secrets from other values, this pack never reads them."
    )
    yield ""
    yield (
        "Levels, settings and exemptions are set by rule in a JSON file: `POLICY_CONFIG=FILE` for "
        "make, `--policy-pack-config FILE` for the CLI. It is JSON in UTF-8, without a byte order "
        "mark or comments. Of a name that is given twice the CLI takes the last, and a name that "
        'no rule has it calls an `invalid enforcement level ""`; make names both before it starts '
        "anything, as does `python -m agentcore_policies.check_config FILE` with the folder's "
        "Python, in the folder."
    )
    yield ""
    yield "```json"
    yield json.dumps(_EXAMPLE, indent=2)
    yield "```"
    yield ""
    yield (
        f"- `enforcementLevel` holds everywhere; `{LEVELS}` by stack name or pattern before it. "
        "Where all rules are disabled, the pack says that it judges nothing."
    )
    yield (
        f"- `{EXEMPTIONS}`: what the rule finds on a resource of this name is told and refuses "
        "nothing until the last day; with `stack`, a name or pattern, only there. `*` stands for "
        "any characters and `?` for one. One that is over or more than a year ahead, names nearly "
        "everything or gives no reason is refused."
    )
    yield (
        f"- `{UNUSED_EXEMPTIONS}`: the level of the list of those that exempt nothing in the stack "
        "that is judged."
    )
    yield (
        f"- `{PRODUCTION}.stacks`: names or patterns of the stacks that are production. Without it "
        "those are that have `prod`, `prd`, `production` or `live` as a word of their name, in any "
        "case (`acme-production-eu`, `Prod`, `live2`). Elsewhere the pack says how many rules are "
        f"left out; `{PRODUCTION}` as `disabled` silences that."
    )
    yield (
        f"- `{NOT_CHECKED}`: the level of the count of what was not checked; `mandatory`, for CI, "
        "refuses a deployment of which not everything is known."
    )
    yield ""
    yield (
        "What is in the stack and not made by the program refuses nothing: what it only reads, and "
        "what `--exclude` or `--target` keeps from being deleted. An audit judges all that is "
        "deployed."
    )
    yield ""
    yield "| rule | severity | level | judges |"
    yield "|---|---|---|---|"
    for rule in catalogue:
        cell = rule.description.replace("|", "\\|")
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity} | {_level(rule)} | {cell} |"


_EXAMPLE: Final = {
    PRODUCTION: {"stacks": ["prod", "live-*"]},
    NOT_CHECKED: "mandatory",
    "runtime-vpc-mode": {
        "enforcementLevel": "mandatory",
        LEVELS: {"dev": "advisory"},
        EXEMPTIONS: [
            {
                "resource": "assistant",
                "reason": "Public until the network team has made subnets; allowed by security",
                "expires": "2027-01-31",
            }
        ],
    },
}


def _page(rule: Rule) -> Iterator[str]:
    yield ""
    yield f"## {rule.id}"
    yield ""
    yield rule.description
    yield ""
    yield f"- Severity: {rule.severity}. Level: {_level(rule)}."
    yield f"- Judges: {', '.join(f'`{type_}`' for type_ in rule.types)}."
    yield f"- Way out: {rule.remediation}"
    if rule.references:
        yield f"- Elsewhere: {', '.join(map(str, rule.references))}."
    for name, setting in rule.settings.items():
        yield f"- Setting `{name}`: {setting.description} Default: `{json.dumps(setting.default)}`."


def _level(rule: Rule) -> str:
    return f"{rule.level}{', in production only' if rule.production_only else ''}"


if __name__ == "__main__":
    print(markdown(rules()))
