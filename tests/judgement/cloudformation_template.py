"""What the program registers, written as a CloudFormation template.

`aws-native` names its properties as CloudFormation does, but for the case of the first letter.
Those of `aws` have other names, and their documents are texts: each is put where CloudFormation has
it, so that whoever judges the template judges it too.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, cast

from tests.program.program_run import Registered

JsonObject = dict[str, Any]

REGION: Final = "us-east-1"
_NATIVE: Final = {
    "aws-native:bedrockagentcore:Runtime": "AWS::BedrockAgentCore::Runtime",
    "aws-native:bedrockagentcore:RuntimeEndpoint": "AWS::BedrockAgentCore::RuntimeEndpoint",
}


class Property(NamedTuple):
    """A property's name in CloudFormation, and what its value is written as there."""

    name: str
    written: Callable[[Any], object] = lambda value: value


class Kind(NamedTuple):
    """A type of CloudFormation, with its properties by the names `aws` has for them.

    `id` is the resource's own. `constant` are properties that `aws` has no words for.
    """

    type: str
    properties: Mapping[str, Property]
    constant: Mapping[str, str] = {}


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _first(blocks: Sequence[Mapping[str, Any]]) -> JsonObject:
    """The one block of a list that `aws` has where CloudFormation has an object."""
    (block,) = blocks
    return _pascal(block)


def _pascal(block: Mapping[str, Any]) -> JsonObject:
    return {key[0].upper() + key[1:]: value for key, value in block.items()}


_TAGS: Final = Property("Tags", _tags)
_RULE: Final = {
    "securityGroupId": Property("GroupId"),
    "description": Property("Description"),
    "ipProtocol": Property("IpProtocol"),
    "fromPort": Property("FromPort"),
    "toPort": Property("ToPort"),
    "cidrIpv4": Property("CidrIp"),
}
_CLASSIC: Final[Mapping[str, Sequence[Kind]]] = {
    "aws:iam/role:Role": [
        Kind(
            "AWS::IAM::Role",
            {
                "name": Property("RoleName"),
                "description": Property("Description"),
                "path": Property("Path"),
                "permissionsBoundary": Property("PermissionsBoundary"),
                "maxSessionDuration": Property("MaxSessionDuration"),
                "assumeRolePolicy": Property("AssumeRolePolicyDocument", json.loads),
                "tags": _TAGS,
            },
        )
    ],
    "aws:iam/rolePolicy:RolePolicy": [
        Kind(
            "AWS::IAM::RolePolicy",
            {
                "name": Property("PolicyName"),
                "role": Property("RoleName"),
                "policy": Property("PolicyDocument", json.loads),
            },
        )
    ],
    "aws:ecr/repository:Repository": [
        Kind(
            "AWS::ECR::Repository",
            {
                "name": Property("RepositoryName"),
                "imageTagMutability": Property("ImageTagMutability"),
                "imageScanningConfiguration": Property("ImageScanningConfiguration", _pascal),
                "encryptionConfigurations": Property("EncryptionConfiguration", _first),
                "forceDelete": Property("EmptyOnDelete"),
                "tags": _TAGS,
            },
        )
    ],
    "aws:kms/key:Key": [
        Kind(
            "AWS::KMS::Key",
            {
                "description": Property("Description"),
                "enableKeyRotation": Property("EnableKeyRotation"),
                "deletionWindowInDays": Property("PendingWindowInDays"),
                "policy": Property("KeyPolicy", json.loads),
                "tags": _TAGS,
            },
        )
    ],
    "aws:kms/alias:Alias": [
        Kind(
            "AWS::KMS::Alias",
            {"name": Property("AliasName"), "targetKeyId": Property("TargetKeyId")},
        )
    ],
    "aws:cloudwatch/logGroup:LogGroup": [
        Kind(
            "AWS::Logs::LogGroup",
            {
                "name": Property("LogGroupName"),
                "retentionInDays": Property("RetentionInDays"),
                "kmsKeyId": Property("KmsKeyId"),
            },
        )
    ],
    "aws:ec2/vpc:Vpc": [
        Kind(
            "AWS::EC2::VPC",
            {
                "cidrBlock": Property("CidrBlock"),
                "enableDnsSupport": Property("EnableDnsSupport"),
                "enableDnsHostnames": Property("EnableDnsHostnames"),
                "tags": _TAGS,
            },
        )
    ],
    "aws:ec2/subnet:Subnet": [
        Kind(
            "AWS::EC2::Subnet",
            {
                "vpcId": Property("VpcId"),
                "availabilityZoneId": Property("AvailabilityZoneId"),
                "cidrBlock": Property("CidrBlock"),
                "mapPublicIpOnLaunch": Property("MapPublicIpOnLaunch"),
                "tags": _TAGS,
            },
        )
    ],
    "aws:ec2/routeTable:RouteTable": [
        Kind("AWS::EC2::RouteTable", {"vpcId": Property("VpcId"), "tags": _TAGS})
    ],
    "aws:ec2/routeTableAssociation:RouteTableAssociation": [
        Kind(
            "AWS::EC2::SubnetRouteTableAssociation",
            {"subnetId": Property("SubnetId"), "routeTableId": Property("RouteTableId")},
        )
    ],
    "aws:ec2/route:Route": [
        Kind(
            "AWS::EC2::Route",
            {
                "routeTableId": Property("RouteTableId"),
                "destinationCidrBlock": Property("DestinationCidrBlock"),
                "gatewayId": Property("GatewayId"),
                "natGatewayId": Property("NatGatewayId"),
            },
        )
    ],
    "aws:ec2/internetGateway:InternetGateway": [
        Kind("AWS::EC2::InternetGateway", {"tags": _TAGS}),
        Kind(
            "AWS::EC2::VPCGatewayAttachment",
            {"id": Property("InternetGatewayId"), "vpcId": Property("VpcId")},
        ),
    ],
    "aws:ec2/eip:Eip": [
        Kind("AWS::EC2::EIP", {"domain": Property("Domain"), "tags": _TAGS}),
    ],
    "aws:ec2/natGateway:NatGateway": [
        Kind(
            "AWS::EC2::NatGateway",
            {
                "allocationId": Property("AllocationId"),
                "subnetId": Property("SubnetId"),
                "tags": _TAGS,
            },
        )
    ],
    "aws:ec2/securityGroup:SecurityGroup": [
        Kind(
            "AWS::EC2::SecurityGroup",
            {
                "name": Property("GroupName"),
                "description": Property("GroupDescription"),
                "vpcId": Property("VpcId"),
                "tags": _TAGS,
            },
        )
    ],
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": [
        Kind(
            "AWS::EC2::SecurityGroupIngress",
            {
                **_RULE,
                "prefixListId": Property("SourcePrefixListId"),
                "referencedSecurityGroupId": Property("SourceSecurityGroupId"),
            },
        )
    ],
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": [
        Kind(
            "AWS::EC2::SecurityGroupEgress",
            {
                **_RULE,
                "prefixListId": Property("DestinationPrefixListId"),
                "referencedSecurityGroupId": Property("DestinationSecurityGroupId"),
            },
        )
    ],
    "aws:ec2/vpcEndpoint:VpcEndpoint": [
        Kind(
            "AWS::EC2::VPCEndpoint",
            {
                "vpcId": Property("VpcId"),
                "serviceName": Property("ServiceName"),
                "vpcEndpointType": Property("VpcEndpointType"),
                "subnetIds": Property("SubnetIds"),
                "securityGroupIds": Property("SecurityGroupIds"),
                "routeTableIds": Property("RouteTableIds"),
                "privateDnsEnabled": Property("PrivateDnsEnabled"),
                "policy": Property("PolicyDocument", json.loads),
                "tags": _TAGS,
            },
        )
    ],
    "aws:ec2/flowLog:FlowLog": [
        Kind(
            "AWS::EC2::FlowLog",
            {
                "vpcId": Property("ResourceId"),
                "trafficType": Property("TrafficType"),
                "logDestinationType": Property("LogDestinationType"),
                "logDestination": Property("LogDestination"),
                "iamRoleArn": Property("DeliverLogsPermissionArn"),
                "maxAggregationInterval": Property("MaxAggregationInterval"),
                "tags": _TAGS,
            },
            {"ResourceType": "VPC"},
        )
    ],
}
WITHOUT_TYPE: Final = frozenset(
    {
        # Its document is a property of the repository in CloudFormation, and not a judged one.
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        # CloudFormation cannot take over the group that every VPC has.
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    }
)
_NO_PROPERTY: Final = {
    # CloudFormation does not tag rules.
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"tags"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"tags"},
}


TYPES: Final = frozenset(
    {*_NATIVE.values(), *(kind.type for kinds in _CLASSIC.values() for kind in kinds)}
)
"""CloudFormation's types that a template may have."""
# Those of which a template's reference is the id, so that rules across resources see who is meant.
_REFERRED: Final = frozenset(
    {
        "aws:ec2/vpc:Vpc",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/securityGroup:SecurityGroup",
    }
)


def template(registered: Iterable[Registered]) -> JsonObject:
    """The template of all resources but the providers.

    What a network is made of refers to each other; everything else has literal ids and ARNs.

    Raises KeyError for a type of resource that is not known here, or one of its properties.
    """
    resources: JsonObject = {}
    references: dict[str, JsonObject] = {}
    for resource in registered:
        if not resource.is_custom or resource.is_provider or resource.type in WITHOUT_TYPE:
            continue
        for part in _parts(resource):
            name = re.sub(r"\W|_", "", resource.type + resource.name + part["Type"])
            resources[name] = part
            if resource.type in _REFERRED:
                references.setdefault(resource.outputs["id"], {"Ref": name})
    for part in resources.values():
        if part["Type"].startswith("AWS::EC2::"):
            part["Properties"] = _referring(references, part["Properties"])
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def _referring(references: Mapping[str, JsonObject], value: object) -> Any:
    match value:
        case str():
            return references.get(value, value)
        case list():
            return [_referring(references, item) for item in cast("list[object]", value)]
        case dict():
            members = cast("JsonObject", value)
            return {key: _referring(references, member) for key, member in members.items()}
        case _:
            return value


def _parts(resource: Registered) -> Iterator[JsonObject]:
    native = _NATIVE.get(resource.type)
    if native is not None:
        yield {"Type": native, "Properties": _whole(_cased(native, resource.inputs))}
        return
    kinds = _CLASSIC[resource.type]
    known = _NO_PROPERTY.get(resource.type, set[str]()).union(*(kind.properties for kind in kinds))
    if unknown := resource.inputs.keys() - known:
        raise KeyError(resource.type, unknown)
    given = {**resource.inputs, "id": resource.outputs["id"]}
    for kind in kinds:
        written = {
            one.name: one.written(given[key])
            for key, one in kind.properties.items()
            if key in given
        }
        yield {"Type": kind.type, "Properties": _whole({**kind.constant, **written})}


def _cased(type_name: str, inputs: JsonObject) -> JsonObject:
    schema = _schema(type_name)
    return cast("JsonObject", _renamed(schema, schema, inputs))


def _renamed(root: JsonObject, schema: JsonObject, value: object) -> object:
    """Write the keys that the schema has in its own case; what it does not have stays as it is."""
    schema = _resolved(root, schema)
    if isinstance(value, list):
        items = cast("JsonObject", schema.get("items", {}))
        return [_renamed(root, items, item) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, JsonObject]", schema.get("properties", {}))
    # A name may have capitals in its midst that Pulumi writes small: CustomJWTAuthorizer.
    named = {name.lower(): name for name in members}
    written = {key: named.get(key.lower(), key) for key in cast("JsonObject", value)}
    return {
        written[key]: _renamed(root, members.get(written[key], {}), member)
        for key, member in cast("JsonObject", value).items()
    }


def _resolved(root: JsonObject, schema: JsonObject) -> JsonObject:
    while "$ref" in schema:
        schema = root["definitions"][str(schema["$ref"]).rpartition("/")[2]]
    # A choice between objects: their members together tell how each is written.
    members = dict(cast("JsonObject", schema.get("properties", {})))
    for choice in (*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])):
        members |= _resolved(root, choice).get("properties", {})
    return {**schema, "properties": members}


def _whole(value: object) -> Any:
    """The wire has numbers only; a whole one is an integer in a template."""
    match value:
        case dict():
            return {k: _whole(v) for k, v in cast("JsonObject", value).items()}
        case list():
            return [_whole(item) for item in cast("list[object]", value)]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


@cache
def _schema(type_name: str) -> JsonObject:
    # Seconds of imports, which only whoever makes a template waits for.
    from cfnlint.schema import manager  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    schemas = cast("Any", manager).PROVIDER_SCHEMA_MANAGER
    return cast("JsonObject", schemas.get_resource_schema(REGION, type_name).schema)
