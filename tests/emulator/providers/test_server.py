"""The providers over gRPC, as the engine reaches them."""

import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from emulator.providers.configuration import Configuration
from emulator.providers.connections import CURRENT_CALL, Call, Connections
from emulator.providers.errors import ProviderError
from emulator.providers.server import ProviderServers
from emulator.providers.values import plain, wire
from tests.emulator.aws.cloud import Cloud
from tests.emulator.providers.network_samples import SUBNET
from tests.emulator.providers.samples import KEY, REPOSITORY, ROLE, trust

RUNTIME = "aws-native:bedrockagentcore:Runtime"


def urn(token: str) -> str:
    return f"urn:pulumi:dev::project::parent:index:Parent${token}::thing"


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    return PropertyValue.marshal_map(wire(values))


def received(message: struct_pb2.Struct) -> dict[str, Any]:
    return plain(PropertyValue.unmarshal_map(message))


class Plugin:
    """One provider instance: a connection of its own, as the engine opens it."""

    def __init__(self, port: int) -> None:
        # Channels with the same target share one connection unless told otherwise.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def configure(self, **inputs: Any) -> Any:
        args = {name: v if isinstance(v, str) else json.dumps(v) for name, v in inputs.items()}
        return self.stub.Configure(proto.ConfigureRequest(args=struct(args)))

    def check(
        self, token: str, news: dict[str, Any], olds: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        request = proto.CheckRequest(
            urn=urn(token),
            news=struct(news),
            olds=struct(olds or {}),
            randomSeed=secrets.token_bytes(32),
        )
        answer = self.stub.Check(request)
        assert not answer.failures, answer.failures
        return received(answer.inputs)

    def create(self, token: str, inputs: dict[str, Any]) -> Any:
        request = proto.CreateRequest(urn=urn(token), properties=struct(inputs))
        return self.stub.Create(request)


@pytest.fixture
def ports(servers: ProviderServers, cloud: Cloud) -> dict[str, int]:
    return servers.open(cloud.account)


@pytest.fixture
def plugin(ports: dict[str, int]) -> Iterator[Plugin]:
    plugin = Plugin(ports["aws"])
    yield plugin
    plugin.channel.close()


@pytest.fixture
def other(ports: dict[str, int]) -> Iterator[Plugin]:
    plugin = Plugin(ports["aws"])
    yield plugin
    plugin.channel.close()


@pytest.fixture
def native(ports: dict[str, int]) -> Iterator[Plugin]:
    plugin = Plugin(ports["aws-native"])
    yield plugin
    plugin.channel.close()


def test_the_ports_of_an_account_stay_and_differ_from_anothers(servers: ProviderServers) -> None:
    first = servers.open("111111111111")
    assert servers.open("111111111111") == first
    assert set(first.values()).isdisjoint(servers.open("222222222222").values())
    assert set(first) == {"aws", "aws-native"}


def test_opened_at_once_from_many_threads_there_is_one_pair(servers: ProviderServers) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(servers.open, ["333333333333"] * 8))
    assert all(ports == opened[0] for ports in opened)


def test_the_engine_can_attach_and_learns_the_sdks_version(plugin: Plugin) -> None:
    handshake = plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert handshake.accept_secrets
    plugin.stub.Attach(proto.PluginAttach(address="127.0.0.1:1"))
    assert plugin.stub.GetPluginInfo(empty_pb2.Empty()).version == "7.51.1"


def test_two_instances_at_once_keep_their_own_configuration(plugin: Plugin, other: Plugin) -> None:
    plugin.configure(region="us-east-1", defaultTags={"tags": {"Stage": "dev"}})
    other.configure(region="eu-west-1", defaultTags={"tags": {"Stage": "prod"}})
    assert plugin.check(REPOSITORY, {})["tagsAll"] == {"Stage": "dev"}
    assert other.check(REPOSITORY, {})["tagsAll"] == {"Stage": "prod"}
    created = [received(one.create(KEY, one.check(KEY, {})).properties) for one in (plugin, other)]
    assert [outputs["region"] for outputs in created] == ["us-east-1", "eu-west-1"]


def test_configuring_accepts_secrets_and_previews(plugin: Plugin) -> None:
    answer = plugin.configure(region="us-east-1")
    assert answer.acceptSecrets
    assert answer.supportsPreview
    assert not answer.acceptResources
    assert not answer.acceptOutputs


def test_a_resource_lives_through_the_protocol(plugin: Plugin) -> None:
    plugin.configure(region="us-east-1")
    inputs = plugin.check(ROLE, {"assumeRolePolicy": trust(), "description": "old"})
    created = plugin.create(ROLE, inputs)
    news = plugin.check(ROLE, {"assumeRolePolicy": trust(), "description": "new"}, inputs)
    diff = plugin.stub.Diff(
        proto.DiffRequest(
            urn=urn(ROLE),
            id=created.id,
            olds=created.properties,
            old_inputs=struct(inputs),
            news=struct(news),
        )
    )
    assert diff.changes == proto.DiffResponse.DIFF_SOME
    assert dict(diff.detailedDiff)["description"].kind == proto.PropertyDiff.UPDATE
    updated = plugin.stub.Update(
        proto.UpdateRequest(
            urn=urn(ROLE), id=created.id, olds=created.properties, news=struct(news)
        )
    )
    assert received(updated.properties)["description"] == "new"
    request = proto.ReadRequest(
        urn=urn(ROLE), id=created.id, properties=updated.properties, inputs=struct(news)
    )
    assert received(plugin.stub.Read(request).inputs) == news
    plugin.stub.Delete(
        proto.DeleteRequest(urn=urn(ROLE), id=created.id, properties=updated.properties)
    )
    assert plugin.stub.Read(request).id == "", "an empty id tells the engine that it is gone"


def test_a_preview_answers_with_unknowns(plugin: Plugin) -> None:
    plugin.configure(region="us-east-1")
    inputs = plugin.check(ROLE, {"assumeRolePolicy": trust()})
    request = proto.CreateRequest(urn=urn(ROLE), properties=struct(inputs), preview=True)
    outputs = plugin.stub.Create(request).properties
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert outputs.fields["arn"].string_value == unknown, "the protocol's own mark of an unknown"
    assert outputs.fields["name"].string_value == inputs["name"]


def test_a_secret_stays_one_in_inputs_and_outputs(plugin: Plugin) -> None:
    plugin.configure(region="us-east-1")
    secret = PropertyValue("s3cret", is_secret=True)
    news = PropertyValue.marshal_map({"tags": PropertyValue({"token": secret})})
    checked = plugin.stub.Check(
        proto.CheckRequest(urn=urn(REPOSITORY), news=news, randomSeed=b"secret")
    )
    created = plugin.stub.Create(
        proto.CreateRequest(urn=urn(REPOSITORY), properties=checked.inputs)
    )
    for message in (checked.inputs, created.properties):
        values = PropertyValue.unmarshal_map(message)
        assert values["tags"].contains_secret()
        assert values["tagsAll"].contains_secret(), "a secret tag is one among all tags too"


def test_a_changed_configuration_is_a_change_and_the_same_is_none(plugin: Plugin) -> None:
    def changes(news: dict[str, str]) -> int:
        request = proto.DiffRequest(olds=struct({"region": "us-east-1"}), news=struct(news))
        return plugin.stub.DiffConfig(request).changes

    assert changes({"region": "us-east-1"}) == proto.DiffResponse.DIFF_NONE
    assert changes({"region": "eu-west-1"}) == proto.DiffResponse.DIFF_SOME


def test_a_bad_configuration_is_refused_before_anything_runs(plugin: Plugin) -> None:
    request = proto.CheckRequest(news=struct({"region": "us-east-1", "secretKey": "s3cret"}))
    (failure,) = plugin.stub.CheckConfig(request).failures
    assert failure.reason.startswith('"secretKey" brings credentials of its own')
    assert failure.property == "", "the engine would print the value of a property named here"
    assert "s3cret" not in failure.reason
    good = proto.CheckRequest(news=struct({"region": "us-east-1"}))
    assert not plugin.stub.CheckConfig(good).failures


def test_a_failure_is_one_message_without_a_traceback(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.configure(region="us-east-1", allowedAccountIds=["000000000000"])
    details: Any = caught.value
    assert details.details().startswith("AWS account ID not allowed: ")
    assert "Traceback" not in details.details()
    assert "File " not in details.details()


def test_an_instance_that_was_never_configured_is_told_so(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError, match="never configured over its connection"):
        plugin.check(REPOSITORY, {})


def test_a_resource_that_failed_after_its_creation_is_reported_with_its_id(plugin: Plugin) -> None:
    plugin.configure(region="us-east-1")
    inputs = plugin.check(KEY, {"enableKeyRotation": True, "rotationPeriodInDays": 1})
    with pytest.raises(grpc.RpcError) as caught:
        plugin.create(KEY, inputs)
    detail = partial_state(caught.value)
    assert detail.id
    assert received(detail.inputs) == inputs
    assert "RotationPeriodInDays" in detail.reasons[0]


def test_a_runtime_that_failed_halfway_is_kept_and_repaired_by_the_next_update(
    native: Plugin, cloud: Cloud
) -> None:
    native.configure(region="us-east-1")
    image = cloud.runtime()["AgentRuntimeArtifact"]["ContainerConfiguration"]["ContainerUri"]
    inputs = {
        "agentRuntimeName": "halfway",
        "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": image}},
        "roleArn": cloud.runtime()["RoleArn"],
    }
    cloud.fault(fault="failedHalfway", operation="CREATE", message="No capacity")
    with pytest.raises(grpc.RpcError) as caught:
        native.create(RUNTIME, native.check(RUNTIME, inputs))
    left = partial_state(caught.value)
    outputs = received(left.properties)
    assert (left.id, outputs["status"]) == (outputs["agentRuntimeId"], "CREATE_FAILED")
    assert "No capacity" in left.reasons[0]

    same: dict[str, Any] = {
        "urn": urn(RUNTIME),
        "id": left.id,
        "olds": left.properties,
        "old_inputs": left.inputs,
    }
    diff = native.stub.Diff(proto.DiffRequest(**same, news=left.inputs))
    assert diff.changes == proto.DiffResponse.DIFF_NONE, "the engine updates it all the same"
    repaired = native.stub.Update(proto.UpdateRequest(**same, news=left.inputs))
    assert received(repaired.properties)["status"] == "READY"


def partial_state(error: Any) -> Any:
    """What the engine records of a resource whose creation failed."""
    metadata = {entry.key: entry.value for entry in error.trailing_metadata()}
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    assert status.details[0].type_url.endswith("/pulumirpc.ErrorResourceInitFailed"), (
        "the engine reads this to keep the resource"
    )
    return provider_pb2.ErrorResourceInitFailed.FromString(status.details[0].value)


def test_creates_run_side_by_side(native: Plugin, cloud: Cloud) -> None:
    native.configure(region="us-east-1")
    registry = f"{cloud.account}.dkr.ecr.us-east-1.amazonaws.com"
    seconds, count = 0.4, 5
    for _ in range(count):
        cloud.fault(service="cloudcontrolapi", operation="CREATE", fault="slow", seconds=seconds)

    def create(number: int) -> Any:
        uri = f"{registry}/agents/assistant:v1"
        inputs = {
            "agentRuntimeName": f"agent{number}",
            "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": uri}},
            "roleArn": f"arn:aws:iam::{cloud.account}:role/execution",
        }
        return native.create(RUNTIME, native.check(RUNTIME, inputs))

    started = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        created = list(pool.map(create, range(count)))
    assert len({one.id for one in created}) == count
    assert time.monotonic() - started < seconds * count, "one after the other takes longer"


def test_only_the_latest_connections_are_remembered() -> None:
    connections = Connections()
    for number in range(Connections.LIMIT + 1):
        CURRENT_CALL.set(Call(f"connection {number}"))
        connections.configure(Configuration("us-east-1", "111111111111"))
    assert connections.current().region == "us-east-1"
    CURRENT_CALL.set(Call("connection 0"))
    with pytest.raises(ProviderError, match="never configured"):
        connections.current()


def test_closing_ends_the_servers_and_they_can_be_opened_again(aws_url: str) -> None:
    servers = ProviderServers(aws_url)
    port = servers.open("111111111111")["aws"]
    started = time.monotonic()
    servers.close()
    servers.close()
    assert time.monotonic() - started < 2, "nobody waits for a server to stop"
    with pytest.raises(grpc.RpcError):
        Plugin(port).stub.GetPluginInfo(empty_pb2.Empty(), timeout=2)
    assert set(servers.open("111111111111")) == {"aws", "aws-native"}
    servers.close()


class TestADeletionThatWaits:
    """For an interface that holds the subnet."""

    @pytest.fixture
    def held(self, plugin: Plugin, cloud: Cloud) -> Iterator[tuple[str, Any]]:
        ec2 = cloud.client("ec2")
        subnet, group = cloud.network()
        (described,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
        interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]
        plugin.configure(region="us-east-1")
        request = proto.ReadRequest(id=subnet, urn=urn(SUBNET))
        yield subnet, plugin.stub.Read(request).properties
        ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
        # An account has room for five VPCs.
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_security_group(GroupId=group)
        ec2.delete_vpc(VpcId=described["VpcId"])

    def delete(self, plugin: Plugin, held: tuple[str, Any], timeout: float = 0) -> Any:
        identifier, properties = held
        request = proto.DeleteRequest(
            id=identifier, urn=urn(SUBNET), properties=properties, timeout=timeout
        )
        return plugin.stub.Delete.future(request)

    def test_ends_with_the_programs_timeout(self, plugin: Plugin, held: tuple[str, Any]) -> None:
        error = self.delete(plugin, held, timeout=0.1).exception(timeout=10)
        assert "DependencyViolation" in error.details()

    def test_ends_when_the_engine_cancels(self, plugin: Plugin, held: tuple[str, Any]) -> None:
        deletion = self.delete(plugin, held)
        with pytest.raises(grpc.FutureTimeoutError):
            deletion.result(timeout=0.3)
        plugin.stub.Cancel(empty_pb2.Empty())
        assert "context canceled" in deletion.exception(timeout=10).details()
