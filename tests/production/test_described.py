"""Everything that is described exists, as it is described."""

from __future__ import annotations

from tests.production.described import faults
from tests.production.subject import Subject
from tests.production.verdict import no_faults


def test_is_as_described(subject: Subject, resource: object) -> None:
    no_faults(subject, faults(resource, subject.answer))
