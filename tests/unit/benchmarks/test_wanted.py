"""What the specs of the benchmark compare with: the job's own files, rendered as everybody does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS
from benchmarks.expected_state import UNITS, Wanted, locked, rendered, wanted
from benchmarks.specs import questions
from homeport.files.entries import File

JOB = Path("benchmarks/job")
PYINFRA = next(contender for contender in CONTENDERS if contender.name == "pyinfra")


@pytest.fixture
def judged(work: Path) -> Wanted:
    """Return what a host should have after it."""
    return wanted(PYINFRA, work)


def test_thirty_files_are_rendered_and_told_whose_they_are(judged: Wanted) -> None:
    files = [file for file in judged.description.of(File) if file.path.endswith(".conf")]
    assert len(files) == 30
    assert {(file.mode, file.owner, file.group) for file in files} == {
        ("640", "root", "job-pyinfra")
    }
    for file in files:
        assert b"job-pyinfra" in file.content
        assert b"One job for all" in file.content or b"title_is: " in file.content
        assert b"{" not in file.content


def test_a_line_more_in_a_template_is_another_file_and_another_start(
    work: Path, judged: Wanted
) -> None:
    template = work / "templates/part-07.conf.j2"
    template.write_text(template.read_text() + "# more\n")
    after = wanted(PYINFRA, work)
    changed = set(after.description.of(File)) - set(judged.description.of(File))
    assert [file.path for file in changed] == ["/etc/job-pyinfra/part-07.conf"]
    assert after.started["parts"] != judged.started["parts"]


def test_another_version_of_the_code_is_another_start(work: Path, judged: Wanted) -> None:
    (work / "source/job/__init__.py").write_text('VERSION = "another"\n')
    assert wanted(PYINFRA, work).started == {**judged.started, "version": "another"}


def test_what_a_process_says_of_its_files_is_what_the_specs_compute(
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


def test_a_lock_leaves_out_what_is_for_another_system() -> None:
    text = (
        "# made\nclick==8.1.7 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32'"
    )
    assert locked(text) == {"click": "8.1.7"}


def test_the_locks_differ_in_one_small_package_and_in_nothing_else() -> None:
    locks = [locked(file.read_text()) for file in sorted(JOB.glob("requirements/*.txt"))]
    assert len({lock.pop("click") for lock in locks}) == len(locks) == 7
    assert all(lock == locks[0] for lock in locks)


def _answers(judged: Wanted) -> dict[str, str]:
    folders = "".join(
        "\n".join([f"in {folder}", *sorted(names), ""]) for folder, names in judged.listings.items()
    )
    packages = "".join(f"package {name} {version}\n" for name, version in judged.versions.items())
    units = "".join(f"{judged.app}-{unit} active enabled\n" for unit in UNITS)
    return {
        "listing": folders,
        "venv": f"prefix True\n{packages}package pip 23\nsystem False\n",
        "unit": units,
        "started": json.dumps(dict(judged.started)),
    }


def test_a_host_as_it_should_be_has_no_faults(judged: Wanted) -> None:
    for name, answer in _answers(judged).items():
        assert getattr(questions, f"{name}_faults")(judged, answer) == []


@pytest.mark.parametrize(
    ("name", "before", "after", "fault"),
    [
        ("listing", "part-07.conf\n", "", "part-07.conf is not there"),
        ("listing", "part-07.conf\n", "part-07.conf\nold.conf\n", "old.conf should not be there"),
        ("venv", "package click 8.1.6", "package click 8.1.7", "click is 8.1.7"),
        ("venv", "package orjson", "package other", "orjson is missing"),
        ("venv", "package pip 23", "package wheel 1", "wheel is 1; the lock says not in the lock"),
        ("venv", "prefix True", "prefix False", "it is no venv"),
        ("venv", "system False", "system True", "the system's packages are let in"),
        ("unit", "web.service active", "web.service failed", "web.service is failed enabled"),
        ("unit", "timer active enabled", "timer active disabled", "timer is active disabled"),
        ("unit", "job-pyinfra-worker", "job-other-worker", "worker.service is unknown"),
        ("started", '"version": "1"', '"version": "0"', "started with version '0', not '1'"),
        ("started", '"parts": "', '"parts": "0', "started with parts"),
        ("started", "{", "", "it says"),
    ],
)
def test_each_fault_is_told(judged: Wanted, name: str, before: str, after: str, fault: str) -> None:
    answer = _answers(judged)[name]
    assert before in answer
    found = getattr(questions, f"{name}_faults")(judged, answer.replace(before, after, 1))
    assert any(fault in each for each in found), found
