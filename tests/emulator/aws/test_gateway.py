import re

import pytest

from emulator.aws.agentcore.store import GATEWAY, GATEWAY_TARGET
from tests.emulator.aws.cloud import REGION, Cloud, RequestFailedError

MCP_SERVER = {"Mcp": {"McpServer": {"Endpoint": "https://mcp.example.com"}}}


@pytest.fixture
def gateway(cloud: Cloud) -> str:
    desired = {"Name": "Tools", "RoleArn": cloud.role("gateway"), "AuthorizerType": "AWS_IAM"}
    return cloud.create({**desired, "ProtocolType": "MCP"}, GATEWAY)


def test_its_id_is_its_name_in_lower_case_and_its_url_is_made_of_it(
    cloud: Cloud, gateway: str
) -> None:
    found = cloud.agentcore.get_gateway(gatewayIdentifier=gateway)
    assert re.fullmatch(r"tools-[a-z0-9]{10}", gateway)
    assert found["gatewayArn"].endswith(f":gateway/{gateway}")
    host = f"{gateway}.gateway.bedrock-agentcore.{REGION}.amazonaws.com"
    assert found.get("gatewayUrl") == f"https://{host}/mcp"
    assert found["status"] == "READY"
    listed = cloud.agentcore.list_gateways()["items"]
    assert [(each["gatewayId"], each["name"]) for each in listed] == [(gateway, "Tools")]


def test_its_name_is_unique_although_the_schema_lets_it_change(cloud: Cloud, gateway: str) -> None:
    same = {"Name": "Tools", "RoleArn": cloud.role("other"), "AuthorizerType": "NONE"}
    with pytest.raises(RequestFailedError, match="already exists"):
        cloud.create(same, GATEWAY)
    cloud.delete(gateway, GATEWAY)
    assert cloud.create(same, GATEWAY), "the name is free again"


def test_a_target_needs_a_gateway_that_is_ready(cloud: Cloud) -> None:
    cloud.fault(service="cloudcontrolapi", operation="CREATE", fault="failedHalfway")
    desired = {"Name": "Tools", "RoleArn": cloud.role("gateway"), "AuthorizerType": "AWS_IAM"}
    with pytest.raises(RequestFailedError) as halfway:
        cloud.create(desired, GATEWAY)
    assert halfway.value.code == "NotStabilized"
    gateway = cloud.agentcore.list_gateways()["items"][0]["gatewayId"]
    target = {"GatewayIdentifier": gateway, "Name": "search", "TargetConfiguration": MCP_SERVER}
    with pytest.raises(RequestFailedError, match="in status FAILED") as refused:
        cloud.create(target, GATEWAY_TARGET)
    assert refused.value.code == "ResourceConflict"
    repair = [{"op": "add", "path": "/Description", "value": "Repaired"}]
    cloud.update(gateway, repair, GATEWAY)
    assert cloud.create(target, GATEWAY_TARGET), "an update repairs the gateway"


def test_a_target_is_named_once_in_its_gateway(cloud: Cloud, gateway: str) -> None:
    desired = {"GatewayIdentifier": gateway, "Name": "search", "TargetConfiguration": MCP_SERVER}
    first = cloud.create(desired, GATEWAY_TARGET)
    with pytest.raises(RequestFailedError, match="already exists"):
        cloud.create(desired, GATEWAY_TARGET)
    second = cloud.create({**desired, "Name": "fetch"}, GATEWAY_TARGET)
    rename = [{"op": "replace", "path": "/Name", "value": "search"}]
    with pytest.raises(RequestFailedError, match="already exists"):
        cloud.update(second, rename, GATEWAY_TARGET)
    cloud.delete(first, GATEWAY_TARGET)
    cloud.update(second, rename, GATEWAY_TARGET)
    listed = cloud.agentcore.list_gateway_targets(gatewayIdentifier=gateway)["items"]
    assert [(each["name"], each["status"]) for each in listed] == [("search", "READY")]
    found = cloud.agentcore.get_gateway_target(
        gatewayIdentifier=gateway, targetId=second.partition("|")[2]
    )
    assert found.get("protocolType") == "MCP"
    assert found["targetConfiguration"] == {
        "mcp": {"mcpServer": {"endpoint": "https://mcp.example.com"}}
    }
