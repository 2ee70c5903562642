"""What description.hardening promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.description import hardening
from tests.support.described_app import Project
from tests.support.described_parts import units


def test_hardening__what_is_relaxed_is_left_out_and_nothing_else(project: Project) -> None:
    text = units(project.describe())
    web, api = text["shop-web.service"].splitlines(), text["shop-api@.service"].splitlines()
    gone = [line for line in hardening.DIRECTIVES if line in web and line not in api]
    assert gone == [
        "MemoryDenyWriteExecute=true",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged @resources",
        "SystemCallFilter=@chown",
    ]
    assert [line for line in hardening.DIRECTIVES if line in web] == list(hardening.DIRECTIVES)


@given(st.sets(st.sampled_from(sorted({d.partition("=")[0] for d in hardening.DIRECTIVES}))))
def test_hardening__any_set_of_directives_can_be_relaxed(relax: set[str]) -> None:
    remaining = hardening.lines(relax)
    assert [d for d in hardening.DIRECTIVES if d.partition("=")[0] not in relax] == remaining
    assert hardening.lines(()) == list(hardening.DIRECTIVES)
