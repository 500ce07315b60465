import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pulumi_aws
import pulumi_aws_native
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies import catalogue
from agentcore_policies.model import SECRET, UNKNOWN, Resource, Value
from agentcore_policies.rule import Context, Finding
from agentcore_policies.rules.tagging import RULES, TAGGABLE
from tests.policies.judged import finding, not_checked, resource, told, urn, verdicts

RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
REPOSITORY: Final = "aws:ecr/repository:Repository"
NATIVE_REPOSITORY: Final = "aws-native:ecr:Repository"
ROLE: Final = "aws:iam/role:Role"
FORMS: Final = (REPOSITORY, RUNTIME, NATIVE_REPOSITORY)
TAGS: Final = {
    "Project": "agentcore",
    "Environment": "prod",
    "Owner": "team@example.com",
    "CostCenter": "CC-1000",
}
IDS: Final = [rule.id for rule in RULES]


def tagged(kind: str, tags: Mapping[str, Any] | None) -> Resource:
    """A resource with these tags in the shape of its type; None is no property at all."""
    if tags is None:
        return resource(kind, {})
    if TAGGABLE[kind] == "list":
        return resource(kind, {"tags": [{"key": k, "value": v} for k, v in tags.items()]})
    return resource(kind, {"tagsAll" if kind.startswith("aws:") else "tags": tags})


def inherited(tags: Mapping[str, Any], defaults: Value) -> Resource:
    return Resource(
        type=REPOSITORY,
        name="one",
        urn=urn(REPOSITORY, "one"),
        props={"tags": tags},
        provider={"defaultTags": defaults},
    )


def shapes_in_sdk(kind: str) -> set[str]:
    """How the SDK takes a type's tags; nothing where it takes none."""
    package, _, rest = kind.partition(":")
    module, _, member = rest.replace("/", ":").partition(":")
    sdk = Path(pulumi_aws.__file__ if package == "aws" else pulumi_aws_native.__file__).parent
    stem = member.rpartition(":")[2].lower()
    files = [one for one in (sdk / module).glob("*.py") if one.stem.replace("_", "") == stem]
    taken = re.search(r" tags: pulumi\.Input\[.*?(Mapping|Sequence)\[", files[0].read_text())
    return {{"Mapping": "map", "Sequence": "list"}[taken[1]]} if taken else set()


# Refused as a whole, whatever their tags.
TEMPLATES: Final = (
    "aws:cloudformation/",
    "aws-native:cloudformation:",
    "aws:serverlessrepository/",
)


def test_every_type_that_a_rule_judges_and_the_sdk_tags_is_listed_in_its_shape() -> None:
    judged = {
        kind
        for rule in catalogue.rules()
        for kind in rule.types
        if not kind.startswith(TEMPLATES) and "index:" not in kind and "ervicecatalog" not in kind
    }
    wrong = {
        kind: taken
        for kind in judged | TAGGABLE.keys()
        if (taken := shapes_in_sdk(kind)) != ({TAGGABLE[kind]} if kind in TAGGABLE else set())
    }
    assert wrong == {}, "what can carry tags and is not listed needs none"


@pytest.mark.parametrize("kind", TAGGABLE)
@pytest.mark.parametrize("rule", IDS)
def test_all_tags_in_the_shape_of_the_type_pass(kind: str, rule: str) -> None:
    assert not verdicts(RULES, rule, tagged(kind, TAGS))


@pytest.mark.parametrize("kind", TAGGABLE)
def test_a_taggable_resource_without_tags_lacks_all_four(kind: str) -> None:
    empty: Value = [] if TAGGABLE[kind] == "list" else {}
    absent: list[dict[str, Value]] = [{}, {"tags": None}, {"tags": empty}]
    for props in absent:
        found = verdicts(RULES, "tags-required", resource(kind, props))
        assert told(found) == finding("tags"), "once for all four"
        assert all(key in str(found) for key in TAGS), props
        for rule in IDS[1:]:
            assert not verdicts(RULES, rule, resource(kind, props)), "missing is told once"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("key", TAGS)
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_tag_is_as_good_as_none(kind: str, key: str, value: str) -> None:
    subject = tagged(kind, {**TAGS, key: value})
    assert told(verdicts(RULES, "tags-required", subject)) == finding(f"tags.{key}")
    for rule in IDS[1:]:
        assert not verdicts(RULES, rule, subject), "what is empty is told once"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("written", ["owner", "OWNER", "oWner"])
def test_a_key_in_the_wrong_case_is_missing_and_the_message_tells_it(
    kind: str, written: str
) -> None:
    tags = {key if key != "Owner" else written: value for key, value in TAGS.items()}
    (found,) = verdicts(RULES, "tags-required", tagged(kind, tags))
    assert isinstance(found, Finding)
    assert found.path == "tags.Owner"
    assert f'"{written}"' in found.message
    assert "Rename it to Owner" in found.message


def test_what_is_misspelt_and_what_is_missing_are_told_together() -> None:
    tags = {"project": "a", "Environment": "prod", "owner": "b"}
    (found,) = verdicts(RULES, "tags-required", tagged(RUNTIME, tags))
    assert isinstance(found, Finding)
    assert found.path == "tags"
    assert found.message.count("Rename it to") == 2
    assert "The tag CostCenter is missing. Set it here" in found.message


def test_a_key_in_another_spelling_is_told_too() -> None:
    tags = {key if key != "CostCenter" else "cost-center": value for key, value in TAGS.items()}
    (found,) = verdicts(RULES, "tags-required", tagged(RUNTIME, tags))
    assert isinstance(found, Finding)
    assert '"cost-center"' in found.message


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_a_value_that_is_not_known_is_not_checked_and_the_others_are(
    kind: str, hidden: Value
) -> None:
    subject = tagged(kind, {**TAGS, "Owner": hidden, "Project": ""})
    found = told(verdicts(RULES, "tags-required", subject))
    assert found == [("finding", "tags.Project"), ("not checked", "tags.Owner")]
    assert told(verdicts(RULES, "tags-well-formed", subject)) == not_checked("tags.Owner")
    assert told(verdicts(RULES, "tags-allowed-values", subject)) == not_checked("tags.Owner")
    assert not verdicts(RULES, "tags-environment", subject)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_tags_that_are_not_known_are_not_checked(kind: str, hidden: Value) -> None:
    subject = resource(kind, {"tags": hidden})
    assert told(verdicts(RULES, "tags-required", subject)) == not_checked("tags")
    assert told(verdicts(RULES, "tags-well-formed", subject)) == not_checked("tags")
    assert told(verdicts(RULES, "tags-environment", subject)) == not_checked("tags.Environment")
    assert told(verdicts(RULES, "tags-allowed-values", subject)) == not_checked("tags.Owner")


def test_a_list_with_an_entry_or_a_key_that_is_not_known_may_hold_what_is_missing() -> None:
    rest = [{"key": key, "value": value} for key, value in TAGS.items() if key != "Owner"]
    for entry in (UNKNOWN, {"key": UNKNOWN, "value": "x"}):
        subject = resource(NATIVE_REPOSITORY, {"tags": [*rest, entry]})
        for rule in ("tags-required", "tags-well-formed"):
            assert told(verdicts(RULES, rule, subject)) == not_checked("tags"), entry
        for key in ("Owner", "Environment"):
            given = [{"key": one, "value": TAGS[one]} for one in TAGS if one != key]
            lacking = resource(NATIVE_REPOSITORY, {"tags": [*given, entry]})
            rule = "tags-allowed-values" if key == "Owner" else "tags-environment"
            assert told(verdicts(RULES, rule, lacking)) == not_checked(f"tags.{key}"), entry
            whole = resource(NATIVE_REPOSITORY, {"tags": [*given, entry, {"key": key}]})
            assert told(verdicts(RULES, rule, whole)) == not_checked(f"tags.{key}"), entry
            there = {"key": key, "value": TAGS[key]}
            known = resource(NATIVE_REPOSITORY, {"tags": [*given, entry, there]})
            assert not verdicts(RULES, rule, known), "what is there is known"


def test_the_providers_default_tags_count() -> None:
    own = {"Owner": TAGS["Owner"]}
    defaults = {key: value for key, value in TAGS.items() if key != "Owner"}
    complete: list[Value] = [{"tags": defaults}, json.dumps({"tags": defaults})]
    for given_as in complete:
        assert not verdicts(RULES, "tags-required", inherited(own, given_as)), given_as
    nothing: list[Value] = [None, {}, {"tags": None}, {"tags": {}}, "{"]
    for given_as in nothing:
        found = verdicts(RULES, "tags-required", inherited(own, given_as))
        assert told(found) == finding("tags"), given_as
        assert "Project, Environment, CostCenter are missing. Set them" in str(found), given_as


def test_default_tags_that_are_not_known_may_hold_what_is_missing() -> None:
    for defaults in (UNKNOWN, {"tags": UNKNOWN}):
        found = verdicts(RULES, "tags-required", inherited({"Owner": "me"}, defaults))
        assert told(found) == not_checked("tags")
        assert not verdicts(RULES, "tags-required", inherited(TAGS, defaults)), "all are there"


def test_a_resources_own_tag_hides_the_default() -> None:
    subject = inherited({**TAGS, "Environment": "dev"}, {"tags": TAGS})
    assert told(verdicts(RULES, "tags-environment", subject)) == finding("tags.Environment")


def test_all_tags_together_count_before_what_they_came_from() -> None:
    props = {"tags": TAGS, "tagsAll": {**TAGS, "Environment": "dev"}}
    subject = resource(REPOSITORY, props)
    assert told(verdicts(RULES, "tags-environment", subject)) == finding("tags.Environment")


def test_all_tags_together_are_not_known_but_the_own_ones_are() -> None:
    own = resource(REPOSITORY, {"tags": TAGS, "tagsAll": UNKNOWN})
    assert not verdicts(RULES, "tags-required", own)
    fewer = resource(REPOSITORY, {"tags": {"Owner": "me"}, "tagsAll": UNKNOWN})
    assert told(verdicts(RULES, "tags-required", fewer)) == not_checked("tags")


def test_the_keys_that_are_required_can_be_set() -> None:
    subject = tagged(RUNTIME, {"Team": "agents"})
    assert not verdicts(RULES, "tags-required", subject, required=["Team"])
    found = verdicts(RULES, "tags-required", subject, required=["Team", "Tier"])
    assert told(found) == finding("tags.Tier")


MALFORMED: Final[Sequence[tuple[str, Mapping[str, Any], str]]] = (
    ("AWS's own prefix", {"aws:team": "x"}, "tags"),
    ("its prefix in another case", {"AWS:team": "x"}, "tags"),
    ("129 characters", {"k" * 129: "x"}, "tags"),
    ("an empty key", {" ": "x"}, "tags"),
    ("a character in a key", {"a#b": "x"}, "tags"),
    ("257 characters", {"k": "v" * 257}, "tags.k"),
    ("a semicolon", {"k": "a;b"}, "tags.k"),
    ("a comma", {"k": "a, b"}, "tags.k"),
    ("a combining accent", {"k": "cafe\u0301"}, "tags.k"),
    ("a switch", {"k": True}, "tags.k"),
    ("a number", {"k": 1.0}, "tags.k"),
    ("51 tags", {f"k{index}": "x" for index in range(47)}, "tags"),
)
WELL_FORMED: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    ("a key that begins like it", {"awsteam": "x"}),
    ("128 characters", {"k" * 128: "x"}),
    ("256 characters", {"k": "v" * 256}),
    ("an empty value", {"k": ""}),
    ("all characters", {"a b._:/=+@-9Z": "a b._:/=+@-9Z"}),
    ("numbers as text", {"k": "1.0"}),
    ("50 tags", {f"k{index}": "x" for index in range(46)}),
)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("what", "tags", "path"), MALFORMED, ids=[row[0] for row in MALFORMED])
def test_a_tag_that_aws_would_refuse_is_refused(
    kind: str, what: str, tags: Mapping[str, Any], path: str
) -> None:
    subject = tagged(kind, {**TAGS, **tags})
    assert told(verdicts(RULES, "tags-well-formed", subject)) == finding(path), what
    for rule in ("tags-required", "tags-allowed-values", "tags-environment"):
        assert not verdicts(RULES, rule, subject), "nothing else is wrong"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("what", "tags"), WELL_FORMED, ids=[row[0] for row in WELL_FORMED])
def test_a_tag_one_step_from_wrong_passes(kind: str, what: str, tags: Mapping[str, Any]) -> None:
    assert not verdicts(RULES, "tags-well-formed", tagged(kind, {**TAGS, **tags})), what


EC2: Final = "aws:ec2/vpc:Vpc"
NATIVE_EC2: Final = "aws-native:ec2:Vpc"
RULE_OF_GROUP: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LOGS: Final = "aws:cloudwatch/logGroup:LogGroup"
AWS_MEMORY: Final = "aws:bedrock/agentcoreMemory:AgentcoreMemory"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("M\u00fcller", (EC2, NATIVE_EC2, RULE_OF_GROUP, ROLE, LOGS, REPOSITORY)),
        ("\u5f20\u4f1f\u00a0\u2462", (EC2, NATIVE_EC2, RULE_OF_GROUP, ROLE, LOGS, REPOSITORY)),
        ("agent (blue), v2", (EC2, NATIVE_EC2, RULE_OF_GROUP)),
        ("a\nb\tc", (EC2, NATIVE_EC2, RULE_OF_GROUP, RUNTIME, AWS_MEMORY)),
        ("a\x1cb\x85c", (EC2, NATIVE_EC2, RULE_OF_GROUP)),
    ],
)
def test_each_service_takes_characters_of_its_own(text: str, kinds: Sequence[str]) -> None:
    for kind in (EC2, NATIVE_EC2, RULE_OF_GROUP, ROLE, LOGS, REPOSITORY, RUNTIME, AWS_MEMORY):
        value = told(verdicts(RULES, "tags-well-formed", tagged(kind, {**TAGS, "Team": text})))
        assert value == ([] if kind in kinds else finding("tags.Team")), kind
        key = told(verdicts(RULES, "tags-well-formed", tagged(kind, {**TAGS, text: "Team"})))
        assert key == ([] if kind in kinds else finding("tags")), kind


@pytest.mark.parametrize("service", ["iam", "logs", "bedrock-agentcore-control"])
@given(st.characters(exclude_categories=["Cs"]))
def test_the_characters_are_those_of_the_services_own_model(service: str, char: str) -> None:
    kind = {"iam": ROLE, "logs": LOGS}.get(service, AWS_MEMORY)
    found = verdicts(RULES, "tags-well-formed", tagged(kind, {**TAGS, "Team": f"a{char}"}))
    is_of_any_script = unicodedata.category(char)[0] in "LNZ"
    is_ascii = char.isascii() and (char.isalnum() or char in " \t\n\x0b\f\r")
    taken = is_ascii if kind == AWS_MEMORY else is_of_any_script
    assert (not found) is (taken or char in "._:/=+@-")


def test_tags_in_the_shape_of_another_type_are_refused() -> None:
    listed = [{"key": key, "value": value} for key, value in TAGS.items()]
    for kind, tags in ((RUNTIME, listed), (NATIVE_REPOSITORY, TAGS), (REPOSITORY, "Owner=me")):
        found = verdicts(RULES, "tags-well-formed", resource(kind, {"tags": tags}))
        assert told(found) == finding("tags"), kind
    for tags in ("Owner=me", 1.0):
        found = verdicts(RULES, "tags-well-formed", resource(NATIVE_REPOSITORY, {"tags": tags}))
        assert told(found) == finding("tags"), tags
    for wrong in ({"Key": "Team", "Value": "agents"}, {"value": "agents"}, {"key": "a"}, "a"):
        found = verdicts(
            RULES, "tags-well-formed", resource(NATIVE_REPOSITORY, {"tags": [*listed, wrong]})
        )
        assert told(found) == finding("tags[4]"), wrong
    hidden = resource(NATIVE_REPOSITORY, {"tags": [UNKNOWN, *listed, "a"]})
    found = told(verdicts(RULES, "tags-well-formed", hidden))
    assert found == [("finding", "tags[5]"), ("not checked", "tags")]


def test_a_key_given_twice_is_refused() -> None:
    listed = [{"key": key, "value": value} for key, value in TAGS.items()]
    subject = resource(NATIVE_REPOSITORY, {"tags": [*listed, {"key": "Owner", "value": "me"}]})
    assert told(verdicts(RULES, "tags-well-formed", subject)) == finding("tags")


def test_iam_takes_no_two_keys_that_differ_in_case_only_and_others_do() -> None:
    twice = {**TAGS, "owner": "me"}
    for kind in (ROLE, "aws-native:iam:Role"):
        assert told(verdicts(RULES, "tags-well-formed", tagged(kind, twice))) == finding("tags")
    assert not verdicts(RULES, "tags-well-formed", tagged(RUNTIME, twice))
    other = tagged(ROLE, {**TAGS, "wei\u00df": "a", "weiss": "b"})
    assert not verdicts(RULES, "tags-well-formed", other), "these are no letters in another case"


def test_a_tag_without_a_value_is_none() -> None:
    nothing = tagged(REPOSITORY, {**TAGS, "Team": None})
    assert not verdicts(RULES, "tags-well-formed", nothing)


def test_awss_own_keys_do_not_count() -> None:
    for key in ("aws:team", "AWS:team"):
        tags = {**TAGS, key: "x", **{f"k{index}": "x" for index in range(46)}}
        (found,) = verdicts(RULES, "tags-well-formed", tagged(RUNTIME, tags))
        assert f'the key "{key}" begins with aws:' in str(found)


def test_the_characters_that_are_not_taken_are_named() -> None:
    for kind, allowed in (
        (RUNTIME, "letters a to z and A to Z, digits, spaces and . _ : / = + @ -"),
        (ROLE, "letters, digits, spaces and . _ : / = + @ -"),
    ):
        (found,) = verdicts(RULES, "tags-well-formed", tagged(kind, {**TAGS, "k": "a;b#c;"}))
        assert f'holds ";" "#"; allowed are {allowed}. Replace it.' in str(found)


def test_what_the_bridge_notes_in_a_map_is_no_tag() -> None:
    assert not verdicts(RULES, "tags-well-formed", tagged(REPOSITORY, {**TAGS, "__defaults": []}))


@pytest.mark.parametrize("owner", ["team@", "@example.com", "a b@example.com", "team@example"])
def test_a_malformed_address_is_no_owner(owner: str) -> None:
    found = verdicts(RULES, "tags-allowed-values", tagged(RUNTIME, {**TAGS, "Owner": owner}))
    assert told(found) == finding("tags.Owner")


@pytest.mark.parametrize("owner", ["team@example.com", "platform team", "a.b@mail.example.org"])
def test_an_address_or_a_name_is_an_owner(owner: str) -> None:
    assert not verdicts(RULES, "tags-allowed-values", tagged(RUNTIME, {**TAGS, "Owner": owner}))


@pytest.mark.parametrize("kind", FORMS)
def test_allowed_values_and_forms_can_be_set(kind: str) -> None:
    settings: dict[str, Any] = {
        "allowedValues": {"Project": ["agentcore", "search"]},
        "patterns": {"CostCenter": "CC-[0-9]{4}"},
    }
    rule = "tags-allowed-values"
    assert not verdicts(RULES, rule, tagged(kind, TAGS), **settings)
    for key, value in (("Project", "Search"), ("CostCenter", "CC-10000"), ("CostCenter", "1000")):
        found = verdicts(RULES, rule, tagged(kind, {**TAGS, key: value}), **settings)
        assert told(found) == finding(f"tags.{key}"), value
    for project in ("", True):
        tags = {**TAGS, "Project": project, "CostCenter": "1000"}
        found = verdicts(RULES, rule, tagged(kind, tags), **settings)
        assert told(found) == finding("tags.CostCenter"), "each key is judged"


@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_an_environment_that_is_not_known_is_not_checked(hidden: Value) -> None:
    subject = tagged(RUNTIME, {**TAGS, "Environment": hidden})
    assert told(verdicts(RULES, "tags-environment", subject)) == not_checked("tags.Environment")


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("value", ["dev", "Prod", "production", "prod "])
def test_another_environment_than_the_stacks_is_refused(kind: str, value: str) -> None:
    subject = tagged(kind, {**TAGS, "Environment": value})
    assert told(verdicts(RULES, "tags-environment", subject)) == finding("tags.Environment")
    assert not verdicts(RULES, "tags-required", subject), "it is there"


def test_a_stack_may_be_named_otherwise_than_its_environment() -> None:
    (rule,) = (rule for rule in RULES if rule.id == "tags-environment")
    assert rule.check
    settings = {"environments": {"prod-eu": "prod"}}
    for stack, passes in (("prod-eu", True), ("prod-us", False), ("prod", True)):
        context = Context(stack=stack, production=True, settings=settings)
        assert (not list(rule.check(tagged(RUNTIME, TAGS), context))) == passes, stack


@given(st.dictionaries(st.text(max_size=140), st.text(max_size=270), max_size=55))
def test_what_is_well_formed_is_what_aws_takes(tags: dict[str, str]) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._:/=+@-")
    passes = len(tags) <= 50 and all(
        key.strip()
        and len(key) <= 128
        and len(value) <= 256
        and set(key + value) <= allowed
        and not key.lower().startswith("aws:")
        for key, value in tags.items()
    )
    assert (not verdicts(RULES, "tags-well-formed", tagged(RUNTIME, tags))) == passes


def test_no_message_shows_a_value_that_looks_secret() -> None:
    secret = "AKIA" + "ABCDEFGHIJKLMNOP"
    subject = tagged(RUNTIME, {**TAGS, "Environment": secret, "Owner": f"{secret}@"})
    for one in (subject, tagged(RUNTIME, {**TAGS, secret: "a;b"})):
        for rule in IDS:
            for found in verdicts(RULES, rule, one):
                assert secret not in found.path
                assert not isinstance(found, Finding) or secret not in found.message
    hidden = tagged(RUNTIME, {**TAGS, secret: UNKNOWN})
    assert told(verdicts(RULES, "tags-well-formed", hidden)) == not_checked("tags")
