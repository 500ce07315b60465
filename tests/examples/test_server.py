"""What the server makes of a responder that fails, in this process."""

from __future__ import annotations

import http.client
import json
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from examples.assistant.log import JsonFormatter
from examples.assistant.responder import ResponderError
from examples.assistant.server import AgentServer
from examples.assistant.worker_pool import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


class _Failing:
    name = "failing"

    def __init__(self, error: Exception, *, after: tuple[str, ...] = ()) -> None:
        self._error = error
        self._after = after

    def answer(self, prompt: str) -> str:
        return "".join(self.stream(prompt))

    def stream(self, prompt: str) -> Iterator[str]:  # noqa: ARG002
        yield from self._after
        raise self._error


@contextmanager
def _served(responder: _Failing, pool: WorkerPool | None = None) -> Generator[int]:
    server = AgentServer(("127.0.0.1", 0), responder, pool or WorkerPool(1))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _invoke(port: int, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/invocations", b'{"prompt": "hunter2"}', headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_model_that_fails_before_its_answer_is_502_in_both_forms(accept: str) -> None:
    with _served(_Failing(ResponderError("ThrottlingException"))) as port:
        status, body = _invoke(port, Accept=accept)
    assert status == 502
    assert json.loads(body)["error"] == {
        "code": "bad_gateway",
        "message": "the model did not answer: ThrottlingException",
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ResponderError("ThrottlingException"), "bad_gateway"),
        (RuntimeError("hunter2"), "internal_server_error"),
    ],
)
def test_a_failure_in_the_middle_of_a_stream_is_its_last_event(error: Exception, code: str) -> None:
    with _served(_Failing(error, after=("Hello",))) as port:
        status, body = _invoke(port, Accept="text/event-stream")
    first, last = (json.loads(line.removeprefix("data: ")) for line in body.split("\n\n")[:2])
    assert (status, first) == (200, {"text": "Hello"}), "what was said is said"
    assert last["error"]["code"] == code, "and the end is not taken for the whole answer"


def test_an_unexpected_error_is_500_and_its_words_stay_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with _served(_Failing(RuntimeError("prompt: hunter2"))) as port:
        status, body = _invoke(port)
    assert status == 500
    assert "hunter2" not in body
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    line = json.loads(JsonFormatter().format(record))
    assert (line["error"], line["path"]) == ("RuntimeError", "/invocations")
    assert line["where"].startswith("test_server.py:"), "where it happened, for whoever mends it"
    assert "hunter2" not in json.dumps(line), "exceptions may quote payloads"


def test_a_full_pool_is_503_with_a_time_to_come_back() -> None:
    pool = WorkerPool(1, patience=0.01)
    with _served(_Failing(ResponderError("x")), pool) as port, pool.place():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/invocations", b'{"prompt": "hi"}')
        response = connection.getresponse()
        assert (response.status, response.headers["Retry-After"]) == (503, "1")
        connection.close()


def test_a_place_is_free_again_after_a_failure() -> None:
    pool = WorkerPool(1, patience=0.01)
    with _served(_Failing(ResponderError("x")), pool) as port:
        assert [_invoke(port)[0] for _ in range(3)] == [502, 502, 502], "never 503"
