"""What description.jobs promises."""

from __future__ import annotations

from tests.support.described_app import Project
from tests.support.described_parts import units, values


def test_jobs__a_schedule_is_a_timer_that_catches_up(project: Project) -> None:
    timer = units(project.describe())["shop-tidy.timer"]
    assert values(timer, "OnCalendar") == ["daily"]
    assert values(timer, "Persistent") == ["true"]
    assert values(timer, "WantedBy") == ["timers.target"]
