"""The agent as AgentCore sees it: a process that answers HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from examples.assistant.server import BODY_LIMIT, SESSION_HEADER
from tests.examples.conftest import AgentProcess, Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION = "b1946ac9-2a4d-4b5c-9a7e-0d1f2e3c4b5a"


def _raw(agent: AgentProcess, request: bytes) -> bytes:
    """Send bytes as they are, and read until the agent closes."""
    with socket.create_connection(("127.0.0.1", agent.listening["port"]), timeout=10) as wire:
        wire.sendall(request)
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def test_ping_says_healthy_and_since_when(agent: AgentProcess) -> None:
    answer = agent.call("GET", "/ping")
    assert answer.status == 200
    assert set(answer.json) == {"status", "time_of_last_update"}, "the contract's two fields"
    assert answer.json["status"] == "Healthy"
    assert 0 <= time.time() - answer.json["time_of_last_update"] < 60, "Unix seconds"


def test_an_invocation_is_answered_as_json_and_knows_its_session(agent: AgentProcess) -> None:
    answer = agent.call("POST", "/invocations", {"prompt": "Grüße"}, **{SESSION_HEADER: SESSION})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["answer"].endswith("Grüße")
    assert answer.json["answered_by"] == "echo", "an answer without a model says so"
    assert answer.json["session_id"] == SESSION


def test_a_stream_is_sent_as_events_that_add_up_to_the_answer(agent: AgentProcess) -> None:
    whole = agent.call("POST", "/invocations", {"prompt": "hello"}).json["answer"]
    answer = agent.call("POST", "/invocations", {"prompt": "hello"}, Accept="text/event-stream")
    assert answer.headers["Content-Type"] == "text/event-stream"
    lines = answer.body.decode().split("\n\n")
    assert lines.pop() == "", "every event ends with an empty line"
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert events.pop() == {"done": True, "answered_by": "echo"}
    assert "".join(event["text"] for event in events) == whole


def test_a_connection_serves_several_requests(agent: AgentProcess) -> None:
    request = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"
    assert _raw(agent, request * 3).count(b"HTTP/1.1 200 OK") == 3


def test_a_body_in_chunks_is_read(agent: AgentProcess) -> None:
    head = b"POST /invocations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b'5\r\n{"pro\r\nA;note=1\r\nmpt":"hi"}\r\n0\r\n\r\n'
    answer = _raw(agent, head + chunks)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"echo: hi" in answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"prompt"',
        b"{}",
        b'{"prompt": ""}',
        b'{"prompt": "  "}',
        b'{"prompt": 1}',
        b'{"Prompt": "wrong case"}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_invocation_is_answered_with_400(
    agent: AgentProcess, body: bytes
) -> None:
    answer = agent.call("POST", "/invocations", body)
    assert answer.status == 400
    assert answer.json["error"]["code"] == "bad_request"
    assert answer.json["error"]["message"], "it says what is expected"


@pytest.mark.parametrize("path", ["/", "/ws", "/invocations/", "/Ping"])
def test_an_unknown_path_is_answered_with_404_and_the_known_ones(
    agent: AgentProcess, path: str
) -> None:
    answer = agent.call("GET", path)
    assert answer.status == 404
    assert "POST /invocations, GET /ping" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/invocations", "POST"),
        ("PUT", "/invocations", "POST"),
        ("POST", "/ping", "GET"),
        ("DELETE", "/ping", "GET"),
        ("HEAD", "/ping", "GET"),
    ],
)
def test_a_wrong_method_is_answered_with_405_and_the_right_one(
    agent: AgentProcess, method: str, path: str, allowed: str
) -> None:
    answer = agent.call(method, path)
    assert (answer.status, answer.headers["Allow"]) == (405, allowed)


def _post(*headers: str, body: str = "") -> bytes:
    lines = ["POST /invocations HTTP/1.1", "Host: a", *headers, "", body]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (_post(f"Content-Length: {BODY_LIMIT + 1}"), 413),
        (_post(f"Content-Length: {'9' * 5000}"), 413),
        (_post("Transfer-Encoding: chunked", body=f"{BODY_LIMIT + 1:x}\r\n"), 413),
        (_post("Content-Length: 99", body="{}"), 400),
        (_post("Content-Length: -1"), 400),
        (_post("Content-Length: ten"), 400),
        (_post("Transfer-Encoding: chunked", body="-5\r\n"), 400),
        (_post("Transfer-Encoding: chunked", body="ffffffffff\r\n"), 400),
        (_post(), 411),
        (b"BREW /ping HTTP/1.1\r\n\r\n", 501),
        (b"GET /ping HTTP/9.9.9\r\n\r\n", 400),
        (b"one two three four\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
    ],
)
def test_a_request_that_is_none_is_answered_as_json_and_closed(
    agent: AgentProcess, request_bytes: bytes, status: int
) -> None:
    head, _, body = _raw(agent, request_bytes).partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert b"\r\nConnection: close" in head, "what is left of the body must not be a request"
    assert set(json.loads(body)["error"]) == {"code", "message"}


def test_a_body_at_the_limit_is_taken(agent: AgentProcess) -> None:
    frame = len(b'{"prompt": ""}')
    answer = agent.call("POST", "/invocations", {"prompt": "a" * (BODY_LIMIT - frame)})
    assert answer.status == 200


def test_many_callers_at_once_each_get_their_own_answer(agent: AgentProcess) -> None:
    prompts = [f"number {number}" for number in range(50)]

    def ask(prompt: str) -> Answer:
        return agent.call("POST", "/invocations", {"prompt": prompt})

    with ThreadPoolExecutor(25) as callers:
        answers = list(callers.map(ask, prompts))
    assert [answer.json["answer"].rpartition("echo: ")[2] for answer in answers] == prompts


class _Model(BaseHTTPRequestHandler):
    """Bedrock, as slow as the test wants."""

    go_on = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.go_on.wait(10)
        answer = {
            "output": {"message": {"role": "assistant", "content": [{"text": "from the model"}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            "metrics": {"latencyMs": 1},
        }
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def slow_model() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    _Model.go_on.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    _Model.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def modelled(slow_model: str) -> Iterator[AgentProcess]:
    """An agent with a model and room for two invocations."""
    process = AgentProcess(
        MODEL_ID="amazon.nova-lite-v1:0",
        AGENT_CPU_UNITS="256",
        AWS_ENDPOINT_URL=slow_model,
        AWS_REGION="us-east-1",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="111111111111",
        AWS_SECRET_ACCESS_KEY="offline-secret",
    )
    try:
        process.wait_until_listening()
        yield process
    finally:
        process.close()


def _status_becomes(agent: AgentProcess, status: str) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if agent.call("GET", "/ping").json["status"] == status:
            return True
        time.sleep(0.02)
    return False


def test_a_busy_agent_says_so_and_sigterm_lets_it_finish(modelled: AgentProcess) -> None:
    assert modelled.listening["workers"] == 2, "sized by AGENT_CPU_UNITS"
    secret_prompt = "my password is hunter2"
    with ThreadPoolExecutor() as callers:
        running = [
            callers.submit(modelled.call, "POST", "/invocations?token=hunter2", body)
            for body in [{"prompt": secret_prompt}] * 3
        ]
        assert _status_becomes(modelled, "HealthyBusy"), "or AgentCore ends the session as idle"
        _Model.go_on.set()
        answers = [call.result() for call in running]
        assert [answer.json["answer"] for answer in answers] == ["from the model"] * 3
        assert answers[0].json["answered_by"] == "amazon.nova-lite-v1:0"
        assert _status_becomes(modelled, "Healthy"), "done"

        _Model.go_on.clear()
        last = callers.submit(modelled.call, "POST", "/invocations", {"prompt": secret_prompt})
        assert _status_becomes(modelled, "HealthyBusy")
        modelled.process.terminate()
        time.sleep(0.3)
        assert modelled.process.poll() is None, "an invocation is still running"
        _Model.go_on.set()
        assert last.result().json["answer"] == "from the model", "no invocation is cut off"
    code, lines, errors = modelled.ended()
    assert (code, errors) == (0, "")
    assert (lines[-1]["event"], lines[-1]["finished"]) == ("stopped", True)
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["path"], line["status"]) for line in requests] == [("/invocations", 200)] * 4
    log = json.dumps(lines)
    assert "hunter2" not in log, "neither payloads nor query strings are logged"
    assert "offline-secret" not in log


def test_sigterm_ends_an_idle_agent_at_once_even_with_open_connections() -> None:
    agent = AgentProcess()
    try:
        port = agent.wait_until_listening()
        with socket.create_connection(("127.0.0.1", port)):
            begun = time.monotonic()
            code, lines, errors = agent.terminate()
        assert (code, errors, lines[-1]["event"]) == (0, "", "stopped")
        assert time.monotonic() - begun < 3, "AgentCore waits some 15 s only"
    finally:
        agent.close()


def test_wrong_settings_end_the_agent_with_all_of_them_named() -> None:
    agent = AgentProcess(PORT="http", AGENT_CPU_UNITS="-1")
    code, (line,), errors = agent.ended()
    assert (code, errors) == (2, ""), "no traceback"
    assert 'PORT="http"' in line["problems"]
    assert 'AGENT_CPU_UNITS="-1"' in line["problems"]


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, (line,), errors = AgentProcess(PORT=str(port)).ended()
    assert (code, errors, line["event"], line["port"]) == (1, "", "cannot listen", port)


def test_a_model_without_a_region_is_one_line() -> None:
    code, (line,), errors = AgentProcess(MODEL_ID="m", AWS_CONFIG_FILE="/dev/null").ended()
    assert (code, errors, line["reason"]) == (1, "", "NoRegionError")
