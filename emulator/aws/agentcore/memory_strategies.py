"""The strategies of a memory: what the service checks, makes of them, and how its API shows them.

A strategy is one member, named for its kind, of an entry of MemoryStrategies.
"""

import copy
import re
from collections import Counter
from typing import Any

from emulator.aws.agentcore.identifiers import now, suffixed
from emulator.aws.agentcore.limits import STRATEGIES_OF_A_MEMORY
from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.agentcore.store import JsonObject

_CUSTOM = "CustomMemoryStrategy"
_TYPES = {
    "SemanticMemoryStrategy": "SEMANTIC",
    "SummaryMemoryStrategy": "SUMMARIZATION",
    "UserPreferenceMemoryStrategy": "USER_PREFERENCE",
    "EpisodicMemoryStrategy": "EPISODIC",
    _CUSTOM: "CUSTOM",
}
# Which namespace the service takes where none is given is an assumption: it is the one that the
# developer guide's examples show.
_NAMESPACE = "/strategies/{memoryStrategyId}/actors/{actorId}"
_SESSION_NAMESPACE = f"{_NAMESPACE}/sessions/{{sessionId}}"
_PER_SESSION = ("SummaryMemoryStrategy",)

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_VARIABLES = ("memoryStrategyId", "actorId", "sessionId")

# An override of a custom strategy, as the API shows its type and names its parts.
_OVERRIDES = {
    "SemanticOverride": "SEMANTIC_OVERRIDE",
    "SummaryOverride": "SUMMARY_OVERRIDE",
    "UserPreferenceOverride": "USER_PREFERENCE_OVERRIDE",
    "EpisodicOverride": "EPISODIC_OVERRIDE",
    "SelfManagedConfiguration": "SELF_MANAGED",
}


def generated_strategies(wanted: list[JsonObject], current: list[JsonObject]) -> list[JsonObject]:
    """Return the strategies with what the service generates.

    One of the same kind and name as a current one is that one, changed or not.
    """
    known = {(kind, found["Name"]): found for kind, found in _each(current)}
    return [
        {kind: _generated(kind, strategy, known.get((kind, strategy["Name"])))}
        for kind, strategy in _each(wanted)
    ]


def validate_strategies(memory: JsonObject) -> None:
    """Raise the service's ValidationException when the memory cannot have these strategies."""
    strategies = list(_each(memory.get("MemoryStrategies", [])))
    if len(strategies) > STRATEGIES_OF_A_MEMORY:
        raise validation_error(
            f"There are {len(strategies)} memory strategies, allowed: {STRATEGIES_OF_A_MEMORY}"
        )
    for counted in (
        Counter(_TYPES[kind] for kind, _ in strategies if kind != _CUSTOM),
        Counter(f"name {strategy['Name']}" for _, strategy in strategies),
    ):
        twice = [what for what, count in counted.items() if count > 1]
        if twice:
            raise validation_error(f"Only one memory strategy can have the {twice[0]}")
    if any(kind == _CUSTOM for kind, _ in strategies) and "MemoryExecutionRoleArn" not in memory:
        raise validation_error("memoryExecutionRoleArn is required for custom memory strategies")
    declared = {entry["Key"] for entry in memory.get("NamespaceKeys", [])}
    for _, strategy in strategies:
        _validate_namespaces(strategy, declared)


def api_strategies(memory: JsonObject) -> list[JsonObject]:
    """Return the strategies as the API's MemoryStrategy has them."""
    return [
        {**strategy, **_api_configuration(strategy)}
        for _, strategy in _each(memory.get("MemoryStrategies", []))
    ]


def _each(strategies: list[JsonObject]) -> list[tuple[str, JsonObject]]:
    return [(kind, strategy) for entry in strategies for kind, strategy in entry.items()]


def _generated(kind: str, wanted: JsonObject, current: JsonObject | None) -> JsonObject:
    strategy = copy.deepcopy(wanted)
    namespaces = strategy.get("Namespaces", strategy.get("NamespaceTemplates"))
    if namespaces is None:
        namespaces = [_SESSION_NAMESPACE if kind in _PER_SESSION else _NAMESPACE]
    # The two names mean one thing; which one the caller used, both are answered.
    strategy.update(Namespaces=namespaces, NamespaceTemplates=namespaces)
    time = now()
    kept = current or {"StrategyId": suffixed(strategy["Name"]), "CreatedAt": time}
    days = strategy.pop("RecordExpirySpecification", kept).get("RecordExpiryDurationDays")
    if days is not None:
        strategy["RecordExpiryDurationDays"] = days
    strategy.update(
        StrategyId=kept["StrategyId"],
        CreatedAt=kept["CreatedAt"],
        UpdatedAt=time,
        Type=_TYPES[kind],
        Status="ACTIVE",
    )
    if current is not None and {**strategy, "UpdatedAt": current["UpdatedAt"]} == current:
        return current
    return strategy


def _validate_namespaces(strategy: JsonObject, declared: set[str]) -> None:
    allowed = {*_VARIABLES, *declared}
    for namespace in strategy["NamespaceTemplates"]:
        unknown = [name for name in _VARIABLE.findall(namespace) if name not in allowed]
        if unknown:
            raise validation_error(
                f"The namespace '{namespace}' of strategy {strategy['Name']} has the variable "
                f"{unknown[0]}, allowed: {', '.join(sorted(allowed))}"
            )


def _api_configuration(strategy: JsonObject) -> JsonObject:
    given: JsonObject = strategy.get("Configuration", {})
    if not given:
        return {}
    override = next(iter(given))
    content: dict[str, Any] = given[override]
    configuration: JsonObject = {"Type": _OVERRIDES[override]}
    if override == "SelfManagedConfiguration":
        configuration[override] = content
    else:
        for part in ("Extraction", "Consolidation", "Reflection"):
            if part in content:
                named = {f"{override.removesuffix('Override')}{part}Override": content[part]}
                configuration[part] = {f"Custom{part}Configuration": named}
    return {"Configuration": configuration}
