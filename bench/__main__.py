"""``python -m bench [--runs 5] [--only previews]``: ratios measured side by side in one run.

Every figure is the median of its runs, with the lowest and the highest. The cases take turns, so
that a machine that slows down slows all of them.

* preview of the dev stack over preview of a program that imports the same and registers nothing;
* cost of an agent from 1 to 100 over a flat program that registers the same resources with the same
  inputs through the same providers, both previewed from an empty state; growth, as the cost of an
  agent from 10 to 100 over that from 1 to 10;
* preview of the prod stack, with its network, over a flat program as above;
* peak memory of the program's own process;
* preview of 1 and of 100 agents with the policy pack over one without, by the clock and in
  processor time, and the start of the pack;
* deployments of 1, 10 and 100 agents: up, a second up, down; cost of an agent and growth as above;
* ``make up STACK=prod`` from nothing until READY, and once more;
* memory of one process of the offline AWS over 1,000 deployments (once, whatever the runs);
* the whole test suite.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.deployments import deployments
from bench.emulator_memory import Memory, measure
from bench.make_up import make_up
from bench.policy_pack import judged_previews
from bench.process_memory import peak_of_program
from bench.projects import Projects
from commands.workspace import CHECKOUT, Stack
from emulator.instance import Instance
from engine import install

_AGENTS: Final = (1, 10, 100)
_PARTS: Final = ("previews", "policies", "deployments", "up", "memory", "suite")

Sample = tuple[float, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part, or several")
    options = parser.parse_args(arguments)
    parts = options.only or _PARTS
    console = Console()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        if "previews" in parts:
            instance = Instance(Path(scratch) / "emulator")
            with instance.running():
                taken = _previews(instance, Path(scratch), options.runs, console)
            console.print(_preview_table(taken))
        if "policies" in parts:
            judged = judged_previews(Path(scratch) / "judged", (1, 100), options.runs, console)
            console.print(_policy_table(judged))
        if "deployments" in parts:
            seconds = deployments(Path(scratch), _AGENTS, options.runs, console)
            console.print(_deployment_table(seconds))
        if "up" in parts:
            console.print(_up_table(make_up(Path(scratch) / "up", "prod", options.runs, console)))
        if "memory" in parts:
            console.print(_memory_table(measure(Path(scratch) / "memory", 1000, accounts=100)))
    if "suite" in parts:
        suite = [_suite() for _ in range(options.runs)]
        console.print(f"test suite: {_spread(suite, 's')}, goal under 90 s")
    return 0


def _previews(
    instance: Instance, scratch: Path, runs: int, console: Console
) -> dict[str, list[Sample]]:
    projects = Projects(scratch, instance, install.ensure(console.print))
    cases: dict[str, Stack] = {"empty": projects.empty()}
    for agents in _AGENTS:
        cases[f"program {agents}"] = projects.program(agents)
        cases[f"flat {agents}"] = projects.flat(agents)
    cases["prod"] = projects.program(1, stack="prod")
    cases["flat prod"] = projects.flat_prod()
    samples: dict[str, list[Sample]] = {name: [] for name in cases}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("previews", total=len(cases) * (runs + 1))
        for run in range(runs + 1):
            for name, stack in cases.items():
                sample = _preview(stack)
                if run:  # the first warms the caches
                    samples[name].append(sample)
                progress.advance(task)
    return samples


def _preview(stack: Stack) -> Sample:
    started = time.perf_counter()
    cli = subprocess.Popen(
        stack.command("preview", "--non-interactive"),
        env=stack.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    memory = peak_of_program(cli)
    seconds = time.perf_counter() - started
    if cli.returncode:
        said = cli.stderr.read().decode() if cli.stderr else ""
        raise SystemExit(f"preview of {stack.folder.name} failed: {said}")
    return seconds, memory


def _preview_table(samples: dict[str, list[Sample]]) -> Table:
    seconds = {name: [sample[0] for sample in taken] for name, taken in samples.items()}
    memory = {name: [sample[1] for sample in taken] for name, taken in samples.items()}
    table = Table("figure", "measured: median (lowest to highest)", "goal")
    for name, taken in seconds.items():
        table.add_row(f"preview, {name}", _spread(taken, "s"), "")
    table.add_row("program 1 over empty", _ratio(seconds["program 1"], seconds["empty"]), "≤ 2")
    program = _per_agent(seconds, "program", 1, 100)
    flat = _per_agent(seconds, "flat", 1, 100)
    table.add_row("cost of an agent, program", _spread([1000 * s for s in program], "ms"), "")
    table.add_row("cost of an agent, flat", _spread([1000 * s for s in flat], "ms"), "")
    table.add_row("program over flat, an agent", _ratio(program, flat), "≤ 1.3")
    table.add_row("growth: 10 to 100 over 1 to 10", _growth(seconds, "program"), "about 1")
    table.add_row("prod over flat prod", _ratio(seconds["prod"], seconds["flat prod"]), "≤ 1.3")
    for name in ("empty", "program 1", "program 100"):
        table.add_row(f"memory, {name}", _spread(memory[name], "MiB"), "")
    return table


def _policy_table(seconds: dict[str, list[float]]) -> Table:
    table = Table("figure", "measured: median (lowest to highest)", "goal")
    table.add_row("start of the policy pack", _spread(seconds["start"], "s"), "under 1 s")
    for agents in (1, 100):
        plain, judged = seconds[f"plain {agents}"], seconds[f"judged {agents}"]
        table.add_row(f"preview of {agents}, plain", _spread(plain, "s"), "")
        table.add_row(f"preview of {agents}, with the pack", _spread(judged, "s"), "")
        table.add_row(f"with the pack over plain, {agents}", _ratio(judged, plain), "≤ 1.4")
        plain, judged = seconds[f"plain {agents} processor"], seconds[f"judged {agents} processor"]
        table.add_row("the same, in processor time", _ratio(judged, plain), "")
    return table


def _deployment_table(seconds: dict[str, list[float]]) -> Table:
    table = Table("figure", "measured: median (lowest to highest)")
    for name, taken in seconds.items():
        table.add_row(f"{name} agents", _spread(taken, "s"))
    for step in ("up", "second up", "down"):
        cost = [1000 * s for s in _per_agent(seconds, step, 1, 100)]
        table.add_row(f"cost of an agent, {step}", _spread(cost, "ms"))
        table.add_row(f"growth, {step}: 10 to 100 over 1 to 10", _growth(seconds, step))
    return table


def _up_table(seconds: dict[str, list[float]]) -> Table:
    table = Table("figure", "measured: median (lowest to highest)", "goal")
    for name, taken in seconds.items():
        goal = "under 90 s" if name == "from nothing" else ""
        table.add_row(f"make up STACK=prod, {name}", _spread(taken, "s"), goal)
    return table


def _growth(seconds: dict[str, list[float]], kind: str) -> str:
    return _ratio(_per_agent(seconds, kind, 10, 100), _per_agent(seconds, kind, 1, 10))


def _memory_table(taken: Iterable[Memory]) -> Table:
    table = Table("deployments", "accounts", "memory", "threads", "log")
    for each in taken:
        table.add_row(
            str(each.deployments),
            str(each.accounts),
            f"{each.resident:.0f} MiB",
            str(each.threads),
            f"{each.log:.1f} MiB",
        )
    return table


def _per_agent(seconds: dict[str, list[float]], kind: str, low: int, high: int) -> list[float]:
    pairs = zip(seconds[f"{kind} {low}"], seconds[f"{kind} {high}"], strict=True)
    return [(many - few) / (high - low) for few, many in pairs]


def _ratio(over: list[float], under: list[float]) -> str:
    return _spread([a / b for a, b in zip(over, under, strict=True)], "")


def _spread(taken: Sequence[float], unit: str) -> str:
    unit = f" {unit}" if unit else ""
    return (
        f"{statistics.median(taken):.2f}{unit} ({min(taken):.2f} to {max(taken):.2f}{unit}, "
        f"{len(taken)} runs)"
    )


def _suite() -> float:
    started = time.perf_counter()
    suite = subprocess.run(
        ["make", "-s", "test"],  # noqa: S607 - as the README says it
        cwd=CHECKOUT,
        check=False,
        capture_output=True,
        text=True,
    )
    if suite.returncode:
        failed = [
            line for line in suite.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))
        ]
        raise SystemExit("\n".join(["the test suite failed:", *failed, suite.stderr]))
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
