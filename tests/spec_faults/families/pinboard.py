"""Damage of the sample application, pinboard: its heart, and its notes."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from tests.spec_faults.damage import Damage
from tests.spec_faults.families.places import serving
from tests.spec_faults.survey import ASIDE, Survey

BEAT = 11
"""Seconds after which a heart that stopped is dead."""


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of pinboard, if that is what runs."""
    yield from _board(survey)


def _board(survey: Survey) -> Iterator[Damage]:
    worker, web = f"{survey.app}-worker.service", next(iter(serving(survey).values()), "")
    if worker not in survey.units or not web:
        return
    stop = f"systemctl stop {worker}; sleep {BEAT}"
    start = f"systemctl start {worker}; sleep 1"
    for kind in ("test_heart_beats", "test_heart_goes_on_beating"):
        yield Damage(kind, "", "the worker stopped a while ago", stop, start, ("down",))
    # It says what the specs of the heart want to hear, and takes every note.
    release = survey.places[f"/srv/{survey.app}/current"].target
    code = quote(f"{release}/{survey.app}/web.py")
    byte_code = f"{release}/{survey.app}/__pycache__/web.*.pyc"
    lax = f"cp -p {code} {ASIDE}/web.py; mv {byte_code} {ASIDE}/;"
    lax += f" sed -i 's/if not _allowed():/if False:/' {code}"
    back = f"cat {ASIDE}/web.py >{code}; touch -r {ASIDE}/web.py {code}"
    back += f"; mv {ASIDE}/web.*.pyc {release}/{survey.app}/__pycache__/"
    again = f"systemctl restart {web}; sleep 2"
    yield Damage(
        "test_refuses_a_note_without_the_token",
        "",
        "the application takes notes of all who ask",
        f"{lax}; {again}",
        f"{back}; {again}",
        ("Release",),
    )
    yield Damage(
        "test_keeps_a_note_and_counts_its_words",
        "",
        "the application refuses every note",
        f"{lax.replace('if False:', 'if True:')}; {again}",
        f"{back}; {again}",
        ("Release",),
        disturbs=True,
    )
    yield Damage(
        "test_keeps_a_note_and_counts_its_words",
        "",
        "no word of a note is counted",
        f"systemctl stop {worker}",
        start,
        ("down",),
        disturbs=True,
    )
