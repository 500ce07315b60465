"""Judges requests by botocore's models, also by what botocore does not check: enums, patterns."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from tests.judgement.model_constraints import broken_constraints, is_document, parts

# The control plane's operation that a resource type's create handler calls.
HANDLED_BY: Final = {
    "AWS::BedrockAgentCore::Runtime": "CreateAgentRuntime",
    "AWS::BedrockAgentCore::RuntimeEndpoint": "CreateAgentRuntimeEndpoint",
}


def violations(operation: OperationModel, parameters: Mapping[str, Any]) -> list[str]:
    """Everything in the parameters that the operation's model does not allow."""
    if operation.input_shape is None:
        return [f"{name} is unknown to the model" for name in parameters]
    return list(_value(operation.input_shape, parameters, ""))


def desired_state_violations(control: Any, type_name: str, desired: Mapping[str, Any]) -> list[str]:
    """What the API behind the resource type would refuse in a desired state.

    `control` is the service model of bedrock-agentcore-control. Its patterns match whole values,
    where those of the resource type's schema are searched for.
    """
    shape = control.operation_model(HANDLED_BY[type_name]).input_shape
    return list(_value(shape, as_members(shape, desired), ""))


def as_members(shape: Shape, value: object) -> object:
    """Properties written as the API's members: the same but for the case of their names."""
    match shape:
        case StructureShape() if isinstance(value, dict):
            names = {name.lower(): name for name in shape.members}
            given = cast("dict[str, object]", value)
            written = {names.get(key.lower(), key): item for key, item in given.items()}
            return {
                name: as_members(shape.members[name], item) if name in shape.members else item
                for name, item in written.items()
            }
        case StructureShape():
            # ProtocolConfiguration: a text in the resource type, a structure around it in the API.
            return {next(iter(shape.members)): value}
        case ListShape() if isinstance(value, list):
            return [as_members(shape.member, item) for item in cast("list[object]", value)]
        case _:
            return value


def _value(shape: Shape, value: object, path: str) -> Iterator[str]:
    for part, own, place in parts(shape, value, path):
        yield from (f"{place}: {broken}" for broken in broken_constraints(part, own))
        if isinstance(part, StructureShape) and isinstance(own, dict) and not is_document(part):
            yield from _members(part, cast("dict[str, object]", own), place)


def _members(shape: StructureShape, given: Mapping[str, object], path: str) -> Iterator[str]:
    for name, item in given.items():
        if name in shape.members:
            yield from _value(shape.members[name], item, f"{path}.{name}")
        else:
            yield f"{path}.{name} is unknown to the model"
    for name in shape.required_members:
        if given.get(name) is None:
            yield f"{path}.{name} is missing, the model requires it"
    if getattr(shape, "is_tagged_union", False) and len(given) != 1:
        yield f"{path} is a union and has {len(given)} members"
