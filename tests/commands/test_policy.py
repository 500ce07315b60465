"""The policy pack of the commands: the one beside them, with the config that is asked for."""

import os
from pathlib import Path

import pytest

from commands.command_error import CommandError
from commands.policy import pack_arguments, require_pack_config
from tests.stack_files import CHECKOUT

PACK = CHECKOUT / "policies"


def cli(folder: Path, says: str) -> Path:
    """A CLI that only tells its version."""
    file = folder / "pulumi"
    file.write_text(f"#!/bin/sh\necho {says}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("version", "pack"),
    [("v3.255.0", PACK / "__main__.py"), ("v3.254.0", PACK), ("nonsense", PACK)],
)
def test_a_cli_that_runs_executables_runs_the_packs_and_others_its_folder(
    tmp_path: Path, version: str, pack: Path
) -> None:
    assert pack_arguments(cli(tmp_path, version), None) == ["--policy-pack", str(pack)]


def test_the_packs_executable_can_be_run() -> None:
    assert os.access(PACK / "__main__.py", os.X_OK)


def test_a_config_is_found_from_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pack.json").write_text('{"all": "advisory", "production": {"stacks": ["x"]}}')
    monkeypatch.chdir(tmp_path)
    require_pack_config(Path("pack.json"))
    *_, option, file = pack_arguments(cli(tmp_path, "v3.259.0"), Path("pack.json"))
    assert (option, file) == ("--policy-pack-config", str(tmp_path / "pack.json"))


def test_a_config_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no config of the policy pack at .*pack\.json"):
        require_pack_config(tmp_path / "pack.json")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '{"runtime-private-imag": {"settings": 1}}',
            "runtime-private-imag is no rule of this pack",
        ),
        ('{"production": {"stack": ["x"]}}', "production.stack is no setting of the rule"),
        ("[]", "it is no JSON object"),
        ("{", "it is no JSON: "),
    ],
)
def test_a_config_that_names_no_rule_is_refused_by_the_name_it_gives(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "pack.json").write_text(text)
    with pytest.raises(CommandError) as refused:
        require_pack_config(tmp_path / "pack.json")
    assert told in str(refused.value)
    assert "Traceback" not in str(refused.value)
