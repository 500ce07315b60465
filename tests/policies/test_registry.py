import json
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.agent_runtime import elements
from agentcore_policies.model import SECRET, UNKNOWN, Resource, Value
from agentcore_policies.rules.registry import RULES
from tests.policies.judged import finding, not_checked, resource, told, urn, verdicts

REPOSITORY: Final = "aws:ecr/repository:Repository"
NATIVE: Final = "aws-native:ecr:Repository"
TEMPLATE: Final = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
NATIVE_TEMPLATE: Final = "aws-native:ecr:RepositoryCreationTemplate"
LIFECYCLE: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPOSITORIES: Final = (REPOSITORY, NATIVE)
NAMES: Final = {REPOSITORY: "name", NATIVE: "repositoryName"}
WITH_TEMPLATES: Final = (*REPOSITORIES, TEMPLATE, NATIVE_TEMPLATE)
KEY: Final = "arn:aws:kms:us-east-1:222222222222:key/1"

UNTAGGED: Final[dict[str, Any]] = {
    "rulePriority": 1,
    "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    },
    "action": {"type": "expire"},
}
HIDDEN: Final = (UNKNOWN, SECRET)


def rule(**selection: Any) -> dict[str, Any]:
    """A rule by age, but for what is given; None takes a key away."""
    given_too = {**UNTAGGED["selection"], **selection}
    return {
        **UNTAGGED,
        "selection": {key: value for key, value in given_too.items() if value is not None},
    }


def tagged(*patterns: Any, **selection: Any) -> dict[str, Any]:
    return rule(tagStatus="tagged", tagPatternList=list(patterns), **selection)


def policies(*rules: Value, text: str | None = None) -> list[Resource]:
    """A lifecycle policy in every resource that holds one."""
    text = json.dumps({"rules": rules}) if text is None else text
    return [
        resource(LIFECYCLE, {"repository": "agents", "policy": text}),
        resource(NATIVE, {"lifecyclePolicy": {"lifecyclePolicyText": text}}),
        resource(TEMPLATE, {"lifecyclePolicy": text}),
        resource(NATIVE_TEMPLATE, {"lifecyclePolicy": text}),
    ]


def lifecycle(*rules: Value, **settings: Any) -> list[tuple[str, str]]:
    """What is said of a policy, which is the same in every form; paths from the rules on."""
    said = [
        [
            (kind, path[path.index("rules") :])
            for kind, path in told(
                verdicts(RULES, "ecr-lifecycle-keeps-releases", subject, **settings)
            )
        ]
        for subject in policies(*rules)
    ]
    assert all(one == said[0] for one in said), "every form is judged alike"
    return said[0]


@pytest.mark.parametrize("kind", WITH_TEMPLATES)
def test_immutable_tags_pass(kind: str) -> None:
    assert not verdicts(
        RULES, "ecr-immutable-tags", resource(kind, {"imageTagMutability": "IMMUTABLE"})
    )


@pytest.mark.parametrize("kind", WITH_TEMPLATES)
@pytest.mark.parametrize("value", [None, "", "MUTABLE", "immutable", "MUTABLE_WITH_EXCLUSION"])
def test_anything_else_leaves_tags_mutable(kind: str, value: Value) -> None:
    for props in ({"imageTagMutability": value}, {} if value is None else None):
        if props is not None:
            found = verdicts(RULES, "ecr-immutable-tags", resource(kind, props))
            assert told(found) == finding("imageTagMutability")


@pytest.mark.parametrize("kind", WITH_TEMPLATES)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_mutability_that_is_not_known_is_not_checked(kind: str, hidden: Value) -> None:
    found = verdicts(RULES, "ecr-immutable-tags", resource(kind, {"imageTagMutability": hidden}))
    assert told(found) == not_checked("imageTagMutability")


@pytest.mark.parametrize(
    ("kind", "key"),
    [(REPOSITORY, "filter"), (NATIVE, "imageTagMutabilityExclusionFilterValue")],
)
def test_each_exclusion_has_to_be_allowed(kind: str, key: str) -> None:
    filters = "imageTagMutabilityExclusionFilters"
    subject = resource(
        kind,
        {
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            filters: [{key: "latest"}, {key: "pr-*"}, {key: UNKNOWN}],
        },
    )
    found = verdicts(RULES, "ecr-immutable-tags", subject, allowedExclusions=["pr-*"])
    assert told(found) == [*finding(f"{filters}[0]"), *not_checked(f"{filters}[2]")]
    text = resource(kind, {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", filters: ["pr-*"]})
    assert not verdicts(RULES, "ecr-immutable-tags", text, allowedExclusions=["pr-*"])
    assert told(verdicts(RULES, "ecr-immutable-tags", text)) == finding(f"{filters}[0]")
    whole = resource(kind, {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", filters: UNKNOWN})
    assert told(verdicts(RULES, "ecr-immutable-tags", whole)) == not_checked(filters)


@pytest.mark.parametrize("kind", REPOSITORIES)
def test_scanning_has_to_be_said(kind: str) -> None:
    path = "imageScanningConfiguration.scanOnPush"
    block = "imageScanningConfiguration"
    assert not verdicts(RULES, "ecr-scan-on-push", [resource(kind, {block: {"scanOnPush": True}})])
    absent: list[dict[str, Value]] = [
        {},
        {block: None},
        {block: {}},
        {block: {"scanOnPush": None}},
        {block: {"scanOnPush": False}},
        {block: {"scanOnPush": "true"}},
    ]
    for props in absent:
        found = verdicts(RULES, "ecr-scan-on-push", [resource(kind, props)])
        assert told(found) == finding(path), props
    for hidden in HIDDEN:
        for value in (hidden, {"scanOnPush": hidden}):
            given = resource(kind, {block: value}, dependencies={block: ("urn:elsewhere",)})
            assert told(verdicts(RULES, "ecr-scan-on-push", [given])) == not_checked(path)
    computed = resource(kind, {block: UNKNOWN})
    assert told(verdicts(RULES, "ecr-scan-on-push", [computed])) == finding(path), "nobody gave it"


SCANNING: Final = (
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    "aws-native:ecr:RegistryScanningConfiguration",
)


def scanned(
    kind: str, *filters: Value, frequency: Value = "SCAN_ON_PUSH", region: str = "us-east-1"
) -> Resource:
    chosen = [{"filter": one, "filterType": "WILDCARD"} for one in filters]
    rules = [{"scanFrequency": frequency, "repositoryFilters": chosen}]
    return resource(kind, {"scanType": "ENHANCED", "rules": rules}, "scanning", region=region)


@pytest.mark.parametrize("kind", REPOSITORIES)
@pytest.mark.parametrize("scanning", SCANNING)
def test_what_the_registry_scans_needs_no_configuration_of_its_own(
    kind: str, scanning: str
) -> None:
    rule, path = "ecr-scan-on-push", "imageScanningConfiguration.scanOnPush"
    bare = resource(kind, {NAMES[kind]: "agents/support"})
    own = replace(bare, props={**bare.props, "imageScanningConfiguration": {"scanOnPush": True}})
    for filters in (["*"], ["agents/*"], ["*/sup*"], ["support"], ["other", "agents"]):
        assert verdicts(RULES, rule, [bare, scanned(scanning, *filters)]) == [], filters
    continuously = scanned(scanning, "*", frequency="CONTINUOUS_SCAN")
    assert verdicts(RULES, rule, [bare, continuously]) == []
    for filters in ([], ["other"], ["support/*"], ["agents*x"]):
        for one in (bare, own):
            found = verdicts(RULES, rule, [one, scanned(scanning, *filters)])
            assert told(found) == finding(path), "the registry decides, and selects others"
    first, second = scanned(scanning, "*", frequency="MANUAL"), scanned(scanning, "support")
    rules = [*elements(first.at("rules")), *elements(second.at("rules"))]
    both = replace(first, props={**first.props, "rules": rules})
    assert verdicts(RULES, rule, [bare, both]) == [], "the second selects it"
    manually = scanned(scanning, "*", frequency="MANUAL")
    assert told(verdicts(RULES, rule, [own, manually])) == finding(path)
    elsewhere = scanned(scanning, "*", region="eu-west-1")
    assert told(verdicts(RULES, rule, [bare, elsewhere])) == finding(path)
    moved = replace(elsewhere, props={**elsewhere.props, "region": "us-east-1"})
    assert verdicts(RULES, rule, [bare, moved]) == [], "its own region is that of the repository"
    nowhere = replace(elsewhere, provider={"region": UNKNOWN})
    assert verdicts(RULES, rule, [bare, nowhere]) == [], "nothing tells that it is of another"


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_not_known_of_the_registrys_scanning_is_not_checked(hidden: Value) -> None:
    rule, kind = "ecr-scan-on-push", SCANNING[0]
    bare = resource(REPOSITORY, {"name": "agents"})
    unnamed = resource(REPOSITORY, {"name": UNKNOWN})
    for scanning in (
        resource(kind, {"rules": hidden}),
        scanned(kind, hidden),
        scanned(kind, "*", frequency=hidden),
    ):
        assert told(verdicts(RULES, rule, [bare, scanning])) == not_checked("rules")
    rules = [
        {"scanFrequency": hidden, "repositoryFilters": [{"filter": "*"}]},
        {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "other"}]},
    ]
    for several in (rules, [rules[1], *rules]):
        found = verdicts(RULES, rule, [bare, resource(kind, {"rules": several})])
        assert told(found) == not_checked("rules"), "one that is known does not make up for it"
    several = scanned(kind, hidden, "other")
    assert told(verdicts(RULES, rule, [bare, several])) == not_checked("rules")
    assert told(verdicts(RULES, rule, [unnamed, scanned(kind, "agents")])) == not_checked("rules")
    assert verdicts(RULES, rule, [unnamed, scanned(kind, "*")]) == []


def test_a_key_that_is_given_twice_in_a_lifecycle_policy_is_told() -> None:
    text = json.dumps({"rules": [UNTAGGED]}).replace('{"rules"', '{"rules": [], "rules"')
    for subject in policies(text=text):
        ((kind, _),) = told(verdicts(RULES, "ecr-lifecycle-keeps-releases", subject))
        assert kind == "finding"


def encrypted(kind: str, block: Value) -> Resource:
    if kind.startswith("aws:"):
        return resource(kind, {"encryptionConfigurations": [block]})
    return resource(kind, {"encryptionConfiguration": block})


def encryption_path(kind: str) -> str:
    return "encryptionConfigurations[0]" if kind.startswith("aws:") else "encryptionConfiguration"


@pytest.mark.parametrize("kind", WITH_TEMPLATES)
def test_production_is_encrypted_with_kms(kind: str) -> None:
    path = f"{encryption_path(kind)}.encryptionType"
    for passing in ("KMS", "KMS_DSSE"):
        assert not verdicts(RULES, "ecr-encryption", encrypted(kind, {"encryptionType": passing}))
    refused: list[Value] = [None, {}, {"encryptionType": "AES256"}, {"encryptionType": "kms"}]
    for block in refused:
        found = verdicts(RULES, "ecr-encryption", encrypted(kind, block))
        assert told(found) == finding(path), block
    assert told(verdicts(RULES, "ecr-encryption", resource(kind, {}))) == finding(path), "absent"
    empty = resource(kind, {"encryptionConfigurations": []})
    assert told(verdicts(RULES, "ecr-encryption", empty)) == finding(path)
    for hidden in HIDDEN:
        found = verdicts(RULES, "ecr-encryption", encrypted(kind, {"encryptionType": hidden}))
        assert told(found) == not_checked(path)
        found = verdicts(RULES, "ecr-encryption", encrypted(kind, hidden))
        assert told(found) == not_checked(encryption_path(kind))
    assert next(one for one in RULES if one.id == "ecr-encryption").production_only


@pytest.mark.parametrize("kind", WITH_TEMPLATES)
def test_a_key_of_the_account_can_be_demanded(kind: str) -> None:
    path = f"{encryption_path(kind)}.kmsKey"
    for key in (KEY, "alias/agents"):
        subject = encrypted(kind, {"encryptionType": "KMS", "kmsKey": key})
        assert not verdicts(RULES, "ecr-encryption", subject, customerKey=True)
    for key in (None, "", "alias/aws/ecr", "arn:aws:kms:us-east-1:222222222222:alias/aws/ecr"):
        subject = encrypted(kind, {"encryptionType": "KMS", "kmsKey": key})
        assert told(verdicts(RULES, "ecr-encryption", subject, customerKey=True)) == finding(path)
        assert not verdicts(RULES, "ecr-encryption", subject), "it is not demanded"
    subject = encrypted(kind, {"encryptionType": "KMS", "kmsKey": UNKNOWN})
    assert told(verdicts(RULES, "ecr-encryption", subject, customerKey=True)) == not_checked(path)


@pytest.mark.parametrize(("kind", "path"), [(REPOSITORY, "forceDelete"), (NATIVE, "emptyOnDelete")])
def test_production_keeps_its_images(kind: str, path: str) -> None:
    for value in (None, False):
        assert not verdicts(RULES, "ecr-force-delete", resource(kind, {path: value}))
    assert not verdicts(RULES, "ecr-force-delete", resource(kind, {}))
    for value in (True, "true"):
        found = verdicts(RULES, "ecr-force-delete", resource(kind, {path: value}))
        assert told(found) == finding(path)
    for hidden in HIDDEN:
        found = verdicts(RULES, "ecr-force-delete", resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)
    assert next(one for one in RULES if one.id == "ecr-force-delete").production_only


def repository(kind: str = REPOSITORY, **props: Any) -> Resource:
    return resource(kind, {NAMES[kind]: "agents", **props})


def has_lifecycle(*resources: Resource) -> list[tuple[str, str]]:
    return told(verdicts(RULES, "ecr-lifecycle-policy", resources))


@pytest.mark.parametrize("kind", REPOSITORIES)
def test_a_repository_without_a_lifecycle_policy_is_refused(kind: str) -> None:
    assert has_lifecycle(repository(kind)) == finding("lifecyclePolicy")
    for name in (UNKNOWN, ["agents"]):
        unnamed = resource(kind, {NAMES[kind]: name})
        assert has_lifecycle(unnamed) == finding("lifecyclePolicy"), "no policy could name it"
    listed = resource(kind, {NAMES[kind]: ["agents"]})
    named = resource(LIFECYCLE, {"repository": "agents"})
    assert has_lifecycle(listed, named) == not_checked("lifecyclePolicy")
    other = resource(LIFECYCLE, {"repository": "others", "policy": "{}"})
    assert has_lifecycle(repository(kind), other) == finding("lifecyclePolicy")
    found = verdicts(RULES, "ecr-lifecycle-policy", [repository(kind)])
    assert [one.urn for one in found] == [urn(kind, "one")]


@pytest.mark.parametrize("kind", REPOSITORIES)
def test_a_policy_that_names_the_repository_counts(kind: str) -> None:
    policy = resource(LIFECYCLE, {"repository": "agents"})
    assert not has_lifecycle(repository(kind), policy)


@pytest.mark.parametrize("kind", REPOSITORIES)
def test_a_policy_that_depends_on_the_repository_counts(kind: str) -> None:
    policy = resource(
        LIFECYCLE, {"repository": UNKNOWN}, dependencies={"repository": [urn(kind, "one")]}
    )
    unnamed = resource(kind, {"name": UNKNOWN, "repositoryName": UNKNOWN})
    assert not has_lifecycle(unnamed, policy)


def test_a_policy_whose_repository_nobody_knows_may_be_the_one() -> None:
    policy = resource(LIFECYCLE, {"repository": UNKNOWN})
    assert has_lifecycle(repository(), policy) == not_checked("lifecyclePolicy")
    named = resource(LIFECYCLE, {"repository": "agents"})
    unnamed = resource(REPOSITORY, {"name": UNKNOWN})
    assert has_lifecycle(unnamed, named) == not_checked("lifecyclePolicy")


def test_a_policy_of_its_own_counts() -> None:
    text = json.dumps({"rules": [UNTAGGED]})
    assert not has_lifecycle(repository(NATIVE, lifecyclePolicy={"lifecyclePolicyText": text}))
    assert not has_lifecycle(repository(NATIVE, lifecyclePolicy={"lifecyclePolicyText": UNKNOWN}))
    for empty in (None, {}, {"lifecyclePolicyText": ""}):
        assert has_lifecycle(repository(NATIVE, lifecyclePolicy=empty)) == finding(
            "lifecyclePolicy"
        )


def test_each_repository_is_judged_on_its_own() -> None:
    bare = [resource(kind, {}, f"bare-{kind[:5]}") for kind in REPOSITORIES]
    text = json.dumps({"rules": [UNTAGGED]})
    with_own = resource(NATIVE, {"lifecyclePolicy": {"lifecyclePolicyText": text}}, "own")
    hidden = resource(NATIVE, {"lifecyclePolicy": SECRET}, "hidden")
    by_id = resource(REPOSITORY, {"id": "by-id"}, "by-id")
    policy = resource(LIFECYCLE, {"repository": "by-id"}, "of-id")
    meant = resource(
        LIFECYCLE, {"repository": UNKNOWN}, "meant", dependencies={"repository": [bare[0].urn]}
    )

    found = verdicts(RULES, "ecr-lifecycle-policy", [policy, meant, with_own, hidden, by_id, *bare])

    assert [one.urn for one in found] == [hidden.urn, bare[1].urn]
    assert told(found)[0] == not_checked("lifecyclePolicy")[0]


def test_a_policy_of_one_of_several_repositories_is_that_of_none() -> None:
    both = [resource(REPOSITORY, {"name": UNKNOWN}, name) for name in ("one", "two")]
    urns = {"repository": [one.urn for one in both]}
    policy = resource(LIFECYCLE, {"repository": UNKNOWN}, dependencies=urns)
    known = resource(
        LIFECYCLE, {"repository": UNKNOWN}, "known", dependencies={"repository": [both[0].urn]}
    )
    assert has_lifecycle(*both, policy) == [*not_checked("lifecyclePolicy")] * 2
    assert has_lifecycle(*both, policy, known) == not_checked("lifecyclePolicy"), "one is known"


def test_what_the_provider_fills_in_is_no_policy_and_an_unknown_input_may_be() -> None:
    computed = repository(NATIVE, lifecyclePolicy=UNKNOWN)
    assert has_lifecycle(computed) == finding("lifecyclePolicy")
    hidden = resource(
        NATIVE,
        {"repositoryName": "agents", "lifecyclePolicy": UNKNOWN},
        dependencies={"lifecyclePolicy": [urn(REPOSITORY, "other")]},
    )
    assert has_lifecycle(hidden) == not_checked("lifecyclePolicy")
    secret = repository(NATIVE, lifecyclePolicy=SECRET)
    assert has_lifecycle(secret) == not_checked("lifecyclePolicy")


THROW_AWAY: Final[Sequence[dict[str, Any]]] = (
    UNTAGGED,
    tagged("pr-*"),
    tagged("dev-*", countType="imageCountMoreThan", countUnit=None, countNumber=1),
    tagged("feature-*-v1"),
    tagged("pr-*-*-*-*"),
    tagged("pro"),
    rule(countType="sinceImageTransitioned"),
    rule(tagStatus="tagged", tagPrefixList=["x0"]),
    tagged("prototype-*"),
    tagged("review-*"),
    tagged("v*", "pr-*"),
    rule(tagStatus="tagged", tagPrefixList=["pr-"]),
    rule(countType="sinceImagePulled"),
    {**UNTAGGED, "action": {"type": "transition", "targetStorageClass": "archive"}},
)


@pytest.mark.parametrize("one", THROW_AWAY, ids=str)
def test_what_no_release_is_may_expire(one: dict[str, Any]) -> None:
    assert not lifecycle(one)


RELEASES: Final[Sequence[dict[str, Any]]] = (
    rule(tagStatus="any"),
    rule(tagStatus="any", countType="imageCountMoreThan", countUnit=None, countNumber=100),
    tagged("*"),
    tagged("**"),
    tagged("v*"),
    tagged("V*"),
    tagged("*1"),
    tagged("1.*"),
    tagged("1.4.2"),
    tagged("prod"),
    tagged("release-*"),
    tagged("sha-*"),
    tagged("v*", "*"),
    rule(tagStatus="tagged", tagPrefixList=["v"]),
    rule(tagStatus="tagged", tagPrefixList=["prod"]),
    rule(tagStatus="tagged", tagPrefixList=["pro"]),
    *(tagged(f"{digit}.0") for digit in "023456789"),
    *(tagged(f"v{digit}") for digit in "0123456789"),
    {**tagged("v*"), "action": {"type": "transition", "targetStorageClass": "archive"}},
)


@pytest.mark.parametrize("one", RELEASES, ids=str)
def test_a_rule_that_can_take_a_release_away_is_refused(one: dict[str, Any]) -> None:
    assert lifecycle(one) == finding("rules[0].selection")
    assert lifecycle(UNTAGGED, {**one, "rulePriority": 2}) == finding("rules[1].selection")


@pytest.mark.parametrize(
    "word",
    [
        *("final", "ga", "gold", "hotfix", "live", "lts", "prd", "prod", "production", "r", "rc"),
        *("rel", "release", "sha", "stable", "v", "ver", "version"),
    ],
)
def test_what_releases_are_called_is_known(word: str) -> None:
    for pattern in (word, f"{word}-*", f"{word}.2", f"{word}_x"):
        assert lifecycle(tagged(pattern)) == finding("rules[0].selection"), pattern
    assert not lifecycle(tagged(f"x{word}"))


def test_the_words_of_releases_can_be_set() -> None:
    assert not lifecycle(tagged("v*"), releaseWords=["stage"])
    assert lifecycle(tagged("stage-*"), releaseWords=["stage"]) == finding("rules[0].selection")
    assert lifecycle(tagged("1*"), releaseWords=[]) == finding("rules[0].selection")


def test_a_rule_by_count_may_keep_enough_releases_where_config_says_so() -> None:
    def counted(number: int) -> dict[str, Any]:
        return rule(
            tagStatus="any", countType="imageCountMoreThan", countUnit=None, countNumber=number
        )

    assert not lifecycle(counted(30), keptReleases=30)
    assert lifecycle(counted(29), keptReleases=30) == finding("rules[0].selection")
    for days in (14, 60):
        aged = rule(tagStatus="any", countNumber=days)
        assert lifecycle(aged, keptReleases=30) == finding("rules[0].selection")
    policy = {"rules": [{**counted(30), "selection": {**counted(30)["selection"]}}]}
    policy["rules"][0]["selection"]["countNumber"] = UNKNOWN
    subject = resource(LIFECYCLE, {"policy": policy})
    found = verdicts(RULES, "ecr-lifecycle-keeps-releases", subject, keptReleases=30)
    assert told(found) == not_checked("policy.rules[0].selection.countNumber")


MALFORMED: Final[Sequence[tuple[str, Any, str]]] = (
    ("a rule that is none", "expire", "rules[0]"),
    ("no priority", {**UNTAGGED, "rulePriority": None}, "rules[0].rulePriority"),
    ("priority 0", {**UNTAGGED, "rulePriority": 0}, "rules[0].rulePriority"),
    ("a priority beyond all", {**UNTAGGED, "rulePriority": float("inf")}, "rules[0].rulePriority"),
    ("half a priority", {**UNTAGGED, "rulePriority": 1.5}, "rules[0].rulePriority"),
    ("a priority that is a switch", {**UNTAGGED, "rulePriority": True}, "rules[0].rulePriority"),
    ("a pattern that is no text", tagged(7), "rules[0].selection.tagPatternList[0]"),
    ("no status", rule(tagStatus=None), "rules[0].selection.tagStatus"),
    ("a status in upper case", rule(tagStatus="ANY"), "rules[0].selection.tagStatus"),
    ("tags without patterns", rule(tagStatus="tagged"), "rules[0].selection"),
    ("no pattern", tagged(), "rules[0].selection"),
    ("patterns and prefixes", tagged("a*", tagPrefixList=["a"]), "rules[0].selection"),
    ("an empty pattern", tagged(""), "rules[0].selection.tagPatternList[0]"),
    ("five wildcards", tagged("a*b*c*d*e*"), "rules[0].selection.tagPatternList[0]"),
    ("untagged with tags", rule(tagPrefixList=["a"]), "rules[0].selection.tagPrefixList"),
    ("an unknown count", rule(countType="age"), "rules[0].selection.countType"),
    ("an age without unit", rule(countUnit=None), "rules[0].selection.countUnit"),
    ("an age in weeks", rule(countUnit="weeks"), "rules[0].selection.countUnit"),
    ("keeping none", rule(countNumber=0), "rules[0].selection.countNumber"),
    ("no number", rule(countNumber=None), "rules[0].selection.countNumber"),
    ("a number as text", rule(countNumber="14"), "rules[0].selection.countNumber"),
    ("no action", {**UNTAGGED, "action": None}, "rules[0].action.type"),
    ("another action", {**UNTAGGED, "action": {"type": "delete"}}, "rules[0].action.type"),
)


@pytest.mark.parametrize(("what", "one", "path"), MALFORMED, ids=[row[0] for row in MALFORMED])
def test_a_rule_that_ecr_would_refuse_is_refused(what: str, one: Any, path: str) -> None:
    assert lifecycle(one) == finding(path), what


def test_a_priority_is_given_once() -> None:
    other = {**tagged("pr-*"), "rulePriority": 1}
    assert lifecycle(UNTAGGED, other) == finding("rules[1].rulePriority")
    assert not lifecycle(UNTAGGED, {**other, "rulePriority": 2})


def test_every_faulty_rule_is_told() -> None:
    found = lifecycle(
        tagged("v*"), {**rule(countNumber=0), "rulePriority": 2}, {**UNTAGGED, "rulePriority": 2}
    )
    assert sorted(path for _, path in found) == [
        "rules[0].selection",
        "rules[1].selection.countNumber",
        "rules[2].rulePriority",
    ]


@pytest.mark.parametrize("rules", ["expire", 7, {}, [], None])
def test_rules_are_a_list(rules: Value) -> None:
    subject = resource(LIFECYCLE, {"policy": {"rules": rules}})
    found = verdicts(RULES, "ecr-lifecycle-keeps-releases", subject)
    assert told(found) == finding("policy.rules")


def test_a_repository_of_the_public_gallery_is_refused_as_a_whole() -> None:
    subject = resource("aws:ecrpublic/repository:Repository", {})
    assert told(verdicts(RULES, "ecr-public-repository", subject)) == finding("")


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_not_known_of_a_rule_is_not_checked(hidden: Value) -> None:
    def with_value(key: str) -> Resource:
        one: dict[str, Value] = {**tagged("pr-*"), key: hidden}
        return resource(LIFECYCLE, {"policy": {"rules": [one]}})

    def within(key: str) -> Resource:
        one = {**tagged("pr-*"), "selection": {**tagged("pr-*")["selection"], key: hidden}}
        return resource(LIFECYCLE, {"policy": {"rules": [one]}})

    places = {
        "policy.rules": resource(LIFECYCLE, {"policy": {"rules": hidden}}),
        "policy.rules[0]": resource(LIFECYCLE, {"policy": {"rules": [hidden]}}),
        "policy.rules[0].selection": with_value("selection"),
        "policy.rules[0].action.type": with_value("action"),
        "policy.rules[0].selection.tagStatus": within("tagStatus"),
        "policy.rules[0].selection.countType": within("countType"),
        "policy.rules[0].selection.countUnit": within("countUnit"),
        "policy.rules[0].selection.countNumber": within("countNumber"),
        "policy.rules[0].selection.tagPatternList[0]": within("tagPatternList"),
    }
    for path, subject in places.items():
        found = verdicts(RULES, "ecr-lifecycle-keeps-releases", subject)
        assert told(found) == not_checked(path)
    priority = with_value("rulePriority")
    assert not verdicts(RULES, "ecr-lifecycle-keeps-releases", priority), "only its kind counts"


def test_a_wrong_rule_does_not_hide_the_priority_of_the_next() -> None:
    found = lifecycle("expire", {**UNTAGGED, "rulePriority": 0})
    assert sorted(path for _, path in found) == ["rules[0]", "rules[1].rulePriority"]
    hidden: dict[str, Value] = {**UNTAGGED, "rulePriority": UNKNOWN}
    policy = {"rules": [hidden, {**UNTAGGED, "rulePriority": 0}]}
    subject = resource(LIFECYCLE, {"policy": policy})
    found = told(verdicts(RULES, "ecr-lifecycle-keeps-releases", subject))
    assert found == finding("policy.rules[1].rulePriority")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"rules": []}', '{"rules": {}}', "null"])
def test_a_text_without_rules_is_refused(text: str) -> None:
    for subject in policies(text=text):
        found = told(verdicts(RULES, "ecr-lifecycle-keeps-releases", subject))
        assert [kind for kind, _ in found] == ["finding"], subject.type


def test_a_text_that_is_too_long_is_refused() -> None:
    text = json.dumps({"rules": [UNTAGGED]})
    for subject in policies(text=text + " " * (30_721 - len(text))):
        assert len(verdicts(RULES, "ecr-lifecycle-keeps-releases", subject)) == 1
    for subject in policies(text=text + " " * (30_720 - len(text))):
        assert not verdicts(RULES, "ecr-lifecycle-keeps-releases", subject)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_policy_that_is_not_known_is_not_checked(hidden: Value) -> None:
    subject = resource(LIFECYCLE, {"policy": hidden})
    rule_id = "ecr-lifecycle-keeps-releases"
    assert told(verdicts(RULES, rule_id, subject)) == not_checked("policy")
    subject = resource(NATIVE, {"lifecyclePolicy": {"lifecyclePolicyText": hidden}})
    path = "lifecyclePolicy.lifecyclePolicyText"
    assert told(verdicts(RULES, rule_id, subject)) == not_checked(path)
    assert told(verdicts(RULES, rule_id, resource(NATIVE, {"lifecyclePolicy": hidden}))) == (
        not_checked(path)
    )


def test_a_policy_resource_without_a_policy_is_refused_and_a_repository_judged_elsewhere() -> None:
    rule_id = "ecr-lifecycle-keeps-releases"
    assert told(verdicts(RULES, rule_id, resource(LIFECYCLE, {}))) == finding("policy.rules")
    for kind in (NATIVE, TEMPLATE, NATIVE_TEMPLATE):
        assert not verdicts(RULES, rule_id, resource(kind, {}))


@given(st.text(alphabet="abcprv10*-._", min_size=1, max_size=8).filter(lambda t: t.count("*") <= 4))
def test_a_pattern_that_spares_releases_matches_none(pattern: str) -> None:
    samples = ("1.4.2", "v1", "v2-rc.1", "prod", "prod-eu", "release-7", "sha-1f2e", "0", "rc1")
    if any(fnmatchcase(sample, pattern) for sample in samples):
        assert lifecycle(tagged(pattern)) == finding("rules[0].selection")
