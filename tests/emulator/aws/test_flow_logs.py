"""Flow logs tell whether they can be delivered."""

import json

import pytest

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.test_networking import Vpc

WRITE = ["logs:CreateLogStream", "logs:PutLogEvents"]


@pytest.mark.parametrize(
    ("actions", "groups", "status"),
    [
        (WRITE, ["/vpc/flow"], "SUCCESS"),
        (WRITE[:1], ["/vpc/flow"], "FAILED"),
        (WRITE, [], "FAILED"),
        ([*WRITE, "logs:CreateLogGroup"], [], "SUCCESS"),
    ],
)
def test_delivery_fails_without_the_group_or_the_rights(
    cloud: Cloud, actions: list[str], groups: list[str], status: str
) -> None:
    vpc = Vpc(cloud)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = cloud.role(trust={"Version": "2012-10-17", "Statement": [statement]})
    for name in groups:
        cloud.client("logs").create_log_group(logGroupName=name)
    group = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:/vpc/flow"
    made = vpc.ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc.id],
        TrafficType="ALL",
        LogDestination=group,
        DeliverLogsPermissionArn=role,
    )["FlowLogIds"]
    assert vpc.ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"][0]["DeliverLogsStatus"] == (
        "FAILED"
    ), "the role has no rights yet"
    cloud.iam.put_role_policy(
        RoleName="execution",
        PolicyName="delivery",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": actions, "Resource": f"{group}:*"}],
            }
        ),
    )
    (found,) = vpc.ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"]
    assert found["DeliverLogsStatus"] == status
    assert ("DeliverLogsErrorMessage" in found) is (status == "FAILED")
