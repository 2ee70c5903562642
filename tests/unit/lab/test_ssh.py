"""What lab.ssh promises."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("user", "asks", "sudo", "read"),
    [
        ("root", False, "", "input"),
        ("deploy", False, "sudo -n -- ", "input"),
        ("deploy", True, "sudo -k -S -p '' -- ", "word\ninput"),
    ],
)
def test_ssh__a_command_for_root_goes_by_the_way_that_its_host_has(
    user: str, asks: bool, sudo: str, read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = a_place(tmp_path)
    where.sudo_password.write_text("word\n")
    host = replace(STATE.hosts["pi"], user=user, asks=asks)
    state = replace(STATE, hosts={"pi": host})
    ran: list[tuple[list[str], str]] = []

    def run(line: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        ran.append((line, more["input"]))
        return subprocess.CompletedProcess(line, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    ssh.run(where, state, "pi", ["id", "-u"], root=True, stdin="input", timeout=None)
    ((line, stdin),) = ran
    assert (line[-1], stdin) == (f"{sudo}id -u", read)
