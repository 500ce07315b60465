"""Times previews with the policy pack beside previews without it, and the start of the pack."""

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
    """Seconds of a preview for each number of agents, plain and judged, and of the pack's start."""
    instance = Instance(scratch / "emulator")
    samples: dict[str, list[float]] = {"start": []}
    with instance.running(), Progress(console=console, transient=True) as progress:
        projects = Projects(scratch, instance, install.ensure(console.print))
        stacks = {agents: projects.program(agents) for agents in counts}
        for agents in counts:
            samples |= {f"plain {agents}": [], f"judged {agents}": []}
        task = progress.add_task("judged previews", total=(runs + 1) * len(samples))
        for run in range(runs + 1):
            taken = {"start": _start()}
            progress.advance(task)
            for agents, stack in stacks.items():
                taken[f"plain {agents}"] = _preview(stack)
                progress.advance(task)
                taken[f"judged {agents}"] = _preview(stack, *pack_arguments(stack.pulumi, None))
                progress.advance(task)
            if run:  # the first warms the caches
                for name, seconds in taken.items():
                    samples[name].append(seconds)
    return samples


def _preview(stack: Stack, *arguments: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        stack.command("preview", "--non-interactive", *arguments),
        env=stack.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"preview of {stack.folder.name} failed: {done.stdout}{done.stderr}")
    return time.perf_counter() - started


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
