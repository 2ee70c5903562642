"""The URI of a host, read by Testinfra itself, and the ssh_config that shares connections."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import testinfra
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory import InventoryHost
from tests.production.connection import own_config, uri

WORD = st.text("abcXYZ019-_.", min_size=1, max_size=12)
PATH = st.text("abc/ &=?%+#@:é", min_size=1).map(lambda text: f"/{text}")


def backend(name: str, data: dict[str, Any], config: str | None = None) -> Any:
    """Return what Testinfra makes of the URI."""
    return testinfra.get_host(uri(InventoryHost(name, (), data), config)).backend


@given(WORD, st.none() | WORD, st.none() | st.integers(1, 65535), st.none() | PATH, st.booleans())
def test_connection__testinfra_reads_what_was_meant(
    host: str, user: str | None, port: int | None, key: str | None, sudo: bool
) -> None:
    data = {"ssh_user": user, "ssh_port": port, "ssh_key": key, "_sudo": sudo}
    found = backend(host, data, "/a dir/config&x=y")
    assert found.get_connection_type() == "ssh"
    assert (found.host.name, found.host.user) == (host, user)
    assert found.host.port == (str(port) if port else None)
    assert found.ssh_identity_file == key
    assert found.ssh_config == "/a dir/config&x=y"
    assert found.sudo is sudo


def test_connection__the_address_may_differ_from_the_name() -> None:
    assert backend("shed", {"ssh_hostname": "192.0.2.7"}).host.name == "192.0.2.7"
    assert backend("@ssh/shed", {}).host.name == "shed"


def test_connection__an_ipv6_address_keeps_its_colons() -> None:
    found = backend("shed", {"ssh_hostname": "2001:db8::7", "ssh_port": 2222})
    assert (found.host.name, found.host.port) == ("2001:db8::7", "2222")


def test_connection__local_needs_no_ssh() -> None:
    assert backend("@local", {}).get_connection_type() == "local"
    assert backend("@local", {"_sudo": True}).sudo is True
    assert backend("@local", {}).sudo is False


def test_connection__sudo_as_another_user() -> None:
    assert backend("shed", {"_sudo": True, "_sudo_user": "app"}).sudo_user == "app"


@pytest.mark.parametrize(
    ("name", "data"),
    [("@docker/x", {}), ("shed", {"_doas": True}), ("shed", {"ssh_password": "x"})],
)
def test_connection__what_testinfra_cannot_do_is_an_error(name: str, data: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        uri(InventoryHost(name, (), data))


def test_connection__own_config_shares_connections_and_keeps_the_users(tmp_path: Path) -> None:
    theirs = tmp_path / "their config"
    theirs.write_text("Host shed\n    HostName 192.0.2.7\n    ControlPath none\n")
    ours = tmp_path / "ours"
    data = {"ssh_config_file": str(theirs), "ssh_strict_host_key_checking": "no"}
    ours.write_text(own_config(data, "/tmp/hp-x"))
    output = subprocess.run(
        ["ssh", "-G", "-F", str(ours), "shed"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "hostname 192.0.2.7" in output
    assert "controlmaster auto" in output
    assert "stricthostkeychecking false" in output
    (path,) = (line for line in output if line.startswith("controlpath "))
    assert path.startswith("controlpath /tmp/hp-x/")
    assert len(path) < 90
