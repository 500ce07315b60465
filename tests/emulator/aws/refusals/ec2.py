"""What EC2's networking refuses. Source: EC2 API reference, "Error codes" and each operation."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal

WITHOUT_AGENTCORE, ZONE, OTHER_ZONE = "use1-az6", "use1-az1", "use1-az2"
AGENTCORE = "com.amazonaws.us-east-1.bedrock-agentcore"
LOGS = "com.amazonaws.us-east-1.logs"
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Network:
    """A VPC with a subnet and a security group."""

    ec2: Any
    cloud: Cloud
    vpc: str
    subnet: str
    group: str

    def another_group(self, name: str = "others", vpc: str = "") -> str:
        return self.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=vpc or self.vpc
        )["GroupId"]

    def another_subnet(self, zone: str = ZONE, cidr: str = "10.0.1.0/24") -> str:
        return self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZoneId=zone)[
            "Subnet"
        ]["SubnetId"]

    def another_vpc(self) -> str:
        return self.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]

    def interface(self, **options: Any) -> str:
        given = {"SubnetId": self.subnet, "Groups": [self.group], **options}
        made = self.ec2.create_network_interface(**given)
        return made["NetworkInterface"]["NetworkInterfaceId"]

    def endpoint(self, **options: Any) -> str:
        given = {
            "VpcId": self.vpc,
            "ServiceName": LOGS,
            "VpcEndpointType": "Interface",
            "SubnetIds": [self.subnet],
            "SecurityGroupIds": [self.group],
            "PrivateDnsEnabled": False,
            **options,
        }
        return self.ec2.create_vpc_endpoint(**given)["VpcEndpoint"]["VpcEndpointId"]


Attempt = Callable[[Network], object]


def on_network(attempt: Attempt, *, dns: bool = True) -> Callable[[Cloud], object]:
    """Attempt something on a network of its own, with both DNS attributes or one."""

    def prepared(cloud: Cloud) -> object:
        ec2 = cloud.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        if dns:
            ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZoneId=ZONE)
        group = ec2.create_security_group(GroupName="agents", Description="agents", VpcId=vpc)
        return attempt(Network(ec2, cloud, vpc, subnet["Subnet"]["SubnetId"], group["GroupId"]))

    return prepared


def row(
    operation: str, name: str, code: str, bad: Attempt, good: Attempt, *, says: str = ""
) -> Refusal:
    return Refusal(
        name=name,
        operation=f"ec2:{operation}",
        code=code,
        says=says,
        bad=on_network(bad),
        good=on_network(good),
    )


def delete_group(used_by: Callable[[Network, str], object]) -> Attempt:
    """Delete a group that something may use."""

    def attempt(network: Network) -> object:
        group = network.another_group()
        used_by(network, group)
        return network.ec2.delete_security_group(GroupId=group)

    return attempt


RANGES = [{"CidrIp": "10.0.0.0/16"}]


def rule(**parts: Any) -> dict[str, Any]:
    return {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": RANGES,
        **parts,
    }


def allow(network: Network, *rules: dict[str, Any], group: str = "") -> object:
    return network.ec2.authorize_security_group_ingress(
        GroupId=group or network.group, IpPermissions=list(rules)
    )


def allow_from(source: str, *, after: str = "") -> Attempt:
    """Let in a group that is described; after another description."""

    def attempt(network: Network) -> object:
        group = network.another_group()
        for described in filter(None, (after, source)):
            pairs = [{"GroupId": group, "Description": described.partition(" ")[2]}]
            port = int(described.partition(" ")[0])
            allow(network, rule(IpRanges=[], UserIdGroupPairs=pairs, FromPort=port, ToPort=port))
        return group

    return attempt


def private_dns_twice(service: str) -> Attempt:
    def attempt(network: Network) -> object:
        network.endpoint(ServiceName=LOGS, PrivateDnsEnabled=True)
        return network.endpoint(ServiceName=service, PrivateDnsEnabled=True)

    return attempt


def turn_private_dns_on(*, other_has_it: bool) -> Attempt:
    def attempt(network: Network) -> object:
        network.endpoint(PrivateDnsEnabled=other_has_it)
        second = network.endpoint()
        return network.ec2.modify_vpc_endpoint(VpcEndpointId=second, PrivateDnsEnabled=True)

    return attempt


def add_subnet(zone: str) -> Attempt:
    def attempt(network: Network) -> object:
        endpoint = network.endpoint()
        return network.ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint, AddSubnetIds=[network.another_subnet(zone)]
        )

    return attempt


def agentcore_endpoint(zone: str) -> Attempt:
    return lambda network: network.endpoint(
        ServiceName=AGENTCORE, SubnetIds=[network.another_subnet(zone)]
    )


def endpoint_in_foreign(part: str, *, foreign: bool) -> Attempt:
    """Make an endpoint with a group of another VPC."""

    def attempt(network: Network) -> object:
        vpc = network.another_vpc() if foreign else network.vpc
        return network.endpoint(**{part: [network.another_group(vpc=vpc)]})

    return attempt


def endpoint_policy(text: str) -> Attempt:
    return lambda network: network.endpoint(PolicyDocument=text)


def delete_vpc(first: Callable[[Network], object], *, and_undo: bool) -> Attempt:
    """Delete the VPC that holds something, or held it."""

    def attempt(network: Network) -> object:
        network.ec2.delete_subnet(SubnetId=network.subnet)
        network.ec2.delete_security_group(GroupId=network.group)
        undo = first(network)
        if and_undo and callable(undo):
            undo()
        return network.ec2.delete_vpc(VpcId=network.vpc)

    return attempt


def holding_a_group(network: Network) -> Callable[[], object]:
    group = network.another_group()
    return lambda: network.ec2.delete_security_group(GroupId=group)


def holding_a_gateway(network: Network) -> Callable[[], object]:
    gateway = network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ids = {"InternetGatewayId": gateway, "VpcId": network.vpc}
    network.ec2.attach_internet_gateway(**ids)
    return lambda: network.ec2.detach_internet_gateway(**ids)


def holding_an_endpoint(network: Network) -> Callable[[], object]:
    endpoint = network.endpoint(
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        SubnetIds=[],
        SecurityGroupIds=[],
    )
    return lambda: network.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def delete_subnet(*, of_endpoint: bool, deleted: bool) -> Attempt:
    """Delete a subnet in which an interface is, or was."""

    def attempt(network: Network) -> object:
        if of_endpoint:
            endpoint = network.endpoint()
            if deleted:
                network.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        else:
            interface = network.interface()
            if deleted:
                network.ec2.delete_network_interface(NetworkInterfaceId=interface)
        return network.ec2.delete_subnet(SubnetId=network.subnet)

    return attempt


def delete_interface(*, of_endpoint: bool) -> Attempt:
    def attempt(network: Network) -> object:
        own = network.interface()
        if of_endpoint:
            found = network.ec2.describe_vpc_endpoints(VpcEndpointIds=[network.endpoint()])
            own = found["VpcEndpoints"][0]["NetworkInterfaceIds"][0]
        return network.ec2.delete_network_interface(NetworkInterfaceId=own)

    return attempt


def flow_logs(service: str, name: str = "execution") -> Attempt:
    """Send flow logs with a role that trusts the service."""

    def attempt(network: Network) -> object:
        account = network.cloud.account
        principal = {"Service": service}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        network.cloud.role(trust={"Version": "2012-10-17", "Statement": [statement]})
        return network.ec2.create_flow_logs(
            ResourceType="VPC",
            ResourceIds=[network.vpc],
            TrafficType="ALL",
            LogGroupName="flow",
            DeliverLogsPermissionArn=f"arn:aws:iam::{account}:role/{name}",
        )

    return attempt


def vpcs(number: int) -> Attempt:
    """Make so many VPCs, with the default one and the network's."""

    def attempt(network: Network) -> object:
        return [network.another_vpc() for _ in range(number - 2)]

    return attempt


def create_group(**options: Any) -> Attempt:
    given = {"GroupName": "others", "Description": "others", **options}
    return lambda network: network.ec2.create_security_group(VpcId=network.vpc, **given)


USERS: list[tuple[str, Callable[[Network, str], object]]] = [
    ("an interface", lambda network, group: network.interface(Groups=[group])),
    ("a VPC endpoint", lambda network, group: network.endpoint(SecurityGroupIds=[group])),
    (
        "a rule of another group",
        lambda network, group: allow(
            network, rule(IpRanges=[], UserIdGroupPairs=[{"GroupId": group}])
        ),
    ),
]


def endpoints_by_token(second: str) -> Attempt:
    """Make an endpoint with a client token, and one of another subnet with a second token."""

    def attempt(network: Network) -> object:
        network.endpoint(ClientToken="first")
        other = network.another_subnet()
        return network.endpoint(ClientToken=second, SubnetIds=[other])

    return attempt


REFUSALS = [
    row(
        "CreateVpcEndpoint",
        "a client token that came with other parameters",
        "IdempotentParameterMismatch",
        endpoints_by_token("first"),
        endpoints_by_token("second"),
    ),
    *(
        row(
            "DeleteSecurityGroup",
            f"a group that {user} uses",
            "DependencyViolation",
            delete_group(use),
            delete_group(lambda network, _, use=use: use(network, network.another_group("more"))),
            says="has a dependent object",
        )
        for user, use in USERS
    ),
    row(
        "DeleteSecurityGroup",
        "the default group of a VPC",
        "CannotDelete",
        lambda network: network.ec2.delete_security_group(
            GroupId=network.ec2.describe_security_groups(
                Filters=[
                    {"Name": "group-name", "Values": ["default"]},
                    {"Name": "vpc-id", "Values": [network.vpc]},
                ]
            )["SecurityGroups"][0]["GroupId"]
        ),
        lambda network: network.ec2.delete_security_group(GroupId=network.group),
    ),
    *(
        row(
            "DeleteSubnet",
            f"a subnet with {'an endpoint' if of_endpoint else 'an interface'}",
            "DependencyViolation",
            delete_subnet(of_endpoint=of_endpoint, deleted=False),
            delete_subnet(of_endpoint=of_endpoint, deleted=True),
        )
        for of_endpoint in (True, False)
    ),
    *(
        row(
            "DeleteVpc",
            f"a VPC with {what}",
            "DependencyViolation",
            delete_vpc(hold, and_undo=False),
            delete_vpc(hold, and_undo=True),
        )
        for what, hold in (
            ("a security group", holding_a_group),
            ("an internet gateway", holding_a_gateway),
            ("a gateway endpoint", holding_an_endpoint),
        )
    ),
    row(
        "DeleteNetworkInterface",
        "the interface of an endpoint",
        "InvalidParameterValue",
        delete_interface(of_endpoint=True),
        delete_interface(of_endpoint=False),
        says="is currently in use",
    ),
    row(
        "CreateNetworkInterface",
        "a group that does not exist",
        "InvalidGroup.NotFound",
        lambda network: network.interface(Groups=["sg-0123456789abcdef0"]),
        lambda network: network.interface(Groups=[network.group]),
    ),
    row(
        "CreateNetworkInterface",
        "a group of another VPC",
        "InvalidGroup.NotFound",
        lambda network: network.interface(
            Groups=[network.another_group(vpc=network.another_vpc())]
        ),
        lambda network: network.interface(Groups=[network.another_group()]),
    ),
    row(
        "CreateSubnet",
        "a block smaller than /28",
        "InvalidSubnet.Range",
        lambda network: network.another_subnet(cidr="10.0.1.0/29"),
        lambda network: network.another_subnet(cidr="10.0.1.0/28"),
    ),
    row(
        "CreateSubnet",
        "a block outside of the VPC",
        "InvalidSubnet.Range",
        lambda network: network.another_subnet(cidr="10.1.1.0/24"),
        lambda network: network.another_subnet(cidr="10.0.1.0/24"),
    ),
    row(
        "CreateSubnet",
        "a block that another subnet has",
        "InvalidSubnet.Conflict",
        lambda network: network.another_subnet(cidr="10.0.0.128/25"),
        lambda network: network.another_subnet(cidr="10.0.1.128/25"),
    ),
    row("CreateVpc", "a sixth VPC", "VpcLimitExceeded", vpcs(6), vpcs(5)),
    row(
        "CreateSecurityGroup",
        "a name like an id",
        "InvalidParameterValue",
        create_group(GroupName="sg-agents"),
        create_group(GroupName="agents-sg"),
    ),
    row(
        "CreateSecurityGroup",
        "a description with a quote",
        "InvalidParameterValue",
        create_group(Description="the agents' group"),
        create_group(Description="the agents group"),
    ),
    row(
        "CreateSecurityGroup",
        "a name that is taken in the VPC",
        "InvalidGroup.Duplicate",
        create_group(GroupName="agents"),
        create_group(GroupName="others"),
    ),
    row(
        "AuthorizeSecurityGroupIngress",
        "a rule that is there under another description",
        "InvalidPermission.Duplicate",
        allow_from("443 callers", after="443 clients"),
        allow_from("444 callers", after="443 clients"),
    ),
    row(
        "AuthorizeSecurityGroupIngress",
        "a port out of range",
        "InvalidParameterValue",
        lambda network: allow(network, rule(ToPort=65536)),
        lambda network: allow(network, rule(ToPort=65535)),
    ),
    row(
        "AuthorizeSecurityGroupIngress",
        "ports in the wrong order",
        "InvalidParameterValue",
        lambda network: allow(network, rule(FromPort=443, ToPort=80)),
        lambda network: allow(network, rule(FromPort=80, ToPort=443)),
    ),
    row(
        "AuthorizeSecurityGroupIngress",
        "a description with a line break",
        "InvalidParameterValue",
        lambda network: allow(
            network, rule(IpRanges=[{"CidrIp": "10.0.0.0/16", "Description": "a\nb"}])
        ),
        lambda network: allow(
            network, rule(IpRanges=[{"CidrIp": "10.0.0.0/16", "Description": "a b"}])
        ),
        says="Invalid rule description",
    ),
    row(
        "AuthorizeSecurityGroupIngress",
        "a group that does not exist",
        "InvalidGroup.NotFound",
        lambda network: allow(network, rule(), group="sg-0123456789abcdef0"),
        lambda network: allow(network, rule(), group=network.group),
    ),
    row(
        "CreateVpcEndpoint",
        "a service that does not exist",
        "InvalidServiceName",
        lambda network: network.endpoint(ServiceName=f"{AGENTCORE}-dataplane"),
        lambda network: network.endpoint(ServiceName=f"{AGENTCORE}-control"),
    ),
    row(
        "CreateVpcEndpoint",
        "a type that the service does not have",
        "InvalidParameter",
        lambda network: network.endpoint(VpcEndpointType="Gateway"),
        lambda network: network.endpoint(VpcEndpointType="Interface"),
    ),
    row(
        "CreateVpcEndpoint",
        "a zone where the service is not offered",
        "InvalidParameter",
        agentcore_endpoint(WITHOUT_AGENTCORE),
        agentcore_endpoint(ZONE),
        says="does not support the availability zone of the subnet",
    ),
    row(
        "CreateVpcEndpoint",
        "two subnets in one zone",
        "DuplicateSubnetsInSameZone",
        lambda network: network.endpoint(SubnetIds=[network.subnet, network.another_subnet(ZONE)]),
        lambda network: network.endpoint(
            SubnetIds=[network.subnet, network.another_subnet(OTHER_ZONE)]
        ),
    ),
    row(
        "CreateVpcEndpoint",
        "a group of another VPC",
        "InvalidGroup.NotFound",
        endpoint_in_foreign("SecurityGroupIds", foreign=True),
        endpoint_in_foreign("SecurityGroupIds", foreign=False),
    ),
    row(
        "CreateVpcEndpoint",
        "a second private DNS for a service",
        "InvalidParameter",
        private_dns_twice(LOGS),
        private_dns_twice(AGENTCORE),
        says="already a conflicting DNS domain for logs.us-east-1.amazonaws.com",
    ),
    Refusal(
        name="private DNS in a VPC without DNS host names",
        operation="ec2:CreateVpcEndpoint",
        code="InvalidParameter",
        says="requires both enableDnsSupport and enableDnsHostnames",
        bad=on_network(lambda network: network.endpoint(PrivateDnsEnabled=True), dns=False),
        good=on_network(lambda network: network.endpoint(PrivateDnsEnabled=True), dns=True),
    ),
    row(
        "CreateVpcEndpoint",
        "a policy that is none",
        "InvalidPolicyDocument",
        endpoint_policy(json.dumps({"Statement": [{**EVERYTHING, "Effect": "allow"}]})),
        endpoint_policy(json.dumps({"Statement": [EVERYTHING]})),
    ),
    row(
        "CreateVpcEndpoint",
        "a policy with an unknown element",
        "InvalidPolicyDocument",
        endpoint_policy(json.dumps({"Statement": [{**EVERYTHING, "Actions": []}]})),
        endpoint_policy(json.dumps({"Statement": EVERYTHING})),
    ),
    row(
        "ModifyVpcEndpoint",
        "a second private DNS for a service",
        "InvalidParameter",
        turn_private_dns_on(other_has_it=True),
        turn_private_dns_on(other_has_it=False),
        says="already a conflicting DNS domain",
    ),
    row(
        "ModifyVpcEndpoint",
        "a second subnet in a zone",
        "DuplicateSubnetsInSameZone",
        add_subnet(ZONE),
        add_subnet(OTHER_ZONE),
    ),
    row(
        "CreateFlowLogs",
        "a role that does not exist",
        "InvalidParameter",
        flow_logs("vpc-flow-logs.amazonaws.com", "nobody"),
        flow_logs("vpc-flow-logs.amazonaws.com"),
        says="Unable to assume given IAM role",
    ),
    row(
        "CreateFlowLogs",
        "a role that trusts another service",
        "InvalidParameter",
        flow_logs("ec2.amazonaws.com"),
        flow_logs("vpc-flow-logs.amazonaws.com"),
    ),
    row(
        "AuthorizeSecurityGroupIngress",
        "a rule of TCP without ports",
        "InvalidParameterValue",
        lambda network: allow(network, {"IpProtocol": "tcp", "IpRanges": RANGES}),
        lambda network: allow(network, {"IpProtocol": "50", "IpRanges": RANGES}),
        says="Must specify both from and to ports",
    ),
]
