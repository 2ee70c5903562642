"""What tests of several modules share: described laptop."""

from __future__ import annotations

import grp
import os
import pwd
import sys

import pytest

from homeport import manifest
from homeport.artifacts.interpreter import Interpreter
from homeport.description import app_build, host, laptop_facts
from tests.support.described_app import Project

ME = pwd.getpwuid(os.geteuid()).pw_name
OURS = grp.getgrgid(os.getegid()).gr_name
LAPTOP = {"host_type": "laptop", "allow_root": True}
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def mine(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as the one that is deployed, with a Python that is surely there."""
    project.replace('"3.11"', f'"{MINOR}"')
    project.app()
    monkeypatch.setattr(host, "root", lambda: project.root)
    monkeypatch.setattr(host, "_loaded", manifest.load)
    monkeypatch.setattr(laptop_facts, "root", lambda: project.root)
    monkeypatch.setattr(app_build, "root", lambda: project.root)
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    python = Interpreter(base, f"{MINOR}.1")
    monkeypatch.setattr(laptop_facts.interpreters, "find_interpreter", lambda wanted: python)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return project
