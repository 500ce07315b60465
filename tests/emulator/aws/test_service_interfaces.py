"""AgentCore's network interfaces: shared by all runtimes with the same network, and slow to go."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import ENDPOINT, Cloud, JsonObject, ask, code_of

ROLE = "AWSServiceRoleForBedrockAgentCoreNetwork"


class VpcMode:
    """An account with a network, in which runtimes can be created."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.ec2: Any = cloud.client("ec2")
        self.subnet, self.group = cloud.network()
        found = self.ec2.describe_subnets(SubnetIds=[self.subnet])["Subnets"][0]
        self.vpc: str = found["VpcId"]
        self.other = self.ec2.create_subnet(
            VpcId=self.vpc, CidrBlock="10.0.1.0/24", AvailabilityZoneId="use1-az2"
        )["Subnet"]["SubnetId"]

    def network(self, *subnets: str, groups: tuple[str, ...] = ()) -> JsonObject:
        config = {"Subnets": [*subnets], "SecurityGroups": [*(groups or (self.group,))]}
        return {"NetworkMode": "VPC", "NetworkModeConfig": config}

    def create(self, *subnets: str, name: str = "assistant", groups: tuple[str, ...] = ()) -> str:
        network = self.network(*(subnets or (self.subnet,)), groups=groups)
        return self.cloud.create(
            self.cloud.runtime(AgentRuntimeName=name, NetworkConfiguration=network)
        )

    def move(self, runtime: str, network: JsonObject) -> None:
        change = {"op": "replace", "path": "/NetworkConfiguration", "value": network}
        self.cloud.update(runtime, [change])

    def interfaces(self) -> list[dict[str, Any]]:
        return self.ec2.describe_network_interfaces(
            Filters=[{"Name": "tag:AmazonBedrockAgentCoreManaged", "Values": ["true"]}]
        )["NetworkInterfaces"]

    def subnets(self) -> list[str]:
        return sorted(one["SubnetId"] for one in self.interfaces())

    def free(self, subnet: str) -> int:
        found = self.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
        return found[0]["AvailableIpAddressCount"]

    def another_group(self, name: str = "others") -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
        return made["GroupId"]

    def refused(self, operation: str, **options: Any) -> str:
        with pytest.raises(ClientError) as refused:
            getattr(self.ec2, operation)(**options)
        return code_of(refused.value)


@pytest.fixture
def in_vpc(ready: Cloud) -> VpcMode:
    return VpcMode(ready)


def test_a_runtime_has_an_interface_in_each_subnet_that_only_the_service_manages(
    in_vpc: VpcMode,
) -> None:
    before = in_vpc.free(in_vpc.subnet)
    in_vpc.create(in_vpc.subnet, in_vpc.other)
    assert in_vpc.subnets() == sorted([in_vpc.subnet, in_vpc.other])
    assert in_vpc.free(in_vpc.subnet) == before - 1, "it takes an address"
    interface = next(one for one in in_vpc.interfaces() if one["SubnetId"] == in_vpc.subnet)
    assert interface["PrivateIpAddress"] == "10.0.0.4", "the first address that EC2 gives"
    assert "Association" not in interface, "there is no public address"
    assert [one["GroupId"] for one in interface["Groups"]] == [in_vpc.group]
    assert {
        name: interface[name]
        for name in ("Description", "InterfaceType", "OwnerId", "RequesterManaged", "Status")
    } == {
        "Description": "",
        "InterfaceType": "agentic_ai",
        "OwnerId": in_vpc.cloud.account,
        "RequesterManaged": True,
        "Status": "in-use",
    }
    attachment = interface["Attachment"]
    assert attachment["AttachmentId"].startswith("ela-attach-")
    assert (attachment["InstanceOwnerId"], attachment["Status"]) == ("amazon-aws", "attached")
    identifier = interface["NetworkInterfaceId"]
    assert (
        in_vpc.refused("delete_network_interface", NetworkInterfaceId=identifier)
        == "InvalidParameterValue"
    )
    assert (
        in_vpc.refused(
            "detach_network_interface", AttachmentId=attachment["AttachmentId"], Force=True
        )
        == "OperationNotPermitted"
    )


def test_runtimes_with_the_same_subnets_and_groups_share_interfaces(in_vpc: VpcMode) -> None:
    groups = (in_vpc.group, in_vpc.another_group())
    first = in_vpc.create(name="first", groups=groups)
    shared = in_vpc.interfaces()
    second = in_vpc.create(name="second", groups=(groups[1], groups[0]))
    assert in_vpc.interfaces() == shared, "the order of the groups is no difference"
    in_vpc.create(name="third")
    assert len(in_vpc.interfaces()) == 2, "other groups need another one"
    in_vpc.cloud.delete(first)
    assert len(in_vpc.interfaces()) == 2, "the second runtime still uses it"
    in_vpc.cloud.delete(second)
    (left,) = in_vpc.interfaces()
    assert [one["GroupId"] for one in left["Groups"]] == [in_vpc.group]


def test_interfaces_follow_a_changed_network(in_vpc: VpcMode) -> None:
    runtime = in_vpc.create()
    in_vpc.move(runtime, in_vpc.network(in_vpc.other))
    assert in_vpc.subnets() == [in_vpc.other]
    in_vpc.move(runtime, {"NetworkMode": "PUBLIC"})
    assert not in_vpc.interfaces()
    in_vpc.move(runtime, in_vpc.network(in_vpc.subnet))
    assert in_vpc.subnets() == [in_vpc.subnet]


def test_a_version_that_an_endpoint_serves_keeps_its_interfaces(in_vpc: VpcMode) -> None:
    runtime = in_vpc.create()
    live = in_vpc.cloud.create({"AgentRuntimeId": runtime, "Name": "live"}, ENDPOINT)
    in_vpc.move(runtime, {"NetworkMode": "PUBLIC"})
    assert in_vpc.subnets() == [in_vpc.subnet], "version 1 is served"
    in_vpc.cloud.delete(live, ENDPOINT)
    assert not in_vpc.interfaces()


def test_the_first_use_of_a_vpc_makes_the_service_linked_role(in_vpc: VpcMode) -> None:
    iam = in_vpc.cloud.iam

    def roles() -> list[str]:
        return [role["RoleName"] for role in iam.list_roles()["Roles"]]

    runtime = in_vpc.cloud.create(in_vpc.cloud.runtime())
    assert ROLE not in roles(), "PUBLIC mode needs none"
    in_vpc.move(runtime, in_vpc.network(in_vpc.subnet))
    assert iam.get_role(RoleName=ROLE)["Role"]["Path"] == (
        "/aws-service-role/network.bedrock-agentcore.amazonaws.com/"
    )
    with pytest.raises(ClientError) as refused:
        iam.delete_role(RoleName=ROLE)
    assert code_of(refused.value) == "UnmodifiableEntity"
    iam.delete_service_linked_role(RoleName=ROLE)
    assert ROLE not in roles()


def test_lingering_interfaces_hold_the_network_until_they_are_released(in_vpc: VpcMode) -> None:
    group = in_vpc.another_group()
    in_vpc.cloud.fault(fault="lingeringInterfaces")
    faults = f"{in_vpc.cloud.url}/_emulator/faults/{in_vpc.cloud.account}"
    assert ask("GET", faults)["faults"][0]["seconds"] == 8 * 3600
    in_vpc.cloud.delete(in_vpc.create(in_vpc.other, groups=(group,)))
    assert in_vpc.subnets() == [in_vpc.other], "the runtime is gone, its interface is not"
    deletions = (
        ("delete_security_group", {"GroupId": group}),
        ("delete_subnet", {"SubnetId": in_vpc.other}),
    )
    for operation, options in deletions:
        assert in_vpc.refused(operation, **options) == "DependencyViolation", operation
    assert in_vpc.refused("delete_vpc", VpcId=in_vpc.vpc) == "DependencyViolation"
    ask("DELETE", faults)
    for operation, options in deletions:
        getattr(in_vpc.ec2, operation)(**options)
    in_vpc.ec2.delete_subnet(SubnetId=in_vpc.subnet)
    in_vpc.ec2.delete_security_group(GroupId=in_vpc.group)
    in_vpc.ec2.delete_vpc(VpcId=in_vpc.vpc)


def test_lingering_ends_by_itself_and_a_new_runtime_takes_what_lingers(in_vpc: VpcMode) -> None:
    in_vpc.cloud.fault(fault="lingeringInterfaces", seconds=3600)
    in_vpc.cloud.delete(in_vpc.create())
    (lingering,) = in_vpc.interfaces()
    again = in_vpc.create()
    assert in_vpc.interfaces() == [lingering]
    in_vpc.cloud.fault(fault="lingeringInterfaces", seconds=0.2)
    in_vpc.cloud.delete(again)
    assert in_vpc.interfaces() == [lingering]
    while in_vpc.interfaces():
        pass  # a fifth of a second


def test_lingering_concerns_one_account(in_vpc: VpcMode, aws_url: str) -> None:
    Cloud(aws_url, "131313131313").fault(fault="lingeringInterfaces")
    in_vpc.cloud.delete(in_vpc.create())
    assert not in_vpc.interfaces()
