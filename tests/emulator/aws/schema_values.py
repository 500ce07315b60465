"""Values that fit a resource type's schema, the smallest first."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from jsonschema import Draft7Validator

from emulator.aws.cloudcontrol.schemas import ResourceType

JsonObject = dict[str, Any]

_ACCOUNT = "arn:aws:{service}:us-east-1:111111111111:{resource}"
_TEXTS = (
    "sample",
    "changed",
    "sample-0123456789",
    "targetName",
    "toolName",
    "https://example.com/.well-known/openid-configuration",
    "https://example.com/changed",
    "s3://bucket/key",
    "12345678-1234-1234-1234-123456789012",
    "arn:aws:iam::111111111111:role/sample",
    "arn:aws:iam::111111111111:role/changed",
    *(
        _ACCOUNT.format(service=service, resource=resource)
        for service, resource in (
            ("kms", "key/12345678-1234-1234-1234-123456789012"),
            ("lambda", "function:sample"),
            ("s3", "sample"),
            ("bedrock-agentcore", "runtime/sample-0123456789"),
            ("bedrock-agentcore", "memory/sample-0123456789"),
            ("bedrock-agentcore", "capacity-provider/sample-0123456789"),
            ("bedrock-agentcore", "policy-engine/sample-0123456789"),
            ("bedrock-agentcore", "configuration-bundle/sample-0123456789"),
            ("bedrock-agentcore", "evaluator/sample-0123456789"),
            ("bedrock-agentcore", "token-vault/default/oauth2credentialprovider/sample"),
            ("bedrock-agentcore", "token-vault/default/oauth2credentialprovider/changed"),
            ("bedrock-agentcore", "token-vault/default/paymentcredentialprovider/sample"),
            ("secretsmanager", "secret:sample-abcdef"),
        )
    ),
    "changed-0123456789",
    "public.ecr.aws/sample/agent:v1",
    "vpc-12345678",
    "subnet-12345678",
    "sg-12345678",
    "rcfg-0123456789abcdef0",
    "1",
    "2",
)
_TRIED = 200
_COMBINATIONS = ("oneOf", "anyOf", "allOf")


def minimal(kind: ResourceType) -> JsonObject:
    """Return the smallest desired state that the schema allows."""
    parents = [*kind.schema["required"], *kind.list_requires]
    return {name: value(kind, name) for name in dict.fromkeys(parents)}


def value(kind: ResourceType, name: str, *others: object) -> Any:
    """Return a value for the property that is none of the others."""
    schema = kind.schema["properties"][name]
    for candidate in islice(_values(kind.schema, schema), _TRIED):
        if candidate not in others and _fits(kind, name, candidate):
            return candidate
    raise AssertionError(f"no value for {name} of {kind.name}: add one to _TEXTS")


def violations_of(kind: ResourceType, properties: JsonObject) -> list[str]:
    """Say how the properties break the schema."""
    errors = cast("Iterator[Any]", kind.validator.iter_errors(properties))  # pyright: ignore[reportUnknownMemberType]
    return [f"{list(error.absolute_path)}: {error.message}" for error in errors]


def _fits(kind: ResourceType, name: str, candidate: object) -> bool:
    validator = _validator(json.dumps({**kind.schema, "required": []}))
    state: Any = {name: candidate}
    return validator.is_valid(state)  # pyright: ignore[reportUnknownMemberType]


@lru_cache
def _validator(schema: str) -> Draft7Validator:
    return Draft7Validator(json.loads(schema))


def _values(root: JsonObject, schema: JsonObject) -> Iterator[Any]:
    if "$ref" in schema:
        yield from _values(root, _followed(root, schema["$ref"]))
    elif "enum" in schema:
        yield from schema["enum"]
    elif combination := next((name for name in _COMBINATIONS if name in schema), None):
        common = {name: rule for name, rule in schema.items() if name != combination}
        for branch in schema[combination]:
            yield from _values(root, _merged(root, common, branch))
    else:
        yield from _of_type(root, schema)


def _merged(root: JsonObject, common: JsonObject, branch: JsonObject) -> JsonObject:
    """Return the branch of a combination with what holds for all branches."""
    while "$ref" in branch:
        branch = _followed(root, branch["$ref"])
    return {
        **common,
        **branch,
        "properties": {**common.get("properties", {}), **branch.get("properties", {})},
        "required": [*common.get("required", []), *branch.get("required", [])],
    }


def _of_type(root: JsonObject, schema: JsonObject) -> Iterator[Any]:
    match schema.get("type", "object"):
        case "object":
            yield from _objects(root, schema)
        case "array":
            yield from _arrays(root, schema)
        case "boolean":
            yield from (True, False)
        case "integer" | "number":
            least = schema.get("minimum", 1)
            yield from (least, least + 1)
        case _:
            yield from _texts(schema)


def _objects(root: JsonObject, schema: JsonObject) -> Iterator[JsonObject]:
    properties: JsonObject = schema.get("properties", {})
    base = {name: _first(root, properties[name]) for name in schema.get("required", [])}
    if len(base) >= schema.get("minProperties", 0):
        yield base
    for name in sorted(properties, key=lambda name: name not in base):
        for candidate in _values(root, properties[name]):
            if candidate != base.get(name):
                yield {**base, name: candidate}
    for pattern, member in schema.get("patternProperties", {}).items():
        key = next(text for text in _TEXTS if re.search(pattern, text))
        for candidate in _values(root, member):
            yield {**base, key: candidate}


def _arrays(root: JsonObject, schema: JsonObject) -> Iterator[list[Any]]:
    least = schema.get("minItems", 0)
    items = list(islice(_values(root, schema["items"]), least + 1))
    yield items[:least]
    yield items[: least + 1]
    yield items[-max(1, least) :]


def _texts(schema: JsonObject) -> Iterator[str]:
    pattern = schema.get("pattern", "")
    for text in _TEXTS:
        long = len(text) >= schema.get("minLength", 0)
        short = len(text) <= schema.get("maxLength", len(text))
        if long and short and re.search(pattern, text):
            yield text


def _first(root: JsonObject, schema: JsonObject) -> Any:
    try:
        return next(_values(root, schema))
    except StopIteration:
        raise AssertionError(f"no value for {schema}: add one to _TEXTS") from None


def _followed(root: JsonObject, reference: str) -> JsonObject:
    node = root
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node
