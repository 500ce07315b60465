"""What `pulumi up` and `pulumi destroy` do with a recorded program, without the CLI.

The resources the program registered are created by the attached providers over gRPC, on new
connections, in the order they were registered in, and deleted in the opposite one. Not done:
previews, diffs, a state.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, cast

import grpc
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc

from emulator.providers.values import plain, wire
from tests.program.program_run import Registered

REGION = "us-east-1"
REPOSITORY = "aws:ecr/repository:Repository"
_PROVIDER = "pulumi:providers:"


@dataclass(frozen=True)
class _Created:
    urn: str
    package: str
    resource_id: str
    outputs: struct_pb2.Struct


@dataclass
class Deployment:
    """One deployment into one account.

    `provider_ports` are those of the account. `home` is the account the program was recorded for:
    its number is replaced wherever it occurs. `push` is called with each new repository's name.
    """

    provider_ports: Mapping[str, int]
    account: str
    home: str
    push: Callable[[str], object]
    created: list[_Created] = field(default_factory=list[_Created])
    _answers: dict[str, str] = field(default_factory=dict[str, str])
    _channels: dict[str, Any] = field(default_factory=dict[str, Any])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for channel in self._channels.values():
            channel.close()

    def up(self, resources: Sequence[Registered]) -> None:
        """Create everything."""
        for resource in resources:
            if resource.is_provider:
                self._configure(resource.type.removeprefix(_PROVIDER), resource)
            elif resource.is_custom:
                self._create(resource)

    def look_up(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What a function of the providers answers, for a program to be recorded with.

        Looked up with another configuration than the program's, which is not recorded yet.
        """
        package = token.partition(":")[0]
        stub = self._stub(package)
        region = _struct({"region": REGION})
        stub.Configure(proto.ConfigureRequest(args=region, acceptSecrets=True))
        answer = stub.Invoke(proto.InvokeRequest(tok=token, args=_struct(arguments)))
        if answer.failures:
            raise AssertionError(f"{token} is refused: {answer.failures}")
        return plain(PropertyValue.unmarshal_map(getattr(answer, "return")))

    def destroy(self) -> None:
        """Delete everything."""
        while self.created:
            gone = self.created.pop()
            request = proto.DeleteRequest(
                id=gone.resource_id, urn=gone.urn, properties=gone.outputs
            )
            self._stub(gone.package).Delete(request)

    def _configure(self, package: str, resource: Registered) -> None:
        args = _struct(self._here(resource.inputs))
        self._stub(package).CheckConfig(proto.CheckRequest(urn=resource.urn, news=args))
        self._stub(package).Configure(proto.ConfigureRequest(args=args, acceptSecrets=True))

    def _create(self, resource: Registered) -> None:
        package = resource.type.partition(":")[0]
        stub, urn = self._stub(package), resource.urn
        checked = stub.Check(
            proto.CheckRequest(
                urn=urn,
                news=_struct(self._here(resource.inputs)),
                randomSeed=secrets.token_bytes(32),
            )
        )
        if checked.failures:
            raise AssertionError(f"{urn} is refused: {checked.failures}")
        answer = stub.Create(proto.CreateRequest(urn=urn, properties=checked.inputs))
        self.created.append(_Created(urn, package, answer.id, answer.properties))
        real = {**plain(PropertyValue.unmarshal_map(answer.properties)), "id": answer.id}
        for name, recorded in resource.outputs.items():
            if isinstance(recorded, str) and recorded != resource.inputs.get(name):
                self._answers[recorded] = str(real[name])
        if resource.type == REPOSITORY:
            self.push(str(real["name"]))

    def _here(self, recorded: Any) -> Any:
        """Put this account's answers in the place of the recorded ones."""
        match recorded:
            case dict():
                values = cast("dict[str, Any]", recorded)
                return {name: self._here(value) for name, value in values.items()}
            case list():
                return [self._here(item) for item in cast("list[Any]", recorded)]
            case str():
                return self._answers.get(recorded) or recorded.replace(self.home, self.account)
            case _:
                return recorded

    def _stub(self, package: str) -> Any:
        if package not in self._channels:
            # Channels with the same target share one connection unless told otherwise.
            self._channels[package] = grpc.insecure_channel(
                f"127.0.0.1:{self.provider_ports[package]}",
                options=[("grpc.use_local_subchannel_pool", 1)],
            )
        return provider_pb2_grpc.ResourceProviderStub(self._channels[package])


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return PropertyValue.marshal_map(wire(json.loads(json.dumps(values))))
