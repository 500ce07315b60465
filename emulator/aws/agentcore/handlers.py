"""Which handler serves which AgentCore type: one with the service's behaviour, or the schema's.

A type that is not named here is kept as its schema says, no more: desired states are validated,
ids and ARNs generated in the schema's formats, statuses walked, names unique, create-only
properties refused on update. What the service itself would check or do is not emulated.
"""

from emulator.aws.agentcore.capacity_provider import CapacityProviderHandler
from emulator.aws.agentcore.gateway import GatewayHandler
from emulator.aws.agentcore.gateway_target import GatewayTargetHandler
from emulator.aws.agentcore.memory import MemoryHandler
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.resource_policy import ResourcePolicyHandler
from emulator.aws.agentcore.runtime import RuntimeHandler
from emulator.aws.agentcore.runtime_endpoint import RuntimeEndpointHandler
from emulator.aws.agentcore.store import (
    CAPACITY_PROVIDER,
    ENDPOINT,
    GATEWAY,
    GATEWAY_TARGET,
    MEMORY,
    RESOURCE_POLICY,
    RUNTIME,
    WORKLOAD_IDENTITY,
    Store,
)
from emulator.aws.agentcore.workload_identity import WorkloadIdentityHandler
from emulator.aws.cloudcontrol.schemas import ResourceType
from emulator.aws.faults import Faults

BEHAVING: dict[str, type[ResourceHandler]] = {
    RUNTIME: RuntimeHandler,
    ENDPOINT: RuntimeEndpointHandler,
    WORKLOAD_IDENTITY: WorkloadIdentityHandler,
    CAPACITY_PROVIDER: CapacityProviderHandler,
    MEMORY: MemoryHandler,
    GATEWAY: GatewayHandler,
    GATEWAY_TARGET: GatewayTargetHandler,
    RESOURCE_POLICY: ResourcePolicyHandler,
}


class Handlers:
    """The handlers of all AgentCore types over one store."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    def __call__(self, resource_type: ResourceType) -> ResourceHandler:
        """Return the handler of the type."""
        handler = BEHAVING.get(resource_type.name, ResourceHandler)
        return handler(resource_type.name, self._store, self._faults)
