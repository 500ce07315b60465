"""For types of `aws-native`: inputs that work, and another value for every property."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tests.emulator.providers.engine_calls import COUNTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object
    from tests.emulator.aws.cloud import Cloud
    from tests.emulator.providers.engine_calls import EngineCalls, Managed

PREFIX = "aws-native:bedrockagentcore:"
RUNTIME = f"{PREFIX}Runtime"
ENDPOINT = f"{PREFIX}RuntimeEndpoint"
WORKLOAD_IDENTITY = f"{PREFIX}WorkloadIdentity"
CAPACITY_PROVIDER = f"{PREFIX}CapacityProvider"
MEMORY = f"{PREFIX}Memory"
GATEWAY = f"{PREFIX}Gateway"
GATEWAY_TARGET = f"{PREFIX}GatewayTarget"
POLICY_ENGINE = f"{PREFIX}PolicyEngine"
RESOURCE_POLICY = f"{PREFIX}ResourcePolicy"

TOOLS_FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:tools"
DISCOVERY_URL = "https://example.com/.well-known/openid-configuration"


@dataclass
class Account:
    """Makes in an account what the samples refer to."""

    native: EngineCalls
    cloud: Cloud

    def role(self) -> str:
        """The execution role, which the account has."""
        return f"arn:aws:iam::{self.cloud.account}:role/execution"

    def other_role(self) -> str:
        return self.cloud.role(unique("role"))

    def container(self, tag: str = "v1") -> Object:
        registry = f"{self.cloud.account}.dkr.ecr.us-east-1.amazonaws.com"
        return {"containerConfiguration": {"containerUri": f"{registry}/agents/assistant:{tag}"}}

    def other_container(self) -> Object:
        tag = unique("v")
        self.cloud.push(tag=tag)
        return self.container(tag)

    def compute(self, instance_type: str = "m7g.large") -> Object:
        launch = {
            "operatingSystem": "LINUX_ARM64",
            "instanceRequirements": {"allowedInstanceTypes": [instance_type]},
        }
        return {
            "ec2Configuration": {
                "launchTemplateSource": {"launchParameters": launch},
                "vpcConfiguration": network(self.cloud),
            }
        }

    def resource(self, token: str) -> Managed:
        """Another resource, made from its sample."""
        return self.native.create(token, NATIVE_SAMPLES[token].inputs(self))

    def runtime_of_two_versions(self) -> str:
        runtime = self.resource(RUNTIME)
        self.native.update(runtime, {**runtime.inputs, "description": "second"})
        return runtime.resource_id


@cache
def network(cloud: Cloud) -> Object:
    """The account's network: an account has room for five."""
    subnet, group = cloud.network()
    return {"subnets": [subnet], "securityGroups": [group]}


def unique(name: str) -> str:
    return f"{name}{next(COUNTER)}"


def policy(effect: str) -> str:
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": "bedrock-agentcore:InvokeGateway",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def tools(name: str) -> Object:
    tool = {"name": name, "description": "A tool", "inputSchema": {"type": "object"}}
    return {
        "mcp": {"lambda": {"lambdaArn": TOOLS_FUNCTION, "toolSchema": {"inlinePayload": [tool]}}}
    }


@dataclass(frozen=True)
class NativeSample:
    """One type.

    Attributes:
        inputs: Inputs that are accepted.
        changes: Makes another value of each property.
        refused: Properties whose change the service refuses although its schema has them updated
            in place, each with the reason.
    """

    inputs: Callable[[Account], Object]
    changes: Callable[[Account], dict[str, Callable[[], Json]]]
    refused: dict[str, str] = field(default_factory=dict[str, str])


SUMMARY_STRATEGY = {
    "summaryMemoryStrategy": {
        "name": "summaries",
        "recordExpirySpecification": {"recordExpiryDurationDays": 40},
    }
}
FACTS_STRATEGY = {"semanticMemoryStrategy": {"name": "facts"}}
MAPPED_TAGS: Object = {"Project": "sample"}
OTHER_MAPPED_TAGS: Object = {"Owner": "me"}
LISTED_TAGS = [{"key": "Project", "value": "sample"}]
OTHER_LISTED_TAGS = [{"key": "Owner", "value": "me"}]

NATIVE_SAMPLES: dict[str, NativeSample] = {
    RUNTIME: NativeSample(
        lambda account: {
            "agentRuntimeName": unique("sample"),
            "agentRuntimeArtifact": account.container(),
            "roleArn": account.role(),
            "networkConfiguration": {"networkMode": "PUBLIC"},
            "environmentVariables": {"Log_Level": "info"},
            "tags": MAPPED_TAGS,
        },
        lambda account: {
            "agentRuntimeName": lambda: unique("other"),
            "agentRuntimeArtifact": account.other_container,
            "authorizerConfiguration": lambda: {
                "customJwtAuthorizer": {"discoveryUrl": DISCOVERY_URL, "allowedAudience": ["a"]}
            },
            "capacityProviderConfiguration": lambda: {
                "capacityProviderArn": account.resource(CAPACITY_PROVIDER).outputs["arn"]
            },
            "description": lambda: "after",
            "environmentVariables": lambda: {"Log_Level": "debug"},
            "filesystemConfigurations": lambda: [{"sessionStorage": {"mountPath": "/mnt/data"}}],
            "lifecycleConfiguration": lambda: {"maxLifetime": 3600},
            "networkConfiguration": lambda: {
                "networkMode": "VPC",
                "networkModeConfig": network(account.cloud),
            },
            "platformVersion": lambda: "V2",
            "protocolConfiguration": lambda: "MCP",
            "requestHeaderConfiguration": lambda: {"requestHeaderAllowlist": ["Authorization"]},
            "roleArn": account.other_role,
            "tags": lambda: OTHER_MAPPED_TAGS,
        },
        {"capacityProviderConfiguration": "a runtime stays on the compute it was made for"},
    ),
    ENDPOINT: NativeSample(
        lambda account: {
            "agentRuntimeId": account.runtime_of_two_versions(),
            "name": unique("live"),
            "agentRuntimeVersion": "1",
            "tags": MAPPED_TAGS,
        },
        lambda account: {
            "agentRuntimeId": lambda: account.resource(RUNTIME).resource_id,
            "agentRuntimeVersion": lambda: "2",
            "description": lambda: "after",
            "name": lambda: "other",
            "tags": lambda: OTHER_MAPPED_TAGS,
        },
    ),
    WORKLOAD_IDENTITY: NativeSample(
        lambda _account: {"tags": LISTED_TAGS},
        lambda _account: {
            "allowedResourceOauth2ReturnUrls": lambda: ["https://example.com"],
            "name": lambda: unique("other"),
            "tags": lambda: OTHER_LISTED_TAGS,
        },
    ),
    CAPACITY_PROVIDER: NativeSample(
        lambda account: {
            "name": unique("sample"),
            "computeConfiguration": account.compute(),
            "permissionsConfiguration": {"capacityProviderOperatorRoleArn": account.role()},
            "tags": LISTED_TAGS,
        },
        lambda account: {
            "computeConfiguration": lambda: account.compute("m7g.xlarge"),
            "description": lambda: "after",
            "name": lambda: unique("other"),
            "permissionsConfiguration": lambda: {
                "capacityProviderOperatorRoleArn": account.other_role()
            },
            "tags": lambda: OTHER_LISTED_TAGS,
        },
    ),
    MEMORY: NativeSample(
        lambda _account: {
            "name": unique("sample"),
            "eventExpiryDuration": 30,
            "memoryStrategies": [SUMMARY_STRATEGY],
            "tags": MAPPED_TAGS,
        },
        lambda account: {
            "description": lambda: "after",
            "encryptionKeyArn": account.cloud.key,
            "eventExpiryDuration": lambda: 60,
            "indexedKeys": lambda: [{"key": "topic", "type": "STRING"}],
            "memoryExecutionRoleArn": account.other_role,
            "memoryStrategies": lambda: [SUMMARY_STRATEGY, FACTS_STRATEGY],
            "name": lambda: unique("other"),
            "namespaceKeys": lambda: [{"key": "team"}],
            "streamDeliveryResources": lambda: {"resources": []},
            "tags": lambda: OTHER_MAPPED_TAGS,
        },
    ),
    GATEWAY: NativeSample(
        lambda account: {
            "name": unique("sample"),
            "authorizerType": "AWS_IAM",
            "roleArn": account.role(),
            "tags": MAPPED_TAGS,
        },
        lambda account: {
            "authorizerConfiguration": lambda: {
                "customJwtAuthorizer": {"discoveryUrl": DISCOVERY_URL, "allowedAudience": ["a"]}
            },
            "authorizerType": lambda: "NONE",
            "description": lambda: "after",
            "exceptionLevel": lambda: "DEBUG",
            "interceptorConfigurations": lambda: [
                {
                    "interceptionPoints": ["REQUEST"],
                    "interceptor": {"lambda": {"arn": TOOLS_FUNCTION}},
                }
            ],
            "kmsKeyArn": account.cloud.key,
            "name": lambda: unique("other"),
            "policyEngineConfiguration": lambda: {
                "arn": account.resource(POLICY_ENGINE).outputs["policyEngineArn"],
                "mode": "ENFORCE",
            },
            "protocolConfiguration": lambda: {"mcp": {"instructions": "Use them well"}},
            "protocolType": lambda: "MCP",
            "roleArn": account.other_role,
            "tags": lambda: OTHER_MAPPED_TAGS,
            "wafConfiguration": lambda: {"failureMode": "FAIL_OPEN"},
        },
        {"name": "the service keeps the name, which the schema does not say"},
    ),
    GATEWAY_TARGET: NativeSample(
        lambda account: {
            "gatewayIdentifier": account.resource(GATEWAY).resource_id,
            "targetConfiguration": tools("before"),
            "credentialProviderConfigurations": [{"credentialProviderType": "GATEWAY_IAM_ROLE"}],
        },
        lambda account: {
            "credentialProviderConfigurations": lambda: [
                {"credentialProviderType": "CALLER_IAM_CREDENTIALS"}
            ],
            "description": lambda: "after",
            "gatewayIdentifier": lambda: account.resource(GATEWAY).resource_id,
            "metadataConfiguration": lambda: {"allowedRequestHeaders": ["X-Request"]},
            "name": lambda: unique("other"),
            "privateEndpoint": lambda: {
                "selfManagedLatticeResource": {
                    "resourceConfigurationIdentifier": "rcfg-0123456789abcdef0"
                }
            },
            "targetConfiguration": lambda: tools("after"),
        },
    ),
    POLICY_ENGINE: NativeSample(
        lambda _account: {"name": unique("sample"), "tags": LISTED_TAGS},
        lambda account: {
            "description": lambda: "after",
            "encryptionKeyArn": account.cloud.key,
            "name": lambda: unique("other"),
            "tags": lambda: OTHER_LISTED_TAGS,
        },
    ),
    RESOURCE_POLICY: NativeSample(
        lambda account: {
            "resourceArn": account.resource(GATEWAY).outputs["gatewayArn"],
            "policy": policy("Allow"),
        },
        lambda account: {
            "resourceArn": lambda: account.resource(GATEWAY).outputs["gatewayArn"],
            "policy": lambda: policy("Deny"),
        },
    ),
}
