"""The job is done, and by whom makes no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.specs import questions
from homeport.files.entries import Directory, File
from homeport.operations.packages.resources import Package
from homeport.operations.users.resources import ServiceUser
from tests.production.described import packages, paths, users

if TYPE_CHECKING:
    from benchmarks.specs.conftest import Subject


def test_the_packages_are_installed(subject: Subject) -> None:
    answer, wanted = subject.answer("packages"), subject.wanted.description.of(Package)
    assert [(each.name, fault) for each in wanted for fault in packages.faults(each, answer)] == []


def test_the_account_is_nobodys_to_log_in_to(subject: Subject) -> None:
    answer, (account,) = subject.answer("accounts"), subject.wanted.description.of(ServiceUser)
    assert users.faults(account, answer) == []


@pytest.mark.parametrize("kind", [Directory, File])
def test_files_and_directories_are_as_the_job_has_them(
    subject: Subject, kind: type[Directory | File]
) -> None:
    answer, wanted = subject.answer("paths"), subject.wanted.description.of(kind)
    assert [(each.path, fault) for each in wanted for fault in paths.faults(each, answer)] == []


def test_there_are_no_files_beside_those(subject: Subject) -> None:
    assert questions.listing_faults(subject.wanted, subject.answer("listings")) == []


def test_the_venv_is_what_the_lock_says_and_nothing_else(subject: Subject) -> None:
    assert questions.venv_faults(subject.wanted, subject.answer("venv")) == []


def test_the_units_run_and_would_after_a_reboot(subject: Subject) -> None:
    assert questions.unit_faults(subject.wanted, subject.answer("units")) == []


@pytest.mark.parametrize("process", ["web", "worker"])
def test_a_process_runs_what_is_there_now(subject: Subject, process: str) -> None:
    assert questions.started_faults(subject.wanted, subject.answer(process)) == []


def test_what_the_timer_starts_succeeds(subject: Subject) -> None:
    assert subject.answer("tick").split() == ["ran"]
