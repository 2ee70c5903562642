"""People reach the process that runs, and nothing that stands in its place."""

from __future__ import annotations

from tests.production import serving
from tests.production.subject import Subject
from tests.production.verdict import no_faults


def test_people_reach_the_process_that_runs(subject: Subject, reached: str) -> None:
    process = serving.reached(subject.description)[reached]
    no_faults(subject, serving.faults(reached, process, subject.answer("people")))
