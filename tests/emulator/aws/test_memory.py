import json
import re
from typing import Any

import pytest

from emulator.aws.agentcore.store import MEMORY
from tests.emulator.aws.cloud import Cloud, RequestFailedError


def strategy(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {f"{kind}MemoryStrategy": {"Name": name, **more}}


def created(cloud: Cloud, *strategies: dict[str, Any], **more: Any) -> str:
    desired = {"Name": "memory", "EventExpiryDuration": 30, **more}
    return cloud.create({**desired, "MemoryStrategies": list(strategies)}, MEMORY)


def test_strategies_get_ids_statuses_and_namespaces(cloud: Cloud) -> None:
    memory = created(
        cloud,
        strategy("Semantic", "facts"),
        strategy("Summary", "sessions"),
        strategy("UserPreference", "likes", Namespaces=["/likes/{actorId}/"]),
    )
    properties = cloud.read(memory, MEMORY)
    semantic, summary, likes = (next(iter(s.values())) for s in properties["MemoryStrategies"])
    assert re.fullmatch(r"facts-[a-zA-Z0-9]{10}", semantic["StrategyId"])
    assert (semantic["Type"], semantic["Status"]) == ("SEMANTIC", "ACTIVE")
    assert summary["Namespaces"][0].endswith("/sessions/{sessionId}")
    assert likes["NamespaceTemplates"] == ["/likes/{actorId}/"], "two names of one thing"
    assert properties["Status"] == "ACTIVE"


def test_an_update_keeps_the_strategies_that_stay(cloud: Cloud) -> None:
    memory = created(cloud, strategy("Semantic", "facts"), strategy("Summary", "sessions"))
    before = cloud.read(memory, MEMORY)["MemoryStrategies"]
    wanted = [strategy("Semantic", "facts", Description="Changed"), strategy("Episodic", "new")]
    cloud.update(memory, [{"op": "replace", "path": "/MemoryStrategies", "value": wanted}], MEMORY)
    facts, new = cloud.read(memory, MEMORY)["MemoryStrategies"]
    kept = before[0]["SemanticMemoryStrategy"]["StrategyId"]
    assert facts["SemanticMemoryStrategy"]["StrategyId"] == kept
    assert facts["SemanticMemoryStrategy"]["Description"] == "Changed"
    assert new["EpisodicMemoryStrategy"]["StrategyId"].startswith("new-")


def test_an_update_leaves_the_times_of_a_strategy_that_it_does_not_change(cloud: Cloud) -> None:
    facts, sessions = strategy("Semantic", "facts"), strategy("Summary", "sessions")
    memory = created(cloud, facts, sessions)
    before = cloud.read(memory, MEMORY)["MemoryStrategies"]
    wanted = [facts, strategy("Summary", "sessions", Description="Changed")]
    cloud.update(memory, [{"op": "replace", "path": "/MemoryStrategies", "value": wanted}], MEMORY)
    after = cloud.read(memory, MEMORY)["MemoryStrategies"]
    assert after[0] == before[0], "an unchanged strategy stays as it is, UpdatedAt too"
    changed = "SummaryMemoryStrategy"
    assert after[1][changed]["UpdatedAt"] > before[1][changed]["UpdatedAt"]


def test_a_patch_may_reach_into_a_strategy_but_not_set_what_the_service_made(cloud: Cloud) -> None:
    memory = created(cloud, strategy("Semantic", "facts"))
    inside = "/MemoryStrategies/0/SemanticMemoryStrategy"
    cloud.update(memory, [{"op": "add", "path": f"{inside}/Description", "value": "x"}], MEMORY)
    own = cloud.read(memory, MEMORY)["MemoryStrategies"][0]["SemanticMemoryStrategy"]
    assert own["Description"] == "x"
    forged = [{"op": "replace", "path": f"{inside}/StrategyId", "value": "mine-0123456789"}]
    with pytest.raises(Exception, match="readOnlyProperties"):
        cloud.update(memory, forged, MEMORY)


def test_an_expiry_of_records_is_written_and_its_days_are_read(cloud: Cloud) -> None:
    days = {"RecordExpirySpecification": {"RecordExpiryDurationDays": 90}}
    memory = created(cloud, strategy("Semantic", "facts", **days))
    found = cloud.read(memory, MEMORY)["MemoryStrategies"][0]["SemanticMemoryStrategy"]
    assert found["RecordExpiryDurationDays"] == 90
    assert "RecordExpirySpecification" not in found


def test_an_indexed_key_cannot_be_taken_back(cloud: Cloud) -> None:
    key = {"Key": "team", "Type": "STRING"}
    memory = created(cloud, IndexedKeys=[key])
    with pytest.raises(RequestFailedError, match="cannot be removed or changed: team"):
        cloud.update(memory, [{"op": "remove", "path": "/IndexedKeys"}], MEMORY)
    more = [{"op": "add", "path": "/IndexedKeys/-", "value": {"Key": "area", "Type": "STRING"}}]
    cloud.update(memory, more, MEMORY)
    assert len(cloud.read(memory, MEMORY)["IndexedKeys"]) == 2


def test_the_api_shows_a_custom_strategy_in_its_own_way(cloud: Cloud) -> None:
    prompt = {"AppendToPrompt": "Be brief.", "ModelId": "model"}
    override = {"SemanticOverride": {"Extraction": prompt}}
    role = cloud.role("memory")
    custom = strategy("Custom", "own", Configuration=override)
    arn = created(cloud, custom, MemoryExecutionRoleArn=role)
    identifier = cloud.read(arn, MEMORY)["MemoryId"]
    memory = cloud.agentcore.get_memory(memoryId=identifier)["memory"]
    (found,) = memory.get("strategies", [])
    assert memory["arn"] == arn
    assert found["type"] == "CUSTOM"
    shown = json.loads(json.dumps(found.get("configuration")))
    assert shown == {
        "type": "SEMANTIC_OVERRIDE",
        "extraction": {
            "customExtractionConfiguration": {
                "semanticExtractionOverride": {"appendToPrompt": "Be brief.", "modelId": "model"}
            }
        },
    }
    listed = cloud.agentcore.list_memories()["memories"]
    assert [each.get("id") for each in listed] == [identifier]
