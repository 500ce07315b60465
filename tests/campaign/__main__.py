"""`make campaign`: each step of a deployment with each disturbance; exit code 1 on a difference."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.table import Table

from emulator.instance import Instance, foreign_variables, without_proxy
from tests.campaign.campaign import Reference, Verdict, run, undisturbed
from tests.campaign.disturbances import Kind, Scenario, scenarios, uncovered
from tests.campaign.jobs import DEV, EXTENDED

_WORKERS = 2
_ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--only", default="", help="scenarios whose name holds this text")
    options = parser.parse_args(arguments)
    for name in foreign_variables(os.environ):
        del os.environ[name]
    os.environ.update(without_proxy(os.environ))
    console = Console(width=150, soft_wrap=True, markup=False, highlight=False)
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="campaign-"))
    instance = Instance(folder / "emulator")
    with instance.running():
        verdicts = _run(instance, folder, options.only, console)
    console.print(_table(verdicts))
    bad = [verdict for verdict in verdicts if verdict.problems]
    for verdict in bad:
        console.print(f"FAILED: {verdict.job.name}, {verdict.scenario}")
    seconds = time.monotonic() - started
    console.print(
        f"{len(verdicts)} scenarios in {seconds:.0f} s: {len(verdicts) - len(bad)} end as if "
        f"nothing had happened, {len(bad)} do not."
    )
    if not bad:
        shutil.rmtree(folder)
    return 1 if bad else 0


def _run(instance: Instance, folder: Path, only: str, console: Console) -> list[Verdict]:
    planned = _plan(instance, folder, console)
    chosen = [(scenario, ref) for scenario, ref in planned if only in f"{ref.job.name} {scenario}"]
    verdicts: list[Verdict] = []
    with ThreadPoolExecutor(_WORKERS) as workers:
        running = [
            workers.submit(run, scenario, reference, instance, folder / f"{number:03}")
            for number, (scenario, reference) in enumerate(chosen)
        ]
        for done in as_completed(running):
            verdict = done.result()
            verdicts.append(verdict)
            console.print(
                f"{len(verdicts)}/{len(chosen)} {'FAILED' if verdict.problems else 'ok'} "
                f"{verdict.seconds:.0f} s {verdict.job.name}, {verdict.scenario}"
            )
            if verdict.problems:
                console.print("\n".join([*verdict.problems, f"see {verdict.output}"]))
    return verdicts


def _plan(instance: Instance, folder: Path, console: Console) -> list[tuple[Scenario, Reference]]:
    """All of the committed stack, and of the extended one what the first has not."""
    planned: dict[tuple[str, str, str], tuple[Scenario, Reference]] = {}
    resources: set[str] = set()
    for number, job in enumerate((DEV, EXTENDED)):
        reference = undisturbed(job, instance, folder / f"undisturbed-{number}")
        before = len(planned)
        for scenario in scenarios(reference.steps):
            key = (scenario.step.resource, scenario.step.operation, scenario.kind)
            planned.setdefault(key, (scenario, reference))
        resources.update(step.resource for step in reference.steps)
        console.print(
            f"{job.name}: {len(reference.steps)} steps, {len(planned) - before} scenarios"
        )
    missing = uncovered((scenario for scenario, _ in planned.values()), resources)
    if missing:
        raise AssertionError(f"the plan leaves out {missing}")
    return list(planned.values())


def _table(verdicts: Iterable[Verdict]) -> Table:
    """How many scenarios of each resource and disturbance there were, and how many went wrong."""
    cells: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        kind_of_thing = verdict.scenario.step.resource.rpartition(":")[2]
        for row in (kind_of_thing, _ALL):
            cells.setdefault((row, verdict.scenario.kind), []).append(verdict)
    rows = sorted({row for row, _ in cells} - {_ALL})
    table = Table("resource", *Kind, "scenarios", "seconds")
    for row in (*rows, _ALL):
        by_kind = [cells.get((row, kind), []) for kind in Kind]
        in_row = [verdict for cell in by_kind for verdict in cell]
        seconds = sum(verdict.seconds for verdict in in_row)
        table.add_row(row, *map(_cell, (*by_kind, in_row)), f"{seconds:.0f}")
    return table


def _cell(verdicts: Sequence[Verdict]) -> str:
    bad = sum(1 for verdict in verdicts if verdict.problems)
    return f"{len(verdicts)}, {bad} BAD" if bad else f"{len(verdicts) or ''}"


if __name__ == "__main__":
    sys.exit(main())
