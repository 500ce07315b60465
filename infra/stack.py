"""Composes a stack: key, network, then for each agent its registry, execution role and runtime."""

import sys
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

from infra.agent_network import NO_NETWORK, AgentNetwork, deploy_network
from infra.agent_plan import AgentPlan, plan_agents
from infra.brought_role import check_brought_roles
from infra.call_stack import short_call_stacks
from infra.components.agent_runtime import (
    AgentRuntime,
    AgentRuntimeArgs,
    JwtAuthorizerArgs,
    VpcModeArgs,
)
from infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs
from infra.components.execution_role import ExecutionRole, ExecutionRoleArgs
from infra.components.registry import Registry, RegistryArgs
from infra.config import ConfigError, StackConfig, load_config
from infra.documents.contract import DocumentTooLongError
from infra.documents.key_policy import key_policy
from infra.existing_network import NetworkError
from infra.fixed_cost import FixedCost, monthly_fixed_cost
from infra.naming import StackNames
from infra.network_plan import NetworkPlan, plan_network
from infra.permission_check import MissingPermissionsError
from infra.role_propagation import retry_while_role_propagates
from infra.zone_choice import ZoneError

# The exit code by which a program tells the engine that its message is already out.
_MESSAGE_SHOWN: Final = 32


def deploy() -> None:
    """Deploy the selected stack.

    A refused config, or a network that cannot take agents, ends the program before any resource of
    AWS is registered.
    """
    try:
        config = load_config()
        names = StackNames(
            project=pulumi.get_project(),
            stack=pulumi.get_stack(),
            account_id=config.account_id,
            region=config.region,
        )
        plans = plan_agents(config, names)
        with short_call_stacks():
            compose(config, names, plans)
    except (
        ConfigError,
        DocumentTooLongError,
        NetworkError,
        ZoneError,
        MissingPermissionsError,
    ) as error:
        pulumi.log.error(str(error))
        sys.exit(_MESSAGE_SHOWN)


def compose(config: StackConfig, names: StackNames, plans: list[AgentPlan]) -> None:
    """Register every resource of the stack and export what ``agentcore-stack.yaml`` promises."""
    providers = _providers(config)
    composed = pulumi.ResourceOptions(providers=[*providers.values()])
    look_up = pulumi.InvokeOptions(provider=providers["aws"])
    check_brought_roles(
        plans,
        names,
        permissions_boundary=config.permissions_boundary,
        by_aws=look_up,
        by_aws_native=pulumi.InvokeOptions(provider=providers["aws-native"]),
    )
    network_plan = (
        None
        if config.network is None
        else plan_network(config.network, config, names, plans, look_up)
    )
    cost = _fixed_cost(config, network_plan)
    if cost.total:
        pulumi.log.info(f"fixed cost: {cost}")
    key_arn = None
    if config.own_key:
        key = EncryptionKey(
            names.prefix,
            EncryptionKeyArgs(
                alias=names.key_alias,
                policy=key_policy(names, flow_logs=network_plan is not None),
                protect=config.production,
            ),
            composed,
        )
        key_arn = key.arn
    network = None
    if config.network is not None and network_plan is not None:
        network = deploy_network(
            network_plan,
            config.network,
            names,
            key_arn=key_arn,
            protect=config.production,
            opts=composed,
        )
    on_create_error = retry_while_role_propagates()
    pulumi.export("accountId", config.account_id)
    pulumi.export("region", config.region)
    pulumi.export("size", config.size.model_dump())
    pulumi.export("monthlyFixedCost", cost.output())
    for name, value in (network.outputs if network else NO_NETWORK).items():
        pulumi.export(name, value)
    pulumi.export(
        "agents",
        {
            plan.name: _deploy_agent(
                plan, config, names, key_arn, network, on_create_error, composed
            )
            for plan in plans
        },
    )


def _fixed_cost(config: StackConfig, network: NetworkPlan | None) -> FixedCost:
    return monthly_fixed_cost(
        config.region,
        interface_endpoints=len(network.interfaces) if network else 0,
        zones=len(network.zone_ids) if network else 0,
        nat_gateways=network.nat_gateways if network else 0,
        keys=int(config.own_key),
    )


def _providers(config: StackConfig) -> dict[str, pulumi.ProviderResource]:
    """Both providers are pinned to the stack's account: other credentials are refused."""
    return {
        "aws": aws.Provider(
            "aws",
            region=config.region,
            allowed_account_ids=[config.account_id],
            default_tags=aws.ProviderDefaultTagsArgs(tags=config.tags.all),
        ),
        "aws-native": aws_native.Provider(
            "aws-native",
            region=config.region,
            allowed_account_ids=[config.account_id],
        ),
    }


def _deploy_agent(
    plan: AgentPlan,
    config: StackConfig,
    names: StackNames,
    key_arn: pulumi.Output[str] | None,
    network: AgentNetwork | None,
    on_create_error: pulumi.ErrorHook,
    composed: pulumi.ResourceOptions,
) -> dict[str, Any]:
    registry = Registry(
        plan.name,
        RegistryArgs(
            repository_name=plan.repository_name,
            lifecycle_policy=plan.lifecycle_policy,
            kms_key_arn=key_arn,
            protect=config.production,
            tags=plan.own_tags,
        ),
        composed,
    )
    role = None
    if plan.role is not None:
        role = ExecutionRole(
            plan.name,
            ExecutionRoleArgs(
                role_name=plan.role.name,
                trust_policy=plan.role.trust_policy,
                permissions_policy=plan.role.permissions_policy,
                permissions_boundary=config.permissions_boundary,
                tags=plan.own_tags,
            ),
            composed,
        )
    role_arn = role.arn if role else plan.role_arn
    foundation = {
        "repositoryArn": registry.repository_arn,
        "repositoryUrl": registry.repository_url,
        "executionRoleArn": role_arn,
    }
    if plan.container_uri is None:
        pulumi.log.info(
            f"agent {plan.name} has no image yet: its repository and role are deployed, its "
            "runtime is not. The output pushCommand tells how to go on."
        )
        return {**foundation, "pushCommand": registry.repository_url.apply(_push_command)}
    agent = plan.agent
    vpc, usable = None, [*([role.permissions] if role else []), registry.repository]
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
            execution_role_arn=role_arn,
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
        composed,
    )
    runtime = deployed.runtime
    return {
        **foundation,
        "pushCommand": registry.repository_url.apply(_push_command),
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
