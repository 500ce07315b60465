from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from teardown.held_network import (
    GROUP,
    SUBNET,
    VPC,
    held_by_service,
    kept_with,
    named,
    used_by_agents,
)
from teardown.teardown_error import TeardownError
from tests.emulator.aws.cloud import Cloud
from tests.teardown.conftest import (
    COMPONENT,
    PROVIDER,
    STACK,
    FakeAws,
    interface,
    network,
    runtime,
    state_of,
    urn_of,
)

OURS = (urn_of(SUBNET, "net-a"), urn_of(GROUP, "net-agents"))


def test_what_ec2_refuses_to_delete_is_held_until_it_does_not(ready: Cloud) -> None:
    subnet, group = ready.network()
    ec2 = ready.client("ec2")
    state = state_of(*network(subnet, group))

    def look() -> Any:
        return held_by_service(state, lambda service, _: ready.client(service))

    assert not look().interfaces, "nobody is there yet"
    # Another's interface does not keep the service's company.
    other = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]
    assert not look().interfaces, "what the user made, the user can delete"
    ec2.delete_network_interface(NetworkInterfaceId=other["NetworkInterfaceId"])

    ready.fault(fault="lingeringInterfaces")
    mode = {"Subnets": [subnet], "SecurityGroups": [group]}
    agent = ready.create(
        ready.runtime(NetworkConfiguration={"NetworkMode": "VPC", "NetworkModeConfig": mode})
    )
    running = look()
    assert running.urns == OURS
    ready.delete(agent)
    assert look() == running, "the same interfaces, after the last agent"
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=subnet)
    ready.fault(fault="lingeringInterfaces", seconds=0)
    assert not look().interfaces
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=group)


TAGGED = [{"Key": "AmazonBedrockAgentCoreManaged", "Value": "true"}]


@pytest.mark.parametrize(
    ("kind", "tags", "counts"),
    [
        ("agentic_ai", [], True),
        ("interface", TAGGED, True),
        ("interface", [], False),
        ("vpc_endpoint", [{"Key": "AmazonBedrockAgentCoreManaged", "Value": "false"}], False),
    ],
)
def test_the_services_interfaces_are_told_by_type_or_tag(
    kind: str, tags: list[dict[str, str]], *, counts: bool
) -> None:
    aws = FakeAws([interface(kind=kind, TagSet=tags)])
    held = held_by_service(state_of(*network()), aws.client)
    assert held.interfaces == (("eni-subnet-1",) if counts else ())
    assert held.urns == (OURS if counts else ())


def test_in_somebody_elses_subnet_the_stacks_group_is_held() -> None:
    aws = FakeAws([interface(subnet="subnet-theirs")])
    held = held_by_service(state_of(*network()), aws.client)
    assert held.urns == (urn_of(GROUP, "net-agents"),), "the state has no such subnet"


def test_only_what_is_asked_for_is_looked_at() -> None:
    state = state_of(*network())
    aws = FakeAws([interface()])
    assert held_by_service(state, aws.client, among=[OURS[0]]).urns == OURS
    assert held_by_service(state, aws.client, among=[]).interfaces == ()


def test_what_agents_of_the_state_use_will_be_held() -> None:
    assert used_by_agents(state_of(*network(), runtime())) == OURS
    assert used_by_agents(state_of(*network(), runtime("subnet-2", "sg-2"))) == ()
    public = {**runtime(), "inputs": {"networkConfiguration": {"networkMode": "PUBLIC"}}}
    assert used_by_agents(state_of(*network(), public)) == ()


def test_what_is_held_keeps_all_it_stands_on() -> None:
    kept = kept_with(state_of(*network()), [OURS[0]])
    assert {record["urn"] for record in kept} == {
        OURS[0],
        urn_of(VPC, "net"),
        COMPONENT,
        PROVIDER,
        STACK,
    }, "neither the group nor the endpoint"
    assert named(kept) == "vpc-1, subnet-1", "what AWS has of it"


def test_an_aws_that_does_not_answer_is_one_message() -> None:
    def gone(_service: str, _region: str | None) -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(TeardownError, match="AWS cannot be asked: Could not connect"):
        held_by_service(state_of(*network()), gone)
    assert not held_by_service(state_of(), gone).interfaces, "nothing to ask for"
