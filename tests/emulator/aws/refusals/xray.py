"""What X-Ray refuses. Source: API reference; CloudWatch guide, "Enable transaction search"."""

import json
from collections.abc import Callable

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal


def send_to_logs(
    *, service: str = "xray.amazonaws.com", group: str = "aws/spans:*", source: str = "{}"
) -> Callable[[Cloud], object]:
    """Send traces to Logs, whose policy lets this service write for this account."""

    def attempt(cloud: Cloud) -> object:
        prefix = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "logs:PutLogEvents",
            "Resource": [f"{prefix}{group}", f"{prefix}/aws/application-signals/data:*"],
            "Condition": {"StringEquals": {"aws:SourceAccount": source.format(cloud.account)}},
        }
        cloud.client("logs").put_resource_policy(
            policyName="traces",
            policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        return update("CloudWatchLogs")(cloud)

    return attempt


def update(*destinations: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        xray = cloud.client("xray")
        for destination in destinations:
            xray.update_trace_segment_destination(Destination=destination)
        return xray.get_trace_segment_destination()["Destination"]

    return attempt


def after_logs(destination: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        assert send_to_logs()(cloud) == "CloudWatchLogs"
        return update(destination)(cloud)

    return attempt


REFUSALS = [
    *(
        Refusal(
            name=f"traces to Logs, {fault}",
            operation="xray:UpdateTraceSegmentDestination",
            code="AccessDeniedException",
            says="XRay does not have permission to call PutLogEvents on the aws/spans Log Group",
            bad=bad,
            good=send_to_logs(),
        )
        for fault, bad in (
            ("which has no policy for that", update("CloudWatchLogs")),
            (
                "which lets another service write",
                send_to_logs(service="vpc-flow-logs.amazonaws.com"),
            ),
            ("which lets X-Ray write elsewhere", send_to_logs(group="traces:*")),
            ("which lets X-Ray write for others", send_to_logs(source="999999999999")),
        )
    ),
    Refusal(
        name="the destination that is there",
        operation="xray:UpdateTraceSegmentDestination",
        code="InvalidRequestException",
        says="The destination is already set to CloudWatchLogs",
        bad=after_logs("CloudWatchLogs"),
        good=after_logs("XRay"),
    ),
]
