"""What the specs of a scenario ask its host, by ordinary tools."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
import testinfra
from testinfra.host import Host

from lab.paths import place


@pytest.fixture(scope="module")
def host() -> Host:
    """Return the one host of the scenario, as root."""
    config = quote(str(place().ssh_config))
    return testinfra.get_host(f"ssh://staging?sudo=true&ssh_config={config}")


@pytest.fixture
def answer(host: Host) -> Mapping[str, Any]:
    """Return what the application says of itself, through its proxy."""
    output = host.check_output("curl -sf http://127.0.0.1:8000/health/ready")
    return dict(json.loads(output))


@pytest.fixture
def past(host: Host) -> list[Mapping[str, Any]]:
    """Return what became of each deploy, newest last."""
    return list(
        map(json.loads, host.check_output("homeportctl history pinboard --json").splitlines())
    )


@pytest.fixture
def current(host: Host) -> str:
    """Return the release that the link names."""
    return str(host.check_output("readlink /srv/pinboard/current"))
