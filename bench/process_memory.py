"""Peak memory of the program: the Python process that the language host runs."""

import subprocess
import threading
from pathlib import Path
from typing import Final

_SECONDS_BETWEEN_LOOKS: Final = 0.05
_EXEC_SCRIPT: Final = b"pulumi-language-python-exec"


def peak_of_program(cli: subprocess.Popen[bytes]) -> float:
    """MiB of the program's highest resident set while the CLI runs; waits for its end."""
    ended = threading.Event()
    peaks = [0]

    def watch() -> None:
        while not ended.wait(_SECONDS_BETWEEN_LOOKS):
            peaks.extend(_peak(process) for process in _programs_of(cli.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        cli.wait()
    finally:
        ended.set()
        watcher.join()
    return max(peaks) / 1024


def _programs_of(root: int) -> list[Path]:
    """The processes below one that run the exec script."""
    parents: dict[int, int] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(process.name)] = int(fields[1])
    return [
        Path(f"/proc/{pid}")
        for pid in parents
        if _is_below(pid, root, parents) and _is_program(pid)
    ]


def _is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def _is_program(pid: int) -> bool:
    try:
        return _EXEC_SCRIPT in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _peak(process: Path) -> int:
    """KiB, as the kernel keeps it (VmHWM)."""
    try:
        status = (process / "status").read_text()
    except OSError:
        return 0
    return next((int(r.split()[1]) for r in status.splitlines() if r.startswith("VmHWM")), 0)
