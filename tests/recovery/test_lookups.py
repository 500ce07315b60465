import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest.mock import Mock

import pytest

from recovery.lookups import IDENTITY_TAG, LOOKUPS, CannotTellError, Inputs, Owner, Thing, find
from tests.emulator.aws.cloud import ENDPOINT, Cloud

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": []})
LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "imageCountMoreThan",
                    "countNumber": 1,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)

Made = tuple[dict[str, Any], Thing]


def repository(cloud: Cloud) -> Made:
    cloud.ecr.create_repository(repositoryName="a/b", tags=[{"Key": "Project", "Value": "p"}])
    return {"name": "a/b"}, Thing("a/b", {"Project": "p"})


def lifecycle_policy(cloud: Cloud) -> Made:
    cloud.ecr.create_repository(repositoryName="a/b")
    cloud.ecr.put_lifecycle_policy(repositoryName="a/b", lifecyclePolicyText=LIFECYCLE)
    owner = Owner("aws:ecr/repository:Repository", "a/b")
    return {"repository": "a/b"}, Thing("a/b", owner=owner)


def repository_policy(cloud: Cloud) -> Made:
    cloud.ecr.create_repository(repositoryName="a/b")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.ecr.set_repository_policy(repositoryName="a/b", policyText=document)
    owner = Owner("aws:ecr/repository:Repository", "a/b")
    return {"repository": "a/b"}, Thing("a/b", owner=owner)


def role(cloud: Cloud) -> Made:
    cloud.role("r", Tags=[{"Key": "Project", "Value": "p"}])
    return {"name": "r"}, Thing("r", {"Project": "p"})


def role_policy(cloud: Cloud) -> Made:
    cloud.role("r")
    found = Thing("r:permissions", owner=Owner("aws:iam/role:Role", "r"))
    return {"role": "r", "name": "permissions"}, found


def role_policy_attachment(cloud: Cloud) -> Made:
    cloud.role("r")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    cloud.iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    found = Thing(f"r/{arn}", owner=Owner("aws:iam/role:Role", "r"))
    return {"role": "r", "policyArn": arn}, found


def policy(cloud: Cloud) -> Made:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    made = cloud.iam.create_policy(
        PolicyName="p",
        Path="/agents/",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        Tags=[{"Key": "Project", "Value": "p"}],
    )
    found = Thing(made["Policy"].get("Arn", ""), {"Project": "p"})
    return {"name": "p", "path": "/agents/"}, found


def key(cloud: Cloud) -> Made:
    tags = {IDENTITY_TAG: "urn"}
    kms = cloud.client("kms")
    kms.create_key(Tags=[{"TagKey": IDENTITY_TAG, "TagValue": "another's"}])
    made = kms.create_key(Tags=[{"TagKey": IDENTITY_TAG, "TagValue": "urn"}])["KeyMetadata"]
    return {"tagsAll": tags}, Thing(made["KeyId"], tags, created=made["CreationDate"])


def alias(cloud: Cloud) -> Made:
    kms = cloud.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)
    return {"name": "alias/a"}, Thing("alias/a", owner=Owner("aws:kms/key:Key", key_id))


def tagged(kind: str, identity: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": IDENTITY_TAG, "Value": identity}]}]


def new_vpc(ec2: Any) -> str:
    """The one that holds all of a test, since an account has few."""
    return ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def ours(make: Callable[[str], str], *more: tuple[str, Any]) -> Made:
    """The thing with the tag, made after one that has another's."""
    others, made = make("others"), make("urn")
    assert others != made
    return {"tagsAll": {IDENTITY_TAG: "urn"}, **dict(more)}, Thing(made, {IDENTITY_TAG: "urn"})


def vpc(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")

    def make(identity: str) -> str:
        tags = tagged("vpc", identity)
        return ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]

    return ours(make)


def free_block(ec2: Any) -> str:
    taken = {one["CidrBlock"] for one in ec2.describe_subnets()["Subnets"]}
    return next(block for n in range(256) if (block := f"10.0.{n}.0/24") not in taken)


def subnet(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    place = new_vpc(ec2)

    def make(identity: str) -> str:
        made = ec2.create_subnet(
            VpcId=place, CidrBlock=free_block(ec2), TagSpecifications=tagged("subnet", identity)
        )
        return made["Subnet"]["SubnetId"]

    return ours(make)


def internet_gateway(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")

    def make(identity: str) -> str:
        made = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", identity))
        return made["InternetGateway"]["InternetGatewayId"]

    return ours(make)


def address(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")

    def make(identity: str) -> str:
        tags = tagged("elastic-ip", identity)
        return ec2.allocate_address(Domain="vpc", TagSpecifications=tags)["AllocationId"]

    return ours(make)


def new_subnet(ec2: Any) -> str:
    made = ec2.create_subnet(VpcId=new_vpc(ec2), CidrBlock=free_block(ec2))
    return made["Subnet"]["SubnetId"]


def nat_gateway(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    place = new_subnet(ec2)

    def make(identity: str) -> str:
        made = ec2.create_nat_gateway(
            SubnetId=place,
            ConnectivityType="private",
            TagSpecifications=tagged("natgateway", identity),
        )
        return made["NatGateway"]["NatGatewayId"]

    inputs, made = ours(make)
    (told,) = ec2.describe_nat_gateways(NatGatewayIds=[made.id])["NatGateways"]
    return inputs, Thing(made.id, made.tags, created=told["CreateTime"])


def route_table(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    place = new_vpc(ec2)

    def make(identity: str) -> str:
        made = ec2.create_route_table(
            VpcId=place, TagSpecifications=tagged("route-table", identity)
        )
        return made["RouteTable"]["RouteTableId"]

    return ours(make)


def route_table_association(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    place = new_subnet(ec2)
    (told,) = ec2.describe_subnets(SubnetIds=[place])["Subnets"]
    table = ec2.create_route_table(VpcId=told["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(SubnetId=place, RouteTableId=table)
    found = Thing(f"{place}/{table}", owner=Owner("aws:ec2/subnet:Subnet", place))
    return {"subnetId": place}, found


def route(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    place = new_vpc(ec2)
    table = ec2.create_route_table(VpcId=place)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=place)
    anywhere = "0.0.0.0/0"
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=anywhere, GatewayId=gateway)
    found = Thing(f"{table}_{anywhere}", owner=Owner("aws:ec2/routeTable:RouteTable", table))
    return {"routeTableId": table, "destinationCidrBlock": anywhere}, found


def security_group(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    place = new_vpc(ec2)

    def make(identity: str) -> str:
        return ec2.create_security_group(
            GroupName=f"{identity}-{place}",
            Description="a",
            VpcId=place,
            TagSpecifications=tagged("security-group", identity),
        )["GroupId"]

    return ours(make)


def default_security_group(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")

    def make(identity: str) -> str:
        of_vpc = [{"Name": "vpc-id", "Values": [new_vpc(ec2)]}]
        (group,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
        tags = [{"Key": IDENTITY_TAG, "Value": identity}]
        ec2.create_tags(Resources=[group["GroupId"]], Tags=tags)
        return group["GroupId"]

    return ours(make)


def new_group(ec2: Any) -> str:
    return ec2.create_security_group(GroupName="a", Description="a", VpcId=new_vpc(ec2))["GroupId"]


def https(cidr: str) -> list[dict[str, Any]]:
    ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    return [{**ports, "IpRanges": [{"CidrIp": cidr}]}]


def rule(direction: str) -> Callable[[Cloud], Made]:
    def made(cloud: Cloud) -> Made:
        ec2 = cloud.client("ec2")
        group = new_group(ec2)
        authorize = getattr(ec2, f"authorize_security_group_{direction}")

        def make(identity: str) -> str:
            rules = authorize(
                GroupId=group,
                IpPermissions=https(f"10.{len(identity)}.0.0/16"),
                TagSpecifications=tagged("security-group-rule", identity),
            )
            return rules["SecurityGroupRules"][0]["SecurityGroupRuleId"]

        return ours(make, ("securityGroupId", group))

    return made


def vpc_endpoint(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    vpc = new_vpc(ec2)
    others, ours = (
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName="com.amazonaws.us-east-1.s3",
            VpcEndpointType="Gateway",
            TagSpecifications=tagged("vpc-endpoint", identity),
        )["VpcEndpoint"]
        for identity in ("another's", "urn")
    )
    assert others["VpcEndpointId"] != ours["VpcEndpointId"]
    tags, created = {IDENTITY_TAG: "urn"}, ours["CreationTimestamp"]
    return {"tagsAll": tags}, Thing(ours["VpcEndpointId"], tags, created=created)


def flow_log(cloud: Cloud) -> Made:
    ec2 = cloud.client("ec2")
    vpc = new_vpc(ec2)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role: Any = cloud.iam.create_role(RoleName=f"of-{vpc}", AssumeRolePolicyDocument=trust)
    place = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:"
    made = [
        ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestination=f"{place}{identity}",
            DeliverLogsPermissionArn=role["Role"]["Arn"],
            TagSpecifications=tagged("vpc-flow-log", identity),
        )["FlowLogIds"][0]
        for identity in ("others", "urn")
    ]
    described = ec2.describe_flow_logs(FlowLogIds=made[1:])["FlowLogs"][0]
    tags = {IDENTITY_TAG: "urn"}
    return {"tagsAll": tags}, Thing(made[1], tags, created=described["CreationTime"])


def log_group(cloud: Cloud) -> Made:
    logs = cloud.client("logs")
    for name in ("/flow", "/flow-logs"):
        logs.create_log_group(logGroupName=name, tags={"Project": "p"})
    return {"name": "/flow"}, Thing("/flow", {"Project": "p"})


def runtime(cloud: Cloud) -> Made:
    tags = {"Project": "p"}
    made = cloud.create(cloud.prepared().runtime(AgentRuntimeName="a_b", Tags=tags))
    return {"agentRuntimeName": "a_b"}, Thing(made, tags)


def runtime_endpoint(cloud: Cloud) -> Made:
    made = cloud.create(cloud.prepared().runtime(AgentRuntimeName="a_b"))
    arn = cloud.create({"AgentRuntimeId": made, "Name": "live"}, ENDPOINT)
    owner = Owner("aws-native:bedrockagentcore:Runtime", made)
    return {"agentRuntimeId": made, "name": "live"}, Thing(arn, owner=owner)


MAKERS: dict[str, Callable[[Cloud], Made]] = {
    "aws:ecr/repository:Repository": repository,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecycle_policy,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": repository_policy,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": role_policy_attachment,
    "aws:iam/policy:Policy": policy,
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/internetGateway:InternetGateway": internet_gateway,
    "aws:ec2/eip:Eip": address,
    "aws:ec2/natGateway:NatGateway": nat_gateway,
    "aws:ec2/routeTable:RouteTable": route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": route_table_association,
    "aws:ec2/route:Route": route,
    "aws:ec2/securityGroup:SecurityGroup": security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("egress"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpc_endpoint,
    "aws:ec2/flowLog:FlowLog": flow_log,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws-native:bedrockagentcore:Runtime": runtime,
    "aws-native:bedrockagentcore:RuntimeEndpoint": runtime_endpoint,
}


def test_every_look_up_is_tried() -> None:
    assert MAKERS.keys() == LOOKUPS.keys()


def another(value: Any) -> Any:
    """Of the same form, and nothing is called so."""
    if isinstance(value, dict):
        return {IDENTITY_TAG: "nobody's"}
    return f"{value[:-1]}{'a' if value[-1] != 'a' else 'b'}"


@pytest.mark.parametrize("kind", MAKERS)
def test_a_thing_is_found_where_it_is_and_not_where_it_is_not(kind: str, cloud: Cloud) -> None:
    inputs, made = MAKERS[kind](cloud)
    clients = cache(cloud.client)
    assert find(LOOKUPS[kind], Inputs(inputs), clients) == [made]
    others = {name: another(value) for name, value in inputs.items()}
    assert find(LOOKUPS[kind], Inputs(others), clients) == []


UNNAMED = [kind for kind in MAKERS if not LOOKUPS[kind].named]
DATED = [
    "aws:kms/key:Key",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/flowLog:FlowLog",
]
"""Of which AWS tells when they were made."""


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind not in UNNAMED])
def test_what_waits_for_another_resource_cannot_exist_yet(kind: str) -> None:
    names = ("name", "repository", "role", "policyArn", "agentRuntimeName", "agentRuntimeId")
    names += ("subnetId", "routeTableId")
    unknown = Inputs(dict.fromkeys(names, UNKNOWN))
    assert find(LOOKUPS[kind], unknown, Mock()) == []


def test_a_key_on_its_way_out_does_not_count(cloud: Cloud) -> None:
    inputs, made = key(cloud)
    cloud.client("kms").schedule_key_deletion(KeyId=made.id)
    assert find(LOOKUPS["aws:kms/key:Key"], Inputs(inputs), cloud.client) == []


@pytest.mark.parametrize("kind", DATED)
def test_of_things_with_one_tag_the_newest_comes_first(kind: str, cloud: Cloud) -> None:
    inputs, first = MAKERS[kind](cloud)
    _, second = MAKERS[kind](cloud)
    found = find(LOOKUPS[kind], Inputs(inputs), cloud.client)
    assert {thing.id for thing in found} == {first.id, second.id}
    made = [thing.created for thing in found if thing.created]
    assert made == sorted([one.created for one in (first, second) if one.created], reverse=True)
    assert len(made) == len(found)
    assert all(moment <= datetime.now(UTC) for moment in made)


@pytest.mark.parametrize("kind", UNNAMED)
def test_a_thing_without_identity_tag_cannot_be_told_from_others(kind: str, cloud: Cloud) -> None:
    with pytest.raises(CannotTellError, match=IDENTITY_TAG):
        find(LOOKUPS[kind], Inputs({"tagsAll": {"Project": "p"}}), cloud.client)


WANTED: dict[str, Any] = {
    "tagsAll": {IDENTITY_TAG: "urn"},
    "ipProtocol": "tcp",
    "fromPort": 443.0,
    "toPort": 443.0,
    "cidrIpv4": "10.0.0.0/8",
}
INGRESS = LOOKUPS["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"]


class TestRulesWithoutTags:
    def found(self, cloud: Cloud, cidr: str) -> tuple[str, str, list[Thing]]:
        ec2 = cloud.client("ec2")
        group = new_group(ec2)
        made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=https(cidr))
        rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        inputs = Inputs({**WANTED, "securityGroupId": group})
        return group, rule, find(INGRESS, inputs, cloud.client)

    def test_one_that_says_the_same_was_made_by_a_killed_creation(self, cloud: Cloud) -> None:
        group, rule, found = self.found(cloud, "10.0.0.0/8")
        owner = Owner("aws:ec2/securityGroup:SecurityGroup", group)
        assert found == [Thing(rule, {}, owner=owner)], "it is the stack's if the group is"

    def test_one_that_says_something_else_is_another(self, cloud: Cloud) -> None:
        assert self.found(cloud, "10.0.0.0/9")[2] == []

    def test_one_with_a_tag_of_another_is_another(self, cloud: Cloud) -> None:
        group, rule, _ = self.found(cloud, "10.0.0.0/8")
        tags = [{"Key": IDENTITY_TAG, "Value": "another's"}]
        cloud.client("ec2").create_tags(Resources=[rule], Tags=tags)
        inputs = Inputs({**WANTED, "securityGroupId": group})
        assert find(INGRESS, inputs, cloud.client) == []


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("pending", ["busy"]),
        ("available", []),
        ("failed", ["broken"]),
        ("deleting", None),
        ("deleted", None),
    ],
)
def test_an_endpoint_says_how_far_it_is(state: str, told: list[str] | None) -> None:
    answered = Mock()
    endpoint: dict[str, Any] = {"VpcEndpointId": "vpce-1", "State": state, "Tags": []}
    pages = [{"VpcEndpoints": [{**endpoint, "CreationTimestamp": datetime.now(UTC)}]}]
    answered.get_paginator.return_value.paginate.return_value = pages
    inputs = Inputs({"tagsAll": {IDENTITY_TAG: "urn"}})
    found = find(LOOKUPS["aws:ec2/vpcEndpoint:VpcEndpoint"], inputs, lambda _service: answered)
    assert [[word for word in ("busy", "broken") if getattr(one, word)] for one in found] == (
        [] if told is None else [told]
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("CREATING", ["busy"]),
        ("UPDATING", ["busy"]),
        ("DELETING", ["busy"]),
        ("READY", []),
        ("UPDATE_FAILED", []),
        ("CREATE_FAILED", ["broken"]),
    ],
)
def test_what_the_service_still_works_on_is_busy(status: str, told: list[str]) -> None:
    answered = Mock()
    summary = {"agentRuntimeName": "a", "agentRuntimeId": "a-1", "agentRuntimeArn": "arn"}
    pages = [{"agentRuntimes": [{**summary, "status": status}]}]
    answered.get_paginator.return_value.paginate.return_value = pages
    answered.list_tags_for_resource.return_value = {"tags": {}}
    answered.get_agent_runtime_endpoint.return_value = {
        "agentRuntimeEndpointArn": "arn/live",
        "status": status,
    }
    inputs = Inputs({"agentRuntimeName": "a", "agentRuntimeId": "a-1", "name": "live"})
    for kind in ("Runtime", "RuntimeEndpoint"):
        lookup = LOOKUPS[f"aws-native:bedrockagentcore:{kind}"]
        (found,) = find(lookup, inputs, lambda _service: answered)
        assert [word for word in ("busy", "broken") if getattr(found, word)] == told, kind
