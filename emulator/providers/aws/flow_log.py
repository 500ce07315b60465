"""The table of flow logs, as far as they are delivered to CloudWatch Logs.

Defaults and replacing properties: terraform-provider-aws internal/service/ec2/vpc_flow_log.go.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from pulumi_aws.ec2 import flow_log

from emulator.providers.aws.ec2 import GIVEN_TAGS, READ_TAGS, its_id, tagged
from emulator.providers.aws.table import (
    Call,
    ExactlyOneOf,
    Fixed,
    Property,
    Read,
    ResourceType,
    Response,
    first,
)
from emulator.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object

FLOW_LOG_GO = "internal/service/ec2/vpc_flow_log.go"

TO_LOGS = "it delivers flow logs to CloudWatch Logs only"
NOT_WATCHED = "flow logs are those of a VPC, a subnet or a network interface"

WATCHED = {"eniId": "NetworkInterface", "subnetId": "Subnet", "vpcId": "VPC"}
"""What can be watched, with EC2's name for its kind."""

PREFIXES = {"eniId": "eni-", "subnetId": "subnet-", "vpcId": "vpc-"}


def _watched(values: Object) -> str:
    return next(name for name in WATCHED if values.get(name))


def _watched_id(values: Object) -> Json:
    return [values[_watched(values)]]


def _watched_kind(values: Object) -> Json:
    return WATCHED[_watched(values)]


def _if_it_is(name: str) -> Callable[[Response], Json]:
    def read(found: Response) -> Json:
        watched = found["ResourceId"]
        return watched if watched.startswith(PREFIXES[name]) else None

    return read


def _group(destination: Json) -> str:
    """A log group's ARN as EC2 takes it: without what stands for its streams."""
    return str(destination).removesuffix(":*")


def _destination(values: Object) -> Json:
    return _group(values["logDestination"]) if values.get("logDestination") else None


def _same_group(old: Json, new: Json) -> bool:
    return _group(old) == _group(new)


def _identified(values: Object, response: Response) -> str:
    refused: list[Response] = response.get("Unsuccessful") or []
    if refused:
        error: Response = refused[0]["Error"]
        raise ProviderError(
            f"creating Flow Log ({_watched_id(values)[0]}): {refused[0]['ResourceId']}: "
            f"{error['Code']}: {error['Message']}"
        )
    return response["FlowLogIds"][0]


FLOW_LOG = ResourceType(
    token="aws:ec2/flowLog:FlowLog",  # noqa: S106 - a type token
    label="Flow Log",
    service="ec2",
    args_class=flow_log.FlowLogArgs,
    state_class=flow_log._FlowLogState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "eniId": Property(replaces=f"{FLOW_LOG_GO}: eni_id is ForceNew"),
        "iamRoleArn": Property(replaces=f"{FLOW_LOG_GO}: iam_role_arn is ForceNew"),
        "logDestination": Property(
            replaces=f"{FLOW_LOG_GO}: log_destination is ForceNew", computed=True, same=_same_group
        ),
        "logFormat": Property(replaces=f"{FLOW_LOG_GO}: log_format is ForceNew", computed=True),
        "maxAggregationInterval": Property(
            replaces=f"{FLOW_LOG_GO}: max_aggregation_interval is ForceNew", default=600
        ),
        "subnetId": Property(replaces=f"{FLOW_LOG_GO}: subnet_id is ForceNew"),
        "trafficType": Property(replaces=f"{FLOW_LOG_GO}: traffic_type is ForceNew"),
        "vpcId": Property(replaces=f"{FLOW_LOG_GO}: vpc_id is ForceNew"),
    },
    fixed={"logDestinationType": Fixed("cloud-watch-logs", TO_LOGS)},
    unsupported={
        "deliverCrossAccountRole": TO_LOGS,
        "destinationOptions": TO_LOGS,
        "regionalNatGatewayId": NOT_WATCHED,
        "tagFieldSpecifications": "its flow logs have no fields made of tags",
        "transitGatewayAttachmentId": NOT_WATCHED,
        "transitGatewayId": NOT_WATCHED,
    },
    combinations=(
        ExactlyOneOf(
            (
                "eniId",
                "regionalNatGatewayId",
                "subnetId",
                "vpcId",
                "transitGatewayId",
                "transitGatewayAttachmentId",
            )
        ),
    ),
    create=Call(
        "create_flow_logs",
        {
            "ClientToken": lambda _values: str(uuid.uuid4()),
            "DeliverLogsPermissionArn": "iamRoleArn",
            "LogDestination": _destination,
            "LogDestinationType": "logDestinationType",
            "LogFormat": "logFormat",
            "MaxAggregationInterval": "maxAggregationInterval",
            "ResourceIds": _watched_id,
            "ResourceType": _watched_kind,
            "TagSpecifications": tagged("vpc-flow-log"),
            "TrafficType": "trafficType",
        },
    ),
    identify=_identified,
    reads=(
        Read(
            Call("describe_flow_logs", {"FlowLogIds": its_id}),
            {
                "eniId": _if_it_is("eniId"),
                "iamRoleArn": "DeliverLogsPermissionArn",
                "logDestination": "LogDestination",
                "logFormat": "LogFormat",
                "maxAggregationInterval": "MaxAggregationInterval",
                "subnetId": _if_it_is("subnetId"),
                "tagsAll": READ_TAGS,
                "trafficType": "TrafficType",
                "vpcId": _if_it_is("vpcId"),
            },
            select=first("FlowLogs"),
        ),
    ),
    arn="vpc-flow-log/{id}",
    not_found=frozenset({"InvalidFlowLogId.NotFound"}),
    tags=GIVEN_TAGS,
    delete=(Call("delete_flow_logs", {"FlowLogIds": its_id}),),
    stable=frozenset({"arn"}),
)
