"""Finds or makes a Pulumi engine, by the first of three ways that works.

1. `path`: a `pulumi` on PATH that is new enough and can run Python programs.
2. `official`: Pulumi's own installer, into the cache.
3. `go`: a build from the Go modules pinned in this folder, into the cache.

What the last two made is found again by its key, so only the first call takes long. The cache is
`${XDG_CACHE_HOME:-~/.cache}/agentcore-pulumi/engine`; it can be deleted at any time.

The environment variable AGENTCORE_ENGINE names one of the three ways, and then no other is tried.
"""

import os
import time
from pathlib import Path
from typing import Protocol

from engine import cache, on_path, versions
from engine.build import Build
from engine.failure import EngineUnavailableError
from engine.official import OfficialInstaller

CHOICE = "AGENTCORE_ENGINE"
WAYS = ("path", "official", "go")


class Maker(Protocol):
    """A way that leaves an engine in the cache; to construct one that cannot work is refused."""

    title: str
    announcement: str

    @property
    def pulumi(self) -> Path:
        """The path of the engine's `pulumi`, whether it is there yet or not."""
        ...

    @property
    def is_installed(self) -> bool:
        """Whether the whole engine is there."""
        ...

    def install(self, progress: cache.Progress) -> None:
        """Make the engine, unless it is there."""
        ...


_MAKERS: dict[str, type[OfficialInstaller | Build]] = {"official": OfficialInstaller, "go": Build}


def ensure(progress: cache.Progress) -> Path:
    """Return the absolute path of a `pulumi` that runs this project, installing it when needed.

    `progress` is called with one line at a time, for the user to read.

    Raises EngineUnavailableError, with all that was tried and the ways out, when no way works.
    """
    ways = _ways()
    failures: dict[str, EngineUnavailableError] = {}
    if "path" in ways:
        try:
            pulumi, version = on_path.find()
        except EngineUnavailableError as error:
            failures["path"] = error
        else:
            progress(f"Pulumi {versions.show(version)} from PATH: {pulumi}")
            return pulumi

    makers: dict[str, Maker] = {}
    for way in [way for way in ways if way in _MAKERS]:
        try:
            makers[way] = _MAKERS[way]()
        except EngineUnavailableError as error:
            failures[way] = error
    pinned = versions.show(versions.pinned_pulumi())
    for maker in makers.values():
        if maker.is_installed:
            progress(f"Pulumi {pinned}, installed before by {maker.title}: {maker.pulumi}")
            return maker.pulumi
    return _make(makers, failures, progress)


def _make(
    makers: dict[str, Maker], failures: dict[str, EngineUnavailableError], progress: cache.Progress
) -> Path:
    pinned = versions.show(versions.pinned_pulumi())
    for way, maker in makers.items():
        progress(f"Pulumi {pinned}: {maker.announcement}")
        started = time.monotonic()
        try:
            maker.install(progress)
        except EngineUnavailableError as error:
            failures[way] = error
            if way != list(makers)[-1]:
                progress(f"that is no way: {error}")
        else:
            took = time.monotonic() - started
            progress(f"Pulumi {pinned}, by {maker.title} in {took:.0f} s: {maker.pulumi}")
            return maker.pulumi
    raise EngineUnavailableError(_no_way(failures))


def _ways() -> tuple[str, ...]:
    choice = os.environ.get(CHOICE, "")
    if not choice:
        return WAYS
    if choice not in WAYS:
        raise EngineUnavailableError(
            f"{CHOICE} is {choice!r}; it can be {', '.join(WAYS)}, or unset to try all three"
        )
    return (choice,)


def _no_way(failures: dict[str, EngineUnavailableError]) -> str:
    titles = {"path": "an installed Pulumi"}
    titles |= {way: maker.title for way, maker in _MAKERS.items()}
    tried = "\n".join(f"  - {titles[way]}: {failures[way]}" for way in WAYS if way in failures)
    minimum = versions.show(versions.MINIMUM_PULUMI)
    go = versions.show(versions.minimum_go())
    others = "" if len(failures) == len(WAYS) else f"  - unset {CHOICE}, which rules out the rest\n"
    return (
        f"no Pulumi engine can be had here. Tried:\n{tried}\n"
        f"Any of these helps; then run this again:\n{others}"
        f"  - install Pulumi {minimum} or newer, so that `pulumi version` works in this shell: "
        "https://www.pulumi.com/docs/install/\n"
        f"  - install Go {go} or newer (https://go.dev/doc/install), with a Go module proxy in "
        "reach (`go env GOPROXY`)"
    )
