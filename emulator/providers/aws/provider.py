"""The engine behind the tables: it checks, compares, makes and changes as pulumi-aws does."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError
from pulumi.provider.experimental.provider import DiffResponse, PropertyDiffKind
from pulumi_aws import provider as sdk_provider

from emulator.providers import sdk_types
from emulator.providers.aws import inputs as inputs_of
from emulator.providers.aws import invokes
from emulator.providers.aws.calls import Calls
from emulator.providers.aws.inputs import DEFAULTS, EMPTY
from emulator.providers.aws.types import type_of
from emulator.providers.clients import error_code
from emulator.providers.differences import Difference, diff_response, differences
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.provider import Resource, ResourceProvider, State
from emulator.providers.values import UNKNOWN, Json, Object, as_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.providers.aws.table import ResourceType, Tags
    from emulator.providers.sdk_types import Failure


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
            if new is None and (definition.computed or old in EMPTY):
                continue
            if (new in EMPTY and old in EMPTY) or definition.same(old, new):
                continue
            changed = _changes(name, old, new)
            found += [item.replacing() for item in changed] if definition.replaces else changed
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
        response = self._calls().call(resource_type, resource_type.create, inputs, doing)
        resource_id = resource_type.identify(inputs, response)
        values = {**inputs, "id": resource_id}
        try:
            for update in resource_type.updates:
                if update.at_create(inputs):
                    self._calls().run(resource_type, update.steps, values, doing)
            outputs = self._read(resource_type, resource_id, inputs)
        except ProviderError as error:
            now = self._state_after_a_failure(resource_type, resource_id, inputs)
            raise InitializationFailedError(str(error), resource_id, inputs, now) from error
        if outputs is None:
            reason = f"{doing}: it was created and is gone again"
            raise InitializationFailedError(reason, resource_id, inputs, inputs)
        return resource_id, outputs

    def preview_resource(self, resource: Resource, inputs: Object, olds: Object | None) -> Object:
        """The inputs, what an update keeps, and unknown for what AWS decides."""
        resource_type = type_of(resource.token)
        known: Object = {name: value for name, value in inputs.items() if name != DEFAULTS}
        if resource_type.regional:
            known["region"] = self._calls().region(inputs)
        outputs: Object = {}
        for name in sdk_types.properties(resource_type.state_class):
            if name in known:
                outputs[name] = known[name]
            elif name in resource_type.unsupported:
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
        found = self._read(resource_type, resource_id, {**outputs, **inputs})
        if found is None:
            return None
        if inputs:
            refreshed = {
                name: found[name] if name in resource_type.properties else value
                for name, value in inputs.items()
                if name in found or name not in resource_type.properties
            }
            # What was left out stays out only as long as AWS holds nothing there.
            for name, definition in resource_type.properties.items():
                drifted = name in found and found[name] not in EMPTY and not definition.computed
                if name not in inputs and drifted and found[name] != outputs.get(name):
                    refreshed[name] = found[name]
        else:
            refreshed = inputs_of.imported(resource_type, found)
        if resource_type.tags:
            refreshed["tagsAll"] = found["tagsAll"]
            refreshed.pop("tags", None)
            if found["tags"]:
                refreshed["tags"] = found["tags"]
        return State(resource_id, refreshed, found)

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
        values = {**kept, **news, "id": resource_id}
        try:
            for update in resource_type.updates:
                if update.properties.intersection(changes):
                    self._calls().run(resource_type, update.steps, values, doing)
            if resource_type.tags and "tagsAll" in changes:
                old_tags = as_object(old_outputs.get("tagsAll")) or {}
                self._update_tags(resource_type, resource_type.tags, values, old_tags, doing)
            outputs = self._read(resource_type, resource_id, values)
        except ProviderError as error:
            now = self._state_after_a_failure(resource_type, resource_id, old_outputs)
            raise InitializationFailedError(str(error), resource_id, news, now) from error
        if outputs is None:
            raise ProviderError(f"{doing}: it is gone; run `pulumi refresh`")
        return outputs

    def delete_resource(self, resource: Resource, resource_id: str, outputs: Object) -> None:
        """Delete it; when AWS says it is not there, that is what was wanted."""
        resource_type = type_of(resource.token)
        values = {**_parsed(resource_type, resource_id), **outputs, "id": resource_id}
        if self._read(resource_type, resource_id, outputs) is None:
            return
        try:
            self._calls().run(
                resource_type,
                resource_type.delete,
                values,
                f"deleting {resource_type.label} ({resource_id})",
            )
        except ProviderError as error:
            cause = error.__cause__
            if not (
                isinstance(cause, ClientError) and error_code(cause) in resource_type.not_found
            ):
                raise

    def call_function(self, token: str, arguments: Object) -> Object:
        """Answer one of the invokes the tables name."""
        return invokes.call(token, arguments, self.clients, self.configuration())

    def _state_after_a_failure(
        self, resource_type: ResourceType, resource_id: str, known: Object
    ) -> Object:
        """What there is now, or what was known when that cannot be read either."""
        try:
            return self._read(resource_type, resource_id, known) or known
        except ProviderError:
            return known

    def _calls(self) -> Calls:
        return Calls(self.clients, self.configuration())

    def _update_tags(
        self, resource_type: ResourceType, tags: Tags, values: Object, old: Object, doing: str
    ) -> None:
        new: Object = values["tagsAll"]
        removed = sorted(old.keys() - new.keys())
        written = {key: value for key, value in new.items() if old.get(key) != value}
        if removed:
            self._calls().call(
                resource_type, tags.untag, {**values, "tagKeysToRemove": removed}, doing
            )
        if written:
            self._calls().call(resource_type, tags.tag, {**values, "tagsToSet": written}, doing)

    def _read(self, resource_type: ResourceType, resource_id: str, known: Object) -> Object | None:
        """All properties as AWS has them, or None when it is gone.

        A value that means the same as the known one keeps its text; what AWS does not hold keeps
        its known value.
        """
        values: Object = {**_parsed(resource_type, resource_id), "id": resource_id}
        values["region"] = self._calls().region(known)
        try:
            for read in resource_type.reads:
                response = self._calls().call(
                    resource_type, read.call, values, f"reading {resource_type.label}", pages=True
                )
                selected = read.select(response, values)
                if selected is None:
                    return None
                for name, source in read.values.items():
                    values[name] = (
                        selected.get(source) if isinstance(source, str) else source(selected)
                    )
        except ProviderError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) in resource_type.not_found:
                return None
            raise
        for name, definition in resource_type.properties.items():
            same_text = name in known and definition.same(values.get(name), known[name])
            if definition.local or (same_text and known[name] not in EMPTY):
                values[name] = known.get(name, definition.default)
        if resource_type.tags:
            own = cast("Object", known.get("tags") or {})
            defaults = self.configuration().default_tags
            values["tags"] = {
                key: value
                for key, value in values["tagsAll"].items()
                if key in own or defaults.get(key) != value
            }
        outputs = sdk_types.properties(resource_type.state_class)
        return {
            name: value
            for name, value in values.items()
            if name in outputs
            and value is not None
            and not (name == "region" and not resource_type.regional)
        }


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
