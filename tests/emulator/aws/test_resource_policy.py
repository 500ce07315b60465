import json

import pytest
from botocore.exceptions import ClientError

from emulator.aws.agentcore.store import GATEWAY, MEMORY, RESOURCE_POLICY
from tests.emulator.aws.cloud import ENDPOINT, RUNTIME, Cloud, code_of

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "bedrock-agentcore:*", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": STATEMENT})


def test_it_is_put_on_what_can_have_one_and_goes_with_it(ready: Cloud) -> None:
    runtime = ready.create(ready.runtime())
    gateway = {"Name": "tools", "RoleArn": ready.role("gateway"), "AuthorizerType": "NONE"}
    made = {
        RUNTIME: runtime,
        ENDPOINT: ready.create({"AgentRuntimeId": runtime, "Name": "live"}, ENDPOINT),
        GATEWAY: ready.create(gateway, GATEWAY),
        MEMORY: ready.create({"Name": "memory", "EventExpiryDuration": 7}, MEMORY),
    }
    arns = {
        RUNTIME: ready.read(runtime)["AgentRuntimeArn"],
        ENDPOINT: made[ENDPOINT],
        GATEWAY: ready.read(made[GATEWAY], GATEWAY)["GatewayArn"],
        MEMORY: made[MEMORY],
    }
    for arn in arns.values():
        ready.create({"ResourceArn": arn, "Policy": POLICY}, RESOURCE_POLICY)
        assert ready.agentcore.get_resource_policy(resourceArn=arn).get("policy") == POLICY
    for type_name in (GATEWAY, MEMORY, RUNTIME):  # the endpoint goes with its runtime
        ready.delete(made[type_name], type_name)
    for arn in arns.values():
        with pytest.raises(ClientError) as missing:
            ready.agentcore.get_resource_policy(resourceArn=arn)
        assert code_of(missing.value) == "ResourceNotFoundException"
