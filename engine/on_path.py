"""The first way to an engine: a `pulumi` that is installed already."""

import shutil
from pathlib import Path

from engine import process, versions
from engine.failure import EngineUnavailableError

LANGUAGE_HOST = "pulumi-language-python"

_SECONDS = 20.0


def find() -> tuple[Path, versions.Version]:
    """Find the `pulumi` a shell would run, and its version.

    Raises EngineUnavailableError when there is none, when it is older than MINIMUM_PULUMI, when it
    does not run, or when it has no language host for Python.
    """
    found = shutil.which("pulumi")
    if found is None:
        raise EngineUnavailableError("there is no `pulumi` on PATH")
    pulumi = Path(found).absolute()
    said = process.output([str(pulumi), "version"], seconds=_SECONDS)
    version = versions.parse(said)
    if version is None:
        raise EngineUnavailableError(f"{pulumi} does not tell its version; it says {said!r}")
    if version < versions.MINIMUM_PULUMI:
        raise EngineUnavailableError(
            f"{pulumi} is {versions.show(version)}; at least "
            f"{versions.show(versions.MINIMUM_PULUMI)} is needed"
        )
    if not _runs_python(pulumi):
        raise EngineUnavailableError(
            f"{pulumi} cannot run Python programs: {LANGUAGE_HOST} is neither beside it nor on PATH"
        )
    return pulumi, version


def _runs_python(pulumi: Path) -> bool:
    # The CLI looks beside the file its own link leads to, and on PATH.
    beside = shutil.which(LANGUAGE_HOST, path=str(pulumi.resolve().parent))
    return beside is not None or shutil.which(LANGUAGE_HOST) is not None
