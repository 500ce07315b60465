"""The Dockerfile and the code it packs agree."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

from examples.assistant.settings import Settings

ASSISTANT = Path(__file__).parents[2] / "examples" / "assistant"
LINES = (ASSISTANT / "Dockerfile").read_text().replace("\\\n", "").splitlines()


def _instruction(name: str) -> str:
    (line,) = (line for line in LINES if line.startswith(f"{name} "))
    return line.removeprefix(f"{name} ")


def test_it_is_for_linux_arm64() -> None:
    assert _instruction("FROM").startswith("--platform=linux/arm64 python:3.")


def test_it_exposes_the_port_the_agent_listens_on() -> None:
    assert int(_instruction("EXPOSE")) == Settings().port == 8080


def test_it_starts_a_module_it_has_copied() -> None:
    python, flag, module = json.loads(_instruction("ENTRYPOINT"))
    assert (python, flag) == ("python", "-m")
    assert f"COPY . ./{module}/" in LINES
    assert module == ASSISTANT.name, "so that it starts the same way from examples/"
    assert importlib.util.find_spec(f"examples.{module}.__main__")


def test_it_does_not_run_as_root() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", _instruction("USER"))


def test_every_requirement_is_pinned_with_a_hash_and_installed_so() -> None:
    requirements = (ASSISTANT / "requirements.txt").read_text()
    names = re.findall(r"^([a-z0-9-]+)==", requirements, re.MULTILINE)
    assert "boto3" in names
    entries = re.split(r"\n(?=[a-z])", requirements)[1:]
    assert len(entries) == len(names), "nothing is left unpinned"
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "--require-hashes -r requirements.txt" in _instruction("RUN")


def test_what_it_imports_from_others_is_in_the_requirements() -> None:
    imported = {
        match
        for file in ASSISTANT.glob("*.py")
        for match in re.findall(r"^(?:from|import) (boto\w+)", file.read_text(), re.MULTILINE)
    }
    requirements = (ASSISTANT / "requirements.txt").read_text()
    assert imported == {"boto3", "botocore"}
    assert all(f"\n{name}==" in requirements for name in imported)


def test_caches_and_secrets_stay_out_of_the_build() -> None:
    ignored = (ASSISTANT / ".dockerignore").read_text().splitlines()
    assert {"**/__pycache__", ".env"} <= set(ignored)
    assert "requirements.txt" not in ignored, "the build needs it"
