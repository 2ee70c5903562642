"""What hostctl.system.app_secrets promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.hostctl.system.app_secrets import log_lines, masks, shown
from homeport.hostctl.system.paths import AppPaths

OLD, NEW = "the-old-token-of-shop", "the-new-token-of-shop"


@pytest.fixture
def place(tmp_path: Path) -> AppPaths:
    place = AppPaths("shop", tmp_path)
    files = {place.etc / "secrets": NEW, place.slots / "a/etc/secrets": OLD}
    for file, secret in files.items():
        file.parent.mkdir(parents=True)
        file.write_text(f'# ours\nTOKEN="{secret}"\n')
    place.own.mkdir(parents=True)
    return place


def test_app_secrets__those_of_every_release_that_may_run_are_masked(place: AppPaths) -> None:
    assert masks([place])(f"{NEW} {OLD.upper()}") == "(TOKEN) (TOKEN)"
    assert masks([AppPaths("other", place.root)])(NEW) == NEW
    assert log_lines(place, "shop-web.service", [f"Token {NEW!r}"]) == ("Token '(TOKEN)'",)


def test_app_secrets__a_log_that_could_hold_a_short_one_is_not_shown(place: AppPaths) -> None:
    (place.etc / "secrets").write_text('PIN="y"\n')
    (line,) = log_lines(place, "shop-web.service", ["only yesterday"])
    assert line.startswith("(not shown: it could hold PIN, too short to be masked; ")
    assert "journalctl -u shop-web.service" in line


def test_app_secrets__all_that_is_printed_is_harmless_and_without_any(place: AppPaths) -> None:
    show = shown(place.root)
    assert show(f"web: \x1b[2J{NEW[:12]}\n") == "web: \\x1b[2J(TOKEN)\n"
