"""AWS::BedrockAgentCore::ResourcePolicy as the service runs it.

Runtimes, their endpoints, gateways and memories can have one; it goes with its resource.
Source: the AgentCore developer guide, "Resource-based policies". That a policy with an action of
another service is refused follows from its "Unsupported actions"; the actions of each type are
not checked one by one.
"""

import json
from typing import Any, cast

from emulator.aws.agentcore.resource_handler import ResourceHandler
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import ENDPOINT, GATEWAY, MEMORY, RUNTIME, JsonObject
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.schemas import resource_type

_TYPES = (RUNTIME, ENDPOINT, GATEWAY, MEMORY)
_VERSIONS = ("2012-10-17", "2008-10-17")
_EFFECTS = ("Allow", "Deny")
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
        document: Any = json.loads(text)
    except ValueError as error:
        raise validation_error(f"The policy is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise validation_error("The policy is not a JSON object")
    policy = cast("JsonObject", document)
    if policy.get("Version") not in _VERSIONS:
        raise validation_error(f"The policy's Version must be one of {', '.join(_VERSIONS)}")
    given: Any = policy.get("Statement")
    statements = cast("list[Any]", given if isinstance(given, list) else [given])
    if not statements:
        raise validation_error("The policy has no Statement")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        raise validation_error("The policy has no Statement, or one that is not a JSON object")
    given = cast("JsonObject", statement)
    if given.get("Effect") not in _EFFECTS:
        raise validation_error(f"A statement's Effect must be one of {', '.join(_EFFECTS)}")
    for required in ("Principal", "Action"):
        if not given.get(required) and not given.get(f"Not{required}"):
            raise validation_error(f"A statement lacks the required element {required}")
    actions: Any = given.get("Action", given.get("NotAction"))
    for action in cast("list[Any]", actions if isinstance(actions, list) else [actions]):
        if not str(action).lower().startswith(_ACTIONS):
            raise validation_error(f"The action '{action}' is not supported")
