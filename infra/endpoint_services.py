"""Which VPC endpoints the agents of a stack need, derived from what they use.

Source: the AgentCore developer guide, "Configure Amazon Bedrock AgentCore Runtime and tools for
VPC" (``ecr.api``, ``ecr.dkr``, ``logs`` and S3 are required without a way out), and the services
behind the execution role's grants.

KMS is not derived: keys are granted through services only, and what Secrets Manager or S3 decrypts
for an agent does not pass through the agent's network. Nor is STS: the service hands the
credentials of its role to a container.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, kw_only=True)
class AgentNeeds:
    """What an agent's container calls beyond what every container agent calls.

    Attributes:
        models: foundation models or inference profiles.
        tracing: X-Ray.
        metrics: CloudWatch metrics.
        secrets: Secrets Manager.
        gateways: AgentCore gateways.
    """

    models: bool = False
    tracing: bool = False
    metrics: bool = False
    secrets: bool = False
    gateways: bool = False


@dataclass(frozen=True, kw_only=True)
class EndpointService:
    """An AWS service that is reached through an endpoint.

    Attributes:
        name: the service's name as in its endpoint's, such as ``ecr.api``.
        type: an interface endpoint has an address in each subnet and its price by the hour; a
            gateway endpoint is a route and costs nothing.
    """

    name: str
    type: Literal["Interface", "Gateway"]

    def full_name(self, region: str) -> str:
        """The service name an endpoint is created with."""
        return f"com.amazonaws.{region}.{self.name}"


# The services that have gateway endpoints (PrivateLink guide, "Gateway endpoints"). DynamoDB and S3
# have interface endpoints as well, for callers outside the VPC.
_GATEWAYS: Final = frozenset({"dynamodb", "s3", "s3express"})
_ALWAYS: Final = ("bedrock-agentcore", "ecr.api", "ecr.dkr", "logs", "s3")


def needed_services(
    agents: Iterable[AgentNeeds], additional: Iterable[str] = ()
) -> tuple[EndpointService, ...]:
    """The services that need an endpoint: each once, by name.

    What every agent needs is there without an agent too: the network outlives its agents.

    Args:
        agents: those in VPC mode; one in PUBLIC mode uses no endpoint.
        additional: services the agents' code calls without the config telling, such as ``sts``.
    """
    names = {*_ALWAYS, *additional}
    for agent in agents:
        uses = {
            "bedrock-agentcore.gateway": agent.gateways,
            "bedrock-runtime": agent.models,
            "monitoring": agent.metrics,
            "secretsmanager": agent.secrets,
            "xray": agent.tracing,
        }
        names |= {name for name, is_used in uses.items() if is_used}
    return tuple(
        EndpointService(name=name, type="Gateway" if name in _GATEWAYS else "Interface")
        for name in sorted(names)
    )
