"""Which of the three ways to an engine is taken, and what is said when none can be."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import install, official, versions
from engine.failure import EngineUnavailableError
from tests.engine.conftest import Machine, processes, wait_until

Serve = Callable[[str | None], None]

INSTALLED_BY_SCRIPT = """
PATH=/usr/bin:/bin
echo "$@" >"$HOME/asked"
mkdir "$3/bin"
for binary in pulumi pulumi-language-python pulumi-language-python-exec; do
    printf '#!/bin/sh\\necho v3.259.0\\n' >"$3/bin/$binary"
    chmod +x "$3/bin/$binary"
done
"""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, machine: Machine) -> Iterator[Serve]:
    """Put an installer (or a 404) where Pulumi's own is looked for."""
    served: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = served[-1]
            self.send_response(404 if script is None else 200)
            self.end_headers()
            self.wfile.write((script or "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr(official, "INSTALLER", f"http://127.0.0.1:{server.server_port}/install.sh")
    machine.binaries.joinpath("sh").symlink_to("/bin/sh")
    yield served.append
    server.shutdown()
    thread.join()
    server.server_close()


def refused(way: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(install.CHOICE, way)
    with pytest.raises(EngineUnavailableError) as error:
        install.ensure(print)
    return str(error.value)


@pytest.mark.parametrize("version", ["v3.230.0", "3.230.1", "v3.300.0-alpha.1+dirty", "v4.0.0"])
def test_a_new_enough_pulumi_on_path_is_used(here: Machine, version: str) -> None:
    pulumi = here.has_pulumi(version)
    here.has_go()
    said: list[str] = []
    assert install.ensure(said.append) == pulumi, "what is installed already comes first"
    assert here.builds == 0, "nothing is built then"
    assert len(said) == 1, "one line says which it is"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo v3.229.9", "3.229.9; at least 3.230.0"),
        ("echo v2.300.0", "2.300.0; at least 3.230.0"),
        ("echo who knows", "'who knows'"),
        ("echo broken >&2; exit 3", "broken"),
    ],
)
def test_an_unfit_pulumi_on_path_is_passed_over(
    here: Machine, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    here.has_pulumi("v3.259.0")
    here.has("pulumi", script)
    here.has_go()
    built = install.ensure(print)
    assert built.is_relative_to(here.cache), "the next way that works is taken"
    assert reason in refused("path", monkeypatch), "the reason is told when it matters"


def test_a_pulumi_without_a_language_host_is_passed_over(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.has("pulumi", "echo v3.259.0")
    assert "cannot run Python programs" in refused("path", monkeypatch)
    here.has("pulumi-language-python", "exit 1")
    assert install.ensure(print).name == "pulumi", "with the host on PATH it is used"


def test_the_language_host_is_looked_for_where_a_link_leads(here: Machine) -> None:
    keg = here.home / "keg"
    keg.mkdir()
    here.has("pulumi", "echo v3.259.0").rename(keg / "pulumi")
    here.has("pulumi-language-python", "exit 1").rename(keg / "pulumi-language-python")
    link = here.binaries / "pulumi"
    link.symlink_to(keg / "pulumi")
    assert install.ensure(print) == link, "package managers link the CLI, not always the host"


def test_the_official_installer_comes_before_a_build(here: Machine, serve: Serve) -> None:
    serve(INSTALLED_BY_SCRIPT)
    here.has_go()
    pulumi = install.ensure(print)
    asked = (here.home / "asked").read_text()
    assert pulumi.is_relative_to(here.cache), "it is installed into the cache"
    assert here.builds == 0, "no build is needed"
    assert "--no-edit-path" in asked, "the user's shell profile is left alone"
    assert f"--version {versions.show(versions.pinned_pulumi())}" in asked, "the pinned version"
    serve(None)
    assert install.ensure(print) == pulumi, "the second time nothing is asked"


@pytest.mark.parametrize("script", [None, "exit 1", "exit 0", "echo unsupported OS; exit 2"])
def test_a_failing_official_installer_leads_to_a_build(
    here: Machine, serve: Serve, script: str | None
) -> None:
    serve(script)
    here.has_go()
    said: list[str] = []
    pulumi = install.ensure(said.append)
    assert here.builds == 1, "the third way is taken"
    assert pulumi.is_relative_to(here.cache), "into the cache"
    assert any("that is no way" in line for line in said), "and it is said why"
    assert not list(here.cache.glob("*.unfinished")), "what the installer left is removed"


def test_a_silent_network_costs_no_more_than_the_timeout(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as silent:
        address = f"http://127.0.0.1:{silent.server_port}/install.sh"
        monkeypatch.setattr(official, "INSTALLER", address)
        monkeypatch.setattr(official, "_SECONDS_TO_REACH", 0.2)
        here.has_go()
        assert "is silent" in refused("official", monkeypatch)


def test_an_installer_that_hangs_is_ended(
    here: Machine, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(f"echo $$ >{here.home}/pid; PATH=/usr/bin:/bin sleep 60")
    monkeypatch.setattr(official, "_SECONDS_TO_INSTALL", 0.3)
    assert "not done after" in refused("official", monkeypatch)
    pid = int((here.home / "pid").read_text())
    assert wait_until(lambda: pid not in processes(), 3), "and it is gone"


@pytest.mark.parametrize(("version", "toolchain"), [("go1.24.9", "local"), ("go1.20.1", "auto")])
def test_a_go_that_is_too_old_is_refused(
    here: Machine, monkeypatch: pytest.MonkeyPatch, version: str, toolchain: str
) -> None:
    here.has_go(version, toolchain)
    assert "is too old, 1.25.11 is needed" in refused("go", monkeypatch)
    assert here.builds == 0, "before it is tried"


@pytest.mark.parametrize(("version", "toolchain"), [("go1.25.11", "local"), ("go1.24.9", "auto")])
def test_a_go_that_is_new_enough_or_can_get_so_builds(
    here: Machine, version: str, toolchain: str
) -> None:
    here.has_go(version, toolchain)
    assert install.ensure(print).is_relative_to(here.cache)


def test_a_failed_build_tells_what_go_said_last(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.has_go(build="echo 'go: downloading x v1'; echo 'a.go:1: connection refused'; exit 1")
    message = refused("go", monkeypatch)
    assert "connection refused" in message, "the reason"
    assert "downloading" not in message, "and no progress"
    assert not list(here.cache.glob("*.unfinished")), "nothing half done is left"
    here.has_go()
    assert install.ensure(print).exists(), "the next run works"


def test_an_unknown_way_is_refused(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    here.has_pulumi("v3.259.0")
    assert "it can be path, official, go" in refused("gopath", monkeypatch)


def test_when_nothing_works_one_message_names_every_way(machine: Machine) -> None:
    code, stdout, stderr = machine.run()
    assert code == 1, "the exit code says so"
    assert stdout == "", "standard output is for the path alone"
    assert "Traceback" not in stderr, "a message, no traceback"
    assert stderr.count("engine: error:") == 1, "one message"
    for told in ("no `pulumi` on PATH", "cannot be reached", "no `go` on PATH", "docs/install"):
        assert told in stderr, f"it tells: {told}"


@pytest.mark.parametrize("cache", ["/dev/null/cache", "relative"])
def test_the_cache_folder_is_the_users(machine: Machine, cache: str) -> None:
    machine.has_go()
    machine.extra["XDG_CACHE_HOME"] = cache
    code, stdout, stderr = machine.run()
    if cache == "relative":
        assert Path(stdout.strip()).is_relative_to(machine.cache), "XDG: a relative one is ignored"
    else:
        assert code == 1, "a cache that cannot be written is no way"
        assert "set XDG_CACHE_HOME" in stderr, "and the way out is told"
        assert "Traceback" not in stderr
