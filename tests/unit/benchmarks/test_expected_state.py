"""What the specs of the benchmark compare with: the job's own files, rendered as everybody does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.expected_state import Wanted, locked, rendered, wanted
from benchmarks.specs import questions
from homeport.files.entries import File
from tests.support.benchmark_job import PYINFRA, judged

__all__ = ["judged"]


JOB = Path("benchmarks/job")


def test_expected_state__thirty_files_are_rendered_and_told_whose_they_are(judged: Wanted) -> None:
    files = [file for file in judged.description.of(File) if file.path.endswith(".conf")]
    assert len(files) == 30
    assert {(file.mode, file.owner, file.group) for file in files} == {
        ("640", "root", "job-pyinfra")
    }
    for file in files:
        assert b"job-pyinfra" in file.content
        assert b"One job for all" in file.content or b"title_is: " in file.content
        assert b"{" not in file.content


def test_expected_state__a_line_more_in_a_template_is_another_file_and_another_start(
    work: Path, judged: Wanted
) -> None:
    template = work / "templates/part-07.conf.j2"
    template.write_text(template.read_text() + "# more\n")
    after = wanted(PYINFRA, work)
    changed = set(after.description.of(File)) - set(judged.description.of(File))
    assert [file.path for file in changed] == ["/etc/job-pyinfra/part-07.conf"]
    assert after.started["parts"] != judged.started["parts"]


def test_expected_state__another_version_of_the_code_is_another_start(
    work: Path, judged: Wanted
) -> None:
    (work / "source/job/__init__.py").write_text('VERSION = "another"\n')
    assert wanted(PYINFRA, work).started == {**judged.started, "version": "another"}


def test_expected_state__what_a_process_says_of_its_files_is_what_the_specs_compute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: Wanted
) -> None:
    for name, text in rendered(JOB / "templates", "job-pyinfra").items():
        (tmp_path / name).write_bytes(text)
    monkeypatch.syspath_prepend(str(JOB / "source"))
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("JOB_TITLE", "One job for all")
    monkeypatch.setattr("importlib.metadata.version", lambda name: judged.versions[name])
    from job.started import started_with

    assert questions.started_faults(judged, json.dumps(started_with())) == []


def test_expected_state__a_lock_leaves_out_what_is_for_another_system() -> None:
    text = (
        "# made\nclick==8.1.7 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32'"
    )
    assert locked(text) == {"click": "8.1.7"}


def test_expected_state__the_locks_differ_in_one_small_package_and_in_nothing_else() -> None:
    locks = [locked(file.read_text()) for file in sorted(JOB.glob("requirements/*.txt"))]
    assert len({lock.pop("click") for lock in locks}) == len(locks) == 7
    assert all(lock == locks[0] for lock in locks)
