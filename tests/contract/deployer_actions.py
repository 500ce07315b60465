"""The actions a deployment really takes, gathered from where they are written down.

For types of the provider ``aws`` that are the calls of the offline provider's tables, which follow
terraform-provider-aws; for AgentCore's types the handlers of CloudFormation's schemas.
"""

import dataclasses
import importlib.util
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import botocore.session
from botocore import xform_name

from emulator.providers.aws.invokes import FUNCTIONS
from emulator.providers.aws.table import Call
from emulator.providers.aws.types import TYPES

_SESSION: Final = botocore.session.get_session()
_CLOUD_CONTROL: Final = {
    "create": ("cloudformation:CreateResource", "cloudformation:GetResourceRequestStatus"),
    "read": ("cloudformation:GetResource",),
    "update": ("cloudformation:UpdateResource", "cloudformation:GetResourceRequestStatus"),
    "delete": ("cloudformation:DeleteResource", "cloudformation:GetResourceRequestStatus"),
}
NOT_CALLED: Final[Mapping[str, str]] = {
    "ec2:ModifyVpcTenancy": "the program sets no tenancy",
    "ec2:DescribeManagedPrefixLists": "an AWS prefix list is looked up by its service's name",
    "ec2:GetManagedPrefixListEntries": "an AWS prefix list is looked up by its service's name",
    "iam:DetachRolePolicy": "no role of the program has managed policies",
    "iam:ListPolicies": "policies are looked up by ARN",
    "iam:RemoveRoleFromInstanceProfile": "no role of the program is of an instance",
    "kms:DisableKey": "the program disables no key",
    "kms:DisableKeyRotation": "the program's keys rotate",
    "kms:EnableKey": "the program disables no key",
    "logs:PutLogGroupDeletionProtection": "the program protects log groups in Pulumi",
    "sts:GetCallerIdentity": "needs no permission",
}
"""Calls of the tables for what the program never asks for, and why."""
NOT_HANDLED: Final[Mapping[str, str]] = {
    "bedrock-agentcore:PassCapacityProvider": "agents run in microVMs",
    "kms:Decrypt": "the artifact is a container image, not an object of S3",
    "s3:GetObject": "the artifact is a container image, not an object of S3",
    "s3:GetObjectVersion": "the artifact is a container image, not an object of S3",
    "vpc-lattice:AssociateViaAWSService": "issuers of JWT are public",
    "vpc-lattice:CreateServiceNetworkResourceAssociation": "issuers of JWT are public",
    "vpc-lattice:GetResourceConfiguration": "issuers of JWT are public",
    "vpc-lattice:GetServiceNetworkResourceAssociation": "issuers of JWT are public",
    "vpc-lattice:ListServiceNetworkResourceAssociations": "issuers of JWT are public",
}
"""Permissions that handlers ask for when a feature is used that the program does not, and why."""
BESIDES: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:ec2/securityGroup:SecurityGroup": {
        "ec2:DescribeNetworkInterfaces": "internal/service/ec2/vpc_security_group.go: what lingers",
    },
    "aws:ec2/subnet:Subnet": {
        "ec2:DescribeNetworkInterfaces": "internal/service/ec2/vpc_subnet.go: what lingers",
    },
    "aws:ec2/eip:Eip": {
        "ec2:DescribeAddressesAttribute": "internal/service/ec2/ec2_eip.go: ptr_record is read",
    },
    "aws:ec2/flowLog:FlowLog": {"iam:PassRole": "EC2 API reference, CreateFlowLogs"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "route53:AssociateVPCWithHostedZone": "VPC user guide, vpc-endpoints-iam: private DNS",
    },
    "aws:kms/key:Key": {
        "kms:CreateGrant": "ECR user guide, encryption-at-rest: repositories encrypted with it",
        "kms:RetireGrant": "ECR user guide, encryption-at-rest: repositories encrypted with it",
    },
    "aws:iam/role:Role": {
        "iam:DeleteRolePermissionsBoundary": "a boundary taken out of the config",
        "iam:PutRolePermissionsBoundary": "a boundary put into the config",
    },
}
"""What AWS or the real provider asks for besides the calls, with its source."""
_READ_BESIDES: Final = frozenset({"ec2:DescribeAddressesAttribute"})


def reading(kind: str) -> set[str]:
    """What a preview or a refresh of a resource type does."""
    if kind.startswith("aws-native:"):
        return _handled(kind, ["read"])
    return _called(TYPES[kind].service, TYPES[kind].reads) | (
        set(BESIDES.get(kind, {})) & _READ_BESIDES
    )


def deploying(kind: str) -> set[str]:
    """What making, changing and deleting a resource of a type does, reading included."""
    if kind.startswith("aws-native:"):
        return _handled(kind, list(_CLOUD_CONTROL))
    return _called(TYPES[kind].service, TYPES[kind]) | set(BESIDES.get(kind, {}))


def looking_up(token: str) -> set[str]:
    """What a function does that a program calls."""
    if token == "aws-native:iam:getRole":
        return _asked("AWS::IAM::Role", ["read"])
    return _called(FUNCTIONS[token].service, FUNCTIONS[token].reads)


def actions_in_tables() -> set[str]:
    """Every action of the tables, also those that are never called."""
    return {
        action
        for table in [*TYPES.values(), *FUNCTIONS.values()]
        for action in _actions(table.service, table)
    }


def handled_in_schemas() -> set[str]:
    """Every permission that AgentCore's handlers ask for, also those that are never needed."""
    return _permissions("AWS::BedrockAgentCore::Runtime", list(_CLOUD_CONTROL))


def _called(service: str, node: object) -> set[str]:
    return _actions(service, node) - set(NOT_CALLED)


def _actions(service: str, node: object) -> set[str]:
    prefix, operations = _operations(service)
    return {f"{prefix}:{operations[call]}" for call in _calls(node)}


@cache
def _operations(service: str) -> tuple[str, dict[str, str]]:
    model = cast("Any", _SESSION).get_service_model(service)
    return model.signing_name, {xform_name(name): name for name in model.operation_names}


def _calls(node: object) -> set[str]:
    """The operations named anywhere in a table."""
    if isinstance(node, Call):
        return {node.operation}
    if isinstance(node, Mapping):
        return _of_all(cast("Mapping[str, object]", node).values())
    if isinstance(node, tuple | list):
        return _of_all(cast("Sequence[object]", node))
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return _of_all(getattr(node, field.name) for field in dataclasses.fields(node))
    return set()


def _of_all(nodes: Iterable[object]) -> set[str]:
    return {call for node in nodes for call in _calls(node)}


def _handled(kind: str, handlers: list[str]) -> set[str]:
    return _asked(f"AWS::BedrockAgentCore::{kind.rpartition(':')[2]}", handlers)


def _asked(name: str, handlers: list[str]) -> set[str]:
    through = {action for handler in handlers for action in _CLOUD_CONTROL[handler]}
    return (_permissions(name, handlers) - set(NOT_HANDLED)) | through


def _permissions(name: str, handlers: list[str]) -> set[str]:
    found = _schema(name)["handlers"]
    return {permission for handler in handlers for permission in found[handler]["permissions"]}


@cache
def _schema(name: str) -> dict[str, Any]:
    """A type's schema, of the data files of cfn-lint; importing the package costs seconds."""
    found = importlib.util.find_spec("cfnlint")
    assert found is not None
    assert found.origin is not None
    schemas = Path(found.origin).parent / "data" / "schemas"
    files = json.loads((schemas / "providers" / "us-east-1.json").read_text("utf-8"))
    return json.loads((schemas / "resources" / f"{files[name]}.json").read_text("utf-8"))
