"""The agent and what it calls, from what GetAgentRuntime answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.reachability.endpoint_policy import account_of
from tests.reachability.network import Answer, part, texts

# Whose layers a container image has. Source: AgentCore developer guide, "Configure AgentCore for
# VPC": the least that the policy of the S3 endpoint has to allow.
_LAYER_BUCKET = "prod-{region}-starport-layer-bucket"


@dataclass(frozen=True)
class Agent:
    """A runtime as the service describes it: where it runs and as whom."""

    id: str
    arn: str
    role: str
    mode: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    image: str | None
    workload_identity: str | None

    @classmethod
    def of(cls, answer: Answer) -> "Agent":
        """Read an answer of GetAgentRuntime."""
        network = part(answer, "networkConfiguration")
        placed = part(network, "networkModeConfig")
        container = part(part(answer, "agentRuntimeArtifact"), "containerConfiguration")
        identity = part(answer, "workloadIdentityDetails")
        return cls(
            id=answer["agentRuntimeId"],
            arn=answer["agentRuntimeArn"],
            role=answer["roleArn"],
            mode=network.get("networkMode", "PUBLIC"),
            subnets=tuple(texts(placed, "subnets")),
            security_groups=tuple(texts(placed, "securityGroups")),
            image=container.get("containerUri"),
            workload_identity=identity.get("workloadIdentityArn"),
        )

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return account_of(self.arn)


@dataclass(frozen=True)
class Call:
    """One action of a service that an agent has to get through to.

    `service` is the end of the endpoint service's name, such as ecr.api. `principal` is the ARN of
    the caller, None where it is not the agent's own: image layers come by presigned URL. `context`
    has what else is known of the request, such as aws:PrincipalOrgID.
    """

    service: str
    action: str
    resource: str
    principal: str | None
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def calls_of_every_agent(agent: Agent) -> list[Call]:
    """What any container agent calls: image, layers, logs, its workload identity.

    What an agent calls because of its config (models, secrets, traces, ...) is for the caller to
    add: GetAgentRuntime does not tell.
    """
    place = f"{agent.region}:{agent.account}"
    logs = (
        f"arn:{agent.partition}:logs:{place}:log-group:"
        f"/aws/bedrock-agentcore/runtimes/{agent.id}-DEFAULT"
    )
    calls = [
        Call("logs", "logs:DescribeLogStreams", logs, agent.role),
        Call("logs", "logs:CreateLogStream", f"{logs}:log-stream:a", agent.role),
        Call("logs", "logs:PutLogEvents", f"{logs}:log-stream:a", agent.role),
    ]
    if agent.image:
        repository = agent.image.partition("/")[2].partition("@")[0].partition(":")[0]
        image = f"arn:{agent.partition}:ecr:{place}:repository/{repository}"
        bucket = _LAYER_BUCKET.format(region=agent.region)
        calls += [
            Call("ecr.api", "ecr:GetAuthorizationToken", "*", agent.role),
            Call("ecr.dkr", "ecr:BatchGetImage", image, agent.role),
            Call("ecr.dkr", "ecr:GetDownloadUrlForLayer", image, agent.role),
            Call("s3", "s3:GetObject", f"arn:{agent.partition}:s3:::{bucket}/a/layer", None),
        ]
    if agent.workload_identity:
        calls += [
            Call(
                "bedrock-agentcore",
                "bedrock-agentcore:GetWorkloadAccessToken",
                agent.workload_identity,
                agent.role,
            )
        ]
    return calls
