"""Who may do what through a VPC endpoint."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.documents.contract import render
from infra.documents.execution_role import Grants
from infra.documents.granted_arns import GrantedArns
from infra.naming import StackNames

# PrivateLink guide, vpc-endpoints-access.
ENDPOINT_POLICY_MAX: Final = 20_480

_WAY_OUT: Final = "Name fewer resources and callers, or put some of the agents into another stack."

# The statements of the contract that an endpoint may get, by the service behind it.
_STATEMENTS: Final[Mapping[str, Sequence[str]]] = {
    "bedrock-agentcore": (
        *("workload_tokens", "tokens_by_user", "memories", "code_interpreters", "browsers"),
        *("guests", "callers", "jwt"),
    ),
    "bedrock-agentcore.gateway": ("gateways", "guests_gateways"),
    "bedrock-runtime": ("models",),
    "ecr.api": ("images",),
    "ecr.dkr": ("images",),
    "kms": ("keys",),
    "logs": ("logs",),
    "monitoring": ("metrics",),
    "s3": ("layers", "objects_read", "objects_written", "buckets", "guests_objects"),
    "secretsmanager": ("secrets",),
    "xray": ("traces",),
}


@dataclass(frozen=True, kw_only=True)
class AgentAccess:
    """One agent, as its stack's endpoints see it.

    Attributes:
        name: the agent's name in the stack.
        role_arn: its execution role, in whose name its container calls.
        grants: what its role grants.
        in_vpc: whether its calls come through the endpoints. In PUBLIC mode they do not, but its
            runtime may be called through them all the same.
    """

    name: str
    role_arn: str
    grants: Grants
    in_vpc: bool


@dataclass(frozen=True, kw_only=True)
class EndpointAccess:
    """Who goes through a stack's endpoints; all of it is known before the first resource.

    Attributes:
        agents: every agent of the stack.
        caller_arns: roles and users that may call the agents.
        guest_arns: execution roles of agents of other stacks, which run in the same network. What
            they are granted is not known here, so the account is the bound of what they reach.
        image_account_ids: further accounts whose images may be pulled.
        organization_id: the organization that principals and resources are held against, besides
            the account.
    """

    agents: Sequence[AgentAccess]
    caller_arns: Sequence[str] = ()
    guest_arns: Sequence[str] = ()
    image_account_ids: Sequence[str] = ()
    organization_id: str | None = None


def endpoint_policy(service: str, names: StackNames, access: EndpointAccess) -> str:
    """The policy of a service's endpoint: it bounds what roles grant, and grants nothing itself.

    AgentCore's own endpoints name principals and resources, with the exception that AWS documents
    for callers with a JWT: those are no IAM principals, so runtimes that check a JWT may be invoked
    by everybody. Such callers get no further than InvokeAgentRuntime, not to web sockets or agent
    cards; and agents reach only gateways that they call with IAM.

    The other endpoints are bounded by the account, and by the accounts of resources that are named.
    The organization is held against resources only where they are the account's own: an account
    that is named may be of another organization.

    Args:
        service: name of the service, such as ``ecr.api``; for one that is not known here the
            account alone is the bound.
        names: the stack's names.
        access: who goes through it.

    Raises:
        DocumentTooLongError: over the limit of endpoint policies.
    """
    accounts = _resource_accounts(service, names, access)
    uses = _uses(names, access)
    flags = [
        statement
        for statement in _STATEMENTS.get(service, ("others",))
        if statement not in uses or uses[statement].is_made
    ] or ["nobody"]
    if access.organization_id:
        flags += ["organization", *(["one_account"] if len(accounts) == 1 else [])]
    return render(
        "vpc-endpoint-policy.json",
        {
            "account_id": names.account_id,
            "partition": names.partition,
            "region": names.region,
            "organization_id": access.organization_id or "",
            "resource_account_ids": accounts,
            **{f"{statement}_principals": use.principals for statement, use in uses.items()},
            **{
                f"{statement}_resources": use.resources
                for statement, use in uses.items()
                if use.resources is not None
            },
        },
        flags=flags,
        limit=ENDPOINT_POLICY_MAX,
        way_out=f"It is the endpoint of {service}. {_WAY_OUT}",
    )


@dataclass(frozen=True)
class _Use:
    """Who does what a statement allows, and with which resources, if not those of the contract."""

    principals: Sequence[str]
    resources: Sequence[str] | None = None

    @property
    def is_made(self) -> bool:
        return bool(self.principals) and self.resources != []


def _uses(names: StackNames, access: EndpointAccess) -> dict[str, _Use]:
    """The statements that name principals or resources."""
    arns = GrantedArns(names)
    own = f"arn:{names.partition}:bedrock-agentcore:{names.region}:{names.account_id}"
    directory = f"{own}:workload-identity-directory/default"

    def runtimes(*, jwt: bool) -> list[str]:
        return [
            f"{own}:runtime/{names.runtime(agent.name)}-*"
            for agent in access.agents
            if agent.grants.jwt is jwt
        ]

    def by_agents(resources: Callable[[AgentAccess], Iterable[str]]) -> _Use:
        used = [(agent.role_arn, list(resources(agent))) for agent in access.agents if agent.in_vpc]
        return _Use(
            principals=_once(role_arn for role_arn, found in used if found),
            resources=_once(resource for _, found in used for resource in found),
        )

    def identities(agent: AgentAccess) -> list[str]:
        return [directory, f"{directory}/workload-identity/{names.runtime(agent.name)}-*"]

    return {
        "callers": _Use(access.caller_arns, runtimes(jwt=False)),
        "guests": _Use(access.guest_arns),
        "guests_gateways": _Use(access.guest_arns),
        "guests_objects": _Use(access.guest_arns),
        "jwt": _Use("*", runtimes(jwt=True)),
        "workload_tokens": by_agents(identities),
        "tokens_by_user": by_agents(lambda agent: [] if agent.grants.jwt else identities(agent)),
        "memories": by_agents(lambda agent: map(arns.memory, agent.grants.memories)),
        "code_interpreters": by_agents(
            lambda agent: map(arns.code_interpreter, agent.grants.code_interpreters)
        ),
        "browsers": by_agents(lambda agent: map(arns.browser, agent.grants.browsers)),
        "gateways": by_agents(lambda agent: map(arns.gateway, agent.grants.gateways)),
        "objects_read": by_agents(
            lambda agent: [arns.objects(one.bucket, one.prefix) for one in agent.grants.objects]
        ),
        "objects_written": by_agents(
            lambda agent: [
                arns.objects(one.bucket, one.prefix) for one in agent.grants.objects if one.write
            ]
        ),
        "buckets": by_agents(
            lambda agent: [arns.bucket(one.bucket) for one in agent.grants.objects]
        ),
    }


def _resource_accounts(service: str, names: StackNames, access: EndpointAccess) -> list[str]:
    """The accounts whose resources are reached through an endpoint, the stack's own first."""
    arns = GrantedArns(names)
    grants = [agent.grants for agent in access.agents if agent.in_vpc]
    named: Iterable[str] = ()
    if service in ("ecr.api", "ecr.dkr"):
        named = access.image_account_ids
    elif service == "secretsmanager":
        named = (_account_of(arns.secret(secret)) for each in grants for secret in each.secrets)
    elif service == "kms":
        named = (_account_of(key.arn) for each in grants for key in each.keys)
    return _once((names.account_id, *named))


def _account_of(arn: str) -> str:
    return arn.split(":")[4]


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
