"""AWS::BedrockAgentCore::ResourcePolicy as the service runs it.

Runtimes, their endpoints, gateways and memories can have one; it goes with its resource.
Source: the AgentCore developer guide, "Resource-based policies". That a policy with an action of
another service is refused follows from its "Unsupported actions"; the actions of each type are
not checked one by one.
"""

from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import ENDPOINT, GATEWAY, MEMORY, RUNTIME, JsonObject
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.schemas import resource_type
from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    actions_of,
    checked_statements,
)

_TYPES = (RUNTIME, ENDPOINT, GATEWAY, MEMORY)
_RESOURCE_POLICY = Kind(
    principals=Presence.REQUIRED, resources=Presence.OPTIONAL, needs_version=True
)
_ACTIONS = ("bedrock-agentcore:", "*")


class ResourcePolicyHandler(ResourceHandler):
    """Creates, reads, updates, deletes and lists resource policies."""

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Check that the resource exists and the policy is one."""
        del current
        self._check_resource(caller, resource["ResourceArn"])
        _check_policy(resource["Policy"])

    def _check_resource(self, caller: Caller, wanted: str) -> None:
        for type_name in _TYPES:
            arn_property = resource_type(type_name, caller.region).arn_property or ""
            resources = self.store.table(caller, type_name).values()
            if any(resource[arn_property] == wanted for resource in resources):
                return
        raise service_error("NotFound", f"The resource '{wanted}' was not found")


def _check_policy(text: str) -> None:
    try:
        statements = checked_statements(text, _RESOURCE_POLICY)
    except MalformedPolicyError as error:
        raise validation_error(str(error)) from error
    for action in (action for statement in statements for action in actions_of(statement)):
        if not action.lower().startswith(_ACTIONS):
            raise validation_error(f"The action '{action}' is not supported")
