"""Connections to the offline AWS: kept for the next request, and given up in the end."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from emulator.aws import server
from emulator.aws.server import AwsServer
from tests.emulator.aws.cloud import Cloud, random_account
from tests.emulator.aws.conftest import FakeProviders


@pytest.fixture
def aws() -> Iterator[AwsServer]:
    made = AwsServer("connections", FakeProviders, pause=0)
    made.start()
    yield made
    made.close()


def connected(aws: AwsServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", aws.port, timeout=5)


def asked(connection: http.client.HTTPConnection, **headers: str) -> http.client.HTTPResponse:
    connection.request("GET", "/_emulator/health", headers=headers)
    answer = connection.getresponse()
    assert answer.read().startswith(b"{"), "the whole answer is there"
    return answer


def test_a_connection_takes_the_next_request(aws: AwsServer) -> None:
    with closing(connected(aws)) as connection:
        asked(connection)
        first = connection.sock
        assert first is not None, "it is kept"
        connection.request("POST", "/unsigned", body=b"x" * 100_000)
        assert connection.getresponse().read(), "what is refused is read to its end all the same"
        asked(connection)
        assert connection.sock is first, "and no other is opened"


def test_a_client_that_wants_it_closed_has_it_closed(aws: AwsServer) -> None:
    with closing(connected(aws)) as connection:
        assert asked(connection, Connection="close").getheader("Connection") == "close"
        assert connection.sock is None
    with closing(socket.create_connection(("127.0.0.1", aws.port), timeout=5)) as old:
        old.sendall(b"GET /_emulator/health HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: old.recv(65536), b""))
        assert answer.endswith(b"}"), "HTTP/1.0 ends an answer so"


def test_a_body_is_sent_when_the_server_says_that_it_waits_for_it(aws: AwsServer) -> None:
    with closing(socket.create_connection(("127.0.0.1", aws.port), timeout=5)) as client:
        head = b"POST /unsigned HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue"
        client.sendall(head + b"\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n", "once"
        client.sendall(b"body")
        assert client.recv(65536).startswith(b"HTTP/1.1 403 ")


def test_an_answer_without_a_body_leaves_the_connection_usable(aws: AwsServer) -> None:
    with closing(connected(aws)) as connection:
        connection.request("HEAD", "/_emulator/health")
        assert connection.getresponse().read() == b""
        asked(connection)


def test_an_idle_connection_is_closed(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    monkeypatch.setattr(server, "IDLE", 0.05)
    with closing(connected(aws)) as connection:
        asked(connection)
        assert connection.sock is not None
        assert connection.sock.recv(1) == b"", "nobody asked anything"
    deadline = time.monotonic() + 5
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, "its thread is gone too"
    monkeypatch.undo()
    with closing(connected(aws)) as kept:
        asked(kept)
        time.sleep(0.1)
        asked(kept)


def test_a_closed_server_answers_on_no_connection_but_ends_its_answers(aws: AwsServer) -> None:
    cloud = Cloud(aws.url, random_account())
    cloud.fault(fault="slow", seconds=0.3, service="ecr", operation="CreateRepository")
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(cloud.repository()))
    with closing(connected(aws)) as connection:
        asked(connection)
        asking.start()
        time.sleep(0.1)
        aws.close()
        assert connection.sock is not None
        assert connection.sock.recv(1) == b"", "a client would take it for a running one"
    asking.join(5)
    assert answers, "what was asked before is answered"
