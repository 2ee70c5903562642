"""Processes answer: on the host, and from outside where they listen to the outside."""

from __future__ import annotations

import http.client

import pytest

from tests.production.endpoints import NOTHING, Endpoint, is_public, replies
from tests.production.subject import Subject
from tests.production.verdict import insist


def test_answers_on_the_host(subject: Subject, endpoint: Endpoint) -> None:
    reply = replies(subject.answer("endpoints")).get(str(endpoint), NOTHING)
    said = f"answers {reply.status}: {reply.body[:300]}" if reply.status else "does not answer"
    insist(subject, reply.status == 200, f"{endpoint.where} {said}")


def test_answers_from_outside(subject: Subject, endpoint: Endpoint) -> None:
    if endpoint.port is None or not is_public(endpoint, subject.answer("endpoints")):
        pytest.skip(f"{endpoint.process} does not listen to the outside")
    if subject.outside is None:
        pytest.skip("this machine reaches the host by a jump, so it can't see it as others do")
    said = _ask(subject.outside, endpoint.port, endpoint.path)
    insist(subject, said == "200", f"{subject.outside}:{endpoint.port}{endpoint.path}: {said}")


def _ask(address: str, port: int, path: str) -> str:
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", path)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer from outside ({error})"
    finally:
        connection.close()
