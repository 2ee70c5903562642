"""Hosts that were deployed to: by the code under test, in this run, and once for each of them."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

import lab
from tests.e2e.lab.bare import eventually
from tests.e2e.lab.project import Project

CLEARED_UP = "! systemctl list-units --no-legend 'homeportctl-*' | grep -q cleanup"
"""Shell: whether a host is done with a deploy, after which it lets an old slot go, and prunes."""

SERVES = (
    "systemctl -q is-active pinboard-worker"
    f" && curl -fs -o /dev/null http://127.0.0.1:8000/health/ready && {CLEARED_UP}"
)
"""Shell: whether a host runs what it ran, which takes a moment after a snapshot."""
BOOTED = "systemctl -q is-active homeportctl-boot"
"""Shell: whether a host that was restored has done what it does at boot."""


class Snapshots:
    """The snapshots that one process of the tests took; no other run ever starts from them."""

    def __init__(self, folder: Path) -> None:
        """Take a folder to make the projects in that are deployed."""
        self._folder, self._run = folder, secrets.token_hex(4)
        self._taken: set[str] = set()

    def deployed(self, host: str) -> None:
        """Make a host what it is when the project was deployed to it, as soon as it was new.

        The first time it is made new and deployed to, and a snapshot is taken of it; later it is
        made what the snapshot is.
        """
        label = f"{host}-{self._run}"
        if label in self._taken:
            lab.restore(host, label)
            assert eventually(host, f"{BOOTED} && {SERVES}")
            return
        lab.reset(host)
        Project(Path(tempfile.mkdtemp(dir=self._folder))).converge("--limit", host)
        assert eventually(host, CLEARED_UP)
        lab.snapshot(host, label)
        self._taken.add(label)
        assert eventually(host, SERVES)
