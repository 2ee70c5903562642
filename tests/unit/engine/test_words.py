"""What a plan, an error and a fingerprint look like."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.engine.kind import Change, DesiredState
from homeport.engine.plan_output import lines
from homeport.engine.secret_digest import SHELL, fingerprint, sha256
from homeport.errors import UserError
from tests.unit.engine.shell import checked

ADD = Change("add", "/a", "new file", ("+x", "+y"))
EDIT = Change("change", "/b", "content differs", ("-x", "+y"))
GONE = Change("remove", "/c", "no longer described")


def test_a_plan_reads_as_what_happens_to_what_and_why() -> None:
    assert list(lines("files", [ADD, EDIT, GONE], diffs=False)) == [
        "files     + /a  (new file)",
        "files     ~ /b  (content differs)",
        "files     - /c  (no longer described)",
    ]


def test_a_plan_shows_diffs_when_it_is_asked_to() -> None:
    assert list(lines("files", [EDIT, GONE], diffs=True)) == [
        "files     ~ /b  (content differs)",
        f"{'':14}-x",
        f"{'':14}+y",
        "files     - /c  (no longer described)",
    ]


def test_no_change_is_no_line() -> None:
    assert list(lines("files", [], diffs=True)) == []


def test_changes_are_equal_by_what_they_tell_and_not_by_what_they_carry() -> None:
    assert Change("add", "/a", "r", desired=1) == Change("add", "/a", "r", desired=2)
    assert Change("add", "/a", "r") != Change("add", "/a", "other")


def test_a_description_gives_resources_of_one_kind_in_order() -> None:
    described = DesiredState("shop", (1, "b", 2, "a"))
    assert described.of(str) == ("b", "a")
    assert described.of(int) == (1, 2)
    assert described.of(bytes) == ()


@settings(max_examples=10)
@given(st.text("0123456789abcdef", min_size=1, max_size=32), st.binary(max_size=40))
def test_host_and_controller_give_a_secret_the_same_fingerprint(key: str, secret: bytes) -> None:
    digest = sha256(secret)
    said = checked(f"key={key}\n{SHELL}\nfingerprint {digest}\n").strip()
    assert fingerprint(key, digest) == said


def test_a_fingerprint_says_nothing_without_its_key() -> None:
    digest = sha256(b"hunter2")
    assert len({fingerprint("1", digest), fingerprint("2", digest), digest}) == 3


def test_an_error_is_one_line_that_says_where_what_and_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mistake = UserError("x is wrong.", fix="write y.", file=tmp_path / "app.yml", line=3, key="a.b")
    assert str(mistake) == "app.yml:3: a.b: x is wrong. Mend: write y."
    assert str(UserError("x is wrong", fix="write y")) == "x is wrong. Mend: write y."
    elsewhere = UserError("x", fix="y", file="/etc/app.yml")
    assert str(elsewhere) == "/etc/app.yml: x. Mend: y."
