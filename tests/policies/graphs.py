"""The program's resources as the rules see them: recorded by running it, never written by hand.

A rule of one resource sees inputs that the provider has checked, a rule of the stack sees outputs;
both once at the first preview, where much is unknown, and once after deployment. The providers are
the offline AWS's, which check and preview as the real ones do; what AWS answers is the mocks'.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from pulumi.runtime import rpc

from agentcore_policies.model import SECRET, UNKNOWN, Options, Properties, Resource, Stack, Value
from agentcore_policies.wire_values import number_of, properties_of, text_of
from emulator.providers import configuration
from emulator.providers import provider as providers
from emulator.providers.aws.provider import AwsProvider
from emulator.providers.aws_native.provider import AwsNativeProvider
from emulator.providers.clients import Clients
from emulator.providers.connections import CURRENT_CALL, Call
from tests.program.configs import (
    STACKS,
    every_grant,
    every_use_of_a_network,
    several_agents,
    with_agents,
)
from tests.program.looked_up import OWN_NETWORK, Answer, Vpc, gateway_endpoint, interface_endpoint
from tests.program.program_run import Registered, run_program
from tests.stack_files import DIGEST, PROJECT, committed, with_images

if TYPE_CHECKING:
    from emulator.providers.values import Object


@dataclass(frozen=True)
class Views:
    """The same resources, as rules of one resource and as rules of the stack see them."""

    inputs: Stack
    outputs: Stack


@dataclass(frozen=True)
class Graph:
    """What a deployment of the program holds, at its first preview and after it."""

    preview: Views
    deployed: Views


def recorded(name: str) -> Graph:
    """One of :data:`NAMES`; recorded once."""
    return _recorded(name)


@cache
def _recorded(name: str) -> Graph:
    shape = _SHAPES[name]
    return Graph(_views(shape, preview=True), _views(shape, preview=False))


@dataclass(frozen=True)
class _Shape:
    """What the program is run with."""

    stack: str
    config: dict[str, Any]
    answers: Mapping[str, Answer] = field(default_factory=lambda: OWN_NETWORK)
    stacks: Mapping[str, dict[str, Any]] | None = None


_PRIVATE_SUBNETS: Final = ("subnet-0000000000000000a", "subnet-0000000000000000b")
_TABLES: Final = ("rtb-0000000000000000a", "rtb-0000000000000000b")
_REUSED: Final = {"logs": "vpce-0000000000000000a", "s3": "vpce-0000000000000000b"}
_EXISTING: Final = {"vpcId": Vpc.id, "subnetIds": list(_PRIVATE_SUBNETS)}
_ELSEWHERE: Final = "999999999999"
_ONE_WAY_OUT: Final = {
    "cidr": "10.64.0.0/16",
    "egress": "nat",
    "natGateways": "single",
    "egressRules": [{"description": "partner", "fromPort": 443, "cidr": "203.0.113.0/24"}],
}
_ROLE: Final = "arn:aws:iam::111111111111:role/team/assistant"


def _in_network(of: str, **network: Any) -> dict[str, Any]:
    agent = {"image": DIGEST, "networkMode": "VPC"}
    return {**with_agents(of, assistant=agent), f"{PROJECT}:network": network}


def _account(stack: str) -> str:
    return str(committed(stack)[f"{PROJECT}:accountId"])


def _vpc_with_endpoints() -> Vpc:
    return Vpc(
        owner=_account("prod"),
        endpoints={
            _REUSED["logs"]: interface_endpoint("logs"),
            _REUSED["s3"]: gateway_endpoint(*_TABLES),
        },
    )


def _brought_role() -> dict[str, Answer]:
    def document(**statement: Any) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}

    def role(_: dict[str, Any]) -> dict[str, Any]:
        agentcore = {"Service": "bedrock-agentcore.amazonaws.com"}
        everything = document(Action="*", Resource="*")
        return {
            "arn": _ROLE,
            "assumeRolePolicyDocument": document(Action="sts:AssumeRole", Principal=agentcore),
            "managedPolicyArns": [],
            "permissionsBoundary": None,
            "policies": [{"policyName": "agent", "policyDocument": everything}],
        }

    return {**OWN_NETWORK, "aws-native:iam:getRole": role}


_SHARED: Final = {
    "vpcId": Vpc.id,
    "subnetIds": list(_PRIVATE_SUBNETS),
    "routeTableIds": list(_TABLES),
    "vpcEndpoints": _REUSED,
}


def _shapes(stack: str) -> dict[str, _Shape]:
    """Those that are another deployment in production than elsewhere."""
    return {
        "as committed": _Shape(stack, committed(stack)),
        "with images": _Shape(stack, with_images(committed(stack))),
        "several agents": _Shape(stack, several_agents(stack)),
        "every use of a network": _Shape(stack, every_use_of_a_network(stack)),
        "a network that exists": _Shape(
            stack, _in_network(stack, **_EXISTING), Vpc(owner=_account(stack)).answers()
        ),
    }


_REUSING: Final = _vpc_with_endpoints().answers()
_SHAPES: Final[Mapping[str, _Shape]] = {
    **{f"{stack}, {name}": shape for stack in STACKS for name, shape in _shapes(stack).items()},
    "dev, every grant": _Shape(
        "dev", with_agents("dev", assistant={"image": DIGEST, **every_grant("dev")})
    ),
    "dev, a role that exists": _Shape(
        "dev",
        with_agents("dev", assistant={"image": DIGEST, "executionRoleArn": _ROLE}),
        _brought_role(),
    ),
    "prod, one NAT gateway": _Shape("prod", _in_network("prod", **_ONE_WAY_OUT)),
    "prod, endpoints that exist": _Shape(
        "prod", _in_network("prod", **_EXISTING, reusedEndpoints=_REUSED), _REUSING
    ),
    "prod, another stack's network": _Shape(
        "prod",
        _in_network("prod", stack="acme/network/shared"),
        _REUSING,
        {"acme/network/shared": _SHARED},
    ),
}

NAMES: Final = tuple(_SHAPES)
"""Shapes a deployment can have: each optional part of the program is on in one of them."""


def _views(shape: _Shape, *, preview: bool) -> Views:
    run = run_program(
        shape.stack,
        shape.config,
        preview=preview,
        answers=shape.answers,
        stacks=shape.stacks,
    )
    assert (run.exit_code, run.errors) == (None, []), run.errors
    instances = {one.urn: _Instance(one) for one in run.resources if one.is_provider}
    pairs = [
        _as_seen(one, instances[_urn_of(one.options.provider)], preview=preview)
        for one in run.resources
        if one.is_custom and not one.is_provider
    ]
    return Views(
        Stack(name=shape.stack, resources=tuple(inputs for inputs, _ in pairs)),
        Stack(name=shape.stack, resources=tuple(outputs for _, outputs in pairs)),
    )


def _urn_of(reference: str) -> str:
    """A reference to a provider is its URN and its id."""
    return reference.rpartition("::")[0]


class _Instance:
    """A provider as the program configured it; it reaches no AWS."""

    def __init__(self, registered: Registered) -> None:
        self.properties = properties_of(registered.options.object)
        package = registered.type.rpartition(":")[2]
        kind = {"aws": AwsProvider, "aws-native": AwsNativeProvider}[package]
        values = configuration.decoded(kind.args_class, registered.inputs)
        (account,) = values["allowedAccountIds"]
        tags = values.get("defaultTags", {}).get("tags", {})
        self._account = account
        self._connection = registered.urn
        self._provider = kind(_clients(account))
        self.enter()
        settings = configuration.Configuration(values["region"], account, tags)
        self._provider.connections.configure(settings)

    def enter(self) -> providers.ResourceProvider:
        """The provider, set to answer for this instance."""
        CURRENT_CALL.set(Call(self._connection))
        return self._provider

    def own(self, values: Object) -> Object:
        """The values in this account, where the mocks answer with another one."""
        return json.loads(json.dumps(values).replace(_ELSEWHERE, self._account))


@cache
def _clients(account: str) -> Clients:
    return Clients("http://127.0.0.1:1", account)


def _as_seen(one: Registered, instance: _Instance, *, preview: bool) -> tuple[Resource, Resource]:
    provider = instance.enter()
    resource = providers.Resource(one.type, one.name)
    given = instance.own(cast("Object", _as_json(properties_of(one.options.object))))
    checked, failures = provider.check_resource(resource, {}, given, b"")
    assert not failures, [failure.reason for failure in failures]
    if preview:
        outputs = provider.preview_resource(resource, checked, None)
    else:
        outputs = _deployed(one, checked, instance.own(one.outputs))

    def seen(values: Object) -> Resource:
        return Resource(
            type=one.type,
            name=one.name,
            urn=one.urn,
            props=_as_properties(values),
            provider=instance.properties,
            options=_options(one),
            parent=one.options.parent,
            dependencies={
                name: tuple(found.urns)
                for name, found in one.options.propertyDependencies.items()
                if found.urns
            },
        )

    return seen(checked), seen(outputs)


def _options(one: Registered) -> Options:
    given = one.options
    assert not given.customTimeouts.delete, "the engine tells it in seconds, the program as text"
    return Options(
        protect=given.protect,
        delete_before_replace=given.deleteBeforeReplace
        if given.deleteBeforeReplaceDefined
        else None,
        ignore_changes=tuple(given.ignoreChanges),
    )


def _deployed(one: Registered, checked: Object, answered: Object) -> Object:
    """The outputs as the real providers tell them: with an id that AWS gave, or the name."""
    outputs = {name: value for name, value in checked.items() if not name.startswith("__")}
    outputs |= {name: value for name, value in answered.items() if name not in outputs}
    if one.type.startswith("aws-native:"):
        del outputs["id"]
    elif outputs["id"] == f"{one.name}-id":
        outputs["id"] = outputs.get("name", one.name)
    return outputs


def _as_json(value: Value) -> Any:
    """As the providers have it: the unknown is the protocol's mark."""
    assert value is not SECRET, "the program is not run with secrets here"
    if value is UNKNOWN:
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {name: _as_json(item) for name, item in value.items() if item is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_json(item) for item in value]
    return value


def _as_properties(values: Object) -> Properties:
    return {name: _as_value(value) for name, value in values.items()}


def _as_value(value: Any) -> Value:
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, float):
        return number_of(value)
    if isinstance(value, dict):
        return _as_properties(cast("Object", value))
    if isinstance(value, list):
        return [_as_value(item) for item in cast("list[Any]", value)]
    return value
