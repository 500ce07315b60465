"""The `aws-native` provider against the Cloud Control API of the offline AWS."""

import json
from typing import Any, Protocol

import pytest

from emulator.providers.aws_native.provider import AwsNativeProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.errors import ProviderError
from emulator.providers.provider import Resource
from emulator.providers.values import UNKNOWN
from tests.emulator.aws.cloud import Cloud, RequestFailedError
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.engine_calls import COUNTER, EngineCalls

RUNTIME = "aws-native:bedrockagentcore:Runtime"
ENDPOINT = "aws-native:bedrockagentcore:RuntimeEndpoint"
WORKLOAD_IDENTITY = "aws-native:bedrockagentcore:WorkloadIdentity"


class MakeInputs(Protocol):
    """Inputs of this test's runtime with some of them changed; None leaves one out."""

    def __call__(self, **changes: Any) -> dict[str, Any]: ...


@pytest.fixture
def runtime(cloud: Cloud) -> MakeInputs:
    registry = f"{cloud.account}.dkr.ecr.{REGION}.amazonaws.com"
    uri = f"{registry}/agents/assistant:v1"
    inputs = {
        "agentRuntimeName": f"assistant{next(COUNTER)}",
        "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": uri}},
        "roleArn": f"arn:aws:iam::{cloud.account}:role/execution",
        "networkConfiguration": {"networkMode": "PUBLIC"},
        "environmentVariables": {"Log_Level": "info"},
        "tags": {"Project": "assistant"},
    }

    def make(**changes: Any) -> dict[str, Any]:
        return {name: value for name, value in {**inputs, **changes}.items() if value is not None}

    return make


class TestLife:
    def test_a_created_runtime_is_ready_and_has_the_sdks_outputs(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        assert managed.resource_id == managed.outputs["agentRuntimeId"]
        assert managed.outputs["status"] == "READY"
        assert managed.outputs["agentRuntimeVersion"] == "1"
        assert managed.outputs["agentRuntimeArn"].endswith(f"runtime/{managed.resource_id}")
        assert managed.outputs["environmentVariables"] == {"Log_Level": "info"}
        assert "workloadIdentityArn" in managed.outputs["workloadIdentityDetails"]

    def test_a_second_up_changes_nothing(self, native: EngineCalls, runtime: MakeInputs) -> None:
        managed = native.create(RUNTIME, runtime())
        assert not native.diff(managed, runtime()).changes
        refreshed = native.refreshed(managed)
        assert refreshed.inputs == managed.inputs, "what the service chose is no drift"
        assert refreshed.outputs == managed.outputs

    @pytest.mark.parametrize(
        ("name", "value", "path"),
        [
            ("description", "new", "description"),
            ("environmentVariables", {"Log_Level": "debug"}, "environmentVariables.Log_Level"),
            ("environmentVariables", None, "environmentVariables"),
            ("lifecycleConfiguration", {"maxLifetime": 3600}, "lifecycleConfiguration.maxLifetime"),
            ("tags", {"Project": "other"}, "tags.Project"),
            ("protocolConfiguration", "MCP", "protocolConfiguration"),
        ],
    )
    def test_a_change_is_patched_in_place(
        self, native: EngineCalls, runtime: MakeInputs, name: str, value: object, path: str
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        news = runtime(**{name: value})
        diff = native.diff(managed, news)
        assert (diff.changes, diff.replaces) == (True, [])
        assert list(diff.detailed_diff) == [path]
        updated = native.update(managed, news)
        assert updated.outputs.get(name) == value or name == "lifecycleConfiguration"
        assert not native.diff(updated, news).changes, "it converges"
        assert native.refreshed(updated).inputs == updated.inputs

    def test_only_what_changed_is_sent(self, native: EngineCalls, runtime: MakeInputs) -> None:
        managed = native.create(RUNTIME, runtime(description="old"))
        sent: list[Any] = []
        client = native.provider.clients.get(
            "cloudcontrol", REGION, native.configuration.max_attempts
        )

        def keep(params: dict[str, Any], **_event: object) -> None:
            sent.append(dict(params))

        event = "before-parameter-build.cloudcontrol.UpdateResource"
        client.meta.events.register(event, keep)
        native.update(managed, runtime(tags={"Project": "new"}))
        client.meta.events.unregister(event, keep)
        assert json.loads(sent[0]["PatchDocument"]) == [
            {"op": "remove", "path": "/Description"},
            {"op": "replace", "path": "/Tags", "value": {"Project": "new"}},
        ]

    def test_a_create_only_change_replaces_and_deletes_first(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        diff = native.diff(managed, runtime(agentRuntimeName="other"))
        assert diff.replaces == ["agentRuntimeName"]
        assert diff.delete_before_replace, "the real plugin always deletes first"

    def test_an_endpoint_lives_beside_its_runtime(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        inputs = {
            "agentRuntimeId": managed.resource_id,
            "name": "prod",
            "agentRuntimeVersion": "1",
            "tags": {"Project": "assistant"},
        }
        endpoint = native.create(ENDPOINT, inputs)
        assert endpoint.outputs["status"] == "READY"
        assert endpoint.resource_id == endpoint.outputs["agentRuntimeEndpointArn"]
        assert "id" not in endpoint.outputs, "Pulumi has an `id` of its own; this one is awsId"
        assert not native.diff(endpoint, inputs).changes
        assert native.diff(endpoint, {**inputs, "name": "other"}).replaces == ["name"]
        native.delete(endpoint)
        assert native.read(endpoint) is None

    def test_a_deleted_runtime_is_gone_and_deleting_it_again_is_no_error(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        native.delete(managed)
        assert native.read(managed) is None
        native.delete(managed)

    def test_an_imported_runtime_matches_the_program_that_made_it(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        imported = native.imported(RUNTIME, managed.resource_id)
        assert imported.inputs.items() >= managed.inputs.items()
        assert "agentRuntimeArn" not in imported.inputs, "nobody can give what AWS decides"

    def test_drift_of_what_the_program_gave_is_seen_and_repaired(
        self, native: EngineCalls, runtime: MakeInputs, cloud: Cloud
    ) -> None:
        managed = native.create(RUNTIME, runtime())
        patch = {"op": "replace", "path": "/EnvironmentVariables", "value": {"Log_Level": "off"}}
        cloud.update(managed.resource_id, [patch])
        refreshed = native.refreshed(managed)
        assert refreshed.inputs["environmentVariables"] == {"Log_Level": "off"}
        assert native.diff(refreshed, runtime()).diffs == ["environmentVariables"]
        repaired = native.update(refreshed, runtime())
        assert repaired.outputs["environmentVariables"] == {"Log_Level": "info"}


class TestCheck:
    def test_names_and_shapes_are_checked_all_at_once(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        assert native.reasons(RUNTIME, runtime()) == ""
        inputs = runtime(agentRuntimName="x", status="READY", roleArn=None)
        inputs["networkConfiguration"] = {"networkMod": "PUBLIC"}
        inputs["environmentVariables"] = {"A": ["b"]}
        assert set(native.reasons(RUNTIME, inputs).splitlines()) == {
            f'unknown property "agentRuntimName" of {RUNTIME}; did you mean "agentRuntimeName"?',
            f'"status" of {RUNTIME} is decided by AWS and cannot be given',
            f'unknown property "networkConfiguration.networkMod" of {RUNTIME}; '
            'did you mean "networkMode"?',
            f'missing required property "networkConfiguration.networkMode" of {RUNTIME}',
            f'missing required property "roleArn" of {RUNTIME}',
            f'"environmentVariables.A" of {RUNTIME} must be a string, not list',
        }

    def test_a_type_that_does_not_exist_is_named_with_the_nearest(
        self, native: EngineCalls
    ) -> None:
        with pytest.raises(ProviderError, match=f'did you mean "{RUNTIME}"'):
            native.check("aws-native:bedrockagentcore:Runtimes", "x", {})

    def test_an_endpoint_without_a_name_gets_one(self, native: EngineCalls) -> None:
        first = native.checked(ENDPOINT, "prod", {"agentRuntimeId": "x"})
        assert first["name"].startswith("prod-")
        again = native.checked(ENDPOINT, "prod", {"agentRuntimeId": "x"}, first)
        assert again["name"] == first["name"]

    def test_a_runtime_gets_no_name_by_itself(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        reasons = native.reasons(RUNTIME, runtime(agentRuntimeName=None))
        assert f'missing required property "agentRuntimeName" of {RUNTIME}' in reasons

    @pytest.mark.parametrize(
        ("token", "given", "expected"),
        [
            (RUNTIME, {"Owner": "me"}, {"Owner": "me", "Project": "p"}),
            (
                WORKLOAD_IDENTITY,
                [{"key": "Owner", "value": "me"}],
                [{"key": "Owner", "value": "me"}, {"key": "Project", "value": "p"}],
            ),
        ],
    )
    def test_default_tags_have_the_types_own_form(
        self, native: EngineCalls, runtime: MakeInputs, token: str, given: Any, expected: Any
    ) -> None:
        tags = {"Owner": "team", "Project": "p"}
        tagging = EngineCalls(
            native.provider, Configuration(REGION, native.configuration.account, default_tags=tags)
        )
        inputs = {"tags": given, "name": "x"} if token != RUNTIME else runtime(tags=given)
        assert tagging.checked(token, "thing", inputs)["tags"] == expected


class TestPreview:
    def test_what_aws_decides_is_unknown_before_a_create(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        native.connect()
        preview = native.provider.preview_resource(Resource(RUNTIME, "x"), runtime(), None)
        assert preview["agentRuntimeName"].startswith("assistant")
        assert preview["agentRuntimeArn"] == preview["status"] == UNKNOWN

    def test_what_an_update_keeps_stays_known(self, native: EngineCalls) -> None:
        inputs = {"agentRuntimeId": "x", "name": "prod"}
        olds = {**inputs, "awsId": "i", "agentRuntimeEndpointArn": "arn", "status": "READY"}
        native.connect()
        preview = native.provider.preview_resource(Resource(ENDPOINT, "x"), inputs, olds)
        assert preview["status"] == UNKNOWN, "an update may change it"
        assert preview["name"] == "prod"


class TestFailures:
    def test_the_services_refusal_is_passed_on_unchanged(
        self, native: EngineCalls, runtime: MakeInputs, cloud: Cloud
    ) -> None:
        with pytest.raises(RequestFailedError) as expected:
            cloud.create(cloud.runtime(RoleArn=f"arn:aws:iam::{cloud.account}:role/nobody"))
        role = f"arn:aws:iam::{cloud.account}:role/nobody"
        with pytest.raises(ProviderError) as caught:
            native.create(RUNTIME, runtime(roleArn=role))
        said = expected.value.message.partition("(Service:")[0]
        assert said in str(caught.value), "the program recognizes the service's own words"
        assert f'operation CREATE failed with "{expected.value.code}"' in str(caught.value)

    def test_a_name_that_is_taken_is_said_to_be(
        self, native: EngineCalls, runtime: MakeInputs
    ) -> None:
        native.create(RUNTIME, runtime())
        with pytest.raises(ProviderError, match='failed with "AlreadyExists"'):
            native.create(RUNTIME, runtime())

    def test_a_type_the_region_does_not_have_is_refused(self) -> None:
        with pytest.raises(ProviderError, match="mars-1"):
            EngineCalls(
                AwsNativeProvider(Clients("http://127.0.0.1:9", "111111111111")),
                Configuration("mars-1", "111111111111"),
            ).check(RUNTIME, "x", {})
