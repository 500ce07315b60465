"""Resources of `aws`, written as the JSON of a Terraform plan.

`aws` is Terraform's provider in other words: its modules are folders that Terraform does not have,
its properties are camel case, and what Terraform repeats as a block is a list with a plural name.
Types of `aws-native` have no equal there and are left out.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from agentcore_policies.model import Resource, Unknown, Value

JsonObject = dict[str, Any]

_SINGULAR: Final = {
    "appliedFors": "applied_for",
    "encryptionConfigurations": "encryption_configuration",
}
_RENAMED: Final = {"iam/sshKey": "iam_user_ssh_key"}
# Terraform has them, and Checkov's list of its types does not yet.
_NEWER: Final = frozenset({"aws:bedrock/agentcoreHarness:AgentcoreHarness"})
# Their keys are the user's and no names of properties.
_MAPS: Final = frozenset({"dimensions", "tags", "tagsAll"})


def is_written(resource: Resource) -> bool:
    """Whether Terraform has the type."""
    return resource.type.startswith("aws:") and resource.type not in _NEWER


def address(case: str, urn: str) -> str:
    """How a plan calls a resource of a case, by its URN."""
    *_, qualified, name = urn.split("::")
    _, module_and_member, _ = qualified.rpartition("$")[2].split(":")
    module, _, member = module_and_member.partition("/")
    kind = _snake(member) if module == "ec2" else f"{module}_{_snake(member)}"
    kind = _RENAMED.get(module_and_member, kind)
    return f"aws_{kind}.{_identifier(case)}_{_identifier(name)}"


def plan(cases: Mapping[str, Sequence[Resource]]) -> JsonObject:
    """One plan that creates the resources of all cases, which know nothing of each other.

    What a resource takes from another is a reference, for nobody knows it before it is there.
    """
    written = [
        _written(case, resource)
        for case, resources in cases.items()
        for resource in resources
        if is_written(resource)
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {
            "root_module": {
                "resources": [{**named, "values": values} for named, values, _ in written]
            }
        },
        "configuration": {
            "root_module": {
                "resources": [
                    {**named, "expressions": references} for named, _, references in written
                ]
            }
        },
    }


def _written(case: str, resource: Resource) -> tuple[JsonObject, JsonObject, JsonObject]:
    """Who it is, what is known of it, and what it refers to."""
    called = address(case, resource.urn)
    kind, _, name = called.partition(".")
    values: JsonObject = {}
    references: JsonObject = {}
    for key, value in resource.props.items():
        if key.startswith("__"):
            continue
        others = [
            address(case, urn)
            for urn in resource.dependencies.get(key, ())
            if urn.rpartition("::")[0].rpartition("$")[2].startswith("aws:")
        ]
        if others and _is_taken(value):
            named = [f"{other}{attribute}" for other in others for attribute in (".id", "")]
            references[_named(key)] = {"references": named}
        elif not isinstance(value, Unknown):
            values[_named(key)] = value if key in _MAPS else _value(value)
    return {"address": called, "mode": "managed", "type": kind, "name": name}, values, references


def _is_taken(value: Value) -> bool:
    """Whether another resource's property is all it is, and not a part of a document or block."""
    if isinstance(value, list | tuple):
        return all(map(_is_taken, cast("Sequence[Value]", value)))
    return isinstance(value, Unknown) or (isinstance(value, str) and not value.startswith("{"))


def _value(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {_named(key): _value(item) for key, item in value.items() if not _is_unknown(item)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(item) for item in value if not _is_unknown(item)]
    return value


def _is_unknown(value: Value) -> bool:
    return isinstance(value, Unknown)


def _named(key: str) -> str:
    return _SINGULAR.get(key, _snake(key))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name)
