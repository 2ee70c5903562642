"""What manifest.model.health promises."""

from __future__ import annotations

from tests.support.valid_app import Read


def test_health_check_may_want_a_body_and_has_sensible_numbers(read: Read) -> None:
    live = "{path: /health/live, body: 'status: ok'}"
    health = read("live: /health/live", f"live: {live}").processes["web"].health
    assert (health.live.path, health.live.body) == ("/health/live", "status: ok")
    assert (health.ready.path, health.ready.body) == ("/health/ready", None)
    numbers = (health.every, health.timeout, health.failures, health.restarts, health.start)
    assert numbers == (30, 5, 3, 3, 90)
    assert health.successes == 1
