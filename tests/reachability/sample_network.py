"""A network written by hand, as boto3 would describe it: private subnets, endpoints, no way out.

The agent is in `subnet-a` and `subnet-b`, one zone each, with a route table and an ACL each. Beside
them stand the main table, a public subnet that nothing private leads to, and a second VPC.
"""

import json
from typing import Any

from tests.reachability.agent import Agent, Call
from tests.reachability.network import Answer, Network

ACCOUNT, REGION = "111111111111", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/assistant"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/agents/assistant"
LOG_STREAM = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:agents:log-stream:a"
LAYERS = f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket"

WRITE_LOGS = Call("logs", "logs:PutLogEvents", LOG_STREAM, ROLE)
PULL_IMAGE = Call("ecr.dkr", "ecr:BatchGetImage", REPOSITORY, ROLE)
PULL_LAYER = Call("s3", "s3:GetObject", f"{LAYERS}/a/layer", None)
CALLS = (WRITE_LOGS, PULL_IMAGE, PULL_LAYER)

# How each kind of target is named in a route, by the beginning of its id.
_TARGETS = {
    "local": "GatewayId",
    "igw": "GatewayId",
    "vgw": "GatewayId",
    "vpce": "GatewayId",
    "nat": "NatGatewayId",
    "eni": "NetworkInterfaceId",
    "pcx": "VpcPeeringConnectionId",
    "tgw": "TransitGatewayId",
}


def runtime_answer(**changes: Any) -> Answer:
    """What GetAgentRuntime answers."""
    placed = {"subnets": ["subnet-a", "subnet-b"], "securityGroups": ["sg-agents"]}
    runtime = "assistant-a1b2c3d4e5"
    return {
        "agentRuntimeId": runtime,
        "agentRuntimeArn": f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:runtime/{runtime}",
        "roleArn": ROLE,
        "networkConfiguration": {"networkMode": "VPC", "networkModeConfig": placed},
        **changes,
    }


AGENT = Agent.of(runtime_answer())


def vpc(identifier: str, cidr: str) -> Answer:
    return {"VpcId": identifier, "CidrBlock": cidr, "State": "available", "DhcpOptionsId": "dopt-1"}


def dns(*, support: bool = True, hostnames: bool = True) -> Answer:
    return {"EnableDnsSupport": {"Value": support}, "EnableDnsHostnames": {"Value": hostnames}}


def dhcp_options(*servers: str) -> Answer:
    values = [{"Value": server} for server in servers]
    configuration = {"Key": "domain-name-servers", "Values": values}
    return {"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [configuration]}


def subnet(identifier: str, cidr: str, zone_id: str, *, of: str = "vpc-1") -> Answer:
    return {
        "SubnetId": identifier,
        "VpcId": of,
        "CidrBlock": cidr,
        "AvailabilityZoneId": zone_id,
        "MapPublicIpOnLaunch": False,
    }


def route(destination: str, target: str, **more: Any) -> Answer:
    by_list = destination.startswith("pl-")
    return {
        "DestinationPrefixListId" if by_list else "DestinationCidrBlock": destination,
        _TARGETS[target.partition("-")[0]]: target,
        "State": "active",
        "Origin": "CreateRoute",
        **more,
    }


def route_table(identifier: str, subnet: str | None, *routes: Answer, of: str = "vpc-1") -> Answer:
    """A table of one subnet, or the main table."""
    own = {"SubnetId": subnet} if subnet else {}
    return {
        "RouteTableId": identifier,
        "VpcId": of,
        "Associations": [{"RouteTableId": identifier, "Main": subnet is None, **own}],
        "Routes": [route("10.0.0.0/16", "local", Origin="CreateRouteTable"), *routes],
    }


def security_group(identifier: str, *, of: str = "vpc-1") -> Answer:
    return {"GroupId": identifier, "GroupName": identifier, "VpcId": of}


def rule(identifier: str, group: str, peer: str, *ports: int, egress: bool) -> Answer:
    """A rule for TCP: from or to a group, a prefix list or a block, on one port or a range."""
    referred: Answer = {"CidrIpv4": peer}
    if peer.startswith("sg-"):
        referred = {"ReferencedGroupInfo": {"GroupId": peer, "UserId": ACCOUNT}}
    if peer.startswith("pl-"):
        referred = {"PrefixListId": peer}
    return {
        "SecurityGroupRuleId": identifier,
        "GroupId": group,
        "IsEgress": egress,
        "IpProtocol": "tcp",
        "FromPort": ports[0],
        "ToPort": ports[-1],
        **referred,
    }


def entry(number: int, action: str, peer: str, *ports: int, egress: bool, **more: Any) -> Answer:
    """A rule of an ACL: for TCP on one port or a range, for everything without a port."""
    what: Answer = {"Protocol": "-1"}
    if ports:
        what = {"Protocol": "6", "PortRange": {"From": ports[0], "To": ports[-1]}}
    return {
        "RuleNumber": number,
        "RuleAction": action,
        "CidrBlock": peer,
        "Egress": egress,
        **what,
        **more,
    }


def network_acl(identifier: str, *subnets: str) -> Answer:
    """An ACL that lets everything through, as a default one does."""
    rules = ((100, "allow"), (32767, "deny"))
    return {
        "NetworkAclId": identifier,
        "VpcId": "vpc-1",
        "Associations": [{"SubnetId": one, "NetworkAclId": identifier} for one in subnets],
        "Entries": [
            entry(number, action, "0.0.0.0/0", egress=egress)
            for egress in (True, False)
            for number, action in rules
        ],
    }


def interface(identifier: str, subnet: str, address: str, *groups: str) -> Answer:
    return {
        "NetworkInterfaceId": identifier,
        "VpcId": "vpc-1",
        "SubnetId": subnet,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "Groups": [{"GroupId": group, "GroupName": group} for group in groups],
        "Status": "in-use",
    }


def statement(effect: str, call: Call, **changes: Any) -> Answer:
    """A statement about this call by anybody."""
    said = {"Effect": effect, "Principal": "*", "Action": call.action, "Resource": call.resource}
    return {**said, **changes}


def policy(*statements: Answer) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def endpoint(identifier: str, service: str, document: str, **changes: Any) -> Answer:
    return {
        "VpcEndpointId": identifier,
        "VpcId": "vpc-1",
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "State": "available",
        "PolicyDocument": document,
        **changes,
    }


def interface_endpoint(identifier: str, service: str, document: str, *interfaces: str) -> Answer:
    return endpoint(
        identifier,
        service,
        document,
        VpcEndpointType="Interface",
        PrivateDnsEnabled=True,
        NetworkInterfaceIds=list(interfaces),
        Groups=[{"GroupId": "sg-endpoints", "GroupName": "sg-endpoints"}],
    )


def endpoint_service(service: str, private_name: str) -> Answer:
    return {
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "PrivateDnsName": private_name,
        "PrivateDnsNames": [{"PrivateDnsName": private_name}],
    }


def nat_gateway(identifier: str, subnet: str) -> Answer:
    address = {"PublicIp": "203.0.113.7", "PrivateIp": "10.0.128.9", "AllocationId": "eipalloc-1"}
    return {
        "NatGatewayId": identifier,
        "VpcId": "vpc-1",
        "SubnetId": subnet,
        "State": "available",
        "ConnectivityType": "public",
        "NatGatewayAddresses": [address],
    }


def internet_gateway(identifier: str, *vpcs: str) -> Answer:
    attached = [{"VpcId": one, "State": "available"} for one in vpcs]
    return {"InternetGatewayId": identifier, "Attachments": attached}


def sample_network() -> Network:
    """Everything the agent calls is reached, and nothing reaches the agent."""
    own = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}}
    of_account = policy(
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": own}
    )
    to_s3 = route("pl-s3", "vpce-s3")
    return Network(
        region=REGION,
        vpcs=[vpc("vpc-1", "10.0.0.0/16"), vpc("vpc-2", "10.1.0.0/16")],
        vpc_attributes={"vpc-1": dns(), "vpc-2": dns()},
        dhcp_options=[dhcp_options("AmazonProvidedDNS")],
        subnets=[
            subnet("subnet-a", "10.0.0.0/24", "use1-az1"),
            subnet("subnet-b", "10.0.1.0/24", "use1-az2"),
            subnet("subnet-public", "10.0.128.0/28", "use1-az1"),
        ],
        route_tables=[
            route_table("rtb-main", None),
            route_table("rtb-a", "subnet-a", to_s3),
            route_table("rtb-b", "subnet-b", to_s3.copy()),
            route_table("rtb-public", "subnet-public", route("0.0.0.0/0", "igw-1")),
        ],
        internet_gateways=[internet_gateway("igw-1", "vpc-1")],
        nat_gateways=[],
        security_groups=[
            security_group("sg-agents"),
            security_group("sg-endpoints"),
            security_group("sg-others"),
            security_group("sg-elsewhere", of="vpc-2"),
        ],
        security_group_rules=[
            rule("sgr-to-endpoints", "sg-agents", "sg-endpoints", 443, egress=True),
            rule("sgr-to-s3", "sg-agents", "pl-s3", 443, egress=True),
            rule("sgr-from-agents", "sg-endpoints", "sg-agents", 443, egress=False),
        ],
        network_acls=[
            network_acl("acl-a", "subnet-a"),
            network_acl("acl-b", "subnet-b"),
            network_acl("acl-public", "subnet-public"),
        ],
        network_interfaces=[
            interface("eni-agents-a", "subnet-a", "10.0.0.20", "sg-agents"),
            interface("eni-agents-b", "subnet-b", "10.0.1.20", "sg-agents"),
            interface("eni-logs-a", "subnet-a", "10.0.0.10", "sg-endpoints"),
            interface("eni-logs-b", "subnet-b", "10.0.1.10", "sg-endpoints"),
            interface("eni-dkr-a", "subnet-a", "10.0.0.12", "sg-endpoints"),
            interface("eni-dkr-b", "subnet-b", "10.0.1.12", "sg-endpoints"),
        ],
        vpc_endpoints=[
            interface_endpoint("vpce-logs", "logs", of_account, "eni-logs-a", "eni-logs-b"),
            interface_endpoint("vpce-dkr", "ecr.dkr", of_account, "eni-dkr-a", "eni-dkr-b"),
            endpoint(
                "vpce-s3",
                "s3",
                policy(statement("Allow", PULL_LAYER, Resource=f"{LAYERS}/*")),
                VpcEndpointType="Gateway",
                RouteTableIds=["rtb-a", "rtb-b"],
            ),
        ],
        endpoint_services=[
            endpoint_service("logs", f"logs.{REGION}.amazonaws.com"),
            endpoint_service("ecr.dkr", f"*.dkr.ecr.{REGION}.amazonaws.com"),
        ],
        prefix_lists=[
            {"PrefixListId": "pl-s3", "PrefixListName": f"com.amazonaws.{REGION}.s3"},
            {"PrefixListId": "pl-other", "PrefixListName": "offices"},
        ],
        prefix_list_entries={
            "pl-s3": [{"Cidr": "52.216.0.0/15"}, {"Cidr": "3.5.0.0/19"}],
            "pl-other": [{"Cidr": "52.216.0.0/15"}],
        },
    )
