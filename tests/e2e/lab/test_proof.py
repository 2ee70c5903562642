"""The production specs pass on what was deployed, and fail on what was broken."""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.e2e.lab.project import Project
from tests.spec_faults.campaign import Stage, play
from tests.spec_faults.families import damages
from tests.spec_faults.stages import described

pytestmark = pytest.mark.long

SAMPLE, SEED = 6, int(os.environ.get("HOMEPORT_SEED", "1"))
"""So many damages of those that `make spec-faults` plays, and which."""


def test_what_was_deployed_is_proven_on_every_host(project: Project) -> None:
    project.converge()
    proof = project.prove()
    assert proof.returncode == 0, proof.stdout
    assert " passed" in proof.stdout


def put_right(project: Project, host: str) -> None:
    """Deploy to a host that a damage was not taken back from exactly."""
    project.converge("--limit", host)


def test_what_is_broken_is_seen_by_the_specs_that_guard_it_and_by_no_other(
    project: Project, deployed: str
) -> None:
    document = described(project)
    stage = Stage("sample", project, document, (deployed,), lambda host: put_right(project, host))
    every = [each for each in damages(stage.survey()) if each.undo and not each.disturbs]
    chosen = Random(SEED).sample(every, SAMPLE)
    verdicts = list(play(stage, chosen))
    assert [str(verdict) for verdict in verdicts if not verdict.killed] == []


def test_a_reboot_and_a_crash_bring_everything_back(project: Project, deployed: str) -> None:
    proof = project.prove("--limit=staging", "--disruptive")
    assert proof.returncode == 0, proof.stdout


def test_an_inventory_without_hosts_proves_nothing_and_says_so(project: Project) -> None:
    (project.folder / "inventories/lab.py").write_text("staging = []\n")
    proof = project.prove()
    assert proof.returncode not in (0, 1)
