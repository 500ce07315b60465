"""VPC endpoints, flow logs and log groups, beyond what the tables generate."""

import json
from typing import Any

import pytest

from emulator.providers.errors import ProviderError
from emulator.providers.values import UNKNOWN
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.endpoint_samples import (
    FLOW_LOG,
    LOG_GROUP,
    VPC_ENDPOINT,
    delivery,
    endpoint_policy,
    gateway_endpoint,
    interface_endpoint,
    parts,
)
from tests.emulator.providers.engine_calls import EngineCalls
from tests.emulator.providers.network_samples import (
    ec2,
    network,
    new_route_table,
)


def described(aws: EngineCalls, endpoint: str) -> dict[str, Any]:
    return ec2(aws).describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]


class TestEndpoints:
    def test_a_gateway_follows_its_route_tables(self, aws: EngineCalls) -> None:
        first, second, third = (new_route_table(aws) for _ in range(3))
        managed = aws.create(VPC_ENDPOINT, gateway_endpoint(aws, first, second))
        assert managed.outputs["prefixListId"].startswith("pl-")
        assert managed.outputs["cidrBlocks"], "those of the service"
        updated = aws.update(managed, gateway_endpoint(aws, third, second))
        assert set(described(aws, managed.resource_id)["RouteTableIds"]) == {second, third}
        assert not aws.diff(updated, gateway_endpoint(aws, second, third)).changes, "a set"

    def test_an_interface_moves_between_subnets_and_groups(self, aws: EngineCalls) -> None:
        inputs = interface_endpoint(aws)
        managed = aws.create(VPC_ENDPOINT, inputs)
        assert not aws.diff(
            managed, {**inputs, "securityGroupIds": inputs["securityGroupIds"][::-1]}
        ).changes
        kept, subnet = inputs["securityGroupIds"][0], parts(aws).subnets[1]
        groups = [kept, parts(aws).groups[2]]
        moved = {**inputs, "subnetIds": [subnet], "securityGroupIds": groups}
        updated = aws.update(managed, moved)
        found = described(aws, managed.resource_id)
        assert found["SubnetIds"] == [subnet]
        assert {group["GroupId"] for group in found["Groups"]} == set(groups)
        assert updated.outputs["networkInterfaceIds"] != managed.outputs["networkInterfaceIds"]
        assert json.loads(updated.outputs["policy"]) == json.loads(inputs["policy"]), "untouched"

    def test_what_ec2_chose_stays(self, aws: EngineCalls) -> None:
        inputs = interface_endpoint(aws)
        chosen = ("policy", "securityGroupIds")
        managed = aws.create(
            VPC_ENDPOINT, {name: inputs[name] for name in inputs if name not in chosen}
        )
        statements = json.loads(managed.outputs["policy"])["Statement"]
        assert statements[0]["Action"] == "*", "EC2's own policy"
        assert len(managed.outputs["securityGroupIds"]) == 1, "the VPC's default group"
        assert managed.outputs["privateDnsEnabled"] is False, "terraform says so to EC2"
        updated = aws.update(managed, {**managed.inputs, "policy": endpoint_policy("logs:*")})
        assert updated.outputs["securityGroupIds"] == managed.outputs["securityGroupIds"]

    def test_an_update_can_be_previewed(self, aws: EngineCalls) -> None:
        managed = aws.create(VPC_ENDPOINT, interface_endpoint(aws))
        inputs = {**managed.inputs, "subnetIds": [UNKNOWN]}
        preview = aws.provider.preview_resource(managed.resource, inputs, managed.outputs)
        assert preview["arn"] == managed.outputs["arn"]
        assert preview["networkInterfaceIds"] == UNKNOWN, "they follow the subnets"
        assert aws.diff(managed, inputs).diffs == ["subnetIds"]

    def test_domains_of_resource_endpoints_are_refused(self, aws: EngineCalls) -> None:
        inputs = interface_endpoint(aws)
        options = {"dnsRecordIpType": "ipv4"}
        assert aws.reasons(VPC_ENDPOINT, {**inputs, "dnsOptions": options}) == ""
        options["privateDnsPreference"] = "ALL_DOMAINS"
        reasons = aws.reasons(VPC_ENDPOINT, {**inputs, "dnsOptions": options})
        assert "privateDnsPreference not supported" in reasons


class TestFlowLogs:
    def inputs(self, aws: EngineCalls) -> dict[str, Any]:
        return {
            "vpcId": network(aws).vpc,
            "iamRoleArn": delivery(aws).roles[0],
            "logDestination": delivery(aws).groups[0],
            "trafficType": "REJECT",
        }

    def test_it_is_delivered_to_the_group(self, aws: EngineCalls) -> None:
        inputs = self.inputs(aws)
        with_streams = {**inputs, "logDestination": f"{inputs['logDestination']}:*"}
        managed = aws.create(FLOW_LOG, with_streams)
        (found,) = ec2(aws).describe_flow_logs(FlowLogIds=[managed.resource_id])["FlowLogs"]
        assert found["LogDestination"] == inputs["logDestination"]
        assert found["DeliverLogsStatus"] == "SUCCESS"
        assert not aws.diff(managed, inputs).changes, "the same group"
        account = aws.configuration.account
        arn = f"arn:aws:ec2:{REGION}:{account}:vpc-flow-log/{managed.resource_id}"
        assert managed.outputs["arn"] == arn

    def test_it_watches_one_thing(self, aws: EngineCalls) -> None:
        inputs = self.inputs(aws)
        assert aws.reasons(FLOW_LOG, inputs) == ""
        both = aws.reasons(FLOW_LOG, {**inputs, "subnetId": "subnet-0123456789abcdef0"})
        none = aws.reasons(FLOW_LOG, {name: inputs[name] for name in inputs if name != "vpcId"})
        assert "eni_id" in both
        assert "eni_id" in none

    def test_a_role_that_may_not_deliver_is_refused(self, aws: EngineCalls) -> None:
        inputs = self.inputs(aws)
        nobody = f"arn:aws:iam::{aws.configuration.account}:role/nobody"
        with pytest.raises(ProviderError, match=r"creating Flow Log.*Unable to assume given IAM"):
            aws.create(FLOW_LOG, {**inputs, "iamRoleArn": nobody})


class TestLogGroups:
    def test_its_retention_can_be_given_up(self, aws: EngineCalls) -> None:
        managed = aws.create(LOG_GROUP, {"retentionInDays": 30})
        updated = aws.update(managed, {})
        assert updated.outputs["retentionInDays"] == 0
        assert not aws.diff(updated, {"retentionInDays": 0}).changes

    def test_a_group_whose_destruction_is_skipped_stays(self, aws: EngineCalls) -> None:
        managed = aws.create(LOG_GROUP, {"skipDestroy": True})
        aws.delete(managed)
        assert aws.read(managed) is not None, "a destroy only forgets it"

    def test_a_protected_group_is_not_deleted(self, aws: EngineCalls) -> None:
        managed = aws.create(LOG_GROUP, {"deletionProtectionEnabled": True})
        with pytest.raises(ProviderError, match="deletion protection"):
            aws.delete(managed)
        aws.delete(aws.update(managed, {"deletionProtectionEnabled": False}))
        assert aws.read(managed) is None

    def test_a_group_whose_name_begins_alike_is_another_one(self, aws: EngineCalls) -> None:
        aws.create(LOG_GROUP, {"name": "/alike/longer"})
        managed = aws.create(LOG_GROUP, {"name": "/alike"})
        aws.delete(managed)
        assert aws.read(managed) is None
