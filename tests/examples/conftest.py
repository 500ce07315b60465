"""The sample agent as a real process on a free loopback port."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


class AgentProcess:
    """`python -m assistant`, as the container starts it."""

    def __init__(self, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._log = tempfile.TemporaryFile("a+")  # noqa: SIM115  a pipe nobody reads fills up
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assistant"],
            cwd=EXAMPLES,
            env={**kept, "HOST": "127.0.0.1", "PORT": "0", **environment},
            stdout=self._log,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_listening(self) -> int:
        while not (lines := self._lines()):
            assert self.process.poll() is None, "the agent ended before it listened"
            time.sleep(0.02)
        self.listening = lines[0]
        assert self.listening["event"] == "listening", lines
        return self.listening["port"]

    def _lines(self) -> list[dict[str, Any]]:
        self._log.seek(0)
        return [json.loads(line) for line in self._log if line.endswith("\n")]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send one request; what is not bytes goes as JSON. Underscores in headers are hyphens."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.listening["port"], timeout=10)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, content, named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def terminate(self) -> tuple[int, list[dict[str, Any]], str]:
        """SIGTERM; answer exit code, log lines and stderr."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> tuple[int, list[dict[str, Any]], str]:
        _, err = self.process.communicate(timeout=20)
        lines = self._lines()
        self._log.close()
        return self.process.returncode, lines, err

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self._log.close()


@pytest.fixture(scope="module")
def agent() -> Iterator[AgentProcess]:
    """One agent without a model, for all that does not end it."""
    process = AgentProcess()
    try:
        process.wait_until_listening()
        yield process
    finally:
        process.close()
