"""What proves a host asks what the host itself asks, and judges the answers alike, on its own."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest
import yaml

from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from tests.production.endpoints import endpoints, fault, question, replies
from tests.support.fake_http_server import BAD, WELL, Answer, Server


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def described(port: int) -> DesiredState:
    """Describe a host with one process that has two endpoints."""
    wanted = {"status": 200, "expect_body": '"ok": true'}
    web = {
        "url": f"http://127.0.0.1:{port}",
        "socket": None,
        "headers": {"Host": "shop.example"},
        "timeout": 1,
        "live": {**wanted, "path": "/a/../live?b=[1]&c=%7B'"},
        "ready": {**wanted, "path": "/ready"},
    }
    text = yaml.safe_dump({"processes": {"web": web}})
    return DesiredState("shop", (File("/etc/homeport/shop/health.yml", text.encode()),))


def judged(description: DesiredState) -> dict[str, str | None]:
    """Ask this machine as a host is asked, and return what is wrong with each endpoint."""
    script = f"set -eu\n{question(description)}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    replied = replies(done.stdout)
    return {each.path: fault(each, replied[str(each)]) for each in endpoints(description)}


@pytest.mark.parametrize("kind", BAD)
def test_endpoints__a_bad_answer_is_a_fault_and_leaves_the_other_questions_alone(
    server: Server, kind: str
) -> None:
    answer: Answer = BAD[kind][0]

    def first_bad(connection: socket.socket, over: threading.Event) -> None:
        (answer if len(server.requests) == 1 else WELL)(connection, over)

    server.answer = first_bad
    live, ready = judged(described(server.port)).values()
    assert (live is not None, ready) == (True, None)


def test_endpoints__what_is_asked_is_what_is_described(server: Server) -> None:
    assert set(judged(described(server.port)).values()) == {None}
    assert [line.split()[1] for line in server.requests] == ["/a/../live?b=[1]&c=%7B'", "/ready"]


def test_endpoints__nobody_there_is_a_fault(server: Server) -> None:
    server.stop()
    assert set(judged(described(server.port)).values()) == {"does not answer: curl exits with 7"}


def test_endpoints__an_application_that_is_asked_nothing_has_no_endpoint() -> None:
    none = DesiredState("shop", (File("/etc/homeport/shop/health.yml", b"processes: {}\n"),))
    assert list(endpoints(none)) == []
    assert question(none) == ":"
