"""What the pack's config may say; whatever else it says is refused by the name of its key."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from agentcore_policies.pack_config import (
    NOT_CHECKED,
    PRODUCTION,
    Given,
    PackConfig,
    PackConfigError,
    read,
)
from tests.policies.tiny_rules import IMMUTABLE, ROLES

TODAY = date(2026, 11, 23)
RESOURCE = "tiny-roles.exemptions[0].resource"
EXEMPTION = {"resource": "old", "reason": "moved away in May", "expires": "2026-11-23"}


def config(given: Mapping[str, Mapping[str, Any]]) -> PackConfig:
    parsed = {
        name: Given(
            level=str(config.get("enforcementLevel", "mandatory")),
            properties={key: value for key, value in config.items() if key != "enforcementLevel"},
        )
        for name, config in given.items()
    }
    return read(parsed, [IMMUTABLE, ROLES], TODAY)


def test_without_a_file_the_rules_own_levels_and_settings_hold() -> None:
    default = config({})
    assert default.rules[IMMUTABLE.id].level == "mandatory"
    assert default.context(IMMUTABLE, "dev").settings == {"allowed": "IMMUTABLE"}
    assert default.not_checked == "advisory"


@pytest.mark.parametrize(
    ("stack", "production"),
    [
        ("prod", True),
        ("prod-eu", True),
        ("eu-prod", True),
        ("production", True),
        ("acme-production-eu", True),
        ("Prod", True),
        ("eu_PRD.2", True),
        ("live", True),
        ("live2-eu", True),
        ("dev", False),
        ("alive", False),
        ("delivery", False),
        ("product", False),
        ("preprod", False),
    ],
)
def test_production_is_told_by_the_stacks_name(stack: str, *, production: bool) -> None:
    assert config({}).context(ROLES, stack).production is production


def test_production_is_what_config_says() -> None:
    said = config({PRODUCTION: {"stacks": ["live"]}})
    assert said.context(ROLES, "live").production
    assert not said.context(ROLES, "prod").production
    assert not said.context(ROLES, "LIVE").production, "and nothing else"


def test_of_the_patterns_of_a_level_the_strictest_holds_and_a_name_before_all() -> None:
    levels = {"*-eu": "disabled", "prod-*": "mandatory", "prod-??-test": "advisory"}
    rule = config({ROLES.id: {"levels": {**levels, "prod-eu-test": "disabled"}}}).rules[ROLES.id]
    assert rule.level_in("prod-eu") == "mandatory"
    assert rule.level_in("prod-us-test") == "mandatory"
    assert rule.level_in("dev-eu") == "disabled"
    assert rule.level_in("prod-eu-test") == "disabled"
    assert rule.level_in("dev") == "mandatory"


@pytest.mark.parametrize(
    "resource",
    [
        "old",
        "old-*",
        "old?",
        "*-repository",
        "a/b.c_d:e",
        "x",
        "my group (x)",
        "größe",
        "subnet[0]",
        "*net[1]",
    ],
)
def test_an_exemption_may_name_resources_by_pattern_and_hold_today(resource: str) -> None:
    said = config({ROLES.id: {"exemptions": [{**EXEMPTION, "resource": resource}]}})
    (exemption,) = said.rules[ROLES.id].exemptions
    assert exemption.covers(resource.replace("*", "any-").replace("?", "1"), "dev")
    assert exemption.expires == TODAY, "its last day is its own"
    assert exemption.stack == "*", "it holds in every stack unless it names one"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tiny-imutable": {}}, "tiny-imutable is no rule of this pack. Is tiny-immutable meant?"),
        ({"qqq": {}}, "qqq is no rule of this pack. There are: tiny-immutable, tiny-roles."),
        (
            {ROLES.id: {"enforcementLevel": "remediate"}},
            "tiny-roles.enforcementLevel is remediate; it can be advisory, mandatory, disabled.",
        ),
        (
            {NOT_CHECKED: {"enforcementLevel": "remediate"}},
            "not-checked.enforcementLevel is remediate; it can be advisory, mandatory, disabled.",
        ),
        ({IMMUTABLE.id: {"alowed": 1}}, "tiny-immutable.alowed is no setting of the rule."),
        ({PRODUCTION: {"stack": ["x"]}}, "production.stack is no setting of the rule."),
        ({NOT_CHECKED: {"stacks": ["x"]}}, "not-checked.stacks is no setting of the rule."),
        (
            {ROLES.id: {"levels": {"dev": "off"}}},
            "tiny-roles.levels.dev is off; it can be advisory, mandatory, disabled.",
        ),
        (
            {ROLES.id: {"exemptions": [EXEMPTION, {"resource": "old"}]}},
            "tiny-roles.exemptions[1] lacks reason and expires.",
        ),
        (
            {ROLES.id: {"exemptions": [{**EXEMPTION, "reason": " " * 12}]}},
            "tiny-roles.exemptions[0].reason is blank",
        ),
        (
            {ROLES.id: {"exemptions": [{**EXEMPTION, "expires": "2026-11-22"}]}},
            "tiny-roles.exemptions[0].expires is 2026-11-22, which is over.",
        ),
        (
            {ROLES.id: {"exemptions": [{**EXEMPTION, "expires": "2027-11-25"}]}},
            "tiny-roles.exemptions[0].expires is 2027-11-25, which is more than a year ahead.",
        ),
        (
            {ROLES.id: {"exemptions": [{**EXEMPTION, "expires": "2026-02-30"}]}},
            "tiny-roles.exemptions[0].expires is 2026-02-30, which is no day.",
        ),
        *(
            (
                {ROLES.id: {"exemptions": [{**EXEMPTION, "resource": everything}]}},
                f"{RESOURCE} is {everything}, which exempts nearly everything.",
            )
            for everything in ("*", "**", "?*", ".*", "*-*", "*f*", "?f-2*")
        ),
        *(
            (
                {ROLES.id: {"exemptions": [{**EXEMPTION, "resource": regex}]}},
                f"{RESOURCE} is {regex}, which reads like a regular expression.",
            )
            for regex in ("old|new", "^old", r"old\d")
        ),
        (
            {ROLES.id: {"exemptions": [{**EXEMPTION, "stack": "dev|prod"}]}},
            "tiny-roles.exemptions[0].stack is dev|prod, which reads like a regular expression.",
        ),
        (
            {"unused-exemptions": {"enforcementLevel": "remediate"}},
            "unused-exemptions.enforcementLevel is remediate; it can be advisory, mandatory",
        ),
    ],
)
def test_a_wrong_config_is_refused_by_the_name_of_its_key(
    given: Mapping[str, Mapping[str, Any]], told: str
) -> None:
    with pytest.raises(PackConfigError) as refused:
        config(given)
    assert f"\n  {told}" in str(refused.value)


def test_an_exemption_holds_for_a_year_at_most() -> None:
    last = (TODAY + timedelta(days=366)).isoformat()
    said = config({ROLES.id: {"exemptions": [{**EXEMPTION, "expires": last}]}})
    assert said.rules[ROLES.id].exemptions[0].expires.isoformat() == last


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(PackConfigError) as refused:
        config({"x": {}, ROLES.id: {"y": 1, "enforcementLevel": "remediate"}})
    assert len(str(refused.value).splitlines()) == 4
