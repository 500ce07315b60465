"""What CloudWatch refuses of alarms. Source: CloudWatch API reference, PutMetricAlarm."""

from collections.abc import Callable
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal

ALARM: dict[str, Any] = {
    "AlarmName": "errors",
    "ComparisonOperator": "GreaterThanThreshold",
    "Namespace": "AWS/Bedrock-AgentCore",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 5,
    "Threshold": 1.0,
}
WITHOUT_STATISTIC = {"Statistic": None}


def put(**changes: Any) -> Callable[[Cloud], object]:
    """Put the alarm with these changes; None takes a part away."""
    given = {name: value for name, value in {**ALARM, **changes}.items() if value is not None}
    return lambda cloud: cloud.client("cloudwatch").put_metric_alarm(**given)


ROWS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("a period of 45 seconds", {"Period": 45}, {"Period": 30}, "Period must be"),
    (
        "a window of more than a day",
        {"Period": 60, "EvaluationPeriods": 1441},
        {"Period": 60, "EvaluationPeriods": 1440},
        "across more than a day",
    ),
    (
        "a window of more than a week",
        {"Period": 86_400, "EvaluationPeriods": 8},
        {"Period": 86_400, "EvaluationPeriods": 7},
        "across more than a week",
    ),
    (
        "more datapoints than periods",
        {"DatapointsToAlarm": 6},
        {"DatapointsToAlarm": 5},
        "DatapointsToAlarm",
    ),
    (
        "missing data treated in an unknown way",
        {"TreatMissingData": "not_breaching"},
        {"TreatMissingData": "notBreaching"},
        "TreatMissingData",
    ),
    ("two statistics", {"ExtendedStatistic": "p99"}, {}, "Exactly one"),
    (
        "no statistic",
        WITHOUT_STATISTIC,
        {**WITHOUT_STATISTIC, "ExtendedStatistic": "p95"},
        "Exactly one",
    ),
    (
        "a percentile over 100",
        {**WITHOUT_STATISTIC, "ExtendedStatistic": "p101"},
        {**WITHOUT_STATISTIC, "ExtendedStatistic": "p99.9"},
        "ExtendedStatistic",
    ),
    (
        "an unknown extended statistic",
        {**WITHOUT_STATISTIC, "ExtendedStatistic": "q99"},
        {**WITHOUT_STATISTIC, "ExtendedStatistic": "tm99"},
        "ExtendedStatistic",
    ),
    ("no threshold", {"Threshold": None}, {"Threshold": 0.0}, "Threshold"),
    (
        "an action that is no ARN",
        {"AlarmActions": ["alerts"]},
        {"AlarmActions": ["arn:aws:sns:us-east-1:111111111111:alerts"]},
        "Invalid arn syntax",
    ),
    (
        "an unknown comparison",
        {"ComparisonOperator": "GreaterThan"},
        {"ComparisonOperator": "GreaterThanOrEqualToThreshold"},
        "Member must satisfy enum value set",
    ),
]

REFUSALS = [
    Refusal(
        name=name,
        operation="cloudwatch:PutMetricAlarm",
        code="ValidationError",
        says=says,
        bad=put(**bad),
        good=put(**good),
    )
    for name, bad, good, says in ROWS
]
