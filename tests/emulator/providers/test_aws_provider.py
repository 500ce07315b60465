"""What the `aws` provider's engine does as pulumi-aws does, beyond what the tables generate."""

import asyncio
import json
import re
from typing import Any

import pytest
from pulumi.provider.experimental.provider import CreateRequest

from emulator.providers.aws.provider import AwsProvider
from emulator.providers.clients import Clients
from emulator.providers.configuration import Configuration
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.provider import Resource
from emulator.providers.values import UNKNOWN
from tests.emulator.aws.cloud import Cloud
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.engine_calls import EngineCalls
from tests.emulator.providers.samples import (
    ALIAS,
    KEY,
    LIFECYCLE_POLICY,
    POLICY,
    REPOSITORY,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    lifecycle_policy,
    new_key,
    new_policy,
    new_repository,
    new_role,
    policy,
    trust,
)


def client(aws: EngineCalls, service: str) -> Any:
    return aws.provider.clients.get(service, REGION, 1)


@pytest.fixture
def tagging(aws_provider: AwsProvider) -> EngineCalls:
    """An instance with default tags."""
    tags = {"Project": "assistant", "Owner": "team"}
    return EngineCalls(
        aws_provider, Configuration(REGION, aws_provider.clients.account, default_tags=tags)
    )


class TestNames:
    def test_a_name_is_made_of_the_logical_one_and_seven_hex_digits(self, aws: EngineCalls) -> None:
        inputs, _ = aws.check(ROLE, "runner", {"assumeRolePolicy": trust()}, seed=b"seed")
        base, _, digits = inputs["name"].rpartition("-")
        assert base == "runner"
        assert re.fullmatch("[0-9a-f]{7}", digits)
        assert "name" in inputs["__defaults"], "that it was made is recorded as pulumi-aws does"

    def test_the_same_seed_makes_the_same_name(self, aws: EngineCalls) -> None:
        names = {aws.check(ROLE, "r", {}, seed=b"seed")[0]["name"] for _ in range(2)}
        others = {aws.check(ROLE, "r", {}, seed=b"other")[0]["name"]}
        assert len(names) == 1, "a plan and its update agree"
        assert names.isdisjoint(others)

    def test_a_made_name_stays(self, aws: EngineCalls) -> None:
        first = aws.checked(REPOSITORY, "images", {})
        again = aws.checked(REPOSITORY, "images", {}, first)
        assert again["name"] == first["name"]

    def test_an_alias_gets_the_prefix_kms_wants(self, aws: EngineCalls) -> None:
        inputs = aws.checked(ALIAS, "state", {"targetKeyId": "x"})
        assert inputs["name"].startswith("alias/state-")

    def test_a_logical_name_too_long_for_the_type_is_refused(self, aws: EngineCalls) -> None:
        failures = aws.check(ROLE, "r" * 57, {"assumeRolePolicy": trust()})[1]
        assert "longer than maximum length 64" in failures[0].reason
        assert not aws.check(ROLE, "r" * 56, {"assumeRolePolicy": trust()})[1]

    def test_a_given_name_makes_a_replacement_delete_first(self, aws: EngineCalls) -> None:
        inputs = {"name": "delete-first", "assumeRolePolicy": trust(), "path": "/a/"}
        managed = aws.create(ROLE, inputs)
        diff = aws.diff(managed, {**inputs, "path": "/b/"})
        assert diff.replaces == ["path"]
        assert diff.delete_before_replace, "two roles of one name cannot exist"

    def test_a_made_name_lets_a_replacement_be_created_first(self, aws: EngineCalls) -> None:
        inputs = {"assumeRolePolicy": trust(), "path": "/a/"}
        diff = aws.diff(aws.create(ROLE, inputs), {**inputs, "path": "/b/"})
        assert diff.replaces == ["path"]
        assert not diff.delete_before_replace


class TestDefaults:
    @pytest.mark.parametrize(
        ("token", "given", "filled"),
        [
            (
                ROLE,
                {"assumeRolePolicy": trust()},
                {"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
            ),
            (POLICY, {"policy": policy("s3:GetObject")}, {"path": "/"}),
            (REPOSITORY, {}, {"imageTagMutability": "MUTABLE"}),
            (
                KEY,
                {},
                {
                    "keyUsage": "ENCRYPT_DECRYPT",
                    "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
                    "isEnabled": True,
                    "enableKeyRotation": False,
                    "bypassPolicyLockoutSafetyCheck": False,
                },
            ),
        ],
    )
    def test_check_fills_in_what_pulumi_aws_does(
        self, aws: EngineCalls, token: str, given: dict[str, Any], filled: dict[str, Any]
    ) -> None:
        inputs = aws.checked(token, "thing", given)
        assert filled.items() <= inputs.items()
        assert filled.keys() <= set(inputs["__defaults"])

    def test_a_policy_given_as_an_object_becomes_its_text(self, aws: EngineCalls) -> None:
        document = json.loads(policy("s3:GetObject"))
        inputs = aws.checked(POLICY, "thing", {"policy": document})
        assert json.loads(inputs["policy"]) == document


class TestTags:
    def test_default_tags_are_in_tags_all_and_own_tags_win(self, tagging: EngineCalls) -> None:
        inputs = tagging.checked(REPOSITORY, "images", {"tags": {"Owner": "me"}})
        assert inputs["tagsAll"] == {"Project": "assistant", "Owner": "me"}
        assert inputs["tags"] == {"Owner": "me"}, "what the program gave stays what it gave"

    def test_default_tags_reach_aws_and_are_no_difference(self, tagging: EngineCalls) -> None:
        managed = tagging.create(REPOSITORY, {"tags": {"Stage": "dev"}})
        tags = client(tagging, "ecr").list_tags_for_resource(resourceArn=managed.outputs["arn"])
        assert {tag["Key"]: tag["Value"] for tag in tags["tags"]} == {
            "Project": "assistant",
            "Owner": "team",
            "Stage": "dev",
        }
        assert managed.outputs["tags"] == {"Stage": "dev"}
        assert not tagging.diff(managed, {"tags": {"Stage": "dev"}}).changes

    def test_a_changed_default_tag_updates_in_place(self, tagging: EngineCalls) -> None:
        managed = tagging.create(ROLE, {"assumeRolePolicy": trust()})
        later = EngineCalls(
            tagging.provider,
            Configuration(REGION, tagging.configuration.account, default_tags={"Owner": "other"}),
        )
        diff = later.diff(managed, {"assumeRolePolicy": trust()})
        assert not diff.replaces
        updated = later.update(managed, {"assumeRolePolicy": trust()})
        assert updated.outputs["tagsAll"] == {"Owner": "other"}, "the removed one is untagged"

    def test_an_unknown_tag_makes_all_tags_unknown(self, tagging: EngineCalls) -> None:
        inputs = tagging.checked(KEY, "state", {"tags": {"Arn": UNKNOWN}})
        assert inputs["tagsAll"] == UNKNOWN


class TestDiff:
    def test_a_policy_written_another_way_is_no_difference(self, aws: EngineCalls) -> None:
        managed = aws.create(POLICY, {"policy": policy("s3:GetObject", "s3:ListBucket")})
        reordered = json.dumps(
            json.loads(policy("s3:ListBucket", "s3:GetObject")), indent=2, sort_keys=True
        )
        assert not aws.diff(managed, {"policy": reordered}).changes
        assert aws.diff(managed, {"policy": policy("s3:ListBucket")}).changes, (
            "a real change is one"
        )

    def test_an_unknown_policy_is_a_difference(self, aws: EngineCalls) -> None:
        managed = aws.create(POLICY, {"policy": policy("s3:GetObject")})
        assert aws.diff(managed, {"policy": UNKNOWN}).diffs == ["policy"]

    def test_a_key_named_by_its_arn_is_the_same_key(self, aws: EngineCalls) -> None:
        key = aws.create(KEY, {})
        managed = aws.create(ALIAS, {"targetKeyId": key.outputs["arn"]})
        assert not aws.diff(managed, {"targetKeyId": key.outputs["keyId"]}).changes
        assert aws.diff(managed, {"targetKeyId": new_key(aws)}).changes

    def test_what_aws_chose_by_itself_is_no_difference(self, aws: EngineCalls) -> None:
        managed = aws.create(KEY, {})
        assert managed.outputs["policy"], "KMS gives a key a policy"
        assert not aws.diff(managed, {}).changes

    def test_a_description_taken_away_is_taken_away(self, aws: EngineCalls) -> None:
        managed = aws.create(ROLE, {"assumeRolePolicy": trust(), "description": "d"})
        updated = aws.update(managed, {"assumeRolePolicy": trust()})
        assert not updated.outputs.get("description")
        assert not aws.diff(updated, {"assumeRolePolicy": trust()}).changes

    def test_another_region_replaces(self, aws: EngineCalls, aws_provider: AwsProvider) -> None:
        managed = aws.create(KEY, {})
        assert aws.diff(managed, {"region": "eu-west-1"}).replaces == ["region"]
        moved = EngineCalls(aws_provider, Configuration("eu-west-1", aws.configuration.account))
        assert moved.diff(managed, {}).replaces == ["region"]
        assert not aws.diff(managed, {"region": REGION}).changes

    def test_a_detailed_diff_names_the_place(self, aws: EngineCalls) -> None:
        managed = aws.create(REPOSITORY, {"imageScanningConfiguration": {"scanOnPush": False}})
        diff = aws.diff(managed, {"imageScanningConfiguration": {"scanOnPush": True}})
        assert list(diff.detailed_diff) == ["imageScanningConfiguration.scanOnPush"]

    def test_a_lifecycle_policy_is_deleted_before_it_is_replaced(self, aws: EngineCalls) -> None:
        repository = new_repository(aws)
        inputs = {"repository": repository, "policy": lifecycle_policy()}
        managed = aws.create(LIFECYCLE_POLICY, inputs)
        diff = aws.diff(managed, {**inputs, "policy": lifecycle_policy(9)})
        assert diff.delete_before_replace, "deleting the old one last would delete the new one"


class TestRefresh:
    def test_a_change_made_through_the_api_is_seen_and_repaired(self, aws: EngineCalls) -> None:
        managed = aws.create(REPOSITORY, {"imageTagMutability": "IMMUTABLE"})
        client(aws, "ecr").put_image_tag_mutability(
            repositoryName=managed.resource_id, imageTagMutability="MUTABLE"
        )
        refreshed = aws.refreshed(managed)
        assert refreshed.inputs["imageTagMutability"] == "MUTABLE", "the refresh shows it"
        assert aws.diff(refreshed, {"imageTagMutability": "IMMUTABLE"}).changes
        repaired = aws.update(refreshed, {"imageTagMutability": "IMMUTABLE"})
        assert repaired.outputs["imageTagMutability"] == "IMMUTABLE"

    def test_something_added_through_the_api_is_seen(self, aws: EngineCalls) -> None:
        managed = aws.create(ROLE, {"assumeRolePolicy": trust()})
        iam = client(aws, "iam")
        iam.update_role_description(RoleName=managed.resource_id, Description="by hand")
        iam.tag_role(RoleName=managed.resource_id, Tags=[{"Key": "by", "Value": "hand"}])
        refreshed = aws.refreshed(managed)
        assert refreshed.inputs["description"] == "by hand"
        assert refreshed.inputs["tags"] == {"by": "hand"}
        assert set(aws.diff(refreshed, {"assumeRolePolicy": trust()}).diffs) == {
            "description",
            "tags",
            "tagsAll",
        }

    def test_a_key_waiting_for_its_deletion_is_gone(self, aws: EngineCalls) -> None:
        managed = aws.create(KEY, {"deletionWindowInDays": 7})
        client(aws, "kms").schedule_key_deletion(KeyId=managed.resource_id, PendingWindowInDays=9)
        assert aws.read(managed) is None
        aws.delete(managed)

    def test_a_detached_policy_is_gone(self, aws: EngineCalls) -> None:
        inputs = {"role": new_role(aws), "policyArn": new_policy(aws)}
        managed = aws.create(ROLE_POLICY_ATTACHMENT, inputs)
        client(aws, "iam").detach_role_policy(
            RoleName=inputs["role"], PolicyArn=inputs["policyArn"]
        )
        assert aws.read(managed) is None


class TestDelete:
    def test_a_key_is_scheduled_with_its_own_window(self, aws: EngineCalls) -> None:
        managed = aws.create(KEY, {"deletionWindowInDays": 9})
        aws.delete(managed)
        metadata = client(aws, "kms").describe_key(KeyId=managed.resource_id)["KeyMetadata"]
        assert metadata["KeyState"] == "PendingDeletion"

    def test_a_role_with_foreign_policies_goes_only_when_forced(self, aws: EngineCalls) -> None:
        def with_foreign_policy(forced: bool) -> Any:  # noqa: FBT001 - the two twins
            inputs = {"assumeRolePolicy": trust(), "forceDetachPolicies": forced}
            managed = aws.create(ROLE, inputs)
            client(aws, "iam").put_role_policy(
                RoleName=managed.resource_id,
                PolicyName="foreign",
                PolicyDocument=policy("s3:GetObject"),
            )
            return managed

        with pytest.raises(ProviderError, match="DeleteConflict"):
            aws.delete(with_foreign_policy(forced=False))
        forced = with_foreign_policy(forced=True)
        aws.delete(forced)
        assert aws.read(forced) is None

    def test_a_policy_goes_with_all_its_versions(self, aws: EngineCalls) -> None:
        managed = aws.create(POLICY, {"policy": policy("s3:GetObject")})
        for number in range(7):
            managed = aws.update(managed, {"policy": policy(f"s3:Get{number}")})
        versions = client(aws, "iam").list_policy_versions(PolicyArn=managed.resource_id)
        assert len(versions["Versions"]) == 5, "the oldest made room, as IAM keeps five"
        aws.delete(managed)
        assert aws.read(managed) is None


class TestErrors:
    def test_the_services_error_is_passed_on_with_its_code(self, aws: EngineCalls) -> None:
        aws.create(REPOSITORY, {"name": "taken"})
        with pytest.raises(ProviderError) as caught:
            aws.create(REPOSITORY, {"name": "taken"})
        message = str(caught.value)
        assert message.startswith("creating ECR Repository (taken): operation error ECR: ")
        assert "RepositoryAlreadyExistsException" in message

    def test_a_type_that_is_not_supported_is_named_with_the_nearest(self, aws: EngineCalls) -> None:
        with pytest.raises(ProviderError, match=r'"aws:iam/user:User" is not supported'):
            aws.check("aws:iam/user:User", "me", {})
        with pytest.raises(ProviderError, match='did you mean "aws:iam/role:Role"'):
            aws.check("aws:iam/role:Roles", "me", {})

    @pytest.mark.parametrize(
        ("token", "resource_id", "expected"),
        [
            (ROLE_POLICY, "no-colon", "<role name>:<policy name>"),
            (ROLE_POLICY_ATTACHMENT, "no-slash", "<role-name>/<policy_arn>"),
        ],
    )
    def test_an_import_id_of_the_wrong_form_says_the_right_one(
        self, aws: EngineCalls, token: str, resource_id: str, expected: str
    ) -> None:
        with pytest.raises(ProviderError, match=expected):
            aws.imported(token, resource_id)

    def test_an_import_of_nothing_finds_nothing(self, aws: EngineCalls) -> None:
        assert aws.provider.read_resource(Resource(ROLE, "x"), "not-there", {}, {}) is None

    @pytest.mark.parametrize(
        ("property_name", "value", "kind"),
        [("maxSessionDuration", "3600", "integer"), ("tags", ["a"], "map"), ("path", 1, "string")],
    )
    def test_a_value_of_the_wrong_type_is_refused(
        self, aws: EngineCalls, property_name: str, value: object, kind: str
    ) -> None:
        reasons = aws.reasons(ROLE, {"assumeRolePolicy": trust(), property_name: value})
        assert f'"{property_name}" of {ROLE} must be a {kind}' in reasons

    def test_an_unknown_nested_property_is_named_by_its_path(self, aws: EngineCalls) -> None:
        inputs = {"imageScanningConfiguration": {"scanOnPush": True, "scanOnPull": True}}
        reasons = aws.reasons(REPOSITORY, inputs)
        assert 'unknown property "imageScanningConfiguration.scanOnPull"' in reasons
        assert 'did you mean "scanOnPush"' in reasons

    def test_a_failure_after_the_creation_keeps_the_resource(self, cloud: Cloud) -> None:
        provider = AwsProvider(Clients(cloud.url, cloud.account))
        aws = EngineCalls(provider, Configuration(REGION, cloud.account, max_attempts=1))
        inputs = {"enableKeyRotation": True, "rotationPeriodInDays": 1, "description": "kept"}
        with pytest.raises(InitializationFailedError) as caught:
            aws.create(KEY, inputs)
        assert "RotationPeriodInDays" in str(caught.value), "KMS wants 90 days at least"
        assert caught.value.outputs["arn"], "the next up can go on from what is there"
        kept = aws.imported(KEY, caught.value.resource_id)
        assert kept.outputs["description"] == "kept", "the key exists and is not lost"

    def test_without_an_offline_aws_the_message_says_how_to_start_it(self) -> None:
        provider = AwsProvider(Clients("http://127.0.0.1:9", "111111111111"))
        EngineCalls(provider, Configuration(REGION, "111111111111", max_attempts=1))
        request = CreateRequest(f"urn:pulumi:dev::p::{KEY}::key", {}, 0, preview=False)
        with pytest.raises(ProviderError, match=r"127\.0\.0\.1:9 does not answer.*emulator start"):
            asyncio.run(provider.create(request))
