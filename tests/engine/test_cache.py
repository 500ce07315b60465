"""An engine gets into the cache once, whole, under the key of what it was made from."""

import os
import shutil
import signal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine import cache, install, versions
from engine.build import Build
from tests.engine.conftest import Machine, processes, wait_until

PARTS = st.lists(st.text() | st.binary(), max_size=4)


@given(PARTS, PARTS)
def test_two_keys_are_the_same_only_for_the_same_parts(
    one: list[str | bytes], other: list[str | bytes]
) -> None:
    def plain(parts: list[str | bytes]) -> list[bytes]:
        return [part.encode() if isinstance(part, str) else part for part in parts]

    same = plain(one) == plain(other)
    assert (cache.key(*one) == cache.key(*other)) == same, "also when only the borders move"


@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999), st.sampled_from(["", "v"]))
def test_a_version_is_read_back_as_it_is_shown(
    major: int, minor: int, patch: int, prefix: str
) -> None:
    version = (major, minor, patch)
    assert versions.parse(f"{prefix}{versions.show(version)}-rc.1") == version


def test_the_second_run_builds_nothing(machine: Machine) -> None:
    machine.has_go()
    code, first, _ = machine.run()
    assert code == 0, "the first one builds"
    assert first == f"{Path(first.strip())}\n", "standard output is one line"
    assert Path(first.strip()).is_absolute(), "the path of the binary"
    _, second, said = machine.run()
    assert second == first, "the second one finds it"
    assert machine.builds == 1, "and builds nothing"
    assert len(said.splitlines()) == 1, "and says so in one line"


def test_the_key_changes_with_everything_the_engine_is_made_from(
    here: Machine, tmp_path: Path
) -> None:
    here.has_go()
    module = tmp_path / "module"
    shutil.copytree(versions.MODULE, module, ignore=shutil.ignore_patterns("__pycache__"))
    keys = [Build(module).pulumi, Build(module).pulumi]
    assert len(set(keys)) == 1, "the same sources have the same key"
    for source in ("go.mod", "go.sum", "pulumi-language-python/main.go"):
        with (module / source).open("a") as file:
            file.write("\n")
        keys.append(Build(module).pulumi)
    (module / "pulumi-language-python" / "new.go").write_text("package main\n")
    keys.append(Build(module).pulumi)
    here.has_go("go1.26.1")
    keys.append(Build(module).pulumi)
    assert len(set(keys)) == 6, "every change is another engine"


def test_a_damaged_engine_is_built_again(here: Machine) -> None:
    here.has_go()
    pulumi = install.ensure(print)
    pulumi.with_name("pulumi-language-python-exec").unlink()
    assert install.ensure(print) == pulumi, "in the same place"
    assert here.builds == 2, "anew"
    assert pulumi.with_name("pulumi-language-python-exec").exists(), "and whole"


def test_an_interrupted_build_leaves_nothing_and_says_one_line(machine: Machine) -> None:
    machine.has_go(build="sleep 61.25")
    process = machine.start()
    assert wait_until(lambda: machine.builds == 1, 10), "the build has to start"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=5)
    assert process.returncode == 130, "as a shell has it for Ctrl-C"
    assert "Traceback" not in stderr, "a message, no traceback"
    assert stderr.splitlines()[-1].startswith("engine: interrupted"), "that says what to do"
    assert [path.name for path in machine.cache.iterdir()] == ["lock"], "nothing half done is left"
    assert wait_until(lambda: "sleep 61.25" not in str(processes()), 3), "no compiler is left"
    machine.has_go()
    assert machine.run()[0] == 0, "the next run works"


def test_a_killed_build_is_cleaned_up_by_the_next_run(machine: Machine) -> None:
    machine.has_go(build=f"echo $$ >{machine.home}/pid; sleep 60")
    process = machine.start()
    assert wait_until((machine.home / "pid").exists, 10), "the build has to start"
    process.kill()
    process.communicate()
    assert list(machine.cache.glob("*.unfinished")), "SIGKILL leaves an unfinished engine"
    os.killpg(int((machine.home / "pid").read_text()), signal.SIGKILL)
    machine.has_go()
    code, stdout, stderr = machine.run()
    assert code == 0, f"the next run is not in its way: {stderr}"
    names = {path.name for path in machine.cache.iterdir()}
    assert names == {"lock", Path(stdout.strip()).parent.name}, "and it cleans up"


def test_two_at_once_build_once(machine: Machine) -> None:
    machine.has_go(build="sleep 0.5")
    both = [machine.start(), machine.start()]
    outputs = [process.communicate(timeout=20) for process in both]
    assert {process.returncode for process in both} == {0}, "both get an engine"
    assert len({stdout for stdout, _ in outputs}) == 1, "the same"
    assert machine.builds == 1, "that was built once"
    assert any("waiting for it" in stderr for _, stderr in outputs), "and one says that it waits"
