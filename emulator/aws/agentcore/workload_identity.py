"""AWS::BedrockAgentCore::WorkloadIdentity, of the caller's own and of what the service runs.

A runtime and a gateway have one that is named as their id, that is listed with the others, and
that goes with them. Source of the refusal and its words: aws-nuke issue 835.
"""

from emulator.aws.agentcore.generated_properties import generated
from emulator.aws.agentcore.identifiers import arn
from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import WORKLOAD_IDENTITY, JsonObject, Store
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.schemas import resource_type

_LINKED = "LinkedToService"


class WorkloadIdentityHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists workload identities."""

    api_name = "WorkloadIdentity"

    def generate(self, caller: Caller, desired: JsonObject) -> JsonObject:
        """Add the times and the ARN in the default directory."""
        made = super().generate(caller, desired)
        return {**made, "WorkloadIdentityArn": _arn(caller, desired["Name"])}

    def check_removal(self, caller: Caller, resource: JsonObject) -> None:
        """Refuse to take an identity from what it belongs to."""
        del caller
        if _LINKED in resource:
            raise validation_error(
                "WorkloadIdentity is linked to a service and cannot be deleted by the caller."
            )


def identity_details(caller: Caller, owner: str) -> JsonObject:
    """Return the WorkloadIdentityDetails of a runtime or gateway."""
    return {"WorkloadIdentityArn": _arn(caller, owner)}


def link_identity(store: Store, caller: Caller, owner: str) -> None:
    """Make the identity of a runtime or gateway."""
    kind = resource_type(WORKLOAD_IDENTITY, caller.region)
    made = generated(kind, caller, {"Name": owner})
    identity = {"Name": owner, **made, **identity_details(caller, owner), _LINKED: True}
    store.table(caller, WORKLOAD_IDENTITY)[owner] = identity


def unlink_identity(store: Store, caller: Caller, owner: str) -> None:
    """Remove the identity of a runtime or gateway that goes away."""
    store.table(caller, WORKLOAD_IDENTITY).pop(owner, None)


def _arn(caller: Caller, name: str) -> str:
    return arn(caller, f"workload-identity-directory/default/workload-identity/{name}")
