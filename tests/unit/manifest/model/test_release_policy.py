"""What manifest.model.release_policy promises."""

from __future__ import annotations

from tests.support.valid_app import Read


def test_release_policy__a_release_takes_over_as_described_or_in_a_sensible_way(read: Read) -> None:
    release = read().release
    assert (release.soak, release.drain, release.keep, release.data) == (3, 10, 7, 1)
    release = read("release: {soak: 3, keep: 7}", "").release
    assert (release.soak, release.drain, release.keep, release.data) == (5, 10, 5, 1)
