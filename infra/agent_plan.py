"""Everything about an agent that is known before the first resource: names, ARNs, documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.config import Agent, StackConfig
from infra.config_values import AGENT_TAG, CPU_VARIABLE, MEMORY_VARIABLE
from infra.documents.contract import DocumentTooLongError
from infra.documents.execution_role import (
    Grants,
    KeyGrant,
    ObjectGrant,
    permissions_policy,
    trust_policy,
)
from infra.documents.lifecycle_policy import Expiry, lifecycle_policy
from infra.naming import StackNames
from infra.permission_check import (
    MissingPermissionsError,
    Requirement,
    RoleDocuments,
    check_role,
    required_permissions,
)
from infra.policy_evaluation import Document

_TRUST: Final = "contracts/execution-role-trust.json"
_PERMISSIONS: Final = "contracts/execution-role-permissions.json"


@dataclass(frozen=True, kw_only=True)
class RolePlan:
    """An execution role that the stack makes."""

    name: str
    arn: str
    trust_policy: str
    permissions_policy: str

    @property
    def documents(self) -> RoleDocuments:
        """Its documents, as the permission check takes them."""
        return RoleDocuments(
            role_arn=self.arn,
            trust=Document.read(_TRUST, self.trust_policy),
            identity=[Document.read(_PERMISSIONS, self.permissions_policy)],
        )


@dataclass(frozen=True, kw_only=True)
class AgentPlan:
    """One agent, worked out; nothing in it is an output.

    Attributes:
        role_arn: the role it runs as.
        role: None when that is one the user brings.
        grants: what its role may do.
        required: every permission the agent's role needs, whosever it is.
        container_uri: None while the agent has no image: then only its foundation is deployed.
    """

    name: str
    agent: Agent
    runtime_name: str
    role_arn: str
    role: RolePlan | None
    grants: Grants
    required: Sequence[Requirement]
    repository_name: str
    container_uri: str | None
    lifecycle_policy: str
    environment: Mapping[str, str]
    own_tags: dict[str, str]
    all_tags: dict[str, str]

    @property
    def in_vpc(self) -> bool:
        """Whether its containers call out through the stack's network."""
        return self.agent.network_mode == "VPC"


def plan_agents(config: StackConfig, names: StackNames) -> list[AgentPlan]:
    """Work out every agent of the stack, and check the roles that it is to make.

    Raises:
        DocumentTooLongError: agents are granted more than a role's inline policy holds; the message
            has a line for each.
        MissingPermissionsError: the contracts do not grant what agents need.
    """
    plans: list[AgentPlan] = []
    too_long: list[str] = []
    missing: list[str] = []
    for name, agent in sorted(config.agents.items()):
        try:
            plan = _plan(name, agent, config, names)
        except DocumentTooLongError as error:
            too_long.append(f"{names.project}:agents.{name}: {error}")
        else:
            plans.append(plan)
            missing += _missing(plan, names)
    if too_long:
        raise DocumentTooLongError("\n".join(too_long))
    if missing:
        raise MissingPermissionsError(
            "\n".join(
                [
                    f"{_PERMISSIONS} and {_TRUST} do not grant what agents need; no resource was "
                    "touched.",
                    *(f"  - {line}" for line in missing),
                ]
            )
        )
    return plans


def _missing(plan: AgentPlan, names: StackNames) -> Sequence[str]:
    """What the rendered documents lack; a condition nobody can decide has no place in them."""
    if plan.role is None:
        return []
    findings = check_role(names, plan.name, plan.required, plan.role.documents)
    return [*findings.missing, *findings.undecided]


def _plan(name: str, agent: Agent, config: StackConfig, names: StackNames) -> AgentPlan:
    image = agent.image_reference
    own_repository = names.repository(name)
    own_tags = {AGENT_TAG: name}
    grants = _grants(name, agent, names)
    role = None
    if agent.execution_role_arn is None:
        role = RolePlan(
            name=names.role(name),
            arn=names.role_arn(name),
            trust_policy=trust_policy(names),
            permissions_policy=permissions_policy(names, name, grants),
        )
    return AgentPlan(
        name=name,
        agent=agent,
        runtime_name=names.runtime(name),
        role_arn=agent.execution_role_arn or names.role_arn(name),
        role=role,
        grants=grants,
        required=required_permissions(names, name, grants),
        repository_name=own_repository,
        container_uri=None
        if image is None
        else names.image_uri(image.repository or own_repository, image.account_id) + image.suffix,
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


def _grants(name: str, agent: Agent, names: StackNames) -> Grants:
    image = agent.image_reference
    return Grants(
        repository_arn=names.repository_arn(names.repository(name))
        if image is None or image.repository is None
        else names.repository_arn(image.repository, image.account_id),
        models=agent.models,
        profiles={profile.id: profile.destination_regions for profile in agent.inference_profiles},
        secrets=agent.secrets,
        keys=[KeyGrant(arn=key.arn, services=key.via, write=key.write) for key in agent.kms_keys],
        memories=agent.memories,
        gateways=agent.gateways,
        code_interpreters=agent.code_interpreters,
        browsers=agent.browsers,
        objects=[
            ObjectGrant(bucket=entry.bucket, prefix=entry.prefix, write=entry.write)
            for entry in agent.s3_prefixes
        ],
        tracing=agent.tracing,
        metrics=agent.metrics,
        jwt=agent.authorizer is not None,
    )
