"""What can be wrong with a runtime and its named endpoints."""

from typing import Final, cast

from agentcore_policies.model import Value
from tests.policies.edits import Put
from tests.policies.forms import ROLE_POLICY, RUNTIME, RUNTIME_ENDPOINT
from tests.policies.mutation import Mutation, values
from tests.stack_files import DIGEST

_REGISTRY: Final = "222222222222.dkr.ecr.us-east-1.amazonaws.com"
_REPOSITORY: Final = f"{_REGISTRY}/agentcore-prod/assistant"
_URI: Final = "agentRuntimeArtifact.containerConfiguration.containerUri"
_AGENT: Final = "assistant"
_NETWORK: Final = "networkConfiguration"
_JWT: Final = "authorizerConfiguration.customJwtAuthorizer"
_CODE: Final[Value] = {"entryPoint": ["main.py"], "runtime": "PYTHON_3_13"}

_ELSEWHERE: Final = ("us-east-1", "eu-west-1")


def _pulled_elsewhere(policy: Value) -> Value:
    """The policy, for a repository of the other region."""
    return cast("str", policy).replace("arn:aws:ecr:us-east-1:", "arn:aws:ecr:eu-west-1:")


def _pulled_from_others(policy: Value) -> Value:
    """The policy, for a repository of the other account."""
    return cast("str", policy).replace(f":{'2' * 12}:repository/", f":{'3' * 12}:repository/")


MUTATIONS: Final = (
    *values(
        "runtime-artifact",
        RUNTIME,
        "agentRuntimeArtifact",
        {"none": None, "an empty one": {}},
        {"codeConfiguration": _CODE},
        _AGENT,
    ),
    Mutation(
        "runtime-artifact",
        "both",
        (Put(RUNTIME, "agentRuntimeArtifact.codeConfiguration", _CODE, _AGENT),),
        (Put(RUNTIME, "agentRuntimeArtifact", {"codeConfiguration": _CODE}, _AGENT),),
    ),
    *values(
        "runtime-image-registry",
        RUNTIME,
        _URI,
        {
            "another registry": f"registry.example.com/agents/assistant@{DIGEST}",
            "the public gallery": f"public.ecr.aws/agents/assistant@{DIGEST}",
            "an account of eleven digits": f"{_REGISTRY[1:]}/agents/assistant@{DIGEST}",
            "a registry that begins like ECR": f"{_REGISTRY}.example.com/assistant@{DIGEST}",
        },
        f"{_REPOSITORY}@{DIGEST}",
        _AGENT,
    ),
    Mutation(
        "runtime-image-registry",
        "another account",
        (
            Put(RUNTIME, _URI, f"{_REPOSITORY.replace('2' * 12, '3' * 12)}@{DIGEST}", _AGENT),
            Put(ROLE_POLICY, "policy", _pulled_from_others, _AGENT),
        ),
        (Put(RUNTIME, _URI, f"{_REPOSITORY}@{DIGEST}", _AGENT),),
    ),
    Mutation(
        "runtime-image-region",
        "another region",
        (
            Put(RUNTIME, _URI, f"{_REPOSITORY.replace(*_ELSEWHERE)}@{DIGEST}", _AGENT),
            Put(ROLE_POLICY, "policy", _pulled_elsewhere, _AGENT),
        ),
        (Put(RUNTIME, _URI, f"{_REPOSITORY}@{DIGEST}", _AGENT),),
    ),
    *values(
        "runtime-image-pinned",
        RUNTIME,
        _URI,
        {
            "neither tag nor digest": f"{_REPOSITORY}",
            "a digest that is cut off": f"{_REPOSITORY}@{DIGEST[:-1]}",
            "a tag that is none": f"{_REPOSITORY}:-1.4.2",
        },
        f"{_REPOSITORY}:1.4.2",
        _AGENT,
    ),
    *values(
        "runtime-image-moving-tag",
        RUNTIME,
        _URI,
        {"latest": f"{_REPOSITORY}:latest", "main": f"{_REPOSITORY}:Main"},
        f"{_REPOSITORY}:latest@{DIGEST}",
        _AGENT,
    ),
    *values(
        "runtime-name",
        RUNTIME,
        "agentRuntimeName",
        {
            "a hyphen": "agentcore-prod-assistant",
            "a digit first": "1agent",
            "49 characters": "a" * 49,
            "none": None,
            "made by auto-naming": "tagged_1a2b3c4",
        },
        "a" * 48,
        "tagged",
    ),
    *values(
        "runtime-environment-secrets",
        RUNTIME,
        "environmentVariables",
        {
            "an access key": {"KEY": "AKIAIOSFODNN7EXAMPLE"},
            "a private key": {"CERT": "-----BEGIN RSA PRIVATE KEY-----\nMIIE"},
            "a password": {"DB_PASSWORD": "hunter2hunter2"},
        },
        {"DB_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:222222222222:secret:db-AbCdEf"},
        _AGENT,
    ),
    *values(
        "runtime-environment",
        RUNTIME,
        "environmentVariables",
        {
            "an empty map": {},
            "a hyphen in a name": {"LOG-LEVEL": "info"},
            "a name of 101 characters": {"A" * 101: "info"},
            "a reserved name": {"AWS_REGION": "us-east-1"},
            "51 variables": {f"V{n}": "1" for n in range(51)},
            "a value of 5001 characters": {"TEXT": "a " * 2500 + "a"},
        },
        {f"{'V' * 97}{n:02}": "1" for n in range(50)},
        _AGENT,
    ),
    *values(
        "runtime-lifecycle",
        RUNTIME,
        "lifecycleConfiguration",
        {
            "none": None,
            "59 seconds": {"idleRuntimeSessionTimeout": 59, "maxLifetime": 3600},
            "28801 seconds": {"idleRuntimeSessionTimeout": 60, "maxLifetime": 28801},
            "idle for longer than it lives": {
                "idleRuntimeSessionTimeout": 901,
                "maxLifetime": 900,
            },
            "half of it": {"maxLifetime": 3600},
        },
        {"idleRuntimeSessionTimeout": 60, "maxLifetime": 28800},
        _AGENT,
    ),
    *values(
        "runtime-protocol",
        RUNTIME,
        "protocolConfiguration",
        {"lower case": "mcp", "unheard of": "GRPC"},
        "A2A",
        _AGENT,
    ),
    *values(
        "runtime-request-headers",
        RUNTIME,
        "requestHeaderConfiguration.requestHeaderAllowlist",
        {
            "a wildcard": ["X-*"],
            "one twice": ["X-Trace", "x-trace"],
            "one that is not forwarded": ["Host"],
            "21": [f"X-{n}" for n in range(21)],
            "none": [],
        },
        [f"X-{n}" for n in range(20)],
        _AGENT,
    ),
    *values(
        "runtime-authorizer",
        RUNTIME,
        f"{_JWT}.discoveryUrl",
        {
            "no TLS": "http://login.example.com/.well-known/openid-configuration",
            "no discovery document": "https://login.example.com/",
            "a user": "https://me:x@login.example.com/.well-known/openid-configuration",
        },
        "https://login.example.com/tenant/.well-known/openid-configuration",
        _AGENT,
    ),
    Mutation(
        "runtime-authorizer",
        "whoever a token is for",
        (
            Put(RUNTIME, f"{_JWT}.allowedClients", None, _AGENT),
            Put(RUNTIME, f"{_JWT}.allowedScopes", None, _AGENT),
        ),
        (Put(RUNTIME, f"{_JWT}.allowedClients", None, _AGENT),),
    ),
    *values(
        "runtime-endpoint-name",
        RUNTIME_ENDPOINT,
        "name",
        {"a hyphen": "prod-v1", "AWS's own": "DEFAULT", "49 characters": "a" * 49, "none": None},
        "prod_v1",
        "live",
    ),
    *values(
        "runtime-endpoint-version",
        RUNTIME_ENDPOINT,
        "agentRuntimeVersion",
        {"none": None, "zero": "0", "a word": "latest"},
        "99999",
        "live",
    ),
    Mutation(
        "runtime-service-s3-endpoint",
        "asked for",
        (
            Put(
                RUNTIME,
                f"{_NETWORK}.networkModeConfig.requireServiceS3Endpoint",
                value=True,
                ending=_AGENT,
            ),
        ),
        (Put(RUNTIME, f"{_NETWORK}.networkModeConfig.requireServiceS3Endpoint", None, _AGENT),),
    ),
    Mutation(
        "runtime-vpc-mode",
        "public",
        (Put(RUNTIME, _NETWORK, {"networkMode": "PUBLIC"}, _AGENT),),
        (Put(RUNTIME, f"{_NETWORK}.networkMode", "VPC", _AGENT),),
        alone="nothing of the network is about a runtime outside of it",
    ),
)
"""Of production's agent with everything, unless they have to be of another one."""
