"""Which Pulumi and which Go this project asks for: one number here, the others from `go.mod`."""

import re
from pathlib import Path

from engine.failure import EngineUnavailableError

Version = tuple[int, int, int]

MODULE = Path(__file__).resolve().parent

# The oldest CLI that is used when it is installed already: `pulumi policy analyze`, which judges a
# deployed stack, came with 3.229.0 (Pulumi's change log). Pulumi.yaml asks for the same.
MINIMUM_PULUMI: Version = (3, 230, 0)


def parse(text: str) -> Version | None:
    """Find the first `major.minor.patch`; a missing patch is 0, a pre-release is its release."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if found is None:
        return None
    major, minor, patch = found.groups(default="0")
    return int(major), int(minor), int(patch)


def show(version: Version) -> str:
    """Write a version as everybody writes it: `3.259.0`."""
    return ".".join(str(part) for part in version)


def pinned_pulumi(module: Path = MODULE) -> Version:
    """Read the version of the CLI that `go.mod` pins."""
    return _required(module, r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)")


def minimum_go(module: Path = MODULE) -> Version:
    """Read the oldest Go that builds what `go.mod` pins."""
    return _required(module, r"^go (\S+)")


def _required(module: Path, pattern: str) -> Version:
    found = re.search(pattern, (module / "go.mod").read_text(), re.MULTILINE)
    version = parse(found[1]) if found else None
    if version is None:
        raise EngineUnavailableError(f"{module / 'go.mod'} is damaged: no line matches {pattern!r}")
    return version
