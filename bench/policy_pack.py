"""Times previews with the policy pack beside previews without it, and the start of the pack."""

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.projects import Projects
from commands.policy import pack_arguments
from commands.workspace import CHECKOUT, Stack
from emulator.instance import Instance
from engine import install


def judged_previews(
    scratch: Path, counts: Sequence[int], runs: int, console: Console
) -> dict[str, list[float]]:
    """Seconds of a preview for each number of agents, plain and judged, and of the pack's start.

    By the clock, and under ``processor`` in processor time of the CLI and all that it starts.
    """
    instance = Instance(scratch / "emulator")
    samples: dict[str, list[float]] = {}
    with instance.running(), Progress(console=console, transient=True) as progress:
        pulumi = install.ensure(console.print)
        projects = Projects(scratch, instance, pulumi)
        stacks = {agents: projects.program(agents) for agents in counts}
        kinds = {"plain": list[str](), "judged": pack_arguments(pulumi, None)}
        task = progress.add_task("judged previews", total=(runs + 1) * (1 + 2 * len(stacks)))
        for run in range(runs + 1):
            taken = {"start": _start()}
            progress.advance(task)
            for agents, stack in stacks.items():
                for kind, arguments in kinds.items():
                    seconds, processor = _preview(stack, *arguments)
                    taken |= {f"{kind} {agents}": seconds, f"{kind} {agents} processor": processor}
                    progress.advance(task)
            if run:  # the first warms the caches
                for name, sample in taken.items():
                    samples.setdefault(name, []).append(sample)
    return samples


def _preview(stack: Stack, *arguments: str) -> tuple[float, float]:
    started, used = time.perf_counter(), _processor_seconds()
    done = subprocess.run(
        stack.command("preview", "--non-interactive", *arguments),
        env=stack.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"preview of {stack.folder.name} failed: {done.stdout}{done.stderr}")
    return time.perf_counter() - started, _processor_seconds() - used


def _processor_seconds() -> float:
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _start() -> float:
    """Until the pack tells its port."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, CHECKOUT / "policies"], stdout=subprocess.PIPE
    ) as served:
        if served.stdout is None or not served.stdout.readline():
            raise SystemExit("the policy pack does not start")
        seconds = time.perf_counter() - started
        served.kill()
    return seconds
