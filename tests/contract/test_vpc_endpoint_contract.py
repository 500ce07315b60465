"""The deployed endpoints carry what contracts/vpc-endpoint-policy.json promises, word for word."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

import pytest

from tests.policy_document import statements_of
from tests.program.configs import STACKS, every_use_of_a_network, several_agents
from tests.program.program_run import ProgramRun, Registered, run_program
from tests.stack_files import CHECKOUT, PROJECT, committed, with_images

VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ACCOUNT: Final = str(committed("prod")[f"{PROJECT}:accountId"])
AGENTCORE = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}"
DIRECTORY = f"{AGENTCORE}:workload-identity-directory/default"

# Three agents of production: the first is called by JWT, and none is granted a tool.
ROLES = [
    f"arn:aws:iam::{ACCOUNT}:role/agentcore-prod-{name}-us-east-1"
    for name in ("assistant", "tagged", "writer")
]
IDENTITIES = {
    name: [DIRECTORY, f"{DIRECTORY}/workload-identity/agentcore_prod_{name}-*"]
    for name in ("assistant", "tagged", "writer")
}
VALUES: Final[Mapping[str, str | Sequence[str]]] = {
    "account_id": ACCOUNT,
    "partition": "aws",
    "region": "us-east-1",
    "resource_account_ids": [ACCOUNT],
    "workload_tokens_principals": ROLES,
    "workload_tokens_resources": [
        DIRECTORY,
        *(f"{DIRECTORY}/workload-identity/agentcore_prod_{name}-*" for name in IDENTITIES),
    ],
    "tokens_by_user_principals": ROLES[1:],
    "tokens_by_user_resources": [*IDENTITIES["tagged"], IDENTITIES["writer"][1]],
    "jwt_resources": [f"{AGENTCORE}:runtime/agentcore_prod_assistant-*"],
}
# What each endpoint is for, by service.
FLAGS: Final[Mapping[str, set[str]]] = {
    "bedrock-agentcore": {"workload_tokens", "tokens_by_user", "jwt"},
    "bedrock-runtime": {"models"},
    "ecr.api": {"images"},
    "ecr.dkr": {"images"},
    "logs": {"logs"},
    "monitoring": {"metrics"},
    "s3": {"layers"},
    "xray": {"traces"},
}


def _contract() -> dict[str, Any]:
    text = (CHECKOUT / "contracts" / "vpc-endpoint-policy.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


def _promised(flags: set[str]) -> dict[str, Any]:
    """The contract filled in by hand: what it says, read without the program's renderer."""

    def filled(node: object) -> object:
        if isinstance(node, dict):
            members = cast("dict[str, object]", node)
            # The organization is held against only where config names one.
            return {
                key: filled(each)
                for key, each in members.items()
                if key[:2] != "x-" and "x-value" not in cast("Mapping[str, object]", _keys(each))
            }
        if isinstance(node, list):
            items = cast("list[object]", node)
            return [filled(each) for each in items if _keys(each).get("x-when") in {None, *flags}]
        if not isinstance(node, str):
            return node
        for key, value in VALUES.items():
            if node == f"${{{key}}}":
                return value
        text = node
        for key, value in VALUES.items():
            text = text.replace(f"${{{key}}}", str(value))
        return text

    return cast("dict[str, Any]", filled(_contract()))


def _keys(node: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", node) if isinstance(node, dict) else {}


@cache
def _prod() -> ProgramRun:
    return _deployed("prod", several_agents("prod"))


def _deployed(stack: str, config: dict[str, Any]) -> ProgramRun:
    run = run_program(stack, config)
    assert (run.exit_code, run.errors) == (None, [])
    return run


def _endpoints(run: ProgramRun) -> dict[str, Registered]:
    begin = "com.amazonaws.us-east-1."
    return {r.inputs["serviceName"].removeprefix(begin): r for r in run.of_type(VPC_ENDPOINT)}


def test_production_has_an_endpoint_for_what_its_agents_use_and_no_other() -> None:
    assert set(_endpoints(_prod())) == set(FLAGS)


@pytest.mark.parametrize("service", FLAGS)
def test_the_policy_of_an_endpoint_is_the_contract_filled_in(service: str) -> None:
    policy = json.loads(_endpoints(_prod())[service].inputs["policy"])

    assert policy == _promised(FLAGS[service])
    assert policy["Statement"], "an endpoint without statements is closed to all"


def test_every_statement_of_the_contract_is_deployed_where_config_asks_for_it() -> None:
    promised = {entry["Sid"] for entry in _contract()["Statement"]}

    endpoints = _endpoints(_deployed("prod", every_use_of_a_network("prod")))
    deployed = {
        entry["Sid"]
        for endpoint in endpoints.values()
        for entry in json.loads(endpoint.inputs["policy"])["Statement"]
    }

    assert promised - deployed == {"ClosedToAll"}, "that one is of endpoints that nobody uses"
    assert deployed <= promised


@pytest.mark.parametrize("config", [several_agents("prod"), with_images(committed("prod"))])
def test_every_interface_endpoint_stands_in_every_zone_of_the_agents_under_the_services_own_name(
    config: dict[str, Any],
) -> None:
    run = _deployed("prod", config)
    zones = {
        r.outputs["id"]: r.inputs["availabilityZoneId"]
        for r in run.of_type("aws:ec2/subnet:Subnet")
    }
    in_use = {
        zones[subnet]
        for runtime in run.of_type("aws-native:bedrockagentcore:Runtime")
        for subnet in runtime.inputs["networkConfiguration"]["networkModeConfig"]["subnets"]
    }
    assert len(in_use) == 3

    for service, endpoint in _endpoints(run).items():
        if endpoint.inputs["vpcEndpointType"] == "Gateway":
            assert service == "s3"
            continue
        assert endpoint.inputs["privateDnsEnabled"] is True, service
        assert {zones[subnet] for subnet in endpoint.inputs["subnetIds"]} == in_use, service


def test_image_layers_are_fetched_from_every_route_table_of_the_agents() -> None:
    run = _prod()
    agents = {r.outputs["id"] for r in run.of_type("aws:ec2/subnet:Subnet")}
    associated = {
        r.inputs["routeTableId"]
        for r in run.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if r.inputs["subnetId"] in agents
    }

    assert set(_endpoints(run)["s3"].inputs["routeTableIds"]) == associated


def test_the_endpoints_admit_the_agents_on_443_and_nobody_else() -> None:
    run = _prod()
    agents = {
        group
        for runtime in run.of_type("aws-native:bedrockagentcore:Runtime")
        for group in runtime.inputs["networkConfiguration"]["networkModeConfig"]["securityGroups"]
    }
    groups = {
        group
        for endpoint in _endpoints(run).values()
        for group in endpoint.inputs.get("securityGroupIds", [])
    }
    assert len(agents) == len(groups) == 1
    assert not agents & groups

    (rule,) = [r.inputs for r in run.of_type(INGRESS)]
    assert {rule["securityGroupId"]} == groups
    assert {rule["referencedSecurityGroupId"]} == agents
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 443, 443)
    assert not {"cidrIpv4", "cidrIpv6", "prefixListId"} & set(rule)
    assert {r.inputs["securityGroupId"] for r in run.of_type(EGRESS)} == agents
    for group in run.of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs), "the rules are these and no others"


@pytest.mark.parametrize("stack", STACKS)
def test_what_is_open_to_all_is_bounded_or_a_named_exception(stack: str) -> None:
    account = committed(stack)[f"{PROJECT}:accountId"]
    own = {f"arn:aws:bedrock-agentcore:us-east-1:{account}:runtime/agentcore_{stack}_assistant-*"}
    layers = {"arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"}
    run = _deployed(stack, every_use_of_a_network(stack))

    open_to_all: list[tuple[str, set[str], set[str]]] = []
    for service, endpoint in _endpoints(run).items():
        for entry in json.loads(endpoint.inputs["policy"])["Statement"]:
            if entry["Principal"] != "*":
                assert "*" not in entry["Principal"]["AWS"], "each is named"
                continue
            condition = entry.get("Condition", {})
            if condition.get("StringEquals", {}).get("aws:PrincipalAccount") == account:
                continue
            if f":{account}:role/" in json.dumps(condition.get("ArnEquals", {})):
                continue
            (one,) = statements_of(json.dumps({"Statement": [entry]}))
            open_to_all.append((service, set(one.actions), set(one.resources)))

    assert sorted(open_to_all, key=str) == [
        (
            "bedrock-agentcore",
            {
                "bedrock-agentcore:InvokeAgentRuntime",
                "bedrock-agentcore:GetRuntimeProtectedResourceMetadata",
            },
            own,
        ),
        ("s3", {"s3:GetObject"}, layers),
    ], "callers with a JWT are no IAM principals, and layers are fetched in nobody's name"
