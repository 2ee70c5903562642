"""What benchmarks.specs.questions promises."""

from __future__ import annotations

import json

import pytest

from benchmarks.expected_state import UNITS, Wanted
from benchmarks.specs import questions
from tests.support.benchmark_job import judged

__all__ = ["judged"]


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


def test_questions__a_host_as_it_should_be_has_no_faults(judged: Wanted) -> None:
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
def test_questions__each_fault_is_told(
    judged: Wanted, name: str, before: str, after: str, fault: str
) -> None:
    answer = _answers(judged)[name]
    assert before in answer
    found = getattr(questions, f"{name}_faults")(judged, answer.replace(before, after, 1))
    assert any(fault in each for each in found), found
