"""The names of every AgentCore type, against the SDK's own classes."""

import inspect
import re

import pulumi
import pulumi_aws_native.bedrockagentcore as sdk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi import _types  # pyright: ignore[reportPrivateUsage]

from emulator.providers import sdk_types
from emulator.providers.aws_native.casing import sdk_name
from emulator.providers.aws_native.schemas import resource_schema
from emulator.providers.aws_native.shape import Shape, to_cloud_formation, to_sdk
from emulator.providers.sdk_types import SdkType

REGION = "us-east-1"
RUNTIME_CLASS = sdk.Runtime  # the package is empty until something in it is used
TOKENS = [
    f"aws-native:bedrockagentcore:{name}"
    for name, member in inspect.getmembers(sdk, inspect.isclass)
    if issubclass(member, pulumi.CustomResource)
]
RUNTIME = "aws-native:bedrockagentcore:Runtime"


def test_all_types_of_the_sdk_are_looked_at() -> None:
    assert len(TOKENS) == 27


@pytest.mark.parametrize("token", TOKENS)
def test_every_input_has_the_sdks_name_at_every_depth(token: str) -> None:
    schema = resource_schema(token, REGION)
    args_class = getattr(sdk, f"{schema.type_name}Args")
    assert set(schema.inputs) == set(sdk_types.properties(args_class))
    assert schema.required == sdk_types.required(args_class)
    for name, sdk_type in sdk_types.properties(args_class).items():
        assert_same_names(f"{schema.type_name}.{name}", sdk_type, schema.inputs[name].shape, ())


def assert_same_names(path: str, sdk_type: SdkType, shape: Shape, above: tuple[type, ...]) -> None:
    if sdk_type.kind == "any" or not set(sdk_type.classes).isdisjoint(above):
        return  # free form, or a type that contains itself
    if sdk_type.kind == "object":
        fields = {
            name: field
            for one in sdk_type.classes
            for name, field in sdk_types.properties(one).items()
        }
        assert set(shape.members) == set(fields), f"{path}: other names than the SDK's"
        for name, field in fields.items():
            inner = (*above, *sdk_type.classes)
            assert_same_names(f"{path}.{name}", field, shape.members[name].shape, inner)
        return
    assert shape.kind == sdk_type.kind, f"{path}: the SDK sends a {sdk_type.kind}"
    if sdk_type.kind == "list" and sdk_type.item is not None:
        assert_same_names(f"{path}[]", sdk_type.item, shape.item, above)
    if sdk_type.kind == "map" and sdk_type.item is not None and shape.map_value is not None:
        assert_same_names(f"{path}{{}}", sdk_type.item, shape.map_value, above)


@pytest.mark.parametrize("token", TOKENS)
def test_every_output_has_the_sdks_name(token: str) -> None:
    schema = resource_schema(token, REGION)
    outputs: dict[str, str] = _types.resource_py_to_pulumi_names(getattr(sdk, schema.type_name))
    assert set(schema.properties) == set(outputs.values())


@pytest.mark.parametrize("token", TOKENS)
def test_what_replaces_is_what_the_sdk_says(token: str) -> None:
    schema = resource_schema(token, REGION)
    source = inspect.getsource(getattr(sdk, schema.type_name)._internal_init)
    named = re.search(r"replace_on_changes=\[(.*?)\]\)", source)
    theirs = set(re.findall(r'"([\w.]+)', named.group(1))) if named else set[str]()
    ours = {".".join(step for step in path if step != "*") for path in schema.create_only}
    assert ours == theirs, "the SDK's replace_on_changes names the same properties"


@pytest.mark.parametrize(
    ("cloud_formation", "sdk_spelling"),
    [
        ("CustomJWTAuthorizer", "customJwtAuthorizer"),
        ("AgentRuntimeArn", "agentRuntimeArn"),
        ("S3", "s3"),
        ("S3Uri", "s3Uri"),
        ("ARNs", "arns"),
        ("SubnetIDs", "subnetIds"),
        ("EC2Configuration", "ec2Configuration"),
        ("lambda", "lambda"),
        ("OAuth2", "oAuth2"),
        ("KMSKeyArn", "kmsKeyArn"),
    ],
)
def test_acronyms_are_words_in_the_sdk(cloud_formation: str, sdk_spelling: str) -> None:
    assert sdk_name(cloud_formation) == sdk_spelling


@given(st.text("abAB12", min_size=1, max_size=8))
def test_a_name_in_the_sdks_spelling_stays(name: str) -> None:
    assert sdk_name(sdk_name(name)) == sdk_name(name)


def test_keys_of_maps_are_the_users_and_stay() -> None:
    schema = resource_schema(RUNTIME, REGION)
    inputs = {
        "environmentVariables": {"A_b": "1", "lowerCase": "2", "UpperCase": "3"},
        "tags": {"costCenter": "x"},
        "authorizerConfiguration": {
            "customJwtAuthorizer": {"discoveryUrl": "u", "allowedAudience": ["a"]}
        },
    }
    state = schema.to_cloud_formation(inputs)
    assert state["EnvironmentVariables"] == inputs["environmentVariables"]
    assert state["Tags"] == {"costCenter": "x"}
    assert state["AuthorizerConfiguration"] == {
        "CustomJWTAuthorizer": {"DiscoveryUrl": "u", "AllowedAudience": ["a"]}
    }
    assert schema.to_sdk(state) == inputs


@st.composite
def values(draw: st.DrawFn, shape: Shape, depth: int = 0) -> object:
    """A value of any shape a schema describes."""
    match shape.kind:
        case "object":
            names = sorted(shape.members) if depth < 4 else []
            chosen = draw(st.lists(st.sampled_from(names), max_size=3)) if names else []
            return {name: draw(values(shape.members[name].shape, depth + 1)) for name in chosen}
        case "map":
            keys = draw(st.lists(st.text("aB_", min_size=1, max_size=4), max_size=2))
            inner = shape.map_value or Shape({}, {})
            return {key: draw(values(inner, depth + 1)) for key in keys}
        case "list":
            return [draw(values(shape.item, depth + 1))] if depth < 4 else []
        case _:
            return draw(st.sampled_from(["text", 1, True]))


@given(st.data(), st.sampled_from(TOKENS))
def test_names_there_and_back_are_the_same(data: st.DataObject, token: str) -> None:
    shape = resource_schema(token, REGION).shape
    value = data.draw(values(shape))
    assert to_sdk(shape, to_cloud_formation(shape, value)) == value
