"""AWS::BedrockAgentCore::Memory as the service runs it.

Sources: botocore's CreateMemory and UpdateMemory; the AgentCore developer guide's "Quotas"; for
one strategy of each built-in kind, and for the role of custom ones, pulumi-aws's documentation of
MemoryStrategy and Memory.
"""

from emulator.aws.agentcore.encryption_key import validate_key
from emulator.aws.agentcore.memory_strategies import generated_strategies, validate_strategies
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject
from emulator.aws.caller import Caller


class MemoryHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists memories."""

    api_name = "Memory"

    def complete(self, caller: Caller, desired: JsonObject, current: JsonObject) -> JsonObject:
        """Add ids, statuses and namespaces to the strategies; one that stays keeps its own."""
        del caller
        if "MemoryStrategies" in desired:
            desired["MemoryStrategies"] = generated_strategies(
                desired["MemoryStrategies"], current.get("MemoryStrategies", [])
            )
        return desired

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check the strategies, the role, the key and what cannot be taken back."""
        validate_strategies(resource)
        if "MemoryExecutionRoleArn" in resource:
            self.assumed(caller, resource["MemoryExecutionRoleArn"], resource)
        validate_key(caller, resource.get("EncryptionKeyArn"))
        lost = [
            key
            for key in current.get("IndexedKeys", [])
            if key not in resource.get("IndexedKeys", [])
        ]
        if lost:
            names = ", ".join(key["Key"] for key in lost)
            raise validation_error(f"Indexed keys cannot be removed or changed: {names}")
