"""Physical names of what AWS wants named, with AWS's limits on them.

Names are built from the Pulumi project, the stack and the agent, all known before the first
resource: IAM documents can name exact ARNs, and the names are whole strings at preview.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from infra.regions import dns_suffix_of, partition_of

# CreateAgentRuntime, agentRuntimeName: [a-zA-Z][a-zA-Z0-9_]{0,47}
RUNTIME_NAME_MAX: Final = 48
# CreateRole, RoleName: 64 characters.
ROLE_NAME_MAX: Final = 64
# CreateRepository, repositoryName: 256 characters.
REPOSITORY_NAME_MAX: Final = 256


@dataclass(frozen=True, kw_only=True)
class StackNames:
    """Every physical name and ARN that is known before deployment.

    It shortens nothing: a name over AWS's limit is refused by the config, because a shortened
    one would no longer tell what it belongs to.
    """

    project: str
    stack: str
    account_id: str
    region: str

    @property
    def partition(self) -> str:
        """The ARN partition of the stack's region."""
        return partition_of(self.region)

    @property
    def prefix(self) -> str:
        """Project and stack, lower case, in the characters every service takes."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.project}-{self.stack}".lower()).strip("-")

    @property
    def key_alias(self) -> str:
        """Alias of the stack's customer-managed key."""
        return f"alias/{self.prefix}"

    def runtime(self, agent: str) -> str:
        """Name of the agent's runtime: letters, digits and underscores only."""
        return f"{self.prefix.replace('-', '_')}_{agent}"

    def role(self, agent: str) -> str:
        """Name of the agent's execution role; with the region, because IAM is global."""
        return f"{self.prefix}-{agent}-{self.region}"

    def repository(self, agent: str) -> str:
        """Name of the agent's ECR repository."""
        return f"{self.prefix}/{agent}"

    def role_arn(self, agent: str) -> str:
        """ARN of the agent's execution role, known before the role is made."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.role(agent)}"

    @property
    def flow_log_group(self) -> str:
        """Name of the log group that takes the flow logs of the stack's network."""
        return f"/aws/vpc/flow-logs/{self.prefix}"

    @property
    def flow_log_role(self) -> str:
        """Name of the role flow logs are delivered as; no agent's name holds a dash."""
        return f"{self.prefix}-flow-logs-{self.region}"

    @property
    def runtime_security_group(self) -> str:
        """Name of the agents' security group."""
        return f"{self.prefix}-agents"

    @property
    def endpoint_security_group(self) -> str:
        """Name of the interface endpoints' security group."""
        return f"{self.prefix}-endpoints"

    def repository_arn(self, repository: str, account_id: str | None = None) -> str:
        """ARN of a repository in the stack's region, by default of the stack's account."""
        owner = account_id or self.account_id
        return f"arn:{self.partition}:ecr:{self.region}:{owner}:repository/{repository}"

    def image_uri(self, repository: str, account_id: str | None = None) -> str:
        """URI of a repository, without tag or digest; by default of the stack's account."""
        owner = account_id or self.account_id
        suffix = dns_suffix_of(self.region)
        return f"{owner}.dkr.ecr.{self.region}.{suffix}/{repository}"

    def invocation_url(self, runtime_arn: str, qualifier: str = "DEFAULT") -> str:
        """URL a caller posts to (InvokeAgentRuntime); the ARN goes into the path, encoded."""
        host = f"bedrock-agentcore.{self.region}.{dns_suffix_of(self.region)}"
        path = f"/runtimes/{quote(runtime_arn, safe='')}/invocations"
        return f"https://{host}{path}?qualifier={quote(qualifier, safe='')}"
