"""Whoever deploys may do what the program's resource types take, and nothing else."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from infra.config import StackConfig
from infra.deployer import deployer_documents
from infra.documents.deployer_permissions import Deployed, deployer_permissions
from infra.naming import StackNames
from infra.policy_evaluation import Document, Request, Verdict, decide
from tests.contract.deployer_actions import (
    BESIDES,
    NOT_CALLED,
    NOT_HANDLED,
    actions_in_tables,
    deploying,
    handled_in_schemas,
    looking_up,
    reading,
)
from tests.iam_catalogue import iam_action
from tests.policy_document import statements_of
from tests.program.configs import several_agents
from tests.program.looked_up import OWN_NETWORK
from tests.program.program_run import run_program
from tests.stack_files import PROJECT, committed, handed_over, with_images

ACCOUNT = "222222222222"
NAMES = StackNames(project=PROJECT, stack="prod", account_id=ACCOUNT, region="us-east-1")
BROUGHT = f"arn:aws:iam::{ACCOUNT}:role/team/agent"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/bounds"
PLAIN = Deployed(project_tag="agentcore")
FULL = Deployed(
    project_tag="agentcore",
    own_key=True,
    network=True,
    permissions_boundary=BOUNDARY,
    brought_role_arns=[BROUGHT],
)
UNBOUNDED = Deployed(project_tag="agentcore", own_key=True, network=True)
LINKED_ROLES = {
    "network.bedrock-agentcore.amazonaws.com": "AWSServiceRoleForBedrockAgentCoreNetwork",
    "runtime-identity.bedrock-agentcore.amazonaws.com": (
        "AWSServiceRoleForBedrockAgentCoreRuntimeIdentity"
    ),
}
# What fills the catalogue's ARN templates for something of the stack's own.
OWN = {
    "Partition": "aws",
    "Region": "us-east-1",
    "Account": ACCOUNT,
    "RepositoryName": "agentcore-prod/assistant",
    "RoleNameWithPath": "agentcore-prod-assistant-us-east-1",
    "PolicyNameWithPath": "bounds",
    "Alias": "agentcore-prod",
    "LogGroupName": "/aws/vpc/flow-logs/agentcore-prod",
    "RuntimeId": "agentcore_prod_assistant-0123456789",
    "RuntimeName": "agentcore_prod_assistant-0123456789",
    "WorkloadIdentityName": "agentcore_prod_assistant-0123456789",
    "DirectoryId": "default",
}
# Keys of a request for something of the stack's own.
CONTEXT: dict[str, str | None] = {
    "aws:RequestedRegion": "us-east-1",
    "kms:ViaService": "ecr.us-east-1.amazonaws.com",
    "iam:PermissionsBoundary": BOUNDARY,
    "iam:PassedToService": "bedrock-agentcore.amazonaws.com",
    "ec2:CreateAction": "CreateVpc",
}
REQUEST_TAGS: dict[str, str | None] = {
    "aws:RequestTag/Project": "agentcore",
    "aws:RequestTag/Environment": "prod",
}
RESOURCE_TAGS: dict[str, str | None] = {
    "aws:ResourceTag/Project": "agentcore",
    "aws:ResourceTag/Environment": "prod",
}


def _nat_stack() -> dict[str, Any]:
    network = {
        "cidr": "10.64.0.0/16",
        "egress": "nat",
        "egressRules": [{"description": "web", "fromPort": 443, "cidr": "0.0.0.0/0"}],
    }
    return {**with_images(committed("prod")), f"{PROJECT}:network": network}


STACKS = [
    pytest.param("dev", with_images(committed("dev")), id="dev"),
    pytest.param("prod", with_images(committed("prod")), id="prod"),
    pytest.param("dev", several_agents("dev"), id="dev-several-agents"),
    pytest.param("prod", _nat_stack(), id="prod-nat"),
]


def _documents_of(stack: str, config: dict[str, Any]) -> dict[str, str]:
    read = StackConfig.read(handed_over(config), project=PROJECT, stack=stack, secret=set())
    names = StackNames(project=PROJECT, stack=stack, account_id=read.account_id, region=read.region)
    return deployer_documents(read, names)


def _actions(documents: Iterable[str]) -> set[str]:
    return {
        action
        for document in documents
        for one in statements_of(document)
        for action in one.actions
    }


@cache
def _rendered(deployed_with: str) -> dict[str, str]:
    return deployer_permissions(
        NAMES, {"plain": PLAIN, "full": FULL, "unbounded": UNBOUNDED}[deployed_with]
    )


def _all_documents() -> list[Any]:
    return [
        pytest.param(document, id=f"{shape}-{name}")
        for shape in ("plain", "full", "unbounded")
        for name, document in _rendered(shape).items()
    ]


def _kinds(stack: str, config: dict[str, Any]) -> set[str]:
    return _kinds_registered(stack, json.dumps(config))


@cache
def _kinds_registered(stack: str, config: str) -> set[str]:
    resources = run_program(stack, json.loads(config)).resources
    return {one.type for one in resources if one.is_custom and not one.is_provider}


@pytest.mark.parametrize(("stack", "config"), STACKS)
def test_every_resource_type_of_a_stack_can_be_previewed_and_deployed(
    stack: str, config: dict[str, Any]
) -> None:
    documents = _documents_of(stack, config)
    previewed, deployed = _actions([documents["preview"]]), _actions(documents.values())
    needless = {"iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"}
    if "deploy-network" not in documents:
        runtime = deploying("aws-native:bedrockagentcore:Runtime")
        needless |= {action for action in runtime if action.startswith("ec2:")}

    kinds = _kinds(stack, config)

    assert "aws-native:bedrockagentcore:Runtime" in kinds, "the whole program ran"
    for kind in kinds:
        assert reading(kind) <= previewed, f"{kind} cannot be refreshed"
        assert deploying(kind) - needless <= deployed, f"{kind} cannot be made, changed or deleted"


@pytest.mark.parametrize(("stack", "config"), STACKS)
def test_nothing_is_granted_that_no_resource_type_takes(stack: str, config: dict[str, Any]) -> None:
    taken = {"iam:CreateServiceLinkedRole", "iam:PassRole"}
    for kind in _kinds(stack, config):
        taken |= deploying(kind)
    network_look_ups = {
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        "aws:ec2/getVpcEndpointService:getVpcEndpointService",
        "aws:ec2/getPrefixList:getPrefixList",
    }
    for token in network_look_ups:
        taken |= looking_up(token)
    documents = _documents_of(stack, config)
    # One document serves every shape a network can have.
    if "deploy-network" in documents:
        for kind in _kinds("prod", _nat_stack()):
            taken |= deploying(kind)

    assert _actions(documents.values()) - taken == set()


@pytest.mark.parametrize(
    "token",
    [
        "aws:ec2/getVpc:getVpc",
        "aws:ec2/getSubnet:getSubnet",
        "aws:ec2/getRouteTables:getRouteTables",
        "aws:ec2/getRouteTable:getRouteTable",
        "aws:ec2/getVpcEndpoint:getVpcEndpoint",
        "aws:ec2/getVpcEndpointService:getVpcEndpointService",
        "aws:ec2/getPrefixList:getPrefixList",
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        "aws:iam/getPolicy:getPolicy",
        "aws-native:iam:getRole",
    ],
)
def test_what_the_program_looks_up_can_be_previewed(token: str) -> None:
    assert looking_up(token) <= _actions([_rendered("full")["preview"]])


def test_each_exception_is_needed() -> None:
    assert set(NOT_CALLED) <= actions_in_tables(), "an exception that no table calls is left over"
    assert set(NOT_HANDLED) <= handled_in_schemas(), "an exception no handler asks for is left over"
    granted = _actions([*_rendered("full").values(), *_rendered("unbounded").values()])
    assert {action for besides in BESIDES.values() for action in besides} <= granted
    assert not (set(NOT_CALLED) | set(NOT_HANDLED)) & granted, "what is not called is not granted"


@pytest.mark.parametrize("shape", ["plain", "full", "unbounded"])
def test_a_preview_changes_nothing(shape: str) -> None:
    for action in _actions([_rendered(shape)["preview"]]):
        known = iam_action(action)
        assert known is not None, f"IAM knows no {action}"
        if action != "cloudformation:GetResource":  # the catalogue calls reading through it a read
            assert known.levels <= {"Read", "List"}, f"{action} is {known.levels}"


@pytest.mark.parametrize("document", _all_documents())
def test_every_action_exists_and_has_its_resources_and_conditions(document: str) -> None:
    sids = [one.sid for one in statements_of(document)]
    assert len(set(sids)) == len(sids), "IAM refuses a Sid used twice"
    assert "[]" not in document
    assert "$" not in document
    for one in statements_of(document):
        for action in one.actions:
            known = iam_action(action)
            assert known is not None, f"IAM knows no {action}"
            if one.resources == ["*"]:
                assert not known.needs_resource, f"{one.sid}: {action} can be bounded"
                assert one.condition_keys, f"{one.sid}: a star has a condition beside it"
            elif action != "logs:DescribeLogGroups":
                assert any(known.takes(arn) for arn in one.resources), f"{one.sid}: {action}"
            for key in one.condition_keys:
                template = re.sub(r"/.*", "/${TagKey}", key)
                assert template in known.condition_keys | {"aws:RequestedRegion"}, (
                    f"{one.sid}: {action} is never called with {key}"
                )


def _requests(action: str) -> Iterator[Request]:
    """The action on everything of the stack's own that it is authorised on."""
    known = iam_action(action)
    assert known is not None
    tagged = {
        **(REQUEST_TAGS if "aws:RequestTag/${TagKey}" in known.condition_keys else {}),
        **(RESOURCE_TAGS if "aws:ResourceTag/${TagKey}" in known.condition_keys else {}),
    }
    for template in known.required_templates or ("*",):
        arn = re.sub(r"\$\{(\w+)\}", lambda part: OWN.get(part[1], "x-0123456789"), template)
        yield Request(action=action, resource=arn, context={**CONTEXT, **tagged})


# Authorised on roles of AWS's own; a test of its own shows on which.
NOT_ON_OWN = {"iam:CreateServiceLinkedRole"}


@pytest.mark.parametrize("shape", ["full", "unbounded"])
def test_each_action_is_allowed_on_what_is_the_stacks_own(shape: str) -> None:
    rendered = _rendered(shape)

    for action in _actions(rendered.values()) - NOT_ON_OWN:
        for request in _requests(action):
            if request.resource != "*" or _is_on_star(action, rendered):
                assert _verdict(shape, request) is Verdict.ALLOWED, f"{action} {request.resource}"


def _is_on_star(action: str, rendered: dict[str, str]) -> bool:
    return any(
        one.resources == ["*"] and action in one.actions
        for document in rendered.values()
        for one in statements_of(document)
    )


def _verdict(shape: str, request: Request) -> Verdict:
    return decide(_read(shape), request).verdict


@cache
def _read(shape: str) -> list[Document]:
    return [Document.read(name, text) for name, text in _rendered(shape).items()]


def _allows(action: str, resource: str = "*", shape: str = "full", **known: str | None) -> bool:
    """Whether it is allowed; of the context only what is given is known, all else is absent."""
    context = {key.replace("__", ":").replace("_OF_", "/"): value for key, value in known.items()}
    absent = dict.fromkeys([*CONTEXT, *REQUEST_TAGS, *RESOURCE_TAGS])
    request = Request(action=action, resource=resource, context={**absent, **context})
    return _verdict(shape, request) is Verdict.ALLOWED


OWN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/agentcore-prod-assistant-us-east-1"
FLOW_LOG_ROLE = f"arn:aws:iam::{ACCOUNT}:role/agentcore-prod-flow-logs-us-east-1"
VPC = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/vpc-1"
SUBNET = f"arn:aws:ec2:us-east-1:{ACCOUNT}:subnet/subnet-1"
GROUP = f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/sg-1"
MADE_AS_OWN = {"aws__RequestTag_OF_Project": "agentcore", "aws__RequestTag_OF_Environment": "prod"}
TAGGED_AS_OWN = {
    "aws__ResourceTag_OF_Project": "agentcore",
    "aws__ResourceTag_OF_Environment": "prod",
}
TAGGED_AS_DEV = {**TAGGED_AS_OWN, "aws__ResourceTag_OF_Environment": "dev"}


def test_roles_are_passed_to_the_services_they_are_for_and_to_no_other() -> None:
    agentcore, flow_logs = "bedrock-agentcore.amazonaws.com", "vpc-flow-logs.amazonaws.com"

    assert _allows("iam:PassRole", OWN_ROLE, iam__PassedToService=agentcore)
    assert _allows("iam:PassRole", BROUGHT, iam__PassedToService=agentcore)
    assert _allows("iam:PassRole", FLOW_LOG_ROLE, iam__PassedToService=flow_logs)
    assert not _allows("iam:PassRole", OWN_ROLE, iam__PassedToService="lambda.amazonaws.com")
    assert not _allows("iam:PassRole", OWN_ROLE, iam__PassedToService=flow_logs)
    assert not _allows("iam:PassRole", f"{BROUGHT}-of-others", iam__PassedToService=agentcore)
    assert not _allows("iam:PassRole", BROUGHT, "plain", iam__PassedToService=agentcore)


@pytest.mark.parametrize(("service", "role"), LINKED_ROLES.items())
def test_agentcores_own_roles_are_made_for_agentcore_only(service: str, role: str) -> None:
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{role}"
    action = "iam:CreateServiceLinkedRole"

    assert _allows(action, linked, iam__AWSServiceName=service)
    assert not _allows(action, linked, iam__AWSServiceName="ecs.amazonaws.com")
    assert not _allows(action, OWN_ROLE, iam__AWSServiceName=service)
    assert _allows(action, linked, "plain", iam__AWSServiceName=service) is (
        "network" not in service
    ), "without a network no interfaces are made"


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy"])
def test_with_a_boundary_in_the_config_no_role_is_made_without_it(action: str) -> None:
    assert _allows(action, OWN_ROLE, iam__PermissionsBoundary=BOUNDARY)
    assert not _allows(action, OWN_ROLE)
    assert not _allows(action, OWN_ROLE, iam__PermissionsBoundary=f"{BOUNDARY}-wider")
    assert not _allows("iam:DeleteRolePermissionsBoundary", OWN_ROLE)
    assert _allows(action, OWN_ROLE, "unbounded")
    assert not _allows(action, BROUGHT, "unbounded"), "a role the user brings is never changed"


def test_a_network_is_made_with_the_stacks_tags_and_changed_only_when_it_has_them() -> None:
    assert _allows("ec2:CreateVpc", VPC, **MADE_AS_OWN)
    assert not _allows("ec2:CreateVpc", VPC)
    assert not _allows("ec2:CreateVpc", VPC, **MADE_AS_OWN, shape="plain")
    assert _allows("ec2:CreateSubnet", VPC), "also in a VPC of others"
    assert not _allows("ec2:CreateSubnet", SUBNET)
    assert _allows("ec2:DeleteVpc", VPC, **TAGGED_AS_OWN)
    assert not _allows("ec2:DeleteVpc", VPC, **TAGGED_AS_DEV)
    assert not _allows("ec2:RevokeSecurityGroupEgress", GROUP)


def test_tags_are_put_on_what_is_made_and_on_what_has_none_only() -> None:
    assert _allows("ec2:CreateTags", VPC, ec2__CreateAction="CreateVpc")
    assert not _allows("ec2:CreateTags", VPC, ec2__CreateAction="RunInstances")
    assert _allows("ec2:CreateTags", GROUP, **MADE_AS_OWN), "the default group is taken over"
    assert not _allows("ec2:CreateTags", GROUP, **MADE_AS_OWN, **TAGGED_AS_DEV)
    assert not _allows("ec2:CreateTags", VPC, **MADE_AS_OWN), "nothing else is taken over"


def test_keys_and_runtimes_are_made_with_the_stacks_tags() -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"

    assert _allows("kms:CreateKey", **MADE_AS_OWN)
    assert not _allows("kms:CreateKey")
    assert _allows("kms:ScheduleKeyDeletion", key, **TAGGED_AS_OWN)
    assert not _allows("kms:ScheduleKeyDeletion", key, **TAGGED_AS_DEV)
    assert _allows("kms:CreateGrant", key, kms__ViaService="ecr.us-east-1.amazonaws.com")
    assert not _allows("kms:CreateGrant", key)
    assert _allows("bedrock-agentcore:CreateAgentRuntime", **MADE_AS_OWN)
    assert not _allows("bedrock-agentcore:CreateAgentRuntime")


@pytest.mark.parametrize(
    ("action", "own", "foreign"),
    [
        (
            "ecr:DeleteRepository",
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/agentcore-prod/a",
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/agentcore-dev/a",
        ),
        ("iam:DeleteRole", OWN_ROLE, OWN_ROLE.replace("prod", "dev")),
        ("iam:DeleteRole", OWN_ROLE, OWN_ROLE.replace("us-east-1", "eu-west-1")),
        (
            "bedrock-agentcore:DeleteAgentRuntime",
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/agentcore_prod_a-0123456789",
            f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/agentcore_dev_a-0123456789",
        ),
        (
            "logs:DeleteLogGroup",
            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/vpc/flow-logs/agentcore-prod:*",
            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/vpc/flow-logs/agentcore-dev:*",
        ),
    ],
)
def test_what_has_a_name_is_the_stacks_own_only(action: str, own: str, foreign: str) -> None:
    assert _allows(action, own)
    assert not _allows(action, foreign)


def test_every_role_of_a_stack_with_a_boundary_has_it() -> None:
    config = {**with_images(committed("prod")), f"{PROJECT}:permissionsBoundary": BOUNDARY}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}

    def policy(asked: dict[str, Any]) -> dict[str, Any]:
        return {**asked, "id": asked["arn"], "policy": json.dumps({"Statement": [everything]})}

    run = run_program(
        "prod", config, answers={**OWN_NETWORK, "aws:iam/getPolicy:getPolicy": policy}
    )
    roles = run.of_type("aws:iam/role:Role")

    assert not run.errors
    assert roles
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {BOUNDARY}, (
        "another one could not be made with the deployer's rights"
    )


def test_a_role_that_is_brought_is_read_and_nothing_else_is() -> None:
    assert _allows("iam:GetRolePolicy", BROUGHT)
    assert not _allows("iam:GetRolePolicy", BROUGHT, "plain")
    assert not _allows("iam:GetRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/team/other")
    assert _allows("iam:GetPolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess")


def test_documents_with_long_names_still_fit_a_managed_policy() -> None:
    names = StackNames(
        project="agentcore-infrastructure",
        stack="production",
        account_id=ACCOUNT,
        region="us-gov-west-1",
    )

    sizes = {name: len(text) for name, text in deployer_permissions(names, FULL).items()}

    assert max(sizes.values()) <= 6144, sizes
    assert set(sizes) == {"preview", "deploy", "deploy-network"}
