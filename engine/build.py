"""The third way to an engine: built from the Go modules that `go.mod` and `go.sum` pin.

It needs Go and a Go module proxy, nothing else. The CLI is Pulumi's own module, the script that
runs a Python program is Pulumi's too; the language host is in this folder, because the module of
the official one cannot be had from a proxy.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import cache, process, versions
from engine.failure import EngineUnavailableError

BINARIES = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")

_CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_EXEC_SCRIPT = "python/cmd/pulumi-language-python-exec"
_SECONDS_TO_ANSWER = 60.0


class Build:
    """An engine that Go builds into the cache.

    Raises EngineUnavailableError when there is no Go that can.
    """

    title = "a build from Go modules"
    announcement = (
        "building it from Go modules, once; this takes minutes when Go's caches are empty"
    )

    def __init__(self, module: Path = versions.MODULE) -> None:
        go = shutil.which("go")
        if go is None:
            raise EngineUnavailableError("there is no `go` on PATH")
        self._go = go
        self._module = module
        # Asked outside of the module: inside of it Go may start to download another Go.
        asked = [go, "env", "-json", "GOVERSION", "GOTOOLCHAIN", "GOOS", "GOARCH"]
        told = process.output(asked, seconds=_SECONDS_TO_ANSWER, cwd=Path("/"))
        toolchain: dict[str, str] = json.loads(told)
        self._refuse_old(toolchain)
        parts: list[str | bytes] = [toolchain[name] for name in ("GOVERSION", "GOOS", "GOARCH")]
        sources = [module / "go.mod", module / "go.sum", *(module / BINARIES[1]).glob("*.go")]
        for source in sorted(sources):
            parts += [source.name, source.read_bytes()]
        self._engine = cache.folder() / cache.key("go", *parts)

    @property
    def pulumi(self) -> Path:
        """The path of the engine's `pulumi`, whether it is there yet or not."""
        return self._engine / BINARIES[0]

    @property
    def is_installed(self) -> bool:
        """Whether the whole engine is there."""
        return cache.is_whole(self._engine, BINARIES)

    def install(self, progress: cache.Progress) -> None:
        """Build the engine, unless it is there.

        Raises EngineUnavailableError with what Go said last when the build fails.
        """
        cache.install(self._engine, BINARIES, lambda empty: self._fill(empty, progress), progress)

    def _fill(self, empty: Path, progress: cache.Progress) -> None:
        version = versions.show(versions.pinned_pulumi(self._module))
        stamp = f"-X {_SDK}/go/common/version.Version=v{version}"
        command = [self._go, "build", "-v", "-mod=readonly", "-buildvcs=false", "-trimpath"]
        command += ["-ldflags", f"-s -w {stamp}", "-o", f"{empty}/", _CLI, f"./{BINARIES[1]}"]
        code, lines = process.follow(
            command,
            cwd=self._module,
            tick=_reporter(progress),
            # A go.work above the clone must not change what is built.
            environment={"GOWORK": "off"},
        )
        if code != 0:
            raise EngineUnavailableError(_last_words(lines) or f"`go build` ended with {code}")
        listed = [self._go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", _SDK]
        sdk = process.output(listed, seconds=_SECONDS_TO_ANSWER, cwd=self._module)
        script = empty / BINARIES[2]
        shutil.copyfile(Path(sdk) / _EXEC_SCRIPT, script)
        script.chmod(0o755)
        process.output([str(empty / BINARIES[0]), "version"], seconds=_SECONDS_TO_ANSWER)

    def _refuse_old(self, toolchain: dict[str, str]) -> None:
        version, needed = versions.parse(toolchain["GOVERSION"]), versions.minimum_go(self._module)
        if version is None or version >= needed:
            return
        # Since 1.21 Go downloads the Go that a go.mod asks for, unless it was told not to.
        downloads = version >= (1, 21, 0) and not toolchain["GOTOOLCHAIN"].startswith("local")
        if not downloads:
            raise EngineUnavailableError(
                f"Go {versions.show(version)} is too old, {versions.show(needed)} is needed"
            )


def _reporter(progress: cache.Progress) -> Callable[[float, Sequence[str]], None]:
    """Say how far the build is: first after 5 s, then ever more seldom, at least every 30 s."""
    due = 5.0

    def report(passed: float, lines: Sequence[str]) -> None:
        nonlocal due
        if passed < due:
            return
        due = passed + min(passed, 30.0)
        fetched = sum(line.startswith("go: downloading") for line in lines)
        compiled = len(lines) - fetched
        progress(f"{passed:.0f} s: {fetched} modules downloaded, {compiled} packages compiled")

    return report


def _last_words(lines: Sequence[str]) -> str:
    """Pick what tells why a build failed: the last line that is neither progress nor heading."""
    telling = [line for line in lines if ": " in line and not line.startswith("go: downloading")]
    return telling[-1] if telling else ""
