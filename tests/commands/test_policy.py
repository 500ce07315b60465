"""The policy pack of the commands: the one beside them, with the config that is asked for."""

from pathlib import Path

import pytest

from commands.command_error import CommandError
from commands.policy import pack_arguments
from tests.stack_files import CHECKOUT


def test_without_a_config_the_pack_judges_as_published() -> None:
    assert pack_arguments(None) == ["--policy-pack", str(CHECKOUT / "policies")]


def test_a_config_is_found_from_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pack.json").write_text('{"all": "advisory", "production": {"stacks": ["x"]}}')
    monkeypatch.chdir(tmp_path)
    *_, option, file = pack_arguments(Path("pack.json"))
    assert (option, file) == ("--policy-pack-config", str(tmp_path / "pack.json"))


def test_a_config_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no config of the policy pack at .*pack\.json"):
        pack_arguments(tmp_path / "pack.json")


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
        pack_arguments(tmp_path / "pack.json")
    assert told in str(refused.value)
    assert "Traceback" not in str(refused.value)
