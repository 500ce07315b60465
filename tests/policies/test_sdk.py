"""The rules in the host of ``pulumi_policy``, behind its unknown-checking proxies."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResourceOptions,
    ResourceValidationArgs,
    proxy,
)
from pulumi_policy.policy import (
    EnforcementLevel,
    _PolicyAnalyzerServicer,  # pyright: ignore[reportPrivateUsage]
)
from pulumi_policy.secret import Secret

from agentcore_policies.model import SECRET, UNKNOWN, Resource
from agentcore_policies.rule import Context, Finding, Rule
from agentcore_policies.sdk import policies, resource_of
from agentcore_policies.wire_values import properties_of
from tests.policies.engine_calls import URN, Pack, levels, struct
from tests.policies.tiny_rules import CRASHING, IMMUTABLE, REPOSITORY, ROLE, ROLES

SENTINELS = [value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")]


def arguments(props: dict[str, Any]) -> ResourceValidationArgs:
    options = PolicyResourceOptions(
        protect=False,
        ignore_changes=[],
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
    )
    urn = URN.format(stack="dev", type=REPOSITORY, name="one")
    proxied = proxy.unknown_checking_proxy(props)
    return ResourceValidationArgs(REPOSITORY, proxied, urn, "one", options, None)


def host(*rules: Rule) -> Any:
    return _PolicyAnalyzerServicer("own", "1", policies(rules, ["prod"]), EnforcementLevel.ADVISORY)


def judge(props: dict[str, Any], *rules: Rule, type_: str = REPOSITORY) -> list[Any]:
    urn = URN.format(stack="dev", type=type_, name="one")
    request = messages.AnalyzeRequest(type=type_, name="one", urn=urn, properties=struct(props))
    return list(host(*rules).Analyze(request, None).diagnostics)


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_each_kind_of_unknown_is_unknown_wherever_it_is(sentinel: str) -> None:
    props = {"known": 1.0, "at": sentinel, "in": {"list": [sentinel, {"deep": sentinel}, "x"]}}
    assert resource_of(arguments(props)).props == {
        "known": 1,
        "at": UNKNOWN,
        "in": {"list": [UNKNOWN, {"deep": UNKNOWN}, "x"]},
    }


def test_a_secret_the_host_has_kept_is_a_secret() -> None:
    assert resource_of(arguments({"at": Secret("hunter2")})).props == {"at": SECRET}


_TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=4)
    | st.sampled_from(SENTINELS),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3)
    ),
    max_leaves=12,
)


@given(_TREES)
def test_behind_the_proxies_a_rule_sees_what_is_on_the_wire(tree: Any) -> None:
    assert resource_of(arguments({"a": tree})).props == properties_of(struct({"a": tree}))


def test_the_hosts_findings_are_the_packs() -> None:
    props = {"imageTagMutability": "MUTABLE"}
    (said,) = judge(props, IMMUTABLE)
    (ours,) = Pack(IMMUTABLE).judge(REPOSITORY, props)
    assert levels([said]) == levels([ours]) == [("tiny-immutable", "mandatory")]
    assert said.message == f"{IMMUTABLE.description}\n{ours.message}"
    assert not judge({"imageTagMutability": "IMMUTABLE"}, IMMUTABLE), "what is allowed passes"
    assert not judge(props, IMMUTABLE, type_=ROLE), "and what the rule does not judge"


def test_an_unknown_is_an_advisory_that_says_what_was_not_checked() -> None:
    (said,) = judge({"imageTagMutability": SENTINELS[0]}, IMMUTABLE)
    assert "[tiny-immutable] not checked" in said.message
    assert "Way out: Build it" in said.message
    assert levels([said]) == [("tiny-immutable", "advisory")]


def test_a_crash_does_not_end_the_command() -> None:
    said = judge({}, CRASHING, IMMUTABLE)
    assert [name for name, _ in levels(said)] == ["tiny-crashing"] * 2 + ["tiny-immutable"]


def test_a_half_of_a_character_does_not_end_the_command() -> None:
    def check(resource: Resource, context: Context) -> list[Finding]:
        del resource, context
        return [Finding(path="name", message=f"is {chr(0xD800)}.")]

    (said,) = judge({}, replace(IMMUTABLE, check=check))
    assert "name: is \\ud800." in said.message


@pytest.mark.parametrize(("stack", "expected"), [("acme-live", 1), ("dev", 0)])
def test_a_stacks_name_tells_that_it_is_production(stack: str, expected: int) -> None:
    rule = replace(IMMUTABLE, production_only=True)
    served: Any = _PolicyAnalyzerServicer("own", "1", policies([rule]), EnforcementLevel.ADVISORY)
    props = struct({"imageTagMutability": "MUTABLE"})
    urn = URN.format(stack=stack, type=REPOSITORY, name="one")
    request = messages.AnalyzeRequest(type=REPOSITORY, name="one", urn=urn, properties=props)
    assert len(served.Analyze(request, None).diagnostics) == expected


def test_a_rule_of_the_stack_judges_all_resources() -> None:
    pack = Pack(ROLES)
    known = pack.resource(ROLE, {"arn": "arn", "path": "/"}, "old")
    unknown = pack.resource(ROLE, {"arn": SENTINELS[0], "path": "/agents/"}, "new")
    request = messages.AnalyzeStackRequest(resources=[unknown, known])
    finding, advisory = host(ROLES).AnalyzeStack(request, None).diagnostics
    assert finding.urn.endswith("::old")
    assert "not checked: arn of new" in advisory.message
    assert levels([finding, advisory]) == [("tiny-roles", "mandatory"), ("tiny-roles", "advisory")]


def test_a_wrong_config_is_a_finding_of_the_rule() -> None:
    served = host(IMMUTABLE)
    request = messages.ConfigureAnalyzerRequest()
    request.policyConfig[IMMUTABLE.id].properties.update({"alowed": "MUTABLE"})
    request.policyConfig[IMMUTABLE.id].enforcementLevel = messages.MANDATORY
    served.Configure(request, None)
    urn = URN.format(stack="dev", type=REPOSITORY, name="one")
    analyzed = messages.AnalyzeRequest(type=REPOSITORY, name="one", urn=urn)
    (said,) = served.Analyze(analyzed, None).diagnostics
    assert "tiny-immutable.alowed is no setting" in said.message
