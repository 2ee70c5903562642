"""Batches that are asked for, and not asked for, by pyinfra itself: no host is spoken to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.user_project import Project

HOSTS = 'pi = [(f"pi-{n}.invalid", {"ssh_connect_retries": 0}) for n in range(3)]\n'
ROLLOUT = 'rollout = {"batch_size": 2, "unreachable": "skip"}\n'
DEPLOY = ("pyinfra", "inventories/pi.py", "deploy.py", "-y")
REFUSED = (
    "group_data/pi.py:1: rollout: 3 hosts would be deployed to at once, but rollout asks for "
    "batches. Fix: python -m homeport.rollout inventories/pi.py -y; or name one host with --limit, "
    "or add --data rollout=no to deploy to all of them at once."
)
ROLL = ("python", "-m", "homeport.rollout", "inventories/pi.py", "-y")
WRONG = 'rollout = {\n  "batch_size": 2,\n  "canary": "x"}\n'
MESSAGE = "group_data/pi.py:3: rollout.canary: expected a whole number, got text."


@dataclass(frozen=True)
class Run:
    """What is run with which data, how it ends, what is said, and whether a host is called."""

    words: tuple[str, ...]
    code: int
    message: str
    connects: bool = False
    data: str = ROLLOUT


RUNS = {
    "all at once": Run(DEPLOY, 1, REFUSED),
    "two of three": Run((*DEPLOY, "--exclude", "pi-0*"), 1, "2 hosts would be deployed to at"),
    "how to say that again": Run(
        (*DEPLOY, "--exclude", "pi-0*"),
        1,
        "homeport.rollout inventories/pi.py '--exclude=pi-0*' -y; or",
    ),
    "one host": Run((*DEPLOY, "--limit", "pi-1*"), 1, "[pi-1.invalid] there is no", connects=True),
    "all at once on purpose": Run(
        (*DEPLOY, "--data", "rollout=no"), 1, "[pi-2.invalid] there is no", connects=True
    ),
    "a dry run": Run((*DEPLOY, "--dry"), 1, "[pi-2.invalid] there is no", connects=True),
    "nobody asks": Run(DEPLOY, 1, "[pi-2.invalid] there is no", connects=True, data=""),
    "a slip in a run of one host": Run((*DEPLOY, "--limit", "pi-1*"), 1, MESSAGE, data=WRONG),
    "a slip in a rollout": Run(ROLL, 2, MESSAGE, data=WRONG),
    "an option that pyinfra lacks": Run((*ROLL, "--limits", "x"), 2, "No such option '--limits'"),
    "a limit that matches nothing": Run((*ROLL, "--limit", "x"), 2, "--limit x matches no host."),
    "nobody is there": Run(
        (*ROLL, "--exclude", "pi-0*"),
        1,
        "    pi-2.invalid  unknown  can't be reached  -",
        connects=True,
    ),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """All runs, two at a time: most of each is waiting."""

    def run(case: Run) -> tuple[int, str]:
        project = Project.made(tmp_path_factory.mktemp("project"))
        project.write("inventories/pi.py", HOSTS)
        project.write("group_data/pi.py", case.data)
        return project.run(*case.words)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(RUNS, pool.map(run, RUNS.values()), strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_guard__batches_are_kept_to_unless_they_are_waived(
    name: str, ended: dict[str, tuple[int, str]]
) -> None:
    code, output = ended[name]
    assert code == RUNS[name].code
    assert RUNS[name].message in output
    assert ("Connecting to hosts" in output) == RUNS[name].connects
    assert "Traceback" not in output


def test_guard__what_is_wrong_with_the_last_host_is_told_before_the_first_is_begun(
    tmp_path: Path,
) -> None:
    project = Project.made(tmp_path)
    wrong = '\npi[2][1]["app"] = {"processes": {"web": {"listen": 0}}}\n'
    project.write("inventories/pi.py", HOSTS + wrong)
    code, output = project.run(*ROLL)
    assert code == 2
    assert (
        output
        == "inventory: processes.web.listen: 0 is not a port. Fix: write a port from 1 t"
        + output.partition("from 1 t")[2]
    )
    assert output.count("\n") == 1
