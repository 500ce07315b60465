"""Which resource an id means, also where the provider does not tell the id among the outputs."""

import pytest

from agentcore_policies.links import Links
from agentcore_policies.model import Resource, Stack, Value

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"


def vpc(name: str, **props: Value) -> Resource:
    return Resource(type=VPC, name=name, urn=f"urn::{name}", props=props)


def subnet(vpc_id: str, *depends_on: str) -> Resource:
    return Resource(
        type=SUBNET,
        name="subnet",
        urn="urn::subnet",
        props={"vpcId": vpc_id},
        dependencies={"vpcId": [f"urn::{name}" for name in depends_on]},
    )


def meant(*resources: Resource) -> tuple[list[str], list[str]]:
    found = Links(Stack(name="dev", resources=resources)).of(resources[-1], [VPC], "vpcId")
    return [one.name for one in found.found], list(found.foreign)


def test_an_id_that_is_told_is_whose_it_is() -> None:
    assert meant(vpc("a", id="vpc-1"), vpc("b", id="vpc-2"), subnet("vpc-2")) == (["b"], [])


def test_an_id_that_nobody_tells_is_of_the_one_it_depends_on() -> None:
    assert meant(vpc("a"), vpc("b"), subnet("vpc-2", "b")) == (["b"], [])


@pytest.mark.parametrize(
    "resources",
    [
        (vpc("a"), subnet("vpc-9")),
        (vpc("a", id="vpc-1"), subnet("vpc-9", "a")),
        (vpc("a"), vpc("b"), subnet("vpc-9", "a", "b")),
    ],
    ids=["depends on nothing", "depends on one of another id", "may be of either"],
)
def test_an_id_that_may_be_another_stacks_is_foreign(resources: tuple[Resource, ...]) -> None:
    assert meant(*resources) == ([], ["vpc-9"])
