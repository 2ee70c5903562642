"""What lab.ssh promises."""

from pathlib import Path

from lab import ssh
from tests.support.lab_state import STATE, a_place


def test_ssh_config_shares_connections_and_pins_keys(tmp_path: Path) -> None:
    text = ssh.config(a_place(tmp_path / "with space"), STATE)
    block = text.partition("Host pi\n")[2].partition("\nHost ")[0]
    lines = {line.split()[0]: line.strip().partition(" ")[2] for line in block.splitlines() if line}
    assert lines["HostName"] == "10.77.9.3"
    assert lines["User"] == "deploy"
    assert lines["ControlPath"] == "/tmp/hp0a1b2c/%C"
    assert lines["StrictHostKeyChecking"] == "yes"
    assert lines["IdentityFile"] == f'"{tmp_path}/with space/key"'
    bare = text.partition("Host shed\n")[2]
    assert "User deploy" in bare
    assert "/with space/pinned" in bare


def test_ssh__known_hosts_name_every_host_twice() -> None:
    text = ssh.known_hosts(STATE, {"pi": "ssh-ed25519 AAAA a comment\n"})
    assert text == "pi,10.77.9.3 ssh-ed25519 AAAA\n"
