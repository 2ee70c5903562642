"""Testinfra's commands go over the connection of a deploy; this machine needs none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory import InventoryHost
from tests.production.connection import outside, reached
from tests.support.fake_login import keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, server

__all__ = ["connect", "keys", "server"]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with a test."""
    with ExitStack() as stack:
        yield stack


def test_connection__testinfra_asks_over_one_login(
    connect: Connect, stack: ExitStack, server: Door
) -> None:
    row = InventoryHost("shed", (), connect(opened=False).host.data.dict())
    shed = reached(row, stack)
    done = shed.run("echo %s; echo e >&2; exit 3", "it's")
    assert (done.rc, done.stdout, done.stderr) == (3, "it's\n", "e")
    assert shed.file("/dev/null").exists
    assert logins(server) == 1


def test_connection__this_machine_needs_no_ssh(stack: ExitStack) -> None:
    local = reached(InventoryHost("@local", (), {"_sudo": True, "_sudo_user": "app"}), stack)
    assert local.backend.get_connection_type() == "local"
    assert (local.backend.sudo, local.backend.sudo_user) == (True, "app")
    assert reached(InventoryHost("@local", (), {}), stack).backend.sudo is False
    assert outside(InventoryHost("@local", (), {})) == "127.0.0.1"


def test_connection__another_connector_is_an_error(stack: ExitStack) -> None:
    with pytest.raises(UserError, match="a connector of its own"):
        reached(InventoryHost("@docker/x", (), {}), stack)


@pytest.mark.parametrize("name", ["shed", "@ssh/shed"])
def test_connection__the_address_is_what_ssh_has(name: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host shed\n  HostName 192.0.2.7\nHost far\n  ProxyJump shed\n")
    data = {"ssh_config_file": str(config)}
    assert outside(InventoryHost(name, (), data)) == "192.0.2.7"
    assert outside(InventoryHost("far", (), data)) is None
