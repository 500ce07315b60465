from typing import Any, Final

import pytest

from agentcore_policies.model import SECRET, UNKNOWN, Value
from agentcore_policies.rule import Context, Finding
from agentcore_policies.rules.logs import RULES
from tests.policies.judged import finding, not_checked, resource, told, urn, verdicts

GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
NATIVE: Final = "aws-native:logs:LogGroup"
FORMS: Final = ((GROUP, "name"), (NATIVE, "logGroupName"))
KINDS: Final = (GROUP, NATIVE)
KEY: Final = "arn:aws:kms:us-east-1:222222222222:key/1"
RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
AWS_RUNTIME: Final = "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime"
KEYS: Final = (
    *("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey"),
    *("aws:kms/replicaExternalKey:ReplicaExternalKey", "aws:kms/alias:Alias"),
    *("aws-native:kms:Key", "aws-native:kms:ReplicaKey", "aws-native:kms:Alias"),
)
# CloudWatch Logs API, PutRetentionPolicy.
ALLOWED: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_group_says_how_long_it_keeps_logs(kind: str) -> None:
    path = "retentionInDays"
    for days in (30, 30.0, 365, 3653):
        assert not verdicts(RULES, "log-retention", resource(kind, {path: days}))
    absent: list[dict[str, Value]] = [{}, {path: None}, {path: 0}, {path: 0.0}]
    for props in absent:
        found = verdicts(RULES, "log-retention", resource(kind, props))
        assert told(found) == finding(path), props
        assert isinstance(found[0], Finding)
        assert "for ever" in found[0].message
    for days in (45, 31, -30, 3654, "30", True, 30.5):
        found = verdicts(RULES, "log-retention", resource(kind, {path: days}))
        assert told(found) == finding(path), days
    switch = resource(kind, {path: True})
    assert told(verdicts(RULES, "log-retention", switch, productionDays=1)) == finding(path)
    for hidden in (UNKNOWN, SECRET):
        found = verdicts(RULES, "log-retention", resource(kind, {path: hidden}))
        assert told(found) == not_checked(path)


@pytest.mark.parametrize("production", [True, False])
def test_exactly_the_values_of_the_service_from_the_minimum_on_pass(production: bool) -> None:  # noqa: FBT001
    (rule,) = (rule for rule in RULES if rule.id == "log-retention")
    assert rule.check
    settings = {name: setting.default for name, setting in rule.settings.items()}
    context = Context(stack="any", production=production, settings=settings)
    passing = {
        days
        for days in range(3700)
        if not list(rule.check(resource(GROUP, {"retentionInDays": days}), context))
    }
    least = 30 if production else 1
    assert passing == {days for days in ALLOWED if days >= least}


@pytest.mark.parametrize("kind", KINDS)
def test_the_minimum_can_be_set(kind: str) -> None:
    for days, passes in ((365, True), (180, False)):
        subject = resource(kind, {"retentionInDays": days})
        assert (not verdicts(RULES, "log-retention", subject, productionDays=365)) == passes


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_that_keeps_two_days_is_too_short_for_production(kind: str) -> None:
    subject = resource(kind, {"logGroupClass": "DELIVERY", "retentionInDays": 365})
    assert told(verdicts(RULES, "log-retention", subject)) == finding("logGroupClass")
    assert not verdicts(RULES, "log-retention", subject, productionDays=2)
    found = verdicts(RULES, "log-retention", subject, productionDays=3)
    assert told(found) == finding("logGroupClass"), "it keeps two days"
    for other in ("STANDARD", "INFREQUENT_ACCESS", None):
        subject = resource(kind, {"logGroupClass": other, "retentionInDays": 365})
        assert not verdicts(RULES, "log-retention", subject)
    subject = resource(kind, {"logGroupClass": UNKNOWN, "retentionInDays": 45})
    found = told(verdicts(RULES, "log-retention", subject))
    assert found == [*not_checked("logGroupClass"), *finding("retentionInDays")]


@pytest.mark.parametrize("kind", KINDS)
def test_logs_in_production_are_encrypted(kind: str) -> None:
    def said(props: dict[str, Value], **links: Any) -> list[tuple[str, str]]:
        group = resource(kind, props, dependencies=links)
        key = resource("aws:kms/key:Key", {}, "key")
        return told(verdicts(RULES, "log-encryption", [group, key]))

    assert not said({"kmsKeyId": KEY})
    absent: list[dict[str, Value]] = [{}, {"kmsKeyId": None}, {"kmsKeyId": ""}]
    for props in absent:
        assert said(props) == finding("kmsKeyId"), props
    for hidden in (UNKNOWN, SECRET):
        assert said({"kmsKeyId": hidden}) == not_checked("kmsKeyId")
    for key in KEYS:
        subjects = [
            resource(kind, {"kmsKeyId": UNKNOWN}, dependencies={"kmsKeyId": [urn(key, "key")]}),
            resource(key, {}, "key"),
        ]
        assert not verdicts(RULES, "log-encryption", subjects), key
    other = said({"kmsKeyId": UNKNOWN}, kmsKeyId=[urn(GROUP, "other")])
    assert other == not_checked("kmsKeyId"), "a group is no key"
    assert next(rule for rule in RULES if rule.id == "log-encryption").production_only


@pytest.mark.parametrize(("kind", "path"), FORMS)
@pytest.mark.parametrize(
    "name",
    [
        "/aws/bedrock-agentcore/runtimes/assistant-aBcDeF0123-DEFAULT",
        "/aws/bedrock-agentcore/runtimes/my_agent-0123456789-live",
        "/aws/vendedlogs/bedrock-agentcore/runtime/APPLICATION_LOGS/assistant-0123456789",
        "/aws/vpc/flow-logs/agentcore-prod",
        "/aws/lambda/agents",
    ],
)
def test_a_name_that_a_runtime_writes_to_passes_and_so_does_one_of_others(
    kind: str, path: str, name: str
) -> None:
    assert not verdicts(RULES, "log-runtime-group", [resource(kind, {path: name})])


@pytest.mark.parametrize(("kind", "path"), FORMS)
@pytest.mark.parametrize(
    "name",
    [
        "/aws/bedrock-agentcore/runtimes/",
        "/aws/bedrock-agentcore/runtimes/assistant",
        "/aws/bedrock-agentcore/runtimes/assistant-0123456789",
        "/aws/bedrock-agentcore/runtime/assistant-0123456789-DEFAULT",
        "aws/bedrock-agentcore/runtimes/assistant-0123456789-DEFAULT",
        "/AWS/Bedrock-AgentCore/Runtimes/assistant-0123456789-DEFAULT",
        "/aws/bedrock/agentcore/runtimes/assistant-0123456789-DEFAULT",
        "/aws/bedrock-agent-core/runtimes/assistant-0123456789-DEFAULT",
    ],
)
def test_a_name_that_only_looks_like_a_runtimes_is_refused(kind: str, path: str, name: str) -> None:
    found = verdicts(RULES, "log-runtime-group", [resource(kind, {path: name})])
    assert told(found) == finding(path)
    assert [one.urn for one in found] == [urn(kind, "one")]


@pytest.mark.parametrize(("kind", "path"), FORMS)
@pytest.mark.parametrize("runtime", [RUNTIME, AWS_RUNTIME])
def test_a_group_that_is_named_after_a_runtime_is_one_of_the_runtime(
    kind: str, path: str, runtime: str
) -> None:
    def said(name: Value, of: list[str] | None = None) -> list[tuple[str, str]]:
        group = resource(kind, {path: name}, dependencies={path: of or []})
        return told(verdicts(RULES, "log-runtime-group", [group, resource(runtime, {}, "agent")]))

    of_runtime = [urn(runtime, "agent")]
    assert said("/agents/assistant-0123456789", of_runtime) == finding(path)
    assert not said("/agents/assistant-0123456789")
    assert not said("/aws/bedrock-agentcore/runtimes/a-0123456789-DEFAULT", of_runtime)
    assert said(UNKNOWN, of_runtime) == not_checked(path)
    assert not said(UNKNOWN), "a name the provider makes up"
    assert not said(["/agents"], of_runtime), "no name at all"
