"""Composes a stack: key, registries and execution roles, network, then the runtimes."""

import sys
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

from infra.agent_deployment import deploy_foundation, deploy_runtime
from infra.agent_network import NO_NETWORK, deploy_network
from infra.agent_plan import AgentPlan, plan_agents
from infra.brought_role import check_brought_roles
from infra.call_stack import short_call_stacks
from infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs
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
                policy=key_policy(names),
                protect=config.production,
            ),
            composed,
        )
        key_arn = key.arn
    foundations = {
        plan.name: deploy_foundation(plan, config, key_arn=key_arn, opts=composed) for plan in plans
    }
    network = None
    if network_plan is not None:
        network = deploy_network(
            network_plan,
            config,
            names,
            key_arn=key_arn,
            # The endpoints' policies name the roles.
            principals=[one.role.role for one in foundations.values() if one.role],
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
            plan.name: deploy_runtime(
                plan,
                names,
                foundations[plan.name],
                network,
                on_create_error=on_create_error,
                opts=composed,
            )
            for plan in plans
        },
    )


def _fixed_cost(config: StackConfig, network: NetworkPlan | None) -> FixedCost:
    return monthly_fixed_cost(
        config.region,
        interface_endpoints=len(network.interfaces) if network else 0,
        zones=len(network.zone_ids) if network else 0,
        nat_gateways=len(network.nat_zone_ids) if network else 0,
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
