from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.model import SECRET, UNKNOWN, Resource, Value
from agentcore_policies.rules.alarms import RULES
from tests.policies.judged import finding, not_checked, resource, told, urn, verdicts

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
NATIVE: Final = "aws-native:cloudwatch:Alarm"
METRIC_ALARMS: Final = (ALARM, NATIVE)
COMPOSITES: Final = (
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws-native:cloudwatch:CompositeAlarm",
)
ALARMS: Final = (*METRIC_ALARMS, *COMPOSITES, "aws-native:cloudwatch:LogAlarm")
TOPICS: Final = ("aws:sns/topic:Topic", "aws-native:sns:Topic")
RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
TOPIC: Final = "arn:aws:sns:us-east-1:222222222222:alarms"
RUNTIME_ARN: Final = "arn:aws:bedrock-agentcore:us-east-1:222222222222:runtime/agent-0123456789"
NAMESPACE: Final = "AWS/Bedrock-AgentCore"
OPERATION: Final = {
    "Operation": "InvokeAgentRuntime",
    "Name": "agent::DEFAULT",
    "Resource": RUNTIME_ARN,
}
KEYS: Final = (
    *("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/alias:Alias"),
    *("aws-native:kms:Key", "aws-native:kms:ReplicaKey", "aws-native:kms:Alias"),
)
HIDDEN: Final = (UNKNOWN, SECRET)


def said(rule: str, *subjects: Resource, **settings: Any) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, subjects, **settings))


@pytest.mark.parametrize("kind", ALARMS)
def test_an_alarm_names_an_action(kind: str) -> None:
    assert not said("alarm-actions", resource(kind, {"alarmActions": [TOPIC]}))
    assert not said("alarm-actions", resource(kind, {"alarmActions": [UNKNOWN, TOPIC]}))
    absent: list[dict[str, Value]] = [
        {},
        {"alarmActions": None},
        {"alarmActions": []},
        {"alarmActions": [""]},
        {"okActions": [TOPIC], "insufficientDataActions": [TOPIC]},
    ]
    for props in absent:
        found = verdicts(RULES, "alarm-actions", [resource(kind, props)])
        assert told(found) == finding("alarmActions"), props
        assert [one.urn for one in found] == [urn(kind, "one")]
    good = resource(kind, {"alarmActions": [TOPIC]}, "good")
    assert said("alarm-actions", good, resource(kind, {})) == finding("alarmActions")


@pytest.mark.parametrize("kind", ALARMS)
@pytest.mark.parametrize("hidden", [UNKNOWN, SECRET, [UNKNOWN], [SECRET], [UNKNOWN, ""]])
def test_an_action_that_is_not_known_is_one_where_it_depends_on_something(
    kind: str, hidden: Value
) -> None:
    alone = resource(kind, {"alarmActions": hidden})
    assert said("alarm-actions", alone) == not_checked("alarmActions")
    depending = resource(
        kind, {"alarmActions": hidden}, dependencies={"alarmActions": [urn(TOPICS[0], "topic")]}
    )
    assert not said("alarm-actions", depending)


@pytest.mark.parametrize("kind", ALARMS)
def test_actions_are_enabled(kind: str) -> None:
    def enabled(value: Value) -> Resource:
        return resource(kind, {"alarmActions": [TOPIC], "actionsEnabled": value})

    for value in (None, True):
        assert not said("alarm-actions", enabled(value))
    for value in (False, "false"):
        assert said("alarm-actions", enabled(value)) == finding("actionsEnabled")
    for hidden in HIDDEN:
        assert said("alarm-actions", enabled(hidden)) == not_checked("actionsEnabled")


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize("composite", COMPOSITES)
def test_a_composite_alarm_tells_in_place_of_its_parts(kind: str, composite: str) -> None:
    name = "name" if kind == ALARM else "alarmName"
    part = resource(kind, {name: "errors"})

    def whole(rule: Value, of: Sequence[str] = ()) -> Resource:
        props: dict[str, Any] = {"alarmRule": rule, "alarmActions": [TOPIC]}
        return resource(composite, props, "whole", dependencies={"alarmRule": of})

    for rule in ('ALARM("errors")', "ALARM(errors) OR ALARM(other)", "NOT ALARM( 'errors' )"):
        assert not said("alarm-actions", part, whole(rule)), rule
    for rule in ('ALARM("errors2")', "OK(errors)", None, UNKNOWN):
        assert said("alarm-actions", part, whole(rule)) == finding("alarmActions"), rule
    assert not said("alarm-actions", part, whole(UNKNOWN, [part.urn]))
    arn = "arn:aws:cloudwatch:us-east-1:222222222222:alarm:errors"
    for value in ("", UNKNOWN, ["errors"]):
        unnamed = resource(kind, {name: value})
        said_of_it = said("alarm-actions", unnamed, whole('ALARM("") OR ALARM(errors)'))
        assert said_of_it == finding("alarmActions"), "nothing names it"
        by_arn = resource(kind, {name: value, "arn": arn})
        assert not said("alarm-actions", by_arn, whole(f"ALARM({arn})"))


@pytest.mark.parametrize("kind", ALARMS)
@pytest.mark.parametrize("path", ["alarmActions", "okActions", "insufficientDataActions"])
def test_an_action_is_in_the_alarms_region(kind: str, path: str) -> None:
    rule = "alarm-action-region"
    elsewhere = "arn:aws:sns:eu-west-1:222222222222:alarms"
    everywhere = "arn:aws:iam::222222222222:role/stop"
    for action in (TOPIC, "arn:aws:automate:us-east-1:ec2:stop", everywhere):
        assert not said(rule, resource(kind, {path: [action]}))
    for action in (elsewhere, "team@example.com", "alarms"):
        assert said(rule, resource(kind, {path: [TOPIC, action]})) == finding(f"{path}[1]")
    own = resource(kind, {path: [elsewhere], "region": "eu-west-1"})
    assert not said(rule, own), "a resource may have a region of its own"
    assert not said(rule, resource(kind, {path: [elsewhere]}, region=None)), "it may be there"
    hidden = resource(kind, {path: [TOPIC], "region": UNKNOWN})
    assert said(rule, hidden) == not_checked(f"{path}[0]")


@pytest.mark.parametrize("kind", ALARMS)
@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_that_is_not_made_yet_is_judged_by_its_own_region(kind: str, topic: str) -> None:
    rule, path = "alarm-action-region", "alarmActions"

    def alarm(*actions: Value, of: Sequence[str] = ("topic",)) -> Resource:
        links = {path: [urn(topic, name) for name in of]}
        return resource(kind, {path: actions}, dependencies=links)

    near = resource(topic, {}, "topic")
    far = resource(topic, {}, "topic", region="eu-west-1")
    nowhere = resource(topic, {}, "topic", region=None)
    assert not said(rule, alarm(UNKNOWN), near)
    assert said(rule, alarm(UNKNOWN), far) == finding(path)
    assert said(rule, alarm(UNKNOWN), nowhere) == not_checked(path)
    somewhere = replace(alarm(UNKNOWN), provider={"region": UNKNOWN})
    assert said(rule, somewhere, far) == not_checked(path)
    assert said(rule, alarm(UNKNOWN, of=())) == not_checked(path)
    assert said(rule, alarm(UNKNOWN, SECRET), near) == not_checked(path)


def metric_alarm(kind: str, **changes: Any) -> Resource:
    """An alarm that passes, with changes; None takes a property away."""
    dimensions: Any = OPERATION
    if kind == NATIVE:
        dimensions = [{"name": name, "value": value} for name, value in OPERATION.items()]
    props: dict[str, Any] = {
        "namespace": NAMESPACE,
        "metricName": "SystemErrors",
        "dimensions": dimensions,
        "statistic": "Sum",
        "period": 300,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "threshold": 1,
        "treatMissingData": "notBreaching",
        "alarmActions": [TOPIC],
        **changes,
    }
    return resource(kind, {key: value for key, value in props.items() if value is not None})


def query_alarm(kind: str, metric: Mapping[str, Any], period: Any = 300) -> Resource:
    """An alarm on an expression over one metric."""
    without = dict.fromkeys(("namespace", "metricName", "dimensions", "statistic", "period"))
    expression = {"id": "e", "expression": "m / 2", "returnData": True}
    if kind == ALARM:
        queries = [expression, {"id": "m", "metric": {**metric, "period": period}}]
        return metric_alarm(kind, **without, metricQueries=queries)
    queries = [expression, {"id": "m", "metricStat": {"metric": metric, "period": period}}]
    return metric_alarm(kind, **without, metrics=queries)


def dimensions_of(kind: str, given_as: Mapping[str, Any]) -> Any:
    if kind == ALARM:
        return given_as
    return [{"name": name, "value": value} for name, value in given_as.items()]


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize("rule", ["alarm-missing-data", "alarm-evaluation"])
def test_an_alarm_that_can_work_passes(kind: str, rule: str) -> None:
    assert not verdicts(RULES, rule, metric_alarm(kind))
    metric = {"namespace": NAMESPACE, "metricName": "SystemErrors"}
    assert not verdicts(RULES, rule, query_alarm(kind, metric))


@pytest.mark.parametrize("kind", METRIC_ALARMS)
def test_an_alarm_says_what_silence_means(kind: str) -> None:
    rule, path = "alarm-missing-data", "treatMissingData"
    for value in ("breaching", "notBreaching", "ignore", "missing"):
        assert not verdicts(RULES, rule, metric_alarm(kind, treatMissingData=value))
    for value in (None, "", "NotBreaching", "none"):
        found = verdicts(RULES, rule, metric_alarm(kind, treatMissingData=value))
        assert told(found) == finding(path), value
    for hidden in HIDDEN:
        found = verdicts(RULES, rule, metric_alarm(kind, treatMissingData=hidden))
        assert told(found) == not_checked(path)


def test_a_default_that_the_provider_filled_in_was_not_said() -> None:
    filled_in = metric_alarm(ALARM, treatMissingData="missing", __defaults=["treatMissingData"])
    found = verdicts(RULES, "alarm-missing-data", filled_in)
    assert told(found) == finding("treatMissingData")
    said_so = metric_alarm(ALARM, treatMissingData="missing", __defaults=["actionsEnabled"])
    assert not verdicts(RULES, "alarm-missing-data", said_so)


EVALUATIONS: Final[Sequence[tuple[Mapping[str, Any], str]]] = (
    ({"period": 7}, "period"),
    ({"period": 90}, "period"),
    ({"period": 0}, "period"),
    ({"period": None}, "period"),
    ({"period": "300"}, "period"),
    ({"period": 10}, "period"),
    ({"evaluationPeriods": 0, "datapointsToAlarm": None}, "evaluationPeriods"),
    ({"evaluationPeriods": None, "datapointsToAlarm": None}, "evaluationPeriods"),
    ({"evaluationPeriods": 2.5, "datapointsToAlarm": None}, "evaluationPeriods"),
    ({"evaluationPeriods": float("inf"), "datapointsToAlarm": None}, "evaluationPeriods"),
    ({"evaluationPeriods": True, "datapointsToAlarm": None}, "evaluationPeriods"),
    ({"evaluationPeriods": 10_000, "period": 90}, "period"),
    ({"evaluationPeriods": 1, "datapointsToAlarm": 2}, "datapointsToAlarm"),
    ({"metricName": None, "period": 7}, "period"),
    ({"namespace": None, "period": 7}, "period"),
    ({"datapointsToAlarm": 0}, "datapointsToAlarm"),
    ({"datapointsToAlarm": 4}, "datapointsToAlarm"),
    ({"period": 300, "evaluationPeriods": 289}, "period"),
    ({"period": 3600, "evaluationPeriods": 169}, "period"),
    ({"threshold": None}, "threshold"),
)
GOOD_EVALUATIONS: Final[Sequence[Mapping[str, Any]]] = (
    {"period": 60},
    {"period": 86400.0},
    *({"period": period, "namespace": "bedrock-agentcore"} for period in (10, 20, 30)),
    {"evaluationPeriods": 1, "datapointsToAlarm": None},
    {"datapointsToAlarm": 3},
    {"period": 300, "evaluationPeriods": 288},
    {"period": 3600, "evaluationPeriods": 168},
    {"threshold": 0},
    {"threshold": None, "thresholdMetricId": "band"},
)


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize(("changes", "path"), EVALUATIONS, ids=str)
def test_an_evaluation_that_cannot_work_is_refused(
    kind: str, changes: Mapping[str, Any], path: str
) -> None:
    assert told(verdicts(RULES, "alarm-evaluation", metric_alarm(kind, **changes))) == finding(path)


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize("changes", GOOD_EVALUATIONS, ids=str)
def test_an_evaluation_one_step_from_wrong_passes(kind: str, changes: Mapping[str, Any]) -> None:
    assert not verdicts(RULES, "alarm-evaluation", metric_alarm(kind, **changes))


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize("path", ["period", "evaluationPeriods", "datapointsToAlarm"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_number_that_is_not_known_is_not_checked(kind: str, path: str, hidden: Value) -> None:
    found = verdicts(RULES, "alarm-evaluation", metric_alarm(kind, **{path: hidden}))
    assert told(found) == not_checked(path)


@pytest.mark.parametrize(
    ("kind", "path"),
    [(ALARM, "metricQueries[1].metric.period"), (NATIVE, "metrics[1].metricStat.period")],
)
def test_the_period_of_a_query_is_judged_too(kind: str, path: str) -> None:
    metric = {"namespace": NAMESPACE, "metricName": "SystemErrors"}
    for period in (7, None, 30):
        found = verdicts(RULES, "alarm-evaluation", query_alarm(kind, metric, period))
        assert told(found) == finding(path), period
    found = verdicts(RULES, "alarm-evaluation", query_alarm(kind, metric, UNKNOWN))
    assert told(found) == not_checked(path)


@pytest.mark.parametrize("kind", METRIC_ALARMS)
def test_an_alarm_in_promql_has_an_interval_and_nothing_else(kind: str) -> None:
    criteria = {"promqlCriteria": {"query": "up"}}
    passing = resource(kind, {"evaluationCriteria": criteria, "evaluationInterval": 30})
    wrong = resource(kind, {"evaluationCriteria": criteria, "evaluationInterval": 7})
    for rule in ("alarm-missing-data", "alarm-evaluation"):
        assert not verdicts(RULES, rule, passing)
    assert told(verdicts(RULES, "alarm-evaluation", wrong)) == finding("evaluationInterval")


@given(st.integers(min_value=-10, max_value=200_000))
def test_the_periods_of_cloudwatch_pass_and_no_others(period: int) -> None:
    alarm = metric_alarm(
        ALARM, period=period, evaluationPeriods=1, datapointsToAlarm=1, namespace="own"
    )
    longest = 604_800 if period >= 3600 else 86_400
    passes = (period in (10, 20, 30) or (period >= 60 and period % 60 == 0)) and period <= longest
    assert (not verdicts(RULES, "alarm-evaluation", alarm)) == passes


METRIC: Final = "alarm-agentcore-metric"
SERIES: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    ("Invocations", OPERATION),
    ("Throttles", {"AggregateOperation": "InvokeAgentRuntime"}),
    ("Latency", OPERATION),
    ("CPUUsed-vCPUHours", {"Service": "AgentCore.Runtime"}),
    ("MemoryUsed-GBHours", {"Service": "AgentCore.Runtime", "Resource": RUNTIME_ARN}),
    (
        "CPUUsed-vCPUHours",
        {"Service": "AgentCore.Runtime", "Resource": RUNTIME_ARN, "Name": "agent::live"},
    ),
    ("UserErrors", OPERATION),
    *((name, {}) for name in ("Errors", "TotalErrors", "Duration", "SessionCount")),
    *((name, {}) for name in ("ActiveSessionCount", "ActiveStreamingConnections")),
    *((f"{way}StreamingBytesProcessed", {}) for way in ("Inbound", "Outbound")),
    *((f"InboundAuthorization{end}", {}) for end in ("Failure", "Success")),
    ("Sessions", {"Any": "thing"}),
    ("Invocations", {"Operation": "InvokeGateway", "Protocol": "MCP"}),
    (
        "Latency",
        {"Resource": "arn:aws:bedrock-agentcore:us-east-1:222222222222:memory/notes-0123456789"},
    ),
)
NO_SERIES: Final[Sequence[tuple[str, Mapping[str, Any], str]]] = (
    ("SystemError", OPERATION, "metricName"),
    ("invocations", OPERATION, "metricName"),
    ("Anything", {}, "metricName"),
    ("SystemErrors", {}, "dimensions"),
    ("SystemErrors", {"Resource": RUNTIME_ARN}, "dimensions"),
    ("SystemErrors", {**OPERATION, "Service": "AgentCore.Runtime"}, "dimensions"),
    ("SystemErrors", {"Operation": "InvokeAgentRuntime", "Name": "a::b"}, "dimensions"),
    ("CPUUsed-vCPUHours", OPERATION, "dimensions"),
    ("SystemErrors", {**OPERATION, "Operation": "invokeAgentRuntime"}, "dimensions.Operation"),
    ("SystemErrors", {**OPERATION, "Name": "agent"}, "dimensions.Name"),
    ("SystemErrors", {**OPERATION, "Name": 7}, "dimensions.Name"),
    ("SystemErrors", {**OPERATION, "Resource": "agent-0123456789"}, "dimensions.Resource"),
    ("MemoryUsed-GBHours", {"Service": "AgentCore"}, "dimensions.Service"),
)
PLACES: Final = {
    ALARM: "metricQueries[1].metric.",
    NATIVE: "metrics[1].metricStat.metric.",
}


def both_ways(kind: str, name: Value, given_as: Value, namespace: Value = NAMESPACE) -> Any:
    """An alarm on the metric and one on an expression over it, each with the begin of its paths."""
    metric: dict[str, Any] = {
        "namespace": namespace,
        "metricName": name,
        "dimensions": dimensions_of(kind, given_as) if isinstance(given_as, Mapping) else given_as,
    }
    return (metric_alarm(kind, **metric), ""), (query_alarm(kind, metric), PLACES[kind])


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize(("name", "given_as"), SERIES, ids=str)
def test_a_series_that_there_is_passes(kind: str, name: str, given_as: Mapping[str, Any]) -> None:
    for alarm, _ in both_ways(kind, name, given_as):
        assert not said(METRIC, alarm)


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize(("name", "given_as", "path"), NO_SERIES, ids=str)
def test_a_series_that_there_is_not_is_refused(
    kind: str, name: str, given_as: Mapping[str, Any], path: str
) -> None:
    for alarm, place in both_ways(kind, name, given_as):
        assert said(METRIC, alarm) == finding(f"{place}{path}")


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize(
    "namespace",
    ["AWS/BedrockAgentCore", "AWS/Bedrock-Agentcore", "aws/bedrock-agentcore", "Bedrock-AgentCore"],
)
def test_a_namespace_that_only_looks_like_agentcores_is_refused(kind: str, namespace: str) -> None:
    for alarm, place in both_ways(kind, "SystemErrors", OPERATION, namespace):
        assert said(METRIC, alarm) == finding(f"{place}namespace")


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize("namespace", ["bedrock-agentcore", "AWS/Bedrock", "AWS/ECS", "agents"])
def test_other_namespaces_are_not_judged(kind: str, namespace: str) -> None:
    for alarm, _ in both_ways(kind, "anything", {}, namespace):
        assert not said(METRIC, alarm)


def test_what_names_no_dimension_is_none() -> None:
    noted = metric_alarm(ALARM, dimensions={**OPERATION, "__defaults": []})
    assert not said(METRIC, noted), "the provider's note is none"
    for name in (UNKNOWN, None, 7):
        more = [*dimensions_of(NATIVE, OPERATION), {"name": name, "value": "x"}]
        assert not said(METRIC, metric_alarm(NATIVE, dimensions=more))


@pytest.mark.parametrize("kind", METRIC_ALARMS)
def test_half_a_metric_is_judged_as_far_as_it_goes(kind: str) -> None:
    assert said(METRIC, metric_alarm(kind, metricName=None)) == finding("metricName")
    assert not said(METRIC, metric_alarm(kind, namespace=None))


def test_metrics_can_be_added() -> None:
    alarm = metric_alarm(ALARM, metricName="ToolCalls")
    assert said(METRIC, alarm) == finding("metricName")
    assert not said(METRIC, alarm, additionalMetrics=["ToolCalls"])


@pytest.mark.parametrize("kind", METRIC_ALARMS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_not_known_of_a_metric_is_not_checked(kind: str, hidden: Value) -> None:
    for alarm, place in both_ways(kind, "SystemErrors", OPERATION, hidden):
        assert said(METRIC, alarm) == not_checked(f"{place}namespace")
    for alarm, place in both_ways(kind, hidden, OPERATION):
        assert said(METRIC, alarm) == not_checked(f"{place}metricName")
    for alarm, place in both_ways(kind, "SystemErrors", hidden):
        assert said(METRIC, alarm) == not_checked(f"{place}dimensions")
    for alarm, place in both_ways(kind, "SystemErrors", {**OPERATION, "Resource": hidden}):
        assert said(METRIC, alarm) == not_checked(f"{place}dimensions.Resource")


def test_a_runtime_of_the_stack_is_its_own_resource() -> None:
    alarm = metric_alarm(ALARM, dimensions={**OPERATION, "Resource": UNKNOWN})
    depending = Resource(
        type=alarm.type,
        name=alarm.name,
        urn=alarm.urn,
        props=alarm.props,
        dependencies={"dimensions": [urn(RUNTIME, "agent")]},
    )
    assert not said(METRIC, depending, resource(RUNTIME, {}, "agent"))
    metric = {
        "namespace": NAMESPACE,
        "metricName": "SystemErrors",
        "dimensions": depending.props["dimensions"],
    }
    query = query_alarm(ALARM, metric)
    linked = replace(query, dependencies={"metricQueries": [urn(RUNTIME, "agent")]})
    assert not said(METRIC, linked, resource(RUNTIME, {}, "agent"))


@pytest.mark.parametrize("kind", TOPICS)
def test_a_topic_is_encrypted_with_a_key_of_the_account(kind: str) -> None:
    rule, path = "sns-topic-encryption", "kmsMasterKeyId"
    for value in ("alias/agents", "arn:aws:kms:us-east-1:222222222222:key/1"):
        assert not said(rule, resource(kind, {path: value}))
    absent: list[dict[str, Value]] = [
        {},
        {path: None},
        {path: ""},
        {path: "alias/aws/sns"},
        {path: "arn:aws:kms:us-east-1:222222222222:alias/aws/sns"},
    ]
    for props in absent:
        assert said(rule, resource(kind, props)) == finding(path), props
    for hidden in HIDDEN:
        assert said(rule, resource(kind, {path: hidden})) == not_checked(path)
        for key in KEYS:
            depending = resource(kind, {path: hidden}, dependencies={path: [urn(key, "key")]})
            assert not said(rule, depending, resource(key, {}, "key")), key
