"""The provider `aws-native`: every CloudFormation type, by the same code, through Cloud Control.

Which types exist, and what they accept, is decided by the service behind the API. Extension
resources, custom resources and most invokes of the real plugin are not supported.
"""

from __future__ import annotations

import copy
import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from pulumi_aws_native import provider as sdk_provider

from emulator.providers.aws_native import baseline, input_check
from emulator.providers.aws_native.casing import sdk_name
from emulator.providers.aws_native.cloud_control import CloudControl, OperationFailedError
from emulator.providers.aws_native.schemas import ResourceSchema, resource_schema
from emulator.providers.differences import Difference, diff_response, differences
from emulator.providers.errors import InitializationFailedError, ProviderError
from emulator.providers.provider import Resource, ResourceProvider, State
from emulator.providers.sdk_types import Failure
from emulator.providers.values import UNKNOWN, Json, Object, as_list, as_object, is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi.provider.experimental.provider import DiffResponse

RANDOM_DIGITS = 7
AWS_TAG_PREFIX = "aws:"
GET = "get"
"""What the name of a function begins with that gets a resource; the rest is the type's."""


class AwsNativeProvider(ResourceProvider):
    """The provider `aws-native` for one account."""

    package = "aws-native"
    args_class = sdk_provider.ProviderArgs
    account_not_allowed = "account ID not allowed ({account})"

    def check_resource(
        self, resource: Resource, olds: Object, news: Object, random_seed: bytes
    ) -> tuple[Object, Sequence[Failure]]:
        """Fill in a name and default tags, then check names and shapes of all properties."""
        schema = self._schema(resource)
        inputs = dict(news)
        failures: list[Failure] = []
        name = schema.auto_named
        if name is not None and name not in inputs:
            try:
                inputs[name] = olds.get(name) or _auto_name(schema, name, resource, random_seed)
            except ValueError as error:
                failures.append(Failure(name, str(error)))
        tags = schema.tags_property
        default_tags = self.configuration().default_tags
        if tags is not None and default_tags and not is_unknown(inputs.get(tags)):
            inputs[tags] = _with_default_tags(schema, inputs.get(tags), default_tags)
        return inputs, [*failures, *input_check.check(schema, inputs)]

    def diff_resource(
        self, resource: Resource, old_inputs: Object, old_outputs: Object, news: Object
    ) -> DiffResponse:
        """Compare the inputs with AWS's state; a create-only difference replaces.

        A replacement deletes first: the real plugin always says so, since physical names clash.
        """
        schema = self._schema(resource)
        old = baseline.owned(schema, old_outputs, old_inputs, news)
        found = [
            item.replacing() if _is_create_only(schema, item) else item
            for name in sorted({*old, *news})
            if name in schema.inputs and not _equal(schema, name, old, news)
            for item in differences(
                {name: old[name]} if name in old else {},
                {name: news[name]} if name in news else {},
            )
        ]
        return diff_response(found, delete_before_replace=True)

    def create_resource(self, resource: Resource, inputs: Object) -> tuple[str, Object]:
        """Create it and read it back.

        Raises:
            InitializationFailedError: The operation failed and left a resource behind.
        """
        schema, cloud_control = self._schema(resource), self._cloud_control()
        failure: OperationFailedError | None = None
        try:
            identifier = cloud_control.create(schema.name, schema.to_cloud_formation(inputs))
        except OperationFailedError as error:
            if error.identifier is None or error.error_code == "AlreadyExists":
                raise ProviderError(f"creating resource: {error}") from error
            failure, identifier = error, error.identifier
        except ProviderError as error:
            raise ProviderError(f"creating resource: {error}") from error
        read = cloud_control.read if failure else cloud_control.read_new
        state = read(schema.name, identifier)
        if state is None:
            raise ProviderError(
                f"creating resource (await): {failure}"
                if failure
                else f"reading resource state: {identifier} was created and is gone again"
            )
        outputs = self._outputs(schema, state, inputs)
        if failure is not None:
            raise InitializationFailedError(str(failure), identifier, inputs, outputs)
        return identifier, outputs

    def preview_resource(self, resource: Resource, inputs: Object, olds: Object | None) -> Object:
        """The inputs, what an update keeps, and unknown for what AWS decides."""
        schema = self._schema(resource)
        outputs = copy.deepcopy(inputs)
        for path in schema.read_only:
            if "*" in path:
                continue
            target: Object = outputs
            for step in path[:-1]:
                target = as_object(target.get(step)) or {}
            if len(path) == 1 or target:
                target[path[-1]] = _stable(schema, path, olds)
        return outputs

    def read_resource(
        self, resource: Resource, resource_id: str, inputs: Object, outputs: Object
    ) -> State | None:
        """Read it; the inputs become AWS's state, as far as the program owns it."""
        del outputs
        schema = self._schema(resource)
        state = self._cloud_control().read(schema.name, resource_id)
        if state is None:
            return None
        found = self._outputs(schema, state, inputs)
        if not inputs:
            return State(resource_id, baseline.writable(schema, found), found)
        now = baseline.owned(schema, found, inputs)
        refreshed = {
            name: inputs[name] if _equal(schema, name, inputs, now) else value
            for name, value in now.items()
        }
        return State(resource_id, refreshed, found)

    def update_resource(
        self,
        resource: Resource,
        resource_id: str,
        old_inputs: Object,
        old_outputs: Object,
        news: Object,
    ) -> Object:
        """Patch the properties that differ from AWS's state, and read it back."""
        schema, cloud_control = self._schema(resource), self._cloud_control()
        old = baseline.owned(schema, old_outputs, old_inputs, news)
        # An empty patch is sent too: the engine asks for an update without a difference when the
        # creation had failed half-way, and the service decides what becomes of the resource.
        cloud_control.update(schema.name, resource_id, _patch(schema, old, news))
        state = cloud_control.read(schema.name, resource_id)
        if state is None:
            raise ProviderError(f"reading resource state: {resource_id} is gone")
        return self._outputs(schema, state, news)

    def delete_resource(self, resource: Resource, resource_id: str, outputs: Object) -> None:
        """Delete it and wait until it is gone."""
        del outputs
        self._cloud_control().delete(self._schema(resource).name, resource_id)

    def call_function(self, token: str, arguments: Object) -> Object:
        """Answer the function that gets a type's resource by its primary identifier.

        The plugin's other functions are not supported (provider.go: getInvokeFunc).
        """
        package, module, name = token.split(":")
        if not name.startswith(GET):
            raise ProviderError(
                f'function "{token}" is not supported by the offline AWS\'s "aws-native" provider'
            )
        of_type = f"{package}:{module}:{name.removeprefix(GET)}"
        schema = resource_schema(of_type, self.configuration().region)
        identifier = "|".join(_identifiers(schema, token, arguments))
        state = self._cloud_control().read(schema.name, identifier)
        if state is None:
            raise ProviderError("resource not found")
        return schema.to_sdk(state)

    def _schema(self, resource: Resource) -> ResourceSchema:
        return resource_schema(resource.token, self.configuration().region)

    def _cloud_control(self) -> CloudControl:
        settings = self.configuration()
        client: Any = self.clients.get("cloudcontrol", settings.region, settings.max_attempts)
        return CloudControl(client, self.clients.closing, settings.max_attempts)

    def _outputs(self, schema: ResourceSchema, state: Object, inputs: Object) -> Object:
        outputs = schema.to_sdk(state)
        baseline.with_write_only(schema, outputs, inputs)
        return outputs


def _identifiers(schema: ResourceSchema, token: str, arguments: Object) -> list[str]:
    """The parts of a resource's identifier, out of a function's arguments."""
    for name in arguments:
        if name not in schema.identifiers:
            raise ProviderError(f'argument "{name}" of {token} is not supported by the offline AWS')
    for name in schema.identifiers:
        if name not in arguments:
            raise ProviderError(f'missing identifier property "{name}"')
        if not isinstance(arguments[name], str):
            kind = type(arguments[name]).__name__
            raise ProviderError(
                f'identifier property "{name}", expected type string, found "{kind}"'
            )
    return [arguments[name] for name in schema.identifiers]


def _auto_name(schema: ResourceSchema, name: str, resource: Resource, seed: bytes) -> str:
    longest = next(
        (part["maxLength"] for part in schema.inputs[name].shape.resolved if "maxLength" in part), 0
    )
    left = longest - len(resource.name) - 1 if longest else RANDOM_DIGITS
    if left <= 0:
        raise ValueError(
            f'failed to auto-generate value for "{name}". Prefix: "{resource.name}-" is too large '
            f'to fix max length constraint of {longest}. Please provide a value for "{name}"'
        )
    digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(RANDOM_DIGITS)
    return f"{resource.name}-{digits[: min(left, RANDOM_DIGITS)]}"


def _with_default_tags(schema: ResourceSchema, tags: Json, default_tags: Mapping[str, str]) -> Json:
    """Tags with the defaults for missing keys; a map or a list, as the type has them."""
    shape = schema.properties[schema.tags_property or ""].shape
    if shape.kind == "map":
        return {**default_tags, **(as_object(tags) or {})}
    listed = as_list(tags) or []
    given = {tag.get("key") for tag in listed}
    return listed + [
        {"key": key, "value": value}
        for key, value in sorted(default_tags.items())
        if key not in given
    ]


def _equal(schema: ResourceSchema, name: str, old: Object, new: Object) -> bool:
    """Whether a property is the same; tags AWS adds by itself do not count."""
    if (name in old) != (name in new):
        return False
    left, right = old[name], new[name]
    if name == schema.tags_property:
        left, right = _own_tags(left), _own_tags(right)
    return baseline.equivalent(schema.inputs[name].shape, left, right)


def _own_tags(tags: Json) -> Json:
    if (mapped := as_object(tags)) is not None:
        return {key: mapped[key] for key in mapped if not key.startswith(AWS_TAG_PREFIX)}
    if (listed := as_list(tags)) is not None:
        return [tag for tag in listed if not str(tag.get("key", "")).startswith(AWS_TAG_PREFIX)]
    return tags


def _is_create_only(schema: ResourceSchema, difference: Difference) -> bool:
    """Whether the difference lies in, or holds, a create-only place."""
    path = ["*" if isinstance(step, int) else step for step in difference.path]
    return any(
        all(left == right for left, right in zip(path, create_only, strict=False))
        for create_only in schema.create_only
    )


def _patch(schema: ResourceSchema, old: Object, news: Object) -> list[dict[str, Json]]:
    """The operations that change the old state to the new, one for each differing property.

    A property with something write-only in it is always sent, because Cloud Control cannot see the
    current value; as an addition where it is the same (pulumi-aws-native, resources/patching.go).
    """
    always_sent = {path[0] for path in schema.write_only - schema.create_only}
    patch: list[dict[str, Json]] = []
    for name in sorted({*old, *news}):
        if name not in schema.inputs:
            continue
        member = schema.inputs[name]
        path = f"/{member.name}"
        if name not in news:
            patch.append({"op": "remove", "path": path})
        elif not (same := _equal(schema, name, old, news)) or name in always_sent:
            value = schema.to_cloud_formation({name: news[name]})[member.name]
            op = "add" if same or name not in old else "replace"
            patch.append({"op": op, "path": path, "value": value})
    return patch


def _stable(schema: ResourceSchema, path: tuple[str, ...], olds: Object | None) -> Json:
    """A read-only value before an update: known only if its name says that it never changes.

    The heuristic of pulumi-aws-native, provider/pkg/outputs/previewOutputs.go.
    """
    kind = sdk_name(schema.type_name)
    stable = {f"{kind}Name", f"{kind}Id", f"{kind}Arn"}
    if len(path) == 1:
        stable |= {"name", "id", "arn"}
    if olds is None or path[-1] not in stable:
        return UNKNOWN
    value: Json = olds
    for step in path:
        value = (as_object(value) or {}).get(step, UNKNOWN)
    return value
