import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from commands.command_error import CommandError
from commands.staged_project import StagedProject, dump

PROJECT = {
    "name": "shop",
    "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}},
}


def write(file: Path, document: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(document), "utf-8")


def read(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text("utf-8"))


def stack(**agents: dict[str, Any]) -> dict[str, Any]:
    return {"config": {"shop:accountId": "123456789012", "shop:agents": agents}}


@pytest.fixture
def project(tmp_path: Path) -> StagedProject:
    write(tmp_path / "Pulumi.yaml", PROJECT)
    write(tmp_path / "Pulumi.dev.yaml", stack(desk={"description": "x"}))
    return StagedProject(tmp_path, tmp_path / ".offline")


def test_the_copy_runs_the_program_of_the_checkout_in_its_environment(
    project: StagedProject,
) -> None:
    project.stage()
    staged = read(project.folder / "Pulumi.yaml")
    assert staged["main"] == "../", "the program stays where it is"
    assert staged["runtime"]["options"]["virtualenv"] == "../.venv"
    assert staged["name"] == "shop", "or the config's keys would belong to another project"


def test_a_copy_whose_source_is_unchanged_keeps_what_was_written_into_it(
    project: StagedProject,
) -> None:
    project.stage()
    copy = project.folder / "Pulumi.dev.yaml"
    write(copy, {"encryptionsalt": "v1:salt", **read(copy), "extra": True})
    project.stage()
    assert read(copy)["extra"] is True, "pulumi config set writes there"


def test_a_changed_source_is_copied_anew_with_salt_and_pinned_images(
    project: StagedProject,
) -> None:
    project.stage()
    copy = project.folder / "Pulumi.dev.yaml"
    written = read(copy)
    written["config"]["shop:agents"]["desk"]["image"] = "sha256:1"
    write(copy, {"encryptionsalt": "v1:salt", **written})

    write(project.checkout / "Pulumi.dev.yaml", stack(desk={"description": "y"}, till={}))
    project.stage()
    staged = read(copy)
    assert staged["encryptionsalt"] == "v1:salt", "or the CLI could not read its own secrets"
    agents = staged["config"]["shop:agents"]
    assert agents["desk"] == {"description": "y", "image": "sha256:1"}, "the push stays pinned"
    assert agents["till"] == {}, "a new agent has no image"
    assert project.pinned_image("dev", "desk") == "sha256:1"
    assert project.pinned_image("dev", "till") is None


URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shared/desk:1.4.2"


@pytest.mark.parametrize("image", ["1.4.2", "sha256:" + "0" * 64])
def test_an_image_that_was_pushed_to_the_real_account_is_left_out(
    project: StagedProject, image: str
) -> None:
    write(project.checkout / "Pulumi.dev.yaml", stack(desk={"image": image}))
    project.stage()
    assert project.pinned_image("dev", "desk") is None, "it is not in the offline ECR"
    assert project.agents_without_image("dev") == ["desk"], "so the sample stands in"


def test_an_image_with_its_registry_is_taken_at_its_word(project: StagedProject) -> None:
    write(project.checkout / "Pulumi.dev.yaml", stack(desk={"image": URI}))
    project.stage()
    assert project.pinned_image("dev", "desk") == URI
    assert project.agents_without_image("dev") == []


def test_what_is_no_image_reaches_the_program_that_refuses_it(project: StagedProject) -> None:
    write(project.checkout / "Pulumi.dev.yaml", stack(desk={"image": "latest"}))
    project.stage()
    assert project.pinned_image("dev", "desk") == "latest"


@pytest.mark.parametrize(
    ("account", "signs_as"),
    [
        ("123456789012", "123456789012"),
        ("012345678901", "012345678901"),
        ("12345", "000000000000"),
        (None, "000000000000"),
    ],
)
def test_a_stack_without_a_valid_account_still_reaches_the_program_that_says_so(
    project: StagedProject, account: str | None, signs_as: str
) -> None:
    document = stack()
    document["config"]["shop:accountId"] = account
    write(project.checkout / "Pulumi.dev.yaml", document)
    assert project.account_and_region("dev") == (signs_as, "us-east-1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("config: [", "no valid YAML"),
        ("- a list", "must be a mapping"),
        ("", "must be a mapping"),
        (b"\xff\xfe", "no valid YAML"),
    ],
)
def test_a_stack_file_that_cannot_be_read_is_named(
    project: StagedProject, content: str | bytes, said: str
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (project.checkout / "Pulumi.dev.yaml").write_bytes(raw)
    with pytest.raises(CommandError, match=said) as refused:
        project.stage()
    assert "Pulumi.dev.yaml" in str(refused.value), "which file"


def test_agents_that_are_no_mappings_are_left_for_the_program_to_refuse(
    project: StagedProject,
) -> None:
    document = stack()
    document["config"]["shop:agents"] = "none"
    write(project.checkout / "Pulumi.dev.yaml", document)
    project.stage()
    assert project.agents("dev") == []
    assert read(project.folder / "Pulumi.dev.yaml")["config"]["shop:agents"] == "none"


def test_forgetting_leaves_the_tracked_files_alone(project: StagedProject) -> None:
    project.stage()
    project.forget()
    assert not list(project.folder.glob("Pulumi*.yaml"))
    assert (project.checkout / "Pulumi.dev.yaml").exists()


@pytest.mark.parametrize("half", ["", "config: {agentcore", "\0\0\0"])
def test_a_copy_that_a_killed_cli_left_half_written_is_made_anew(
    project: StagedProject, half: str
) -> None:
    project.stage()
    copy = project.folder / "Pulumi.dev.yaml"
    whole = read(copy)
    copy.write_text(half, "utf-8")
    project.stage()
    assert read(copy) == whole

    copy.write_text(half, "utf-8")
    write(project.checkout / "Pulumi.dev.yaml", stack(desk={"description": "y"}))
    project.stage()
    assert project.agents_without_image("dev") == ["desk"], "what it pinned is pushed again"


# What YAML 1.2, which the CLI reads, may take for a number or a date when it stands unquoted.
PLAIN_NUMBER = re.compile(r": [-+]?\.?[0-9]")


@pytest.mark.parametrize(
    "text",
    ["073338416838", "111111111111", "0o17", "1e3", ".5", "+1", "-.5", "1_000", "2026-11-23"],
)
def test_a_text_that_looks_like_a_number_is_quoted(project: StagedProject, text: str) -> None:
    document = stack()
    document["config"]["shop:accountId"] = text
    write(project.checkout / "Pulumi.dev.yaml", document)
    project.stage()
    staged = (project.folder / "Pulumi.dev.yaml").read_text("utf-8")
    assert f"shop:accountId: '{text}'" in staged, "or the CLI hands the program a number"
    assert read(project.folder / "Pulumi.dev.yaml")["config"]["shop:accountId"] == text


@given(text=st.text(alphabet="0123456789+-._eExXoObB", min_size=1), number=st.integers())
def test_texts_stay_texts_and_numbers_stay_numbers(text: str, number: int) -> None:
    document = {"text": text, "number": number}
    written = dump(document)
    assert yaml.safe_load(written) == document
    (line,) = [line for line in written.splitlines() if line.startswith("text")]
    assert not PLAIN_NUMBER.search(line), line
    assert f"number: {number}" in written, "a number is not made a text"
