"""A stack's exported state: what is pending in it, and how it looks with adopted resources."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Record = dict[str, Any]
"""A resource as ``pulumi stack export`` tells it."""

_PROVIDER: Final = "pulumi:providers:"
# What a new record takes over from the one that was pending or planned. The rest is the provider's
# to tell, or set by the next deployment from the program.
_KEPT: Final = (
    "urn",
    "custom",
    "type",
    "parent",
    "provider",
    "protect",
    "retainOnDelete",
    "dependencies",
    "propertyDependencies",
    "additionalSecretOutputs",
    "customTimeouts",
)


@dataclass(frozen=True)
class Adoption:
    """A thing AWS has and the state lacks.

    Attributes:
        record: the resource that was to be created, as the engine recorded or planned it.
        id: the thing's id, as the provider imports it.
        broken: whether its creation failed half-way, so that it has to be replaced.
    """

    record: Record
    id: str
    broken: bool = False


@dataclass(frozen=True)
class ProviderSettings:
    """What a provider resource of the state is configured with."""

    region: str | None
    accounts: tuple[str, ...]


class StackState:
    """The state of one stack, read from its export."""

    def __init__(self, exported: Mapping[str, Any]) -> None:
        self._exported = exported
        deployment: Mapping[str, Any] = exported.get("deployment") or {}
        self.resources: list[Record] = deployment.get("resources") or []
        self._operations: list[dict[str, Any]] = deployment.get("pending_operations") or []
        self._manifest: Mapping[str, Any] = deployment.get("manifest") or {}

    @property
    def written(self) -> datetime | None:
        """When the engine wrote it last."""
        time = self._manifest.get("time")
        # In the time zone of the machine that wrote it.
        return datetime.fromisoformat(time) if time else None

    @property
    def pending_creates(self) -> list[Record]:
        """Resources whose creation was begun, and whose end nobody knows."""
        return [o["resource"] for o in self._operations if o["type"] == "creating"]

    @property
    def pending_others(self) -> list[tuple[str, Record]]:
        """Resources that were being changed, deleted or read, each with what was done to it."""
        return [(o["type"], o["resource"]) for o in self._operations if o["type"] != "creating"]

    @property
    def unread(self) -> list[str]:
        """URNs of resources that were adopted and not read: a recovery was itself cut off."""
        return [
            record["urn"]
            for record in self.resources
            if record.get("custom")
            and not record.get("outputs")
            and not record["type"].startswith(_PROVIDER)
        ]

    @property
    def doubtful(self) -> list[Record]:
        """Resources that exist, and whose creation may have failed once they did."""
        return [
            record
            for record in self.resources
            if (record.get("initErrors") or _status_of(record) == "CREATE_FAILED")
            and not (record.get("delete") or record.get("pendingReplacement"))
            and not record.get("taint")
        ]

    def of(self, urn: str) -> Record | None:
        """The live resource of a URN."""
        for record in self.resources:
            if record["urn"] == urn and not record.get("delete"):
                return record
        return None

    def holds(self, kind: str, resource_id: str) -> bool:
        """Whether a thing is in the state."""
        return resource_id in self.ids(kind)

    def ids(self, kind: str) -> set[str]:
        """Ids of all things of a type, those that wait for their deletion included.

        What was deleted to be replaced does not count: its successor may have the same name.
        """
        return {
            record["id"]
            for record in self.resources
            if record["type"] == kind and not record.get("pendingReplacement")
        }

    def provider_of(self, record: Record) -> ProviderSettings | None:
        """How the provider of a resource is configured; None when the state lacks the provider."""
        provider = self.of(str(record.get("provider", "")).rpartition("::")[0])
        if provider is None:
            return None
        inputs: Mapping[str, Any] = provider.get("inputs") or {}
        # A provider's settings are JSON text where they are no plain text.
        given: str | list[str] = inputs.get("allowedAccountIds") or []
        accounts: list[str] = json.loads(given) if isinstance(given, str) else given
        return ProviderSettings(inputs.get("region"), tuple(accounts))

    def knows_surroundings_of(self, record: Record) -> bool:
        """Whether parent and provider are in the state, as they are before a create begins."""
        parent = record.get("parent")
        return self.provider_of(record) is not None and (not parent or self.of(parent) is not None)

    def with_adopted(
        self, adoptions: Sequence[Adoption], broken: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The export without pending operations and with the adopted things, still to be read.

        The resources of the URNs `broken` are marked: the next deployment replaces them.
        A thing takes the place of the record whose replacement it is. Where the old thing still
        exists, its record moves to the end, marked for deletion, as the engine does it.
        """
        exported = copy.deepcopy(dict(self._exported))
        deployment = exported["deployment"]
        deployment.pop("pending_operations", None)
        resources: list[Record] = deployment.get("resources") or []
        for record in resources:
            if record["urn"] in broken:
                record["taint"] = True
        for adoption in adoptions:
            live = next(
                (
                    place
                    for place, record in enumerate(resources)
                    if record["urn"] == adoption.record["urn"] and not record.get("delete")
                ),
                None,
            )
            before = resources if live is None else resources[:live]
            new = self._new_record(adoption, {record["urn"] for record in before})
            if live is None:
                resources.append(new)
                continue
            old, resources[live] = resources[live], new
            if not old.get("pendingReplacement"):
                resources.append({**old, "delete": True})
        deployment["resources"] = resources
        return exported

    def _new_record(self, adoption: Adoption, earlier: set[str]) -> Record:
        record = {name: adoption.record[name] for name in _KEPT if name in adoption.record}
        provider = self.of(str(record["provider"]).rpartition("::")[0])
        if provider is not None:
            record["provider"] = f"{provider['urn']}::{provider['id']}"
        # A record may only name what stands before it; the next deployment sets the rest.
        urns: list[str] = record.get("dependencies") or []
        record["dependencies"] = [urn for urn in urns if urn in earlier]
        by_property: dict[str, list[str]] = record.get("propertyDependencies") or {}
        record["propertyDependencies"] = {
            name: [urn for urn in urns or [] if urn in earlier]
            for name, urns in by_property.items()
        }
        record["id"] = adoption.id
        if adoption.broken:
            record["taint"] = True
        return record


def _status_of(record: Record) -> object:
    outputs: Mapping[str, Any] = record.get("outputs") or {}
    return outputs.get("status")
