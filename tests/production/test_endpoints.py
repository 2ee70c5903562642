"""Processes answer: on the host, and from outside where they listen to the outside."""

from __future__ import annotations

import http.client
import time

import pytest

from tests.production.endpoints import (
    ENDLESS,
    LONGEST,
    NOTHING,
    Endpoint,
    Reply,
    fault,
    is_public,
    replies,
)
from tests.production.subject import Subject
from tests.production.verdict import insist


def test_answers_on_the_host(subject: Subject, endpoint: Endpoint) -> None:
    reply = replies(subject.answer("endpoints")).get(str(endpoint), NOTHING)
    wrong = fault(endpoint, reply)
    insist(subject, wrong is None, f"{endpoint.where} {wrong}")


def test_answers_from_outside(subject: Subject, endpoint: Endpoint) -> None:
    if endpoint.port is None or not is_public(endpoint, subject.answer("endpoints")):
        pytest.skip(f"{endpoint.process} does not listen to the outside")
    if subject.outside is None:
        pytest.skip("this machine reaches the host by a jump, so it can't see it as others do")
    try:
        wrong = fault(endpoint, _ask(subject.outside, endpoint.port, endpoint))
    except (OSError, http.client.HTTPException) as error:
        wrong = f"gives no answer ({error})"
    insist(subject, wrong is None, f"{subject.outside}:{endpoint.port}{endpoint.path} {wrong}")


def _ask(address: str, port: int, endpoint: Endpoint) -> Reply:
    end = time.monotonic() + endpoint.timeout
    connection = http.client.HTTPConnection(address, port, timeout=endpoint.timeout)
    try:
        connection.request("GET", endpoint.path, headers=dict(endpoint.headers))
        response = connection.getresponse()
        body = b""
        while part := response.read1(65536):
            body += part
            if len(body) >= LONGEST:
                return ENDLESS
            if time.monotonic() > end:
                return Reply(response.status, body, exit=28)
        return Reply(response.status, body)
    finally:
        connection.close()
