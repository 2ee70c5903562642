"""The sample application, pinboard: its worker's heart beats, and only who may pin a note can."""

from __future__ import annotations

from functools import cache

import pytest

from homeport.description.paths import HostPaths
from homeport.operations.services.resources import Service
from tests.production import heartbeat
from tests.production.endpoints import NOTHING, replies
from tests.production.recovery import until
from tests.production.subject import Subject, ask
from tests.production.verdict import insist

OLDEST = 10.0


@pytest.fixture
def pinboard(subject: Subject) -> Subject:
    """Return a host that runs pinboard; what is about it is skipped where another one runs."""
    if subject.app.name != heartbeat.APP:
        pytest.skip(f"written for {heartbeat.APP}, and app.yml describes {subject.app.name}")
    if not subject.description.of(Service):
        pytest.skip("no service is described there: its processes run while the user runs them")
    return subject


@cache
def later(subject: Subject) -> str:
    """Return what the host answers now, a beat after the first question."""
    question = heartbeat.again(subject.description, subject.answer("endpoints"))
    return str(ask(subject.remote, {"later": question})["later"])


def test_heart_beats(pinboard: Subject) -> None:
    age = heartbeat.age(pinboard.description, pinboard.answer("endpoints"))
    insist(pinboard, age is not None, "no heartbeat is recorded")
    insist(pinboard, (age or 0) < OLDEST, f"the worker's last heartbeat is {age} s old")


def test_heart_goes_on_beating(pinboard: Subject) -> None:
    before = heartbeat.moment(pinboard.description, pinboard.answer("endpoints"))
    after = heartbeat.moment(pinboard.description, later(pinboard))
    insist(pinboard, before and after, "no heartbeat is recorded")
    beat = (after or 0) > (before or 0) + 0.5
    insist(pinboard, beat, f"the worker's heart did not beat for {heartbeat.PERIOD} s")


def test_refuses_a_note_without_the_token(pinboard: Subject) -> None:
    status = replies(later(pinboard)).get("note", NOTHING).status
    insist(pinboard, status == 401, f"a note without the token is answered with {status}, not 401")


@pytest.mark.disruptive
def test_keeps_a_note_and_counts_its_words(pinboard: Subject) -> None:
    # The token goes from its file to curl on the host itself, by standard input.
    secrets = HostPaths(pinboard.app.name).environment[1]
    url = heartbeat.notes(pinboard.description)
    note = pinboard.remote.check_output("cat /proc/sys/kernel/random/uuid")
    pinned = pinboard.remote.run(
        rf"""sed -n 's/^PINBOARD_TOKEN="/header = "Authorization: Bearer /p' {secrets} \
        | curl -s --fail-with-body --config - -d '{{"body": "proof {note}"}}' {url}"""
    )
    insist(pinboard, pinned.succeeded, f"a note with the token is refused: {pinned.stdout[:300]}")
    stored = f'"body":"proof {note}"'
    notes = until(
        lambda: pinboard.remote.check_output(f"curl -s {url}"),
        lambda text: '"words":2' in text.partition(stored)[2].partition("}")[0],
        seconds=10,
    )
    insist(pinboard, stored in notes, "a note that was pinned is not on the board")
    counted = '"words":2' in notes.partition(stored)[2].partition("}")[0]
    insist(pinboard, counted, "the worker did not count the words of a note within 10 s")
