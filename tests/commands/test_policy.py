"""The policy pack of the commands: the one beside them, with the config that is asked for."""

import os
import sys
from pathlib import Path

import pytest
import yaml

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
    [("v3.255.0", PACK / "__main__.py"), ("v3.254.0", None), ("nonsense", None)],
)
def test_a_cli_that_runs_executables_runs_the_packs_and_others_a_staged_folder(
    tmp_path: Path, version: str, pack: Path | None
) -> None:
    staged = tmp_path / "staged"
    pulumi = cli(tmp_path, version)
    assert pack_arguments(pulumi, None, staged) == ["--policy-pack", str(pack or staged)]
    assert staged.exists() is (pack is None), "nothing is staged that is not needed"


def test_the_staged_folder_is_the_pack_with_the_python_that_runs_the_commands(
    tmp_path: Path,
) -> None:
    staged = tmp_path / "staged"
    for _ in range(2):
        pack_arguments(cli(tmp_path, "v3.254.0"), None, staged)
    own, tracked = (
        yaml.safe_load((folder / "PulumiPolicy.yaml").read_text("utf-8"))
        for folder in (staged, PACK)
    )
    assert own["runtime"]["options"].pop("virtualenv") == sys.prefix
    assert tracked["runtime"]["options"].pop("virtualenv") == "venv"
    assert own == tracked, "and all else is as it is published"
    for name in ("__main__.py", "agentcore_policies"):
        assert (staged / name).resolve() == PACK / name


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
        ("\ufeff{}", "it is no JSON: Unexpected UTF-8 BOM"),
        ('{"all": "disabled", "all": "mandatory"}', "all is given 2 times."),
        (
            '{"log-encryption": {"levels": {"dev": "advisory", "dev": "disabled"}}}',
            "dev is given 2",
        ),
        ("{\udce4}", "it is not written in UTF-8."),
    ],
)
def test_a_config_that_names_no_rule_is_refused_by_the_name_it_gives(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "pack.json").write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(CommandError) as refused:
        require_pack_config(tmp_path / "pack.json")
    assert told in str(refused.value)
    assert "Traceback" not in str(refused.value)
