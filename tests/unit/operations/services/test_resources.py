"""What is said of a service decides whether its restart leaves a gap."""

from __future__ import annotations

from dataclasses import replace

from homeport.operations.services.resources import ServiceChange
from tests.support.changes import Why
from tests.support.sample_app import CURRENT, TIMER, WEB


def test_service_of_slots_has_an_instance_a_slot() -> None:
    assert replace(WEB, unit="shop-api@.service").instance("b") == "shop-api@b.service"


def test_work_leaves_a_gap_where_a_process_runs_alone_and_starts_anew() -> None:
    work = ServiceChange(WEB, (Why.SAYS("reads another file"),), (), runs=True)
    assert work.leaves_a_gap
    assert not replace(work, runs=False).leaves_a_gap
    assert not replace(work, start=()).leaves_a_gap
    assert not replace(work, service=replace(WEB, slotted=True)).leaves_a_gap
    assert not replace(work, service=TIMER).leaves_a_gap


def test_current_leads_to_its_release_and_its_venv() -> None:
    assert CURRENT.release in {*CURRENT.followed, *CURRENT.followed.values()}
