"""What the flat program registers: the keyword arguments of each resource."""

from typing import Any

from infra.agent_plan import AgentPlan, plan_agents
from infra.config import StackConfig
from infra.naming import StackNames


def flat_inputs(config: StackConfig, *, project: str, stack: str) -> dict[str, Any]:
    """The inputs of every resource the real program registers for this config."""
    names = StackNames(
        project=project, stack=stack, account_id=config.account_id, region=config.region
    )
    pinned = {"region": config.region, "allowed_account_ids": [config.account_id]}
    return {
        "aws": {**pinned, "default_tags": {"tags": config.tags.all}},
        "aws-native": pinned,
        "agents": [_agent(plan, stack) for plan in plan_agents(config, names)],
    }


def _agent(plan: AgentPlan, stack: str) -> dict[str, Any]:
    agent, role = plan.agent, plan.role
    if role is None:
        raise ValueError(f"agent {plan.name} brings its role; the flat program makes one")
    return {
        "name": plan.name,
        "Repository": {
            "name": plan.repository_name,
            "image_tag_mutability": "IMMUTABLE",
            "image_scanning_configuration": {"scan_on_push": True},
            "encryption_configurations": [{"encryption_type": "AES256"}],
            "force_delete": True,
            "tags": plan.own_tags,
        },
        "LifecyclePolicy": {"policy": plan.lifecycle_policy},
        "Role": {
            "name": role.name,
            "description": f"Execution role of the agent runtime {plan.name}",
            "assume_role_policy": role.trust_policy,
            "tags": plan.own_tags,
        },
        "RolePolicy": {"name": "agent", "policy": role.permissions_policy},
        "Runtime": {
            "agent_runtime_name": plan.runtime_name,
            "description": agent.description or f"Agent {plan.name} of stack {stack}",
            "agent_runtime_artifact": {
                "container_configuration": {"container_uri": plan.container_uri}
            },
            "network_configuration": {"network_mode": "PUBLIC"},
            "protocol_configuration": agent.protocol,
            "lifecycle_configuration": {
                "idle_runtime_session_timeout": agent.lifecycle.idle_timeout,
                "max_lifetime": agent.lifecycle.max_lifetime,
            },
            "environment_variables": dict(plan.environment),
            "tags": plan.all_tags,
        },
    }
