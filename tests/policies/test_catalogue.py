"""The catalogue: every rule can be named, configured and run, and its page is up to date."""

import json
import re
from dataclasses import replace

import pytest

from agentcore_policies.catalogue import CatalogueError, checked, markdown, rules
from agentcore_policies.check_config import check
from agentcore_policies.pack_config import schema
from agentcore_policies.rule import Rule, Setting
from tests.policies.tiny_rules import IMMUTABLE, ROLES
from tests.stack_files import CHECKOUT


def test_the_page_of_the_rules_is_up_to_date() -> None:
    page = (CHECKOUT / "docs" / "policies.md").read_text("utf-8")
    assert page == markdown(rules()) + "\n", (
        "write it anew: PYTHONPATH=policies python -m agentcore_policies.catalogue "
        "> docs/policies.md"
    )


def test_the_pages_example_of_a_config_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", markdown(rules()), re.DOTALL)
    check(example.encode())


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_demands_and_the_way_out_in_sentences(rule: Rule) -> None:
    assert rule.description.endswith("."), rule.description
    assert rule.remediation.endswith("."), rule.remediation
    assert json.dumps(schema(rule)), "the engine takes JSON only"


def test_rules_that_can_be_told_apart_are_a_catalogue() -> None:
    assert checked([IMMUTABLE, ROLES]) == (IMMUTABLE, ROLES)


_SETTING = {"levels": Setting(schema={}, default=1, description="")}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([ROLES, IMMUTABLE, ROLES], "two rules have the id tiny-roles"),
        ([replace(ROLES, id="not-checked")], "not-checked cannot be a rule's id"),
        ([replace(ROLES, id="Tiny")], "Tiny cannot be a rule's id"),
        ([replace(ROLES, check_stack=None)], "has to judge either a resource or the stack"),
        ([replace(ROLES, check=IMMUTABLE.check)], "has to judge either a resource or the stack"),
        ([replace(ROLES, types=())], "judges no type"),
        ([replace(ROLES, settings=_SETTING)], "cannot have a setting levels"),
    ],
)
def test_a_catalogue_with_a_rule_nobody_could_name_or_run_is_refused(
    found: list[Rule], told: str
) -> None:
    with pytest.raises(CatalogueError, match=told):
        checked(found)
