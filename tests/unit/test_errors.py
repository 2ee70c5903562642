"""What errors promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeport.errors import UserError, exit_on_user_error


def test_error_is_one_line_that_says_where_what_and_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = UserError("x is wrong.", fix="write y.", file=tmp_path / "app.yml", line=3, key="a.b")
    assert str(error) == "app.yml:3: a.b: x is wrong. Fix: write y."
    assert str(UserError("x is wrong", fix="write y")) == "x is wrong. Fix: write y."
    elsewhere = UserError("x", fix="y", file="/etc/app.yml")
    assert str(elsewhere) == "/etc/app.yml: x. Fix: y."


def test_errors__an_error_is_printed_and_ends_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(value: Any) -> None:
        raise UserError(value, fix="y")

    with pytest.raises(SystemExit) as caught:
        exit_on_user_error(fail)("x")
    assert caught.value.code == 1
    assert capsys.readouterr().err == "x. Fix: y.\n"
    assert exit_on_user_error(lambda value: value + 1)(1) == 2
