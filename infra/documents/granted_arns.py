"""The narrowest ARN of each thing that an agent's grants name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.naming import StackNames
from infra.regions import dns_suffix_of

# AWS's own tools, which every account of a region shares; others are the account's.
SERVICE_CODE_INTERPRETER: Final = "aws.codeinterpreter.v1"
SERVICE_BROWSER: Final = "aws.browser.v1"


@dataclass(frozen=True)
class GrantedArns:
    """ARNs as seen from a stack.

    Where the end of an ARN is random there are wildcards for just that: ``??????`` behind a
    secret's name (Secrets Manager user guide, auth-and-access_examples).
    """

    names: StackNames

    def model(self, model: str, region: str | None = None) -> str:
        """A foundation model, by default in the stack's region; ``""`` is that of no region."""
        where = self.names.region if region is None else region
        return f"arn:{self.names.partition}:bedrock:{where}::foundation-model/{model}"

    def profile(self, profile: str) -> str:
        """A system-defined inference profile, in the source region."""
        return f"{self._own('bedrock')}:inference-profile/{profile}"

    def models_behind(self, profile: str, regions: Sequence[str]) -> list[str]:
        """The model a profile routes to, in each of its regions; in none it is a global one."""
        model = profile.partition(".")[2]
        return [self.model(model, region) for region in regions or (self.names.region, "")]

    def secret(self, secret: str) -> str:
        """A secret by its name or its full ARN."""
        if secret.startswith("arn:"):
            return secret
        return f"{self._own('secretsmanager')}:secret:{secret}-??????"

    def via(self, key_arn: str, service: str) -> str:
        """The value of ``kms:ViaService``: services use keys of the region they run in."""
        region = key_arn.split(":")[3]
        return f"{service}.{region}.{dns_suffix_of(region)}"

    def memory(self, memory: str) -> str:
        """A memory of the stack's account and region."""
        return f"{self._own('bedrock-agentcore')}:memory/{memory}"

    def gateway(self, gateway: str) -> str:
        """A gateway of the stack's account and region."""
        return f"{self._own('bedrock-agentcore')}:gateway/{gateway}"

    def code_interpreter(self, code_interpreter: str) -> str:
        """AWS's code interpreter, or one of the account, whose ARNs have a type of their own."""
        if code_interpreter == SERVICE_CODE_INTERPRETER:
            return f"{self._shared()}:code-interpreter/{code_interpreter}"
        return f"{self._own('bedrock-agentcore')}:code-interpreter-custom/{code_interpreter}"

    def browser(self, browser: str) -> str:
        """AWS's browser, or one of the account, whose ARNs have a type of their own."""
        if browser == SERVICE_BROWSER:
            return f"{self._shared()}:browser/{browser}"
        return f"{self._own('bedrock-agentcore')}:browser-custom/{browser}"

    def bucket(self, bucket: str) -> str:
        """A bucket."""
        return f"arn:{self.names.partition}:s3:::{bucket}"

    def objects(self, bucket: str, prefix: str) -> str:
        """Every object whose key begins with the prefix."""
        return f"{self.bucket(bucket)}/{prefix}*"

    def _own(self, service: str) -> str:
        owner = f"{self.names.region}:{self.names.account_id}"
        return f"arn:{self.names.partition}:{service}:{owner}"

    def _shared(self) -> str:
        return f"arn:{self.names.partition}:bedrock-agentcore:{self.names.region}:aws"
