"""What lab.main promises."""

from pathlib import Path

import pytest

from lab.__main__ import main


@pytest.fixture(autouse=True)
def no_lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize(
    "arguments", [["status"], ["shell", "pi"], ["up", "x=vax"], ["up", "a=amd64", "a=arm64"]]
)
def test_lab__an_error_is_one_line_and_a_code(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Error: ")
    assert "Fix: " in shown.err
    assert shown.err.count("\n") == 1
    assert not list(tmp_path.iterdir())
