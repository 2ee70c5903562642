"""The proxy answers, and keeps to the host what is for the host alone."""

from __future__ import annotations

from homeport.operations.proxy.resources import Site
from tests.production.proxy import Answered, answers, base, hidden, serves, shows
from tests.production.subject import Subject
from tests.production.verdict import no_faults

NOTHING = Answered(0, {})


def test_front_answers_with_the_headers_that_are_described(subject: Subject, site: Site) -> None:
    found = answers(subject.answer("outside")).get(f"{base(site)}/", NOTHING)
    no_faults(subject, serves(site, subject.app, found))


def test_front_keeps_from_others_what_is_for_the_host(subject: Subject, site: Site) -> None:
    found = answers(subject.answer("outside"))
    paths = hidden(subject.app, site)
    findings = (shows(path, found.get(base(site) + path, NOTHING)) for path in paths)
    no_faults(subject, [fault for faults in findings for fault in faults])
