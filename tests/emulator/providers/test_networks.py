"""The `aws` provider does with networks as pulumi-aws does, beyond what the tables generate."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from emulator.providers.aws import patience
from emulator.providers.aws.patience import Patience
from emulator.providers.connections import CURRENT_CALL
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.values import UNKNOWN
from tests.emulator.providers.network_samples import (
    ANYWHERE,
    DEFAULT_SECURITY_GROUP,
    EGRESS_RULE,
    EIP,
    INGRESS_RULE,
    NAT_GATEWAY,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SECURITY_GROUP,
    SUBNET,
    VPC,
    ec2,
    inline,
    nat_gateway,
    network,
    new_gateway,
    new_group,
    new_route_table,
    new_subnet,
    new_vpc,
    rule,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Object
    from tests.emulator.providers.engine_calls import EngineCalls, Managed


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.05)


def held_subnet(aws: EngineCalls) -> tuple[Managed, Callable[[], Any]]:
    """A subnet that an interface holds, and what takes the interface away."""
    subnet = aws.create(SUBNET, {"vpcId": network(aws).vpc, "cidrBlock": next(network(aws).free)})
    made = ec2(aws).create_network_interface(SubnetId=subnet.resource_id)["NetworkInterface"]
    identifier = made["NetworkInterfaceId"]
    return subnet, lambda: ec2(aws).delete_network_interface(NetworkInterfaceId=identifier)


class TestWaiting:
    def test_a_deletion_waits_until_nothing_is_in_its_way(self, aws: EngineCalls) -> None:
        subnet, release = held_subnet(aws)
        timer = threading.Timer(0.1, release)
        timer.start()
        aws.delete(subnet)
        assert aws.read(subnet) is None, "the interface went, and the subnet after it"
        timer.join()

    def test_its_end_is_the_timeout_of_the_program(self, aws: EngineCalls) -> None:
        subnet, release = held_subnet(aws)
        aws.timeout = 0.05
        with pytest.raises(ProviderError, match=r"deleting EC2 Subnet .*DependencyViolation"):
            aws.delete(subnet)
        release()

    def test_a_cancelled_command_waits_no_longer(self, aws: EngineCalls) -> None:
        subnet, release = held_subnet(aws)
        aws.connect()
        call = CURRENT_CALL.get()
        connections = aws.provider.connections
        connections.began(call)
        timer = threading.Timer(0.05, connections.cancel, [aws.connection])
        timer.start()
        with pytest.raises(ProviderError, match="context canceled"):
            aws.provider.delete_resource(subnet.resource, subnet.resource_id, subnet.outputs)
        connections.ended(call)
        release()

    def test_the_end_of_the_offline_aws_ends_the_wait(self) -> None:
        closing = threading.Event()
        turns = Patience(60, closing, threading.Event()).turns()
        next(turns)
        closing.set()
        with pytest.raises(ProviderError, match="was stopped"):
            next(turns)

    @pytest.mark.parametrize(
        ("seconds", "text"), [(1200, "20m0s"), (3600, "1h0m0s"), (90, "1m30s"), (1.5, "1.5s")]
    )
    def test_a_time_is_written_as_go_writes_it(self, seconds: float, text: str) -> None:
        assert str(Patience(seconds, threading.Event(), threading.Event())) == text

    def test_a_gateway_that_fails_says_why_and_is_kept(self, aws: EngineCalls) -> None:
        with pytest.raises(InitializationFailedError) as caught:
            aws.create(NAT_GATEWAY, nat_gateway(aws))
        message = str(caught.value)
        assert message.startswith("waiting for EC2 NAT Gateway (nat-")
        assert "unexpected state 'failed', wanted target 'available'" in message
        assert "Gateway.NotAttached" in message, "the VPC has no internet gateway"
        assert caught.value.resource_id.startswith("nat-"), "the next up replaces it"

    def test_with_an_internet_gateway_it_comes_up(self, aws: EngineCalls) -> None:
        new_gateway(aws)
        made = aws.create(NAT_GATEWAY, nat_gateway(aws))
        address = aws.imported(EIP, made.outputs["allocationId"]).outputs
        assert made.outputs["publicIp"] == address["publicIp"]
        assert address["associationId"], "the address tells who has it"
        assert address["publicDns"].endswith(".compute-1.amazonaws.com")


class TestCombinations:
    def test_one_of_several_must_be_given(self, aws: EngineCalls) -> None:
        reasons = aws.reasons(ROUTE_TABLE_ASSOCIATION, {"routeTableId": "rtb-1"})
        assert reasons.splitlines() == [
            f'Invalid combination of arguments. "{name}": one of `gateway_id,subnet_id` must be '
            f"specified. Examine values at 'thing.{wire}'."
            for name, wire in (("gateway_id", "gatewayId"), ("subnet_id", "subnetId"))
        ]
        good = {"routeTableId": "rtb-1", "subnetId": UNKNOWN}
        assert aws.reasons(ROUTE_TABLE_ASSOCIATION, good) == "", "an unknown one may be it"

    def test_only_one_of_several_may_be_given(self, aws: EngineCalls) -> None:
        reasons = aws.reasons(
            ROUTE_TABLE_ASSOCIATION,
            {"routeTableId": "rtb-1", "subnetId": "subnet-1", "gatewayId": "igw-1"},
        )
        assert "but `gateway_id,subnet_id` were specified" in reasons

    def test_two_that_exclude_each_other_are_both_named(self, aws: EngineCalls) -> None:
        inputs = {"vpcId": "vpc-1", "availabilityZone": "us-east-1a"}
        reasons = aws.reasons(SUBNET, {**inputs, "availabilityZoneId": "use1-az1"})
        assert (
            'Conflicting configuration arguments. "availability_zone": conflicts with '
            "availability_zone_id. Examine values at 'thing.availabilityZone'."
        ) in reasons
        assert '"availability_zone_id": conflicts with availability_zone' in reasons
        assert aws.reasons(SUBNET, inputs) == ""

    def test_a_type_of_the_plugin_framework_says_it_in_its_words(self, aws: EngineCalls) -> None:
        inputs: Object = {"securityGroupId": "sg-1", "ipProtocol": "-1"}
        every = "[cidr_ipv4,cidr_ipv6,prefix_list_id,referenced_security_group_id]"
        missing = aws.reasons(EGRESS_RULE, inputs)
        assert missing == (
            "Missing Attribute Configuration. Exactly one of these attributes must be "
            f"configured: {every}"
        )
        two = {**inputs, "cidrIpv4": ANYWHERE, "prefixListId": "pl-1"}
        assert aws.reasons(EGRESS_RULE, two).startswith("Invalid Attribute Combination.")
        assert aws.reasons(EGRESS_RULE, {**inputs, "cidrIpv4": ANYWHERE}) == ""

    @pytest.mark.parametrize(
        ("token", "inputs", "good", "said"),
        [
            (VPC, {"cidrBlock": "10.0.0.0/8"}, {"cidrBlock": "10.0.0.0/16"}, "between 16 and 28"),
            (VPC, {"cidrBlock": "10.0.0.1/16"}, {"cidrBlock": "10.0.0.0/16"}, "expected 10.0.0.0"),
            (VPC, {"cidrBlock": "ten"}, {"cidrBlock": "10.0.0.0/28"}, "invalid CIDR address"),
            (
                SUBNET,
                {"vpcId": "v", "cidrBlock": "10.0.0.1/24"},
                {"vpcId": "v", "cidrBlock": "10.0.0.0/24"},
                'did you mean "10.0.0.0/24"?',
            ),
            (SUBNET, {"vpcId": "v", "cidrBlock": "x"}, {"vpcId": "v"}, "not a valid IPv4 CIDR"),
            (SECURITY_GROUP, {"name": "sg-1"}, {"name": "a-sg-1"}, "cannot begin with sg-"),
            (
                INGRESS_RULE,
                {"securityGroupId": "s", "ipProtocol": "tcp", "cidrIpv4": ANYWHERE, "toPort": 1e5},
                {"securityGroupId": "s", "ipProtocol": "tcp", "cidrIpv4": ANYWHERE, "toPort": -1},
                "value must be between -1 and 65535, got: 100000",
            ),
        ],
    )
    def test_a_value_terraform_refuses_is_refused_at_check(
        self, aws: EngineCalls, token: str, inputs: Object, good: Object, said: str
    ) -> None:
        whole = {name: int(value) if value == 1e5 else value for name, value in inputs.items()}
        assert said in aws.reasons(token, whole)
        assert aws.reasons(token, good) == ""


class TestReplacing:
    def test_a_rule_with_a_source_of_another_kind_is_another_rule(self, aws: EngineCalls) -> None:
        inputs = rule(aws)
        made = aws.create(INGRESS_RULE, inputs)
        other = {name: value for name, value in inputs.items() if name != "cidrIpv4"}
        diff = aws.diff(made, {**other, "referencedSecurityGroupId": new_group(aws)})
        assert diff.replaces == ["cidrIpv4", "referencedSecurityGroupId"]
        assert not aws.diff(made, {**inputs, "cidrIpv4": "10.0.0.0/9"}).replaces

    def test_a_dedicated_vpc_becomes_shared_in_place(self, aws: EngineCalls) -> None:
        inputs = {"cidrBlock": "10.7.0.0/16", "instanceTenancy": "dedicated"}
        made = aws.create(VPC, inputs)
        diff = aws.diff(made, {**inputs, "instanceTenancy": "default"})
        assert diff.diffs == ["instanceTenancy"]
        assert not diff.replaces
        shared = aws.create(VPC, {"cidrBlock": "10.6.0.0/16"})
        assert aws.diff(
            shared, {"cidrBlock": "10.6.0.0/16", "instanceTenancy": "dedicated"}
        ).replaces

    def test_a_protocol_by_its_number_is_the_same(self, aws: EngineCalls) -> None:
        inputs = rule(aws)
        made = aws.create(INGRESS_RULE, inputs)
        assert not aws.diff(made, {**inputs, "ipProtocol": "6"}).changes
        assert aws.diff(made, {**inputs, "ipProtocol": "17"}).changes

    def test_minus_one_is_no_port(self, aws: EngineCalls) -> None:
        inputs = {"securityGroupId": new_group(aws), "ipProtocol": "-1", "cidrIpv4": ANYWHERE}
        made = aws.create(EGRESS_RULE, inputs)
        assert "fromPort" not in made.outputs
        assert not aws.diff(made, {**inputs, "fromPort": -1, "toPort": -1}).changes

    def test_port_zero_is_a_port(self, aws: EngineCalls) -> None:
        inputs = {**rule(aws), "fromPort": 0, "toPort": 65535}
        made = aws.create(INGRESS_RULE, inputs)
        assert made.outputs["fromPort"] == 0
        imported = aws.imported(INGRESS_RULE, made.resource_id)
        assert imported.inputs["fromPort"] == 0, "or the import would lose it"


class TestGroups:
    def rules(self, aws: EngineCalls, group: str) -> list[Any]:
        of_group = [{"Name": "group-id", "Values": [group]}]
        return ec2(aws).describe_security_group_rules(Filters=of_group)["SecurityGroupRules"]

    def test_a_new_group_allows_nothing(self, aws: EngineCalls) -> None:
        assert self.rules(aws, new_group(aws)) == [], "AWS's own rule for all egress is gone"

    def test_rules_of_their_own_are_no_drift_of_the_group(self, aws: EngineCalls) -> None:
        made = aws.create(SECURITY_GROUP, {"vpcId": network(aws).vpc})
        aws.create(INGRESS_RULE, {**rule(aws), "securityGroupId": made.resource_id})
        refreshed = aws.refreshed(made)
        (seen,) = refreshed.outputs["ingress"]
        assert seen["cidrBlocks"] == ["10.0.0.0/8"], "its state tells them all the same"
        assert "ingress" not in refreshed.inputs
        assert not aws.diff(refreshed, {"vpcId": network(aws).vpc}).changes

    def test_inline_rules_put_together_in_another_way_are_the_same(self, aws: EngineCalls) -> None:
        vpc = network(aws).vpc
        together = inline(443, cidrBlocks=["10.0.0.0/8", "172.16.0.0/12"])
        apart = [inline(443, cidrBlocks=["172.16.0.0/12"]), inline(443, cidrBlocks=["10.0.0.0/8"])]
        made = aws.create(SECURITY_GROUP, {"vpcId": vpc, "ingress": [together]})
        assert not aws.diff(made, {"vpcId": vpc, "ingress": apart}).changes
        assert aws.diff(made, {"vpcId": vpc, "ingress": apart[:1]}).diffs == ["ingress"]

    def test_only_what_changed_is_revoked_and_authorized(self, aws: EngineCalls) -> None:
        vpc = network(aws).vpc
        both = [inline(443, cidrBlocks=["10.0.0.0/8", "172.16.0.0/12"])]
        made = aws.create(SECURITY_GROUP, {"vpcId": vpc, "ingress": both})
        before = {one["CidrIpv4"]: one for one in self.rules(aws, made.resource_id)}
        one = [inline(443, cidrBlocks=["10.0.0.0/8"])]
        aws.update(made, {"vpcId": vpc, "ingress": one})
        (left,) = self.rules(aws, made.resource_id)
        kept = before["10.0.0.0/8"]["SecurityGroupRuleId"]
        assert left["SecurityGroupRuleId"] == kept, "traffic through it was never refused"

    def test_an_empty_list_takes_all_rules_away(self, aws: EngineCalls) -> None:
        vpc = network(aws).vpc
        made = aws.create(SECURITY_GROUP, {"vpcId": vpc, "ingress": [inline(443, self=True)]})
        assert not aws.diff(made, {"vpcId": vpc}).changes, "left out, they are AWS's business"
        aws.update(made, {"vpcId": vpc, "ingress": []})
        assert self.rules(aws, made.resource_id) == []

    def test_a_group_others_refer_to_goes_only_when_rules_are_revoked(
        self, aws: EngineCalls
    ) -> None:
        def referred(*, revoked: bool) -> Managed:
            inputs = {"vpcId": network(aws).vpc, "revokeRulesOnDelete": revoked}
            made = aws.create(SECURITY_GROUP, inputs)
            of_another = {**rule(aws), "referencedSecurityGroupId": made.resource_id}
            of_another.pop("cidrIpv4")
            aws.create(INGRESS_RULE, of_another)
            return made

        aws.timeout = 0.05
        with pytest.raises(ProviderError, match="DependencyViolation"):
            aws.delete(referred(revoked=False))
        gone = referred(revoked=True)
        aws.delete(gone)
        assert aws.read(gone) is None

    def test_the_default_group_is_taken_over_without_its_rules(self, aws: EngineCalls) -> None:
        vpc = new_vpc(aws)
        of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
        (own,) = ec2(aws).describe_security_groups(Filters=of_vpc)["SecurityGroups"]
        ec2(aws).create_tags(Resources=[own["GroupId"]], Tags=[{"Key": "By", "Value": "hand"}])
        made = aws.create(DEFAULT_SECURITY_GROUP, {"vpcId": vpc, "tags": {"Project": "a"}})
        assert made.resource_id == own["GroupId"], "AWS made it with the VPC"
        assert self.rules(aws, made.resource_id) == [], "it let everything out"
        assert made.outputs["tagsAll"] == {"Project": "a"}
        aws.delete(made)
        assert aws.read(made), "it goes with its VPC only"

    def test_a_vpc_that_is_not_there_has_no_default_group(self, aws: EngineCalls) -> None:
        with pytest.raises(ProviderError, match="creating Default Security Group: empty result"):
            aws.create(DEFAULT_SECURITY_GROUP, {"vpcId": "vpc-0123456789abcdef0"})


class TestRoutes:
    def test_an_association_with_another_table_has_another_id(self, aws: EngineCalls) -> None:
        inputs = {"subnetId": new_subnet(aws), "routeTableId": new_route_table(aws)}
        made = aws.create(ROUTE_TABLE_ASSOCIATION, inputs)
        changed = {**inputs, "routeTableId": new_route_table(aws)}
        updated = aws.update(made, changed)
        assert updated.outputs["routeTableId"] == changed["routeTableId"]
        refreshed = aws.refreshed(updated)
        assert refreshed.resource_id != made.resource_id, "EC2 gave it a new one"
        aws.delete(updated)
        assert aws.read(refreshed) is None, "it goes by its old id too"

    def test_a_table_tells_no_routes_it_was_not_given(self, aws: EngineCalls) -> None:
        made = aws.create(ROUTE_TABLE, {"vpcId": network(aws).vpc})
        assert made.outputs["routes"] == [], "the local route is EC2's own"

    @pytest.mark.parametrize(
        ("token", "identifier", "said"),
        [
            (ROUTE, "rtb-1", "expected ROUTETABLEID_DESTINATION"),
            (ROUTE_TABLE_ASSOCIATION, "subnet-1", "Use 'subnet ID/route table ID'"),
        ],
    )
    def test_an_import_id_of_the_wrong_form_says_the_right_one(
        self, aws: EngineCalls, token: str, identifier: str, said: str
    ) -> None:
        with pytest.raises(ProviderError, match=said):
            aws.imported(token, identifier)
