"""Memory of one emulator process over many deployments of the dev stack.

Each deployment creates and deletes what the program registers for the committed dev config, with an
image, over gRPC connections of its own, as `pulumi up` and `pulumi destroy` do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator.instance import Instance, Running
from tests.emulator.aws.cloud import Cloud
from tests.emulator.deployment import Deployment
from tests.program.program_run import Registered, run_program
from tests.stack_files import PROJECT, committed, with_images

MARKS: Final = (1, 100, 250, 500, 750, 1000)
"""Deployments in one account after which the memory is taken."""

_TAG: Final = "1.0.0"
_REGION: Final = "us-east-1"


@dataclass(frozen=True)
class Memory:
    """What the process took after so many deployments.

    Attributes:
        accounts: how many accounts they were made in.
        resident: MiB of its resident set.
        threads: how many it had.
        log: MiB of its log files.
    """

    deployments: int
    accounts: int
    resident: float
    threads: int
    log: float


def measure(folder: Path, deployments: int, accounts: int) -> Iterator[Memory]:
    """Deploy so many times into one account, then once into each of so many new ones."""
    config = with_images(committed("dev"), _TAG)
    resources = run_program("dev", config).resources
    home = str(config[f"{PROJECT}:accountId"])
    instance = Instance(folder, pause=0)
    with instance.running() as running:
        for number in range(1, deployments + 1):
            _deploy(instance, running, resources, home, home)
            if number in MARKS or number == deployments:
                yield _memory(instance, running, number, 1)
        for number in range(1, accounts + 1):
            _deploy(instance, running, resources, home, f"{900_000_000_000 + number}")
        yield _memory(instance, running, deployments + accounts, 1 + accounts)


def _deploy(
    instance: Instance, running: Running, resources: list[Registered], home: str, account: str
) -> None:
    attached = instance.environment(account, _REGION)["PULUMI_DEBUG_PROVIDERS"]
    ports = {name: int(port) for name, _, port in (p.partition(":") for p in attached.split(","))}
    cloud = Cloud(running.url, account)
    with Deployment(
        ports, account, home, push=lambda name: cloud.push(repository=name, tag=_TAG)
    ) as deployment:
        deployment.up(resources)
        deployment.destroy()


def _memory(instance: Instance, running: Running, deployments: int, accounts: int) -> Memory:
    status = Path(f"/proc/{running.pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return Memory(
        deployments,
        accounts,
        resident=int(fields["VmRSS"].split()[0]) / 1024,
        threads=int(fields["Threads"]),
        log=len(instance.logged) / 2**20,
    )
