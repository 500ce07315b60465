"""Everything about an agent that is known before the first resource: names, ARNs, documents."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.config import Agent, StackConfig
from infra.config_values import AGENT_TAG, CPU_VARIABLE, MEMORY_VARIABLE
from infra.documents.contract import DocumentTooLongError
from infra.documents.execution_role import Grants, permissions_policy, trust_policy
from infra.documents.lifecycle_policy import Expiry, lifecycle_policy
from infra.naming import StackNames


@dataclass(frozen=True, kw_only=True)
class AgentPlan:
    """One agent, worked out; nothing in it is an output.

    Attributes:
        container_uri: None while the agent has no image: then only its foundation is deployed.
    """

    name: str
    agent: Agent
    runtime_name: str
    role_name: str
    repository_name: str
    container_uri: str | None
    trust_policy: str
    permissions_policy: str
    lifecycle_policy: str
    environment: Mapping[str, str]
    own_tags: dict[str, str]
    all_tags: dict[str, str]


def plan_agents(config: StackConfig, names: StackNames) -> list[AgentPlan]:
    """Work out every agent of the stack.

    Raises:
        DocumentTooLongError: agents are granted more than a role's inline policy holds; the message
            has a line for each.
    """
    plans: list[AgentPlan] = []
    too_long: list[str] = []
    for name, agent in sorted(config.agents.items()):
        try:
            plans.append(_plan(name, agent, config, names))
        except DocumentTooLongError as error:
            too_long.append(f"{names.project}:agents.{name}: {error}")
    if too_long:
        raise DocumentTooLongError("\n".join(too_long))
    return plans


def _plan(name: str, agent: Agent, config: StackConfig, names: StackNames) -> AgentPlan:
    image = agent.image_reference
    own_repository = names.repository(name)
    own_tags = {AGENT_TAG: name}
    return AgentPlan(
        name=name,
        agent=agent,
        runtime_name=names.runtime(name),
        role_name=names.role(name),
        repository_name=own_repository,
        container_uri=None
        if image is None
        else names.image_uri(image.repository or own_repository, image.account_id) + image.suffix,
        trust_policy=trust_policy(names),
        permissions_policy=permissions_policy(
            names,
            name,
            Grants(
                repository_arn=names.repository_arn(own_repository)
                if image is None or image.repository is None
                else names.repository_arn(image.repository, image.account_id),
                models=agent.models,
                profiles={
                    profile.id: profile.destination_regions for profile in agent.inference_profiles
                },
                jwt=agent.authorizer is not None,
            ),
        ),
        lifecycle_policy=lifecycle_policy(
            untagged_days=config.registry.untagged_days,
            expire=[
                Expiry(pattern=rule.pattern, days=rule.days) for rule in config.registry.expire
            ],
        ),
        environment={
            **agent.environment,
            CPU_VARIABLE: str(config.size.cpu),
            MEMORY_VARIABLE: str(config.size.memory),
        },
        own_tags=own_tags,
        all_tags={**config.tags.all, **own_tags},
    )
