"""The life that every AgentCore resource has: made, changed and removed by way of its status.

What a type's service checks and generates is said by its own handler, a subclass. Statuses come
from the type's schema: one ends in READY or ACTIVE, another in CREATE_FAILED or FAILED.
"""

import copy

from emulator.aws.agentcore import limits
from emulator.aws.agentcore.generated_properties import generated, update_times
from emulator.aws.agentcore.role_validation import assumable_role
from emulator.aws.agentcore.service_error import service_error, validation_error
from emulator.aws.agentcore.store import RESOURCE_POLICY, JsonObject, Store, Table
from emulator.aws.agentcore.tags import check_tags
from emulator.aws.api_model import violations
from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import HandlerError, Work, not_found
from emulator.aws.cloudcontrol.properties import without
from emulator.aws.cloudcontrol.schemas import ResourceType, resource_type
from emulator.aws.faults import Faults
from emulator.aws.moto_services.state import Role

_API = "bedrock-agentcore-control"

_BUSY = ("CREATING", "UPDATING", "DELETING")
_SETTLED = ("READY", "ACTIVE")
_FAILED = {
    "CREATE": ("CREATE_FAILED", "FAILED"),
    "UPDATE": ("UPDATE_FAILED", "UPDATE_UNSUCCESSFUL", "FAILED"),
}


class ResourceHandler:
    """Creates, reads, updates, deletes and lists the resources of one type."""

    # What the API calls the resource, `Memory` in CreateMemory; its constraints are checked.
    api_name: str | None = None
    # The property that is unique beside its siblings, where the schema does not show it.
    unique_property: str | None = None

    def __init__(self, type_name: str, store: Store, faults: Faults) -> None:
        self.type_name = type_name
        self.store = store
        self.faults = faults

    # What a type adds ---------------------------------------------------------------------------

    def complete(self, caller: Caller, desired: JsonObject, current: JsonObject) -> JsonObject:
        """Return the desired state with the service's defaults; `current` is empty on create."""
        del caller, current
        return desired

    def generate(self, caller: Caller, desired: JsonObject) -> JsonObject:
        """Return what the service adds to a new resource."""
        return generated(self.kind(caller), caller, desired)

    def check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        """Raise HandlerError when the service refuses; `current` is empty on create."""

    def added(self, caller: Caller, resource: JsonObject) -> None:
        """Make what goes with a new resource."""

    def changed(self, caller: Caller, resource: JsonObject) -> None:
        """Take part in a change of configuration, such as by counting versions.

        Raises HandlerError when there can be no further one.
        """

    def moved(self, caller: Caller, resource: JsonObject) -> None:
        """Follow the resource to its next status."""

    def check_removal(self, caller: Caller, resource: JsonObject) -> None:
        """Raise HandlerError when the service does not delete the resource."""

    def removed(self, caller: Caller, resource: JsonObject) -> None:
        """Remove what goes with the resource."""

    # At hand for the types ----------------------------------------------------------------------

    def kind(self, caller: Caller) -> ResourceType:
        """Return the type as it is defined in the caller's region."""
        return resource_type(self.type_name, caller.region)

    def table(self, caller: Caller) -> Table:
        """Return the resources of this type."""
        return self.store.table(caller, self.type_name)

    def resource(self, caller: Caller, identifier: str) -> JsonObject:
        """Return the resource as it is stored. Raises HandlerError NotFound."""
        found = self.table(caller).get(identifier)
        if found is None:
            raise not_found(self.type_name, identifier)
        return found

    def identifier(self, caller: Caller, resource: JsonObject) -> str:
        """Return the primary identifier, its parts joined as Cloud Control does."""
        return "|".join(str(resource[name]) for name in self.kind(caller).primary_identifier)

    def assumed(self, caller: Caller, role_arn: str, resource: JsonObject) -> Role:
        """Return the role that the service assumes for the resource. Raises HandlerError."""
        source = resource[self.kind(caller).arn_property or ""]
        min_age = self.faults.role_delay(caller.account)
        return assumable_role(caller, role_arn, source, min_age=min_age)

    def siblings(self, caller: Caller, resource: JsonObject) -> list[JsonObject]:
        """Return the resources of this type that have the same parent, where there is one."""
        parents = self.kind(caller).list_requires
        return [
            other
            for other in self.table(caller).values()
            if all(other.get(name) == resource.get(name) for name in parents)
        ]

    # The five actions ---------------------------------------------------------------------------

    def create(self, caller: Caller, desired: JsonObject) -> Work:
        """Make the resource. Raises HandlerError, with AlreadyExists for a name that is taken."""
        kind = self.kind(caller)
        with self.store.lock:
            self._require_parent(kind, desired)
            completed = self.complete(caller, copy.deepcopy(desired), {})
            resource = {**completed, **self.generate(caller, completed)}
            self._check(caller, resource, {})
            identifier = self.identifier(caller, resource)
            self._refuse_second(caller, kind, resource, {})
            if identifier in self.table(caller):
                raise self._already_exists(f"identifier '{identifier}'")
            self._check_quota(caller, kind, resource)
            self.table(caller)[identifier] = resource
            self.added(caller, resource)
            self._move(caller, resource, "CREATING")
        yield identifier
        self._settle(caller, identifier, "CREATE")

    def read(self, caller: Caller, identifier: str) -> JsonObject:
        """Return the resource's properties. Raises HandlerError NotFound."""
        with self.store.lock:
            return self._shown(caller, self.resource(caller, identifier))

    def update(self, caller: Caller, identifier: str, desired: JsonObject) -> Work:
        """Change the resource to the desired state; a change of tags alone moves no status.

        That an update which changes nothing repairs what had failed half-way is an assumption.
        Raises HandlerError, with ResourceConflict while the resource is being worked on.
        """
        kind = self.kind(caller)
        with self.store.lock:
            current = self.resource(caller, identifier)
            self._refuse_busy(kind, current)
            wanted = self.complete(caller, copy.deepcopy(desired), current)
            kept = self._kept(kind, current, wanted)
            resource = {**wanted, **kept}
            self._check(caller, resource, copy.deepcopy(current))
            self._refuse_second(caller, kind, resource, current)
            status = current.get(kind.status_property or "")
            failed = any(status in statuses for statuses in _FAILED.values())
            worked_on = failed or self._changes(kind, current, wanted) - {"Tags"}
            if worked_on:
                resource.update(update_times(kind))
                self.changed(caller, resource)
            current.clear()
            current.update(resource)
            if worked_on:
                self._move(caller, current, "UPDATING")
        yield identifier
        if worked_on:
            self._settle(caller, identifier, "UPDATE")

    def delete(self, caller: Caller, identifier: str) -> Work:
        """Remove the resource. Raises HandlerError, with NotFound when it is not there."""
        kind = self.kind(caller)
        with self.store.lock:
            resource = self.resource(caller, identifier)
            self._refuse_busy(kind, resource)
            self.check_removal(caller, resource)
            self._move(caller, resource, "DELETING")
        yield identifier
        with self.store.lock:
            del self.table(caller)[identifier]
            remove_policy(self.store, caller, resource.get(kind.arn_property or ""))
            self.removed(caller, resource)

    def list(self, caller: Caller, model: JsonObject) -> list[tuple[str, JsonObject]]:
        """Return the resources that have all of the model's values."""
        with self.store.lock:
            return [
                (identifier, self._shown(caller, resource))
                for identifier, resource in self.table(caller).items()
                if all(resource.get(name) == value for name, value in model.items())
            ]

    # ---------------------------------------------------------------------------------------------

    def _shown(self, caller: Caller, resource: JsonObject) -> JsonObject:
        return copy.deepcopy(self.kind(caller).visible(resource))

    def _require_parent(self, kind: ResourceType, desired: JsonObject) -> None:
        """Some types need their parent's id without saying so in `required`."""
        missing = [name for name in kind.list_requires if name not in desired]
        if missing:
            raise HandlerError("InvalidRequest", f"required key [{missing[0]}] not found")

    def _check(self, caller: Caller, resource: JsonObject, current: JsonObject) -> None:
        check_tags(resource)
        if self.api_name:
            operation = f"{'Update' if current else 'Create'}{self.api_name}"
            broken = violations(_API, operation, resource)
            if broken:
                raise validation_error("; ".join(broken))
        self.check(caller, resource, current)

    def _refuse_second(
        self, caller: Caller, kind: ResourceType, resource: JsonObject, current: JsonObject
    ) -> None:
        unique = self.unique_property or kind.name_property
        if unique is None or unique not in resource:
            return
        for other in self.siblings(caller, resource):
            if other is not current and other.get(unique) == resource[unique]:
                raise self._already_exists(f"the name '{resource[unique]}'")

    def _already_exists(self, what: str) -> HandlerError:
        return HandlerError(
            "AlreadyExists", f"Resource of type '{self.type_name}' with {what} already exists."
        )

    def _check_quota(self, caller: Caller, kind: ResourceType, resource: JsonObject) -> None:
        quota = limits.QUOTAS.get(self.type_name)
        if quota is not None and len(self.siblings(caller, resource)) >= quota:
            parent = "".join(f" of {resource[name]}" for name in kind.list_requires)
            raise HandlerError(
                "ServiceLimitExceeded",
                f"There are {quota} resources of type '{self.type_name}'{parent}, the most "
                "allowed.",
            )

    def _kept(self, kind: ResourceType, current: JsonObject, wanted: JsonObject) -> JsonObject:
        """Return what an update leaves as it is: what the service made, seen or not."""
        made = {path.strip("/") for path in kind.read_only}
        return {
            name: value
            for name, value in current.items()
            if name in made or (name not in kind.schema["properties"] and name not in wanted)
        }

    def _changes(self, kind: ResourceType, current: JsonObject, wanted: JsonObject) -> set[str]:
        before = without(kind.visible(current), [*kind.read_only, *kind.write_only])
        after = without(kind.visible(wanted), kind.read_only)
        return {name for name in {*before, *after} if before.get(name) != after.get(name)}

    def _refuse_busy(self, kind: ResourceType, resource: JsonObject) -> None:
        status = resource.get(kind.status_property or "")
        if status in _BUSY:
            raise service_error(
                "ResourceConflict", f"The resource is in status {status}; wait until it has ended."
            )

    def _move(self, caller: Caller, resource: JsonObject, status: str) -> None:
        """Set the status, as far as the type has one; what it has not ends at once."""
        kind = self.kind(caller)
        if kind.status_property is not None:
            ended = next((known for known in _SETTLED if known in kind.statuses), status)
            resource[kind.status_property] = status if status in kind.statuses else ended
        self.moved(caller, resource)

    def _settle(self, caller: Caller, identifier: str, operation: str) -> None:
        """End the work, well or, when a fault was asked for half-way, with its reason."""
        kind = self.kind(caller)
        failed = next((known for known in _FAILED[operation] if known in kind.statuses), None)
        reason = failed and self.faults.halfway(caller.account, operation, self.type_name)
        with self.store.lock:
            resource = self.resource(caller, identifier)
            resource.pop("FailureReason", None)
            resource.pop("StatusReasons", None)
            if not failed or not reason:
                self._move(caller, resource, _SETTLED[0])
                return
            self._explain(kind, resource, reason)
            self._move(caller, resource, failed)
        raise HandlerError(
            "NotStabilized",
            f"Resource of type '{self.type_name}' with identifier '{identifier}' did not "
            f"stabilize: it is in status {failed}. Reason: {reason}",
        )

    def _explain(self, kind: ResourceType, resource: JsonObject, reason: str) -> None:
        if "StatusReasons" in kind.schema["properties"]:
            resource["StatusReasons"] = [reason]
        else:
            resource["FailureReason"] = reason


def remove_policy(store: Store, caller: Caller, arn: object) -> None:
    """Remove the resource policy of a resource that goes away."""
    store.table(caller, RESOURCE_POLICY).pop(str(arn), None)
