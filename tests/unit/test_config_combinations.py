"""Several faults at once, arbitrary values, and secrets anywhere."""

import json
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infra.config import ConfigError, StackConfig
from tests.stack_files import PROJECT
from tests.unit.config_faults import FAULTS, findings
from tests.unit.fault_table import REGISTRY_HOST, REMOVED, Edit, Fault, Path, right_config


def _alone(fault: Fault) -> str:
    """What is told of the fault where it is the only one."""
    (told,) = findings(fault.bad.applied(right_config()))
    return told


def _touches(path: Path, other: Path) -> bool:
    shared = min(len(path), len(other))
    return path[:shared] == other[:shared]


def _independent(drawn: list[Fault]) -> list[Fault]:
    """Those that leave each other's place and surroundings alone."""
    chosen: list[Fault] = []
    for fault in drawn:
        if not any(
            _touches(fault.bad.path, other.bad.path)
            or any(_touches(path, fault.bad.path) for path in other.undone_by)
            or any(_touches(path, other.bad.path) for path in fault.undone_by)
            for other in chosen
        ):
            chosen.append(fault)
    return chosen


@given(st.lists(st.sampled_from(FAULTS), min_size=2, max_size=12).map(_independent))
@settings(max_examples=150)
def test_any_faults_together_are_told_all_at_once_sorted_and_each_once(faults: list[Fault]) -> None:
    config = right_config()
    for fault in faults:
        config = fault.bad.applied(config)

    found = findings(config)

    assert found == sorted(map(_alone, faults)), (
        "the findings of a config are those of its faults, no more and no fewer"
    )


def test_faults_at_every_level_are_told_together() -> None:
    config = right_config()
    for path, value in (
        (("regoin",), "x"),
        (("accountId",), "1"),
        (("tags", "Owner"), REMOVED),
        (("tags", "Environment"), "prod"),
        (("size", "cpu"), 4096),
        (("registry", "expire", 0, "pattern"), "*"),
        (("agents", "assistant", "image"), "latest"),
        (("agents", "assistant", "lifecycle", "idleTimeout"), 28_000),
        (("agents", "assistant", "authorizer", "discoveryUrl"), "http://x"),
        (("agents", "writer"), {"environment": {"DB_PASSWORD": "hunter2"}, "protocol": "http"}),
        (("agents", "my-agent"), {"endpoints": {"live": 1}}),
    ):
        config = Edit(path, value).applied(config)

    keys = [line.split(" ")[0].rstrip(":") for line in findings(config)]

    agents = f"{PROJECT}:agents"
    assert keys == [
        f"{PROJECT}:accountId",
        f"{agents}.assistant.authorizer.discoveryUrl",
        f"{agents}.assistant.image",
        f"{agents}.assistant.lifecycle.maxLifetime",
        f"{agents}.my-agent",
        f"{agents}.my-agent.endpoints",
        f"{agents}.writer.environment.DB_PASSWORD",
        f"{agents}.writer.protocol",
        f"{PROJECT}:registry.expire.0.pattern",
        f"{PROJECT}:regoin",
        f"{PROJECT}:size.cpu",
        f"{PROJECT}:tags.Environment",
        f"{PROJECT}:tags.Owner",
    ], "top level, tags, several agents, nested and across fields: each told once"


def test_a_wrong_stack_is_not_told_again_by_every_agent() -> None:
    config = right_config()
    config["region"] = "us-east1"
    config["accountId"] = "1111"
    config["registry"]["expire"][0]["pattern"] = "*"
    for name in ("a", "b", "c"):
        config["agents"][name] = {"image": f"{REGISTRY_HOST}/agentcore-dev/{name}:1"}

    assert len(findings(config)) == 3, "what the images are held against is wrong, not the images"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def _places(node: object, path: Path = ()) -> list[Path]:
    inner: list[Path] = []
    if isinstance(node, dict):
        entries = cast("dict[str, object]", node)
        inner = [p for key, value in entries.items() for p in _places(value, (*path, key))]
    elif isinstance(node, list):
        items = cast("list[object]", node)
        inner = [p for index, value in enumerate(items) for p in _places(value, (*path, index))]
    return ([path] if path else []) + inner


_PLACES = _places(right_config())


@given(st.sampled_from(_PLACES), _ANY)
@settings(max_examples=300)
def test_any_value_anywhere_is_a_config_or_findings(path: Path, value: object) -> None:
    config = Edit(path, value).applied(right_config())

    for line in findings(config):
        assert line.startswith(PROJECT), "whatever was given, the finding names a key"


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40) | _ANY, max_size=4))
@example({})
@example({f"{PROJECT}:agents": "{"})
@example({f"{PROJECT}:tags": "NaN", f"{PROJECT}:size": "-Infinity"})
def test_nothing_that_pulumi_might_hand_over_ends_in_another_error(raw: dict[str, Any]) -> None:
    keyed = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in raw.items()}
    with pytest.raises(ConfigError) as refused:
        StackConfig.read(keyed, project=PROJECT, stack="dev", secret=set())
    assert refused.value.findings, "a refused config has findings"


_TOKEN = "hUnTeR2"
_SECRETS = st.sampled_from(
    [
        f"AKIA{'QWERTYUIOP123456'}",
        f"-----BEGIN RSA PRIVATE KEY-----{_TOKEN}",
        f"sk-{_TOKEN}abcdefghijklmnop",
        f"ghp_{_TOKEN}abcdefghijklmnopqrstuvwxyz",
        f"password={_TOKEN}",
        f"token: {_TOKEN}",
        f"api-key={_TOKEN}",
        f"postgres://app:{_TOKEN}@db/agents",
        f"https://{_TOKEN}@login.example.com/x",
        f"https://login.example.com/x?access_token={_TOKEN}",
        f"AWS:{_TOKEN}@{REGISTRY_HOST}/app:1",
        f"{_TOKEN}@{REGISTRY_HOST}/app:1",
        f"eyJhbGciOiJIUzI1NiJ9.{_TOKEN}abcdefgh.abc",
        f"glpat-{_TOKEN}abcdefghijklm",
        f"hf_{_TOKEN}abcdefghijklmnopqrstuvwxyz",
        f"npm_{_TOKEN}abcdefghijklmnopqrstuvwxyz",
        f"AIza{_TOKEN}abcdefghijklmnopqrstuvwxyz01",
        f"SG.{_TOKEN}abcdefgh.{_TOKEN}abcdefgh",
        f"Bearer {_TOKEN}",
        f"{_TOKEN}abcdefghijklmnopQRSTUVWXYZ0123/+9",
    ]
)


def _has_secret(text: str, secret: str) -> bool:
    return secret in text or _TOKEN in text or "QWERTYUIOP" in text


def _with_twice(path: Path, value: str, config: dict[str, Any]) -> dict[str, Any]:
    """In lists the value stands twice, which is a fault that quotes it."""
    if isinstance(path[-1], int):
        return Edit(path[:-1], [value, value]).applied(config)
    return Edit(path, value).applied(config)


@given(st.sampled_from(_PLACES), _SECRETS, st.sampled_from(["", "=", " "]))
@settings(max_examples=400)
def test_what_looks_like_a_secret_is_never_shown_wherever_it_stands(
    path: Path, secret: str, before: str
) -> None:
    for line in findings(_with_twice(path, f"{before}{secret}", right_config())):
        assert not _has_secret(line, secret), "a message may end in a log or a pull request"


@given(
    st.sampled_from([path for path in _PLACES if not isinstance(path[-1], int)]),
    _SECRETS,
    _ANY,
)
@settings(max_examples=200)
def test_a_key_that_looks_like_a_secret_is_never_shown(
    path: Path, secret: str, value: object
) -> None:
    for line in findings(Edit((*path[:-1], secret), value).applied(right_config())):
        assert not _has_secret(line, secret), "keys are as public as values"


@given(st.sampled_from(_PLACES), st.sampled_from(["", "1.0:", "999999999999", "x "]))
@settings(max_examples=200)
def test_a_value_that_pulumi_keeps_secret_is_never_shown_in_whole_or_part(
    path: Path, before: str
) -> None:
    secret = "tr0ub4dor"
    config = _with_twice(path, f"{before}{secret}", right_config())
    top = f"{PROJECT}:{path[0]}"

    found = findings(config, secret={top})

    assert sum("holds a Pulumi secret" in line for line in found) == 1, "the secret is refused once"
    for line in found:
        assert secret not in line, "what Pulumi encrypts stays unseen"


def test_what_is_quoted_of_another_key_is_withheld_when_that_one_is_secret() -> None:
    config = right_config()
    config["region"] = "us-east-9"
    config["agents"]["writer"]["image"] = f"{REGISTRY_HOST}/app:1"

    plain = findings(config)
    withheld = findings(config, secret={f"{PROJECT}:region"})

    assert "(us-east-9)" in plain[0], "otherwise the message helps by naming it"
    assert all("us-east-9" not in line for line in withheld), "the region was meant to be unseen"


@given(st.text(min_size=1, max_size=30), st.text(min_size=8, max_size=60))
def test_values_of_variables_are_never_shown(name: str, value: str) -> None:
    config = right_config()
    config["agents"]["writer"]["environment"] = {"A": value * 300, name: [f"~{value}~"]}

    for line in findings(config):
        assert f"~{value}~" not in line, "any of them may be a credential"
        assert json.dumps(value * 300)[:40] not in line, "also in part"


@given(st.sampled_from(_PLACES), st.text(min_size=1, max_size=12).map(lambda text: f"zq{text}"))
def test_what_stands_under_an_unknown_key_is_never_shown(path: Path, value: str) -> None:
    if isinstance(path[-1], int) or path[-2:-1] in {("tags",), ("agents",), ("environment",)}:
        return
    for line in findings(Edit((*path[:-1], "imgae"), {"x": value}).applied(right_config())):
        assert f"zq{value}" not in line, "nobody knows what an unknown key holds"
