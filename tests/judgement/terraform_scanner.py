"""Checkov over a Terraform plan: all its checks, of one resource and of how several are connected.

It runs in this process, and reaches nothing but the file it is given. Imported by the one worker
that scans: it is a second of imports.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, cast

from tests.judgement.terraform_plan import JsonObject


class Failed(NamedTuple):
    """A check that a resource fails, by the id of the one and the address of the other."""

    check: str
    address: str


class _Complaints(logging.Handler):
    """What goes wrong within: a check that crashes is an error of the log and no verdict."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


def scanned(plan: JsonObject, directory: Path) -> frozenset[Failed]:
    """All that is found; `directory` takes the file.

    Raises:
        ValueError: a check crashed, or the plan was not understood.
    """
    from checkov.runner_filter import RunnerFilter  # noqa: PLC0415
    from checkov.terraform.plan_runner import Runner  # noqa: PLC0415

    file = directory / "plan.json"
    # The scanner tells lines, of which one text of a line has too few.
    file.write_text(json.dumps(plan, indent=0), "utf-8")
    complaints = _Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        report = cast("Any", Runner()).run(
            files=[str(file)], runner_filter=RunnerFilter(framework=["terraform_plan"])
        )
    finally:
        logging.getLogger().removeHandler(complaints)
    wrong = [*complaints.told, *report.parsing_errors]
    planned = {each["address"] for each in plan["planned_values"]["root_module"]["resources"]}
    known = {resource.partition(":")[2] for resource in report.resources}
    if wrong or known != planned:
        raise ValueError(wrong, known ^ planned)
    return frozenset(Failed(each.check_id, each.resource) for each in report.failed_checks)


@cache
def check_names() -> Mapping[str, str]:
    """What each check for Terraform demands, by id."""
    return {check.id: check.name for check in _checks()}


@cache
def known_types() -> frozenset[str]:
    """Types of Terraform that some check is about."""
    return frozenset(kind for check in _checks() for kind in _types(check))


def _types(check: Any) -> Iterable[str]:
    """Of one resource a check supports entities, of several connected it has resource types."""
    return check.resource_types if hasattr(check, "resource_types") else check.supported_entities


@cache
def _checks() -> Sequence[Any]:
    from checkov.common.checks_infra.registry import get_graph_checks_registry  # noqa: PLC0415
    from checkov.terraform.checks.data.registry import data_registry  # noqa: PLC0415
    from checkov.terraform.checks.resource.registry import resource_registry  # noqa: PLC0415

    connected = cast("Any", get_graph_checks_registry("terraform"))
    connected.load_checks()
    alone = (*resource_registry.checks.values(), *data_registry.checks.values())
    return [*chain(*alone), *connected.checks]
