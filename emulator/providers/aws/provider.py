"""The engine behind the tables: it checks, compares, makes and changes as pulumi-aws does."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError, ParamValidationError
from pulumi.provider.experimental.provider import DiffResponse, PropertyDiffKind
from pulumi_aws import provider as sdk_provider

from emulator.providers import sdk_types
from emulator.providers.aws import ecr, iam, invokes, kms
from emulator.providers.aws.table import Call, ForEach, Parameter, ResourceType
from emulator.providers.clients import error_code, service_error
from emulator.providers.differences import Difference, diff_response, differences
from emulator.providers.errors import InitializationFailedError, ProviderError, did_you_mean
from emulator.providers.provider import Resource, ResourceProvider, State
from emulator.providers.sdk_types import Failure
from emulator.providers.values import UNKNOWN, Json, Object, as_object, has_unknown, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.providers.aws.table import Response, Step, Tags

TYPES: dict[str, ResourceType] = {
    resource_type.token: resource_type
    for resource_type in (
        ecr.REPOSITORY,
        ecr.LIFECYCLE_POLICY,
        ecr.REPOSITORY_POLICY,
        iam.ROLE,
        iam.ROLE_POLICY,
        iam.ROLE_POLICY_ATTACHMENT,
        iam.POLICY,
        kms.KEY,
        kms.ALIAS,
    )
}

DEFAULTS = "__defaults"
"""Where pulumi-aws records which inputs it filled in: a name among them was made, not given."""

RANDOM_DIGITS = 7
EMPTY: tuple[Json, ...] = (None, "", False, [], {})
REGION_REPLACES = "terraform-provider-aws: the region of a resource is ForceNew"


class AwsProvider(ResourceProvider):
    """The provider `aws` for one account."""

    package = "aws"
    args_class = sdk_provider.ProviderArgs
    account_not_allowed = "AWS account ID not allowed: {account}"

    def check_resource(
        self, resource: Resource, olds: Object, news: Object, random_seed: bytes
    ) -> tuple[Object, Sequence[Failure]]:
        """Fill in tags, name and defaults; then check names and shapes of all properties."""
        resource_type = _type_of(resource)
        inputs = {name: _as_text(resource_type, name, value) for name, value in news.items()}
        # The engine checks its recorded inputs again on a refresh of the program.
        inputs = {name: inputs[name] for name in inputs if name not in {DEFAULTS, "tagsAll"}}
        failures = sdk_types.check(resource.token, resource_type.args_class, inputs)
        failures += [
            Failure(
                name,
                f'"{name}" of {resource.token} is not supported by the offline AWS: {way_out}',
            )
            for name, way_out in resource_type.unsupported.items()
            if name in inputs
        ]
        filled = [
            name
            for name, definition in resource_type.properties.items()
            if definition.default is not None and name not in inputs
        ]
        for name in filled:
            inputs[name] = resource_type.properties[name].default
        if resource_type.auto_name and resource_type.auto_name.property not in inputs:
            name = resource_type.auto_name.property
            filled.append(name)
            try:
                inputs[name] = _auto_name(resource_type, resource, olds, random_seed)
            except ValueError as error:
                failures.append(Failure(name, str(error)))
        if resource_type.tags:
            inputs["tagsAll"] = self._all_tags(inputs.get("tags", {}))
        inputs[DEFAULTS] = sorted(filled)
        return inputs, failures

    def _all_tags(self, tags: Json) -> Json:
        if has_unknown(tags):
            return UNKNOWN
        return {**self.configuration().default_tags, **(as_object(tags) or {})}

    def diff_resource(
        self, resource: Resource, old_inputs: Object, old_outputs: Object, news: Object
    ) -> DiffResponse:
        """Compare the inputs with the resource as it was last read, by meaning."""
        del old_inputs  # what AWS held last is in the outputs
        resource_type = _type_of(resource)
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
        if resource_type.regional and old_outputs.get("region") != self._region(news):
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
        resource_type = _type_of(resource)
        name = str(inputs.get("name") or inputs.get("repository") or inputs.get("role") or "")
        doing = (
            f"creating {resource_type.label} ({name})"
            if name
            else (f"creating {resource_type.label}")
        )
        response = self._call(resource_type, resource_type.create, inputs, doing)
        resource_id = resource_type.identify(inputs, response)
        values = {**inputs, "id": resource_id}
        try:
            for update in resource_type.updates:
                if update.at_create(inputs):
                    self._run_steps(resource_type, update.steps, values, doing)
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
        resource_type = _type_of(resource)
        known: Object = {name: value for name, value in inputs.items() if name != DEFAULTS}
        if resource_type.regional:
            known["region"] = self._region(inputs)
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
        resource_type = _type_of(resource)
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
            refreshed = _imported_inputs(resource_type, found)
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
        resource_type = _type_of(resource)
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
                    self._run_steps(resource_type, update.steps, values, doing)
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
        resource_type = _type_of(resource)
        values = {**_parsed(resource_type, resource_id), **outputs, "id": resource_id}
        if self._read(resource_type, resource_id, outputs) is None:
            return
        try:
            self._run_steps(
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

    def _region(self, values: Object) -> str:
        return str(values.get("region") or self.configuration().region)

    def _update_tags(
        self, resource_type: ResourceType, tags: Tags, values: Object, old: Object, doing: str
    ) -> None:
        new: Object = values["tagsAll"]
        removed = sorted(old.keys() - new.keys())
        written = {key: value for key, value in new.items() if old.get(key) != value}
        if removed:
            self._call(resource_type, tags.untag, {**values, "tagKeysToRemove": removed}, doing)
        if written:
            self._call(resource_type, tags.tag, {**values, "tagsToSet": written}, doing)

    def _read(self, resource_type: ResourceType, resource_id: str, known: Object) -> Object | None:
        """All properties as AWS has them, or None when it is gone.

        A value that means the same as the known one keeps its text; what AWS does not hold keeps
        its known value.
        """
        values: Object = {**_parsed(resource_type, resource_id), "id": resource_id}
        values["region"] = self._region(known)
        try:
            for read in resource_type.reads:
                response = self._call(
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

    def _run_steps(
        self, resource_type: ResourceType, steps: Iterable[Step], values: Object, doing: str
    ) -> None:
        for step in steps:
            if not step.when(values):
                continue
            if isinstance(step, ForEach):
                listed = self._call(resource_type, step.listing, values, doing, pages=True)
                for item in step.items(listed):
                    self._call(resource_type, step.call, {**values, **item}, doing)
            else:
                self._call(resource_type, step, values, doing)

    def _call(
        self,
        resource_type: ResourceType,
        call: Call,
        values: Object,
        doing: str,
        *,
        pages: bool = False,
    ) -> Response:
        settings = self.configuration()
        client = self.clients.get(
            resource_type.service, self._region(values), settings.max_attempts
        )
        parameters = {
            name: value
            for name, source in call.parameters.items()
            if (value := _parameter(source, values)) is not None
        }
        try:
            if pages and client.can_paginate(call.operation):
                paginator: Any = client.get_paginator(call.operation)
                return paginator.paginate(**parameters).build_full_result()
            return getattr(client, call.operation)(**parameters)
        except ClientError as error:
            service = client.meta.service_model.service_id
            raise ProviderError(f"{doing}: {service_error(service, error)}") from error
        except ParamValidationError as error:
            raise ProviderError(f"{doing}: {error}") from error


def _type_of(resource: Resource) -> ResourceType:
    if resource.token not in TYPES:
        raise ProviderError(
            f'resource type "{resource.token}" is not supported by the offline AWS\'s "aws" '
            f"provider{did_you_mean(resource.token, TYPES)} (supported are {', '.join(TYPES)})"
        )
    return TYPES[resource.token]


def _as_text(resource_type: ResourceType, name: str, value: Json) -> Json:
    """A document given as an object, as the JSON text it stands for (TransformJSONDocument)."""
    known = sdk_types.properties(resource_type.args_class).get(name)
    if known is not None and known.kind == "document" and isinstance(value, dict):
        return UNKNOWN if has_unknown(value) else json.dumps(value)
    return value


def _auto_name(
    resource_type: ResourceType, resource: Resource, olds: Object, random_seed: bytes
) -> str:
    auto_name = resource_type.auto_name
    if auto_name is None:
        raise ValueError(f"{resource_type.token} has no automatic name")
    if auto_name.property in olds and auto_name.property in olds.get(DEFAULTS, []):
        return olds[auto_name.property]
    if len(resource.name) + 1 + RANDOM_DIGITS > auto_name.max_length:
        raise ValueError(
            f"name '{resource.name}-' plus {RANDOM_DIGITS} random chars is longer than maximum "
            f"length {auto_name.max_length}; give `{auto_name.property}`"
        )
    digits = (
        hashlib.sha256(random_seed).hexdigest() if random_seed else secrets.token_hex(RANDOM_DIGITS)
    )
    name = f"{resource.name}-{digits[:RANDOM_DIGITS]}"
    return name if name.startswith(auto_name.prefix) else auto_name.prefix + name


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


def _imported_inputs(resource_type: ResourceType, found: Object) -> Object:
    inputs: Object = {
        name: found[name]
        for name in resource_type.properties
        if name in found and found[name] not in EMPTY
    }
    inputs[DEFAULTS] = []
    return inputs


def _parsed(resource_type: ResourceType, resource_id: str) -> Object:
    try:
        return resource_type.parse_id(resource_id)
    except ValueError as error:
        raise ProviderError(str(error)) from error


def _parameter(source: Parameter, values: Object) -> Json:
    value = values.get(source) if isinstance(source, str) else source(values)
    return None if is_unknown(value) else value
