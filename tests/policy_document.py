"""A rendered policy document, taken apart for tests."""

import json
from dataclasses import dataclass
from typing import Any, cast


def _as_list(value: object) -> list[str]:
    return cast("list[str]", value) if isinstance(value, list) else [str(value)]


@dataclass(frozen=True)
class Statement:
    """One statement, with actions and resources as lists."""

    raw: dict[str, Any]

    @property
    def sid(self) -> str:
        return str(self.raw["Sid"])

    @property
    def allows(self) -> bool:
        return self.raw["Effect"] == "Allow"

    @property
    def actions(self) -> list[str]:
        return _as_list(self.raw["Action"])

    @property
    def resources(self) -> list[str]:
        return _as_list(self.raw["Resource"])

    @property
    def condition_keys(self) -> list[str]:
        operators = cast("dict[str, dict[str, object]]", self.raw.get("Condition", {}))
        return [key for keys in operators.values() for key in keys]


def statements_of(document: str) -> list[Statement]:
    """The statements of a document."""
    return [Statement(raw) for raw in json.loads(document)["Statement"]]


def statement(document: str, sid: str) -> Statement | None:
    """The statement of that Sid, if there is one."""
    return next((one for one in statements_of(document) if one.sid == sid), None)
