"""What can be wrong beside runtimes: gateways, tools, and what no rule can read."""

from collections.abc import Iterator, Mapping
from typing import Final

from agentcore_policies.model import SECRET, Value
from tests.policies.edits import Add, Given
from tests.policies.forms import ROLE
from tests.policies.mutation import TAGS, Mutation, values

_NATIVE_TAGS: Final[Value] = [{"key": key, "value": value} for key, value in TAGS.items()]
_PUBLIC: Final = {"networkConfiguration": {"networkMode": "PUBLIC"}}
_IN_VPC: Final = {"networkConfiguration": {"networkMode": "VPC"}}
_SANDBOX: Final = {"networkConfiguration": {"networkMode": "SANDBOX"}}


def _one_more(
    rule: str, kind: str, bad: Mapping[str, Given], good: Mapping[str, Given]
) -> Iterator[Mutation]:
    """A resource more, tagged as its provider wants it."""
    tags: Mapping[str, Given] = {"tagsAll": TAGS} if kind.startswith("aws:") else {"tags": TAGS}
    yield Mutation(
        rule,
        kind,
        (Add(kind, "one-more", {**tags, **bad}),),
        (Add(kind, "one-more", {**tags, **good}),),
    )


_STACK: Final = "aws:cloudformation/stack:Stack"
_BUDGET: Final = {"name": "budget", "tagsAll": TAGS}
_BESIDE: Final = (
    *(
        mutation
        for kind in (
            "aws:bedrock/agentcoreGateway:AgentcoreGateway",
            "aws-native:bedrockagentcore:Gateway",
        )
        for mutation in _one_more(
            "gateway-authorizer", kind, {"authorizerType": "NONE"}, {"authorizerType": "AWS_IAM"}
        )
    ),
    *(
        mutation
        for kind, bad, good in (
            ("aws:bedrock/agentcoreBrowser:AgentcoreBrowser", _PUBLIC, _IN_VPC),
            ("aws-native:bedrockagentcore:BrowserCustom", _SANDBOX, _IN_VPC),
            ("aws:bedrock/agentcoreCodeInterpreter:AgentcoreCodeInterpreter", _PUBLIC, _SANDBOX),
            ("aws-native:bedrockagentcore:CodeInterpreterCustom", _PUBLIC, _IN_VPC),
        )
        for mutation in _one_more("tool-network-mode", kind, bad, good)
    ),
)

_REGISTRY: Final = "222222222222.dkr.ecr.us-east-1.amazonaws.com/agents/harness"
_DIGEST: Final = f"sha256:{'0' * 64}"
_DISCOVERY: Final = "https://id.example.com/.well-known/openid-configuration"


def _image(uri: str) -> dict[str, Given]:
    return {"environmentArtifact": {"containerConfiguration": {"containerUri": uri}}}


_HARNESS: Final[Mapping[str, Given]] = {
    "executionRoleArn": "arn:aws:iam::222222222222:role/harness",
    "environmentVariables": {"LOG_LEVEL": "info"},
    "authorizerConfiguration": {
        "customJwtAuthorizer": {"discoveryUrl": _DISCOVERY, "allowedClients": ["agents"]}
    },
    **_image(f"{_REGISTRY}@{_DIGEST}"),
}
_BAD_HARNESSES: Final[Mapping[str, Mapping[str, Given]]] = {
    "runtime-image-registry": _image(f"docker.example.com/agents/harness@{_DIGEST}"),
    "runtime-image-region": _image(f"{_REGISTRY.replace('us-east-1', 'eu-west-1')}@{_DIGEST}"),
    "runtime-image-pinned": _image(_REGISTRY),
    "runtime-image-moving-tag": _image(f"{_REGISTRY}:latest"),
    "runtime-environment-secrets": {"environmentVariables": {"DB_PASSWORD": "hunter2"}},
    "runtime-environment": {"environmentVariables": {"LOG-LEVEL": "info"}},
    "runtime-authorizer": {
        "authorizerConfiguration": {"customJwtAuthorizer": {"discoveryUrl": _DISCOVERY}}
    },
    "tool-network-mode": {"environments": [], "environment": {}},
}


def _harnesses() -> Iterator[Mutation]:
    """A harness is judged as the runtime it is."""
    network: Mapping[str, Value] = {"networkMode": "VPC"}
    of_aws: Value = [{"agentcoreRuntimeEnvironments": [{"networkConfigurations": [network]}]}]
    of_native: Value = {"agentCoreRuntimeEnvironment": {"networkConfiguration": network}}
    shapes: Mapping[str, Mapping[str, Given]] = {
        "aws:bedrock/agentcoreHarness:AgentcoreHarness": {
            "tagsAll": TAGS,
            "environments": of_aws,
        },
        "aws-native:bedrockagentcore:Harness": {"tags": _NATIVE_TAGS, "environment": of_native},
    }
    for kind, own in shapes.items():
        for rule, wrong in _BAD_HARNESSES.items():
            good = {**_HARNESS, **own}
            yield Mutation(
                rule,
                kind,
                (Add(kind, "one-more", {**good, **wrong}),),
                (Add(kind, "one-more", good),),
            )


_TYPE_NAMES: Final = {
    "aws:cloudcontrol/resource:Resource": "typeName",
    "aws-native:index:ExtensionResource": "type",
}
_UNREADABLE: Final = (
    *(
        Mutation(
            "opaque-resource",
            kind,
            (Add(kind, "role", {name: "AWS::IAM::Role"}),),
            (Add("aws:budgets/budget:Budget", "role", _BUDGET),),
        )
        for kind, name in _TYPE_NAMES.items()
    ),
    *(
        Mutation(
            "opaque-resource",
            kind,
            (Add(kind, "role", {"templateBody": "{}"}),),
            (Add("aws:budgets/budget:Budget", "role", _BUDGET),),
        )
        for kind in (
            _STACK,
            "aws:cloudformation/stackSet:StackSet",
            "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
            "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
            "aws-native:cloudformation:Stack",
            "aws-native:cloudformation:StackSet",
            "aws-native:servicecatalog:CloudFormationProvisionedProduct",
        )
    ),
    *values(
        "hidden-by-secret", ROLE, "description", {"a value of a role": SECRET}, "agents", "tagged"
    ),
)

MUTATIONS: Final = (*_BESIDE, *_harnesses(), *_UNREADABLE)
"""Of production."""
