"""What is decided over recorded states, against AWS; the CLI is only asked and told."""

import copy
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from recovery.lookups import IDENTITY_TAG
from recovery.recover import Aws, Recovery
from recovery.recovery_error import ProgramError, RecoveryError
from tests.emulator.aws.cloud import Cloud, RequestFailedError
from tests.recovery.conftest import Stack

TAGS = {
    "Agent": "assistant",
    "CostCenter": "CC-1000",
    "Environment": "dev",
    "Owner": "platform-team@example.com",
    "Project": "agentcore",
}
NAME = "agentcore_dev_assistant"
ROLE = "agentcore-dev-assistant-us-east-1"
KEY_TAGS = {IDENTITY_TAG: "urn:pulumi:dev::agentcore::key"}


def pairs(tags: dict[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def runtime(cloud: Cloud, **tags: str) -> str:
    desired = cloud.prepared().runtime(AgentRuntimeName=NAME, Tags={**TAGS, **tags})
    return cloud.create(desired)


def new_key(cloud: Cloud) -> str:
    made = cloud.client("kms").create_key(Tags=pairs(KEY_TAGS, "TagKey", "TagValue"))
    return made["KeyMetadata"]["KeyId"]


def plan_key(stack: Stack, **state: Any) -> dict[str, Any]:
    """Let a key be planned."""
    role = stack.record("Role")
    record = {
        **role,
        "urn": "urn:pulumi:dev::agentcore::aws:kms/key:Key::agentcore-dev",
        "type": "aws:kms/key:Key",
        "protect": True,
        "inputs": {"description": "x", "tagsAll": KEY_TAGS},
        **state,
    }
    stack.cli.steps.append({"op": "create", "urn": record["urn"], "newState": record})
    return record


def test_a_pending_create_that_went_through_is_imported(killed: Stack, cloud: Cloud) -> None:
    made = runtime(cloud)
    outcome = killed.recovery.run(thorough=False)

    assert outcome.imported == 1
    record = killed.written[-1]
    pending = killed.operations[0]["resource"]
    assert record["id"] == made
    for kept in ("urn", "type", "parent", "provider", "dependencies"):
        assert record[kept] == pending[kept], kept
    assert "inputs" not in record, "an import begins with what the provider reads"
    assert killed.refreshed == [record["urn"]], "which it is asked for"
    assert killed.said == [f"Runtime assistant: found as {made}, imported"]


def test_a_pending_create_that_never_arrived_is_cleared(killed: Stack) -> None:
    outcome = killed.recovery.run(thorough=False)
    assert (outcome.imported, outcome.nothing) == (0, False)
    assert killed.written == killed.resources, "nothing else changes"
    assert killed.said == ["Runtime assistant: not there, the interrupted create cleared"]


def test_a_dry_run_tells_and_changes_nothing(killed: Stack, cloud: Cloud) -> None:
    made = runtime(cloud)
    killed.recovery.dry_run = True
    killed.recovery.run(thorough=True)
    assert killed.said == [f"Runtime assistant: found as {made}, would be imported"]
    assert killed.cli.done == []


def test_a_stack_in_order_costs_one_look_at_its_state(ended: Stack) -> None:
    assert ended.recovery.run(thorough=False).nothing
    assert ended.recovery.run(thorough=True).nothing
    assert ended.said == []
    assert ended.cli.done == []


@pytest.mark.parametrize("tags", [{"Environment": "prod"}, {"Owner": "somebody@example.com"}])
def test_a_thing_with_other_tags_is_refused_and_nothing_is_changed(
    killed: Stack, cloud: Cloud, tags: dict[str, str]
) -> None:
    made = runtime(cloud, **tags)
    with pytest.raises(RecoveryError) as refused:
        killed.recovery.run(thorough=True)
    (key,) = tags
    assert f"Runtime assistant: {made} exists" in str(refused.value), "which thing"
    assert f"{key}={tags[key]}" in str(refused.value), "what tells that it is another's"
    assert "pulumi import" in str(refused.value), "the way out"
    assert killed.cli.done == []


def test_a_tag_more_does_not_make_a_thing_anothers(killed: Stack, cloud: Cloud) -> None:
    runtime(cloud, CostReport="2026")
    assert killed.recovery.run(thorough=False).imported == 1


def test_a_create_whose_answer_was_lost_is_found_by_the_plan(ended: Stack, cloud: Cloud) -> None:
    lost = ended.lose("Role")
    cloud.role(ROLE, Tags=pairs(TAGS))
    assert ended.recovery.run(thorough=False).nothing, "the state has no trace of it"

    assert ended.recovery.run(thorough=True).imported == 1
    record = ended.written[-1]
    assert (record["urn"], record["id"]) == (lost["urn"], ROLE)


def test_what_is_only_planned_and_not_there_is_no_matter(ended: Stack) -> None:
    ended.lose("Role")
    assert ended.recovery.run(thorough=True).nothing


def test_a_part_of_something_of_the_stack_is_the_stacks(ended: Stack, cloud: Cloud) -> None:
    ended.lose("LifecyclePolicy")
    name = "agentcore-dev/assistant"
    cloud.ecr.create_repository(repositoryName=name)
    rule = {
        "rulePriority": 1,
        "selection": {
            "tagStatus": "untagged",
            "countType": "imageCountMoreThan",
            "countNumber": 1,
        },
        "action": {"type": "expire"},
    }
    text = str({"rules": [rule]}).replace("'", '"')
    cloud.ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=text)
    assert ended.recovery.run(thorough=True).imported == 1


def test_a_part_of_something_else_is_refused(ended: Stack, cloud: Cloud) -> None:
    ended.lose("RolePolicy")
    ended.resources.remove(ended.record("Role"))
    cloud.role(ROLE)
    cloud.iam.put_role_policy(
        RoleName=ROLE,
        PolicyName="agent",
        PolicyDocument='{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}',
    )
    with pytest.raises(RecoveryError, match=f"belongs to Role {ROLE}, which is not the stack's"):
        ended.recovery.run(thorough=True)
    assert ended.cli.done == []


def test_a_thing_without_name_is_found_by_its_tag(ended: Stack, cloud: Cloud) -> None:
    plan_key(ended)
    made = new_key(cloud)
    assert ended.recovery.run(thorough=True).imported == 1
    record = ended.written[-1]
    assert record["id"] == made
    assert record["protect"] is True, "production's key is protected from the first moment"


def test_a_second_thing_with_the_tag_is_named_and_left_alone(ended: Stack, cloud: Cloud) -> None:
    plan_key(ended)
    older, newer = new_key(cloud), new_key(cloud)
    ended.recovery.run(thorough=True)
    assert ended.written[-1]["id"] == newer
    (line,) = [line for line in ended.said if older in line]
    assert f"schedule-key-deletion --pending-window-in-days 30 --key-id {older}" in line
    keys = cloud.client("kms").describe_key(KeyId=older)["KeyMetadata"]
    assert keys["KeyState"] == "Enabled", "it may be kept on purpose"


def test_a_key_that_a_repeated_request_made_twice_is_named(ended: Stack, cloud: Cloud) -> None:
    record = plan_key(ended)
    first, second = new_key(cloud), new_key(cloud)
    ended.resources.append({**record, "id": second, "outputs": {"keyId": second}})
    ended.recovery.tell_surplus()
    (line,) = ended.said
    assert f"--key-id {first}" in line


def test_a_key_of_the_state_has_no_double(ended: Stack, cloud: Cloud) -> None:
    record = plan_key(ended)
    ended.cli.steps.clear()
    ended.resources.append({**record, "id": new_key(cloud), "outputs": {"keyId": "x"}})
    assert ended.recovery.run(thorough=True).nothing


def test_what_is_older_than_the_last_deployment_was_not_lost_by_it(
    make_stack: Callable[..., Stack], cloud: Cloud
) -> None:
    stack = make_stack(deployed=datetime.now(UTC) + timedelta(hours=1))
    stack.operations.clear()
    plan_key(stack)
    retained = new_key(cloud)
    assert stack.recovery.run(thorough=True).imported == 0, "it may be retained on purpose"
    assert not [line for line in stack.said if "imported" in line], retained


def test_the_successor_of_what_was_deleted_takes_its_place(killed: Stack, cloud: Cloud) -> None:
    pending = killed.operations[0]["resource"]
    before = {**pending, "id": "old", "outputs": {"a": "b"}, "pendingReplacement": True}
    killed.resources.insert(-2, before)
    made = runtime(cloud)
    killed.recovery.run(thorough=False)
    ids = [record["id"] for record in killed.written if record["urn"] == pending["urn"]]
    assert ids == [made]
    assert killed.written[-3]["id"] == made, "in the place of the old one"


def test_the_successor_of_what_still_exists_stands_beside_it(ended: Stack, cloud: Cloud) -> None:
    record = plan_key(ended)
    old = new_key(cloud)
    ended.resources.append({**record, "id": old, "outputs": {"keyId": old}})
    ended.cli.steps[0]["op"] = "create-replacement"
    made = new_key(cloud)
    ended.recovery.run(thorough=True)
    found = [(r["id"], r.get("delete")) for r in ended.written if r["urn"] == record["urn"]]
    assert found == [(made, None), (old, True)], "the old one is deleted by the next deployment"


@pytest.mark.parametrize("doing", ["updating", "deleting"])
def test_what_was_being_changed_is_read_anew(ended: Stack, doing: str) -> None:
    role = ended.record("Role")
    ended.operations.append({"resource": role, "type": doing})
    assert not ended.recovery.run(thorough=False).nothing
    assert ended.cli.done == [("refresh", [role["urn"]])]
    assert ended.said == [f"Role assistant: interrupted while {doing}, read anew"]


def test_an_operation_on_what_has_left_the_state_is_dropped(ended: Stack) -> None:
    role = ended.record("Role")
    ended.resources.remove(role)
    ended.operations.append({"resource": role, "type": "deleting"})
    ended.recovery.run(thorough=False)
    assert ended.written == ended.resources


def test_a_change_that_may_have_gone_through_is_read_before_it_is_made_again(
    ended: Stack,
) -> None:
    role = ended.record("Role")
    ended.cli.steps.append({"op": "update", "urn": role["urn"], "newState": role})
    ended.recovery.run(thorough=True)
    assert ended.refreshed == [role["urn"]], "or a runtime would get another version"


def test_a_recovery_that_was_cut_off_is_finished(ended: Stack) -> None:
    role = ended.record("Role")
    del role["outputs"]
    ended.recovery.run(thorough=False)
    assert ended.refreshed == [role["urn"]], "imported, and not yet read"


def test_a_thing_in_the_making_is_waited_for(killed: Stack, cloud: Cloud) -> None:
    cloud.fault(
        fault="slow", service="cloudcontrolapi", operation="CREATE", when="after", seconds=0.3
    )
    desired = cloud.prepared().runtime(AgentRuntimeName=NAME, Tags=TAGS)
    cloud.control.create_resource(
        TypeName="AWS::BedrockAgentCore::Runtime", DesiredState=json.dumps(desired)
    )
    assert killed.recovery.run(thorough=False).imported == 1
    assert killed.said[0] == "Cloud Control is at work on Runtime assistant; waiting for its end."


def test_a_create_that_failed_half_way_is_imported_to_be_replaced(
    killed: Stack, cloud: Cloud
) -> None:
    cloud.fault(fault="failedHalfway", operation="CREATE")
    desired = cloud.prepared().runtime(AgentRuntimeName=NAME, Tags=TAGS)
    with pytest.raises(Exception, match="A fault"):
        cloud.create(desired)
    killed.recovery.run(thorough=False)
    made = killed.written[-1]
    assert made["taint"] is True, "the next deployment replaces it"
    assert killed.said == [
        f"Runtime assistant: found as {made['id']}, imported, to be replaced: its creation failed"
    ]


def test_what_may_still_arrive_is_looked_for_again(killed: Stack, cloud: Cloud) -> None:
    written = datetime.now(UTC)
    killed.cli.state["deployment"]["manifest"]["time"] = written.strftime("%FT%T.%f000Z")
    late = Recovery(
        killed.cli, Aws(killed.recovery.aws.client, request_seconds=1.5), killed.said.append
    )
    arriving = threading.Timer(0.2, runtime, [cloud])
    arriving.start()
    assert late.run(thorough=False).imported == 1
    assert killed.said[0].startswith("Runtime assistant: not there yet; looking again in ")


@pytest.mark.parametrize("offset", [9, 0, -8])
def test_the_state_may_be_written_in_any_time_zone(killed: Stack, offset: int) -> None:
    zone = timezone(timedelta(hours=offset))
    written = datetime.now(zone) - timedelta(seconds=60)
    killed.cli.state["deployment"]["manifest"]["time"] = written.isoformat()
    aws = Aws(killed.recovery.aws.client, request_seconds=30)
    Recovery(killed.cli, aws, killed.said.append).run(thorough=False)
    assert killed.said == ["Runtime assistant: not there, the interrupted create cleared"], (
        "what was asked a minute ago has arrived; there is nothing to wait for"
    )


def test_a_fast_clock_prolongs_no_wait(killed: Stack) -> None:
    written = datetime.now(UTC) + timedelta(hours=1)
    killed.cli.state["deployment"]["manifest"]["time"] = written.isoformat()
    aws = Aws(killed.recovery.aws.client, request_seconds=0.1)
    Recovery(killed.cli, aws, killed.said.append).run(thorough=False)
    assert killed.written == killed.resources


def test_a_planned_key_without_identity_tag_is_no_matter_and_a_pending_one_is_refused(
    ended: Stack,
) -> None:
    record = plan_key(ended, inputs={"description": "x", "tagsAll": TAGS})
    assert ended.recovery.run(thorough=True).nothing, "or it could never be made"
    ended.cli.steps.clear()
    ended.operations.append({"resource": record, "type": "creating"})
    with pytest.raises(RecoveryError, match=f"it has no tag {IDENTITY_TAG}"):
        ended.recovery.run(thorough=True)
    assert ended.cli.done == []


def test_a_pending_create_with_a_secret_name_is_not_taken_for_missing(killed: Stack) -> None:
    inputs = killed.operations[0]["resource"]["inputs"]
    inputs["agentRuntimeName"] = {"4dabf18193072939515e22adb298388d": "1", "ciphertext": "v1:a"}
    with pytest.raises(RecoveryError, match="its agentRuntimeName is a secret"):
        killed.recovery.run(thorough=False)
    assert killed.cli.done == []


def test_a_name_may_hold_colons(killed: Stack) -> None:
    killed.operations[0]["resource"]["urn"] += "::blue"
    killed.recovery.run(thorough=False)
    assert killed.said == ["Runtime assistant::blue: not there, the interrupted create cleared"]


def test_a_type_without_look_up_is_refused_while_pending_and_no_matter_while_planned(
    killed: Stack,
) -> None:
    unknown = copy.deepcopy(killed.operations[0]["resource"])
    unknown["type"] = "aws:s3/bucket:Bucket"
    killed.operations[0]["resource"] = unknown
    with pytest.raises(RecoveryError, match="how to find a aws:s3/bucket:Bucket"):
        killed.recovery.run(thorough=False)

    killed.operations.clear()
    killed.cli.steps.append({"op": "create", "urn": unknown["urn"], "newState": unknown})
    assert killed.recovery.run(thorough=True).nothing


def test_credentials_of_another_account_are_refused(killed: Stack, cloud: Cloud) -> None:
    provider = killed.record("aws-native")
    provider["inputs"]["allowedAccountIds"] = '["999999999999"]'
    with pytest.raises(RecoveryError, match=f"credentials of account {cloud.account}"):
        killed.recovery.run(thorough=False)
    assert killed.cli.done == []


def test_a_program_that_is_refused_does_not_keep_what_is_pending_from_being_settled(
    make_stack: Callable[..., Stack], cloud: Cloud
) -> None:
    stack = make_stack(refused="the config of stack dev is refused")
    runtime(cloud)
    with pytest.raises(ProgramError, match="the config of stack dev is refused"):
        stack.recovery.run(thorough=True)
    assert [done for done, _ in stack.cli.done] == ["replace_state", "refresh"]


def test_an_aws_that_does_not_answer_is_one_message(killed: Stack) -> None:
    def nowhere(service: str, region: str | None) -> Any:
        return Cloud("http://127.0.0.1:1", "1" * 12).client(service, region_name=region)

    with pytest.raises(RecoveryError, match="AWS cannot be asked"):
        Recovery(killed.cli, Aws(nowhere), killed.said.append).run(thorough=False)


@pytest.mark.parametrize(
    ("kind", "custom"),
    [("agentcore:registry:Registry", False), ("pulumi:providers:aws", True)],
)
def test_what_is_pulumis_own_is_not_looked_for(ended: Stack, kind: str, *, custom: bool) -> None:
    urn = f"urn:pulumi:dev::agentcore::{kind}::assistant"
    record = {"urn": urn, "type": kind, "custom": custom}
    ended.operations.append({"type": "creating", "resource": record})
    assert ended.recovery.run(thorough=False).imported == 0
    assert ended.written == ended.resources, "the next up makes it again, which costs nothing"


@pytest.mark.parametrize("failed", [True, False])
def test_what_failed_once_it_existed_is_replaced(
    killed: Stack, cloud: Cloud, *, failed: bool
) -> None:
    record = killed.operations.pop()["resource"]
    if failed:
        cloud.fault(operation="CREATE", fault="failedHalfway")
        with pytest.raises(RequestFailedError):
            runtime(cloud)
    else:
        runtime(cloud)
    (made,) = cloud.agentcore.list_agent_runtimes()["agentRuntimes"]
    identifier = made["agentRuntimeId"]
    record.update(id=identifier, outputs={"agentRuntimeId": identifier}, initErrors=["failed"])
    killed.resources.append(record)

    outcome = killed.recovery.run(thorough=True)
    assert outcome.nothing is not failed
    if failed:
        assert killed.written[-1]["taint"], "the engine replaces it"
        assert killed.said == [
            "Runtime assistant: its creation failed, to be replaced by the next up"
        ]
    else:
        assert killed.cli.done == [], "what works is left alone"
