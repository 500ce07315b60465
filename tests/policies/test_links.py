"""Which resource an id means, also where the provider does not tell the id among the outputs."""

import pytest

from agentcore_policies.links import Links
from agentcore_policies.model import UNKNOWN, Resource, Stack, Value

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


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("aws-native:bedrockagentcore:Runtime", ["agentRuntimeId"]),
        ("aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime", ["agentRuntimeId", "id"]),
        ("aws-native:ec2:InternetGateway", ["internetGatewayId"]),
        ("aws-native:ec2:NatGateway", ["natGatewayId"]),
        ("aws-native:ec2:RouteTable", ["routeTableId"]),
        ("aws-native:ec2:SecurityGroup", ["groupId", "awsId"]),
        ("aws-native:ec2:Subnet", ["subnetId"]),
        (
            "aws-native:ec2:Vpc",
            ["vpcId", "defaultSecurityGroup", "defaultRouteTableId", "mainRouteTableId"],
        ),
        ("aws-native:ec2:VpcEndpoint", ["awsId"]),
        ("aws-native:iam:ManagedPolicy", ["policyArn"]),
        ("aws-native:iam:Role", ["arn", "roleName"]),
        *(
            (kind, ["id", "defaultSecurityGroupId", "defaultRouteTableId", "mainRouteTableId"])
            for kind in ("aws:ec2/defaultVpc:DefaultVpc", "aws:ec2/vpc:Vpc")
        ),
        ("aws:iam/policy:Policy", ["arn", "id"]),
        ("aws:iam/role:Role", ["arn", "name", "id"]),
    ],
)
def test_a_resource_is_meant_by_whatever_identifies_it(kind: str, names: list[str]) -> None:
    for name in names:
        one = Resource(type=kind, name="one", urn="urn::one", props={name: "x-1"})
        other = Resource(type=kind, name="other", urn="urn::other", props={name: "x-2"})
        user = Resource(type="any", name="user", urn="urn::user", props={"of": "x-1"})
        links = Links(Stack(name="dev", resources=[other, one, user]))
        assert links.of(user, [kind], "of").one is one, name
        assert links.is_id_of("x-1", [kind])
        assert not links.is_id_of("x-1", ["another"]), "it is the id of something else"
        assert not links.is_id_of("x-3", [kind])
        assert links.of(user, ["another"], "of").foreign == ["x-1"]
    nobody = Resource(type=kind, name="nobody", urn="urn::nobody", props={names[0]: ""})
    user = Resource(type="any", name="user", urn="urn::user", props={"of": ""})
    assert not Links(Stack(name="dev", resources=[nobody, user])).of(user, [kind], "of").found


def test_one_is_meant_where_nothing_else_may_be() -> None:
    first, second = vpc("a", id="vpc-1"), vpc("b", id="vpc-2")

    def one_of(*ids: Value) -> Resource | None:
        user = Resource(type="any", name="user", urn="urn::user", props={"of": ids})
        links = Links(Stack(name="dev", resources=[first, second, user]))
        return links.of(user, [VPC], "of").one

    assert one_of("vpc-1") is first
    assert one_of("vpc-1", "vpc-1") is first, "named twice it is one"
    for others in (("vpc-1", "vpc-2"), ("vpc-1", "vpc-9"), ("vpc-1", UNKNOWN), ()):
        assert one_of(*others) is None, others


def test_an_unknown_list_is_nothing_that_can_be_told() -> None:
    user = Resource(type="any", name="user", urn="urn::user", props={"of": UNKNOWN})
    links = Links(Stack(name="dev", resources=[vpc("a", id="vpc-1"), user]))
    assert not links.of_list(user, [VPC], "of").is_whole
    assert links.of_list(user, [VPC], "of").found == ()
    named = Resource(type="any", name="user", urn="urn::user", props={"of": ["vpc-1"]})
    links = Links(Stack(name="dev", resources=[vpc("a", id="vpc-1"), named]))
    assert [one.name for one in links.of_list(named, [VPC], "of").found] == ["a"]


def linked(values: list[Value], *depends_on: str, **ids: Value) -> tuple[list[str], bool]:
    resources = [vpc(name, id=value) for name, value in ids.items()]
    user = Resource(
        type="any",
        name="user",
        urn="urn::user",
        props={"of": values},
        dependencies={"of": [f"urn::{name}" for name in depends_on]},
    )
    found = Links(Stack(name="dev", resources=[*resources, user])).of(user, [VPC], "of")
    return [one.name for one in found.found], found.is_whole


def test_an_unknown_id_is_of_the_one_that_no_known_id_names() -> None:
    ids = {"a": "vpc-1", "b": UNKNOWN}
    assert linked(["vpc-1", UNKNOWN], "a", "b", **ids) == (["a", "b"], True)
    assert linked(["vpc-1", UNKNOWN], "a", **ids) == (["a"], False)


def test_an_id_that_two_tell_is_of_the_first() -> None:
    assert linked(["vpc-1"], a="vpc-1", b="vpc-1") == (["a"], True)


def test_what_is_no_id_is_nobodys() -> None:
    for nothing in ("", ["vpc-1"], None, UNKNOWN):
        assert linked([""], a=nothing) == ([], True)
