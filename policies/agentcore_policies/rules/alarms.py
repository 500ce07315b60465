"""CloudWatch alarms and the topics they tell: an alarm that goes off reaches somebody.

Judged is whether an alarm can work, not whether its threshold is a good one.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard, cast

from agentcore_policies.agent_runtime import RUNTIMES, elements, is_hidden
from agentcore_policies.credentials import shown
from agentcore_policies.links import links_of
from agentcore_policies.model import Resource, Stack, Value, at
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_NATIVE_METRIC_ALARM: Final = "aws-native:cloudwatch:Alarm"
_METRIC_ALARMS: Final = (_METRIC_ALARM, _NATIVE_METRIC_ALARM)
_COMPOSITE_ALARMS: Final = (
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws-native:cloudwatch:CompositeAlarm",
)
_ALARMS: Final = (*_METRIC_ALARMS, *_COMPOSITE_ALARMS, "aws-native:cloudwatch:LogAlarm")
_TOPICS: Final = ("aws:sns/topic:Topic", "aws-native:sns:Topic")
_KEYS: Final = (
    *("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/alias:Alias"),
    *("aws-native:kms:Key", "aws-native:kms:ReplicaKey", "aws-native:kms:Alias"),
)

_ACTION_LISTS: Final = ("alarmActions", "okActions", "insufficientDataActions")
_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:(?P<region>[a-z0-9-]*):[^:]*:.+")
_MISSING_DATA: Final = ("breaching", "notBreaching", "ignore", "missing")
# CloudWatch API, PutMetricAlarm: Period and EvaluationPeriods.
_SHORT_PERIODS: Final = (10, 20, 30)
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY

# AgentCore developer guide, observability; the dimensions are those of aws-cdk's runtime metrics.
_NAMESPACE: Final = "AWS/Bedrock-AgentCore"
# What agents write themselves, by OpenTelemetry.
_OWN_NAMESPACE: Final = "bedrock-agentcore"
_MEANS_AGENTCORE: Final = re.compile(r"(?:aws/)?(?:bedrock)?agentcore", re.IGNORECASE)
_OPERATION_METRICS: Final = ("Invocations", "Throttles", "SystemErrors", "UserErrors", "Latency")
_USAGE_METRICS: Final = ("CPUUsed-vCPUHours", "MemoryUsed-GBHours")
# Of these the dimensions are not documented, and of some the name is told in two spellings.
_OTHER_METRICS: Final = (
    *("Errors", "TotalErrors", "Duration", "Sessions", "SessionCount", "ActiveSessionCount"),
    *("ActiveStreamingConnections", "InboundStreamingBytesProcessed"),
    *("OutboundStreamingBytesProcessed",),
    *("InboundAuthorizationFailure", "InboundAuthorizationSuccess"),
)
_OPERATION: Final = "InvokeAgentRuntime"
_OPERATION_DIMENSIONS: Final = (
    frozenset({"Operation", "Name", "Resource"}),
    frozenset({"AggregateOperation"}),
)
_USAGE_DIMENSIONS: Final = (
    frozenset({"Service"}),
    frozenset({"Service", "Resource"}),
    frozenset({"Service", "Resource", "Name"}),
)
_DIMENSION_FORMS: Final = {
    "Operation": (re.compile(_OPERATION), f"it is {_OPERATION}"),
    "AggregateOperation": (re.compile(_OPERATION), f"it is {_OPERATION}"),
    "Name": (re.compile(r"[^:]+::[^:]+"), "it is AGENT::ENDPOINT, such as my_agent::DEFAULT"),
    "Resource": (
        re.compile(r"arn:[a-z-]+:bedrock-agentcore:[a-z0-9-]+:[0-9]{12}:runtime/.+"),
        "it is the runtime's ARN",
    ),
    "Service": (re.compile(r"AgentCore\.Runtime"), "it is AgentCore.Runtime"),
}


@dataclass(frozen=True)
class _Metric:
    """A metric that an alarm reads; its own path ends in a dot, or is empty."""

    path: str
    period_path: str
    namespace: Value
    name: Value
    dimensions: Value
    period: Value


def _metrics(alarm: Resource) -> Iterator[_Metric]:
    """The alarm's own metric and those of its queries, in the shape of either provider."""
    if alarm.at("metricName") is not None or alarm.at("namespace") is not None:
        yield _metric(alarm.props, "", alarm.at("period"), "period")
    is_native = alarm.type == _NATIVE_METRIC_ALARM
    name = "metrics" if is_native else "metricQueries"
    for index, query in enumerate(elements(alarm.at(name))):
        path = f"{name}[{index}]"
        found = at(query, "metricStat", "metric") if is_native else at(query, "metric")
        within = f"{path}.metricStat" if is_native else f"{path}.metric"
        period = at(query, "metricStat" if is_native else "metric", "period")
        if isinstance(found, Mapping):
            where = f"{within}.metric." if is_native else f"{within}."
            yield _metric(found, where, period, f"{within}.period")


def _metric(given: Mapping[str, Value], path: str, period: Value, period_path: str) -> _Metric:
    return _Metric(
        path=path,
        period_path=period_path,
        namespace=given.get("namespace"),
        name=given.get("metricName"),
        dimensions=given.get("dimensions"),
        period=period,
    )


def _actions(stack: Stack, _context: Context) -> Judged:
    for alarm in stack.of(*_ALARMS):
        enabled = alarm.at("actionsEnabled")
        if is_hidden(enabled):
            yield NotChecked(path="actionsEnabled", urn=alarm.urn)
        elif enabled not in (None, True):
            yield Finding(
                path="actionsEnabled",
                message=f"{shown(enabled)} is given: the alarm tells nobody. Remove it.",
                urn=alarm.urn,
            )
        path = _ACTION_LISTS[0]
        given = elements(alarm.at(path))
        hidden = [one for one in given if is_hidden(one)]
        if any(isinstance(one, str) and one for one in given):
            continue
        if hidden:
            # What a topic of the stack will be called is not known, but there is one.
            if not alarm.dependencies.get(path):
                yield NotChecked(path=path, urn=alarm.urn)
        elif not _is_part(alarm, stack):
            yield Finding(
                path=path,
                message="no action is given for the state ALARM, so nobody is told. Name an SNS "
                "topic.",
                urn=alarm.urn,
            )


def _is_part(alarm: Resource, stack: Stack) -> bool:
    """Whether a composite alarm of the stack tells of the alarm in its place."""
    for composite in stack.of(*_COMPOSITE_ALARMS):
        rule = composite.at("alarmRule")
        if alarm.urn in composite.dependencies.get("alarmRule", ()):
            return True
        names = [alarm.at(key) for key in ("name", "alarmName", "arn")]
        if isinstance(rule, str) and any(
            re.search(rf"ALARM\(\s*[\"']?{re.escape(name)}[\"']?\s*\)", rule)
            for name in names
            if isinstance(name, str) and name
        ):
            return True
    return False


def _action_region(stack: Stack, _context: Context) -> Judged:
    links = links_of(stack)
    for alarm in stack.of(*_ALARMS):
        region = _region(alarm)
        for path in _ACTION_LISTS:
            given = elements(alarm.at(path))
            for index, action in enumerate(given):
                if isinstance(action, str):
                    yield from _known_action(alarm, region, f"{path}[{index}]", action)
            hidden = sum(map(is_hidden, given))
            if not hidden:
                continue
            topics = links.depended(alarm, path, _TOPICS)
            if len(topics) < hidden or not all(map(_is_text, [region, *map(_region, topics)])):
                yield NotChecked(path=path, urn=alarm.urn)
            for topic in topics:
                other = _region(topic)
                if _is_text(other) and _is_text(region) and other != region:
                    yield _elsewhere(alarm, path, f"the topic {topic.name}", other, region)


def _known_action(alarm: Resource, region: Value, path: str, action: str) -> Judged:
    arn = _ARN.fullmatch(action)
    if arn is None:
        yield Finding(
            path=path,
            message=f"{shown(action)} is no ARN. An action is an ARN, such as an SNS topic's.",
            urn=alarm.urn,
        )
    elif is_hidden(region):
        yield NotChecked(path=path, urn=alarm.urn)
    elif isinstance(region, str) and arn["region"] not in ("", region):
        yield _elsewhere(alarm, path, shown(action), arn["region"], region)


def _elsewhere(alarm: Resource, path: str, what: str, there: str, here: str) -> Finding:
    return Finding(
        path=path,
        message=f"{what} is in {there}, the alarm in {here}; an alarm acts in its own region only. "
        "Name one there.",
        urn=alarm.urn,
    )


def _region(resource: Resource) -> Value:
    return resource.at("region") or resource.provider.get("region")


def _is_text(value: Value) -> TypeGuard[str]:
    return isinstance(value, str)


def _missing_data(alarm: Resource, _context: Context) -> Judged:
    path = "treatMissingData"
    given = alarm.at(path)
    # The aws provider fills its default in, and notes that nobody gave it.
    if path in elements(alarm.at("__defaults")):
        given = None
    if _is_promql(alarm):
        return
    if is_hidden(given):
        yield NotChecked(path=path)
    elif given not in _MISSING_DATA:
        what = f"{shown(given)} is given" if given else "nothing is given"
        yield Finding(
            path=path,
            message=f"{what}; say what silence means: {', '.join(_MISSING_DATA)}. An idle runtime "
            "emits nothing, so notBreaching for its errors.",
        )


def _is_promql(alarm: Resource) -> bool:
    return alarm.at("evaluationCriteria") is not None


def _evaluation(alarm: Resource, _context: Context) -> Judged:
    if _is_promql(alarm):
        yield from _period(alarm.at("evaluationInterval"), "evaluationInterval", None)
        return
    periods = alarm.at("evaluationPeriods")
    wrong_count = list(_count(periods, "evaluationPeriods"))
    yield from wrong_count
    enough = alarm.at("datapointsToAlarm")
    if enough is not None:
        yield from _count(enough, "datapointsToAlarm")
        if _is_number(enough) and _is_number(periods) and enough > periods >= 1:
            yield Finding(
                path="datapointsToAlarm",
                message=f"{shown(enough)} of {shown(periods)} periods are given: the alarm can "
                "never go off. Give at most as many as evaluationPeriods.",
            )
    for metric in _metrics(alarm):
        path = metric.period_path
        problems = list(_period(metric.period, path, metric.namespace))
        yield from problems
        if not (problems or wrong_count) and _is_number(metric.period) and _is_number(periods):
            yield from _span(metric.period, periods, path)
    if alarm.at("threshold") is None and alarm.at("thresholdMetricId") is None:
        yield Finding(path="threshold", message="no threshold is given. Give one.")


def _count(value: Value, path: str) -> Judged:
    if is_hidden(value):
        yield NotChecked(path=path)
    elif not (_is_number(value) and value >= 1 and value % 1 == 0):
        yield Finding(
            path=path, message=f"{shown(value)} is given; it is a whole number from 1 on."
        )


def _period(value: Value, path: str, namespace: Value) -> Judged:
    if is_hidden(value):
        yield NotChecked(path=path)
    elif not _is_number(value) or not (
        value in _SHORT_PERIODS or (value >= 60 and value % 60 == 0)
    ):
        yield Finding(
            path=path,
            message=f"{shown(value)} is given; allowed are 10, 20, 30 and multiples of 60 seconds.",
        )
    elif value < 60 and isinstance(namespace, str) and namespace.startswith("AWS/"):
        yield Finding(
            path=path,
            message=f"{shown(value)} seconds are given; {shown(namespace)} has one value a minute, "
            "so that most periods would have none. Give 60 or more.",
        )


def _span(period: float, periods: float, path: str) -> Judged:
    most, what = (_WEEK, "a week") if period >= _HOUR else (_DAY, "a day")
    if period * periods > most:
        yield Finding(
            path=path,
            message=f"{shown(periods)} periods of {shown(period)} seconds are longer than {what}, "
            "the longest CloudWatch looks back with this period. Give fewer, or shorter ones.",
        )


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _agentcore_metrics(stack: Stack, context: Context) -> Judged:
    more = cast("Sequence[str]", context.settings["additionalMetrics"])
    for alarm in stack.of(*_METRIC_ALARMS):
        for metric in _metrics(alarm):
            for verdict in _agentcore_metric(alarm, metric, more):
                if isinstance(verdict, Finding):
                    yield Finding(path=verdict.path, message=verdict.message, urn=alarm.urn)
                else:
                    yield NotChecked(path=verdict.path, urn=alarm.urn)


def _agentcore_metric(alarm: Resource, metric: _Metric, more: Sequence[str]) -> Judged:
    namespace, name = metric.namespace, metric.name
    if is_hidden(namespace):
        yield NotChecked(path=f"{metric.path}namespace")
        return
    if not isinstance(namespace, str) or namespace == _OWN_NAMESPACE:
        return
    if namespace != _NAMESPACE:
        if _MEANS_AGENTCORE.fullmatch(re.sub(r"[-_ ]", "", namespace)):
            yield Finding(
                path=f"{metric.path}namespace",
                message=f"there is no namespace {shown(namespace)}; AgentCore's metrics are in "
                f"{_NAMESPACE}, what agents write themselves is in {_OWN_NAMESPACE}.",
            )
        return
    known = (*_OPERATION_METRICS, *_USAGE_METRICS, *_OTHER_METRICS, *more)
    if is_hidden(name):
        yield NotChecked(path=f"{metric.path}metricName")
    elif name not in known:
        close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known)}."
        yield Finding(
            path=f"{metric.path}metricName",
            message=f"AgentCore has no metric {shown(name)}. {hint}",
        )
    elif name in _OPERATION_METRICS:
        yield from _dimensions(alarm, metric, _OPERATION_DIMENSIONS)
    elif name in _USAGE_METRICS:
        yield from _dimensions(alarm, metric, _USAGE_DIMENSIONS)


def _dimensions(alarm: Resource, metric: _Metric, allowed: Sequence[frozenset[str]]) -> Judged:
    path = f"{metric.path}dimensions"
    if is_hidden(metric.dimensions):
        yield NotChecked(path=path)
        return
    given = _by_name(metric.dimensions)
    if _is_of_another(given):
        return
    if frozenset(given) not in allowed:
        what = " and ".join(sorted(given)) or "no dimension"
        sets = "; ".join(" and ".join(sorted(names)) for names in allowed)
        yield Finding(
            path=path,
            message=f"{what} given: there is no such series of {metric.name}, and the alarm would "
            f"never see a value. Give all of one of these: {sets}.",
        )
        return
    depended = alarm.dependencies.get(path.partition("[")[0], ())
    for name, value in given.items():
        form, what = _DIMENSION_FORMS[name]
        if is_hidden(value):
            # What depends on something of the stack is named by it.
            if not depended:
                yield NotChecked(path=f"{path}.{name}")
        elif not isinstance(value, str) or not form.fullmatch(value):
            yield Finding(path=f"{path}.{name}", message=f"{shown(value)} is given; {what}.")


def _is_of_another(given: Mapping[str, Value]) -> bool:
    """Whether the series is that of a gateway, a memory or a tool, whose dimensions differ."""
    operation, resource = given.get("Operation"), given.get("Resource")
    if isinstance(operation, str) and "runtime" not in operation.lower():
        return True
    return (
        isinstance(resource, str)
        and ":bedrock-agentcore:" in resource
        and (":runtime/" not in resource)
    )


def _by_name(dimensions: Value) -> Mapping[str, Value]:
    """Dimensions by name: a map in pulumi-aws, a list of name and value in aws-native."""
    if isinstance(dimensions, Mapping):
        return {name: value for name, value in dimensions.items() if name != "__defaults"}
    found: dict[str, Value] = {}
    for entry in elements(dimensions):
        name = at(entry, "name")
        if isinstance(name, str):
            found[name] = at(entry, "value")
    return found


def _topic_encryption(stack: Stack, _context: Context) -> Judged:
    links = links_of(stack)
    path = "kmsMasterKeyId"
    for topic in stack.of(*_TOPICS):
        value = topic.at(path)
        if is_hidden(value):
            if not links.depended(topic, path, _KEYS):
                yield NotChecked(path=path, urn=topic.urn)
        elif value in (None, ""):
            yield Finding(
                path=path,
                message="the topic is not encrypted. Name a key of the account.",
                urn=topic.urn,
            )
        elif str(value).endswith("alias/aws/sns"):
            yield Finding(
                path=path,
                message="alias/aws/sns is given, whose policy lets no CloudWatch alarm publish. "
                "Name a key of the account that allows cloudwatch.amazonaws.com kms:Decrypt and "
                "kms:GenerateDataKey.",
                urn=topic.urn,
            )


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="alarm-actions",
        description="An alarm that goes off tells somebody.",
        severity="medium",
        types=_ALARMS,
        remediation="Name an SNS topic in alarmActions, and leave actionsEnabled out.",
        references=(
            Reference(framework="Security Hub", id="CloudWatch.15"),
            Reference(framework="Security Hub", id="CloudWatch.17"),
            Reference(framework="CKV", id="CKV_AWS_319"),
            Reference(framework="Guard", id="cloudwatch_alarm_action_check"),
            Reference(framework="Prowler", id="cloudwatch_alarm_actions_enabled"),
            Reference(framework="Prowler", id="cloudwatch_alarm_actions_alarm_state_configured"),
        ),
        check_stack=_actions,
    ),
    Rule(
        id="alarm-action-region",
        description="An alarm's actions are ARNs in the alarm's region.",
        severity="medium",
        types=(*_ALARMS, *_TOPICS),
        remediation="Name a topic of the alarm's region.",
        check_stack=_action_region,
    ),
    Rule(
        id="alarm-missing-data",
        description="An alarm says what it means that there is no data.",
        severity="low",
        types=_METRIC_ALARMS,
        remediation='Set treatMissingData, to "notBreaching" for errors of a runtime that may be '
        "idle.",
        check=_missing_data,
    ),
    Rule(
        id="alarm-evaluation",
        description="An alarm's periods are ones that CloudWatch takes, and with which it can go "
        "off.",
        severity="medium",
        types=_METRIC_ALARMS,
        remediation="Correct the periods as the message says.",
        check=_evaluation,
    ),
    Rule(
        id="alarm-agentcore-metric",
        description="An alarm on AgentCore reads a metric that there is, with all its dimensions.",
        severity="medium",
        types=(*_METRIC_ALARMS, *RUNTIMES),
        remediation=f"Use the namespace {_NAMESPACE} and the dimensions Operation, Name and "
        "Resource.",
        settings={
            "additionalMetrics": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=[],
                description="Metrics of AgentCore that the pack does not know yet.",
            )
        },
        check_stack=_agentcore_metrics,
    ),
    Rule(
        id="sns-topic-encryption",
        description="A topic is encrypted with a key of the account.",
        severity="medium",
        types=_TOPICS,
        remediation="Set kmsMasterKeyId to a key whose policy lets the publishers use it.",
        references=(
            Reference(framework="Security Hub", id="SNS.1"),
            Reference(framework="CKV", id="CKV_AWS_26"),
            Reference(framework="AVD", id="AVD-AWS-0095"),
            Reference(framework="AVD", id="AVD-AWS-0136"),
            Reference(framework="cdk-nag", id="AwsSolutions-SNS2"),
        ),
        check_stack=_topic_encryption,
    ),
)
