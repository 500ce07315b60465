"""What the AgentCore service refuses beyond its schemas, through Cloud Control's handlers."""

import json
from collections.abc import Callable
from typing import Any

from tests.emulator.aws.cloud import ENDPOINT, REGION, RUNTIME, Cloud
from tests.emulator.aws.refusals import Refusal

JsonObject = dict[str, Any]
Make = Callable[[Cloud], JsonObject]

PREFIX = "AWS::BedrockAgentCore::"
IDENTITY = f"{PREFIX}WorkloadIdentity"
PROVIDER = f"{PREFIX}CapacityProvider"
MEMORY = f"{PREFIX}Memory"
GATEWAY = f"{PREFIX}Gateway"
TARGET = f"{PREFIX}GatewayTarget"
POLICY = f"{PREFIX}ResourcePolicy"

CREATE = "cloudcontrol:CreateResource"
UPDATE = "cloudcontrol:UpdateResource"
DELETE = "cloudcontrol:DeleteResource"

CODE = {
    "CodeConfiguration": {
        "Code": {"S3": {"Bucket": "agents", "Prefix": "assistant.zip"}},
        "EntryPoint": ["main.py"],
        "Runtime": "PYTHON_3_12",
    }
}
PUBLIC = {"NetworkMode": "PUBLIC"}
IDS = {"Subnets": ["subnet-00000000"], "SecurityGroups": ["sg-00000000"]}
DENY_PULL = {"Effect": "Deny", "Action": "ecr:Batch*", "Resource": "*"}
DENY_PUSH = {"Effect": "Deny", "Action": "ecr:Put*", "Resource": "*"}


def of(**properties: Any) -> Make:
    return lambda _: properties


def creating(
    type_name: str,
    name: str,
    bad: Make,
    says: str,
    good: Make,
    *,
    base: Make,
    code: str = "InvalidRequest",
) -> Refusal:
    """Return the refusal of a create: the base with the bad properties, and with the good ones."""

    def create_with(changes: Make) -> Callable[[Cloud], object]:
        def create(cloud: Cloud) -> object:
            desired = {**base(cloud), **changes(cloud)}
            kept = {key: value for key, value in desired.items() if value is not None}
            return cloud.create(kept, type_name)

        return create

    kind = type_name.removeprefix(PREFIX)
    return Refusal(
        name=f"{kind} with {name}",
        operation=CREATE,
        code=code,
        says=says,
        bad=create_with(bad),
        good=create_with(good),
    )


# Runtimes of code in S3, which is not looked at: what is refused is not the image ---------------


def code_runtime(cloud: Cloud) -> JsonObject:
    return cloud.runtime(AgentRuntimeArtifact=CODE, RoleArn=cloud.role())


def runtime(name: str, bad: Make, says: str, good: Make) -> Refusal:
    return creating(RUNTIME, name, bad, says, good, base=code_runtime)


def role(**parts: Callable[[Cloud], JsonObject]) -> Make:
    """Return the change to a second role, made of these parts."""
    return lambda cloud: {
        "RoleArn": cloud.role("second", **{name: make(cloud) for name, make in parts.items()})
    }


def trust(**parts: Any) -> Callable[[Cloud], JsonObject]:
    return lambda cloud: cloud.trust(**parts)


def variables(total: int) -> JsonObject:
    """Return environment variables whose names and values have this many bytes in all."""
    sizes = {"A": total // 2, "B": total - total // 2}
    return {"EnvironmentVariables": {name: "x" * (size - 1) for name, size in sizes.items()}}


def in_vpc(**properties: Any) -> Make:
    def make(cloud: Cloud) -> JsonObject:
        subnet, group = cloud.network()
        config = {"Subnets": [subnet], "SecurityGroups": [group]}
        return {
            **properties,
            "NetworkConfiguration": {"NetworkMode": "VPC", "NetworkModeConfig": config},
        }

    return make


def access_point(arn: str) -> JsonObject:
    arn = arn.format(f"{REGION}:111111111111")
    return {"AccessPointArn": arn, "MountPath": "/mnt/data"}


ID = "0123456789abcdef0"
NETWORK_FILESYSTEMS: list[tuple[str, str, JsonObject]] = [
    (
        "EFS",
        "efsAccessPoint",
        {"EfsAccessPoint": access_point(f"arn:aws:elasticfilesystem:{{}}:access-point/fsap-{ID}")},
    ),
    (
        "S3 Files",
        "s3FilesAccessPoint",
        {
            "S3FilesAccessPoint": access_point(
                f"arn:aws:s3files:{{}}:file-system/fs-{ID}/access-point/fsap-{ID}"
            )
        },
    ),
]

RUNTIMES = [
    runtime(
        "a hyphen in its name",
        of(AgentRuntimeName="my-agent"),
        "'my-agent' at 'agentRuntimeName' failed to satisfy constraint",
        of(AgentRuntimeName="my_agent"),
    ),
    runtime(
        "a name of 49 characters",
        of(AgentRuntimeName="a" * 49),
        "regular expression pattern",
        of(AgentRuntimeName="a" * 48),
    ),
    runtime(
        "a role that does not exist",
        lambda cloud: {"RoleArn": f"arn:aws:iam::{cloud.account}:role/nobody"},
        "Role validation failed for 'arn:aws:iam::",
        of(),
    ),
    runtime(
        "a role of another account",
        of(RoleArn="arn:aws:iam::999999999999:role/execution"),
        "Role validation failed",
        of(),
    ),
    runtime(
        "a role that trusts another service",
        role(trust=trust(service="lambda.amazonaws.com")),
        "trust policy allows assumption by this service",
        role(trust=trust()),
    ),
    runtime(
        "a role that trusts the service for another account",
        role(trust=trust(account="999999999999")),
        "Role validation failed",
        role(trust=trust()),
    ),
    runtime(
        "a role that trusts the service for another agent",
        role(trust=trust(source="runtime/other-*")),
        "Role validation failed",
        role(trust=trust(source="runtime/assistant-*")),
    ),
    runtime(
        "an idle time over the lifetime",
        of(LifecycleConfiguration={"IdleRuntimeSessionTimeout": 601, "MaxLifetime": 600}),
        "must be less than or equal to maxLifetime",
        of(LifecycleConfiguration={"IdleRuntimeSessionTimeout": 600, "MaxLifetime": 600}),
    ),
    runtime(
        "a lifetime over the eight hours of a microVM",
        of(LifecycleConfiguration={"MaxLifetime": 28801}),
        "must be at most 28800",
        of(LifecycleConfiguration={"MaxLifetime": 28800}),
    ),
    runtime(
        "environment variables over 4 KB",
        of(**variables(4097)),
        "4097 bytes in total, allowed: 4096",
        of(**variables(4096)),
    ),
    runtime(
        "environment variables over 1.5 KB for code on platform V2",
        of(PlatformVersion="V2", **variables(1537)),
        "1537 bytes in total, allowed: 1536",
        of(PlatformVersion="V2", **variables(1536)),
    ),
    runtime(
        "a platform version that there is not",
        of(PlatformVersion="V3"),
        "platformVersion is V3, allowed: V1, V2",
        of(PlatformVersion="V2"),
    ),
    runtime(
        "VPC mode without subnets",
        of(NetworkConfiguration={"NetworkMode": "VPC"}),
        "NetworkModeConfig is required for VPC mode",
        of(NetworkConfiguration=PUBLIC),
    ),
    runtime(
        "subnets in PUBLIC mode",
        of(NetworkConfiguration={**PUBLIC, "NetworkModeConfig": IDS}),
        "NetworkModeConfig is only allowed for VPC mode",
        of(NetworkConfiguration=PUBLIC),
    ),
    runtime("neither container nor code", of(AgentRuntimeArtifact={}), "exactly one of", of()),
    *(
        runtime(
            f"an access point of {service} without a network",
            of(FilesystemConfigurations=[mount]),
            f"{member} requires VPC mode",
            in_vpc(FilesystemConfigurations=[mount]),
        )
        for service, member, mount in NETWORK_FILESYSTEMS
    ),
    runtime(
        "a capacity provider that does not exist",
        lambda cloud: {
            "NetworkConfiguration": None,
            "CapacityProviderConfiguration": {
                "CapacityProviderArn": f"arn:aws:bedrock-agentcore:{REGION}:{cloud.account}:"
                "capacity-provider/nobody-0123456789"
            },
        },
        "does not exist",
        of(NetworkConfiguration=None),
    ),
    runtime(
        "a tag key of AWS's own",
        of(Tags={"aws:stack": "assistant"}),
        "aws: prefixed tag key names are not allowed",
        of(Tags={"stack": "assistant"}),
    ),
]


# Runtimes of an image -----------------------------------------------------------------------------


def container_runtime(cloud: Cloud) -> JsonObject:
    return cloud.prepared().runtime()


def image_runtime(name: str, bad: Make, says: str, good: Make) -> Refusal:
    return creating(RUNTIME, name, bad, says, good, base=container_runtime)


def permissions(*statements: JsonObject, without: str = "") -> Callable[[Cloud], JsonObject]:
    return lambda cloud: cloud.permissions(*statements, without=without)


def image(tag: str, architecture: str | None = None) -> Make:
    """Return the change to another image, pushed for the architecture if one is given."""

    def make(cloud: Cloud) -> JsonObject:
        if architecture:
            cloud.push(architecture, tag=tag.removeprefix(":"))
        return {"AgentRuntimeArtifact": cloud.image(tag)}

    return make


def foreign_image(cloud: Cloud) -> JsonObject:
    uri = f"{cloud.account}.dkr.ecr.eu-west-1.amazonaws.com/agents/assistant:v1"
    return {"AgentRuntimeArtifact": {"ContainerConfiguration": {"ContainerUri": uri}}}


IMAGES = [
    *(
        image_runtime(
            f"a role without {action}",
            role(permissions=permissions(without=action)),
            "Access denied while validating ECR URI",
            role(permissions=permissions()),
        )
        for action in (
            "ecr:GetAuthorizationToken",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        )
    ),
    image_runtime(
        "a role that is denied the pull",
        role(permissions=permissions(DENY_PULL)),
        "Access denied while validating ECR URI",
        role(permissions=permissions(DENY_PUSH)),
    ),
    image_runtime(
        "a tag that was not pushed",
        image(":v2"),
        "image identifier does not exist in the repository",
        image(":v1"),
    ),
    image_runtime(
        "a digest that was not pushed",
        image(f"@sha256:{'0' * 64}"),
        "image identifier does not exist in the repository",
        lambda cloud: {"AgentRuntimeArtifact": cloud.image(f"@{cloud.push(tag='again')}")},
    ),
    image_runtime(
        "an image for amd64",
        image(":intel", "amd64"),
        r"Architecture incompatible for uri '.*:intel'. Supported architectures: \[arm64\]",
        image(":arm", "arm64"),
    ),
    image_runtime(
        "an image of another region", foreign_image, "must be in the agent's region", of()
    ),
    image_runtime(
        "an image of more than 2 GB",
        lambda cloud: {"AgentRuntimeArtifact": cloud.image(f"@{cloud.push(size=2 * 1024**3)}")},
        "allowed: 2147483648",
        lambda cloud: {"AgentRuntimeArtifact": cloud.image(f"@{cloud.push(size=1024**3)}")},
    ),
]


# Endpoints and workload identities ----------------------------------------------------------------


def endpoint(cloud: Cloud) -> JsonObject:
    return {"AgentRuntimeId": cloud.create(code_runtime(cloud)), "Name": "live"}


def delete_identity_of_runtime(cloud: Cloud) -> None:
    cloud.delete(cloud.create(code_runtime(cloud)), IDENTITY)


def delete_own_identity(cloud: Cloud) -> None:
    cloud.delete(cloud.create({"Name": "mine"}, IDENTITY), IDENTITY)


def change_endpoint(name: str) -> Callable[[Cloud], None]:
    """Return a change of the endpoint, made before when it is not DEFAULT."""

    def change(cloud: Cloud) -> None:
        desired = endpoint(cloud)
        arn = cloud.read(desired["AgentRuntimeId"])["AgentRuntimeArn"]
        if name != "DEFAULT":
            cloud.create({**desired, "Name": name}, ENDPOINT)
        patch = [{"op": "add", "path": "/Description", "value": "x"}]
        cloud.update(f"{arn}/runtime-endpoint/{name}", patch, ENDPOINT)

    return change


ENDPOINTS_AND_IDENTITIES = [
    creating(
        ENDPOINT,
        "a runtime that does not exist",
        of(AgentRuntimeId="nobody-0123456789"),
        "was not found",
        of(),
        base=endpoint,
        code="NotFound",
    ),
    creating(
        ENDPOINT,
        "the name DEFAULT",
        of(Name="DEFAULT"),
        "already exists",
        of(Name="default"),
        base=endpoint,
        code="AlreadyExists",
    ),
    creating(
        ENDPOINT,
        "a version that does not exist",
        of(AgentRuntimeVersion="2"),
        "Version 2 of agent",
        of(AgentRuntimeVersion="1"),
        base=endpoint,
        code="NotFound",
    ),
    Refusal(
        name="a change of the endpoint DEFAULT",
        operation=UPDATE,
        code="InvalidRequest",
        says="managed by the service",
        bad=change_endpoint("DEFAULT"),
        good=change_endpoint("live"),
    ),
    Refusal(
        name="a deletion of a runtime's workload identity",
        operation=DELETE,
        code="InvalidRequest",
        says="linked to a service and cannot be deleted by the caller",
        bad=delete_identity_of_runtime,
        good=delete_own_identity,
    ),
]


# Memories -----------------------------------------------------------------------------------------


def memory(name: str, bad: Make, says: str, good: Make) -> Refusal:
    return creating(MEMORY, name, bad, says, good, base=of(Name="memory", EventExpiryDuration=30))


def strategies(*named: tuple[str, str], **more: Any) -> JsonObject:
    return {
        "MemoryStrategies": [{f"{kind}MemoryStrategy": {"Name": n, **more}} for kind, n in named]
    }


def custom(number: int) -> Make:
    """Return this many custom strategies, with the role that they need."""
    named = [("Custom", f"strategy{each}") for each in range(number)]
    return lambda cloud: {"MemoryExecutionRoleArn": cloud.role("memory"), **strategies(*named)}


MEMORIES = [
    memory(
        "two strategies of a built-in kind",
        of(**strategies(("Semantic", "facts"), ("Semantic", "more"))),
        "Only one memory strategy can have the SEMANTIC",
        of(**strategies(("Semantic", "facts"), ("Summary", "more"))),
    ),
    memory(
        "two strategies of one name",
        of(**strategies(("Semantic", "facts"), ("Summary", "facts"))),
        "Only one memory strategy can have the name facts",
        of(**strategies(("Semantic", "facts"), ("Summary", "more"))),
    ),
    memory("seven strategies", custom(7), "allowed: 6", custom(6)),
    memory(
        "a custom strategy and no role",
        of(**strategies(("Custom", "own"))),
        "memoryExecutionRoleArn is required",
        custom(1),
    ),
    memory(
        "a role that does not exist",
        lambda cloud: {"MemoryExecutionRoleArn": f"arn:aws:iam::{cloud.account}:role/nobody"},
        "Role validation failed",
        lambda cloud: {"MemoryExecutionRoleArn": cloud.role("memory")},
    ),
    memory(
        "a variable in a namespace that is not declared",
        of(**strategies(("Semantic", "facts"), NamespaceTemplates=["/{team}/"])),
        "has the variable team",
        of(
            **strategies(("Semantic", "facts"), NamespaceTemplates=["/{team}/"]),
            NamespaceKeys=[{"Key": "team"}],
        ),
    ),
    memory(
        "two namespaces in a strategy",
        of(**strategies(("Semantic", "facts"), NamespaceTemplates=["/a/", "/b/"])),
        "Member must have length less than or equal to 1",
        of(**strategies(("Semantic", "facts"), NamespaceTemplates=["/a/"])),
    ),
    memory(
        "a key that does not exist",
        lambda cloud: {
            "EncryptionKeyArn": f"arn:aws:kms:{REGION}:{cloud.account}:"
            "key/00000000-0000-0000-0000-000000000000"
        },
        "does not exist or is not enabled",
        lambda cloud: {"EncryptionKeyArn": cloud.key()},
    ),
]


# Gateways, their targets, and resource policies ---------------------------------------------------


def gateway(cloud: Cloud) -> JsonObject:
    return {"Name": "Tools", "RoleArn": cloud.role("gateway"), "AuthorizerType": "AWS_IAM"}


def renaming(name: str) -> Callable[[Cloud], None]:
    def rename(cloud: Cloud) -> None:
        patch = [{"op": "replace", "path": "/Name", "value": name}]
        cloud.update(cloud.create(gateway(cloud), GATEWAY), patch, GATEWAY)

    return rename


def target(cloud: Cloud) -> JsonObject:
    return {
        "GatewayIdentifier": cloud.create(gateway(cloud), GATEWAY),
        "Name": "search",
        "TargetConfiguration": {"Mcp": {"McpServer": {"Endpoint": "https://mcp.example.com"}}},
    }


def runtime_target(cloud: Cloud, arn: str) -> JsonObject:
    del cloud
    return {"TargetConfiguration": {"Http": {"AgentcoreRuntime": {"Arn": arn}}}}


def key_of(cloud: Cloud, provider: str) -> JsonObject:
    """Return credentials of a provider, which exists when it is called `known`."""
    arn = cloud.create({"Name": "known"}, f"{PREFIX}ApiKeyCredentialProvider")
    named = {"ProviderArn": arn.replace("known", provider)}
    return {
        "CredentialProviderConfigurations": [
            {
                "CredentialProviderType": "API_KEY",
                "CredentialProvider": {"ApiKeyCredentialProvider": named},
            }
        ]
    }


def delete_gateway(*, targets_first: bool) -> Callable[[Cloud], None]:
    def delete(cloud: Cloud) -> None:
        desired = target(cloud)
        made = cloud.create(desired, TARGET)
        if targets_first:
            cloud.delete(made, TARGET)
        cloud.delete(desired["GatewayIdentifier"], GATEWAY)

    return delete


def document(**parts: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Action": "bedrock-agentcore:InvokeGateway",
        "Resource": "*",
        **parts,
    }
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def resource_policy(cloud: Cloud) -> JsonObject:
    arn = cloud.read(cloud.create(gateway(cloud), GATEWAY), GATEWAY)["GatewayArn"]
    return {"ResourceArn": arn, "Policy": document()}


def policy(name: str, text: str, says: str) -> Refusal:
    return creating(POLICY, name, of(Policy=text), says, of(), base=resource_policy)


GATEWAYS = [
    creating(
        GATEWAY,
        "a role that does not trust the service",
        role(trust=trust(service="lambda.amazonaws.com")),
        "Role validation failed",
        role(trust=trust(source="gateway/*")),
        base=gateway,
    ),
    creating(
        GATEWAY,
        "a JWT authorizer that is not configured",
        of(AuthorizerType="CUSTOM_JWT"),
        "authorizerConfiguration is required",
        of(
            AuthorizerType="CUSTOM_JWT",
            AuthorizerConfiguration={
                "CustomJWTAuthorizer": {
                    "DiscoveryUrl": "https://id.example.com/.well-known/openid-configuration"
                }
            },
        ),
        base=gateway,
    ),
    creating(
        GATEWAY,
        "a policy engine that does not exist",
        of(
            PolicyEngineConfiguration={
                "Arn": f"arn:aws:bedrock-agentcore:{REGION}:111111111111:"
                "policy-engine/nobody-0123456789",
                "Mode": "ENFORCE",
            }
        ),
        "policy engine .* does not exist",
        lambda cloud: {
            "PolicyEngineConfiguration": {
                "Arn": cloud.create({"Name": "engine"}, f"{PREFIX}PolicyEngine"),
                "Mode": "ENFORCE",
            }
        },
        base=gateway,
    ),
    Refusal(
        name="a change of a gateway's name",
        operation=UPDATE,
        code="InvalidRequest",
        says="must be the same as when the gateway was created: Tools",
        bad=renaming("Other"),
        good=renaming("Tools"),
    ),
    Refusal(
        name="a deletion of a gateway with a target",
        operation=DELETE,
        code="InvalidRequest",
        says="has targets associated with it",
        bad=delete_gateway(targets_first=False),
        good=delete_gateway(targets_first=True),
    ),
    creating(
        TARGET,
        "a gateway that does not exist",
        of(GatewayIdentifier="nobody-0123456789"),
        "was not found",
        of(),
        base=target,
        code="NotFound",
    ),
    creating(
        TARGET,
        "a runtime that does not exist",
        lambda cloud: runtime_target(
            cloud,
            f"arn:aws:bedrock-agentcore:{REGION}:{cloud.account}:runtime/nobody-0123456789",
        ),
        "agent runtime .* does not exist",
        lambda cloud: runtime_target(
            cloud, cloud.read(cloud.create(code_runtime(cloud)))["AgentRuntimeArn"]
        ),
        base=target,
    ),
    creating(
        TARGET,
        "a credential provider that does not exist",
        lambda cloud: key_of(cloud, "other"),
        "credential provider .* does not exist",
        lambda cloud: key_of(cloud, "known"),
        base=target,
    ),
    creating(
        POLICY,
        "a resource that does not exist",
        of(ResourceArn=f"arn:aws:bedrock-agentcore:{REGION}:111111111111:gateway/x-0123456789"),
        "was not found",
        of(),
        base=resource_policy,
        code="NotFound",
    ),
    policy("no JSON", "{", "not valid JSON"),
    policy("an effect that there is not", document(Effect="Permit"), "must be one of Allow, Deny"),
    policy("no principal", document(Principal=None), "lacks the required element Principal"),
    policy("an unknown element", document(Actions=[]), "unknown element Actions"),
    policy(
        "an unknown condition operator",
        document(Condition={"StringIs": {"aws:SourceAccount": "111111111111"}}),
        "condition operator StringIs is unknown",
    ),
    policy("another service's action", document(Action="s3:GetObject"), "is not supported"),
]


# Capacity providers and the runtimes on them ------------------------------------------------------


def provider(cloud: Cloud) -> JsonObject:
    subnet, group = cloud.network()
    return {
        "Name": "instances",
        "PermissionsConfiguration": {"CapacityProviderOperatorRoleArn": cloud.role("operator")},
        "ComputeConfiguration": cloud.compute([subnet], [group]),
    }


def operator(make: Callable[[Cloud], str]) -> Make:
    return lambda cloud: {
        "PermissionsConfiguration": {"CapacityProviderOperatorRoleArn": make(cloud)}
    }


def in_networks(subnet_cidr: str, group_cidr: str) -> Make:
    """Return the change to a subnet and a group of the VPCs of these CIDRs."""

    def make(cloud: Cloud) -> JsonObject:
        made = {cidr: cloud.network(cidr=cidr) for cidr in {subnet_cidr, group_cidr}}
        compute = cloud.compute([made[subnet_cidr][0]], [made[group_cidr][1]])
        return {"ComputeConfiguration": compute}

    return make


def instance_runtime(cloud: Cloud) -> JsonObject:
    """Return a runtime on a capacity provider whose instances live an hour."""
    desired = provider(cloud)
    ec2 = desired["ComputeConfiguration"]["Ec2Configuration"]
    ec2["LifecycleConfiguration"] = {"MaxLifetime": 3600}
    arn = cloud.create(desired, PROVIDER)
    return cloud.runtime(
        AgentRuntimeArtifact=CODE,
        RoleArn=cloud.role(),
        NetworkConfiguration=None,
        CapacityProviderConfiguration={"CapacityProviderArn": arn},
    )


def delete_provider(*, runtime_first: bool) -> Callable[[Cloud], None]:
    def delete(cloud: Cloud) -> None:
        desired = instance_runtime(cloud)
        made = cloud.create(desired)
        if runtime_first:
            cloud.delete(made)
        cloud.delete(desired["CapacityProviderConfiguration"]["CapacityProviderArn"], PROVIDER)

    return delete


def root_volume(make_key: Callable[[Cloud], str]) -> Make:
    def make(cloud: Cloud) -> JsonObject:
        subnet, group = cloud.network(cidr="10.1.0.0/16")
        volume = {"KmsKeyId": make_key(cloud)}
        return {"ComputeConfiguration": cloud.compute([subnet], [group], RootVolume=volume)}

    return make


CAPACITY_PROVIDERS = [
    creating(
        PROVIDER,
        "a root volume whose key does not exist",
        root_volume(lambda cloud: cloud.key()[:-12] + "0" * 12),
        "does not exist or is not enabled",
        root_volume(Cloud.key),
        base=provider,
    ),
    creating(
        PROVIDER,
        "an operator role that does not exist",
        operator(lambda cloud: f"arn:aws:iam::{cloud.account}:role/nobody"),
        "Role validation failed",
        operator(lambda cloud: cloud.role("second")),
        base=provider,
    ),
    creating(
        PROVIDER,
        "a subnet and a group of two VPCs",
        in_networks("10.1.0.0/16", "10.2.0.0/16"),
        "the subnets are in vpc-",
        in_networks("10.1.0.0/16", "10.1.0.0/16"),
        base=provider,
    ),
    creating(
        RUNTIME,
        "a network beside its capacity provider",
        of(NetworkConfiguration=PUBLIC),
        "networkConfiguration must be omitted",
        of(),
        base=instance_runtime,
    ),
    creating(
        RUNTIME,
        "a lifetime over that of its instances",
        of(LifecycleConfiguration={"MaxLifetime": 3601}),
        "of the capacity provider",
        of(LifecycleConfiguration={"MaxLifetime": 3600}),
        base=instance_runtime,
    ),
    creating(
        RUNTIME,
        "session storage on a capacity provider",
        of(FilesystemConfigurations=[{"SessionStorage": {"MountPath": "/mnt/data"}}]),
        "sessionStorage is not supported with a capacity provider",
        of(),
        base=instance_runtime,
    ),
    Refusal(
        name="a deletion of a capacity provider in use",
        operation=DELETE,
        code="ResourceConflict",
        says="is referenced by assistant-",
        bad=delete_provider(runtime_first=False),
        good=delete_provider(runtime_first=True),
    ),
]

REFUSALS = [
    *RUNTIMES,
    *IMAGES,
    *ENDPOINTS_AND_IDENTITIES,
    *MEMORIES,
    *GATEWAYS,
    *CAPACITY_PROVIDERS,
]
