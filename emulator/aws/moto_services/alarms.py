"""CloudWatch as moto has it: a metric alarm is one that could be evaluated.

Alarms are kept, not evaluated: a new one has no data. Source: CloudWatch API reference,
PutMetricAlarm; messages as users' logs show them.
"""

import re
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.refused import Refused

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86_400, 604_800
_SHORT_PERIODS = (10, 20, 30)
_MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")
_NUMBER = r"\d+(\.\d+)?"
_EXTENDED = re.compile(
    rf"(p|tm|wm|tc|ts){_NUMBER}|IQM"
    rf"|PR\(({_NUMBER})?:({_NUMBER})?\)"
    rf"|(TM|WM|TC|TS)\(({_NUMBER}%?)?:({_NUMBER}%?)?\)"
)


class StrictAlarms(BackendUrls, CloudWatchBackend):
    """CloudWatch of one account in one region."""

    def put_metric_alarm(self, *args: Any, **alarm: Any) -> Alarm:
        """Put the alarm when it could be evaluated. moto hands over every part by name."""
        for fault in (_metric_fault(alarm), _time_fault(alarm), _other_fault(alarm)):
            if fault and not alarm.get("rule"):
                raise Refused("ValidationError", fault)
        before = self.alarms.get(alarm["name"])
        # moto takes no extended statistic but percentiles.
        extended = alarm.pop("extended_statistic", None)
        put = super().put_metric_alarm(*args, **alarm)
        put.extended_statistic = extended
        put.state_value = before.state_value if before else "INSUFFICIENT_DATA"
        return put


def install() -> None:
    """Make moto use these alarms for every account."""
    cloudwatch_backends.backend = StrictAlarms


def _metric_fault(alarm: dict[str, Any]) -> str:
    """Say what is wrong with what the alarm looks at."""
    if alarm.get("metric_data_queries"):
        if alarm.get("metric_name") or alarm.get("statistic") or alarm.get("extended_statistic"):
            return "Metrics list and a single metric cannot be given together."
        return ""
    statistic, extended = alarm.get("statistic"), alarm.get("extended_statistic")
    if not alarm.get("metric_name") or not alarm.get("namespace"):
        return "The parameters MetricName and Namespace must be specified."
    if bool(statistic) == bool(extended):
        return "Exactly one of the parameters Statistic and ExtendedStatistic must be specified."
    if extended and not (_EXTENDED.fullmatch(extended) and _in_percent(extended)):
        return f"The value {extended} for parameter ExtendedStatistic is not supported."
    return "" if alarm.get("period") else "The parameter Period must be specified."


def _in_percent(extended: str) -> bool:
    plain = re.fullmatch(rf"(?:p|tm|wm|tc|ts)({_NUMBER})", extended)
    return plain is None or float(plain[1]) <= 100


def _time_fault(alarm: dict[str, Any]) -> str:
    """Say what is wrong with when the alarm looks."""
    evaluated, datapoints = int(alarm["evaluation_periods"]), alarm.get("datapoints_to_alarm")
    if datapoints is not None and int(datapoints) > evaluated:
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
    if alarm.get("period") is None:
        return ""
    period = int(alarm["period"])
    if period not in _SHORT_PERIODS and period % _MINUTE:
        return "Period must be 10, 20, 30 or a multiple of 60"
    if period < _HOUR and period * evaluated > _DAY:
        return (
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must "
            f"be <= {_DAY}) for alarms using period < {_HOUR}"
        )
    if period * evaluated > _WEEK:
        return (
            "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must "
            f"be <= {_WEEK}) for alarms using period >= {_HOUR}"
        )
    return ""


def _other_fault(alarm: dict[str, Any]) -> str:
    missing = alarm.get("treat_missing_data")
    if missing and missing not in _MISSING_DATA:
        return (
            f"Option {missing} is not supported. Supported options for parameter TreatMissingData "
            "are breaching, notBreaching, ignore, and missing."
        )
    if alarm.get("threshold") is None and not alarm.get("threshold_metric_id"):
        return "The parameter Threshold must be specified."
    for kind in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        for action in alarm.get(kind) or ():
            if not re.fullmatch(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9]*:.+", action):
                return f"Invalid arn syntax: {action}"
    return ""
