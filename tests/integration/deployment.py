"""A stack of the real program, deployed by the real engine on the shared offline AWS."""

import copy
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from commands.push import build_sample
from commands.staged_project import dump
from commands.workspace import Stack, Workspace
from emulator.instance import Instance
from images.push import push
from tests.stack_files import CHECKOUT, PROJECT

Deploy = Callable[[str, dict[str, Any]], "Deployment"]
"""Makes a checkout with one stack of this config, in an account of its own."""

_LINKED = ("__main__.py", "infra", "contracts", "examples", ".venv")


@dataclass(frozen=True)
class Outcome:
    """How one run of the CLI ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr


def make_checkout(folder: Path) -> Path:
    """A checkout of the real program without stack files, in a folder that is made."""
    folder.mkdir()
    for name in _LINKED:
        (folder / name).symlink_to(CHECKOUT / name)
    shutil.copy(CHECKOUT / "Pulumi.yaml", folder)
    return folder


class Deployment:
    """One checkout with one stack; everything it does goes through the CLI or the AWS API."""

    def __init__(self, checkout: Path, stack: str, instance: Instance, account: str) -> None:
        self.checkout = checkout
        self.stack_name = stack
        self.account = account
        self._instance = instance
        self._clients: dict[str, Any] = {}
        self.workspace = Workspace(lambda _: None, checkout=checkout, instance=instance)

    def configure(self, config: dict[str, Any]) -> None:
        """Write the stack file; the account is always this deployment's own."""
        config = {**config, f"{PROJECT}:accountId": self.account}
        file = self.checkout / f"Pulumi.{self.stack_name}.yaml"
        file.write_text(dump({"config": config}), "utf-8")

    def beside(self, stack: str) -> "Deployment":
        """Another stack of the same project, in the same account."""
        return Deployment(self.checkout, stack, self._instance, self.account)

    @cached_property
    def _stack(self) -> Stack:
        return self.workspace.stack(self.stack_name)

    @property
    def stack(self) -> Stack:
        """The stack, with the newest config staged."""
        self.workspace.project.stage()
        return self._stack

    def cli(self, *arguments: str) -> Outcome:
        """Run the CLI and keep what it says."""
        return run(self.stack, *arguments)

    def cli_as(self, account: str, *arguments: str) -> Outcome:
        """The same with the credentials of another account."""
        region = self._stack.environment["AWS_REGION"]
        others = self._instance.environment(account, region)
        return run(replace(self.stack, cloud=others), *arguments)

    def ask_fault(self, **fault: object) -> None:
        """Make something go wrong in this deployment's account."""
        body = json.dumps({"account": self.account, **fault}).encode()
        url = f"{self._stack.endpoint_url}/_emulator/faults"
        request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310 - loopback
        urllib.request.urlopen(request).close()  # noqa: S310

    def clear_faults(self) -> None:
        """Forget this account's faults; what they hold goes on."""
        url = f"{self._stack.endpoint_url}/_emulator/faults/{self.account}"
        request = urllib.request.Request(url, method="DELETE")  # noqa: S310 - loopback
        urllib.request.urlopen(request).close()  # noqa: S310

    def client(self, service: str) -> Any:
        """A boto3 client of this deployment's account; making one costs more than many requests."""
        if service not in self._clients:
            self._clients[service] = self._stack.client(service, None)
        return self._clients[service]

    def runtimes(self) -> list[dict[str, Any]]:
        """The account's runtimes, as the service lists them."""
        return self.client("bedrock-agentcore-control").list_agent_runtimes()["agentRuntimes"]

    def wait_until_ready(self, runtime_id: str) -> None:
        """A change made beside Pulumi takes the service a moment."""
        control = self.client("bedrock-agentcore-control")
        for _ in range(100):
            if control.get_agent_runtime(agentRuntimeId=runtime_id)["status"] == "READY":
                return
            time.sleep(0.05)
        raise AssertionError(f"{runtime_id} is not READY after 5 s")

    def with_foreign_image(self, config: dict[str, Any]) -> dict[str, Any]:
        """The config with an image in a repository beside the stack, so that one up deploys all."""
        client = self.client("ecr")
        client.create_repository(repositoryName="elsewhere/assistant")
        url = f"{self.account}.dkr.ecr.us-east-1.amazonaws.com/elsewhere/assistant"
        with tempfile.TemporaryDirectory() as scratch:
            layout = build_sample(self.checkout, Path(scratch) / "layout")
            pushed = push(layout, url, client=client)
        config = copy.deepcopy(config)
        for agent in config[f"{PROJECT}:agents"].values():
            agent["image"] = pushed.reference
        return config

    def up(self, *arguments: str) -> Outcome:
        """Deploy without a preview before it."""
        return self.cli("up", "--yes", "--skip-preview", *arguments)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, as the state keeps them."""
        return self._stack.outputs()

    def state(self) -> list[dict[str, Any]]:
        """The resources in the state."""
        return self._stack.resources()

    def resource(self, kind: str) -> dict[str, Any]:
        (found,) = [entry for entry in self.state() if entry["type"] == kind]
        return found


def run(stack: Stack, *arguments: str) -> Outcome:
    """Run the CLI on a stack and keep what it says."""
    done = subprocess.run(
        stack.command(*arguments),
        env=stack.variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
