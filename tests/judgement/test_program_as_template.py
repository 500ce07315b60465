"""cfn-lint's verdict on what the program registers: by AWS's own schemas, with none of our code."""

import copy
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, cast

import pytest

from tests.emulator.aws.cloud import ENDPOINT, RUNTIME
from tests.judgement.cloudformation_template import REGION, TYPES, JsonObject, template
from tests.program.configs import every_use_of_a_network, several_agents
from tests.program.looked_up import Vpc, gateway_endpoint, interface_endpoint
from tests.program.program_run import ProgramRun, run_program
from tests.stack_files import PROJECT, committed, with_images

KEY = "AWS::KMS::Key"
Run = Callable[[], ProgramRun]


def _existing_network() -> ProgramRun:
    vpc = Vpc()
    vpc.endpoints = {"vpce-0123456789abcdef0": interface_endpoint("logs")}
    tables = [one["table"] for one in vpc.subnets.values()]
    vpc.endpoints["vpce-0123456789abcdef1"] = gateway_endpoint(*tables)
    network = {
        "vpcId": vpc.id,
        "subnetIds": list(vpc.subnets),
        "reusedEndpoints": {"logs": "vpce-0123456789abcdef0", "s3": "vpce-0123456789abcdef1"},
    }
    config = {**every_use_of_a_network("dev"), f"{PROJECT}:network": network}
    return run_program("dev", config, answers=vpc.answers())


_RUNS: dict[str, Run] = {
    "dev": lambda: run_program("dev", with_images(committed("dev"))),
    "prod": lambda: run_program("prod", several_agents("prod")),
    "every use of a network": lambda: run_program("prod", every_use_of_a_network("prod")),
    "an existing network": _existing_network,
}


@cache
def linter() -> Callable[[JsonObject], Iterable[Any]]:
    """cfn-lint with every rule that is on by default. Imported by the one worker that runs it."""
    from cfnlint import config, core, runner  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    rules = cast("Any", core).get_rules([], [], [], {}, include_experimental=False)
    settings = config.ConfigMixIn(regions=[REGION])
    return lambda document: cast("Any", runner).run_template_by_data(document, settings, rules)


def found(document: JsonObject) -> list[str]:
    return [f"{match.rule.id} {match.message} at {match.path}" for match in linter()(document)]


@cache
def registered(name: str) -> JsonObject:
    done = _RUNS[name]()
    assert (done.exit_code, done.errors) == (None, []), "the config is right"
    return template(done.resources)


@pytest.mark.parametrize("name", _RUNS)
def test_no_schema_and_no_rule_of_cfn_lint_is_broken(name: str) -> None:
    assert found(registered(name)) == []


def endpoint_policies(document: JsonObject) -> JsonObject:
    """The policies of the endpoints, each as that of a key: no rule reads those of endpoints."""
    return {
        "Resources": {
            name: {"Type": KEY, "Properties": {"KeyPolicy": each["Properties"]["PolicyDocument"]}}
            for name, each in document["Resources"].items()
            if each["Type"] == "AWS::EC2::VPCEndpoint"
        }
    }


# By rule, endpoint and what the rule says it of.
ACCEPTED: Mapping[tuple[str, str, str], str] = {
    ("W3037", "bedrock-agentcore", "getruntimeprotectedresourcemetadata"): (
        "the AgentCore developer guide, vpc-interface-endpoints, has it; the action catalogue of "
        "cfn-lint does not"
    ),
}


@pytest.mark.parametrize("name", ["prod", "every use of a network"])
def test_what_the_linter_finds_in_a_policy_of_an_endpoint_is_accepted_and_nothing_else(
    name: str,
) -> None:
    document = registered(name)
    assert {
        (
            match.rule.id,
            document["Resources"][match.path[1]]["Properties"]["ServiceName"].split(".", 3)[3],
            match.message.split("'")[1],
        )
        for match in linter()(endpoint_policies(document))
    } == set(ACCEPTED), "judge each; an acceptance that nothing needs is taken out"


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        ("Effect", "allow", "Effect"),
        ("Principal", None, "Principal"),
        ("Action", "s3:GetObjects", "getobjects"),
        ("Colour", "red", "'Colour' was unexpected"),
    ],
)
def test_a_policy_of_an_endpoint_with_one_thing_broken_is_found(
    member: str, value: str | None, said: str
) -> None:
    document = copy.deepcopy(endpoint_policies(registered("prod")))
    statement = next(iter(document["Resources"].values()))["Properties"]["KeyPolicy"]["Statement"][
        0
    ]
    statement[member] = value
    if value is None:
        del statement[member]
    assert said in "\n".join(found(document))


def test_every_type_that_is_written_is_judged() -> None:
    written = {
        resource["Type"] for name in _RUNS for resource in registered(name)["Resources"].values()
    }
    assert written == set(TYPES)


_FIRST_OF_TRUST = ("AssumeRolePolicyDocument", "Statement", 0)
_FIRST_RIGHT = ("PolicyDocument", "Statement", 0)


@pytest.mark.parametrize(
    ("kind", "path", "value", "said"),
    [
        (RUNTIME, ("RoleArn",), "execution", "'execution' does not match"),
        (RUNTIME, ("RoleArn",), None, "'RoleArn' is a required property"),
        (RUNTIME, ("Colour",), "red", "'Colour' was unexpected"),
        (RUNTIME, ("ProtocolConfiguration",), "FTP", "ProtocolConfiguration"),
        (RUNTIME, ("LifecycleConfiguration", "MaxLifetime"), 1, "MaxLifetime"),
        (RUNTIME, ("NetworkConfiguration", "NetworkModeConfig", "Subnets"), ["s-1"], "Subnets"),
        (RUNTIME, ("Tags", "Owner"), {}, "Tags"),
        (ENDPOINT, ("Name",), "1st", "Name"),
        (KEY, ("PendingWindowInDays",), 3, "PendingWindowInDays"),
        ("AWS::IAM::Role", (*_FIRST_OF_TRUST, "Principal"), None, "Principal"),
        ("AWS::IAM::Role", (*_FIRST_OF_TRUST, "Effect"), "allow", "Effect"),
        ("AWS::IAM::RolePolicy", (*_FIRST_RIGHT, "Actions"), "s3:GetObject", "Actions"),
        ("AWS::IAM::RolePolicy", (*_FIRST_RIGHT, "Action"), "s3:GetObjects", "getobjects"),
        ("AWS::ECR::Repository", ("EncryptionConfiguration", "KmsKey"), "", "KmsKey"),
        ("AWS::Logs::LogGroup", ("RetentionInDays",), 31, "31 is not one of"),
        ("AWS::EC2::VPC", ("EnableDnsSupport",), "maybe", "'maybe' is not of type 'boolean'"),
        ("AWS::EC2::Subnet", ("VpcId",), "subnet-0123456789abcdef0", "VpcId"),
        ("AWS::EC2::Route", ("RouteTableId",), None, "'RouteTableId' is a required property"),
        ("AWS::EC2::SubnetRouteTableAssociation", ("SubnetId",), None, "'SubnetId'"),
        ("AWS::EC2::NatGateway", ("AllocationIds",), "eipalloc-1", "'AllocationIds' was unexp"),
        ("AWS::EC2::FlowLog", ("TrafficType",), "SOME", "'SOME' is not one of"),
        ("AWS::EC2::VPCEndpoint", ("VpcEndpointType",), "Private", "'Private' is not one of"),
        ("AWS::EC2::SecurityGroup", ("GroupDescription",), "é", "GroupDescription"),
        ("AWS::EC2::SecurityGroupIngress", ("FromPort",), None, "FromPort"),
        ("AWS::EC2::SecurityGroupEgress", ("ToPort",), "https", "ToPort"),
    ],
)
def test_one_thing_broken_is_found(
    kind: str, path: tuple[str | int, ...], value: object, said: str
) -> None:
    resources = registered("every use of a network")["Resources"].values()
    broken = copy.deepcopy(next(resource for resource in resources if resource["Type"] == kind))
    (*parents, last) = path
    place: Any = broken["Properties"]
    for step in parents:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    assert said in "\n".join(found({"Resources": {"Broken": broken}}))


@pytest.mark.parametrize(
    ("kind", "property_", "value", "said"),
    [
        ("AWS::EC2::Subnet", "CidrBlock", "10.81.0.0/24", "is not a valid subnet of"),
        ("AWS::EC2::Subnet", "CidrBlock", "10.80.0.0/18", "overlaps with"),
    ],
)
def test_a_part_that_does_not_fit_the_others_is_found(
    kind: str, property_: str, value: str, said: str
) -> None:
    document = copy.deepcopy(registered("every use of a network"))
    network = {
        name: resource
        for name, resource in document["Resources"].items()
        if resource["Type"] in {kind, "AWS::EC2::VPC"}
    }
    next(each for each in network.values() if each["Type"] == kind)["Properties"][property_] = value
    assert said in "\n".join(found({"Resources": network}))
