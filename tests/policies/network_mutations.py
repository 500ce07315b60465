"""What can be wrong with the network of runtimes: groups, subnets, VPC, endpoints."""

from typing import Any, Final

from agentcore_policies.model import Options, Value
from tests.policies.documents import allowing, with_first, without
from tests.policies.edits import Add, Edit, Put, Ref, Treat, Without
from tests.policies.forms import (
    EGRESS,
    ENDPOINT,
    GROUP,
    INGRESS,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    ROLE_POLICY,
    ROUTE,
    ROUTE_TABLE,
    RUNTIME,
    SUBNET,
    VPC,
)
from tests.policies.mutation import TAGS, Mutation, values

_DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
_BLOCK: Final = "10.64.0.0/16"
_AGENT: Final = "assistant"
_NETWORK: Final = "networkConfiguration"
_SUBNETS: Final = f"{_NETWORK}.networkModeConfig.subnets"
_GROUPS: Final = f"{_NETWORK}.networkModeConfig.securityGroups"
_ITSELF: Final[Value] = {
    "protocol": "-1",
    "fromPort": 0,
    "toPort": 0,
    "self": True,
    "description": "AWS's own",
}
_OWN_WAY_OUT: Final = "prod, one NAT gateway"
_PUBLIC: Final = "dev, several agents"


def _rule(kind: str, group: str, **props: Value) -> Add:
    """A rule more of a security group."""
    given = {"description": "one more", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    return Add(
        kind,
        "one-more",
        {"securityGroupId": Ref(GROUP, group), **given, **props, "tagsAll": TAGS},
    )


def _endpoint(service: str, path: str, value: Any) -> Put:
    return Put(ENDPOINT, path, value, f"-{service}")


_WITHOUT_TRACES: Final[tuple[Edit, ...]] = tuple(
    Put(ROLE_POLICY, "policy", without("WriteTraces"), agent)
    for agent in ("assistant", "tagged", "writer")
)
_NATIVE_TAGS: Final[Value] = [{"key": key, "value": value} for key, value in TAGS.items()]
_PRIVATE_DNS: Final = "aws:vpc/endpointPrivateDns:EndpointPrivateDns"
_PREFIX_LIST_ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
_REPLACED_FIRST: Final = Options(delete_before_replace=False, delete_seconds=3600)
_LAYERS: Final = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
_ACCOUNT: Final = {"AWS": ["222222222222"]}
_OWN_CALLERS: Final = {"StringEquals": {"aws:PrincipalAccount": "222222222222"}}
_RUNTIMES: Final = "arn:aws:bedrock-agentcore:us-east-1:222222222222:runtime/"
_INVOKED_BY_ANYBODY: Final = {
    "Principal": "*",
    "Action": "bedrock-agentcore:InvokeAgentRuntime",
}
_PARTNER: Final = {"aws:PrincipalAccount": "333333333333"}

_GROUP_RULES: Final = (
    *(
        Mutation(
            "security-group-ingress-open",
            str(peer),
            (_rule(INGRESS, "-endpoints", **peer),),
            (_rule(INGRESS, "-endpoints", cidrIpv4=_BLOCK),),
        )
        for peer in (
            {"cidrIpv4": "0.0.0.0/0"},
            {"cidrIpv6": "::/0"},
            {"cidrIpv4": "128.0.0.0/1"},
        )
    ),
    *(
        Mutation(
            "security-group-egress-open",
            name,
            (_rule(EGRESS, "-endpoints", **rule),),
            (_rule(EGRESS, "-endpoints", cidrIpv4="0.0.0.0/0"),),
        )
        for name, rule in {
            "all of it": {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"},
            "what has no ports": {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "47"},
            "all ports": {"cidrIpv4": "0.0.0.0/0", "fromPort": 0, "toPort": 65535},
            "all of IPv6": {"cidrIpv6": "::/0", "ipProtocol": "-1"},
        }.items()
    ),
    Mutation(
        "security-group-egress-open",
        "all of it to a great public block",
        (_rule(EGRESS, "-endpoints", cidrIpv4="3.0.0.0/8", ipProtocol="-1"),),
        (_rule(EGRESS, "-endpoints", cidrIpv4="3.0.0.0/16", ipProtocol="-1"),),
    ),
    *(
        Mutation(
            "prefix-list-open",
            kind,
            (Add(kind, "partners", {**given, "entries": [{"cidr": "0.0.0.0/0"}]}),),
            (Add(kind, "partners", {**given, "entries": [{"cidr": "203.0.113.0/24"}]}),),
        )
        for kind, given in (
            ("aws:ec2/managedPrefixList:ManagedPrefixList", {"tagsAll": TAGS}),
            ("aws-native:ec2:PrefixList", {"tags": _NATIVE_TAGS}),
        )
    ),
    Mutation(
        "prefix-list-open",
        "an entry of its own",
        (Add(_PREFIX_LIST_ENTRY, "partner", {"cidr": "::/0"}),),
        (Add(_PREFIX_LIST_ENTRY, "partner", {"cidr": "2001:db8::/32"}),),
    ),
    *values(
        "security-group-description",
        EGRESS,
        "description",
        {"none of a rule": None},
        "S3",
        "-s3",
    ),
    *values(
        "security-group-description",
        INGRESS,
        "description",
        {"none of a rule that lets in": None},
        "agents",
        "-endpoints",
    ),
    *values(
        "security-group-description",
        GROUP,
        "description",
        {"none of a group": "Managed by Pulumi"},
        "agents",
        "-agents",
    ),
    Mutation(
        "runtime-security-group-ingress",
        "from the VPC",
        (_rule(INGRESS, "-agents", cidrIpv4=_BLOCK),),
        (_rule(INGRESS, "-endpoints", cidrIpv4=_BLOCK),),
    ),
    Mutation(
        "runtime-egress-endpoints",
        "no rule",
        (Without(EGRESS, "-endpoints"),),
        (Without(EGRESS, "-endpoints"), _rule(EGRESS, "-agents", cidrIpv4=_BLOCK)),
    ),
    *values(
        "runtime-egress-endpoints",
        EGRESS,
        "ipProtocol",
        {"UDP": "udp"},
        "6",
        "-endpoints",
    ),
    Mutation(
        "runtime-egress-s3",
        "no rule",
        (Without(EGRESS, "-s3"),),
        (Without(EGRESS, "-s3"), _rule(EGRESS, "-agents", cidrIpv4="0.0.0.0/0")),
    ),
    Mutation(
        "runtime-egress-s3",
        "another port",
        (Put(EGRESS, "fromPort", 444, "-s3"), Put(EGRESS, "toPort", 444, "-s3")),
        (Put(EGRESS, "toPort", 444, "-s3"),),
    ),
    *(
        Mutation(
            "runtime-security-group-replacement",
            name,
            (Treat(GROUP, options, "-agents"),),
            (Treat(GROUP, _REPLACED_FIRST, "-agents"),),
        )
        for name, options in {
            "deleted first": Options(delete_before_replace=True),
            "given up soon": Options(ignore_changes=("description",), delete_seconds=60),
        }.items()
    ),
    Mutation(
        "endpoint-admits-runtime",
        "no rule",
        (Without(INGRESS, "-endpoints"),),
        (Without(INGRESS, "-endpoints"), _rule(INGRESS, "-endpoints", cidrIpv4=_BLOCK)),
        alone="a rule for everywhere admits it as well",
    ),
    Mutation(
        "endpoint-ingress",
        "from beyond the VPC",
        (_rule(INGRESS, "-endpoints", cidrIpv4="10.0.0.0/8"),),
        (_rule(INGRESS, "-endpoints", cidrIpv4="10.64.0.0/22"),),
    ),
    Mutation(
        "endpoint-ingress",
        "on another port",
        (_rule(INGRESS, "-endpoints", cidrIpv4=_BLOCK, fromPort=22, toPort=22),),
        (_rule(INGRESS, "-endpoints", cidrIpv4=_BLOCK),),
    ),
)

_DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
_SUBNET_MUTATIONS: Final = (
    Mutation(
        "subnet-public-ip",
        "of a default subnet",
        (Add(_DEFAULT_SUBNET, "default", {"tagsAll": TAGS}),),
        (Add(_DEFAULT_SUBNET, "default", {"tagsAll": TAGS, "mapPublicIpOnLaunch": False}),),
    ),
    Mutation(
        "subnet-public-ip",
        "given",
        (Put(SUBNET, "mapPublicIpOnLaunch", value=True),),
        (Put(SUBNET, "mapPublicIpOnLaunch", None),),
    ),
    Mutation(
        "runtime-subnet-private",
        "a way to the internet gateway",
        (
            Put(ROUTE, "natGatewayId", None, "az1"),
            Put(ROUTE, "gatewayId", Ref(INTERNET_GATEWAY), "az1"),
        ),
        (Put(ROUTE, "natGatewayId", Ref(NAT_GATEWAY), "az1"),),
        graph=_OWN_WAY_OUT,
    ),
    Mutation(
        "runtime-zones",
        "one zone",
        (
            Put(SUBNET, "availabilityZoneId", "use1-az1", "az2"),
            Put(SUBNET, "availabilityZoneId", "use1-az1", "az4"),
        ),
        (Put(SUBNET, "availabilityZoneId", "use1-az1", "az2"),),
    ),
    Mutation(
        "runtime-zones",
        "one subnet",
        (Put(RUNTIME, _SUBNETS, (Ref(SUBNET, "az1"),), _AGENT),),
        (Put(RUNTIME, _SUBNETS, (Ref(SUBNET, "az1"), Ref(SUBNET, "az4")), _AGENT),),
    ),
    *values(
        "runtime-zones-supported",
        SUBNET,
        "availabilityZoneId",
        {"an unsupported one": "use1-az3"},
        "use1-az4",
        "az2",
    ),
    *values(
        "runtime-network-configuration",
        RUNTIME,
        _NETWORK,
        {
            "subnets of nobody": {
                "networkMode": "PUBLIC",
                "networkModeConfig": {"subnets": ["subnet-0123456789abcdef0"]},
            },
            "17 subnets": {
                "networkMode": "VPC",
                "networkModeConfig": {
                    "subnets": [f"subnet-{n:017x}" for n in range(17)],
                    "securityGroups": ["sg-0123456789abcdef0"],
                },
            },
            "an unheard-of mode": {"networkMode": "PRIVATE"},
            "half of it": {
                "networkMode": "VPC",
                "networkModeConfig": {"subnets": ["subnet-0123456789abcdef0", "subnet-1"]},
            },
            "none": None,
        },
        {"networkMode": "PUBLIC"},
        graph=_PUBLIC,
    ),
)

_VPC_MUTATIONS: Final = (
    *values("vpc-private-dns", VPC, "enableDnsHostnames", {"no host names": False}, good=True),
    *values("vpc-private-dns", VPC, "enableDnsSupport", {"no resolver": False}, good=True),
    Mutation(
        "vpc-default-security-group",
        "left as AWS makes it",
        (Without(_DEFAULT_GROUP),),
        (Put(_DEFAULT_GROUP, "ingress", []),),
    ),
    Mutation(
        "vpc-default-security-group",
        "a rule in it",
        (
            Put(
                _DEFAULT_GROUP,
                "ingress",
                [
                    {
                        "protocol": "-1",
                        "fromPort": 0,
                        "toPort": 0,
                        "self": True,
                        "description": "AWS's own",
                    }
                ],
            ),
        ),
        (Put(_DEFAULT_GROUP, "egress", []),),
    ),
    Mutation(
        "vpc-flow-logs",
        "none",
        (Without(_FLOW_LOG),),
        (Put(_FLOW_LOG, "maxAggregationInterval", 600),),
    ),
    *values(
        "vpc-flow-logs",
        _FLOW_LOG,
        "trafficType",
        {"what is accepted": "ACCEPT", "what is rejected": "REJECT"},
        "ALL",
    ),
)

_ENDPOINTS: Final = (
    Mutation(
        "endpoint-policy",
        "none",
        (_endpoint("xray", "policy", None),),
        (_endpoint("xray", "policy", with_first(Principal=_ACCOUNT)),),
    ),
    Mutation(
        "endpoint-policy-open",
        "everybody",
        (_endpoint("xray", "policy", with_first(Condition=None)),),
        (_endpoint("xray", "policy", with_first(Condition={"StringEquals": _PARTNER})),),
    ),
    Mutation(
        "endpoint-policy-open",
        "everybody but one",
        (_endpoint("xray", "policy", with_first(Condition={"StringNotEquals": _PARTNER})),),
        (_endpoint("xray", "policy", with_first(Condition={"StringEquals": _PARTNER})),),
    ),
    Mutation(
        "endpoint-policy-open",
        "everybody, in a list",
        (_endpoint("xray", "policy", with_first(Condition=None, Principal={"AWS": ["*"]})),),
        (
            _endpoint(
                "xray", "policy", with_first(Condition=None, Principal={"AWS": ["222222222222"]})
            ),
        ),
    ),
    Mutation(
        "endpoint-private-dns",
        "none of a service the SDKs call",
        (Put(ENDPOINT, "privateDnsEnabled", value=False, ending="-logs"),),
        (Put(ENDPOINT, "privateDnsEnabled", value=True, ending="-logs"),),
    ),
    Mutation(
        "endpoint-private-dns",
        "of a gateway",
        (Put(ENDPOINT, "privateDnsEnabled", value=True, ending="-s3"),),
        (Put(ENDPOINT, "privateDnsEnabled", value=False, ending="-s3"),),
    ),
    Mutation(
        "endpoint-private-dns",
        "off, said apart",
        (Add(_PRIVATE_DNS, "xray", {"privateDnsEnabled": False}),),
        (Add(_PRIVATE_DNS, "xray", {"privateDnsEnabled": True}),),
    ),
    *values(
        "resource-policy-malformed",
        ENDPOINT,
        "policy",
        {"an endpoint's principal in lower case": with_first(Principal=None, principal="*")},
        with_first(Principal=_ACCOUNT),
        "-xray",
    ),
    Mutation(
        "endpoint-zones",
        "one subnet",
        (_endpoint("logs", "subnetIds", (Ref(SUBNET, "az1"),)),),
        (_endpoint("logs", "subnetIds", (Ref(SUBNET, "az1"), Ref(SUBNET, "az4"))),),
    ),
    *(
        Mutation(
            "runtime-endpoints-complete",
            f"no {service}",
            (Without(ENDPOINT, f"-{service}"),),
            (Without(ENDPOINT, "-xray"), *_WITHOUT_TRACES),
            alone="there is no way to S3 to be judged" if service == "s3" else "",
        )
        for service in ("logs", "ecr.api", "ecr.dkr", "bedrock-runtime", "xray", "s3")
    ),
    Mutation(
        "s3-endpoint-route-tables",
        "one is missing",
        (_endpoint("s3", "routeTableIds", (Ref(ROUTE_TABLE, "az1"), Ref(ROUTE_TABLE, "az2"))),),
        (
            _endpoint(
                "s3",
                "routeTableIds",
                (Ref(ROUTE_TABLE, "az4"), Ref(ROUTE_TABLE, "az2"), Ref(ROUTE_TABLE, "az1")),
            ),
        ),
    ),
    Mutation(
        "s3-endpoint-layers",
        "objects of somebody else's",
        (
            _endpoint(
                "s3", "policy", with_first(Resource="arn:aws:s3:::papers/*", Condition=_OWN_CALLERS)
            ),
        ),
        (_endpoint("s3", "policy", with_first(Resource=[_LAYERS])),),
    ),
    Mutation(
        "s3-endpoint-layers",
        "to callers of the account only",
        (_endpoint("s3", "policy", with_first(Condition=_OWN_CALLERS)),),
        (
            _endpoint(
                "s3",
                "policy",
                with_first(Resource=[_LAYERS, _LAYERS[:-2]]),
            ),
        ),
    ),
    Mutation(
        "endpoint-policy-jwt",
        "open to everybody where no JWT is checked",
        (
            _endpoint(
                "bedrock-agentcore",
                "policy",
                allowing({**_INVOKED_BY_ANYBODY, "Resource": f"{_RUNTIMES}*"}),
            ),
        ),
        (
            _endpoint(
                "bedrock-agentcore",
                "policy",
                allowing({**_INVOKED_BY_ANYBODY, "Resource": f"{_RUNTIMES}other-*"}),
            ),
        ),
    ),
    Mutation(
        "runtime-endpoints-complete",
        "no logs, and no other network that may have it",
        (Without(ENDPOINT, "-logs"),),
        (
            Without(ENDPOINT, "-logs"),
            *(
                Add(
                    ROUTE,
                    f"to-the-hub-{zone}",
                    {
                        "routeTableId": Ref(ROUTE_TABLE, zone),
                        "destinationCidrBlock": "10.0.0.0/8",
                        "transitGatewayId": "tgw-0123456789abcdef0",
                    },
                )
                for zone in ("az1", "az2", "az4")
            ),
        ),
    ),
    Mutation(
        "endpoint-policy-jwt-bearers",
        "closed to bearers",
        (_endpoint("bedrock-agentcore", "policy", without("OAuthCallersInvokeJwtRuntimes")),),
        (_endpoint("bedrock-agentcore", "policy", without("AgentsWithoutJwtGetTokensByUser")),),
    ),
)

MUTATIONS: Final = (*_GROUP_RULES, *_SUBNET_MUTATIONS, *_VPC_MUTATIONS, *_ENDPOINTS)
"""Of production's network with endpoints only, unless they have to be of another one."""
