import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from agentcore_policies.model import SECRET, UNKNOWN, Resource, Stack
from agentcore_policies.rule import Finding
from agentcore_policies.rules.resource_policies import RULES as RESOURCE_POLICIES
from agentcore_policies.rules.security_groups import RULES as GROUP_RULES
from agentcore_policies.rules.subnets import RULES as SUBNET_RULES
from agentcore_policies.rules.vpc_endpoints import RULES
from agentcore_policies.rules.vpc_mode import RULES as MODE_RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts
from tests.policies.small_network import (
    ACCOUNT,
    AWS,
    LAYERS,
    NATIVE,
    RUNTIME_NAME,
    Ref,
    SmallNetwork,
    policy,
)

FORMS: Final = (AWS, NATIVE)
APART: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
SUBNET_APART: Final = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
TABLE_APART: Final = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
PROPAGATION: Final = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
SUBNETS: Final = "networkConfiguration.networkModeConfig.subnets"
STACK_RULES: Final = [rule.id for rule in RULES if rule.check_stack]
NOTHING: Final[tuple[Any, ...]] = (None, "", {})
EVERYTHING: Final = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}

in_every_form = pytest.mark.parametrize("types", FORMS)
in_every_phase = pytest.mark.parametrize("preview", [True, False])


def said(rule: str, subject: Any, **settings: object) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, subject, **settings))


@in_every_form
@in_every_phase
@pytest.mark.parametrize("rule", STACK_RULES)
def test_a_network_with_all_its_endpoints_passes(types: Any, preview: bool, rule: str) -> None:  # noqa: FBT001
    assert said(rule, SmallNetwork(types).build(preview=preview)) == []


@in_every_form
@in_every_phase
@pytest.mark.parametrize("nothing", [None, "", {}, UNKNOWN])
def test_an_endpoint_has_a_policy(types: Any, preview: bool, nothing: Any) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    name = network.policy_name
    network["logs"][name] = nothing
    found = verdicts(RULES, "endpoint-policy", network.build(preview=preview))
    assert told(found) == finding(name)
    assert found[0].urn == network.urn("logs")
    settings = {"servicesWithoutPolicy": ["logs"]}
    assert said("endpoint-policy", network.build(preview=preview), **settings) == []
    network["logs"]["vpcEndpointType"] = "GatewayLoadBalancer"
    assert said("endpoint-policy", network.build(preview=preview)) == [], "it takes none"


@in_every_form
def test_the_policy_aws_gives_is_none(types: Any) -> None:
    network = SmallNetwork(types)
    document: dict[str, Any] = {"Version": "2008-10-17", "Statement": [EVERYTHING]}
    given = document if types is NATIVE else json.dumps(document)
    network["logs"][network.policy_name] = given
    assert said("endpoint-policy", network.build()) == finding(network.policy_name)
    document["Statement"] = [{**EVERYTHING, "Sid": "chosen"}]
    network["logs"][network.policy_name] = json.dumps(document)
    assert said("endpoint-policy", network.build()) == [], "how open it is, another rule says"


@in_every_form
@in_every_phase
def test_a_policy_may_be_a_resource_of_its_own(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    document = network["logs"].pop(network.policy_name)
    network.add("apart", APART, vpcEndpointId=Ref("logs"), policy=document)
    assert said("endpoint-policy", network.build(preview=preview)) == []
    network["apart"]["vpcEndpointId"] = UNKNOWN
    assert said("endpoint-policy", network.build(preview=preview)) == not_checked(
        network.policy_name
    )
    network["apart"].update(vpcEndpointId=Ref("logs"), policy=None)
    assert said("endpoint-policy", network.build(preview=preview)) == finding(network.policy_name)


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "logs:*", "Resource": "*", **changes}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return statement(Condition={operator: {key: value}})


def of_policy(types: Any, document: Any, service: str = "logs") -> Any:
    return resource(
        types["endpoint"],
        {
            "serviceName": f"com.amazonaws.us-east-1.{service}",
            "policy" if types is AWS else "policyDocument": document,
        },
    )


BOUND: Final = [
    when("StringEquals", "aws:PrincipalAccount", ACCOUNT),
    when("StringEquals", "AWS:principalaccount", [ACCOUNT]),
    when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-0123456789/r-ab12/*"]),
    when("StringEquals", "aws:PrincipalOrgID", "o-0123456789"),
    when("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/agent"),
    when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*"),
    when("StringEquals", "aws:PrincipalServiceName", "logs.amazonaws.com"),
    when("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE12:*"),
    statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/agent"}),
    statement(Principal={"AWS": [ACCOUNT]}),
    statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/team-*"}),
    statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    statement(Principal={"Service": "logs.amazonaws.com"}),
    statement(Effect="Deny"),
    LAYERS,
    statement(
        Action=[
            "bedrock-agentcore:InvokeAgentRuntime",
            "bedrock-agentcore:GetRuntimeProtectedResourceMetadata",
        ],
        Resource=[f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/support-*"],
    ),
    statement(
        Action="bedrock-agentcore:InvokeAgentRuntime",
        Resource=f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/support-*:live",
    ),
]
OPEN: Final = [
    statement(),
    statement(Principal={"AWS": "*"}),
    statement(Principal={"AWS": ["*", ACCOUNT]}),
    statement(Principal={"AWS": "arn:aws:iam::*:role/*"}),
    statement(Principal={"AWS": "arn:aws:iam::*:root"}),
    statement(Principal={"AWS": "2222*"}),
    {**LAYERS, "Action": ["s3:GetObject", "s3:PutObject"]},
    {**{key: value for key, value in LAYERS.items() if key != "Action"}, "NotAction": "s3:Put*"},
    {**{key: value for key, value in LAYERS.items() if key != "Resource"}, "NotResource": "x"},
    statement(
        Action="bedrock-agentcore:InvokeAgentRuntime",
        Resource=f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:gateway/tools-*",
    ),
    when("StringNotEquals", "aws:PrincipalAccount", ACCOUNT),
    when("StringEqualsIfExists", "aws:PrincipalAccount", ACCOUNT),
    when("ForAllValues:StringEquals", "aws:PrincipalAccount", ACCOUNT),
    when("StringLike", "aws:PrincipalAccount", "*"),
    when("StringLike", "aws:PrincipalAccount", "????????????"),
    when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
    when("StringLike", "aws:PrincipalAccount", [ACCOUNT, "*"]),
    when("StringLike", "aws:PrincipalAccount", [f"{digit}*" for digit in range(10)]),
    when("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}"),
    when("StringLike", "aws:PrincipalOrgID", "o-*"),
    when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-*/r-*"),
    when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/agent"),
    when("StringLike", "aws:PrincipalServiceName", "*.amazonaws.com"),
    when("StringLike", "aws:userid", "A*"),
    when("StringEquals", "aws:SourceVpc", "vpc-0123456789abcdef0"),
    when("StringEquals", "aws:ResourceAccount", ACCOUNT),
    when("Bool", "aws:SecureTransport", "true"),
    {**LAYERS, "Action": "s3:*"},
    {**LAYERS, "Resource": "*"},
    {**LAYERS, "Resource": f"{LAYERS['Resource'][:-2]}-evil/*"},
    {**LAYERS, "Resource": f"{LAYERS['Resource'][:-2]}*"},
    {**LAYERS, "Resource": [LAYERS["Resource"], "arn:aws:s3:::other/*"]},
    {**LAYERS, "Resource": "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"},
    statement(Action="bedrock-agentcore:InvokeAgentRuntime", Resource="*"),
    *(
        statement(Action="bedrock-agentcore:InvokeAgentRuntime", Resource=runtimes)
        for runtimes in (
            "arn:aws:bedrock-agentcore:*:*:runtime/*",
            "arn:aws:bedrock-agentcore:us-east-1:2222222222*:runtime/*",
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:*",
            f"arn:aws:*:us-east-1:{ACCOUNT}:runtime/*",
            [
                f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/*",
                "arn:aws:bedrock-agentcore:us-east-1::runtime/*",
            ],
        )
    ),
    statement(
        Action="bedrock-agentcore:*",
        Resource=f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/support-*",
    ),
]


@in_every_form
@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("given", BOUND)
def test_policies_that_say_who_pass(
    types: Any,
    given: dict[str, Any],
    as_text: bool,  # noqa: FBT001
) -> None:
    text = policy(given)
    assert (
        said("endpoint-policy-open", of_policy(types, text if as_text else json.loads(text))) == []
    )


@in_every_form
@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("given", OPEN)
def test_policies_that_let_everybody_through_are_refused(
    types: Any,
    given: dict[str, Any],
    as_text: bool,  # noqa: FBT001
) -> None:
    text = policy(given, BOUND[0])
    ((kind, path),) = said(
        "endpoint-policy-open", of_policy(types, text if as_text else json.loads(text))
    )
    assert kind == "finding"
    assert ".Statement[0].Principal" in path


@in_every_form
def test_everybody_but_some_is_everybody(types: Any) -> None:
    given = statement(NotPrincipal={"AWS": ACCOUNT})
    del given["Principal"]
    ((kind, path),) = said("endpoint-policy-open", of_policy(types, policy(given)))
    assert (kind, path.rpartition(".")[2]) == ("finding", "NotPrincipal")


def test_a_policy_of_its_own_is_judged_alike() -> None:
    elsewhere = {**LAYERS, "Resource": "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"}
    for given, expected in ((OPEN[0], 1), (BOUND[0], 0), (elsewhere, 0)):
        apart = resource(APART, {"vpcEndpointId": "vpce-1", "policy": policy(given)})
        assert len(said("endpoint-policy-open", apart)) == expected
    bucket = "arn:aws:s3:::prod-{}-starport-layer-bucket/*"
    for region, expected in (
        ("us-east-1", 0),
        ("us-gov-west-1", 0),
        ("evil", 1),
        ("*", 1),
        ("us-east-1-evil", 1),
    ):
        layers = policy({**LAYERS, "Resource": bucket.format(region)})
        apart = resource(APART, {"vpcEndpointId": "vpce-1", "policy": layers})
        assert len(said("endpoint-policy-open", apart)) == expected, region
    for nothing in (None, ""):
        apart = resource(APART, {"vpcEndpointId": "vpce-1", "policy": nothing})
        assert said("endpoint-policy-open", apart) == finding("policy")


@in_every_form
def test_what_is_no_policy_is_refused(types: Any) -> None:
    principal_in_lower_case = {
        "Effect": "Allow", "principal": "*", "Action": "*", "Resource": "*"
    }  # fmt: skip
    twice = policy(statement(Principal={"AWS": ACCOUNT})).replace(
        '"Principal"', '"Principal": "*", "Principal"'
    )
    for text in ("{", "[]", '{"Version": "2012-10-17"}', policy(principal_in_lower_case), twice):
        found = verdicts(RESOURCE_POLICIES, "resource-policy-malformed", of_policy(types, text))
        assert {kind for kind, _ in told(found)} == {"finding"}
    for text in (policy(BOUND[0]), policy(LAYERS)):
        subject = of_policy(types, text)
        assert verdicts(RESOURCE_POLICIES, "resource-policy-malformed", subject) == []


@in_every_form
def test_unknown_policies_are_said_to_be_unchecked(types: Any) -> None:
    name = "policy" if types is AWS else "policyDocument"
    for hidden in (UNKNOWN, SECRET):
        assert said("endpoint-policy-open", of_policy(types, hidden)) == not_checked(name)
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": [UNKNOWN, OPEN[0]]}
    assert [kind for kind, _ in said("endpoint-policy-open", of_policy(types, document))] == [
        "not checked",
        "finding",
    ]
    for element, known in (("Action", "s3:GetObject"), ("Resource", LAYERS["Resource"])):
        for hidden in (UNKNOWN, [known, UNKNOWN]):
            document["Statement"] = [{**LAYERS, element: hidden}]
            ((kind, _),) = said("endpoint-policy-open", of_policy(types, document))
            assert kind == "finding", "it may be for more than the layers"
    document["Statement"] = [when("StringEquals", "aws:SourceVpc", UNKNOWN)]
    ((kind, _),) = said("endpoint-policy-open", of_policy(types, document))
    assert kind == "finding", "whatever the VPC is, it says nobody"
    for given in (
        when("StringLike", "aws:userid", UNKNOWN),
        when("StringEquals", "aws:PrincipalAccount", UNKNOWN),
        statement(Condition=UNKNOWN),
        statement(Principal={"AWS": UNKNOWN}),
        statement(Principal=UNKNOWN),
    ):
        document["Statement"] = [given]
        ((kind, _),) = said("endpoint-policy-open", of_policy(types, document))
        assert kind == "not checked"


@in_every_form
@pytest.mark.parametrize(
    ("kind", "service", "value", "found"),
    [
        ("Interface", "logs", True, []),
        ("Interface", "logs", False, finding),
        ("Interface", "logs", None, finding),
        ("Interface", "logs", UNKNOWN, not_checked),
        *(
            ("Interface", service, False, finding)
            for service in (
                *("bedrock-agentcore", "bedrock-agentcore-control", "bedrock-agentcore.gateway"),
                *("bedrock-runtime", "ecr.api", "ecr.dkr", "kms", "monitoring"),
                *("secretsmanager", "ssm", "sts", "xray"),
            )
        ),
        ("GatewayLoadBalancer", "logs", False, []),
        ("Interface", "execute-api", False, []),
        ("Gateway", "s3", True, finding),
        ("Gateway", "s3", False, []),
        ("Gateway", "s3", None, []),
        (None, "s3", True, finding),
    ],
)
def test_interface_endpoints_have_private_dns_and_gateways_none(
    types: Any, kind: str | None, service: str, value: Any, found: Any
) -> None:
    endpoint = resource(
        types["endpoint"],
        {
            "vpcEndpointType": kind,
            "serviceName": f"com.amazonaws.us-east-1.{service}",
            "privateDnsEnabled": value,
        },
    )
    assert said("endpoint-private-dns", endpoint) == (found and found("privateDnsEnabled"))
    hidden = resource(types["endpoint"], {**endpoint.props, "vpcEndpointType": UNKNOWN})
    assert said("endpoint-private-dns", hidden) == not_checked("vpcEndpointType")
    unnamed = resource(types["endpoint"], {**endpoint.props, "serviceName": UNKNOWN})
    assert said("endpoint-private-dns", unnamed) == not_checked("privateDnsEnabled")


@in_every_form
@in_every_phase
def test_interface_endpoints_stand_in_two_subnets(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "endpoint-zones"
    network = SmallNetwork(types)
    network["logs"]["subnetIds"] = [Ref("subnet use1-az1")]
    assert said(rule, network.build(preview=preview)) == finding("subnetIds")
    assert said(rule, network.build(preview=preview), minimumSubnets=1) == []
    network.add("apart", SUBNET_APART, vpcEndpointId=Ref("logs"), subnetId=Ref("subnet use1-az2"))
    assert said(rule, network.build(preview=preview)) == [], "an association adds one"
    network["apart"]["vpcEndpointId"] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked("subnetIds")
    network.remove("apart")
    for nothing in (None, (), UNKNOWN):
        network["logs"]["subnetIds"] = nothing
        assert said(rule, network.build(preview=preview)) == finding("subnetIds"), "none is given"


def test_subnets_may_be_given_with_addresses() -> None:
    network = SmallNetwork(AWS)
    ids = network["logs"].pop("subnetIds")
    network["logs"]["subnetConfigurations"] = [{"subnetId": one} for one in ids]
    for preview in (True, False):
        assert said("endpoint-zones", network.build(preview=preview)) == []
    network["logs"]["subnetConfigurations"].pop()
    assert said("endpoint-zones", network.build()) == finding("subnetIds")


def test_one_subnet_given_twice_is_one() -> None:
    network = SmallNetwork(AWS)
    network["logs"]["subnetIds"] = [Ref("subnet use1-az1"), Ref("subnet use1-az1")]
    assert said("endpoint-zones", network.build()) == finding("subnetIds")


@in_every_form
@in_every_phase
@pytest.mark.parametrize("missing", ["bedrock-runtime", "ecr.api", "ecr.dkr", "logs", "s3"])
def test_the_missing_endpoint_is_named_and_no_other(
    types: Any,
    preview: bool,  # noqa: FBT001
    missing: str,
) -> None:
    network = SmallNetwork(types)
    network.remove(missing)
    (found,) = verdicts(RULES, "runtime-endpoints-complete", network.build(preview=preview))
    assert isinstance(found, Finding)
    assert found.urn == network.urn("runtime")
    assert f"lacks those of {missing}." in found.message


@in_every_form
@in_every_phase
def test_what_a_role_grants_needs_its_endpoint(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    document = policy(
        *(
            {"Effect": "Allow", "Action": action, "Resource": "*"}
            for action in ("xray:Put*", "CloudWatch:PutMetricData", "secretsmanager:*", "kms:*")
        ),
        {"Effect": "Deny", "Action": "bedrock-agentcore:InvokeGateway", "Resource": "*"},
    )
    network["permissions"]["policy" if types is AWS else "policyDocument"] = document
    (found,) = verdicts(RULES, "runtime-endpoints-complete", network.build(preview=preview))
    assert isinstance(found, Finding)
    assert "lacks those of monitoring, secretsmanager, xray." in found.message


TRACES: Final = policy({"Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"})
MANAGED: Final = f"arn:aws:iam::{ACCOUNT}:policy/traces"
OF_AWS: Final = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
ATTACHED: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ATTACHED_TO_MANY: Final = "aws:iam/policyAttachment:PolicyAttachment"
NATIVE_MANAGED: Final = "aws-native:iam:ManagedPolicy"


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    ("attachment", "role"),
    [
        ((ATTACHED, {"role": Ref("role"), "policyArn": MANAGED}), {}),
        ((ATTACHED_TO_MANY, {"roles": [Ref("role")], "policyArn": MANAGED}), {}),
        ((NATIVE_MANAGED, {"roles": [Ref("role")], "policyDocument": TRACES}), {}),
        (None, {"managedPolicyArns": [MANAGED]}),
        (None, {"inlinePolicies": [{"name": "traces", "policy": TRACES}]}),
        (None, {"policies": [{"policyName": "traces", "policyDocument": TRACES}]}),
    ],
)
def test_what_a_role_is_granted_in_other_ways_needs_its_endpoint(
    types: Any,
    preview: bool,  # noqa: FBT001
    attachment: Any,
    role: dict[str, Any],
) -> None:
    rule = "runtime-endpoints-complete"
    network = SmallNetwork(types)
    managed = "aws:iam/policy:Policy"
    network.add("traces", managed, arn=MANAGED, policy=TRACES)
    assert said(rule, network.build(preview=preview)) == [], "it is nobody's yet"
    network["role"].update(role)
    if attachment:
        network.add("attachment", attachment[0], **attachment[1])
    (found,) = verdicts(RULES, rule, network.build(preview=preview))
    assert isinstance(found, Finding)
    assert "lacks those of xray." in found.message


@in_every_form
@in_every_phase
def test_what_nobody_can_read_of_a_role_is_said_to_be_unchecked(
    types: Any,
    preview: bool,  # noqa: FBT001
) -> None:
    rule = "runtime-endpoints-complete"
    network = SmallNetwork(types)
    name = "policy" if types is AWS else "policyDocument"
    for entry in (UNKNOWN, {name: UNKNOWN}):
        network["role"]["inlinePolicies" if types is AWS else "policies"] = [entry]
        assert said(rule, network.build(preview=preview)) == not_checked("roleArn")
    network["role"].clear()
    network["role"].update(managedPolicyArns=UNKNOWN, inlinePolicies=UNKNOWN)
    assert said(rule, network.build(preview=preview)) == [], "the provider fills it in"
    network["role"]["managedPolicyArns"] = [OF_AWS]
    assert said(rule, network.build(preview=preview)) == not_checked("roleArn")
    del network["role"]["managedPolicyArns"]
    network.add("attachment", ATTACHED, role=Ref("role"), policyArn=OF_AWS)
    assert said(rule, network.build(preview=preview)) == not_checked("roleArn")
    network["attachment"]["role"] = "another"
    assert said(rule, network.build(preview=preview)) == []
    network["permissions"][name] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked("roleArn")


def with_agents(types: Any, count: int) -> SmallNetwork:
    """As many agents, each with a role and a policy of its own."""
    network = SmallNetwork(types)
    owner = "role" if types is AWS else "roleName"
    for number in range(count):
        network.add(f"role {number}", "role")
        permissions = {**network["permissions"], owner: Ref(f"role {number}")}
        network.add(f"permissions {number}", "role policy", **permissions)
        runtime = {**network["runtime"], "roleArn": Ref(f"role {number}")}
        network.add(f"runtime {number}", "runtime", **runtime)
    return network


@in_every_form
@pytest.mark.parametrize("rules", [RULES, GROUP_RULES, SUBNET_RULES, MODE_RULES])
def test_no_rule_goes_through_the_whole_stack_for_each_agent(
    types: Any, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    of = Stack.of

    def counted(stack: Stack, *kinds: str) -> Iterator[Resource]:
        nonlocal calls
        calls += 1
        return of(stack, *kinds)

    monkeypatch.setattr(Stack, "of", counted)
    counts: list[int] = []
    for agents in (1, 3):
        stack = with_agents(types, agents).build()
        calls = 0
        for rule in rules:
            if rule.check_stack:
                verdicts(rules, rule.id, stack)
        counts.append(calls)
    assert 0 < counts[0] == counts[1]


@in_every_form
@in_every_phase
def test_a_runtime_with_a_way_out_needs_no_endpoints(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-endpoints-complete"
    network = SmallNetwork(types)
    network.remove("logs")
    network.add("nat", "nat gateway")
    network.add(
        "route",
        "route",
        routeTableId=Ref("table use1-az1"),
        destinationCidrBlock="0.0.0.0/0",
        natGatewayId=Ref("nat"),
    )
    assert said(rule, network.build(preview=preview)) == []
    network["route"]["destinationCidrBlock"] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked(SUBNETS)


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"transitGatewayId": "tgw-0123456789abcdef0"}, not_checked(SUBNETS)),
        ({"vpcPeeringConnectionId": "pcx-0123456789abcdef0"}, not_checked(SUBNETS)),
        ({"gatewayId": "vgw-0123456789abcdef0"}, not_checked(SUBNETS)),
        ({"gatewayId": UNKNOWN}, not_checked(SUBNETS)),
        ({"gatewayId": "local"}, finding(SUBNETS)),
        ({"gatewayId": "igw-1", "destinationCidrBlock": "0.0.0.0/0"}, finding(SUBNETS)),
        ({"gatewayId": "vpce-0123456789abcdef0"}, finding(SUBNETS)),
    ],
)
def test_another_network_may_have_the_endpoints(
    types: Any,
    preview: bool,  # noqa: FBT001
    route: dict[str, Any],
    expected: Any,
) -> None:
    network = SmallNetwork(types)
    network.remove("logs")
    table = {"routeTableId": Ref("table use1-az1"), "destinationCidrBlock": "10.0.0.0/8"}
    network.add("route", "route", **{**table, **route})
    assert said("runtime-endpoints-complete", network.build(preview=preview)) == expected


@in_every_phase
def test_what_a_gateway_propagates_may_lead_to_endpoints(preview: bool) -> None:  # noqa: FBT001
    rule = "runtime-endpoints-complete"
    network = SmallNetwork(AWS)
    network.remove("logs")
    table = network["table use1-az1"]
    table["propagatingVgws"] = ["vgw-0123456789abcdef0"]
    assert said(rule, network.build(preview=preview)) == not_checked(SUBNETS)
    table["propagatingVgws"] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == finding(SUBNETS), "the provider's to tell"
    del table["propagatingVgws"]
    apart = {"routeTableId": Ref("table use1-az2"), "vpnGatewayId": "vgw-0123456789abcdef0"}
    network.add("apart", PROPAGATION, **apart)
    assert said(rule, network.build(preview=preview)) == not_checked(SUBNETS)
    network["apart"]["routeTableId"] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked(SUBNETS), "it may be any"
    network.add("public table", "table", vpcId=Ref("vpc"))
    for table in ("rtb-elsewhere", Ref("public table")):
        network["apart"]["routeTableId"] = table
        assert said(rule, network.build(preview=preview)) == finding(SUBNETS)


@in_every_form
def test_code_needs_no_registry(types: Any) -> None:
    network = SmallNetwork(types)
    network.remove("ecr.api", "ecr.dkr")
    network["runtime"]["agentRuntimeArtifact"] = {"codeConfiguration": {"runtime": "NODE_22"}}
    assert said("runtime-endpoints-complete", network.build()) == []
    assert said("runtime-endpoints-complete", network.build(), services=["sts"]) == finding(SUBNETS)


@in_every_form
def test_what_another_stack_has_is_said_to_be_unchecked(types: Any) -> None:
    rule = "runtime-endpoints-complete"
    network = SmallNetwork(types)
    network["runtime"]["roleArn"] = "arn:aws:iam::222222222222:role/elsewhere"
    assert said(rule, network.build()) == not_checked("roleArn")
    network = SmallNetwork(types)
    network.remove("logs")
    network["ecr.api"]["vpcId"] = UNKNOWN
    assert said(rule, network.build()) == not_checked(SUBNETS)
    network = SmallNetwork(types)
    for zone in ("use1-az1", "use1-az2"):
        network[f"subnet {zone}"]["vpcId"] = "vpc-elsewhere"
    assert said(rule, network.build()) == not_checked(SUBNETS)


@in_every_form
@in_every_phase
def test_the_s3_endpoint_is_on_every_table(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "s3-endpoint-route-tables"
    network = SmallNetwork(types)
    network["s3"]["routeTableIds"] = [Ref("table use1-az1")]
    found = verdicts(RULES, rule, network.build(preview=preview))
    assert told(found) == finding("routeTableIds")
    assert isinstance(found[0], Finding)
    assert "subnet use1-az2" in found[0].message
    network.add("apart", TABLE_APART, vpcEndpointId=Ref("s3"), routeTableId=Ref("table use1-az2"))
    assert said(rule, network.build(preview=preview)) == [], "an association adds one"
    network["apart"]["routeTableId"] = UNKNOWN
    assert said(rule, network.build(preview=preview)) == not_checked("routeTableIds")
    network.remove("apart")
    for nothing in (None, (), UNKNOWN):
        network["s3"]["routeTableIds"] = nothing
        assert said(rule, network.build(preview=preview)) == finding("routeTableIds")
    network.remove("s3")
    assert said(rule, network.build(preview=preview)) == [], "that it is missing, another rule says"


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    ("statements", "is_refused"),
    [
        ([LAYERS], False),
        ([{**LAYERS, "Action": "S3:Get*"}], False),
        ([{**LAYERS, "Resource": "*"}], False),
        ([{**LAYERS, "Principal": {"AWS": "*"}}], False),
        ([{**LAYERS, "Action": "s3:PutObject"}], True),
        ([{**LAYERS, "Resource": "arn:aws:s3:::prod-us-east-2-starport-layer-bucket/*"}], True),
        ([{**LAYERS, "Principal": {"AWS": ACCOUNT}}], True),
        ([{**LAYERS, **when("StringEquals", "aws:PrincipalAccount", ACCOUNT)}], True),
        ([LAYERS, {**LAYERS, "Effect": "Deny", "Action": "*"}], True),
        ([LAYERS, {**LAYERS, "Effect": "Deny", "Action": "s3:PutObject"}], False),
    ],
)
def test_image_layers_come_through(
    types: Any,
    preview: bool,  # noqa: FBT001
    statements: list[dict[str, Any]],
    is_refused: bool,  # noqa: FBT001
) -> None:
    rule = "s3-endpoint-layers"
    network = SmallNetwork(types)
    name = network.policy_name
    network["s3"][name] = policy(*statements)
    assert said(rule, network.build(preview=preview)) == (finding(name) if is_refused else [])
    network.add("apart", APART, vpcEndpointId=Ref("s3"), policy=policy(*statements))
    network["s3"][name] = policy(LAYERS)
    assert said(rule, network.build(preview=preview)) == (finding("policy") if is_refused else [])


@in_every_form
def test_unknown_policies_of_s3_are_said_to_be_unchecked(types: Any) -> None:
    network = SmallNetwork(types)
    network["s3"][network.policy_name] = {"Version": "2012-10-17", "Statement": [UNKNOWN]}
    ((kind, _),) = said("s3-endpoint-layers", network.build())
    assert kind == "not checked"
    network["runtime"]["agentRuntimeArtifact"] = {"codeConfiguration": {"runtime": "NODE_22"}}
    assert said("s3-endpoint-layers", network.build()) == [], "code has no layers"


def with_agentcore(types: Any, *, jwt: bool, **changes: Any) -> SmallNetwork:
    network = SmallNetwork(types)
    invoke = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": [
            "bedrock-agentcore:InvokeAgentRuntime",
            "bedrock-agentcore:GetRuntimeProtectedResourceMetadata",
        ],
        "Resource": f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/{RUNTIME_NAME}-*",
        **changes,
    }
    network.add(
        "agentcore",
        "endpoint",
        **{
            **network["logs"],
            "serviceName": "com.amazonaws.us-east-1.bedrock-agentcore",
            network.policy_name: policy(invoke),
        },
    )
    if jwt:
        authorizer = {"customJwtAuthorizer": {"discoveryUrl": "https://login.example.com"}}
        network["runtime"]["authorizerConfiguration"] = authorizer
    return network


@in_every_form
@in_every_phase
@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({}, False),
        ({"Action": "bedrock-agentcore:*"}, False),
        ({"Resource": "*"}, False),
        ({"Action": "bedrock-agentcore:InvokeAgentRuntime"}, True),
        ({"Principal": {"AWS": ACCOUNT}}, True),
        ({"Resource": f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/other-*"}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}, True),
    ],
)
def test_bearers_of_jwts_come_through(
    types: Any,
    preview: bool,  # noqa: FBT001
    changes: dict[str, Any],
    is_refused: bool,  # noqa: FBT001
) -> None:
    network = with_agentcore(types, jwt=True, **changes)
    expected = finding(network.policy_name) if is_refused else []
    assert said("endpoint-policy-jwt-bearers", network.build(preview=preview)) == expected
    assert said("endpoint-policy-jwt", network.build(preview=preview)) == [], "closed is allowed"


def test_nobody_has_to_open_an_endpoint_that_bearers_may_not_use() -> None:
    levels = {rule.id: rule.level for rule in RULES}
    assert levels["endpoint-policy-jwt-bearers"] == "advisory"
    assert levels["endpoint-policy-jwt"] == "mandatory"


@in_every_form
@in_every_phase
def test_callers_of_runtimes_that_check_no_jwt_are_no_bearers(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = with_agentcore(types, jwt=False, Principal={"AWS": ACCOUNT})
    assert said("endpoint-policy-jwt-bearers", network.build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_runtimes_that_check_no_jwt_are_not_open_to_everybody(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "endpoint-policy-jwt"
    network = with_agentcore(types, jwt=False)
    ((kind, path),) = said(rule, network.build(preview=preview))
    assert (kind, path.rpartition(".")[2]) == ("finding", "Resource")
    other = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/other-*"
    network = with_agentcore(types, jwt=False, Resource=other)
    assert said(rule, network.build(preview=preview)) == []
    network = with_agentcore(types, jwt=False, Principal={"AWS": ACCOUNT})
    assert said(rule, network.build(preview=preview)) == []


@in_every_phase
@pytest.mark.parametrize(
    ("meant", "other"),
    [
        ("arn:aws:bedrock-agentcore:*", "arn:aws:bedrock:*"),
        ("arn:aws:*", "arn:aws:s3:*"),
        ("arn:aws:bedrock-agentcore:us-east-1:*", "arn:aws:bedrock-agentcore:us-east-1:*:memory/*"),
        (f"arn:*:{ACCOUNT}:*", f"arn:*:{ACCOUNT}:memory/*"),
        ("arn:aws:bedrock-agentcore:*:runtime/*", "arn:aws:bedrock-agentcore:*:runtimes/*"),
        (f"*:runtime/{RUNTIME_NAME}-*", "*:runtime/other-*"),
        (
            f"arn:aws:bedrock-agentcore:*:{ACCOUNT}:*/{RUNTIME_NAME}-*",
            f"arn:aws:bedrock-agentcore:*:{ACCOUNT}:*/{RUNTIME_NAME}",
        ),
        (
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:*",
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:*",
        ),
        (
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/{RUNTIME_NAME}-aBcDeFgHiJ",
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/{RUNTIME_NAME}x-aBcDeFgHiJ",
        ),
        (
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/{RUNTIME_NAME}-??????????",
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/{RUNTIME_NAME}-??????????/*",
        ),
    ],
)
def test_whatever_can_match_a_runtime_means_it(preview: bool, meant: str, other: str) -> None:  # noqa: FBT001
    for pattern, is_meant in ((meant, True), (other, False)):
        without = with_agentcore(AWS, jwt=False, Resource=[pattern]).build(preview=preview)
        assert bool(said("endpoint-policy-jwt", without)) is is_meant, "its callers have names"
        checking = with_agentcore(AWS, jwt=True, Resource=[pattern]).build(preview=preview)
        assert bool(said("endpoint-policy-jwt-bearers", checking)) is not is_meant


@in_every_form
@in_every_phase
def test_who_may_invoke_a_runtime_is_told_by_what_allows_it(types: Any, preview: bool) -> None:  # noqa: FBT001
    for changes in (
        {"Effect": "Deny"},
        {"Action": "bedrock-agentcore:GetRuntimeProtectedResourceMetadata"},
    ):
        network = with_agentcore(types, jwt=False, **changes)
        assert said("endpoint-policy-jwt", network.build(preview=preview)) == []


@in_every_form
@in_every_phase
def test_a_policy_that_is_not_there_closes_nothing_to_bearers(types: Any, preview: bool) -> None:  # noqa: FBT001
    rule = "endpoint-policy-jwt-bearers"
    network = with_agentcore(types, jwt=True)
    nothings: tuple[Any, ...] = (None, "", {}, UNKNOWN)
    for nothing in nothings:
        network["agentcore"][network.policy_name] = nothing
        assert said(rule, network.build(preview=preview)) == [], nothing
    network["agentcore"][network.policy_name] = {"Version": "2012-10-17", "Statement": [UNKNOWN]}
    ((kind, _),) = said(rule, network.build(preview=preview))
    assert kind == "not checked"


@in_every_form
def test_a_runtime_that_nobody_knows_is_said_to_be_unchecked(types: Any) -> None:
    rules = ("endpoint-policy-jwt", "endpoint-policy-jwt-bearers")
    network = with_agentcore(types, jwt=True)
    network["runtime"]["authorizerConfiguration"] = UNKNOWN
    for rule in rules:
        assert said(rule, network.build()) == not_checked("authorizerConfiguration")
    network["runtime"]["agentRuntimeName"] = UNKNOWN
    for rule in rules:
        assert said(rule, network.build()) == not_checked("agentRuntimeName")


@pytest.mark.parametrize("given", [False, "false", None])
def test_private_dns_that_is_said_apart_is_on(given: object) -> None:
    kind = "aws:vpc/endpointPrivateDns:EndpointPrivateDns"
    off = resource(kind, {"vpcEndpointId": "vpce-1", "privateDnsEnabled": given})
    assert said("endpoint-private-dns", off) == finding("privateDnsEnabled")
    for on in (True, "true"):
        good = resource(kind, {"vpcEndpointId": "vpce-1", "privateDnsEnabled": on})
        assert said("endpoint-private-dns", good) == []
    hidden = resource(kind, {"vpcEndpointId": "vpce-1", "privateDnsEnabled": UNKNOWN})
    assert said("endpoint-private-dns", hidden) == not_checked("privateDnsEnabled")


@in_every_form
def test_a_switch_that_is_given_as_text_is_what_it_means(types: Any) -> None:
    def dns(given: object) -> list[tuple[str, str]]:
        props = {
            "serviceName": "com.amazonaws.us-east-1.logs",
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": given,
        }
        return said("endpoint-private-dns", resource(types["endpoint"], props))

    assert dns("false") == finding("privateDnsEnabled")
    assert dns("true") == []


def test_who_the_callers_account_is_may_be_unknown() -> None:
    for key in ("aws:SourceAccount", "aws:PrincipalArn", "aws:userid"):
        document = {"Version": "2012-10-17", "Statement": [when("StringEquals", key, UNKNOWN)]}
        ((kind, _),) = said("endpoint-policy-open", of_policy(AWS, document))
        assert kind == "not checked", key


@in_every_form
def test_a_gateway_endpoint_has_a_policy_as_well(types: Any) -> None:
    network = SmallNetwork(types)
    name = network.policy_name
    network["s3"][name] = None
    assert said("endpoint-policy", network.build()) == finding(name)
    network["s3"]["vpcEndpointType"] = UNKNOWN
    network["s3"]["serviceName"] = "com.amazonaws.us-east-1.dynamodb"
    for rule in ("endpoint-policy", "endpoint-zones"):
        assert said(rule, network.build()) == not_checked("vpcEndpointType")


@in_every_form
def test_a_policy_of_another_version_is_somebodys(types: Any) -> None:
    network = SmallNetwork(types)
    for version in ("2012-10-17", UNKNOWN, None):
        document = {"Version": version, "Statement": [EVERYTHING]}
        network["logs"][network.policy_name] = document
        assert said("endpoint-policy", network.build()) == [], version


def test_an_empty_policy_of_an_endpoint_is_told_by_another_rule() -> None:
    for nothing in NOTHING:
        assert said("endpoint-policy-open", of_policy(AWS, nothing)) == []


def with_another_runtime(network: SmallNetwork) -> SmallNetwork:
    """With one before it whose subnets have a way out."""
    table = {"routeTableId": Ref("way out"), "destinationCidrBlock": "0.0.0.0/0"}
    network.add("outer", "subnet", vpcId=Ref("vpc"), cidrBlock="10.0.64.0/24")
    network.add("way out", "table", vpcId=Ref("vpc"))
    network.add("of outer", "association", subnetId=Ref("outer"), routeTableId=Ref("way out"))
    network.add("route", "route", **table, natGatewayId="nat-0123456789abcdef0")
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    changed = {"networkMode": "VPC", "networkModeConfig": {**config, "subnets": [Ref("outer")]}}
    network.add("other", "runtime", **{**network["runtime"], "networkConfiguration": changed})
    network.begin_with("other")
    return network


def test_what_every_runtime_needs_is_looked_for() -> None:
    rule = "runtime-endpoints-complete"
    network = with_another_runtime(SmallNetwork(AWS))
    assert said(rule, network.build()) == []
    network.remove("logs")
    (found,) = verdicts(RULES, rule, network.build())
    assert (told([found]), found.urn) == (finding(SUBNETS), network.urn("runtime"))


def test_only_endpoints_that_may_be_of_the_vpc_are_doubtful() -> None:
    rule = "runtime-endpoints-complete"
    network = SmallNetwork(AWS)
    network["logs"]["serviceName"] = UNKNOWN
    assert said(rule, network.build()) == not_checked(SUBNETS)
    network["logs"]["serviceName"] = "com.example.vpce-svc-0123456789abcdef0"
    assert said(rule, network.build()) == finding(SUBNETS)
    network = SmallNetwork(AWS)
    network.add("other", "vpc", cidrBlock="10.1.0.0/16")
    for vpc in ("vpc-elsewhere", Ref("other")):
        network["logs"]["vpcId"] = vpc
        assert said(rule, network.build()) == finding(SUBNETS), vpc
    network = SmallNetwork(AWS)
    for name in ("bedrock-runtime", "ecr.api", "ecr.dkr", "logs", "s3"):
        network[name]["vpcId"] = "vpc-elsewhere"
    for zone in ("use1-az1", "use1-az2"):
        network[f"subnet {zone}"]["vpcId"] = "vpc-elsewhere"
    assert said(rule, network.build()) == not_checked(SUBNETS), "they may be of different VPCs"


INSECURE: Final = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("statements", "is_refused"),
    [
        *(
            ([{**LAYERS, "Resource": str(LAYERS["Resource"]).replace("aws", partition, 1)}], False)
            for partition in ("aws-cn", "aws-us-gov")
        ),
        ([{**LAYERS, "Effect": "Deny"}], True),
        ([LAYERS, {**LAYERS, "Effect": "Deny", "Condition": INSECURE}], False),
    ],
)
def test_what_lets_layers_through_is_an_allow_of_any_partition(
    statements: list[dict[str, Any]],
    is_refused: bool,  # noqa: FBT001
) -> None:
    network = SmallNetwork(AWS)
    network["s3"]["policy"] = policy(*statements)
    assert said("s3-endpoint-layers", network.build()) == (finding("policy") if is_refused else [])


def test_the_policy_of_each_gateway_of_s3_is_judged_once() -> None:
    rule = "s3-endpoint-layers"
    closed = policy({**LAYERS, "Action": "s3:PutObject"})
    network = SmallNetwork(AWS)
    network.add("more", "endpoint", **{**network["s3"], "policy": closed})
    network.add("other", "runtime", **network["runtime"])
    assert said(rule, network.build()) == finding("policy")
    network["runtime"]["agentRuntimeArtifact"] = {"codeConfiguration": {"runtime": "NODE_22"}}
    assert said(rule, network.build()) == finding("policy"), "the other is a container"
    network.add("apart", APART, vpcEndpointId=Ref("more"), policy=policy(LAYERS))
    assert said(rule, network.build()) == []
    network.remove("apart")
    for nothing in (*NOTHING, UNKNOWN):
        network["more"]["policy"] = nothing
        assert said(rule, network.build()) == [], "another rule says that there is none"
    network.add("hub", "vpc", cidrBlock="10.1.0.0/16")
    for changes in (
        {"serviceName": "com.amazonaws.us-east-1.dynamodb"},
        {"vpcEndpointType": "Interface"},
        {"vpcId": Ref("hub")},
    ):
        network["more"].update({**network["s3"], "policy": closed, **changes})
        assert said(rule, network.build()) == [], changes
    for zone in ("use1-az1", "use1-az2"):
        network[f"subnet {zone}"]["vpcId"] = "vpc-elsewhere"
    network["more"].update({**network["s3"], "policy": closed, "vpcId": "vpc-elsewhere"})
    assert said(rule, network.build()) == [], "what is elsewhere is another stack's"


def test_a_table_that_nobody_knows_may_have_the_route() -> None:
    rule = "s3-endpoint-route-tables"
    network = SmallNetwork(AWS)
    network["association use1-az1"]["routeTableId"] = "rtb-elsewhere"
    assert said(rule, network.build()) == not_checked("routeTableIds")
    kind = "aws:ec2/defaultRouteTable:DefaultRouteTable"
    network.add("default table", kind, id="rtb-default", defaultRouteTableId="rtb-unknown")
    network["s3"]["routeTableIds"] = ["rtb-default", Ref("table use1-az2")]
    assert said(rule, network.build()) == not_checked("routeTableIds"), "nobody knows either"
    network["association use1-az1"]["routeTableId"] = Ref("table use1-az1")
    assert said(rule, network.build()) == not_checked("routeTableIds")


def test_what_need_not_be_judged_keeps_nothing_behind_it_from_being_judged() -> None:
    network = SmallNetwork(AWS)
    network.begin_with("s3")
    network["logs"]["subnetIds"] = [Ref("subnet use1-az1")]
    assert said("endpoint-zones", network.build()) == finding("subnetIds"), "a gateway before it"
    network.add("unplaced", SUBNET_APART, vpcEndpointId=UNKNOWN, subnetId=Ref("subnet use1-az2"))
    network["ecr.api"]["subnetIds"] = [Ref("subnet use1-az1")]
    twice = not_checked("subnetIds") * 2
    assert said("endpoint-zones", network.build()) == twice, "one that is in doubt before it"

    network = SmallNetwork(AWS)
    network["s3"]["routeTableIds"] = [Ref("table use1-az1")]
    rule = "s3-endpoint-route-tables"
    assert said(rule, network.build()) == finding("routeTableIds"), "a good subnet before it"
    network.add("hub", "vpc", cidrBlock="10.1.0.0/16")
    network.add("spoke", "subnet", vpcId=Ref("hub"), cidrBlock="10.1.0.0/24")
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    elsewhere = {"networkMode": "VPC", "networkModeConfig": {**config, "subnets": [Ref("spoke")]}}
    network.add("other", "runtime", **{**network["runtime"], "networkConfiguration": elsewhere})
    network.begin_with("other")
    assert said(rule, network.build()) == finding("routeTableIds"), "a VPC without S3 before it"

    network = with_agentcore(AWS, jwt=False)
    given = network["agentcore"]["policy"]
    hidden = {"Version": "2012-10-17", "Statement": [UNKNOWN]}
    network.add("first", APART, vpcEndpointId=Ref("agentcore"), policy=hidden)
    network.add("second", APART, vpcEndpointId=Ref("agentcore"), policy=given)
    kinds = [kind for kind, _ in said("endpoint-policy-jwt", network.build())]
    assert kinds == ["not checked", "finding"], "a hidden policy before it"
    network["first"]["policy"] = None
    kinds = [kind for kind, _ in said("endpoint-policy-jwt", network.build())]
    assert kinds == ["finding"], "no policy before it"


def test_every_association_adds_one_subnet() -> None:
    rule = "endpoint-zones"
    network = SmallNetwork(AWS)
    network["logs"]["subnetIds"] = []
    network.add("first", SUBNET_APART, vpcEndpointId=Ref("logs"), subnetId=Ref("subnet use1-az1"))
    assert said(rule, network.build()) == finding("subnetIds")
    network.add("second", SUBNET_APART, vpcEndpointId=UNKNOWN, subnetId=Ref("subnet use1-az2"))
    network.begin_with("second")
    assert said(rule, network.build()) == not_checked("subnetIds")
    network["second"]["vpcEndpointId"] = Ref("logs")
    assert said(rule, network.build()) == []
    network.remove("first", "second")
    network["logs"]["serviceName"] = "com.example.vpce-svc-0123456789abcdef0"
    assert said(rule, network.build()) == [], "it is no service of AWS"


def test_subnets_that_nobody_knows_are_said_to_be_unchecked() -> None:
    network = SmallNetwork(AWS)
    hidden = resource(
        AWS["endpoint"],
        {**network["logs"], "id": "vpce-logs", "vpcId": "vpc-vpc", "subnetIds": UNKNOWN},
        "logs",
        dependencies={"subnetIds": ["urn"]},
    )
    others = [one for one in network.build() if one.name != "logs"]
    assert said("endpoint-zones", [*others, hidden]) == not_checked("subnetIds")
    one = said("endpoint-zones", [*others, hidden], minimumSubnets=1)
    assert one == not_checked("subnetIds"), "there may be none"
    network["logs"].pop("subnetIds")
    twice = [{"subnetId": Ref("subnet use1-az1")}, {"subnetId": Ref("subnet use1-az1")}]
    network["logs"]["subnetConfigurations"] = twice
    assert said("endpoint-zones", network.build()) == finding("subnetIds"), "it is one subnet"
