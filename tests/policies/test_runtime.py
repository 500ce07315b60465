from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.credentials import holds_secret, looks_secret, shown
from agentcore_policies.model import SECRET, UNKNOWN, Resource
from agentcore_policies.rule import Finding
from agentcore_policies.rules.runtime import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts

AWS: Final = "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime"
NATIVE: Final = "aws-native:bedrockagentcore:Runtime"
FORMS: Final = (AWS, NATIVE)
AWS_ENDPOINT: Final = "aws:bedrock/agentcoreAgentRuntimeEndpoint:AgentcoreAgentRuntimeEndpoint"
NATIVE_ENDPOINT: Final = "aws-native:bedrockagentcore:RuntimeEndpoint"
AWS_HARNESS: Final = "aws:bedrock/agentcoreHarness:AgentcoreHarness"
NATIVE_HARNESS: Final = "aws-native:bedrockagentcore:Harness"
ENDPOINT_FORMS: Final = (AWS_ENDPOINT, NATIVE_ENDPOINT)

REGISTRY: Final = "222222222222.dkr.ecr.us-east-1.amazonaws.com"
DIGEST: Final = "sha256:" + "0123456789abcdef" * 4
IMAGE: Final = "agentRuntimeArtifact.containerConfiguration.containerUri"
JWT: Final = "authorizerConfiguration.customJwtAuthorizer"
# Of the form of a credential, and of no account.
SECRET_VALUES: Final = (
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "-----BEGIN RSA PRIVATE KEY-----",
    "sk-" + "proj-0123456789abcdef",
    "postgres://agent:hunter2@db.internal/agents",
    "password=hunter2",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)


def runtime(kind: str, **changes: Any) -> Resource:
    """A runtime that passes, with properties set by path (dots written as double underscores)."""
    audience = "allowedAudiences" if kind == AWS else "allowedAudience"
    headers = "requestHeaderAllowlists" if kind == AWS else "requestHeaderAllowlist"
    lifecycle = {"idleRuntimeSessionTimeout": 600.0, "maxLifetime": 14400.0}
    props: dict[str, Any] = {
        "agentRuntimeName": "support_agent",
        "agentRuntimeArtifact": {
            "containerConfiguration": {"containerUri": f"{REGISTRY}/agents/support@{DIGEST}"}
        },
        "roleArn": "arn:aws:iam::222222222222:role/support",
        "networkConfiguration": {"networkMode": "PUBLIC"},
        "environmentVariables": {"LOG_LEVEL": "info", "TOKEN_LIMIT": "100"},
        "protocolConfiguration": {"serverProtocol": "MCP"} if kind == AWS else "MCP",
        "requestHeaderConfiguration": {headers: ["X-Trace", "Authorization"]},
        "authorizerConfiguration": {
            "customJwtAuthorizer": {
                "discoveryUrl": "https://login.example.com/.well-known/openid-configuration",
                audience: ["agents"],
            }
        },
        **(
            {"lifecycleConfigurations": [lifecycle]}
            if kind == AWS
            else {"lifecycleConfiguration": lifecycle}
        ),
    }
    return resource(kind, _with(props, changes), "support")


def _with(props: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = deepcopy(props)
    for path, value in changes.items():
        *above, last = path.split("__")
        block = changed
        for step in above:
            block[step] = dict(block.get(step) or {})
            block = block[step]
        if value is DELETED:
            block.pop(last, None)
        else:
            block[last] = value
    return changed


DELETED: Final = object()


def said(rule: str, subject: Resource, **settings: object) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, subject, **settings))


@pytest.mark.parametrize("kind", FORMS)
def test_a_runtime_as_it_should_be_passes_every_rule(kind: str) -> None:
    rules = [rule.id for rule in RULES if kind in rule.types]
    assert {rule: said(rule, runtime(kind)) for rule in rules} == {rule: [] for rule in rules}


@pytest.mark.parametrize("kind", ENDPOINT_FORMS)
def test_an_endpoint_as_it_should_be_passes_every_rule(kind: str) -> None:
    endpoint = resource(kind, {"name": "live", "agentRuntimeVersion": "7"})
    for rule in ("runtime-endpoint-name", "runtime-endpoint-version"):
        assert said(rule, endpoint) == []


def test_every_rule_is_about_both_providers() -> None:
    for rule in RULES:
        providers = {kind.partition(":")[0] for kind in rule.types}
        assert providers == {"aws", "aws-native"}, f"{rule.id} is bypassed in the other provider"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("value", [None, {}, DELETED])
def test_a_runtime_without_an_artifact_is_refused(kind: str, value: object) -> None:
    bare = runtime(kind, agentRuntimeArtifact=value)
    assert said("runtime-artifact", bare) == finding("agentRuntimeArtifact")


@pytest.mark.parametrize("kind", FORMS)
def test_exactly_one_artifact_is_given(kind: str) -> None:
    code = {"runtime": "PYTHON_3_13"}
    both = runtime(kind, agentRuntimeArtifact__codeConfiguration=code)
    assert said("runtime-artifact", both) == finding("agentRuntimeArtifact")
    only = runtime(kind, agentRuntimeArtifact={"codeConfiguration": code})
    assert said("runtime-artifact", only) == []
    for subject, what in ((both, "both a"), (runtime(kind, agentRuntimeArtifact={}), "neither a")):
        (found,) = verdicts(RULES, "runtime-artifact", subject)
        assert what in str(found)
    hidden = runtime(kind, agentRuntimeArtifact=UNKNOWN)
    assert said("runtime-artifact", hidden) == not_checked("agentRuntimeArtifact")


def imaged(kind: str, uri: object) -> Resource:
    return runtime(kind, agentRuntimeArtifact__containerConfiguration__containerUri=uri)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("uri", "found"),
    [
        (f"{REGISTRY}/agents/support:1.4.2", []),
        ("222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/a:1", []),
        ("ghcr.io/org/app:1", finding(IMAGE)),
        ("docker.io/org/app:1", finding(IMAGE)),
        ("app:1", finding(IMAGE)),
        ("public.ecr.aws/org/app:1", finding(IMAGE)),
        (f"2{REGISTRY}/app:1", finding(IMAGE)),
        (f"{REGISTRY[1:]}/app:1", finding(IMAGE)),
        (f"{REGISTRY}.evil.example/app:1", finding(IMAGE)),
        (f"evil.example/{REGISTRY}/app:1", finding(IMAGE)),
        ("222222222222.dkr.ecr-fips.us-east-1.amazonaws.com/app:1", finding(IMAGE)),
        ("222222222222.dkr-ecr.us-east-1.on.aws/app:1", finding(IMAGE)),
        ("", finding(IMAGE)),
        (None, finding(IMAGE)),
        (UNKNOWN, not_checked(IMAGE)),
        (SECRET, not_checked(IMAGE)),
    ],
)
def test_images_come_from_private_registries(kind: str, uri: object, found: object) -> None:
    assert said("runtime-image-registry", imaged(kind, uri)) == found


@pytest.mark.parametrize("kind", FORMS)
def test_images_come_from_the_runtimes_account_and_those_that_config_allows(kind: str) -> None:
    rule = "runtime-image-registry"
    foreign = imaged(kind, f"{REGISTRY.replace('2' * 12, '3' * 12)}/app@{DIGEST}")
    assert said(rule, runtime(kind), allowedAccounts=["333333333333"]) == []
    assert said(rule, foreign) == finding(IMAGE)
    assert said(rule, foreign, allowedAccounts=["444444444444"]) == finding(IMAGE)
    assert said(rule, foreign, allowedAccounts=["333333333333"]) == []


IMAGE_RULES: Final = (
    *("runtime-image-registry", "runtime-image-region"),
    *("runtime-image-pinned", "runtime-image-moving-tag"),
)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("uri", ["", None, 5.0], ids=str)
def test_no_image_is_told_of_once_and_code_has_none(kind: str, uri: object) -> None:
    (found,) = verdicts(RULES, IMAGE_RULES[0], imaged(kind, uri))
    assert "no image is given" in str(found)
    code = runtime(kind, agentRuntimeArtifact={"codeConfiguration": {"runtime": "PYTHON_3_13"}})
    for rule in IMAGE_RULES:
        assert verdicts(RULES, rule, code) == []
        assert rule == IMAGE_RULES[0] or verdicts(RULES, rule, imaged(kind, uri)) == []


@pytest.mark.parametrize("kind", [AWS_HARNESS, NATIVE_HARNESS])
def test_a_harness_is_asked_for_its_image_only_where_it_has_a_container(kind: str) -> None:
    def harness(artifact: Any, role: str = "222222222222") -> Resource:
        arn = f"arn:aws:iam::{role}:role/support"
        return resource(kind, {"executionRoleArn": arn, "environmentArtifact": artifact})

    path = "environmentArtifact.containerConfiguration.containerUri"
    image = {"containerConfiguration": {"containerUri": f"{REGISTRY}/app@{DIGEST}"}}
    rule = "runtime-image-registry"
    passing: list[Any] = [None, {}, {"containerConfiguration": {}}, image]
    for good in passing:
        assert said(rule, harness(good)) == []
    assert said(rule, harness({"containerConfiguration": {"x": 1.0}})) == finding(path)
    assert said(rule, harness(image, "3" * 12)) == finding(path), "the role tells whose it is"


@pytest.mark.parametrize("kind", FORMS)
def test_the_runtimes_account_is_its_providers_or_its_roles(kind: str) -> None:
    rule = "runtime-image-registry"
    pinned = {"allowedAccountIds": '["333333333333"]'}
    assert said(rule, replace(runtime(kind), provider=pinned)) == finding(IMAGE)
    pinned = {"allowedAccountIds": '["333333333333", "222222222222"]'}
    assert said(rule, replace(runtime(kind), provider=pinned)) == []
    other = runtime(kind, roleArn="arn:aws-us-gov:iam::333333333333:role/team/support")
    assert said(rule, other) == finding(IMAGE)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("role", [UNKNOWN, None, "support"])
def test_of_whose_account_nothing_tells_no_image_is_passed_in_silence(
    kind: str, role: object
) -> None:
    rule = "runtime-image-registry"
    unpinned = runtime(kind, roleArn=role)
    assert said(rule, unpinned) == not_checked("roleArn")
    assert said(rule, unpinned, allowedAccounts=["222222222222"]) == []
    assert said(rule, unpinned, allowedAccounts=["333333333333"]) == not_checked("roleArn")


@pytest.mark.parametrize("kind", FORMS)
def test_an_empty_map_of_variables_is_left_out(kind: str) -> None:
    rule = "runtime-environment"
    empty = runtime(kind, environmentVariables={})
    assert said(rule, empty) == finding("environmentVariables")
    assert said(rule, runtime(kind, environmentVariables=None)) == []
    assert said(rule, runtime(kind, environmentVariables={"A": ""})) == []


@pytest.mark.parametrize("kind", FORMS)
def test_the_image_is_of_the_runtimes_region(kind: str) -> None:
    rule = "runtime-image-region"
    other = imaged(kind, f"{REGISTRY.replace('us-east-1', 'us-east-2')}/app:1")
    assert said(rule, other) == finding(IMAGE)
    props = {**runtime(kind).props, "region": "us-west-2"}
    assert said(rule, resource(kind, props)) == finding(IMAGE), "its own region counts"
    assert said(rule, resource(kind, runtime(kind).props, region=None)) == not_checked("region")
    assert said(rule, imaged(kind, UNKNOWN)) == not_checked(IMAGE)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("suffix", "found"),
    [
        (f"@{DIGEST}", []),
        (":1.4.2", []),
        (f":latest@{DIGEST}", []),
        ("", finding(IMAGE)),
        (f"@{DIGEST[:-1]}", finding(IMAGE)),
        (f"@{DIGEST.upper()}", finding(IMAGE)),
        ("@sha512:" + "0" * 64, finding(IMAGE)),
        (":.hidden", finding(IMAGE)),
        (f"/more@{DIGEST}", []),
        ("/more", finding(IMAGE)),
        (":" + "a" * 129, finding(IMAGE)),
    ],
)
def test_images_are_pinned(kind: str, suffix: str, found: object) -> None:
    assert said("runtime-image-pinned", imaged(kind, f"{REGISTRY}/app{suffix}")) == found


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("suffix", "found"),
    [
        (":latest", finding(IMAGE)),
        (":LATEST", finding(IMAGE)),
        *((f":{tag}", finding(IMAGE)) for tag in ("current", "dev", "develop", "edge", "head")),
        *((f":{tag}", finding(IMAGE)) for tag in ("main", "master", "nightly", "prod")),
        *((f":{tag}", finding(IMAGE)) for tag in ("production", "release", "stable", "staging")),
        (":latest-2", []),
        *((f":{tag}", finding(IMAGE)) for tag in ("latest-arm64", "arm64-latest", "main_X86_64")),
        *(
            (f":{tag}", finding(IMAGE))
            for tag in ("edge-linux-amd64", "dev.aarch64", "prod-arm64-v8")
        ),
        *((f":{tag}", []) for tag in ("arm64", "1.4.2-arm64", "latestarm64", "latest-arm64s")),
        (":1.4.2", []),
        (f":latest@{DIGEST}", []),
    ],
)
def test_tags_that_move_are_refused_without_a_digest(kind: str, suffix: str, found: object) -> None:
    assert said("runtime-image-moving-tag", imaged(kind, f"{REGISTRY}/app{suffix}")) == found


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("uri", "tag"),
    [
        ("nginx:latest", "latest"),
        ("registry.example:5000/web:edge", "edge"),
        ("a/b/c:main", "main"),
    ],
)
def test_an_image_of_another_registry_has_the_tag_it_has(kind: str, uri: str, tag: str) -> None:
    assert said("runtime-image-pinned", imaged(kind, uri)) == [], "it has a tag"
    (moving,) = verdicts(RULES, "runtime-image-moving-tag", imaged(kind, uri))
    assert isinstance(moving, Finding)
    assert f'the tag "{tag}" moves' in moving.message
    bare = uri.removesuffix(f":{tag}")
    assert said("runtime-image-pinned", imaged(kind, bare)) == finding(IMAGE), "a port is no tag"
    assert said("runtime-image-moving-tag", imaged(kind, f"{bare}@{DIGEST}")) == []


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("rule", ["runtime-image-pinned", "runtime-image-moving-tag"])
def test_an_unknown_image_is_said_to_be_unchecked(kind: str, rule: str) -> None:
    assert said(rule, imaged(kind, UNKNOWN)) == not_checked(IMAGE)
    assert said(rule, runtime(kind, agentRuntimeArtifact=UNKNOWN)) == not_checked(IMAGE)


def test_moving_tags_are_config() -> None:
    rolling = imaged(NATIVE, f"{REGISTRY}/app:rolling")
    assert said("runtime-image-moving-tag", rolling) == []
    assert said("runtime-image-moving-tag", rolling, movingTags=["rolling"]) == finding(IMAGE)


NAMES: Final[list[tuple[Any, Any]]] = [
    ("support_agent", []),
    ("a", []),
    ("a" * 48, []),
    ("a" * 49, finding),
    ("my-agent", finding),
    ("1agent", finding),
    ("_agent", finding),
    ("agént", finding),
    ("support-0a1b2c3", finding),
    ("support_0a1b2c3", finding),
    ("support0a1b2c3", finding),
    ("support_0a1b2c", []),
    ("helpers_0a1b2c3", []),
    ("billing_0a1b2c3", []),
    ("", finding),
    (None, finding),
    (DELETED, finding),
    (7.0, finding),
    (UNKNOWN, not_checked),
    (SECRET, not_checked),
]


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("name", "found"), NAMES)
def test_runtimes_have_chosen_names(kind: str, name: object, found: Any) -> None:
    expected = found and found("agentRuntimeName")
    assert said("runtime-name", runtime(kind, agentRuntimeName=name)) == expected
    if found is finding:
        (one,) = verdicts(RULES, "runtime-name", runtime(kind, agentRuntimeName=name))
        assert ("no name is given" in str(one)) is (name in ("", None, DELETED))


@pytest.mark.parametrize("kind", ENDPOINT_FORMS)
@pytest.mark.parametrize(("name", "found"), [*NAMES, ("DEFAULT", finding), ("DEFAULT_2", [])])
def test_endpoints_have_chosen_names(kind: str, name: object, found: Any) -> None:
    props = {} if name is DELETED else {"name": name}
    expected = found and found("name")
    assert said("runtime-endpoint-name", resource(kind, props, "support")) == expected


@pytest.mark.parametrize("kind", ENDPOINT_FORMS)
@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("1", []),
        ("99999", []),
        ("0", finding),
        ("100000", finding),
        ("latest", finding),
        ("", finding),
        (None, finding),
        (1.0, finding),
        (UNKNOWN, not_checked),
        (SECRET, not_checked),
    ],
)
def test_endpoints_are_pinned_to_a_version(kind: str, version: object, found: Any) -> None:
    endpoint = resource(kind, {"name": "live", "agentRuntimeVersion": version})
    expected = found and found("agentRuntimeVersion")
    assert said("runtime-endpoint-version", endpoint) == expected
    if found is finding:
        (one,) = verdicts(RULES, "runtime-endpoint-version", endpoint)
        assert ("no version is given" in str(one)) is (version in ("", None))


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("SETTING", value) for value in SECRET_VALUES),
        ("DB_PASSWORD", "hunter2"),
        ("dbPassword", "hunter2"),
        ("API_KEY", "abc"),
        ("github_token", "abc"),
        ("CLIENT_SECRET", "abc"),
        ("SETTING", SECRET),
    ],
)
def test_variables_that_hold_a_secret_are_refused_without_showing_it(
    kind: str, name: str, value: Any
) -> None:
    found = verdicts(
        RULES, "runtime-environment-secrets", runtime(kind, environmentVariables={name: value})
    )
    assert told(found) == finding(f"environmentVariables.{name}")
    (one,) = found
    assert isinstance(one, Finding)
    assert not isinstance(value, str) or value not in one.message, "a message shows no secret"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD_ARN", "arn:aws:secretsmanager:us-east-1:222222222222:secret:db-AbCdEf"),
        ("DB_SECRET", "arn:aws:secretsmanager:us-east-1:222222222222:secret:db-AbCdEf"),
        ("MAX_TOKENS", "4096"),
        ("USE_TOKEN", "true"),
        ("COMPASS", "north"),
        ("SECRET", ""),
        ("IMAGE_DIGEST", DIGEST),
        ("URL", "https://api.example.com/v1?page=2"),
    ],
)
def test_variables_that_point_to_a_secret_pass(kind: str, name: str, value: str) -> None:
    pointing = runtime(kind, environmentVariables={name: value})
    assert said("runtime-environment-secrets", pointing) == []


@pytest.mark.parametrize("kind", FORMS)
def test_variables_that_nobody_knows_are_said_to_be_unchecked(kind: str) -> None:
    rule = "runtime-environment-secrets"
    one = runtime(kind, environmentVariables={"A": UNKNOWN, "B": "b"})
    assert said(rule, one) == not_checked("environmentVariables.A")
    assert said(rule, runtime(kind, environmentVariables=UNKNOWN)) == not_checked(
        "environmentVariables"
    )
    secret = runtime(kind, environmentVariables=SECRET)
    assert said(rule, secret) == finding("environmentVariables"), "it is returned in the clear"
    assert said(rule, runtime(kind, environmentVariables={})) == []
    assert said(rule, runtime(kind, environmentVariables=None)) == []
    assert said(rule, runtime(kind, environmentVariables=DELETED)) == []


def test_a_name_that_is_a_secret_itself_is_not_shown() -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    (one,) = verdicts(
        RULES, "runtime-environment", runtime(NATIVE, environmentVariables={f"{key}-x": "a"})
    )
    assert key not in f"{one}", "somebody swapped name and value"
    assert told([one]) == finding("environmentVariables.(not shown)")


@given(st.text(min_size=1, max_size=30), st.sampled_from(SECRET_VALUES))
def test_a_secret_within_a_value_is_seen_and_never_shown(around: str, secret: str) -> None:
    value = f"{around} {secret} {around}"
    assert looks_secret(value)
    assert secret not in shown(value)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_a_count_of_tokens_is_no_secret(count: int) -> None:
    assert not holds_secret("TOKENS", str(count))
    assert holds_secret("PASSWORD", str(count)), "a password may be digits"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("name", "value", "is_refused"),
    [
        ("1X", "a", True),
        ("MY-KEY", "a", True),
        ("X" * 100, "a", False),
        ("X" * 101, "a", True),
        ("AWS_REGION", "us-east-1", True),
        ("aws_session_token", "a", True),
        ("AWS_ACCESS_KEY_ID", "a", True),
        ("AWS_SECRET_ACCESS_KEY", "a", True),
        ("AWS_DEFAULT_REGION", "eu-west-1", True),
        ("AWS_REGION_NAME", "us-east-1", False),
        ("LONG", "x" * 2048, False),
        ("LONG", "x" * 5001, True),
    ],
)
def test_variables_keep_to_names_and_limits(
    kind: str,
    name: str,
    value: str,
    is_refused: bool,  # noqa: FBT001
) -> None:
    found = said("runtime-environment", runtime(kind, environmentVariables={name: value}))
    assert found == (finding(f"environmentVariables.{name}") if is_refused else [])


def test_cloudformation_takes_shorter_values_than_the_service() -> None:
    long = {"LONG": "x" * 2049}
    assert said("runtime-environment", runtime(AWS, environmentVariables=long)) == []
    assert said("runtime-environment", runtime(NATIVE, environmentVariables=long)) == finding(
        "environmentVariables.LONG"
    )
    for kind, most in ((AWS, 5000), (NATIVE, 2048), (AWS_HARNESS, 5000), (NATIVE_HARNESS, 2048)):
        for length, expected in ((most, []), (most + 1, finding("environmentVariables.LONG"))):
            subject = resource(kind, {"environmentVariables": {"LONG": "x" * length}})
            assert said("runtime-environment", subject) == expected, f"{kind}: {length}"


@pytest.mark.parametrize("kind", FORMS)
def test_each_variable_is_judged_on_its_own(kind: str) -> None:
    given = runtime(kind, environmentVariables={"A": UNKNOWN, "B": "plain", "PASSWORD": "hunter22"})
    assert said("runtime-environment-secrets", given) == [
        *not_checked("environmentVariables.A"),
        *finding("environmentVariables.PASSWORD"),
    ]
    allowed = runtime(kind, environmentVariables={"STOP_TOKEN": "halt", "PASSWORD": "hunter22"})
    found = said("runtime-environment-secrets", allowed, allowedVariables=["STOP_TOKEN"])
    assert found == finding("environmentVariables.PASSWORD")
    odd = runtime(kind, environmentVariables={"A": UNKNOWN, "B": 7.0, "C": "x" * 5001})
    assert said("runtime-environment", odd) == [
        *not_checked("environmentVariables.A"),
        *finding("environmentVariables.C"),
    ]


@pytest.mark.parametrize("kind", FORMS)
def test_a_runtime_takes_fifty_variables(kind: str) -> None:
    names = {f"V{number}": "a" for number in range(51)}
    rule = "runtime-environment"
    assert said(rule, runtime(kind, environmentVariables=names)) == finding("environmentVariables")
    del names["V0"]
    assert said(rule, runtime(kind, environmentVariables=names)) == []
    assert said(rule, runtime(kind, environmentVariables=UNKNOWN)) == not_checked(
        "environmentVariables"
    )


def lived(kind: str, idle: object, lifetime: object, **more: object) -> Resource:
    given = {"idleRuntimeSessionTimeout": idle, "maxLifetime": lifetime}
    name = "lifecycleConfigurations" if kind == AWS else "lifecycleConfiguration"
    return runtime(kind, **{name: [given] if kind == AWS else given}, **more)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("idle", "lifetime", "wrong"),
    [
        (60.0, 28800.0, []),
        (900.0, 900.0, []),
        (59.0, 900.0, ["idleRuntimeSessionTimeout"]),
        (0.0, 900.0, ["idleRuntimeSessionTimeout"]),
        (-1.0, 900.0, ["idleRuntimeSessionTimeout"]),
        (60.5, 900.0, ["idleRuntimeSessionTimeout"]),
        ("15m", 900.0, ["idleRuntimeSessionTimeout"]),
        (True, 900.0, ["idleRuntimeSessionTimeout"]),
        (None, 900.0, ["idleRuntimeSessionTimeout"]),
        (900.0, 28801.0, ["maxLifetime"]),
        (900.0, None, ["maxLifetime"]),
        (900.0, True, ["maxLifetime"]),
        (901.0, 900.0, [""]),
        (float("nan"), 900.0, ["idleRuntimeSessionTimeout"]),
        (float("inf"), 900.0, ["idleRuntimeSessionTimeout", ""]),
    ],
)
def test_sessions_are_bounded(kind: str, idle: object, lifetime: object, wrong: list[str]) -> None:
    block = "lifecycleConfigurations[0]" if kind == AWS else "lifecycleConfiguration"
    expected = [("finding", f"{block}.{field}" if field else block) for field in wrong]
    assert said("runtime-lifecycle", lived(kind, idle, lifetime)) == expected


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("nothing", [None, {}, [], "none", DELETED])
def test_sessions_without_bounds_are_refused(kind: str, nothing: object) -> None:
    name = "lifecycleConfigurations" if kind == AWS else "lifecycleConfiguration"
    assert said("runtime-lifecycle", runtime(kind, **{name: nothing})) in (
        finding(name),
        finding(f"{name}[0]"),
    )


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET])
def test_unknown_bounds_are_said_to_be_unchecked(kind: str, hidden: object) -> None:
    block = "lifecycleConfigurations" if kind == AWS else "lifecycleConfiguration"
    one = f"{block}[0]" if kind == AWS else block
    rule = "runtime-lifecycle"
    assert said(rule, runtime(kind, **{block: hidden})) == not_checked(block)
    assert said(rule, lived(kind, hidden, 900.0)) == not_checked(f"{one}.idleRuntimeSessionTimeout")
    assert said(rule, lived(kind, hidden, 59.0)) == [
        *not_checked(f"{one}.idleRuntimeSessionTimeout"),
        *finding(f"{one}.maxLifetime"),
    ], "the rest is looked at all the same"


def test_sessions_on_a_capacity_provider_may_live_for_days() -> None:
    provider = {"capacityProviderConfiguration": {"capacityProviderArn": "arn"}}
    rule = "runtime-lifecycle"
    assert said(rule, lived(NATIVE, 900.0, 1_209_600.0, **provider)) == []
    assert said(rule, lived(NATIVE, 900.0, 1_209_601.0, **provider)) == finding(
        "lifecycleConfiguration.maxLifetime"
    )


def test_config_may_shorten_the_bounds() -> None:
    long = lived(NATIVE, 900.0, 3601.0)
    assert said("runtime-lifecycle", long, maximumSeconds=3600) == finding(
        "lifecycleConfiguration.maxLifetime"
    )


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("protocol", "found"),
    [
        ("HTTP", []),
        ("A2A", []),
        ("AGUI", []),
        ("http", finding),
        ("GRPC", finding),
        ("", finding),
        (UNKNOWN, not_checked),
    ],
)
def test_protocols_are_the_services(kind: str, protocol: object, found: Any) -> None:
    path = "protocolConfiguration" + (".serverProtocol" if kind == AWS else "")
    given = {"serverProtocol": protocol} if kind == AWS else protocol
    expected = found and found(path)
    assert said("runtime-protocol", runtime(kind, protocolConfiguration=given)) == expected
    assert said("runtime-protocol", runtime(kind, protocolConfiguration=None)) == [], "it is HTTP"


@pytest.mark.parametrize("block", [{}, {"serverProtocol": None}], ids=str)
def test_a_block_for_the_protocol_says_which(block: Any) -> None:
    told_of = said("runtime-protocol", runtime(AWS, protocolConfiguration=block))
    assert told_of == finding("protocolConfiguration.serverProtocol"), "the service asks for it"
    whole = {**block, "serverProtocol": "MCP"}
    assert said("runtime-protocol", runtime(AWS, protocolConfiguration=whole)) == []


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["X-Trace"], [""]),
        ([f"X-{number}" for number in range(20)], []),
        ([f"X-{number}" for number in range(21)], ["list"]),
        ([], ["list"]),
        (["*"], [0]),
        (["X-*"], [0]),
        (["1-X"], [0]),
        (["Host"], [0]),
        (["Connection", "content-length", "Transfer-Encoding"], [0, 1, 2]),
        (["Upgrade", "TE", "Trailer"], [0, 1, 2]),
        (["X-Trace", "x-trace"], [1]),
        ([7.0], [0]),
    ],
)
def test_header_lists_name_headers(kind: str, headers: list[Any], found: list[Any]) -> None:
    name = "requestHeaderAllowlists" if kind == AWS else "requestHeaderAllowlist"
    path = f"requestHeaderConfiguration.{name}"
    expected = [
        ("finding", path if where == "list" else f"{path}[{where}]")
        for where in found
        if where != ""
    ]
    given = runtime(kind, requestHeaderConfiguration={name: headers})
    assert said("runtime-request-headers", given) == expected


@pytest.mark.parametrize("kind", FORMS)
def test_unknown_headers_are_said_to_be_unchecked(kind: str) -> None:
    name = "requestHeaderAllowlists" if kind == AWS else "requestHeaderAllowlist"
    path = f"requestHeaderConfiguration.{name}"
    rule = "runtime-request-headers"
    one = runtime(kind, requestHeaderConfiguration={name: [UNKNOWN, "Host"]})
    assert said(rule, one) == [*not_checked(f"{path}[0]"), *finding(f"{path}[1]")]
    for hidden in (UNKNOWN, SECRET):
        assert said(rule, runtime(kind, requestHeaderConfiguration=hidden)) == not_checked(path)
    assert said(rule, runtime(kind, requestHeaderConfiguration=None)) == []


def jwt(kind: str, **given: object) -> Resource:
    url = "https://login.example.com/.well-known/openid-configuration"
    return runtime(
        kind, authorizerConfiguration={"customJwtAuthorizer": {"discoveryUrl": url, **given}}
    )


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://login.example.com/tenant/.well-known/openid-configuration", []),
        ("http://login.example.com/.well-known/openid-configuration", finding),
        ("https://login.example.com/", finding),
        ("https://u:p@login.example.com/.well-known/openid-configuration", finding),
        ("https://evil.example?x=/.well-known/openid-configuration", finding),
        ("https:///.well-known/openid-configuration", finding),
        ("", finding),
        (None, finding),
        (UNKNOWN, not_checked),
        (SECRET, not_checked),
    ],
)
def test_discovery_urls_lead_to_an_issuer(kind: str, url: object, found: Any) -> None:
    given = jwt(kind, discoveryUrl=url, allowedClients=["web"])
    assert said("runtime-authorizer", given) == (found and found(f"{JWT}.discoveryUrl"))


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("bound", ["allowedClients", "allowedScopes", "customClaims"])
def test_tokens_are_bound_to_somebody(kind: str, bound: str) -> None:
    rule = "runtime-authorizer"
    assert said(rule, jwt(kind, **{bound: ["x"]})) == []
    empty: list[str] = []
    assert said(rule, jwt(kind, **{bound: empty})) == finding(JWT)
    assert said(rule, jwt(kind, **{bound: None})) == finding(JWT)
    assert said(rule, jwt(kind, **{bound: UNKNOWN})) == not_checked(JWT)
    assert said(rule, jwt(kind)) == finding(JWT)


@pytest.mark.parametrize("kind", FORMS)
def test_an_authorizer_is_whole_or_absent(kind: str) -> None:
    rule = "runtime-authorizer"
    assert said(rule, runtime(kind, authorizerConfiguration=None)) == [], "IAM authorizes"
    assert said(rule, runtime(kind, authorizerConfiguration={})) == finding(JWT)
    assert said(rule, runtime(kind, authorizerConfiguration=UNKNOWN)) == not_checked(JWT)
    whatever: list[object] = [{}, "jwt", ["jwt"], 7.0, None]
    for nothing in whatever:
        given = runtime(kind, authorizerConfiguration={"customJwtAuthorizer": nothing})
        assert said(rule, given) == finding(JWT), "once, and of the whole"


@pytest.mark.parametrize("kind", FORMS)
def test_the_service_brings_no_s3_endpoint(kind: str) -> None:
    rule = "runtime-service-s3-endpoint"
    path = "networkConfiguration.networkModeConfig.requireServiceS3Endpoint"
    for value in (True, False, UNKNOWN):
        asked = runtime(
            kind, networkConfiguration__networkModeConfig={"requireServiceS3Endpoint": value}
        )
        assert said(rule, asked) == finding(path), "AWS refuses it, whatever it is"
    none = runtime(kind, networkConfiguration__networkModeConfig={"requireServiceS3Endpoint": None})
    assert said(rule, none) == []
    for network in (UNKNOWN, {"networkModeConfig": UNKNOWN}):
        hidden = runtime(kind, networkConfiguration=network)
        assert said(rule, hidden) == not_checked("networkConfiguration.networkModeConfig")
