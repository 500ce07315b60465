"""Composes one agent: what its image and its role need first, then its runtime."""

from dataclasses import dataclass
from typing import Any

import pulumi

from infra.agent_network import AgentNetwork
from infra.agent_plan import AgentPlan
from infra.components.agent_runtime import (
    AgentRuntime,
    AgentRuntimeArgs,
    JwtAuthorizerArgs,
    VpcModeArgs,
)
from infra.components.execution_role import ExecutionRole, ExecutionRoleArgs
from infra.components.registry import Registry, RegistryArgs
from infra.config import StackConfig
from infra.naming import StackNames


@dataclass(frozen=True, kw_only=True)
class AgentFoundation:
    """What an agent has before it has an image.

    Attributes:
        registry: where its images are.
        role: the execution role the stack made; None for one the user brings.
        role_arn: the role it runs as, whosever it is.
    """

    registry: Registry
    role: ExecutionRole | None
    role_arn: pulumi.Input[str]


def deploy_foundation(
    plan: AgentPlan,
    config: StackConfig,
    *,
    key_arn: pulumi.Output[str] | None,
    opts: pulumi.ResourceOptions,
) -> AgentFoundation:
    """Make an agent's registry and execution role.

    Args:
        plan: the agent, worked out.
        config: the stack's config.
        key_arn: the key images are encrypted with; None is ECR's own.
        opts: the providers.
    """
    registry = Registry(
        plan.name,
        RegistryArgs(
            repository_name=plan.repository_name,
            lifecycle_policy=plan.lifecycle_policy,
            kms_key_arn=key_arn,
            protect=config.production,
            tags=plan.own_tags,
        ),
        opts,
    )
    if plan.role is None:
        return AgentFoundation(registry=registry, role=None, role_arn=plan.role_arn)
    role = ExecutionRole(
        plan.name,
        ExecutionRoleArgs(
            role_name=plan.role.name,
            trust_policy=plan.role.trust_policy,
            permissions_policy=plan.role.permissions_policy,
            permissions_boundary=config.permissions_boundary,
            tags=plan.own_tags,
        ),
        opts,
    )
    return AgentFoundation(registry=registry, role=role, role_arn=role.arn)


def deploy_runtime(
    plan: AgentPlan,
    names: StackNames,
    foundation: AgentFoundation,
    network: AgentNetwork | None,
    *,
    on_create_error: pulumi.ErrorHook,
    opts: pulumi.ResourceOptions,
) -> dict[str, Any]:
    """Make an agent's runtime, if it has an image, and tell what the stack exports of the agent.

    Args:
        plan: the agent, worked out.
        names: the stack's names.
        foundation: its registry and role.
        network: the network of agents in VPC mode.
        on_create_error: what decides whether a failed create is tried again.
        opts: the providers.
    """
    outputs = {
        "repositoryArn": foundation.registry.repository_arn,
        "repositoryUrl": foundation.registry.repository_url,
        "executionRoleArn": foundation.role_arn,
        "pushCommand": foundation.registry.repository_url.apply(_push_command),
    }
    if plan.container_uri is None:
        pulumi.log.info(
            f"agent {plan.name} has no image yet: its repository and role are deployed, its "
            "runtime is not. The output pushCommand tells how to go on."
        )
        return outputs
    agent = plan.agent
    role, registry = foundation.role, foundation.registry
    usable = [*([role.permissions] if role else []), registry.repository]
    vpc = None
    if plan.in_vpc and network is not None:
        groups = [network.security_group_id, *agent.additional_security_group_ids]
        vpc = VpcModeArgs(subnet_ids=network.subnet_ids, security_group_ids=groups)
        usable = [*usable, *network.usable]
    deployed = AgentRuntime(
        plan.name,
        AgentRuntimeArgs(
            runtime_name=plan.runtime_name,
            description=agent.description or f"Agent {plan.name} of stack {names.stack}",
            container_uri=plan.container_uri,
            execution_role_arn=foundation.role_arn,
            vpc=vpc,
            protocol=agent.protocol,
            idle_timeout=agent.lifecycle.idle_timeout,
            max_lifetime=agent.lifecycle.max_lifetime,
            environment=plan.environment,
            request_headers=agent.request_headers,
            authorizer=None
            if agent.authorizer is None
            else JwtAuthorizerArgs(
                discovery_url=agent.authorizer.discovery_url,
                allowed_audience=agent.authorizer.allowed_audience,
                allowed_clients=agent.authorizer.allowed_clients,
                allowed_scopes=agent.authorizer.allowed_scopes,
            ),
            endpoints=agent.endpoints,
            tags=plan.all_tags,
            usable=usable,
            on_create_error=on_create_error,
        ),
        opts,
    )
    runtime = deployed.runtime
    return {
        **outputs,
        "runtime": {
            "arn": runtime.agent_runtime_arn,
            "id": runtime.agent_runtime_id,
            "version": runtime.agent_runtime_version,
            "status": runtime.status,
            "executionRoleArn": runtime.role_arn,
            "invocationUrl": runtime.agent_runtime_arn.apply(names.invocation_url),
        },
        "endpoints": {
            endpoint: {
                "arn": resource.agent_runtime_endpoint_arn,
                "status": resource.status,
                "liveVersion": resource.live_version,
                "invocationUrl": runtime.agent_runtime_arn.apply(
                    lambda arn, qualifier=endpoint: names.invocation_url(arn, qualifier)
                ),
            }
            for endpoint, resource in deployed.endpoints.items()
        },
    }


def _push_command(repository_url: str) -> str:
    """What puts an image into the repository; the OCI layout is made by docker or buildah."""
    return f"python -m images push --layout OCI_LAYOUT --repository-url {repository_url}"
