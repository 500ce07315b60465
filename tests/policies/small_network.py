"""A runtime in VPC mode with all it needs, in the resources of either provider."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from agentcore_policies.model import UNKNOWN, Resource
from tests.policies.judged import resource, urn

ACCOUNT: Final = "222222222222"
RUNTIME_NAME: Final = "support_agent"
SUBNET_BLOCKS: Final = {"use1-az1": "10.0.0.0/24", "use1-az2": "10.0.128.0/24"}
"""The subnets, by zone."""

AWS: Final = {
    "association": "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "default group": "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "egress": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "endpoint": "aws:ec2/vpcEndpoint:VpcEndpoint",
    "flow log": "aws:ec2/flowLog:FlowLog",
    "group": "aws:ec2/securityGroup:SecurityGroup",
    "ingress": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "internet gateway": "aws:ec2/internetGateway:InternetGateway",
    "nat gateway": "aws:ec2/natGateway:NatGateway",
    "role": "aws:iam/role:Role",
    "role policy": "aws:iam/rolePolicy:RolePolicy",
    "route": "aws:ec2/route:Route",
    "runtime": "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
    "subnet": "aws:ec2/subnet:Subnet",
    "table": "aws:ec2/routeTable:RouteTable",
    "vpc": "aws:ec2/vpc:Vpc",
}
NATIVE: Final = {
    **AWS,  # there is no default group among aws-native's types
    "association": "aws-native:ec2:SubnetRouteTableAssociation",
    "egress": "aws-native:ec2:SecurityGroupEgress",
    "endpoint": "aws-native:ec2:VpcEndpoint",
    "flow log": "aws-native:ec2:FlowLog",
    "group": "aws-native:ec2:SecurityGroup",
    "ingress": "aws-native:ec2:SecurityGroupIngress",
    "internet gateway": "aws-native:ec2:InternetGateway",
    "nat gateway": "aws-native:ec2:NatGateway",
    "role": "aws-native:iam:Role",
    "role policy": "aws-native:iam:RolePolicy",
    "route": "aws-native:ec2:Route",
    "runtime": "aws-native:bedrockagentcore:Runtime",
    "subnet": "aws-native:ec2:Subnet",
    "table": "aws-native:ec2:RouteTable",
    "vpc": "aws-native:ec2:Vpc",
}
_IDS: Final = {
    "internet gateway": ("igw", "internetGatewayId"),
    "nat gateway": ("nat", "natGatewayId"),
    "table": ("rtb", "routeTableId"),
    "group": ("sg", "groupId"),
    "default group": ("sg", "id"),
    "subnet": ("subnet", "subnetId"),
    "vpc": ("vpc", "vpcId"),
    "endpoint": ("vpce", "awsId"),
    "role": ("arn:aws:iam::222222222222:role/", "arn"),
}


@dataclass(frozen=True)
class Ref:
    """Another resource of the network, by name."""

    name: str


@dataclass
class Node:
    """A resource before its references are resolved."""

    kind: str
    props: dict[str, Any]


class SmallNetwork:
    """The resources by name; a test changes some before they are built.

    Attributes:
        types: the tokens of the form.
        nodes: resources by name.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types
        self.nodes: dict[str, Node] = {}
        self.is_native = types is NATIVE
        self._vpc()
        for zone in SUBNET_BLOCKS:
            self._subnet(zone)
        self._groups()
        for service in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs"):
            self._interface(service)
        self._s3()
        self._runtime()

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The properties of a resource."""
        return self.nodes[name].props

    def add(self, name: str, kind: str, **props: Any) -> None:
        """One more resource, its kind as in the types or a token."""
        self.nodes[name] = Node(kind, props)

    def remove(self, *names: str) -> None:
        """Without these."""
        for name in names:
            del self.nodes[name]

    def begin_with(self, name: str) -> None:
        """This one before all others."""
        self.nodes = {name: self.nodes.pop(name), **self.nodes}

    @property
    def policy_name(self) -> str:
        """What an endpoint's policy is called in this form."""
        return "policyDocument" if self.is_native else "policy"

    def peer(self, direction: str) -> str:
        """What a rule of its own calls the other group."""
        if not self.is_native:
            return "referencedSecurityGroupId"
        return "sourceSecurityGroupId" if direction == "ingress" else "destinationSecurityGroupId"

    @property
    def owner(self) -> str:
        """What a rule of its own calls its group."""
        return "groupId" if self.is_native else "securityGroupId"

    def build(self, *, preview: bool = False) -> list[Resource]:
        """The resources: with their ids, or as before deployment, when none is known."""
        return [self._resource(name, node, preview=preview) for name, node in self.nodes.items()]

    def token(self, name: str) -> str:
        """The type of a resource."""
        kind = self.nodes[name].kind
        return self.types.get(kind, kind)

    def urn(self, name: str) -> str:
        """The URN of a resource."""
        return urn(self.token(name), name)

    def id(self, name: str) -> str:
        """The id of a resource once it is made."""
        prefix = _IDS[self.nodes[name].kind][0]
        return f"{prefix}{name}" if prefix.endswith("/") else f"{prefix}-{name}"

    def _resource(self, name: str, node: Node, *, preview: bool) -> Resource:
        dependencies: dict[str, Sequence[str]] = {}
        props: dict[str, Any] = {}
        for key, value in node.props.items():
            found: list[str] = []
            props[key] = self._resolved(value, found, preview=preview)
            if found:
                dependencies[key] = sorted(found)
        if node.kind in _IDS:
            key = _IDS[node.kind][1] if self.is_native else "id"
            key = "arn" if node.kind == "role" else key
            props[key] = UNKNOWN if preview else self.id(name)
        return resource(self.token(name), props, name, dependencies=dependencies)

    def _resolved(self, value: Any, found: list[str], *, preview: bool) -> Any:
        if isinstance(value, Ref):
            found.append(self.urn(value.name))
            return UNKNOWN if preview else self.id(value.name)
        if isinstance(value, list):
            return [self._resolved(one, found, preview=preview) for one in cast("list[Any]", value)]
        if isinstance(value, dict):
            return {
                key: self._resolved(one, found, preview=preview)
                for key, one in cast("dict[str, Any]", value).items()
            }
        return value

    def _vpc(self) -> None:
        self.add(
            "vpc",
            "vpc",
            cidrBlock="10.0.0.0/16",
            enableDnsSupport=True,
            enableDnsHostnames=True,
        )
        self.add("default", "default group", vpcId=Ref("vpc"))
        place = "resourceId" if self.is_native else "vpcId"
        self.add("flow log", "flow log", trafficType="ALL", **{place: Ref("vpc")})

    def _subnet(self, zone: str) -> None:
        self.add(
            f"subnet {zone}",
            "subnet",
            vpcId=Ref("vpc"),
            availabilityZoneId=zone,
            cidrBlock=SUBNET_BLOCKS[zone],
        )
        self.add(f"table {zone}", "table", vpcId=Ref("vpc"))
        self.add(
            f"association {zone}",
            "association",
            subnetId=Ref(f"subnet {zone}"),
            routeTableId=Ref(f"table {zone}"),
        )

    def _groups(self) -> None:
        native = {
            "groupDescription": "for tests",
            "securityGroupEgress": [
                {"ipProtocol": "-1", "cidrIp": "127.0.0.1/32", "description": "nothing"}
            ],
        }
        about = native if self.is_native else {"description": "for tests"}
        for name in ("agents", "endpoints"):
            self.add(name, "group", vpcId=Ref("vpc"), **about)
        self.rule("out", "egress", "agents", Ref("endpoints"))
        self.rule("in", "ingress", "endpoints", Ref("agents"))
        lists = "destinationPrefixListId" if self.is_native else "prefixListId"
        self.rule("s3 out", "egress", "agents", "pl-63a5400a", lists)

    def rule(
        self, name: str, direction: str, group: str, peer: object, peer_name: str | None = None
    ) -> None:
        """A rule of its own on tcp 443."""
        self.add(
            name,
            direction,
            ipProtocol="tcp",
            fromPort=443.0,
            toPort=443.0,
            description="for tests",
            **{self.owner: Ref(group), peer_name or self.peer(direction): peer},
        )

    def _interface(self, service: str) -> None:
        document = policy(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
            }
        )
        self.add(
            service,
            "endpoint",
            vpcId=Ref("vpc"),
            serviceName=f"com.amazonaws.us-east-1.{service}",
            vpcEndpointType="Interface",
            privateDnsEnabled=True,
            subnetIds=[Ref("subnet use1-az1"), Ref("subnet use1-az2")],
            securityGroupIds=[Ref("endpoints")],
            **{self.policy_name: document if not self.is_native else json.loads(document)},
        )

    def _s3(self) -> None:
        self.add(
            "s3",
            "endpoint",
            vpcId=Ref("vpc"),
            serviceName="com.amazonaws.us-east-1.s3",
            vpcEndpointType="Gateway",
            routeTableIds=[Ref("table use1-az1"), Ref("table use1-az2")],
            **{self.policy_name: policy(LAYERS)},
        )

    def _runtime(self) -> None:
        self.add("role", "role")
        document = policy({"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"})
        if self.is_native:
            self.add(
                "permissions",
                "role policy",
                roleName=Ref("role"),
                policyDocument=json.loads(document),
            )
        else:
            self.add("permissions", "role policy", role=Ref("role"), policy=document)
        self.add(
            "runtime",
            "runtime",
            agentRuntimeName=RUNTIME_NAME,
            agentRuntimeArtifact={"containerConfiguration": {"containerUri": "image"}},
            roleArn=Ref("role"),
            networkConfiguration={
                "networkMode": "VPC",
                "networkModeConfig": {
                    "subnets": [Ref("subnet use1-az1"), Ref("subnet use1-az2")],
                    "securityGroups": [Ref("agents")],
                },
            },
        )


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


LAYERS: Final = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*",
}
