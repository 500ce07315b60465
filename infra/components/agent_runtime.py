"""An agent's runtime and its named endpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws_native as aws_native

# CreateAgentRuntime, VpcConfig: subnets and securityGroups, 1 to 16 each.
_MAX_VPC_IDS: Final = 16


@dataclass(frozen=True, kw_only=True)
class JwtAuthorizerArgs:
    """Callers prove themselves by a JWT of this issuer."""

    discovery_url: str
    allowed_audience: Sequence[str]
    allowed_clients: Sequence[str]
    allowed_scopes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class VpcModeArgs:
    """The network the runtime's interfaces stand in.

    Attributes:
        subnet_ids: private subnets of one VPC, 1 to 16, in zones AgentCore supports.
        security_group_ids: groups of that VPC, 1 to 16.

    Raises:
        ValueError: none of them, or too many.
    """

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]

    def __post_init__(self) -> None:
        """Refuse what the service would refuse, before anything is made."""
        for name, ids in (
            ("subnet_ids", self.subnet_ids),
            ("security_group_ids", self.security_group_ids),
        ):
            if not 1 <= len(ids) <= _MAX_VPC_IDS:
                raise ValueError(f"VPC mode takes 1 to {_MAX_VPC_IDS} {name}, these are {len(ids)}")


@dataclass(frozen=True, kw_only=True)
class AgentRuntimeArgs:
    """What shapes the runtime.

    Attributes:
        runtime_name: physical name, unique in the account and region.
        description: shown in the console, 1 to 1200 characters.
        container_uri: the image, pinned.
        execution_role_arn: the role the container runs as.
        vpc: the network of VPC mode; None is PUBLIC mode, which has none.
        protocol: HTTP, MCP, A2A or AGUI.
        idle_timeout: seconds without a request after which a session ends.
        max_lifetime: seconds after which a session ends in any case.
        environment: environment variables of the container.
        request_headers: headers passed on to the container.
        authorizer: None leaves callers to IAM.
        endpoints: named endpoints and the version each serves.
        tags: all tags; Cloud Control knows no default tags of the aws provider.
        usable: what has to exist before the service can assume the role, pull the image and reach
            what the container needs at its start.
        on_create_error: what decides whether a failed create is tried again.
    """

    runtime_name: str
    description: str
    container_uri: str
    execution_role_arn: pulumi.Input[str]
    vpc: VpcModeArgs | None
    protocol: str
    idle_timeout: int
    max_lifetime: int
    environment: Mapping[str, str]
    request_headers: Sequence[str]
    authorizer: JwtAuthorizerArgs | None
    endpoints: Mapping[str, int]
    tags: Mapping[str, str]
    usable: Sequence[pulumi.Resource]
    on_create_error: pulumi.ErrorHook


class AgentRuntime(pulumi.ComponentResource):
    """A runtime, and the endpoints the config names.

    The service makes the DEFAULT endpoint and moves it to every new version; named endpoints stay
    where the config pins them. Every change but tags makes a new version.
    """

    runtime: aws_native.bedrockagentcore.Runtime
    """The runtime itself; its properties are the outputs of the stack."""
    endpoints: dict[str, aws_native.bedrockagentcore.RuntimeEndpoint]
    """The named endpoints."""

    def __init__(
        self, name: str, args: AgentRuntimeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agentcore:runtime:AgentRuntime", name, None, opts)
        core = aws_native.bedrockagentcore
        self.runtime = core.Runtime(
            name,
            agent_runtime_name=args.runtime_name,
            description=args.description,
            agent_runtime_artifact=core.RuntimeAgentRuntimeArtifactArgs(
                container_configuration=core.RuntimeContainerConfigurationArgs(
                    container_uri=args.container_uri
                )
            ),
            role_arn=args.execution_role_arn,
            network_configuration=_network(args.vpc),
            protocol_configuration=core.RuntimeProtocolConfiguration(args.protocol),
            lifecycle_configuration=core.RuntimeLifecycleConfigurationArgs(
                idle_runtime_session_timeout=args.idle_timeout, max_lifetime=args.max_lifetime
            ),
            environment_variables=args.environment,
            request_header_configuration=core.RuntimeRequestHeaderConfigurationArgs(
                request_header_allowlist=list(args.request_headers)
            )
            if args.request_headers
            else None,
            authorizer_configuration=_authorizer(args.authorizer),
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=args.usable,
                # The name is fixed, so the old one has to go first.
                delete_before_replace=True,
                hooks=pulumi.ResourceHookBinding(on_error=[args.on_create_error]),
            ),
        )
        self.endpoints = {
            endpoint: core.RuntimeEndpoint(
                f"{name}-{endpoint}",
                name=endpoint,
                # The same value as agent_runtime_id, but known while a change of the runtime is
                # previewed: an unknown one would show every endpoint as replaced.
                agent_runtime_id=self.runtime.id,
                agent_runtime_version=str(version),
                tags=args.tags,
                # A runtime has one endpoint of a name.
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
            for endpoint, version in args.endpoints.items()
        }
        self.register_outputs({"agentRuntimeArn": self.runtime.agent_runtime_arn})


def _network(
    args: VpcModeArgs | None,
) -> aws_native.bedrockagentcore.RuntimeNetworkConfigurationArgs:
    core = aws_native.bedrockagentcore
    if args is None:
        return core.RuntimeNetworkConfigurationArgs(network_mode=core.RuntimeNetworkMode.PUBLIC)
    return core.RuntimeNetworkConfigurationArgs(
        network_mode=core.RuntimeNetworkMode.VPC,
        network_mode_config=core.RuntimeVpcConfigArgs(
            subnets=list(args.subnet_ids), security_groups=list(args.security_group_ids)
        ),
    )


def _authorizer(
    args: JwtAuthorizerArgs | None,
) -> aws_native.bedrockagentcore.RuntimeAuthorizerConfigurationArgs | None:
    if args is None:
        return None
    core = aws_native.bedrockagentcore
    return core.RuntimeAuthorizerConfigurationArgs(
        custom_jwt_authorizer=core.RuntimeCustomJwtAuthorizerConfigurationArgs(
            discovery_url=args.discovery_url,
            allowed_audience=list(args.allowed_audience) or None,
            allowed_clients=list(args.allowed_clients) or None,
            allowed_scopes=list(args.allowed_scopes) or None,
        )
    )
