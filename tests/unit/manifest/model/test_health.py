"""What manifest.model.health promises."""

from __future__ import annotations

from tests.support.valid_app import Read


def test_health_check_may_want_a_body_and_has_sensible_numbers(read: Read) -> None:
    live = "{path: /health/live, expect_body: 'status: ok'}"
    health = read("live: /health/live", f"live: {live}").processes["web"].health
    assert (health.live.path, health.live.expect_body) == ("/health/live", "status: ok")
    assert (health.ready.path, health.ready.expect_body) == ("/health/ready", None)
    numbers = (
        health.interval,
        health.timeout,
        health.failure_threshold,
        health.max_restarts_per_hour,
        health.start_period,
    )
    assert numbers == (30, 5, 3, 3, 90)
    assert health.success_threshold == 1
