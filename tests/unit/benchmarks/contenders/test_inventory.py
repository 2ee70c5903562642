"""What benchmarks.contenders.inventory promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from benchmarks.contenders import Reach, inventory


@pytest.mark.parametrize(("user", "sudo"), [("root", False), ("deploy", True)])
def test_inventory__a_host_is_named_by_its_connector_and_says_how_to_get_in(
    user: str, sudo: bool, tmp_path: Path
) -> None:
    host = Reach("one", "127.0.0.1", 4022, user, tmp_path / "key", tmp_path / "known")
    inventory.write(tmp_path, inventory.OPENSSH, [host], lambda host: {"rack": host.port})
    ((name, data),) = runpy.run_path(str(tmp_path / inventory.FILE))["hosts"]
    assert name == "@openssh/one"
    assert (data["rack"], data["ssh_hostname"], data["ssh_user"]) == (4022, "127.0.0.1", user)
    assert ("_sudo" in data) is sudo
