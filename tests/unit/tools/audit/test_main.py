"""What tools.audit promises: an answer about every package, or none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tools.audit import __main__ as audit
from tools.audit.record import Record

FLASK = {"name": "flask", "version": "3.0.0", "vulns": []}
FOUND = {
    "name": "jinja2",
    "version": "3.1.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.1.6"]}],
}
SKIPPED = {"name": "click", "skip_reason": "Dependency not found on PyPI"}


def answer(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_main__an_answer_becomes_a_record_of_today() -> None:
    record = audit.parse(answer(FLASK, FOUND, FOUND))
    assert record.audited == {"flask==3.0.0", "jinja2==3.1.0"}
    (finding,) = record.findings
    assert (finding.id, finding.aliases, finding.fixed_in) == ("PYSEC-1", ("CVE-1",), ("3.1.6",))
    assert record.day is not None


@pytest.mark.parametrize(
    "text", [answer(), answer(FLASK, SKIPPED), "{}", "", "[1]", answer({"name": "x"})]
)
def test_main__an_answer_that_is_not_about_every_package_is_none(text: str) -> None:
    with pytest.raises(audit.Unanswered):
        audit.parse(text)


def test_main__without_an_answer_the_record_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.json"
    file.write_text(Record().text())
    monkeypatch.setattr(audit, "RECORD", file)
    failed = subprocess.CompletedProcess([], 1, "", "no such host\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    assert audit.main() == 2
    assert "no audit: no such host. The record stays" in capsys.readouterr().err
    assert file.read_text() == Record().text()
