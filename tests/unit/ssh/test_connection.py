"""The connection stands behind one seam: no other package knows what carries it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CARRIERS = (
    "paramiko",
    "pyinfra.connectors.ssh",
    "pyinfra.connectors.sshuserclient",
    "pyinfra.connectors.ssh_util",
    "homeport.openssh",
)
NAMED = {"homeport.openssh.entry_point.register"}
"""What makes pyinfra know the connector, and knows nothing of a host."""
OPEN = {
    *("address", "connection", "known_hosts", "authorized_keys", "remote", "same_machine"),
    "stdin_lines",
}
"""Modules of homeport/ssh for others: the seam, and what is known of hosts without calling any."""


def sources() -> list[Path]:
    folders = ("homeport", "operations", "deploys", "kinds", "tools", "tests/production")
    found = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    found += [ROOT / "config.py", ROOT / "deploy.py"]
    apart = (ROOT / "homeport/ssh", ROOT / "homeport/openssh")
    return [
        file for file in found if not file.is_relative_to(apart[0]) and apart[1] not in file.parents
    ]


def imported(source: str) -> Iterator[str]:
    """Yield the full names of all that a source imports, also within its functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def behind_the_seam(source: str) -> set[str]:
    """Return what a source imports past the seam."""
    ours = "homeport.ssh."
    return {
        name
        for name in set(imported(source)) - NAMED
        if any(name == carrier or name.startswith(f"{carrier}.") for carrier in CARRIERS)
        or (name.startswith(ours) and name.removeprefix(ours).split(".")[0] not in OPEN)
    }


def test_no_other_package_imports_what_carries_a_connection() -> None:
    found = {
        str(file.relative_to(ROOT)): past
        for file in sources()
        if (past := behind_the_seam(file.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "import paramiko",
        "from paramiko import SSHException",
        "from pyinfra.connectors.ssh import SSHConnector",
        "from pyinfra.connectors import ssh",
        "def late():\n    from homeport.ssh.first_login import FirstLogin",
        "from homeport.ssh import early_connect",
        "from homeport.openssh.session import Session",
    ],
)
def test_an_import_past_the_seam_is_found(source: str) -> None:
    assert behind_the_seam(source)


@pytest.mark.parametrize(
    "source",
    [
        "from homeport.ssh import connection",
        "from homeport.ssh.known_hosts import fingerprint",
        "from pyinfra.connectors.util import CommandOutput",
    ],
)
def test_the_seam_and_what_calls_no_host_are_open(source: str) -> None:
    assert not behind_the_seam(source)
