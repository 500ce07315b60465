"""Deploys programs of growing size on the offline AWS: up, a second up, down."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from bench.projects import REGION, Projects
from commands.push import build_sample
from commands.workspace import CHECKOUT, Stack
from emulator.instance import Instance
from engine import install
from images.oci_layout import Layout
from images.push import push
from tests.stack_files import PROJECT, committed

_STEPS: Final = {
    "up": ("up", "--yes", "--skip-preview"),
    "second up": ("up", "--yes", "--skip-preview"),
    "down": ("destroy", "--yes", "--skip-preview"),
}
# Beside the stack's own repositories, so that one up deploys all of it.
_REPOSITORY: Final = "bench/assistant"


def deployments(
    scratch: Path, counts: Sequence[int], runs: int, console: Console
) -> dict[str, list[float]]:
    """Seconds of each step for each number of agents; every deployment finds an empty AWS."""
    pulumi = install.ensure(console.print)
    layout = build_sample(CHECKOUT, scratch / "layout")
    samples: dict[str, list[float]] = {f"{step} {n}": [] for step in _STEPS for n in counts}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("deployments", total=runs * len(samples))
        for run in range(runs):
            for agents in counts:
                folder = scratch / f"deployment-{run}-{agents}"
                instance = Instance(folder / "emulator")
                with instance.running():
                    stack = _stack(Projects(folder, instance, pulumi), agents, layout)
                    for step, arguments in _STEPS.items():
                        samples[f"{step} {agents}"].append(_seconds(stack, arguments))
                        progress.advance(task)
    return samples


def _stack(projects: Projects, agents: int, layout: Layout) -> Stack:
    account = committed("dev")[f"{PROJECT}:accountId"]
    url = f"{account}.dkr.ecr.{REGION}.amazonaws.com/{_REPOSITORY}"
    stack = projects.program(agents, image=f"{url}@{layout.digest}")
    stack.ecr.create_repository(repositoryName=_REPOSITORY)
    push(layout, url, client=stack.ecr)
    return stack


def _seconds(stack: Stack, arguments: Sequence[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        stack.command(*arguments, "--non-interactive"),
        env=stack.variables,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = f"{done.stdout}\n{done.stderr}"
        raise SystemExit(f"{arguments[0]} of {stack.folder.name} failed: {said}")
    return time.perf_counter() - started
