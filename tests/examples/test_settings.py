from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.assistant.settings import Settings, SettingsError


def test_the_contracts_address_is_the_default() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104
    assert settings.model_id is None


def test_an_empty_model_is_no_model() -> None:
    assert Settings.from_environment({"MODEL_ID": ""}).model_id is None
    assert Settings.from_environment({"MODEL_ID": "m"}).model_id == "m"


@pytest.mark.parametrize(
    ("cpu", "memory", "workers"),
    [
        ("512", "1024", 4),
        ("2048", "4096", 16),
        ("128", "256", 1),
        ("65536", "256", 2),
        ("65536", "1024", 14),
    ],
)
def test_the_pool_is_what_cpu_can_drive_and_memory_can_hold(
    cpu: str, memory: str, workers: int
) -> None:
    size = {"AGENT_CPU_UNITS": cpu, "AGENT_MEMORY_MIB": memory}
    assert Settings.from_environment(size).workers == workers


@given(cpu=st.integers(128, 65536), memory=st.integers(256, 1048576))
def test_every_size_gives_at_least_one_worker_and_never_more_than_fit(
    cpu: int, memory: int
) -> None:
    workers = Settings(cpu_units=cpu, memory_mib=memory).workers
    assert workers >= 1
    assert workers == 1 or 128 + workers * 64 <= memory


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("PORT", "65535", ["65536", "-1", "8080.0", "٣", "", " 80", "9" * 5000]),
        ("AGENT_CPU_UNITS", "128", ["127", "65537", "1 vCPU"]),
        ("AGENT_MEMORY_MIB", "256", ["255", "1048577", "1GiB"]),
    ],
)
def test_a_number_out_of_range_is_named_with_its_range(
    name: str, good: str, bad: list[str]
) -> None:
    Settings.from_environment({name: good})
    for text in bad:
        with pytest.raises(SettingsError, match=f"{name}=.* must be a whole number"):
            Settings.from_environment({name: text})
