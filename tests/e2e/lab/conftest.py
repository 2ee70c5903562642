"""The lab that promises are proven on: three hosts, brought up once and taken down at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lab
from lab.binfmt import native
from lab.spec import LOGIN
from tests.e2e.lab.project import CURRENT, Project, lab_command
from tests.e2e.lab.scheduling import Scheduling, longest_first
from tests.e2e.lab.snapshots import Snapshots


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Hand out groups and files as they come, and not those with the most tests first."""
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the long ones come first."""
    longest_first(items)


@pytest.fixture(scope="session", autouse=True)
def own_lab() -> None:
    """Insist on the name of a lab that nobody uses; each process of the tests has its own."""
    name = os.environ.get("HOMEPORT_LAB")
    if not name:
        pytest.exit("set HOMEPORT_LAB, so that a lab in use is not disturbed: make e2e", 2)
    os.environ["HOMEPORT_LAB"] = name + os.environ.get("PYTEST_XDIST_WORKER", "")


@pytest.fixture(scope="session", autouse=True)
def hosts(own_lab: None) -> Iterator[None]:
    """Bring up the lab's default hosts; nothing of it is left when the tests are done.

    Unless the environment says how they are entered, each is in its own way: as root, as a user
    whose sudo asks for a password, as a user whose sudo doesn't.
    """
    each = () if os.environ.get(LOGIN) else ("laptop", f"staging={native()},asks", "pi")
    # By the command and not by its function: it asks sudo for what it may not do itself.
    lab_command("up", *each)
    yield
    lab_command("down")


@pytest.fixture(scope="session")
def snapshots(hosts: None, tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """Return the snapshots that this run takes."""
    return Snapshots(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a copy of the project to edit and deploy."""
    return Project(tmp_path)


@pytest.fixture
def fresh(hosts: None) -> str:
    """Return a host that nothing was ever deployed to."""
    lab.reset("staging")
    return "staging"


@pytest.fixture
def deployed(project: Project, snapshots: Snapshots) -> str:
    """Return a host that is as the project describes it, put right where somebody was at work."""
    if lab.run("staging", f"test -e {CURRENT}", root=True).returncode:
        snapshots.deployed("staging")
    project.converge("--limit", "staging")
    return "staging"
