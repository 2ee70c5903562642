"""What benchmarks.connection.main promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.connection import __main__ as module
from benchmarks.connection.__main__ import main
from homeport.errors import UserError
from tests.support.connection_runs import rounds


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test as if by root."""
    monkeypatch.setattr(module, "is_root", lambda: True)


def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Have these figures be what is measured."""
    found = {"busy": 0.1, "processors": 2, "runs": rounds(1, 1, 1.2, 0.9)}
    monkeypatch.setattr(module, "measured", lambda hosts, rounds, say: found)
    return found


@pytest.mark.parametrize("wrong", ["0", "ten", "10,-1"])
def test_connection__a_number_of_hosts_is_a_number(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--hosts", wrong])
    assert ended.value.code == 2
    assert "--hosts" in capsys.readouterr().err


def test_connection__what_is_measured_is_told_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measured(monkeypatch)
    assert main(["--json", str(tmp_path / "found.json")]) == 0
    assert json.loads((tmp_path / "found.json").read_text()) == found
    assert "1.20 (1.20 to 1.20)" in capsys.readouterr().out


def test_connection__the_page_gets_a_section_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(monkeypatch)
    known = json.loads(module.MEASURED.read_text())
    file, page = tmp_path / "performance.json", tmp_path / "performance.md"
    file.write_text(json.dumps(known))
    monkeypatch.setattr(module, "MEASURED", file)
    monkeypatch.setattr(module, "PAGE", page)
    assert main(["--page"]) == 0
    assert json.loads(file.read_text()) == {**known, "connection": found}
    parts = [line for line in page.read_text().splitlines() if line.startswith("## ")]
    assert parts.index("## Connection") == parts.index("## Many hosts") + 1


def test_connection__an_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object) -> None:
        raise UserError("there is no sshd here", fix="install it")

    monkeypatch.setattr(module, "measured", fail)
    assert main([]) == 1
    assert capsys.readouterr().err == "Error: there is no sshd here. Fix: install it.\n"
