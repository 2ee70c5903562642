"""Servers listen, each on a port of its own, and end; one that can't start says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.connection import servers
from benchmarks.connection.servers import Servers, serving
from homeport.errors import UserError

LISTENS = (
    "#!/bin/sh\necho $$ >>{folder}/pids\necho 'Server listening on a port.' >&2\nexec sleep 600\n"
)
FAILS = "#!/bin/sh\necho 'no such account' >&2\nexit 255\n"


@pytest.fixture
def sshd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a program stands that is taken for sshd."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    (folder / "sshd").write_text(LISTENS.format(folder=tmp_path))
    (folder / "sshd").chmod(0o755)
    return folder / "sshd"


def test_servers__each_has_its_port_and_none_outlives_its_use(sshd: Path, tmp_path: Path) -> None:
    with serving(3, tmp_path) as found:
        assert len(set(found.ports)) == 3
        pids = (tmp_path / "pids").read_text().split()
        assert all(Path("/proc", pid).exists() for pid in pids)
    assert len(pids) == 3
    assert not any(Path("/proc", pid).exists() for pid in pids)


def test_servers__one_that_does_not_start_says_why(sshd: Path, tmp_path: Path) -> None:
    sshd.write_text(FAILS)
    with (
        pytest.raises(UserError, match="sshd doesn't start: no such account"),
        serving(1, tmp_path),
    ):
        pytest.fail("it was taken for one that listens")


def test_servers__a_machine_without_sshd_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers.shutil, "which", lambda name, path: None)
    with pytest.raises(UserError, match=r"no sshd here\. Fix: run `apt-get install"):
        servers.program()


def test_servers__a_host_is_reached_by_any_port_under_the_key_of_all(tmp_path: Path) -> None:
    (tmp_path / "host.pub").write_text("ssh-ed25519 AAAA comment\n")
    one, two = Servers(tmp_path, (1, 2)).reaches([4022, 4023], "known")
    assert (one.name, one.port, two.name, two.port) == ("h001", 4022, "h002", 4023)
    assert one.known_hosts.read_text() == (
        "[127.0.0.1]:4022 ssh-ed25519 AAAA\n[127.0.0.1]:4023 ssh-ed25519 AAAA\n"
    )
