"""The engine behind the tables: it checks, compares, makes and changes as pulumi-aws does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pulumi.provider.experimental.provider import DiffResponse, PropertyDiffKind
from pulumi_aws import provider as sdk_provider

from emulator.providers import sdk_types
from emulator.providers.aws import inputs as inputs_of
from emulator.providers.aws import invokes
from emulator.providers.aws.calls import Calls, cause_code
from emulator.providers.aws.inputs import DEFAULTS
from emulator.providers.aws.patience import Patience
from emulator.providers.aws.types import type_of
from emulator.providers.connections import CURRENT_CALL
from emulator.providers.differences import Difference, diff_response, differences
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.provider import Resource, ResourceProvider, State
from emulator.providers.values import UNKNOWN, Json, Object, as_object, is_empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.providers.aws.table import ResourceType, Tags
    from emulator.providers.sdk_types import Failure


@dataclass(frozen=True)
class Found:
    """A resource as AWS has it, by the id it has in the state."""

    resource_id: str
    outputs: Object


class AwsProvider(ResourceProvider):
    """The provider `aws` for one account."""

    package = "aws"
    args_class = sdk_provider.ProviderArgs
    account_not_allowed = "AWS account ID not allowed: {account}"

    def check_resource(
        self, resource: Resource, olds: Object, news: Object, random_seed: bytes
    ) -> tuple[Object, Sequence[Failure]]:
        """Fill in tags, name and defaults; then check names and shapes of all properties."""
        settings = self.configuration()
        return inputs_of.check(
            type_of(resource.token),
            resource,
            olds,
            news,
            random_seed=random_seed,
            region=settings.region,
            default_tags=settings.default_tags,
        )

    def diff_resource(
        self, resource: Resource, old_inputs: Object, old_outputs: Object, news: Object
    ) -> DiffResponse:
        """Compare the inputs with the resource as it was last read, by meaning."""
        del old_inputs  # what AWS held last is in the outputs
        resource_type = type_of(resource.token)
        found: list[Difference] = []
        for name, definition in resource_type.properties.items():
            old, new = old_outputs.get(name), news.get(name)
            if new is None and (definition.computed or is_empty(old)):
                continue
            if (is_empty(new) and is_empty(old)) or definition.same(old, new):
                continue
            changed = _changes(name, old, new)
            replaces = definition.replaces and definition.replaces_if(old, new)
            found += [item.replacing() for item in changed] if replaces else changed
        if resource_type.tags:
            for name in ("tags", "tagsAll"):
                found += _changes(name, old_outputs.get(name) or {}, news.get(name) or {})
        if resource_type.regional and old_outputs.get("region") != self._calls().region(news):
            found.append(Difference(("region",), PropertyDiffKind.UPDATE, replaces=True))
        return diff_response(
            found,
            delete_before_replace=resource_type.delete_before_replace
            or _keeps_its_name(resource_type, old_outputs, news),
        )

    def create_resource(self, resource: Resource, inputs: Object) -> tuple[str, Object]:
        """Create it, then write what the creating operation does not take, then read it.

        Raises:
            InitializationFailedError: It was created, and a later step failed.
        """
        resource_type = type_of(resource.token)
        name = str(inputs.get("name") or inputs.get("repository") or inputs.get("role") or "")
        doing = f"creating {resource_type.label}" + (f" ({name})" if name else "")
        calls = self._calls(resource_type.timeouts.create, custom=resource_type.timeouts.custom)
        response = calls.call(resource_type, resource_type.create, inputs, doing)
        try:
            resource_id = resource_type.identify(inputs, response)
        except LookupError as error:
            raise ProviderError(f"{doing}: empty result") from error
        try:
            held = self._read(resource_type, resource_id, inputs) if resource_type.adopts else None
            values = {**inputs, "id": resource_id, "old": held.outputs if held else {}}
            calls.run(resource_type, resource_type.after_create, values, doing)
            if resource_type.tags and resource_type.tags.at_create:
                self._update_tags(calls, resource_type, resource_type.tags, values, doing)
            for update in resource_type.updates:
                if update.at_create(values):
                    calls.run(resource_type, update.steps, values, doing)
            found = self._read(resource_type, resource_id, inputs)
        except ProviderError as error:
            now = self._state_after_a_failure(resource_type, resource_id, inputs)
            raise InitializationFailedError(str(error), resource_id, inputs, now) from error
        if found is None:
            reason = f"{doing}: it was created and is gone again"
            raise InitializationFailedError(reason, resource_id, inputs, inputs)
        return resource_id, found.outputs

    def preview_resource(self, resource: Resource, inputs: Object, olds: Object | None) -> Object:
        """The inputs, what an update keeps, and unknown for what AWS decides."""
        resource_type = type_of(resource.token)
        known: Object = {name: value for name, value in inputs.items() if name != DEFAULTS}
        if resource_type.regional:
            known["region"] = self._calls().region(inputs)
        outputs: Object = {}
        read = {name for read in resource_type.reads for name in read.values}
        for name in sdk_types.properties(resource_type.state_class):
            if name in known:
                outputs[name] = known[name]
            elif name in resource_type.unsupported and name not in read:
                continue
            elif name not in resource_type.properties and name != "tags":
                stable = olds is not None and name in resource_type.stable and name in olds
                outputs[name] = olds[name] if olds is not None and stable else UNKNOWN
            elif name in resource_type.properties and resource_type.properties[name].computed:
                outputs[name] = olds[name] if olds is not None and name in olds else UNKNOWN
        return outputs

    def read_resource(
        self, resource: Resource, resource_id: str, inputs: Object, outputs: Object
    ) -> State | None:
        """Read it; the inputs become what AWS has now, which is how a refresh shows drift."""
        resource_type = type_of(resource.token)
        state = self._read(resource_type, resource_id, {**outputs, **inputs})
        if state is None:
            return None
        found = state.outputs
        if inputs:
            refreshed = {
                name: found[name] if name in resource_type.properties else value
                for name, value in inputs.items()
                if name in found or name not in resource_type.properties
            }
            # What was left out stays out only as long as AWS holds nothing there.
            for name, definition in resource_type.properties.items():
                drifted = not (is_empty(found.get(name)) or definition.computed)
                if name not in inputs and drifted and found[name] != outputs.get(name):
                    refreshed[name] = found[name]
        else:
            refreshed = inputs_of.imported(resource_type, found)
        if resource_type.tags:
            refreshed["tagsAll"] = found["tagsAll"]
            refreshed.pop("tags", None)
            if found["tags"]:
                refreshed["tags"] = found["tags"]
        return State(state.resource_id, refreshed, found)

    def update_resource(
        self,
        resource: Resource,
        resource_id: str,
        old_inputs: Object,
        old_outputs: Object,
        news: Object,
    ) -> Object:
        """Write the properties that changed, by the operations that write them, then read.

        Raises:
            InitializationFailedError: Some of it may have been written.
        """
        resource_type = type_of(resource.token)
        doing = f"updating {resource_type.label} ({resource_id})"
        changes = self.diff_resource(resource, old_inputs, old_outputs, news).diffs
        kept = {
            name: value
            for name, value in old_outputs.items()
            if name not in resource_type.properties or resource_type.properties[name].computed
        }
        values = {**kept, **news, "id": resource_id, "old": old_outputs}
        calls = self._calls(resource_type.timeouts.update, custom=resource_type.timeouts.custom)
        try:
            for update in resource_type.updates:
                if update.properties.intersection(changes):
                    calls.run(resource_type, update.steps, values, doing)
            if resource_type.tags and "tagsAll" in changes:
                self._update_tags(calls, resource_type, resource_type.tags, values, doing)
            found = self._read(resource_type, resource_id, values)
        except ProviderError as error:
            now = self._state_after_a_failure(resource_type, resource_id, old_outputs)
            raise InitializationFailedError(str(error), resource_id, news, now) from error
        if found is None:
            raise ProviderError(f"{doing}: it is gone; run `pulumi refresh`")
        return found.outputs

    def delete_resource(self, resource: Resource, resource_id: str, outputs: Object) -> None:
        """Delete it; when AWS says it is not there, that is what was wanted."""
        resource_type = type_of(resource.token)
        found = self._read(resource_type, resource_id, outputs)
        if found is None:
            return
        resource_id = found.resource_id
        values = {**_parsed(resource_type, resource_id), **outputs, "id": resource_id}
        calls = self._calls(resource_type.timeouts.delete, custom=resource_type.timeouts.custom)
        doing = f"deleting {resource_type.label} ({resource_id})"
        try:
            calls.run(resource_type, resource_type.delete, values, doing)
        except ProviderError as error:
            if cause_code(error) not in resource_type.not_found:
                raise

    def call_function(self, token: str, arguments: Object) -> Object:
        """Answer one of the invokes the tables name."""
        return invokes.call(token, arguments, self.clients, self.configuration())

    def _state_after_a_failure(
        self, resource_type: ResourceType, resource_id: str, known: Object
    ) -> Object:
        """What there is now, or what was known when that cannot be read either."""
        try:
            found = self._read(resource_type, resource_id, known)
        except ProviderError:
            return known
        return found.outputs if found else known

    def _calls(self, seconds: float = 0.0, *, custom: bool = False) -> Calls:
        """Calls that wait as long as the program says, or as the type does."""
        call = CURRENT_CALL.get()
        patience = Patience(
            call.timeout if custom and call.timeout else seconds,
            self.clients.closing,
            call.cancelled,
        )
        return Calls(self.clients, self.configuration(), patience)

    def _update_tags(
        self, calls: Calls, resource_type: ResourceType, tags: Tags, values: Object, doing: str
    ) -> None:
        new: Object = values["tagsAll"]
        old = as_object(values["old"].get("tagsAll")) or {}
        removed = sorted(old.keys() - new.keys())
        written = {key: value for key, value in new.items() if old.get(key) != value}
        if removed:
            calls.call(resource_type, tags.untag, {**values, "tagKeysToRemove": removed}, doing)
        if written:
            calls.call(resource_type, tags.tag, {**values, "tagsToSet": written}, doing)

    def _read(self, resource_type: ResourceType, resource_id: str, known: Object) -> Found | None:
        """All properties as AWS has them, or None when it is gone.

        A value that means the same as the known one keeps its text; what AWS does not hold keeps
        its known value.
        """
        values: Object = {name: known[name] for name in resource_type.keys & known.keys()}
        values |= {**_parsed(resource_type, resource_id), "id": resource_id}
        calls = self._calls()
        values["region"] = calls.region(known)
        doing = f"reading {resource_type.label} ({resource_id})"
        try:
            for read in resource_type.reads:
                response = calls.call(resource_type, read.call, values, doing, pages=True)
                selected = read.select(response, values)
                if selected is None:
                    return None
                for name, source in read.values.items():
                    values[name] = (
                        selected.get(source) if isinstance(source, str) else source(selected)
                    )
        except ProviderError as error:
            if cause_code(error) in resource_type.not_found:
                return None
            raise
        if resource_type.arn:
            values["arn"] = calls.arn(resource_type, values, resource_type.arn.format(**values))
        values |= {name: one.value for name, one in resource_type.fixed.items()}
        for name, definition in resource_type.properties.items():
            same_text = name in known and definition.same(values.get(name), known[name])
            if definition.local or (same_text and not is_empty(known[name])):
                values[name] = known.get(name, definition.default)
        if resource_type.tags:
            own = cast("Object", known.get("tags") or {})
            defaults = self.configuration().default_tags
            values["tags"] = {
                key: value
                for key, value in values["tagsAll"].items()
                if key in own or defaults.get(key) != value
            }
        names = sdk_types.properties(resource_type.state_class)
        outputs = {
            name: value
            for name, value in values.items()
            if name in names
            and value is not None
            and not (name == "region" and not resource_type.regional)
        }
        return Found(str(values["id"]), outputs)


def _keeps_its_name(resource_type: ResourceType, old_outputs: Object, news: Object) -> bool:
    """Whether a replacement would clash with the old one: its name was given, and stays.

    terraform-bridge: nameRequiresDeleteBeforeReplace.
    """
    if resource_type.auto_name is None:
        return False
    name = resource_type.auto_name.property
    return name not in news.get(DEFAULTS, []) and old_outputs.get(name) == news.get(name)


def _changes(name: str, old: Json, new: Json) -> list[Difference]:
    before = {} if old is None else {name: old}
    after = {} if new is None else {name: new}
    return differences(before, after)


def _parsed(resource_type: ResourceType, resource_id: str) -> Object:
    try:
        return resource_type.parse_id(resource_id)
    except ValueError as error:
        raise ProviderError(str(error)) from error
