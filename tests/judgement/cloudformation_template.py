"""What the program registers, written as a CloudFormation template.

`aws-native` names its properties as CloudFormation does, but for the case of the first letter. The
IAM and KMS documents of `aws` resources are put where CloudFormation has such documents, so that
whoever judges the template judges them too.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, cast

from tests.program.program_run import Registered

JsonObject = dict[str, Any]

REGION: Final = "us-east-1"
_NATIVE: Final = {
    "aws-native:bedrockagentcore:Runtime": "AWS::BedrockAgentCore::Runtime",
    "aws-native:bedrockagentcore:RuntimeEndpoint": "AWS::BedrockAgentCore::RuntimeEndpoint",
}
# By type: CloudFormation's type, and its properties by the names `aws` has for them. True where it
# is a JSON document.
_CLASSIC: Final[Mapping[str, tuple[str, Mapping[str, tuple[str, bool]]]]] = {
    "aws:iam/role:Role": (
        "AWS::IAM::Role",
        {
            "name": ("RoleName", False),
            "description": ("Description", False),
            "path": ("Path", False),
            "permissionsBoundary": ("PermissionsBoundary", False),
            "maxSessionDuration": ("MaxSessionDuration", False),
            "assumeRolePolicy": ("AssumeRolePolicyDocument", True),
        },
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        "AWS::IAM::RolePolicy",
        {
            "name": ("PolicyName", False),
            "role": ("RoleName", False),
            "policy": ("PolicyDocument", True),
        },
    ),
    "aws:ecr/repository:Repository": (
        "AWS::ECR::Repository",
        {
            "name": ("RepositoryName", False),
            "imageTagMutability": ("ImageTagMutability", False),
        },
    ),
    "aws:kms/key:Key": (
        "AWS::KMS::Key",
        {
            "description": ("Description", False),
            "enableKeyRotation": ("EnableKeyRotation", False),
            "deletionWindowInDays": ("PendingWindowInDays", False),
            "policy": ("KeyPolicy", True),
        },
    ),
    "aws:kms/alias:Alias": (
        "AWS::KMS::Alias",
        {"name": ("AliasName", False), "targetKeyId": ("TargetKeyId", False)},
    ),
}
# Its document is a property of the repository in CloudFormation, and not a judged one.
WITHOUT_TYPE: Final = frozenset({"aws:ecr/lifecyclePolicy:LifecyclePolicy"})


def template(registered: Iterable[Registered]) -> JsonObject:
    """The template of all resources but the providers.

    Raises KeyError for a type of resource that is not known here.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            re.sub(r"\W|_", "", resource.type + resource.name): _resource(resource)
            for resource in registered
            if resource.is_custom and not resource.is_provider
            if resource.type not in WITHOUT_TYPE
        },
    }


def _resource(resource: Registered) -> JsonObject:
    native = _NATIVE.get(resource.type)
    if native is not None:
        return {"Type": native, "Properties": _whole(_cased(native, resource.inputs))}
    kind, names = _CLASSIC[resource.type]
    properties = {
        name: json.loads(resource.inputs[key]) if is_document else resource.inputs[key]
        for key, (name, is_document) in names.items()
        if key in resource.inputs
    }
    return {"Type": kind, "Properties": _whole(properties)}


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
