"""A long command, and how it ends."""

import threading
from pathlib import Path

import pytest

from engine.process import follow


def test_an_interrupted_command_ends_in_silence_while_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(threading, "excepthook", complaints.append)

    def ctrl_c(_passed: float, lines: object) -> None:
        if lines:
            raise KeyboardInterrupt

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            follow(["sh", "-c", "while echo line; do :; done"], cwd=tmp_path, tick=ctrl_c)
    for thread in threading.enumerate():
        if "_collect" in thread.name:
            thread.join(5)
    assert not complaints, "no thread tells of a stream that was closed under its reading"
