"""What the agent's environment says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVOCATIONS_PER_VCPU = 8  # an invocation waits for the model nearly all of its time
_CPU_UNITS_PER_VCPU = 1024
_MEMORY_PER_INVOCATION = 64  # MiB: thread, payload, the model's answer, boto3's connection
_MEMORY_OF_THE_PROCESS = 128  # MiB: Python with boto3 loaded


class SettingsError(Exception):
    """The environment is wrong; the message names every variable that is."""


@dataclass(frozen=True)
class Settings:
    """How the agent runs.

    `cpu_units` (1024 make one vCPU) and `memory_mib` are the stack's size for this agent. AgentCore
    does not enforce it, so it is here to size the worker pool by.
    """

    host: str = "0.0.0.0"  # noqa: S104  AgentCore calls the container from outside of it
    port: int = 8080
    cpu_units: int = 512
    memory_mib: int = 1024
    model_id: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read HOST, PORT, AGENT_CPU_UNITS, AGENT_MEMORY_MIB and MODEL_ID; all are optional.

        Raises `SettingsError`.
        """
        problems: list[str] = []

        def number(name: str, default: int, lowest: int, highest: int) -> int:
            text = environment.get(name, str(default))
            if text.isascii() and text.isdigit() and lowest <= int(text[:9]) <= highest:
                return int(text)
            problems.append(f'{name}="{text}" must be a whole number, {lowest} to {highest}')
            return default

        settings = cls(
            host=environment.get("HOST") or cls.host,
            port=number("PORT", cls.port, 0, 65535),
            cpu_units=number("AGENT_CPU_UNITS", cls.cpu_units, 128, 65536),
            memory_mib=number("AGENT_MEMORY_MIB", cls.memory_mib, 256, 1048576),
            model_id=environment.get("MODEL_ID") or None,
        )
        if problems:
            raise SettingsError("; ".join(problems))
        return settings

    @property
    def workers(self) -> int:
        """Invocations to work on at once: what the CPU can drive and the memory can hold."""
        by_cpu = self.cpu_units * _INVOCATIONS_PER_VCPU // _CPU_UNITS_PER_VCPU
        by_memory = (self.memory_mib - _MEMORY_OF_THE_PROCESS) // _MEMORY_PER_INVOCATION
        return max(1, min(by_cpu, by_memory))
