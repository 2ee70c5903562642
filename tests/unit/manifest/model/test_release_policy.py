"""What manifest.model.release_policy promises."""

from __future__ import annotations

from tests.support.valid_app import Read


def test_release_policy__a_release_takes_over_as_described_or_in_a_sensible_way(read: Read) -> None:
    release = read().release
    assert (release.soak, release.drain_timeout, release.keep_releases, release.data_version) == (
        3,
        10,
        7,
        1,
    )
    release = read("release: {soak: 3, keep_releases: 7}", "").release
    assert (release.soak, release.drain_timeout, release.keep_releases, release.data_version) == (
        5,
        10,
        5,
        1,
    )
